package provider

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

var (
	_ resource.ResourceWithConfigure      = &zoneTLSResource{}
	_ resource.ResourceWithModifyPlan     = &zoneTLSResource{}
	_ resource.ResourceWithImportState    = &zoneTLSResource{}
	_ resource.ResourceWithValidateConfig = &zoneTLSResource{}
)

// priorAttribute holds, for each setting that this resource has written, the
// value from before: what a destroy restores. It is in the state proper, because
// Terraform drops the private state of a tainted object.
const priorAttribute = "previous_settings"

type zoneTLSResource struct{ shared *shared }

func newZoneTLSResource() resource.Resource { return &zoneTLSResource{} }

func (r *zoneTLSResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_zone_tls"
}

func (r *zoneTLSResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"zone": schema.StringAttribute{
			Required: true, MarkdownDescription: "Zone by domain name or by id. A change of zone replaces the resource.",
			Validators: []validator.String{notBlank()},
		},
		"id": schema.StringAttribute{
			Computed: true, MarkdownDescription: "Id of the zone.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
	}
	attributes[priorAttribute] = schema.MapAttribute{
		Computed: true, ElementType: types.StringType,
		MarkdownDescription: "Settings as they were before this resource wrote them, as JSON by the setting's id: what a destroy restores.",
	}
	for _, s := range zoneTLSSettings() {
		attributes[s.attribute] = s.schema
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "TLS settings of a zone. Only what is set is owned: an argument that is left out is neither read nor written. " +
			"Destroying the resource, or taking an argument out, restores the value that was there before.\n\n" +
			"Where `mode` is set, Cloudflare's automatic choice of it (`ssl_automatic_mode`) is turned off. Import by zone name.",
		Attributes: attributes,
	}
}

func (r *zoneTLSResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.shared, _ = req.ProviderData.(*shared)
}

// ValidateConfig refuses preloading that browsers would not accept.
func (r *zoneTLSResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var hsts types.Object
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("hsts"), &hsts)...)
	if hsts.IsNull() || hsts.IsUnknown() {
		return
	}
	preload, _ := hsts.Attributes()["preload"].(types.Bool)
	age, _ := hsts.Attributes()["max_age"].(types.Int64)
	subdomains, _ := hsts.Attributes()["include_subdomains"].(types.Bool)
	if !preload.ValueBool() || age.IsUnknown() || subdomains.IsUnknown() {
		return
	}
	if short := !age.IsNull() && age.ValueInt64() < 31536000; short || !subdomains.ValueBool() {
		resp.Diagnostics.AddAttributeError(path.Root("hsts").AtName("preload"), "Preloading needs more",
			"hsts.preload is true, but browsers build a domain in only with include_subdomains = true and max_age of at least 31536000 (hstspreload.org).")
	}
}

// tlsValues are the arguments by name, beside zone and id.
type tlsValues map[string]attr.Value

// attributeGetter is a plan, a state or a configuration.
type attributeGetter interface {
	GetAttribute(context.Context, path.Path, any) diag.Diagnostics
}

func readTLSValues(ctx context.Context, from attributeGetter, diags *diag.Diagnostics) tlsValues {
	out := tlsValues{}
	for _, s := range zoneTLSSettings() {
		switch s.null.(type) {
		case types.String:
			var v types.String
			diags.Append(from.GetAttribute(ctx, path.Root(s.attribute), &v)...)
			out[s.attribute] = v
		case types.Bool:
			var v types.Bool
			diags.Append(from.GetAttribute(ctx, path.Root(s.attribute), &v)...)
			out[s.attribute] = v
		default:
			var v types.Object
			diags.Append(from.GetAttribute(ctx, path.Root(s.attribute), &v)...)
			out[s.attribute] = v
		}
	}
	return out
}

func (r *zoneTLSResource) find(ctx context.Context, from attributeGetter, diags *diag.Diagnostics) (*cloudflare.Client, cloudflare.Zone, bool) {
	var name, id types.String
	diags.Append(from.GetAttribute(ctx, path.Root("zone"), &name)...)
	diags.Append(from.GetAttribute(ctx, path.Root("id"), &id)...)
	client, more := r.shared.client()
	diags.Append(more...)
	if diags.HasError() {
		return nil, cloudflare.Zone{}, false
	}
	wanted := name.ValueString()
	if wanted == "" {
		wanted = id.ValueString()
	}
	zone, err := client.Zone(ctx, wanted)
	if err != nil {
		addAPIError(diags, path.Root("zone"), "find zone "+wanted, err)
		return nil, zone, false
	}
	return client, zone, true
}

