package provider_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// edgeZone is a resource of a zone's rules named this.
func edgeZone(kind, arguments string) string {
	return fmt.Sprintf("resource \"launchready_zone_%s\" \"this\" {\n zone = \"acme.example\"\n %s\n}\n", kind, arguments)
}

// rulesOf are the refs of a phase, in order; those of others by their description.
func (s target) rulesOf(phase string) string {
	s.t.Helper()
	r, _ := s.clientZone().Ruleset(phase)
	var out []string
	for _, rule := range r.Rules {
		if strings.HasPrefix(rule.Ref, "lr_") {
			out = append(out, rule.Ref)
		} else {
			out = append(out, rule.Description)
		}
	}
	return strings.Join(out, " ")
}

// clientZone is the client's zone as the sandbox holds it.
func (s target) clientZone() *zone.Zone { return s.API().Account().Zone(s.zoneID()) }

// byHand adds a rule as a person at the dashboard would.
func (s target) byHand(phase, description string) {
	s.t.Helper()
	s.API().SeedRule(s.clientZone(), phase, handRule(phase, description))
}

func handRule(phase, description string) zone.Rule {
	r := zone.Rule{Description: description, Expression: `http.host eq "x.acme.example"`, Action: "block", Enabled: true}
	switch phase {
	case "http_ratelimit":
		r.RateLimit = []byte(`{"characteristics":["ip.src","cf.colo.id"],"period":10,"requests_per_period":50,"mitigation_timeout":10}`)
	case "http_request_dynamic_redirect":
		r.Action, r.ActionParameters = "redirect", []byte(`{"from_value":{"status_code":302,"target_url":{"value":"https://acme.example/x"},"preserve_query_string":false}}`)
	case "http_response_headers_transform":
		r.Action, r.ActionParameters = "rewrite", []byte(`{"headers":{"X-Theirs":{"operation":"set","value":"1"}}}`)
	case "http_request_cache_settings":
		r.Action, r.ActionParameters = "set_cache_settings", []byte(`{"cache":false}`)
	}
	return r
}

// edit changes a rule as a person at the dashboard would.
func (s target) edit(phase, ref string, change func(*zone.Rule)) {
	s.t.Helper()
	_, err := s.clientZone().UpdateRuleset(phase, func(r *zone.Ruleset) error {
		for i := range r.Rules {
			if r.Rules[i].Ref == ref {
				change(&r.Rules[i])
				return nil
			}
		}
		return fmt.Errorf("no rule %s", ref)
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// apiWrites counts the calls that changed something since the last reset.
func (s target) apiWrites() (n int) {
	for route, count := range s.API().Counts().ByRoute {
		if !strings.HasPrefix(route, http.MethodGet) {
			n += count
		}
	}
	return n
}

const rateLimit = "http_ratelimit"

func TestRateLimitsLife(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty, Plan: "business"})
	this := "launchready_zone_rate_limits.this"
	s.byHand(rateLimit, "theirs")
	two := s.config(edgeZone("rate_limits", `rules = {
    login = { paths = ["/login", "/api/login"], methods = ["POST"], requests = 5, period = "1m", timeout = "10m" }
    reset = { expression = "http.request.uri.path contains \"reset\"", requests = 3 }
  }`))
	last := s.config(edgeZone("rate_limits", `position = "last"
  rules = { login = { paths = ["/login"], requests = 6 } }`))
	holds := func(want string) func() {
		return func() {
			t.Helper()
			if got := s.rulesOf(rateLimit); got != want {
				t.Errorf("rules: %s, want %s", got, want)
			}
		}
	}
	acceptance(t,
		resource.TestStep{Config: two},
		resource.TestStep{PreConfig: holds("lr_rate_limits_default_login lr_rate_limits_default_reset theirs"), Config: two, ConfigPlanChecks: noPlan()},
		resource.TestStep{PreConfig: func() { s.byHand(rateLimit, "new") }, Config: two, ConfigPlanChecks: noPlan()}, // of others: no drift
		resource.TestStep{
			PreConfig: func() {
				s.edit(rateLimit, "lr_rate_limits_default_login", func(r *zone.Rule) { r.Enabled = false })
			},
			Config: two, ConfigPlanChecks: action(this, plancheck.ResourceActionUpdate),
		},
		resource.TestStep{PreConfig: func() { s.clientZone().RemoveRuleset(rateLimit) }, Config: two, ConfigPlanChecks: action(this, plancheck.ResourceActionUpdate)},
		resource.TestStep{PreConfig: func() { s.byHand(rateLimit, "theirs") }, Config: last, ConfigPlanChecks: action(this, plancheck.ResourceActionUpdate)},
		resource.TestStep{PreConfig: holds("theirs lr_rate_limits_default_login"), Config: last, ConfigPlanChecks: noPlan()},
		resource.TestStep{
			Config: last, ResourceName: this, ImportState: true, ImportStateId: "acme.example", ImportStateVerify: true,
		},
	)
	holds("theirs")()
}

func noPlan() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

func action(address string, what plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, what)}}
}

