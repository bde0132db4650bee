package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

var (
	_ resource.ResourceWithModifyPlan  = &zoneDNSSECResource{}
	_ resource.ResourceWithImportState = &zoneDNSSECResource{}
)

// zoneDNSSECResource is the signing of a zone.
type zoneDNSSECResource struct{ shared *shared }

func newZoneDNSSECResource() resource.Resource { return &zoneDNSSECResource{} }

type zoneDNSSECModel struct {
	ID             types.String `tfsdk:"id"`
	Zone           types.String `tfsdk:"zone"`
	Status         types.String `tfsdk:"status"`
	PreviousStatus types.String `tfsdk:"previous_status"`
	IgnoreDS       types.Bool   `tfsdk:"destroy_with_ds"`
	DS             types.String `tfsdk:"ds"`
	KeyTag         types.Int64  `tfsdk:"key_tag"`
	Algorithm      types.String `tfsdk:"algorithm"`
	DigestType     types.String `tfsdk:"digest_type"`
	Digest         types.String `tfsdk:"digest"`
	PublicKey      types.String `tfsdk:"public_key"`
	Flags          types.Int64  `tfsdk:"flags"`
}

func (r *zoneDNSSECResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_zone_dnssec"
}

func (r *zoneDNSSECResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	output := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}}
	}
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description, PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()}}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "DNSSEC of a zone, turned on. The zone is signed at once; it is protected once the registrar publishes `ds` at the parent, which `launchready_dns_check` verifies (`dns.dnssec_missing`). " +
			"To turn it off while the parent has a DS record makes the domain fail for every validating resolver, so a destroy is refused until the DS record is gone. " +
			"A zone that was signed before stays signed. Import by zone name.",
		Attributes: map[string]schema.Attribute{
			"id": output("Id of the zone."),
			"zone": schema.StringAttribute{
				Required: true, MarkdownDescription: "Zone by domain name or by id. A change of zone replaces the resource.",
				Validators: []validator.String{notBlank()},
			},
			"destroy_with_ds": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "Whether a destroy goes on although the parent has a DS record, or cannot be asked. Default: `false`.",
			},
			"status":          output("`pending` until the parent has the DS record, then `active`."),
			"previous_status": output("Status before this resource: `disabled` for a zone that was not signed."),
			"ds":              output("DS record for the registrar, as a line (RFC 4034 section 5)."),
			"key_tag":         number("Key tag."),
			"algorithm":       output("Algorithm, by number."),
			"digest_type":     output("Digest type, by number."),
			"digest":          output("Digest, hexadecimal."),
			"public_key":      output("Public key, base64, for registrars that ask for it."),
			"flags":           number("Flags of the key."),
		},
	}
}

func (r *zoneDNSSECResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.shared, _ = req.ProviderData.(*shared)
}

// ModifyPlan refuses a destroy that would break the domain, and finds out
// whether another way of naming the zone means another zone.
func (r *zoneDNSSECResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	ctx = r.shared.logging(ctx)
	if r.shared == nil || r.shared.waitsFor("cloudflare") != "" || req.State.Raw.IsNull() {
		return
	}
	var state, plan zoneDNSSECModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.refuseBreaking(ctx, client, &state, &resp.Diagnostics)
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || plan.Zone.IsUnknown() || plan.Zone.Equal(state.Zone) {
		return
	}
	zone, err := client.Zone(ctx, plan.Zone.ValueString())
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Root("zone"), "find zone "+plan.Zone.ValueString(), err)
		return
	}
	if zone.ID != state.ID.ValueString() {
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("zone"))
	}
}