// ModifyPlan keeps a respelled zone quiet, leaves alone what was imported and
// never written, and says at plan time what the zone's plan does not allow.
func (r *zoneTLSResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.shared == nil || r.shared.waitsFor("cloudflare") != "" {
		return
	}
	ctx = r.shared.logging(ctx)
	var name types.String
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("zone"), &name)...)
	if name.IsUnknown() || resp.Diagnostics.HasError() {
		return
	}
	client, zone, ok := r.find(ctx, req.Plan, &resp.Diagnostics)
	if !ok {
		return
	}
	plan := readTLSValues(ctx, req.Plan, &resp.Diagnostics)
	state, prior := tlsValues{}, map[string]json.RawMessage{}
	if !req.State.Raw.IsNull() {
		var id, stateZone types.String
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("id"), &id)...)
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("zone"), &stateZone)...)
		if id.ValueString() != zone.ID {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root("zone"))
		} else {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("zone"), stateZone)...)
			state = readTLSValues(ctx, req.State, &resp.Diagnostics)
			prior = readPrior(ctx, req.State, &resp.Diagnostics)
		}
	}
	config := readTLSValues(ctx, req.Config, &resp.Diagnostics)
	who, changing := fingerprint(req.Config.Raw), req.State.Raw.IsNull()
	for _, s := range zoneTLSSettings() {
		planned, held := plan[s.attribute], state[s.attribute]
		at := path.Root(s.attribute)
		if config[s.attribute].IsNull() {
			// Not ours, or no longer. What was imported and never written stays
			// in the state: an import is followed by a plan without a change.
			keep := s.null
			if _, ours := prior[s.id]; !ours && held != nil {
				keep = held
			}
			changing = changing || (held != nil && !keep.Equal(held))
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, at, keep)...)
			continue
		}
		if first, both := r.shared.records.declare(zone.ID+" setting "+s.id, who, !req.State.Raw.IsNull()); !first && !both {
			resp.Diagnostics.AddAttributeError(at, "Setting is declared twice",
				fmt.Sprintf("Two resources of this configuration set %s of %s. Remove it from one of them.", s.attribute, zone.Name))
		}
		changing = changing || held == nil || !planned.Equal(held)
		if !known(planned) || (held != nil && planned.Equal(held)) {
			continue
		}
		setting, err := client.Setting(ctx, zone.ID, s.id)
		if err != nil {
			addAPIError(&resp.Diagnostics, at, fmt.Sprintf("read setting %s of %s", s.id, zone.Name), err)
			continue
		}
		if now, err := s.decode(setting.Value); !setting.Editable && (err != nil || !now.Equal(planned)) {
			resp.Diagnostics.AddAttributeError(at, "Setting cannot be changed on this plan",
				fmt.Sprintf("Cloudflare says that setting %s of %s cannot be changed on the zone's plan (%s). Leave %s out, or move the zone to a plan that has it.", s.id, zone.Name, zone.Plan, s.attribute))
		}
	}
	previous := types.MapUnknown(types.StringType)
	if !changing {
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(priorAttribute), &previous)...)
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(priorAttribute), previous)...)
}

func (r *zoneTLSResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	ctx = r.shared.logging(ctx)
	client, zone, ok := r.find(ctx, req.Plan, &resp.Diagnostics)
	if !ok {
		return
	}
	w := settingWriter{client: client, zone: zone, prior: map[string]json.RawMessage{}, held: tlsValues{}}
	plan := readTLSValues(ctx, req.Plan, &resp.Diagnostics)
	w.apply(ctx, plan, &resp.Diagnostics)
	defer r.shared.prober.Flush()
	if resp.Diagnostics.HasError() {
		// A failed creation is tainted, and its replacement would no longer know
		// what was there before: undo what was done, so that nothing is kept.
		if w.restoreAll(ctx, &resp.Diagnostics); len(w.prior) == 0 {
			return
		}
	}
	resp.State.Raw = req.Plan.Raw
	w.save(ctx, &resp.State, &resp.Diagnostics)
}

func (r *zoneTLSResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	ctx = r.shared.logging(ctx)
	client, zone, ok := r.find(ctx, req.Plan, &resp.Diagnostics)
	if !ok {
		return
	}
	w := settingWriter{client: client, zone: zone, prior: readPrior(ctx, req.State, &resp.Diagnostics), held: readTLSValues(ctx, req.State, &resp.Diagnostics)}
	plan := readTLSValues(ctx, req.Plan, &resp.Diagnostics)
	w.apply(ctx, plan, &resp.Diagnostics)
	resp.State.Raw = req.Plan.Raw
	w.save(ctx, &resp.State, &resp.Diagnostics)
	r.shared.prober.Flush()
}

func (r *zoneTLSResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	ctx = r.shared.logging(ctx)
	if r.shared.refresher("the settings are taken to be as they were", &resp.Diagnostics) == nil {
		return
	}
	client, zone, ok := r.find(ctx, req.State, &resp.Diagnostics)
	if !ok {
		return
	}
	held := readTLSValues(ctx, req.State, &resp.Diagnostics)
	for _, s := range zoneTLSSettings() {
		if held[s.attribute].IsNull() {
			continue
		}
		now, err := readSetting(ctx, client, zone, s)
		if err != nil {
			addAPIError(&resp.Diagnostics, path.Root(s.attribute), fmt.Sprintf("read setting %s of %s", s.id, zone.Name), err)
			continue
		}
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(s.attribute), now)...)
	}
}

func readSetting(ctx context.Context, client *cloudflare.Client, zone cloudflare.Zone, s zoneSetting) (attr.Value, error) {
	setting, err := client.Setting(ctx, zone.ID, s.id)
	if err != nil {
		return nil, err
	}
	return s.decode(setting.Value)
}

func (r *zoneTLSResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	ctx = r.shared.logging(ctx)
	client, zone, ok := r.find(ctx, req.State, &resp.Diagnostics)
	if !ok {
		return
	}
	w := settingWriter{client: client, zone: zone, prior: readPrior(ctx, req.State, &resp.Diagnostics)}
	w.restoreAll(ctx, &resp.Diagnostics)
	r.shared.prober.Flush()
}

// ImportState takes a zone's name or id and reads every setting. What the
// configuration then leaves out stays as it is.
func (r *zoneTLSResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ctx = r.shared.logging(ctx)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	zone, err := client.Zone(ctx, req.ID)
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Empty(), "find zone "+req.ID, err)
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("zone"), req.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), zone.ID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(priorAttribute), map[string]string{})...)
	for _, s := range zoneTLSSettings() {
		now, err := readSetting(ctx, client, zone, s)
		if err != nil {
			addAPIError(&resp.Diagnostics, path.Empty(), fmt.Sprintf("read setting %s of %s", s.id, zone.Name), err)
			continue
		}
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(s.attribute), now)...)
	}
}
