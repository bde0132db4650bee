package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

var (
	_ resource.ResourceWithModifyPlan  = &zoneResource{}
	_ resource.ResourceWithImportState = &zoneResource{}
)

// zoneResource is a domain of the Cloudflare account.
type zoneResource struct{ shared *shared }

func newZoneResource() resource.Resource { return &zoneResource{} }

type zoneResourceModel struct {
	ID                 types.String `tfsdk:"id"`
	Name               types.String `tfsdk:"name"`
	AccountID          types.String `tfsdk:"account_id"`
	Type               types.String `tfsdk:"type"`
	Paused             types.Bool   `tfsdk:"paused"`
	OnConflict         types.String `tfsdk:"on_conflict"`
	DeletionProtection types.Bool   `tfsdk:"deletion_protection"`
	Status             types.String `tfsdk:"status"`
	Plan               types.String `tfsdk:"plan"`
	NameServers        types.List   `tfsdk:"name_servers"`
}

func (r *zoneResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_zone"
}

func (r *zoneResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	replace := []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplace()}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A domain of the Cloudflare account. A new zone is `pending` until the registrar delegates to `name_servers`. " +
			"Records of a zone that is made in the same apply refer to it by its `id`, which is known only then.\n\n" +
			"A zone is deleted with all its records and settings, so it is protected: set `deletion_protection = false` and apply before a destroy. " +
			"Import by name or by id.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the zone.", PlanModifiers: keep},
			"name": schema.StringAttribute{
				Required: true, MarkdownDescription: "Domain name. A change replaces the zone.",
				Validators: []validator.String{isHost{}},
			},
			"account_id": schema.StringAttribute{
				Optional: true, Computed: true, PlanModifiers: replace,
				MarkdownDescription: "Account that the zone belongs to. Default: the account of the other zones that the token sees, if there is but one. A change replaces the zone.",
			},
			"type": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString("full"), PlanModifiers: replace,
				MarkdownDescription: "`full`: Cloudflare is the name server; `partial` and `secondary` need a paid plan. A change replaces the zone. Default: `full`.",
				Validators:          []validator.String{stringvalidator.OneOf("full", "partial", "secondary")},
			},
			"paused": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "Whether the proxy is off for all names. Default: `false`.",
			},
			"on_conflict": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(conflictFail),
				MarkdownDescription: "What to do when creating and the zone is there already: `fail`, or `adopt` to take it over. Default: `fail`.",
				Validators:          []validator.String{stringvalidator.OneOf(conflictFail, conflictAdopt)},
			},
			"deletion_protection": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(true),
				MarkdownDescription: "Whether the zone may not be deleted. Default: `true`.",
			},
			"status":       schema.StringAttribute{Computed: true, MarkdownDescription: "`active` if Cloudflare serves it; else `pending`, `initializing` or `moved`.", PlanModifiers: keep},
			"plan":         schema.StringAttribute{Computed: true, MarkdownDescription: "`free`, `pro`, `business` or `enterprise`.", PlanModifiers: keep},
			"name_servers": schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Name servers that the registrar must delegate to."},
		},
	}
}

func (r *zoneResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.shared, _ = req.ProviderData.(*shared)
}

