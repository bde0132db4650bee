package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

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
