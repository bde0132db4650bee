package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// alertAccount names the account that an alert or a destination belongs to.
type alertAccount struct {
	Zone      types.String `tfsdk:"zone"`
	AccountID types.String `tfsdk:"account_id"`
}

func alertAccountAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"zone": schema.StringAttribute{
			Optional: true, MarkdownDescription: "A zone of the account, by domain name or by id. Notifications belong to the account as a whole. Default: the account that the token reaches, where it is one.",
			Validators: []validator.String{notBlank()},
		},
		"account_id": schema.StringAttribute{
			Optional: true, Computed: true, MarkdownDescription: "Id of the account, instead of a zone. Another account replaces the resource.",
			Validators: []validator.String{notBlank(), stringvalidator.ConflictsWith(path.MatchRoot("zone"))},
		},
	}
}

// account finds the account that is meant: named, of the zone, or the only one.
// It is empty, without an error, where that is not known yet.
func (s *shared) account(ctx context.Context, config alertAccount, diags *diag.Diagnostics) (*cloudflare.Client, string) {
	if config.Zone.IsUnknown() || config.AccountID.IsUnknown() && !config.Zone.IsNull() {
		return nil, ""
	}
	client, more := s.client()
	diags.Append(more...)
	switch {
	case diags.HasError():
		return nil, ""
	case config.AccountID.ValueString() != "":
		return client, config.AccountID.ValueString()
	case !config.Zone.IsNull():
		zone, err := client.Zone(ctx, config.Zone.ValueString())
		if err != nil {
			addAPIError(diags, path.Root("zone"), "find zone "+config.Zone.ValueString(), err)
			return nil, ""
		}
		return client, zone.AccountID
	}
	id, err := client.AccountID(ctx)
	switch {
	case err != nil:
		addAPIError(diags, path.Root("account_id"), "find the account", err)
	case id == "":
		diags.AddAttributeError(path.Root("zone"), "Which account is meant is not clear", "The token reaches zones of several accounts, or none. Set zone or account_id.")
	}
	return client, id
}

// accountOfImport reads <zone or account id>/<rest>.
func (s *shared) accountOfImport(ctx context.Context, id, form string, diags *diag.Diagnostics) (*cloudflare.Client, alertAccount, string) {
	where, rest, ok := strings.Cut(id, "/")
	if !ok || where == "" || rest == "" {
		diags.AddError("Nothing to import", fmt.Sprintf("%q: write %s.", id, form))
		return nil, alertAccount{}, ""
	}
	of := alertAccount{AccountID: types.StringNull(), Zone: types.StringNull()}
	if strings.Contains(where, ".") {
		of.Zone = types.StringValue(where)
	} else {
		of.AccountID = types.StringValue(where)
	}
	client, account := s.account(ctx, of, diags)
	of.AccountID = types.StringValue(account)
	return client, of, rest
}

// Destinations are written <kind>:<id>, where the id of an e-mail is its address.
const (
	kindEmail     = "email"
	kindWebhook   = "webhook"
	kindPagerDuty = "pagerduty"
)

// splitDestination reads a destination; a plain address is an e-mail.
func splitDestination(s string) (kind, id string, ok bool) {
	kind, id, ok = strings.Cut(s, ":")
	if !ok && strings.Contains(s, "@") {
		return kindEmail, s, true
	}
	return kind, id, ok && id != "" && (kind == kindEmail || kind == kindWebhook || kind == kindPagerDuty)
}

// mechanismOf is the API's word for a kind of destination.
func mechanismOf(kind string) string {
	switch kind {
	case kindWebhook:
		return cloudflare.MechanismWebhooks
	case kindPagerDuty:
		return cloudflare.MechanismPagerDuty
	}
	return cloudflare.MechanismEmail
}
