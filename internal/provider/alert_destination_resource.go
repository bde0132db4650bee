package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

var (
	_ resource.ResourceWithConfigure      = &alertDestinationResource{}
	_ resource.ResourceWithValidateConfig = &alertDestinationResource{}
	_ resource.ResourceWithModifyPlan     = &alertDestinationResource{}
	_ resource.ResourceWithImportState    = &alertDestinationResource{}
)

// alertDestinationResource is where Cloudflare's notifications go.
type alertDestinationResource struct{ shared *shared }

func newAlertDestinationResource() resource.Resource { return &alertDestinationResource{} }

func (r *alertDestinationResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_alert_destination"
}

func (r *alertDestinationResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.shared, _ = req.ProviderData.(*shared)
}

func (r *alertDestinationResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	ctx = r.shared.logging(ctx)
	var plan, config alertDestinationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, account := r.shared.account(ctx, config.alertAccount, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.AccountID = types.StringValue(account)
	switch plan.kind() {
	case kindEmail:
		plan.ID, plan.Type = types.StringValue(kindEmail+":"+plan.Email.ValueString()), types.StringValue(kindEmail)
	case kindPagerDuty:
		service, ok := r.findService(ctx, client, account, plan.PagerDuty.ValueString(), &resp.Diagnostics)
		if !ok {
			return
		}
		plan.ID, plan.Type = types.StringValue(kindPagerDuty+":"+service.ID), types.StringValue(kindPagerDuty)
	default:
		if !r.write(ctx, client, account, &plan, config.webhook(), &resp.Diagnostics) {
			return
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// write creates or changes the webhook.
func (r *alertDestinationResource) write(ctx context.Context, client *cloudflare.Client, account string, plan *alertDestinationModel, config webhookArgument, diags *diag.Diagnostics) bool {
	w := plan.webhook()
	_, id, _ := splitDestination(plan.ID.ValueString())
	made, err := client.WriteWebhook(ctx, account, cloudflare.Webhook{ID: id, Name: w.Name.ValueString(), URL: w.URL.ValueString()}, config.Secret.ValueString())
	if err != nil {
		addWebhookError(diags, w.Name.ValueString(), err, !config.Secret.IsNull())
		return false
	}
	plan.ID, plan.Type = types.StringValue(kindWebhook+":"+made.ID), types.StringValue(made.Type)
	plan.setWebhook(w)
	return true
}

// addWebhookError explains a webhook that was not taken: the test message is what
// goes wrong most often.
func addWebhookError(diags *diag.Diagnostics, name string, err error, secret bool) {
	at, text := path.Root("webhook"), strings.ToLower(err.Error())
	tested := strings.Contains(text, "test message") || strings.Contains(text, "status code")
	refused := tested && (strings.Contains(text, "401") || strings.Contains(text, "403"))
	switch {
	case refused && secret:
		at = at.AtName("secret")
		err = fmt.Errorf("%w\n\nThe receiver refused the test message: webhook.secret, sent as cf-webhook-auth, is not the one that it expects. Correct it, and raise webhook.secret_version", err)
	case refused:
		at = at.AtName("secret")
		err = fmt.Errorf("%w\n\nThe receiver refused the test message, which carried no secret. Set webhook.secret to what it expects in cf-webhook-auth", err)
	case tested:
		at = at.AtName("url")
		err = fmt.Errorf("%w\n\nCloudflare posts a test message when a webhook is created or changed, and it must be answered by a 2xx. Check that webhook.url takes POST and is reached from outside", err)
	}
	addAPIError(diags, at, "write webhook "+name, err)
}

func (r *alertDestinationResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	ctx = r.shared.logging(ctx)
	var state alertDestinationModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || state.kind() == kindEmail {
		return
	}
	client := r.shared.refresher("the destination is taken to be as it was", &resp.Diagnostics)
	if client == nil {
		return
	}
	_, id, _ := splitDestination(state.ID.ValueString())
	account := state.AccountID.ValueString()
	if state.kind() == kindPagerDuty {
		all, err := client.PagerDutyServices(ctx, account)
		if err != nil {
			addAPIError(&resp.Diagnostics, path.Root("pagerduty_service"), "list PagerDuty services", err)
		} else if !slices.ContainsFunc(all, func(s cloudflare.PagerDutyService) bool { return s.ID == id }) {
			resp.State.RemoveResource(ctx)
		}
		return
	}
	w, err := client.Webhook(ctx, account, id)
	var e *cloudflare.Error
	switch {
	case asNotFound(err, &e):
		resp.State.RemoveResource(ctx) // somebody has deleted it
		return
	case err != nil:
		addAPIError(&resp.Diagnostics, path.Root("webhook"), "read the webhook", err)
		return
	}
	state.observe(w)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

func (r *alertDestinationResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	ctx = r.shared.logging(ctx)
	var plan, state, config alertDestinationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, more := r.shared.client()
	resp.Diagnostics.Append(more...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Of the others nothing can be changed but the words.
	if plan.kind() == kindWebhook && !plan.Webhook.Equal(state.Webhook) && !r.write(ctx, client, state.AccountID.ValueString(), &plan, config.webhook(), &resp.Diagnostics) {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *alertDestinationResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	ctx = r.shared.logging(ctx)
	var state alertDestinationModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || state.kind() != kindWebhook {
		return
	}
	client, more := r.shared.client()
	resp.Diagnostics.Append(more...)
	if resp.Diagnostics.HasError() {
		return
	}
	_, id, _ := splitDestination(state.ID.ValueString())
	if err := client.DeleteWebhook(ctx, state.AccountID.ValueString(), id); err != nil {
		addAPIError(&resp.Diagnostics, path.Root("webhook"), "delete the webhook", err)
	}
}

func (r *alertDestinationResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ctx = r.shared.logging(ctx)
	client, of, rest := r.shared.accountOfImport(ctx, req.ID, "<zone or account id>/webhook:<name or id>, .../email:<address> or .../pagerduty:<name or id>", &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	kind, id, ok := splitDestination(rest)
	if !ok {
		kind, id = kindWebhook, rest
	}
	m := alertDestinationModel{alertAccount: of, Webhook: types.ObjectNull(webhookTypes())}
	switch kind {
	case kindEmail:
		m.Email, m.Type, m.ID = types.StringValue(id), types.StringValue(kindEmail), types.StringValue(kindEmail+":"+id)
	case kindPagerDuty:
		service, found := r.findService(ctx, client, of.AccountID.ValueString(), id, &resp.Diagnostics)
		if !found {
			return
		}
		m.PagerDuty, m.Type, m.ID = types.StringValue(service.Name), types.StringValue(kindPagerDuty), types.StringValue(kindPagerDuty+":"+service.ID)
	default:
		all, err := client.Webhooks(ctx, of.AccountID.ValueString())
		if err != nil {
			addAPIError(&resp.Diagnostics, path.Empty(), "list webhooks", err)
			return
		}
		all = slices.DeleteFunc(all, func(w cloudflare.Webhook) bool { return w.ID != id && w.Name != id })
		if len(all) != 1 {
			resp.Diagnostics.AddError("Nothing to import", fmt.Sprintf("%d webhooks of the account have the name or id %q.", len(all), id))
			return
		}
		m.ID = types.StringValue(kindWebhook + ":" + all[0].ID)
		m.setWebhook(webhookArgument{URL: types.StringNull(), Version: types.Int64Null()})
		m.observe(all[0])
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
