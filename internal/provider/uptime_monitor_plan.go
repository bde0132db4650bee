package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/monitor"
)

// ModifyPlan fills defaults, keeps what is only spelt otherwise quiet, and says
// what the service or its plan does not allow.
func (r *uptimeMonitorResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.shared == nil {
		return
	}
	ctx = r.shared.logging(ctx)
	var plan, config, state uptimeMonitorModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	creates := req.State.Raw.IsNull()
	if !creates {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		creates = !state.Backend.Equal(plan.Backend)
	}
	if resp.Diagnostics.HasError() || plan.Backend.IsUnknown() {
		return
	}
	name := plan.Backend.ValueString()
	if name != cloudflareBackend && !config.Zone.IsNull() {
		resp.Diagnostics.AddAttributeError(path.Root("zone"), "Not an argument of this backend", fmt.Sprintf("zone is for backend = %q; the backend is %q. Leave it out.", cloudflareBackend, name))
		return
	}
	plan.fill(&config)
	if !creates {
		plan.respell(&state)
	}
	b := r.planZone(ctx, &plan, &config, &state, creates, resp)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	if resp.Diagnostics.HasError() || b == nil || !creates && resp.Plan.Raw.Equal(req.State.Raw) {
		return // nothing is to be done, so nothing is asked
	}
	r.refuseForbidden(ctx, b, &plan, creates || len(resp.RequiresReplace) > 0, &resp.Diagnostics)
}

// planZone finds the service and, at Cloudflare, whether the monitor stays in its
// zone. It returns nil where the service is not known yet, or not reached.
func (r *uptimeMonitorResource) planZone(ctx context.Context, plan, config, state *uptimeMonitorModel, creates bool, resp *resource.ModifyPlanResponse) monitor.Backend {
	name := plan.Backend.ValueString()
	if name != cloudflareBackend {
		plan.Zone, plan.ZoneID = types.StringNull(), types.StringValue("")
	}
	if config.Zone.IsUnknown() || name == cloudflareBackend && config.Zone.IsNull() && plan.URL.IsUnknown() || r.shared.monitorsUnknown(name) != "" {
		return nil
	}
	b, diags := r.shared.backend(ctx, name, config.Zone.ValueString(), plan.URL.ValueString())
	resp.Diagnostics.Append(diags...)
	c, ok := b.(*monitor.Cloudflare)
	if !ok {
		return b
	}
	zone := c.Zone()
	switch {
	case creates:
	case state.ZoneID.ValueString() == zone.ID:
		plan.Zone = state.Zone
		return b
	case config.Zone.IsNull():
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("url"))
	default:
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("zone"))
	}
	plan.ID, plan.ZoneID = types.StringUnknown(), types.StringValue(zone.ID)
	if config.Zone.IsNull() {
		plan.Zone = types.StringValue(zone.Name)
	}
	return b
}

// refuseForbidden says what the service does not allow.
func (r *uptimeMonitorResource) refuseForbidden(ctx context.Context, b monitor.Backend, plan *uptimeMonitorModel, creates bool, diags *diag.Diagnostics) {
	limits, err := b.Limits(ctx)
	if err != nil {
		addMonitorError(diags, "ask "+b.Name()+" what it allows", err)
		return
	}
	problems := limits.Problems(b.Name(), plan.desired())
	for _, p := range problems {
		diags.AddAttributeError(fieldPath(p.Field), "Not allowed by the monitoring service", fmt.Sprintf("%s: %s", p.Field, p.Reason))
	}
	if len(problems) > 0 || !creates {
		return
	}
	if limits.Monitors > 0 && limits.Used >= limits.Monitors {
		on := limits.Plan
		if on == "" {
			on = b.Name()
		}
		diags.AddAttributeError(path.Root("name"), "No more monitors", fmt.Sprintf("There are %d monitors, and %s allows %d. Delete some, or change the plan there.", limits.Used, on, limits.Monitors))
		return
	}
	if !plan.Name.IsUnknown() {
		r.refuseTaken(ctx, b, plan, diags)
	}
}

// refuseTaken says that a monitor of that name is there already: one made by
// hand, or one whose answer was lost.
func (r *uptimeMonitorResource) refuseTaken(ctx context.Context, b monitor.Backend, plan *uptimeMonitorModel, diags *diag.Diagnostics) {
	all, err := b.List(ctx)
	if err != nil {
		addMonitorError(diags, "list the monitors", err)
		return
	}
	for _, s := range all {
		if s.Name == plan.Name.ValueString() {
			id := plan.Backend.ValueString() + "/" + s.ID
			if zone := zoneOfBackend(b); zone != "" {
				id = cloudflareBackend + "/" + zone + "/" + s.ID
			}
			diags.AddAttributeError(path.Root("name"), "The monitor is there already",
				fmt.Sprintf("A monitor named %s watches %s. Import it with the id %s, or take another name.", s.Name, withoutUser(s.URL), id))
			return
		}
	}
}
