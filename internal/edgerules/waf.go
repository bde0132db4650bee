package edgerules

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset/expression"
)

// WAF is what a zone's firewall does
// (https://developers.cloudflare.com/waf/managed-rules/,
// https://developers.cloudflare.com/waf/custom-rules/).
type WAF struct {
	Managed    []Managed
	Exceptions []Exception
	Rules      []CustomRule
}

// Managed is a ruleset of Cloudflare's that is executed.
type Managed struct {
	Key       string // a name of ManagedRulesets, or the ruleset's id
	Action    string // of all its rules; "" = as Cloudflare chose for each
	Disabled  bool
	Condition string // expression; "" = every request
	// Sensitivity of the OWASP ruleset: low, medium or high; "" = Cloudflare's default.
	Sensitivity string
	// Paranoia of the OWASP ruleset, 1 to 4; 0 = Cloudflare's default.
	Paranoia   int64
	Categories map[string]Override
	Rules      map[string]Override // by the rule's id
}

// Override changes one rule or category of a managed ruleset. What is nil or
// empty stays.
type Override struct {
	Action      string `json:"action,omitempty"`
	Enabled     *bool  `json:"enabled,omitempty"`
	Sensitivity string `json:"sensitivity_level,omitempty"` // of DDoS rules
}

// Exception lets requests pass managed rules.
type Exception struct {
	Ref, Description string
	Match            Match
	Rulesets         []string            // names or ids; with none and no Rules = all
	Rules            map[string][]string // ids of rules by ruleset
	Disabled         bool
}

// CustomRule is a rule of the user's own.
type CustomRule struct {
	Ref, Description string
	Match            Match
	Action           string
	Skip             []string // of action skip: phases and products; none = the rules after it
	Response         *Response
	Disabled         bool
}

// Ids of Cloudflare's managed rulesets, the same in every zone
// (https://developers.cloudflare.com/waf/managed-rules/reference/).
const (
	freeManaged       = "77454fe2d30c4220b5701f6fdfb893ba"
	cloudflareManaged = "efb7b8c949ac4650a09736fc376e9aee"
	owaspManaged      = "4814384a9e5d4991b9815dcfc25d2f1f"
	owaspScore        = "6179ae15870a4bb7b2d480d4843b323c" // the rule that adds the score up
)

// ManagedRulesets are the names for ids.
func ManagedRulesets() map[string]string {
	return map[string]string{"free": freeManaged, "cloudflare": cloudflareManaged, "owasp": owaspManaged}
}

func managedID(key string) string {
	if id, ok := ManagedRulesets()[key]; ok {
		return id
	}
	return key
}

// managedName is the opposite of managedID.
func managedName(id string) string {
	for name, known := range ManagedRulesets() {
		if known == id {
			return name
		}
	}
	return id
}

// thresholds of the OWASP score by sensitivity: the lower, the more is blocked.
func thresholds() map[string]int { return map[string]int{"low": 60, "medium": 40, "high": 25} }

// SkippablePhases are those that a custom rule can skip; other words in Skip are
// products.
func SkippablePhases() []string {
	return []string{string(ruleset.PhaseRateLimit), string(ruleset.PhaseFirewallManaged), "http_request_sbfm"}
}

// SkippableProducts are the older protections that a custom rule can skip.
func SkippableProducts() []string {
	return []string{"zoneLockdown", "uaBlock", "bic", "hot", "securityLevel", "rateLimit", "waf"}
}

// Compile gives the rules: exceptions before what they are exceptions of.
func (w WAF) Compile(owner ruleset.Owner) []PhaseRules {
	custom, managed := PhaseRules{Phase: ruleset.PhaseFirewallCustom}, PhaseRules{Phase: ruleset.PhaseFirewallManaged}
	for _, r := range w.Rules {
		custom.Rules = append(custom.Rules, r.rule(owner))
	}
	for _, e := range w.Exceptions {
		managed.Rules = append(managed.Rules, e.rule(owner))
	}
	for _, m := range w.Managed {
		managed.Rules = append(managed.Rules, m.rule(owner))
	}
	return []PhaseRules{custom, managed}
}

func (r CustomRule) rule(owner ruleset.Owner) ruleset.Rule {
	out := ruleset.Rule{
		Ref: owner.Ref(r.Ref), Description: r.Description, Expression: r.Match.compile(false), Action: r.Action, Enabled: !r.Disabled,
	}
	switch {
	case r.Action == "skip":
		out.Parameters = ruleset.Object(skipped(r.Skip))
	case r.Response != nil:
		out.Parameters = ruleset.Object(map[string]any{"response": r.Response.object(403)})
	}
	return out
}

