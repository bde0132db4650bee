package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/edgerules"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

// ModifyPlan compiles the rules, so that the plan shows what will stand in the
// zone and a change by hand is a difference, and says what the zone's plan does
// not allow.
func (r *rulesResource[M, P]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	ctx = r.shared.logging(ctx)
	deployed := path.Root("deployed_rules")
	var zoneName types.String
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("zone"), &zoneName)...)
	if r.shared == nil || r.shared.waitsFor("cloudflare") != "" || zoneName.IsUnknown() || resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, deployed, types.ListUnknown(deployedType()))...)
		return
	}
	client, zone, ok := findZone(ctx, r.shared, req.Plan, &resp.Diagnostics)
	if !ok {
		return
	}
	exists := !req.State.Raw.IsNull()
	if exists {
		var id, stateZone types.String
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("id"), &id)...)
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("zone"), &stateZone)...)
		if held := zoneIDOf(id.ValueString()); held != zone.ID {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root("zone"))
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), types.StringUnknown())...)
		} else {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("zone"), stateZone)...)
		}
	}
	if exists {
		r.leave(ctx, zone, req, resp)
	}
	planSettings(ctx, r.shared, client, zone, r.kind.settings, req, resp)
	if !req.Config.Raw.IsFullyKnown() {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, deployed, types.ListUnknown(deployedType()))...)
		return
	}
	model := P(new(M))
	resp.Diagnostics.Append(req.Plan.Get(ctx, model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	owner := r.kind.owner(model.rules())
	if first, both := r.shared.records.declare(rulesKey(zone.ID, r.kind.name, owner.Name), fingerprint(req.Config.Raw), exists); !first && !both {
		resp.Diagnostics.AddAttributeError(path.Root("name"), "Rules are declared twice", fmt.Sprintf(
			"Two resources launchready_zone_%s of this configuration own the rules named %q in zone %s. Give one of them another name.", r.kind.name, owner.Name, zone.Name))
		return
	}
	if m, ok := any(model).(settingModel); ok {
		r.declareSetting(zone, m, exists, req, resp)
	}
	addProblems(&resp.Diagnostics, fmt.Sprintf("Not possible in zone %s (plan %s)", zone.Name, zone.Plan), model.problems(zone.Plan))
	if resp.Diagnostics.HasError() {
		return
	}
	compiled := model.compile(zone.Plan, owner)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, deployed, toDeployed(ctx, compiled, &resp.Diagnostics))...)
	var held types.List
	if exists {
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, deployed, &held)...)
	}
	before := fromDeployed(ctx, held, &resp.Diagnostics)
	if exists {
		r.outranked(ctx, client, zone, owner, model.rules().Position.ValueString(), compiled, resp)
	}
	for _, p := range compiled {
		r.shared.records.plan(zone.ID+" "+string(p.Phase), fingerprint(req.Config.Raw), len(p.Rules))
	}
	for _, p := range compiled {
		if claim := (ruleset.Claim{Owner: owner, Rules: p.Rules}); len(p.Rules) == 0 || exists && claim.Holds(before[p.Phase]) {
			continue // what stands is known to be possible
		}
		r.fits(ctx, client, zone, owner, p, !exists, model, resp)
	}
}

// fits says whether the rules of a phase find room beside those of others.
func (r *rulesResource[M, P]) fits(ctx context.Context, client *cloudflare.Client, zone cloudflare.Zone, owner ruleset.Owner, p edgerules.PhaseRules, isNew bool, model P, resp *resource.ModifyPlanResponse) {
	current, err := client.EntryPoint(ctx, zone.ID, p.Phase)
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Empty(), fmt.Sprintf("read the rules of %s in zone %s", p.Phase, zone.Name), err)
		return
	}
	mine := owner.Of(current.Rules)
	if isNew && len(mine) > 0 && !r.mayTake(zone, owner) {
		addTaken(&resp.Diagnostics, r.kind, zone, owner, p.Phase, mine)
	}
	var others []ruleset.Rule
	siblings := 0
	for _, rule := range current.Rules {
		switch {
		case owner.Owns(rule):
		case r.leaves(zone, rule):
		case ruleset.OfProvider(rule):
			siblings++
		default:
			others = append(others, rule)
		}
	}
	// What this configuration declares beside counts too, be it there or not yet.
	siblings = max(siblings, r.shared.records.planned(zone.ID+" "+string(p.Phase))-len(p.Rules))
	if limits, ok := edgerules.LimitsOf(zone.Plan); ok {
		if text := limits.Count(p.Phase, len(p.Rules), siblings, len(others)); text != "" {
			resp.Diagnostics.AddAttributeError(path.Root("zone"), fmt.Sprintf("Too many rules for zone %s", zone.Name), upperFirst(text)+".")
		}
	}
	if m, ok := any(model).(rivalModel); ok {
		if at, problem := m.rival(p.Phase, others); problem != "" {
			resp.Diagnostics.AddAttributeError(at, "A rule of others is in the way", problem)
		}
	}
}

