package provider

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"

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

type alertDestinationModel struct {
	alertAccount
	ID        types.String `tfsdk:"id"`
	Type      types.String `tfsdk:"type"`
	Email     types.String `tfsdk:"email"`
	Webhook   types.Object `tfsdk:"webhook"`
	PagerDuty types.String `tfsdk:"pagerduty_service"`
}

// webhookArgument is the argument webhook.
type webhookArgument struct {
	Name    types.String `tfsdk:"name"`
	URL     types.String `tfsdk:"url"`
	Secret  types.String `tfsdk:"secret"`
	Version types.Int64  `tfsdk:"secret_version"`
}

func webhookTypes() map[string]attr.Type {
	return map[string]attr.Type{"name": types.StringType, "url": types.StringType, "secret": types.StringType, "secret_version": types.Int64Type}
}

func (m *alertDestinationModel) webhook() webhookArgument {
	var w webhookArgument
	attributes := m.Webhook.Attributes()
	w.Name, _ = attributes["name"].(types.String)
	w.URL, _ = attributes["url"].(types.String)
	w.Secret, _ = attributes["secret"].(types.String)
	w.Version, _ = attributes["secret_version"].(types.Int64)
	return w
}

func (m *alertDestinationModel) setWebhook(w webhookArgument) {
	m.Webhook = types.ObjectValueMust(webhookTypes(), map[string]attr.Value{"name": w.Name, "url": w.URL, "secret": types.StringNull(), "secret_version": w.Version})
}

func (m *alertDestinationModel) kind() string {
	switch {
	case !m.Webhook.IsNull():
		return kindWebhook
	case !m.PagerDuty.IsNull():
		return kindPagerDuty
	}
	return kindEmail
}

func (r *alertDestinationResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_alert_destination"
}

func (r *alertDestinationResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replace := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	one := stringvalidator.ExactlyOneOf(path.MatchRoot("email"), path.MatchRoot("webhook"), path.MatchRoot("pagerduty_service"))
	attributes := map[string]schema.Attribute{
		"id":   schema.StringAttribute{Computed: true, MarkdownDescription: "What an alert policy names the destination by: `email:<address>`, `webhook:<id>` or `pagerduty:<id>`.", PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
		"type": schema.StringAttribute{Computed: true, MarkdownDescription: "`email`, `pagerduty`, or what Cloudflare takes the webhook for by its URL: `generic`, `slack`, `gchat`, `discord` and their like.", PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
		"email": schema.StringAttribute{
			Optional: true, MarkdownDescription: "E-mail address. Cloudflare keeps no list of them: the address is what policies name.",
			Validators: []validator.String{isEmail{}, one}, PlanModifiers: replace,
		},
		"pagerduty_service": schema.StringAttribute{
			Optional: true, MarkdownDescription: "Name of a PagerDuty service that has been connected at the dashboard, which only a person can do. It is looked up, and stays on destroy. Needs plan Pro or above.",
			Validators: []validator.String{notBlank()}, PlanModifiers: replace,
		},
		"webhook": schema.SingleNestedAttribute{
			Optional: true, MarkdownDescription: "Webhook. Needs plan Pro or above. Cloudflare posts a test message when it is created or changed, which must be answered by a 2xx; it goes to public addresses on the ports 80 and 443 only.",
			Attributes: map[string]schema.Attribute{
				"name": schema.StringAttribute{Required: true, MarkdownDescription: "Name, unique in the account; it is part of each message.", Validators: []validator.String{notBlank()}},
				"url": schema.StringAttribute{
					Required: true, MarkdownDescription: "URL that is posted to. It stands in the state: for Slack, Google Chat and Discord, whose URLs end in a secret, write the part before it here and the rest as `secret`. Another URL replaces the destination.",
					Validators: []validator.String{isWebAddress{}}, PlanModifiers: replace,
				},
				"secret": schema.StringAttribute{
					Optional: true, Sensitive: true, WriteOnly: true,
					MarkdownDescription: "Secret that Cloudflare sends in the header `cf-webhook-auth`. Write-only: it reaches neither plan nor state. Needs Terraform or OpenTofu 1.11; older ones refuse it.",
					Validators:          []validator.String{notBlank()},
				},
				"secret_version": schema.Int64Attribute{Optional: true, MarkdownDescription: "Any number. Change it to send a new `secret`, whose change cannot be seen otherwise."},
			},
		},
	}
	maps.Copy(attributes, alertAccountAttributes())
	resp.Schema = schema.Schema{
		MarkdownDescription: "Where Cloudflare's notifications go: an e-mail address, a webhook, or a connected PagerDuty service. `launchready_alert_policy` says which alerts go there.\n\n" +
			"Import by `<zone or account id>/webhook:<name or id>`, `<zone or account id>/email:<address>` or `<zone or account id>/pagerduty:<name or id>`.",
		Attributes: attributes,
	}
}

func (r *alertDestinationResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.shared, _ = req.ProviderData.(*shared)
}

// ValidateConfig says what to do where the program knows no write-only arguments.
func (r *alertDestinationResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m alertDestinationModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	at := path.Root("webhook").AtName("secret")
	w := m.webhook()
	if !w.Secret.IsNull() && !req.ClientCapabilities.WriteOnlyAttributesAllowed {
		resp.Diagnostics.AddAttributeError(at, "The secret would stand in the state",
			"This program knows no write-only arguments. Use Terraform or OpenTofu 1.11 or later, or leave webhook.secret out and set the secret at the dashboard (Manage account, Notifications, Destinations): it stays as it is.")
	}
	if w.Secret.IsNull() && !w.Secret.IsUnknown() && !w.Version.IsNull() {
		resp.Diagnostics.AddAttributeError(path.Root("webhook").AtName("secret_version"), "A version without a secret", "webhook.secret_version is set, but webhook.secret is not. Set both, or neither.")
	}
}

// ModifyPlan finds the account, and says what its plan does not have.
func (r *alertDestinationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.shared == nil || r.shared.waitsFor("cloudflare") != "" {
		return
	}
	ctx = r.shared.logging(ctx)
	var plan, config, state alertDestinationModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	client, account := r.shared.account(ctx, config.alertAccount, &resp.Diagnostics)
	if account == "" {
		return
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("account_id"), account)...)
	creates := req.State.Raw.IsNull()
	if !creates && (state.AccountID.ValueString() != account || state.kind() != plan.kind()) {
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("account_id"))
		if state.kind() != plan.kind() {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root("webhook"))
		}
		creates = true
	}
	if !creates {
		return
	}
	switch kind := plan.kind(); kind {
	case kindEmail:
		if !plan.Email.IsUnknown() {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), kindEmail+":"+plan.Email.ValueString())...)
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("type"), kindEmail)...)
		}
	default:
		eligible, err := client.EligibleDestinations(ctx, account)
		if err != nil {
			addAPIError(&resp.Diagnostics, path.Empty(), "list the kinds of destination", err)
			return
		}
		if able, known := eligible[kind]; known && !able {
			at := path.Root("webhook")
			if kind == kindPagerDuty {
				at = path.Root("pagerduty_service")
			}
			resp.Diagnostics.AddAttributeError(at, "Not in the account's plan", fmt.Sprintf("Destinations of type %s need a zone of plan Pro or above in the account. Change the plan, or use email.", kind))
			return
		}
		r.lookAhead(ctx, client, account, &plan, &resp.Diagnostics)
	}
}

