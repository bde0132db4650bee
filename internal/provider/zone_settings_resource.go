package provider

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ resource.ResourceWithConfigure      = &settingsResource{}
	_ resource.ResourceWithModifyPlan     = &settingsResource{}
	_ resource.ResourceWithImportState    = &settingsResource{}
	_ resource.ResourceWithValidateConfig = &settingsResource{}
)

// settingsKind is a kind of resource that owns settings of a zone.
type settingsKind struct {
	name     string // tls: the resource is launchready_zone_tls
	doc      string
	settings []zoneSetting // in the order in which they are written
	outputs  map[string]schema.Attribute
	validate func(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics)
	// output fills the outputs; nil where there are none.
	output func(ctx context.Context, into *tfsdk.State, diags *diag.Diagnostics)
}

// settingsResource makes a resource of a kind of settings.
type settingsResource struct {
	kind   settingsKind
	shared *shared
}

func (r *settingsResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_zone_" + r.kind.name
}

func (r *settingsResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
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
	for _, s := range r.kind.settings {
		attributes[s.attribute] = s.schema
	}
	maps.Copy(attributes, r.kind.outputs)
	resp.Schema = schema.Schema{MarkdownDescription: r.kind.doc, Attributes: attributes}
}

func (r *settingsResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.shared, _ = req.ProviderData.(*shared)
}

// ValidateConfig says what is wrong whatever the zone.
func (r *settingsResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	if r.kind.validate != nil {
		r.kind.validate(ctx, req.Config, &resp.Diagnostics)
	}
}

// ModifyPlan keeps a respelled zone quiet, leaves alone what was imported and
// never written, and says at plan time what the zone's plan does not allow.
func (r *settingsResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
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
	planSettings(ctx, r.shared, client, zone, r.kind.settings, req, resp)
}

func (r *settingsResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	ctx = r.shared.logging(ctx)
	client, zone, ok := findZone(ctx, r.shared, req.Plan, &resp.Diagnostics)
	if !ok {
		return
	}
	w := settingWriter{client: client, zone: zone, settings: r.kind.settings, prior: map[string]json.RawMessage{}, held: settingValues{}}
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
	r.output(ctx, &resp.State, &resp.Diagnostics)
}

func (r *settingsResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	ctx = r.shared.logging(ctx)
	client, zone, ok := findZone(ctx, r.shared, req.Plan, &resp.Diagnostics)
	if !ok {
		return
	}
	settings := r.kind.settings
	w := settingWriter{client: client, zone: zone, settings: settings, prior: readPrior(ctx, req.State, &resp.Diagnostics), held: readSettingValues(ctx, settings, req.State, &resp.Diagnostics)}
	w.apply(ctx, readSettingValues(ctx, settings, req.Plan, &resp.Diagnostics), &resp.Diagnostics)
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), types.StringValue(zone.ID))...)
	w.save(ctx, &resp.State, &resp.Diagnostics)
	r.output(ctx, &resp.State, &resp.Diagnostics)
	r.shared.prober.Flush()
}

// output fills what the resource tells beside its settings.
func (r *settingsResource) output(ctx context.Context, into *tfsdk.State, diags *diag.Diagnostics) {
	if r.kind.output != nil {
		r.kind.output(ctx, into, diags)
	}
}

func (r *settingsResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	ctx = r.shared.logging(ctx)
	if r.shared.refresher("the settings are taken to be as they were", &resp.Diagnostics) == nil {
		return
	}
	client, zone, ok := findZone(ctx, r.shared, req.State, &resp.Diagnostics)
	if !ok {
		return
	}
	readSettingsInto(ctx, client, zone, r.kind.settings, req.State, &resp.State, &resp.Diagnostics)
	r.output(ctx, &resp.State, &resp.Diagnostics)
}

func (r *settingsResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	ctx = r.shared.logging(ctx)
	client, zone, ok := findZone(ctx, r.shared, req.State, &resp.Diagnostics)
	if !ok {
		return
	}
	w := settingWriter{client: client, zone: zone, settings: r.kind.settings, prior: readPrior(ctx, req.State, &resp.Diagnostics)}
	w.restoreAll(ctx, &resp.Diagnostics)
	r.shared.prober.Flush()
}

// ImportState takes a zone's name or id and reads every setting. What the
// configuration then leaves out stays as it is.
func (r *settingsResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
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
	importSettings(ctx, client, zone, r.kind.settings, &resp.State, &resp.Diagnostics)
	r.output(ctx, &resp.State, &resp.Diagnostics)
}
