package provider

import (
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

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
