package sandbox

import (
	"encoding/json"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/api"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/edge"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// edgeFaults are those that rules of the area edge must report: what is open
// beside the edge, what the edge keeps and what it lets through.
func edgeFaults() []Fault {
	mk := func(scope Scope, name, breaks string, apply step, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: scope, apply: apply}
	}
	// What overrides the origin takes cookies away and keeps even what says
	// that it is private.
	kept := func(expression string) zone.Rule {
		return zone.Rule{Description: "Make it fast", Expression: expression, Action: "set_cache_settings", ActionParameters: rawJSON(map[string]any{
			"cache": true, "edge_ttl": map[string]any{"mode": "override_origin", "default": 7200}, "browser_ttl": map[string]any{"mode": "respect_origin"},
		})}
	}
	return []Fault{
		mk(ScopePortal, "origin_exposed", "The origin serves the site to everyone who knows its address.", guard(portal.Open),
			"edge.origin_direct", "edge.origin_certificate"),
		mk(ScopePortal, "origin_certificate_shown", "The origin refuses strangers, after it has shown them a certificate that names the site.",
			guard(portal.Forbidden), "edge.origin_certificate"),

		mk(ScopeZone, "waf_off", "No managed ruleset is deployed.", rules(phaseManaged, noRules), "edge.waf_absent"),
		mk(ScopeZone, "waf_log_only", "The managed rulesets write down what they find and let it pass.",
			rules(phaseManaged, each(func(r *zone.Rule) {
				r.ActionParameters = withOverrides(r.ActionParameters, map[string]any{"action": "log"})
			})), "edge.waf_absent"),
		mk(ScopeZone, "ddos_off", "The protection against floods of requests is essentially off.", rules(phaseDDoS, oneMore(zone.Rule{
			Expression: "true", Action: "execute",
			ActionParameters: rawJSON(map[string]any{"id": api.DDoSRuleset, "overrides": map[string]any{"sensitivity_level": "eoff"}}),
		})), "edge.ddos_setting"),

		mk(ScopeZone, "cache_private", "A cache rule keeps the answers to members and gives them to everyone.",
			rules(phaseCache, oneMore(kept(`http.request.uri.path in {"/account" "/api/me"}`))), "edge.private_cached"),
		mk(ScopeZone, "cache_deception", "The account page answers to every address below its own, and files are kept by the end of their name.",
			all(portalSwitch(portal.AccountBelow), rules(phaseCache, oneMore(kept(`http.request.uri.path.extension in {"css" "js" "png" "jpg"}`)))), "edge.cache_deception"),
		mk(ScopePortal, "cache_poisoned", "A page names the host that a header claims, and the cache gives it to the next visitor.",
			all(portalSwitch(portal.HostByHeader), edgeFault(edge.CacheKeyNarrow), rules(phaseCache, oneMore(zone.Rule{
				Expression: `http.request.uri.path eq "/"`, Action: "set_cache_settings", ActionParameters: rawJSON(map[string]any{"cache": true}),
			}))), "edge.cache_poison"),
		mk(ScopeZone, "static_not_cached", "A cache rule lets everything by, static files too.", rules(phaseCache, oneMore(zone.Rule{
			Description: "Nothing for now", Expression: "true", Action: "set_cache_settings", ActionParameters: rawJSON(map[string]any{"cache": false}),
		})), "edge.static_uncached"),
		mk(ScopeZone, "development_mode_on", "The development mode was left on: nothing is cached.", setting("development_mode", "on"),
			"edge.static_uncached", "edge.ddos_setting", "deploy.dev_mode"),

		mk(ScopeEdge, "trace_echoed", "The edge answers TRACE with what it was sent, cookies too.", edgeFault(edge.TraceEchoed), "headers.trace"),
		mk(ScopeZone, "origin_certificate_unverified", "The edge takes any certificate of the origin: the mode is full.", setting("ssl", "full"), "edge.origin_tls"),
		mk(ScopeZone, "origin_in_clear", "The edge talks to the origin in clear text: the mode is flexible.", setting("ssl", "flexible"), "edge.origin_tls"),
		mk(ScopePortal, "http_redirect_by_origin", "Visitors over http are sent to https by the portal: their requests reach it in clear text first.",
			all(setting("always_use_https", "off"), portalSwitch(portal.RedirectToHTTPS)), "edge.https_redirect"),
	}
}

// rateFaults are those of the rate limits at the edge.
func rateFaults() []Fault {
	mk := func(name, breaks string, apply step, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: ScopeZone, apply: apply}
	}
	limited := func(change func(*zone.Rule)) step { return rules(phaseRateLimit, each(change)) }
	return []Fault{
		mk("rate_limit_missing", "Nothing at the edge limits how often one may ask.", rules(phaseRateLimit, noRules), "rate.missing"),
		mk("rate_limit_paths_case", "The edge limits a path in one spelling, and the portal answers to every one.",
			all(portalSwitch(portal.CaseInsensitive), limited(func(r *zone.Rule) { r.Expression = "http.request.uri.path in " + signInPaths })), "rate.path_bypass"),
		mk("rate_limit_of_one_version", "The edge limits requests by HTTP/2 alone.",
			limited(func(r *zone.Rule) { r.Expression = "(" + r.Expression + `) and http.request.version eq "HTTP/2"` }), "rate.protocol_bypass"),
		// As a zone of the Enterprise plan can have it.
		mk("rate_limit_by_header", "The edge counts by an address that visitors claim in a header.",
			limited(func(r *zone.Rule) {
				r.RateLimit = tenInTenSeconds(`http.request.headers["x-forwarded-for"]`, "cf.colo.id")
			}), "rate.header_bypass"),
	}
}

// withOverrides returns the parameters of an execute rule with other overrides.
func withOverrides(parameters json.RawMessage, overrides map[string]any) json.RawMessage {
	all := map[string]any{}
	_ = json.Unmarshal(parameters, &all) // rules that are deployed have an object
	all["overrides"] = overrides
	return rawJSON(all)
}
