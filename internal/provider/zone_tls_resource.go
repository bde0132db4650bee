package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ resource.ResourceWithConfigure      = &zoneTLSResource{}
	_ resource.ResourceWithModifyPlan     = &zoneTLSResource{}
	_ resource.ResourceWithImportState    = &zoneTLSResource{}
	_ resource.ResourceWithValidateConfig = &zoneTLSResource{}
)

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
	attributes[priorAttribute] = priorSchema()
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
	client, zone, ok := findZone(ctx, r.shared, req.Plan, &resp.Diagnostics)
	if !ok {
		return
	}
	if !req.State.Raw.IsNull() {
		var id, stateZone types.String
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("id"), &id)...)
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("zone"), &stateZone)...)
		if id.ValueString() != zone.ID {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root("zone"))
		} else {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("zone"), stateZone)...)
		}
	}
	planSettings(ctx, r.shared, client, zone, zoneTLSSettings(), req, resp)
}

func (r *zoneTLSResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	ctx = r.shared.logging(ctx)
	client, zone, ok := findZone(ctx, r.shared, req.Plan, &resp.Diagnostics)
	if !ok {
		return
	}
	w := settingWriter{client: client, zone: zone, settings: zoneTLSSettings(), prior: map[string]json.RawMessage{}, held: settingValues{}}
	w.apply(ctx, readSettingValues(ctx, w.settings, req.Plan, &resp.Diagnostics), &resp.Diagnostics)
	defer r.shared.prober.Flush()
	if resp.Diagnostics.HasError() {
		// A failed creation is tainted, and its replacement would no longer know
		// what was there before: undo what was done, so that nothing is kept.
		if w.restoreAll(ctx, &resp.Diagnostics); len(w.prior) == 0 {
			return
		}
	}
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), types.StringValue(zone.ID))...)
	w.save(ctx, &resp.State, &resp.Diagnostics)
}

func (r *zoneTLSResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	ctx = r.shared.logging(ctx)
	client, zone, ok := findZone(ctx, r.shared, req.Plan, &resp.Diagnostics)
	if !ok {
		return
	}
	settings := zoneTLSSettings()
	w := settingWriter{client: client, zone: zone, settings: settings, prior: readPrior(ctx, req.State, &resp.Diagnostics), held: readSettingValues(ctx, settings, req.State, &resp.Diagnostics)}
	w.apply(ctx, readSettingValues(ctx, settings, req.Plan, &resp.Diagnostics), &resp.Diagnostics)
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), types.StringValue(zone.ID))...)
	w.save(ctx, &resp.State, &resp.Diagnostics)
	r.shared.prober.Flush()
}

func (r *zoneTLSResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	ctx = r.shared.logging(ctx)
	if r.shared.refresher("the settings are taken to be as they were", &resp.Diagnostics) == nil {
		return
	}
	client, zone, ok := findZone(ctx, r.shared, req.State, &resp.Diagnostics)
	if !ok {
		return
	}
	readSettingsInto(ctx, client, zone, zoneTLSSettings(), req.State, &resp.State, &resp.Diagnostics)
}

func (r *zoneTLSResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	ctx = r.shared.logging(ctx)
	client, zone, ok := findZone(ctx, r.shared, req.State, &resp.Diagnostics)
	if !ok {
		return
	}
	w := settingWriter{client: client, zone: zone, settings: zoneTLSSettings(), prior: readPrior(ctx, req.State, &resp.Diagnostics)}
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
	importSettings(ctx, client, zone, zoneTLSSettings(), &resp.State, &resp.Diagnostics)
}