// skipped are the parameters of a skip.
func skipped(what []string) map[string]any {
	m := map[string]any{}
	var phases, products []string
	for _, s := range what {
		if slices.Contains(SkippablePhases(), s) {
			phases = append(phases, s)
		} else {
			products = append(products, s)
		}
	}
	if len(what) == 0 {
		m["ruleset"] = "current"
	}
	if len(phases) > 0 {
		m["phases"] = phases
	}
	if len(products) > 0 {
		m["products"] = products
	}
	return m
}

func (e Exception) rule(owner ruleset.Owner) ruleset.Rule {
	m := map[string]any{}
	if len(e.Rulesets) > 0 {
		ids := make([]string, len(e.Rulesets))
		for i, name := range e.Rulesets {
			ids[i] = managedID(name)
		}
		m["rulesets"] = ids
	}
	if len(e.Rules) > 0 {
		byID := map[string]any{}
		for name, ids := range e.Rules {
			byID[managedID(name)] = ids
		}
		m["rules"] = byID
	}
	if len(m) == 0 {
		m["ruleset"] = "current"
	}
	return ruleset.Rule{
		Ref: owner.Ref(e.Ref), Description: e.Description, Expression: e.Match.compile(false), Action: "skip", Enabled: !e.Disabled, Parameters: ruleset.Object(m),
	}
}

func (m Managed) rule(owner ruleset.Owner) ruleset.Rule {
	overrides := overridesOf(m.Action, m.Categories, m.Rules)
	if len(paranoia(m.Paranoia)) > 0 {
		overrides["categories"] = append(list(overrides["categories"]), paranoia(m.Paranoia)...)
	}
	if threshold, ok := thresholds()[m.Sensitivity]; ok {
		overrides["rules"] = append(list(overrides["rules"]), map[string]any{"id": owaspScore, "score_threshold": threshold})
	}
	parameters := map[string]any{"id": managedID(m.Key)}
	if len(overrides) > 0 {
		parameters["overrides"] = overrides
	}
	condition := m.Condition
	if condition == "" {
		condition = "true"
	}
	return ruleset.Rule{
		Ref: owner.Ref("managed-" + m.Key), Description: "Managed ruleset " + m.Key, Expression: condition, Action: "execute", Enabled: !m.Disabled,
		Parameters: ruleset.Object(parameters),
	}
}

// list is the list in a map, or none.
func list(v any) []any {
	out, _ := v.([]any)
	return out
}

// overridesOf are the overrides of an execute rule, in order of ids.
func overridesOf(action string, categories, rules map[string]Override) map[string]any {
	out := map[string]any{}
	if action != "" {
		out["action"] = action
	}
	for name, by := range map[string]map[string]Override{"categories": categories, "rules": rules} {
		var all []any
		for _, id := range slices.Sorted(maps.Keys(by)) {
			o := map[string]any{map[string]string{"categories": "category", "rules": "id"}[name]: id}
			if by[id].Action != "" {
				o["action"] = by[id].Action
			}
			if by[id].Enabled != nil {
				o["enabled"] = *by[id].Enabled
			}
			if by[id].Sensitivity != "" {
				o["sensitivity_level"] = by[id].Sensitivity
			}
			all = append(all, o)
		}
		if len(all) > 0 {
			out[name] = all
		}
	}
	return out
}

// paranoia turns off the categories above a level; 0 leaves them.
func paranoia(level int64) []any {
	var out []any
	if level == 0 {
		return nil
	}
	for n := level + 1; n <= 4; n++ {
		out = append(out, map[string]any{"category": "paranoia-level-" + string(rune('0'+n)), "enabled": false})
	}
	return out
}

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

// Executes returns the rule among those of others that executes a managed
// ruleset which is declared too: it would run twice.
func (w WAF) Executes(others []ruleset.Rule) (key string, other ruleset.Rule, found bool) {
	for _, r := range others {
		var p struct {
			ID string `json:"id"`
		}
		if r.Action != "execute" || json.Unmarshal(r.Parameters, &p) != nil {
			continue
		}
		for _, m := range w.Managed {
			if managedID(m.Key) == p.ID {
				return m.Key, r, true
			}
		}
	}
	return "", ruleset.Rule{}, false
}
