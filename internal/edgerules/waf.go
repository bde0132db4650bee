package edgerules

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
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