func TestRateLimitsPlanLimits(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty, Plan: "free"})
	var steps []resource.TestStep
	for _, tc := range []struct{ rules, want string }{
		{`a = { paths = ["/a"], requests = 5 }` + "\n" + `b = { paths = ["/b"], requests = 5 }`, "plan free allows 1 in phase http_ratelimit"},
		{`a = { paths = ["/a"], methods = ["POST"], requests = 5 }`, "leave\\s+methods\\s+out"},
		{`a = { paths = ["/a"], requests = 60, period = "1m" }`, `period = "10s" with requests = 10`},
		{`a = { paths = ["/a"], requests = 5, timeout = "1h" }`, `timeout = "10s", or move the zone to plan pro`},
		{`a = { paths = ["/a"], requests = 5, characteristics = ["http.host"] }`, "plan enterprise"},
		{`a = { expression = "(http.host eq \"x\"", requests = 5 }`, `'\('\s+at\s+character\s+1`},
		{`a = { requests = 5 }`, "limit every\\s+request"},
	} {
		steps = append(steps, resource.TestStep{Config: s.config(edgeZone("rate_limits", "rules = {\n"+tc.rules+"\n}")), PlanOnly: true, ExpectError: regexp.MustCompile(spaced(tc.want))})
	}
	acceptance(t, steps...)
	if n := s.apiWrites(); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// spaced lets a text be wrapped anywhere.
func spaced(text string) string { return "(?i)" + strings.ReplaceAll(text, " ", `\s+`) }