// refuseBreaking keeps the signatures for as long as the parent says that there
// are some (RFC 6781 section 4.1.4).
func (r *zoneDNSSECResource) refuseBreaking(ctx context.Context, client *cloudflare.Client, state *zoneDNSSECModel, diags *diag.Diagnostics) {
	if state.IgnoreDS.ValueBool() || wasOn(state) {
		return
	}
	zone, err := client.Zone(ctx, state.ID.ValueString())
	if err != nil {
		addAPIError(diags, path.Root("zone"), "find zone "+state.Zone.ValueString(), err)
		return
	}
	prober, more := r.shared.ready()
	diags.Append(more...)
	if diags.HasError() {
		return
	}
	const way = " Take the DS record out at the registrar, wait for its TTL, and run again; or set destroy_with_ds = true and apply before the destroy."
	switch answer := prober.Lookup(probe.Fresh(ctx), zone.Name, probe.TypeDS); {
	case answer.Status == probe.Found:
		diags.AddError(fmt.Sprintf("The parent of %s has a DS record", zone.Name),
			"Without signatures every validating resolver would refuse the domain."+way)
	case !answer.Status.Decided():
		diags.AddError(fmt.Sprintf("Whether the parent of %s has a DS record is not known", zone.Name), "The look-up failed: "+answer.Undecided()+"."+way)
	}
}

func wasOn(state *zoneDNSSECModel) bool {
	return cloudflare.DNSSEC{Status: state.PreviousStatus.ValueString()}.On()
}

func (r *zoneDNSSECResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	ctx = r.shared.logging(ctx)
	var plan zoneDNSSECModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	zone, err := client.Zone(ctx, plan.Zone.ValueString())
	var before, now cloudflare.DNSSEC
	if err == nil {
		before, err = client.DNSSEC(ctx, zone.ID)
		now = before
	}
	if err == nil && !before.On() {
		now, err = client.SetDNSSEC(ctx, zone.ID, true)
	}
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Root("zone"), "turn DNSSEC of "+plan.Zone.ValueString()+" on", err)
		return
	}
	r.shared.prober.Flush()
	plan.ID, plan.PreviousStatus = types.StringValue(zone.ID), types.StringValue(before.Status)
	plan.note(now)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (m *zoneDNSSECModel) note(d cloudflare.DNSSEC) {
	m.Status, m.DS, m.Digest, m.PublicKey = types.StringValue(d.Status), textOf(d.DS), textOf(d.Digest), textOf(d.PublicKey)
	m.Algorithm, m.DigestType = textOf(d.Algorithm), textOf(d.DigestType)
	m.KeyTag, m.Flags = types.Int64Value(d.KeyTag), types.Int64Value(d.Flags)
}

func (r *zoneDNSSECResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	ctx = r.shared.logging(ctx)
	var state zoneDNSSECModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client := r.shared.refresher("DNSSEC is taken to be as it was", &resp.Diagnostics)
	if client == nil {
		return
	}
	now, err := client.DNSSEC(ctx, state.ID.ValueString())
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Root("zone"), "read DNSSEC of "+state.Zone.ValueString(), err)
		return
	}
	if !now.On() {
		resp.State.RemoveResource(ctx) // somebody has turned it off
		return
	}
	state.note(now)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Update changes no more than the words: there is nothing to set but on.
func (r *zoneDNSSECResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan zoneDNSSECModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

func (r *zoneDNSSECResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	ctx = r.shared.logging(ctx)
	var state zoneDNSSECModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || wasOn(&state) {
		return // what was there before stays
	}
	r.refuseBreaking(ctx, client, &state, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if _, err := client.SetDNSSEC(ctx, state.ID.ValueString(), false); err != nil {
		addAPIError(&resp.Diagnostics, path.Root("zone"), "turn DNSSEC of "+state.Zone.ValueString()+" off", err)
	}
	r.shared.prober.Flush()
}

func (r *zoneDNSSECResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ctx = r.shared.logging(ctx)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	zone, err := client.Zone(ctx, req.ID)
	var now cloudflare.DNSSEC
	if err == nil {
		now, err = client.DNSSEC(ctx, zone.ID)
	}
	switch {
	case err != nil:
		addAPIError(&resp.Diagnostics, path.Empty(), "read DNSSEC of "+req.ID, err)
		return
	case !now.On():
		resp.Diagnostics.AddError("Nothing to import", fmt.Sprintf("DNSSEC of %s is %s. Declare the resource without an import, and the apply turns it on.", zone.Name, now.Status))
		return
	}
	model := zoneDNSSECModel{ID: types.StringValue(zone.ID), Zone: types.StringValue(req.ID), PreviousStatus: types.StringValue(now.Status), IgnoreDS: types.BoolValue(false)}
	model.note(now)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
