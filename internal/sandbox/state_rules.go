package sandbox

import (
	"encoding/json"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/api"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// Phases that the healthy client has rules in, or a fault changes.
const (
	phaseRateLimit = "http_ratelimit"
	phaseManaged   = "http_request_firewall_managed"
	phaseCache     = "http_request_cache_settings"
	phaseDDoS      = "ddos_l7"
)

// phaseRule is a rule and where it stands.
type phaseRule struct {
	phase string
	zone.Rule
}

// signInPaths are those of the portal where guessing or flooding pays.
const signInPaths = `{"/login" "/api/login" "/api/password-reset" "/api/resend-code"}`

// soundRules are those of a client whose edge is in order, with what the plan
// has: managed rulesets beside the free one, and more fields for rate limits.
func soundRules(plan string) []phaseRule {
	var out []phaseRule
	if plan != "free" { // there Cloudflare has deployed its own
		for _, id := range []string{api.ManagedRuleset, api.OWASPRuleset} {
			out = append(out, phaseRule{phaseManaged, zone.Rule{Description: "Managed rules", Enabled: true, Expression: "true", Action: "execute",
				ActionParameters: rawJSON(map[string]any{"id": id, "version": "latest"})}})
		}
	}
	guesses := "lower(http.request.uri.path) in " + signInPaths
	if plan == "business" || plan == "enterprise" {
		guesses = `http.request.method eq "POST" and ` + guesses
	}
	return append(out,
		phaseRule{phaseRateLimit, zone.Rule{Description: "Sign-in and recovery", Enabled: true, Expression: guesses, Action: "block", RateLimit: tenInTenSeconds("ip.src", "cf.colo.id")}},
		phaseRule{phaseCache, zone.Rule{Description: "Static files", Enabled: true, Expression: `starts_with(http.request.uri.path, "/static/")`, Action: "set_cache_settings",
			ActionParameters: rawJSON(map[string]any{
				"cache": true, "edge_ttl": map[string]any{"mode": "respect_origin"}, "browser_ttl": map[string]any{"mode": "respect_origin"},
				"cache_key": map[string]any{"cache_deception_armor": true},
			})}},
		// The last: of cache rules that match, the later one wins.
		phaseRule{phaseCache, zone.Rule{Description: "Members", Enabled: true, Action: "set_cache_settings", ActionParameters: rawJSON(map[string]any{"cache": false}),
			Expression: `starts_with(lower(http.request.uri.path), "/api/") or starts_with(lower(http.request.uri.path), "/account") or ` +
				`http.cookie contains "__Host-session=" or len(http.request.headers["authorization"]) > 0`}},
	)
}

// tenInTenSeconds is the field ratelimit of a rule that every plan has.
func tenInTenSeconds(characteristics ...string) json.RawMessage {
	return rawJSON(map[string]any{"characteristics": characteristics, "period": 10, "requests_per_period": 10, "mitigation_timeout": 10})
}

func rawJSON(v any) json.RawMessage {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of text and numbers always marshal
	}
	return out
}

// The kinds of change that faults make to the rules of a phase.

// noRules takes every rule away.
func noRules([]zone.Rule) []zone.Rule { return nil }

// oneMore puts a rule behind the others.
func oneMore(r zone.Rule) func([]zone.Rule) []zone.Rule {
	return func(all []zone.Rule) []zone.Rule {
		r.ID, r.Version, r.Enabled = api.NewID(), "1", true
		r.Ref = r.ID
		return append(all, r)
	}
}

// each changes every rule.
func each(change func(*zone.Rule)) func([]zone.Rule) []zone.Rule {
	return func(all []zone.Rule) []zone.Rule {
		out := slices.Clone(all)
		for i := range out {
			change(&out[i])
		}
		return out
	}
}