// Each kind of rules, all of its arguments: made, without a difference afterwards,
// mended after a change by hand, imported in its raw form, gone at the end. Rules
// of others are there all the time.
func TestRulesOfEachKind(t *testing.T) {
	for kind, tc := range map[string]struct {
		phase, arguments, ref string
		want                  string // refs in the phase, theirs among them
		ignore                []string
		alone                 bool // a zone holds one: no rule of others
	}{
		"waf": {
			phase: "http_request_firewall_custom", ref: "lr_waf_default_admin", want: "lr_waf_default_monitor lr_waf_default_admin theirs",
			arguments: `managed_rulesets = {
    cloudflare = { action = "managed_challenge", categories = { wordpress = { enabled = false } } }
    owasp      = { sensitivity = "medium", paranoia_level = 2 }
  }
  exceptions = [{ ref = "editor", paths = ["/admin/editor"], methods = ["POST"], rulesets = ["owasp"] }]
  rules = [
    { ref = "monitor", expression = "ip.src eq 192.0.2.1", action = "skip", skip = ["http_ratelimit", "uaBlock"] },
    { ref = "admin", hosts = ["portal.acme.example"], paths = ["/admin/*"], action = "block", response = { body = "no" }, description = "Nobody" },
  ]`,
		},
		"ddos_protection": {
			phase: "ddos_l7", ref: "lr_ddos_protection_default_override", want: "lr_ddos_protection_default_override", alone: true,
			arguments: `sensitivity = "medium"
  categories = { botnets = { action = "block" } }`,
		},
		"cache": {
			phase: "http_request_cache_settings", ref: "lr_cache_default_bypass", want: "theirs lr_cache_default_static lr_cache_default_feed lr_cache_default_bypass",
			arguments: `static = { paths = ["/assets/*"], edge_ttl = "24h", browser_ttl = "1h" }
  bypass = { paths = ["/api/*", "/account/*"], cookies = ["__Host-session"] }
  rules  = [{ ref = "feed", paths = ["/feed.xml"], edge_ttl = "2h" }]
  tiered_cache = true
  smart_tiered_cache = true`,
			ignore: []string{"previous_settings"},
		},
		"redirects": {
			phase: "http_request_dynamic_redirect", ref: "lr_redirects_default_www", want: "lr_redirects_default_www lr_redirects_default_old theirs",
			arguments: `rules = [
    { ref = "www", hosts = ["www.acme.example"], to_host = "acme.example", status = 308 },
    { ref = "old", paths = ["/old/*"], to = "https://portal.acme.example/", keep_query = false },
  ]`,
		},
		"response_headers": {
			phase: "http_response_headers_transform", ref: "lr_response_headers_default_headers", want: "theirs lr_response_headers_default_headers",
			arguments: `content_type_options = "nosniff"
  frame_options = "DENY"
  content_security_policy_report_only = "default-src 'self'"
  hsts = { max_age = 31536000, include_subdomains = true }
  set = { "X-Robots-Tag" = "noindex" }
  remove_leaking = true`,
		},
	} {
		t.Run(kind, func(t *testing.T) {
			s := newTarget(t, sandbox.Options{State: sandbox.Empty, Plan: "pro"})
			if !tc.alone {
				s.byHand(tc.phase, "theirs")
			}
			this, config := "launchready_zone_"+kind+".this", s.config(edgeZone(kind, tc.arguments))
			acceptance(t,
				resource.TestStep{Config: config},
				resource.TestStep{
					PreConfig: func() {
						if got := s.rulesOf(tc.phase); got != tc.want {
							t.Errorf("rules: %s, want %s", got, tc.want)
						}
						s.API().ResetCounts()
					},
					Config: config, ConfigPlanChecks: noPlan(),
				},
				resource.TestStep{
					PreConfig: func() {
						if n := s.apiWrites(); n != 0 {
							t.Errorf("%d writes without a change", n)
						}
						s.edit(tc.phase, tc.ref, func(r *zone.Rule) { r.Enabled = false })
					},
					Config: config, ConfigPlanChecks: action(this, plancheck.ResourceActionUpdate),
				},
				noChange(config),
				resource.TestStep{
					Config: config, ResourceName: this, ImportState: true, ImportStateId: "acme.example", ImportStateVerify: true, ImportStateVerifyIgnore: tc.ignore,
				},
			)
			if got := s.rulesOf(tc.phase); !tc.alone && got != "theirs" || tc.alone && got != "" {
				t.Errorf("after destroy: %s", got)
			}
		})
	}
}

// An import finds what was declared, in words where it was in words and in the raw
// expression where it was written by hand: nothing is to change.
func TestRulesImportedAsConfiguration(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty, Plan: "pro"})
	s.clientZone()
	for phase, rule := range map[string]zone.Rule{
		"http_request_dynamic_redirect": {Ref: "lr_redirects_default_old", Expression: `http.request.uri.path eq "/old"`, Action: "redirect", Enabled: true,
			ActionParameters: []byte(`{"from_value":{"status_code":301,"target_url":{"value":"https://acme.example/"},"preserve_query_string":true}}`)},
		"http_ratelimit": {Ref: "lr_rate_limits_default_login", Expression: `http.request.uri.path eq "/login" and http.host ne "x.acme.example"`, Action: "block", Enabled: true,
			RateLimit: []byte(`{"characteristics":["ip.src","cf.colo.id"],"period":60,"requests_per_period":5,"mitigation_timeout":600}`)},
	} {
		s.API().SeedRule(s.clientZone(), phase, rule)
	}
	var importing string
	for _, kind := range []string{"redirects", "rate_limits"} {
		importing += fmt.Sprintf("import {\n to = launchready_zone_%s.this\n id = \"acme.example\"\n}\n", kind)
	}
	config := s.config(importing +
		edgeZone("redirects", `rules = [{ ref = "old", paths = ["/old"], to = "https://acme.example/" }]`) +
		edgeZone("rate_limits", `rules = { login = { expression = "http.request.uri.path eq \"/login\" and http.host ne \"x.acme.example\"", requests = 5, period = "1m", timeout = "10m" } }`))
	s.edit("http_ratelimit", "lr_rate_limits_default_login", func(r *zone.Rule) { r.Description = "Rate limit login" })
	s.API().ResetCounts()
	acceptance(t, resource.TestStep{Config: config}, noChange(config), resource.TestStep{PreConfig: func() {
		if n := s.apiWrites(); n != 0 {
			t.Errorf("%d writes", n)
		}
	}, Config: config})
}
