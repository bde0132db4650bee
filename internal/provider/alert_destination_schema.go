package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
)

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
		MarkdownDescription: "Where Cloudflare's notifications go: an e-mail address, a webhook, or a connected PagerDuty service. `launchready_alert_policy` says which alerts go there. The token needs Notifications Write on the account.\n\n" +
			"Import by `<zone or account id>/webhook:<name or id>`, `<zone or account id>/email:<address>` or `<zone or account id>/pagerduty:<name or id>`.",
		Attributes: attributes,
	}
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
