package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// ModifyPlan holds the policy to the kinds of alert that the account can have.
func (r *alertPolicyResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.shared == nil || r.shared.waitsFor("cloudflare") != "" {
		return
	}
	ctx = r.shared.logging(ctx)
	var plan, config, state alertPolicyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	creates := req.State.Raw.IsNull()
	if !creates {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	client, account := r.shared.account(ctx, config.alertAccount, &resp.Diagnostics)
	if account == "" {
		return
	}
	plan.AccountID = types.StringValue(account)
	if !creates {
		r.respell(ctx, client, &plan, &state)
		if state.AccountID.ValueString() != account {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root("account_id"))
			plan.ID = types.StringUnknown()
			creates = true
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !creates && resp.Plan.Raw.Equal(req.State.Raw) || plan.AlertType.IsUnknown() {
		return // nothing is to be done, so nothing is asked
	}
	kinds, err := client.AlertTypes(ctx, account)
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Root("alert_type"), "list the kinds of alert", err)
		return
	}
	plan.judge(kinds, &resp.Diagnostics)
	if _, err := plan.desired(ctx, client); err != nil {
		addAPIError(&resp.Diagnostics, path.Root("filters").AtMapKey("zones"), "find a zone", err)
	}
	if creates && !resp.Diagnostics.HasError() && !plan.Name.IsUnknown() {
		r.refuseTaken(ctx, client, account, &plan, &resp.Diagnostics)
	}
}

// respell takes over the spelling of the state for what means the same.
func (r *alertPolicyResource) respell(ctx context.Context, client *cloudflare.Client, plan, state *alertPolicyModel) {
	known := func(s types.Set) bool {
		return !s.IsUnknown() && len(setStrings(s)) == len(s.Elements())
	}
	now, err := plan.desired(ctx, client)
	was, errWas := state.desired(ctx, client)
	if err != nil || errWas != nil {
		return
	}
	if known(plan.Destinations) && sameLists(now.Mechanisms, was.Mechanisms) {
		plan.Destinations = state.Destinations
	}
	if _, all := plan.filters(); all && plan.Filters.IsNull() == state.Filters.IsNull() && sameLists(now.Filters, was.Filters) {
		plan.Filters = state.Filters
	}
	if !plan.Interval.IsUnknown() && plan.Interval.IsNull() == state.Interval.IsNull() && spanOf(plan.Interval) == spanOf(state.Interval) {
		plan.Interval = state.Interval
	}
}

// planOfAlert is the least plan that has a kind of alert
// (https://developers.cloudflare.com/notifications/notification-available/).
func planOfAlert(alertType string) string {
	switch alertType {
	case "health_check_status_notification":
		return "It needs a zone of plan Pro or above in the account. "
	case "clickhouse_alert_fw_anomaly":
		return "It needs a zone of plan Business or above in the account. "
	case "http_alert_origin_error", "http_alert_edge_error", "advanced_http_alert_error", "clickhouse_alert_fw_ent_anomaly", "traffic_anomalies_alert":
		return "It needs a zone of plan Enterprise in the account. "
	}
	return ""
}

// judge says what of the policy its kind of alert does not have.
func (m *alertPolicyModel) judge(kinds []cloudflare.AlertType, diags *diag.Diagnostics) {
	name := m.AlertType.ValueString()
	i := slices.IndexFunc(kinds, func(k cloudflare.AlertType) bool { return k.Type == name })
	if i < 0 {
		all := make([]string, len(kinds))
		for i, k := range kinds {
			all[i] = k.Type
		}
		slices.Sort(all)
		diags.AddAttributeError(path.Root("alert_type"), "Not an alert of this account", fmt.Sprintf("The account cannot have alerts of type %q. %sIt can have: %s.", name, planOfAlert(name), strings.Join(all, ", ")))
		return
	}
	filters, known := m.filters()
	var keys []string
	for _, f := range kinds[i].Filters {
		keys = append(keys, f.Key)
		if _, declared := m.Filters.Elements()[f.Key]; f.Required && !declared && (known || !m.Filters.IsUnknown()) {
			diags.AddAttributeError(path.Root("filters"), "Missing filter", fmt.Sprintf("Alerts of type %s need the filter %s: set filters = { %s = [...] }.", name, f.Key, f.Key))
		}
		for _, v := range filters[f.Key] {
			if f.Values != nil && !slices.Contains(f.Values, v) {
				diags.AddAttributeError(path.Root("filters").AtMapKey(f.Key), "Unknown value of a filter", fmt.Sprintf("The filter %s of %s has no value %q; it has %s.", f.Key, name, v, strings.Join(f.Values, ", ")))
			}
		}
	}
	for _, key := range sortedKeys(m.Filters.Elements()) {
		if !slices.Contains(keys, key) {
			there := "it has none"
			if len(keys) > 0 {
				there = "it has " + strings.Join(keys, ", ")
			}
			diags.AddAttributeError(path.Root("filters").AtMapKey(key), "Unknown filter", fmt.Sprintf("Alerts of type %s have no filter %q; %s.", name, key, there))
		}
	}
}

func (r *alertPolicyResource) refuseTaken(ctx context.Context, client *cloudflare.Client, account string, plan *alertPolicyModel, diags *diag.Diagnostics) {
	all, err := client.AlertPolicies(ctx, account)
	if err != nil {
		addAPIError(diags, path.Empty(), "list alert policies", err)
		return
	}
	for _, p := range all {
		if p.Name == plan.Name.ValueString() && p.Type == plan.AlertType.ValueString() {
			diags.AddAttributeError(path.Root("name"), "The policy is there already", fmt.Sprintf("A policy named %s sends alerts of type %s. Import it with the id %s/%s, or take another name.", p.Name, p.Type, account, p.ID))
		}
	}
}

// isDestination accepts ids of destinations and e-mail addresses.
type isDestination struct{}

func (isDestination) Description(context.Context) string {
	return "the id of a launchready_alert_destination, or an e-mail address"
}
func (v isDestination) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isDestination) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, _, ok := splitDestination(req.ConfigValue.ValueString()); !ok {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a destination", fmt.Sprintf("%s is %q; write %s.", req.Path, req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}