// declareSetting says that a rule does what a setting of the zone does too.
func (r *rulesResource[M, P]) declareSetting(zone cloudflare.Zone, m settingModel, exists bool, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	id, at, set := m.alsoSets()
	if !set {
		return
	}
	if first, both := r.shared.records.declare(zone.ID+" setting "+id, fingerprint(req.Config.Raw), exists); !first && !both {
		resp.Diagnostics.AddAttributeError(at, "Declared in two places", fmt.Sprintf("%s is set by another resource of this configuration for the whole zone %s. Set it in one of them.", at, zone.Name))
	}
}

// outranked warns of rules of others that stand where ours are declared to stand:
// what they do first, or, where the last rule wins, last, is done in spite of ours.
// It is no difference, for others may put their rules where they like.
func (r *rulesResource[M, P]) outranked(ctx context.Context, client *cloudflare.Client, zone cloudflare.Zone, owner ruleset.Owner, position string, compiled []edgerules.PhaseRules, resp *resource.ModifyPlanResponse) {
	for _, p := range compiled {
		if len(p.Rules) == 0 {
			continue
		}
		current, err := client.EntryPoint(ctx, zone.ID, p.Phase)
		if err != nil {
			continue // the refresh has said so
		}
		side, rules := "before", ruleset.Before(current.Rules, owner)
		if position == string(ruleset.Last) {
			side, rules = "after", ruleset.After(current.Rules, owner)
		}
		why := "It can undo what ours say."
		if r.kind.lastWins {
			why = "Of these rules the last that matches wins, so it can undo what ours say."
		}
		for _, rule := range rules {
			resp.Diagnostics.AddWarning(fmt.Sprintf("Rule %s comes %s ours in zone %s", rule.Ref, side, zone.Name), fmt.Sprintf(
				"position is %q, but in %s rule %q (%s), which others have made, comes %s the rules of this resource. %s "+
					"Move it at the dashboard. The next change of this resource brings its own rules to their place again.", position, p.Phase, rule.Description, rule.Expression, side, why))
		}
	}
}

// mayTake reports whether the state has the rules that a new resource finds in the
// zone: it is a replacement. The apply, another process that does not see the
// state's resource again, is told.
func (r *rulesResource[M, P]) mayTake(zone cloudflare.Zone, owner ruleset.Owner) bool {
	key := rulesKey(zone.ID, r.kind.name, owner.Name)
	if r.shared.records.holder(key) {
		r.shared.handover().leave(key)
		return true
	}
	return r.shared.handover().leaves(key)
}

// leave says that the rules of a name are given up for those of another.
func (r *rulesResource[M, P]) leave(ctx context.Context, zone cloudflare.Zone, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var was, is types.String
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("name"), &was)...)
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("name"), &is)...)
	if !is.Equal(was) {
		r.shared.records.leave(rulesKey(zone.ID, r.kind.name, was.ValueString()))
	}
}

// leaves reports whether a rule is one of those.
func (r *rulesResource[M, P]) leaves(zone cloudflare.Zone, rule ruleset.Rule) bool {
	name, ok := ruleset.NameOf(r.kind.name, rule)
	return ok && r.shared.records.leaves(rulesKey(zone.ID, r.kind.name, name))
}
