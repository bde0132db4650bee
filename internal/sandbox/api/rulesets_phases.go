package api

import "slices"

// phase is what the API knows of one step of a request's way through a zone
// (https://developers.cloudflare.com/ruleset-engine/reference/phases-list/).
type phase struct {
	name    string
	topic   string   // of the permissions
	actions []string // of its rules
}

// phases returns those that are emulated.
func phases() []phase {
	return []phase{
		{name: "http_request_firewall_custom", topic: "waf",
			actions: []string{"block", "managed_challenge", "js_challenge", "challenge", "log", "skip"}},
		{name: "http_ratelimit", topic: "waf",
			actions: []string{"block", "managed_challenge", "js_challenge", "challenge", "log"}},
		{name: managedPhase, topic: "waf", actions: []string{"execute", "skip"}},
		{name: "ddos_l7", topic: "ddos", actions: []string{"execute"}},
		{name: "http_request_cache_settings", topic: "cache_rules", actions: []string{"set_cache_settings"}},
		{name: "http_response_cache_settings", topic: "cache_rules",
			actions: []string{"set_cache_settings", "set_cache_tags", "set_cache_control"}},
		{name: "http_request_dynamic_redirect", topic: "redirect_rules", actions: []string{"redirect"}},
		{name: "http_request_transform", topic: "transform_rules", actions: []string{"rewrite"}},
		{name: "http_request_late_transform", topic: "transform_rules", actions: []string{"rewrite"}},
		{name: "http_response_headers_transform", topic: "transform_rules", actions: []string{"rewrite"}},
		{name: "http_config_settings", topic: "config_rules", actions: []string{"set_config"}},
	}
}

const managedPhase = "http_request_firewall_managed"

func phaseNamed(name string) (phase, bool) {
	all := phases()
	i := slices.IndexFunc(all, func(p phase) bool { return p.name == name })
	if i < 0 {
		return phase{}, false
	}
	return all[i], true
}

func (p phase) read() Permission { return Permission(p.topic + ":read") }
func (p phase) edit() Permission { return Permission(p.topic + ":edit") }

// The rulesets that Cloudflare keeps up and a zone's entry points execute.
const (
	FreeManagedRuleset = "77454fe2d30c4220b5701f6fdfb893ba"
	ManagedRuleset     = "efb7b8c949ac4650a09736fc376e9aee"
	OWASPRuleset       = "4814384a9e5d4991b9815dcfc25d2f1f"
	DDoSRuleset        = "4d21379b4f9f4bb088e0729962c8b3cf"
)

// managed is a ruleset of Cloudflare's own.
type managed struct {
	id, name, phase string
	plans           []string // that may deploy it
}

func managedRulesets() []managed {
	return []managed{
		{FreeManagedRuleset, "Cloudflare Managed Free Ruleset", managedPhase, []string{"free"}},
		{ManagedRuleset, "Cloudflare Managed Ruleset", managedPhase, []string{"pro", "business", "enterprise"}},
		{OWASPRuleset, "Cloudflare OWASP Core Ruleset", managedPhase, []string{"pro", "business", "enterprise"}},
		{DDoSRuleset, "DDoS L7 ruleset", "ddos_l7", []string{"free", "pro", "business", "enterprise"}},
	}
}

// availableOn tells whether a plan may deploy the ruleset. The Free one may
// stay where a zone has grown out of its plan.
func (m managed) availableOn(plan string) bool {
	return slices.Contains(m.plans, plan) || m.id == FreeManagedRuleset || rankOf(plan) < 0
}

// rankOf orders the plans; -1 for one that is not known, which has no limits.
func rankOf(plan string) int {
	return slices.Index([]string{"free", "pro", "business", "enterprise"}, plan)
}