// lookAhead says that a webhook of that name is there, or a service is not.
func (r *alertDestinationResource) lookAhead(ctx context.Context, client *cloudflare.Client, account string, plan *alertDestinationModel, diags *diag.Diagnostics) {
	if w := plan.webhook(); plan.kind() == kindWebhook && !w.Name.IsUnknown() {
		all, err := client.Webhooks(ctx, account)
		if err != nil {
			addAPIError(diags, path.Root("webhook"), "list webhooks", err)
			return
		}
		for _, other := range all {
			// One at another URL may be what is being replaced.
			if other.Name == w.Name.ValueString() && sameWebhookURL(w.URL.ValueString(), other) {
				diags.AddAttributeError(path.Root("webhook").AtName("name"), "The webhook is there already", fmt.Sprintf("A webhook named %s posts to that URL. Import it with the id %s/webhook:%s, or take another name.", other.Name, account, other.ID))
			}
		}
	}
	if plan.kind() == kindPagerDuty && !plan.PagerDuty.IsUnknown() {
		r.findService(ctx, client, account, plan.PagerDuty.ValueString(), diags)
	}
}

func (r *alertDestinationResource) findService(ctx context.Context, client *cloudflare.Client, account, nameOrID string, diags *diag.Diagnostics) (cloudflare.PagerDutyService, bool) {
	all, err := client.PagerDutyServices(ctx, account)
	if err != nil {
		addAPIError(diags, path.Root("pagerduty_service"), "list PagerDuty services", err)
		return cloudflare.PagerDutyService{}, false
	}
	names := make([]string, len(all))
	for i, s := range all {
		if s.Name == nameOrID || s.ID == nameOrID {
			return s, true
		}
		names[i] = s.Name
	}
	there := "none is connected"
	if len(names) > 0 {
		there = "connected are " + strings.Join(names, ", ")
	}
	diags.AddAttributeError(path.Root("pagerduty_service"), "No such PagerDuty service", fmt.Sprintf("%q is not connected to the account; %s. Connect it at the dashboard: Manage account, Notifications, Destinations.", nameOrID, there))
	return cloudflare.PagerDutyService{}, false
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

func (m *alertDestinationModel) observe(w cloudflare.Webhook) {
	now := m.webhook()
	now.Name, m.Type = types.StringValue(w.Name), types.StringValue(w.Type)
	if !sameWebhookURL(now.URL.ValueString(), w) {
		now.URL = types.StringValue(w.URL)
	}
	m.setWebhook(now)
}

// sameWebhookURL tells whether an address is that of a webhook. Of those that
// end in a secret Cloudflare shows the part before it.
func sameWebhookURL(declared string, w cloudflare.Webhook) bool {
	if canonicalURL(declared) == canonicalURL(w.URL) {
		return true
	}
	u, err := url.Parse(declared)
	return err == nil && w.Type != "generic" && w.Type != "" && u.Host != "" && strings.HasPrefix(declared, strings.TrimSuffix(w.URL, "/"))
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