// ModifyPlan refuses the deletion of a protected zone, compares names as the DNS
// does, and looks whether a new zone is there already.
func (r *zoneResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	ctx = r.shared.logging(ctx)
	var state, plan zoneResourceModel
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if req.Plan.Raw.IsNull() {
		if !resp.Diagnostics.HasError() {
			refuseProtected(&resp.Diagnostics, &state)
		}
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || plan.Name.IsUnknown() || r.shared == nil || r.shared.waitsFor("cloudflare") != "" {
		return
	}
	if req.State.Raw.IsNull() {
		r.foresee(ctx, &plan, &resp.Diagnostics)
		return
	}
	if sameZoneName(plan.Name.ValueString(), state.Name.ValueString()) {
		plan.Name, plan.NameServers = state.Name, state.NameServers
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
		return
	}
	refuseProtected(&resp.Diagnostics, &state)
	resp.RequiresReplace = append(resp.RequiresReplace, path.Root("name"))
}

func sameZoneName(a, b string) bool {
	x, errX := cloudflare.CanonicalName(a)
	y, errY := cloudflare.CanonicalName(b)
	return errX == nil && errY == nil && x == y
}

func refuseProtected(diags *diag.Diagnostics, state *zoneResourceModel) {
	if state.DeletionProtection.ValueBool() {
		diags.AddAttributeError(path.Root("deletion_protection"), fmt.Sprintf("Zone %s is protected", state.Name.ValueString()),
			"It would be deleted with all its records and settings. If that is meant, set deletion_protection = false and apply first. "+
				"To leave the zone alone, take it out of the state: terraform state rm, or a removed block with destroy = false.")
	}
}

func (r *zoneResource) foresee(ctx context.Context, plan *zoneResourceModel, diags *diag.Diagnostics) {
	client, more := r.shared.client()
	diags.Append(more...)
	if diags.HasError() {
		return
	}
	zone, err := client.Zone(ctx, plan.Name.ValueString())
	var missing *cloudflare.NotFoundError
	switch {
	case errors.As(err, &missing):
	case err != nil:
		addAPIError(diags, path.Root("name"), "find zone "+plan.Name.ValueString(), err)
	case plan.OnConflict.ValueString() == conflictAdopt:
		diags.AddWarning(fmt.Sprintf("Zone %s is taken over", zone.Name), fmt.Sprintf("It is there already, with id %s and status %s, and is owned from then on.", zone.ID, zone.Status))
	default:
		diags.AddAttributeError(path.Root("name"), fmt.Sprintf("Zone %s is there already", zone.Name),
			fmt.Sprintf("Take it over with\n  terraform import launchready_zone.<name> %s\nor with on_conflict = \"adopt\", or use the data source launchready_zone.", zone.Name))
	}
}

func (r *zoneResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	ctx = r.shared.logging(ctx)
	var plan zoneResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	name := plan.Name.ValueString()
	zone, err := client.Zone(ctx, name)
	var missing *cloudflare.NotFoundError
	switch {
	case err == nil && plan.OnConflict.ValueString() != conflictAdopt:
		resp.Diagnostics.AddAttributeError(path.Root("name"), fmt.Sprintf("Zone %s is there already", zone.Name), "Import it, or take it over with on_conflict = \"adopt\".")
		return
	case errors.As(err, &missing):
		zone, err = r.make(ctx, client, &plan, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Root("name"), "create zone "+name, err)
		return
	}
	if zone.Paused != plan.Paused.ValueBool() {
		changed, err := client.PauseZone(ctx, zone.ID, plan.Paused.ValueBool())
		switch {
		case err == nil:
			zone = changed
		case missing == nil:
			addAPIError(&resp.Diagnostics, path.Root("paused"), "take over zone "+name, err)
			return // it stays what it was: not ours, and not to be replaced
		default:
			addAPIError(&resp.Diagnostics, path.Root("paused"), "change zone "+name, err)
			resp.Diagnostics.AddWarning(fmt.Sprintf("Zone %s is made, and kept in the state", zone.Name),
				"Only paused could not be set, but Terraform takes the whole zone for broken and would replace it. To go on with it, run\n  terraform untaint launchready_zone.<name>\nand apply again.")
		}
	}
	plan.note(zone)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *zoneResource) make(ctx context.Context, client *cloudflare.Client, plan *zoneResourceModel, diags *diag.Diagnostics) (cloudflare.Zone, error) {
	account := plan.AccountID.ValueString()
	if account == "" {
		found, err := client.AccountID(ctx)
		if err != nil {
			return cloudflare.Zone{}, err
		}
		if found == "" {
			diags.AddAttributeError(path.Root("account_id"), "Which account?",
				"The token sees no zone, or zones of several accounts, so the account of a new one cannot be told. Set account_id: it is in the dashboard's address and at the end of each zone's overview.")
			return cloudflare.Zone{}, nil
		}
		account = found
	}
	name, err := cloudflare.CanonicalName(plan.Name.ValueString())
	if err != nil {
		return cloudflare.Zone{}, err
	}
	return client.CreateZone(ctx, name, account, plan.Type.ValueString())
}

// note writes the zone into the model; the name stays as the user wrote it.
func (m *zoneResourceModel) note(zone cloudflare.Zone) {
	if !sameZoneName(m.Name.ValueString(), zone.Name) {
		m.Name = types.StringValue(zone.Name)
	}
	m.ID, m.AccountID, m.Type = types.StringValue(zone.ID), types.StringValue(zone.AccountID), types.StringValue(zone.Type)
	m.Paused, m.Status, m.Plan = types.BoolValue(zone.Paused), types.StringValue(zone.Status), types.StringValue(zone.Plan)
	m.NameServers = idList(zone.NameServers)
	if m.DeletionProtection.IsNull() {
		m.DeletionProtection = types.BoolValue(true)
	}
	if m.OnConflict.IsNull() {
		m.OnConflict = types.StringValue(conflictFail)
	}
}

func (r *zoneResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	ctx = r.shared.logging(ctx)
	var state zoneResourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client := r.shared.refresher("the zone is taken to be as it was", &resp.Diagnostics)
	if client == nil {
		return
	}
	zone, err := client.Zone(ctx, state.ID.ValueString())
	var missing *cloudflare.NotFoundError
	switch {
	case errors.As(err, &missing):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		addAPIError(&resp.Diagnostics, path.Root("name"), "read zone "+state.Name.ValueString(), err)
		return
	}
	state.note(zone)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

func (r *zoneResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	ctx = r.shared.logging(ctx)
	var plan, state zoneResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	zone, err := client.Zone(ctx, state.ID.ValueString())
	if err == nil && zone.Paused != plan.Paused.ValueBool() {
		zone, err = client.PauseZone(ctx, zone.ID, plan.Paused.ValueBool())
	}
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Root("paused"), "change zone "+state.Name.ValueString(), err)
		return
	}
	plan.note(zone)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *zoneResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	ctx = r.shared.logging(ctx)
	var state zoneResourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		refuseProtected(&resp.Diagnostics, &state)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if err := client.DeleteZone(ctx, state.ID.ValueString()); err != nil {
		addAPIError(&resp.Diagnostics, path.Root("name"), "delete zone "+state.Name.ValueString(), err)
	}
	r.shared.prober.Flush()
}

func (r *zoneResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
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
	model := zoneResourceModel{Name: types.StringValue(zone.Name)}
	model.note(zone)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
