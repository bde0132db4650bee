package edgerules

import (
	"maps"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/ruleset/expression"
)

// Problems says what cannot be declared so, on a zone of this plan.
func (w WAF) Problems(plan string) []Problem {
	limits, known := LimitsOf(plan)
	var out []Problem
	refs := map[string]bool{}
	for i, r := range w.Rules {
		here := at(nil, "rules", i)
		out = append(out, r.Match.problems(here)...)
		if refs[r.Ref] {
			out = append(out, problem(at(here, "ref"), "%q names two rules; a ref names one", r.Ref))
		}
		refs[r.Ref] = true
		out = append(out, r.shape(here)...)
		if known {
			out = append(out, r.planned(limits, here)...)
		}
	}
	seen := map[string]bool{}
	for i, e := range w.Exceptions {
		here := at(nil, "exceptions", i)
		out = append(out, e.Match.problems(here)...)
		if seen[e.Ref] || strings.HasPrefix(e.Ref, "managed-") {
			out = append(out, problem(at(here, "ref"), "%q is taken; a ref names one exception, and does not begin with managed-", e.Ref))
		}
		seen[e.Ref] = true
		out = append(out, e.shape(here)...)
		if e.Match.compile(false) == "true" {
			out = append(out, problem(here, "it lets every request pass the managed rules; name hosts, paths, methods or an expression, or leave the ruleset out of managed_rulesets"))
		}
		if known {
			out = append(out, limits.language(at(here, "expression"), e.Match.Expression)...)
		}
	}
	run := map[string]string{} // ids, by whom they are run
	for _, m := range w.Managed {
		here := at(nil, "managed_rulesets", Key(m.Key))
		if other, twice := run[managedID(m.Key)]; twice {
			out = append(out, problem(here, "it is the ruleset that managed_rulesets[%q] runs, and would run twice; leave one out", other))
		}
		run[managedID(m.Key)] = m.Key
		out = append(out, m.problems(limits, known, here)...)
	}
	return out
}

// shape says which rulesets and rules do not exist.
func (e Exception) shape(here []any) []Problem {
	var out []Problem
	for i, name := range e.Rulesets {
		if !isID(managedID(name)) {
			out = append(out, problem(at(here, "rulesets", i), "%q is no managed ruleset; write %s, or the ruleset's id", name, managedNames()))
		}
	}
	for name, ids := range e.Rules {
		if !isID(managedID(name)) {
			out = append(out, problem(at(here, "rules", Key(name)), "%q is no managed ruleset; write %s, or the ruleset's id", name, managedNames()))
		}
		if len(ids) == 0 {
			out = append(out, problem(at(here, "rules", Key(name)), "it names no rule; name ids of rules, or put the ruleset into rulesets"))
		}
		for i, id := range ids {
			if !isID(id) {
				out = append(out, problem(at(here, "rules", Key(name), i), "%q is no id of a rule: 32 hexadecimal digits, as Security Events shows them", id))
			}
		}
	}
	return out
}

// isID reports whether text is an id of Cloudflare's.
func isID(text string) bool {
	return len(text) == 32 && strings.Trim(text, "0123456789abcdef") == ""
}

func managedNames() string {
	return strings.Join(slices.Sorted(maps.Keys(ManagedRulesets())), ", ")
}

// empty says which overrides change nothing, or what managed rulesets of this kind
// do not have.
func empty(overrides map[string]Override, sensitivity bool, here []any) []Problem {
	var out []Problem
	for _, id := range slices.Sorted(maps.Keys(overrides)) {
		switch o := overrides[id]; {
		case o == Override{}:
			out = append(out, problem(at(here, Key(id)), "it changes nothing; set an action, or enabled, or leave it out"))
		case o.Sensitivity != "" && !sensitivity:
			out = append(out, problem(at(here, Key(id), "sensitivity"), "it belongs to DDoS rules (launchready_zone_ddos_protection); leave it out here"))
		}
	}
	return out
}

func (r CustomRule) shape(here []any) []Problem {
	var out []Problem
	if r.Match.compile(false) == "true" && r.Action != actionLog {
		out = append(out, problem(here, "it is for every request; name hosts, paths, methods or an expression"))
	}
	if len(r.Skip) > 0 && r.Action != "skip" {
		out = append(out, problem(at(here, "skip"), "it belongs to action skip, and the action is %s", r.Action))
	}
	if r.Response != nil && r.Action != actionBlock {
		out = append(out, problem(at(here, "response"), "it belongs to action block, and the action is %s", r.Action))
	}
	return out
}

func (r CustomRule) planned(limits Limits, here []any) []Problem {
	out := limits.language(at(here, "expression"), r.Match.Expression)
	if r.Action == actionLog && !limits.LogAction {
		out = append(out, problem(at(here, "action"), "plan %s has no action log; use managed_challenge, which people pass%s", limits.Plan, planThat(func(o Limits) bool { return o.LogAction })))
	}
	if r.Response != nil && !limits.BlockResponse {
		out = append(out, problem(at(here, "response"), "plan %s answers with Cloudflare's own page; leave response out%s", limits.Plan, planThat(func(o Limits) bool { return o.BlockResponse })))
	}
	return out
}

func (m Managed) problems(limits Limits, known bool, here []any) []Problem {
	var out []Problem
	if !isID(managedID(m.Key)) {
		out = append(out, problem(here, "%q is no managed ruleset; write %s, or the ruleset's id", m.Key, managedNames()))
	}
	out = append(out, empty(m.Categories, false, at(here, "categories"))...)
	out = append(out, empty(m.Rules, false, at(here, "rules"))...)
	if _, both := m.Rules[owaspScore]; both && m.Sensitivity != "" {
		out = append(out, problem(at(here, "sensitivity"), "it is set by the rule %s of rules as well; leave one out", owaspScore))
	}
	if m.Condition != "" {
		if err := expression.Check(m.Condition); err != nil {
			out = append(out, problem(at(here, "expression"), "%s: %q", err, excerpt(m.Condition)))
		}
	}
	if managedID(m.Key) != owaspManaged && (m.Sensitivity != "" || m.Paranoia != 0) {
		out = append(out, problem(here, "sensitivity and paranoia_level are of the owasp ruleset; change others by categories and rules"))
	}
	if known && !limits.ManagedRulesets && managedID(m.Key) != freeManaged {
		out = append(out, problem(here, "plan %s has the free managed ruleset alone, which Cloudflare deploys by itself; leave it out, and add custom rules for what must be stopped%s", limits.Plan,
			planThat(func(o Limits) bool { return o.ManagedRulesets })))
	}
	return out
}
