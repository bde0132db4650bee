package edgerules

import (
	"maps"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

const ddosManaged = "4d21379b4f9f4bb088e0729962c8b3cf"

// DDoS changes how the HTTP DDoS ruleset, which always runs, reacts
// (https://developers.cloudflare.com/ddos-protection/managed-rulesets/http/).
type DDoS struct {
	Sensitivity string // default, medium, low or eoff; "" = as it is
	Action      string // of all its rules; "" = as Cloudflare chose for each
	Categories  map[string]Override
	Rules       map[string]Override
}

// Compile gives the one rule.
func (d DDoS) Compile(owner ruleset.Owner) []PhaseRules {
	overrides := overridesOf(d.Action, d.Categories, d.Rules)
	if d.Sensitivity != "" {
		overrides["sensitivity_level"] = d.Sensitivity
	}
	parameters := map[string]any{"id": ddosManaged}
	if len(overrides) > 0 {
		parameters["overrides"] = overrides
	}
	return []PhaseRules{{Phase: ruleset.PhaseDDoS, Rules: []ruleset.Rule{{
		Ref: owner.Ref("override"), Description: "HTTP DDoS protection", Expression: "true", Action: "execute", Enabled: true, Parameters: ruleset.Object(parameters),
	}}}}
}

// Problems says what cannot be declared so, on a zone of this plan.
func (d DDoS) Problems(plan string) []Problem {
	var out []Problem
	limits, known := LimitsOf(plan)
	log := func(here []any, action string) {
		if action == actionLog && known && !limits.LogAction {
			out = append(out, problem(here, "plan %s cannot only log attacks; lower the sensitivity instead%s", plan, planThat(func(o Limits) bool { return o.LogAction })))
		}
	}
	log(at(nil, "action"), d.Action)
	for name, by := range map[string]map[string]Override{"categories": d.Categories, "rules": d.Rules} {
		out = append(out, empty(by, true, at(nil, name))...)
		for _, id := range slices.Sorted(maps.Keys(by)) {
			log(at(nil, name, Key(id), "action"), by[id].Action)
		}
	}
	return out
}

// ReadDDoS is Compile the other way.
func ReadDDoS(rules map[ruleset.Phase][]ruleset.Rule) DDoS {
	out := DDoS{Categories: map[string]Override{}, Rules: map[string]Override{}}
	for _, r := range rules[ruleset.PhaseDDoS] {
		o := overridesIn(r.Parameters)
		out.Sensitivity, out.Action = o.Sensitivity, o.Action
		for _, c := range o.Categories {
			out.Categories[c.Category] = c.Override
		}
		for _, rule := range o.Rules {
			out.Rules[rule.ID] = rule.Override
		}
	}
	return out
}
