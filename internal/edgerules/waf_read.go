package edgerules

import (
	"encoding/json"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

// ReadWAF is Compile the other way: each rule with its raw expression.
func ReadWAF(owner ruleset.Owner, rules map[ruleset.Phase][]ruleset.Rule) WAF {
	var out WAF
	for _, r := range rules[ruleset.PhaseFirewallCustom] {
		key, _ := owner.Key(r.Ref)
		out.Rules = append(out.Rules, CustomRule{
			Ref: key, Description: r.Description, Match: readMatch(r.Expression, false), Action: r.Action, Disabled: !r.Enabled,
			Skip: readSkip(r.Parameters), Response: readResponse(r.Parameters, 403),
		})
	}
	for _, r := range rules[ruleset.PhaseFirewallManaged] {
		key, _ := owner.Key(r.Ref)
		if r.Action == "skip" {
			out.Exceptions = append(out.Exceptions, readException(key, r))
			continue
		}
		out.Managed = append(out.Managed, readManaged(strings.TrimPrefix(key, "managed-"), r))
	}
	return out
}

func readSkip(parameters json.RawMessage) []string {
	var p struct{ Phases, Products []string }
	_ = json.Unmarshal(parameters, &p) // what cannot be read shows as a difference
	return append(p.Phases, p.Products...)
}

func readException(ref string, r ruleset.Rule) Exception {
	var p struct {
		Rulesets []string
		Rules    map[string][]string
	}
	_ = json.Unmarshal(r.Parameters, &p) // what cannot be read shows as a difference
	out := Exception{Ref: ref, Description: r.Description, Match: readMatch(r.Expression, false), Disabled: !r.Enabled}
	for _, id := range p.Rulesets {
		out.Rulesets = append(out.Rulesets, managedName(id))
	}
	for id, ids := range p.Rules {
		if out.Rules == nil {
			out.Rules = map[string][]string{}
		}
		out.Rules[managedName(id)] = ids
	}
	return out
}

// readOverrides reads the overrides of an execute rule, by category and by rule.
type readOverrides struct {
	Action      string `json:"action"`
	Sensitivity string `json:"sensitivity_level"`
	Categories  []struct {
		Override
		Category string `json:"category"`
	} `json:"categories"`
	Rules []struct {
		Override
		ID        string `json:"id"`
		Threshold int    `json:"score_threshold"`
	} `json:"rules"`
}

func overridesIn(parameters json.RawMessage) readOverrides {
	var p struct{ Overrides readOverrides }
	_ = json.Unmarshal(parameters, &p) // what cannot be read shows as a difference
	return p.Overrides
}

func readManaged(key string, r ruleset.Rule) Managed {
	o := overridesIn(r.Parameters)
	out := Managed{Key: key, Action: o.Action, Disabled: !r.Enabled, Categories: map[string]Override{}, Rules: map[string]Override{}}
	if r.Expression != "true" {
		out.Condition = r.Expression
	}
	for _, c := range o.Categories {
		if level, ok := strings.CutPrefix(c.Category, "paranoia-level-"); ok && managedID(key) == owaspManaged && c.Enabled != nil && !*c.Enabled {
			if n := int64(level[0] - '0'); out.Paranoia == 0 || n-1 < out.Paranoia {
				out.Paranoia = n - 1
			}
			continue
		}
		out.Categories[c.Category] = c.Override
	}
	for _, rule := range o.Rules {
		if rule.ID == owaspScore && rule.Threshold != 0 {
			for name, threshold := range thresholds() {
				if threshold == rule.Threshold {
					out.Sensitivity = name
				}
			}
			continue
		}
		out.Rules[rule.ID] = rule.Override
	}
	return out
}
