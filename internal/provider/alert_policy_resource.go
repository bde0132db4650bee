package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

var (
	_ resource.ResourceWithConfigure   = &alertPolicyResource{}
	_ resource.ResourceWithModifyPlan  = &alertPolicyResource{}
	_ resource.ResourceWithImportState = &alertPolicyResource{}
)

// alertPolicyResource is a notification policy of Cloudflare's.
type alertPolicyResource struct{ shared *shared }

func newAlertPolicyResource() resource.Resource { return &alertPolicyResource{} }

func (r *alertPolicyResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_alert_policy"
}

func (r *alertPolicyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the policy.", PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
		"name": schema.StringAttribute{
			Required: true, MarkdownDescription: "Name. Policies belong to the account as a whole, so the name should tell clients apart. Name and `alert_type` together are unique.",
			Validators: []validator.String{notBlank()},
		},
		"description": schema.StringAttribute{Optional: true, Computed: true, Default: stringdefault.StaticString(""), MarkdownDescription: "Description. Default: none."},
		"alert_type": schema.StringAttribute{
			Required: true, MarkdownDescription: "Kind of alert, one of those that the account can have; others are refused at plan time. Of use at a launch: " +
				"`health_check_status_notification` (plan Pro or above), `real_origin_monitoring`, `dos_attack_l7`, `universal_ssl_event_type` and `incident_alert` (all plans), `clickhouse_alert_fw_anomaly` (a spike of security events; Business or above), " +
				"`http_alert_origin_error` and `http_alert_edge_error` (5xx; Enterprise). A change replaces the policy.",
			Validators: []validator.String{notBlank()}, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"enabled":  schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(true), MarkdownDescription: "Whether alerts are sent. Default: `true`."},
		"interval": schema.StringAttribute{Optional: true, MarkdownDescription: "How often the same incident is told again, such as `30m`; not each kind of alert has it.", Validators: []validator.String{isDuration{}}},
		"destinations": schema.SetAttribute{
			Required: true, ElementType: types.StringType,
			MarkdownDescription: "Where alerts go: ids of `launchready_alert_destination`, or e-mail addresses.",
			Validators:          []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(isDestination{})},
		},
		"filters": schema.MapAttribute{
			Optional: true, ElementType: filterType(),
			MarkdownDescription: "What the alert is narrowed to, by filter: `health_check_id`, `status`, `zones` (by domain name or by id), `slo` and others, as the kind of alert has them. Unknown filters, unknown values and missing required filters are refused at plan time.",
			Validators:          []validator.Map{mapvalidator.SizeAtLeast(1), mapvalidator.ValueSetsAre(setvalidator.SizeAtLeast(1))},
		},
	}
	maps.Copy(attributes, alertAccountAttributes())
	resp.Schema = schema.Schema{
		MarkdownDescription: "A notification policy of Cloudflare's: which alerts go where. What the account's plan does not have is said at plan time. The token needs Notifications Write on the account.\n\nImport by `<zone or account id>/<name or id>`.",
		Attributes:          attributes,
	}
}

func (r *alertPolicyResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.shared, _ = req.ProviderData.(*shared)
}

func (r *alertPolicyResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	ctx = r.shared.logging(ctx)
	var plan, config alertPolicyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, account := r.shared.account(ctx, config.alertAccount, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.refuseTaken(ctx, client, account, &plan, &resp.Diagnostics); resp.Diagnostics.HasError() {
		return
	}
	wanted, err := plan.desired(ctx, client)
	var made cloudflare.AlertPolicy
	if err == nil {
		made, err = client.CreateAlertPolicy(ctx, account, wanted)
	}
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Empty(), "create alert policy "+plan.Name.ValueString(), err)
		return
	}
	plan.ID, plan.AccountID = types.StringValue(made.ID), types.StringValue(account)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *alertPolicyResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	ctx = r.shared.logging(ctx)
	var state alertPolicyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client := r.shared.refresher("the policy is taken to be as it was", &resp.Diagnostics)
	if client == nil {
		return
	}
	p, err := client.AlertPolicy(ctx, state.AccountID.ValueString(), state.ID.ValueString())
	var e *cloudflare.Error
	switch {
	case asNotFound(err, &e):
		resp.State.RemoveResource(ctx) // somebody has deleted it
		return
	case err != nil:
		addAPIError(&resp.Diagnostics, path.Empty(), "read alert policy "+state.Name.ValueString(), err)
		return
	}
	state.observe(ctx, client, p)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

func (r *alertPolicyResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	ctx = r.shared.logging(ctx)
	var plan alertPolicyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	wanted, err := plan.desired(ctx, client)
	if err == nil {
		_, err = client.UpdateAlertPolicy(ctx, plan.AccountID.ValueString(), wanted)
	}
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Empty(), "update alert policy "+plan.Name.ValueString(), err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *alertPolicyResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	ctx = r.shared.logging(ctx)
	var state alertPolicyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := client.DeleteAlertPolicy(ctx, state.AccountID.ValueString(), state.ID.ValueString()); err != nil {
		addAPIError(&resp.Diagnostics, path.Empty(), "delete alert policy "+state.Name.ValueString(), err)
	}
}

func (r *alertPolicyResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ctx = r.shared.logging(ctx)
	client, of, rest := r.shared.accountOfImport(ctx, req.ID, "<zone or account id>/<name or id>", &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	all, err := client.AlertPolicies(ctx, of.AccountID.ValueString())
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Empty(), "list alert policies", err)
		return
	}
	all = slices.DeleteFunc(all, func(p cloudflare.AlertPolicy) bool { return p.ID != rest && p.Name != rest })
	if len(all) != 1 {
		resp.Diagnostics.AddError("Nothing to import", fmt.Sprintf("%d alert policies of the account have the name or id %q. Where several have one name, write the id.", len(all), rest))
		return
	}
	m := alertPolicyModel{alertAccount: of, Destinations: types.SetNull(types.StringType), Filters: types.MapNull(filterType())}
	m.observe(ctx, client, all[0])
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
