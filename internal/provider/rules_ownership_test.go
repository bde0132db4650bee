package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

const redirectPhase = "http_request_dynamic_redirect"

// redirectsNamed declares redirects of paths, as a resource of that name.
func redirectsNamed(name string, paths ...string) string {
	var rules []string
	for _, p := range paths {
		rules = append(rules, `{ ref = "`+strings.Trim(p, "/")+`", paths = ["`+p+`"], to = "https://acme.example/" }`)
	}
	return "resource \"launchready_zone_redirects\" \"" + name + "\" {\n zone = \"acme.example\"\n name = \"" + name + "\"\n rules = [" + strings.Join(rules, ", ") + "]\n}\n"
}

// writes to the rules of a zone since the last reset, by method.
func (s target) ruleWrites() (out []string) {
	for route, n := range s.API().Counts().ByRoute {
		if strings.Contains(route, "/rulesets") && !strings.HasPrefix(route, "GET") {
			for range n {
				out = append(out, strings.Fields(route)[0])
			}
		}
	}
	return out
}

// Several resources and a person at the dashboard write to one phase at once:
// nobody's rule is lost, and ours travel in one call.
func TestRulesWrittenAtOnce(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty, Plan: "pro"})
	config := s.config(redirectsNamed("one", "/a", "/b") + redirectsNamed("two", "/c") + redirectsNamed("three", "/d", "/e"))
	more := s.config(redirectsNamed("one", "/b", "/a") + redirectsNamed("two", "/c", "/f") + redirectsNamed("three", "/d"))
	hand := 0
	byHand := func(z *zone.Zone, phase string) {
		hand++
		s.API().SeedRule(z, phase, handRule(phase, []string{"first", "second", "third"}[hand-1]))
	}
	expect := func(writes int, refs ...string) func() {
		return func() {
			t.Helper()
			got := " " + s.rulesOf(redirectPhase) + " "
			for _, ref := range refs {
				if !strings.Contains(got, " "+ref+" ") {
					t.Errorf("%s is not among%s", ref, got)
				}
			}
			if n := len(strings.Fields(got)); n != len(refs) {
				t.Errorf("%d rules, want %d:%s", n, len(refs), got)
			}
			if w := s.ruleWrites(); len(w) != writes {
				t.Errorf("writes %v, want %d", w, writes)
			}
			s.API().ResetCounts()
		}
	}
	acceptance(t,
		// The phase has no entry point, and gets one just before ours: 20217.
		resource.TestStep{PreConfig: func() { s.API().BeforeWrite(1, byHand) }, Config: config},
		resource.TestStep{
			PreConfig: expect(2, "first", "lr_redirects_one_a", "lr_redirects_one_b", "lr_redirects_two_c", "lr_redirects_three_d", "lr_redirects_three_e"),
			Config:    config, ConfigPlanChecks: noPlan(),
		},
		// Somebody adds a rule between our read and our write of all rules.
		resource.TestStep{PreConfig: func() { s.API().ResetCounts(); s.API().BeforeWrite(1, byHand) }, Config: more},
		resource.TestStep{
			PreConfig: expect(2, "first", "second", "lr_redirects_one_a", "lr_redirects_one_b", "lr_redirects_two_c", "lr_redirects_two_f", "lr_redirects_three_d"),
			Config:    more, ConfigPlanChecks: noPlan(),
		},
		// Somebody writes from a stale read just after us: ours are written again.
		resource.TestStep{
			PreConfig: func() {
				s.API().ResetCounts()
				stale, _ := s.clientZone().Ruleset(redirectPhase)
				s.API().AfterWrite(1, func(z *zone.Zone, phase string) {
					_, _ = z.UpdateRuleset(phase, func(r *zone.Ruleset) error { r.Rules = stale.Rules; return nil })
				})
			},
			Config: config,
		},
		resource.TestStep{
			PreConfig: expect(2, "first", "second", "lr_redirects_one_a", "lr_redirects_one_b", "lr_redirects_two_c", "lr_redirects_three_d", "lr_redirects_three_e"),
			Config:    config, ConfigPlanChecks: noPlan(),
		},
	)
	expect(1, "first", "second")() // a destroy of three resources is one write
}

// everyRule declares each kind of rules once.
func everyRule() string {
	return edgeZone("waf", `rules = [{ ref = "admin", paths = ["/admin/*"], action = "managed_challenge" }]`) +
		edgeZone("rate_limits", `rules = { login = { paths = ["/login"], requests = 5 } }`) +
		edgeZone("ddos_protection", `sensitivity = "medium"`) +
		edgeZone("cache", `bypass = { paths = ["/account/*"] }`+"\n tiered_cache = true") +
		edgeZone("redirects", `rules = [{ ref = "www", hosts = ["www.acme.example"], to_host = "acme.example" }]`) +
		edgeZone("response_headers", `frame_options = "DENY"`) +
		edgeZone("origin_protection", `authenticated_origin_pulls = true`)
}

// One write a phase and a setting, and a plan without a change reads each phase
// and each setting once.
func TestRulesCalls(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty, Plan: "free"})
	config := s.config(everyRule())
	acceptance(t,
		resource.TestStep{PreConfig: s.API().ResetCounts, Config: config},
		resource.TestStep{
			PreConfig: func() {
				if got := s.ruleWrites(); len(got) != 6 {
					t.Errorf("%d writes of rules for 6 phases: %v", len(got), got)
				}
				if n := s.apiWrites(); n != 6+2 {
					t.Errorf("%d writes for 6 phases and 2 settings", n)
				}
			},
			Config: config, ConfigPlanChecks: noPlan(),
		},
	)
	w := workspace(t, s, config)
	if code, out := w.Run(t, "apply", "-auto-approve", "-no-color"); code != 0 {
		t.Fatal(out)
	}
	s.API().ResetCounts()
	if code, out := w.Run(t, "plan", "-detailed-exitcode", "-no-color"); code != 0 {
		t.Fatal(out)
	}
	for route, n := range s.API().Counts().ByRoute {
		most := 1
		if strings.Contains(route, "entrypoint") {
			most = 6
		}
		if strings.Contains(route, "/settings/") {
			most = 1
		}
		if n > most {
			t.Errorf("%s: %d calls in a plan without a change, %d are enough", route, n, most)
		}
	}
}

// A token that may not write one phase: the others are applied, and the missing
// permission is named.
func TestRulesWithoutPermission(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty, Plan: "free"})
	config := s.config(everyRule())
	weak := strings.ReplaceAll(config, s.Token(), s.TokenWithoutCacheEdit())
	acceptance(t,
		resource.TestStep{Config: weak, ExpectError: regexp.MustCompile(spaced("needs the permission Cache Rules Write on zone acme.example"))},
		resource.TestStep{PreConfig: func() {
			for _, phase := range []string{"http_request_firewall_custom", "http_ratelimit", "ddos_l7", redirectPhase, "http_response_headers_transform"} {
				if s.rulesOf(phase) == "" {
					t.Errorf("%s was not written", phase)
				}
			}
		}, Config: config},
		noChange(config),
	)
}

// What Cloudflare alone can refuse is said with its words, the position and the rule.
func TestRulesRefused(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty, Plan: "pro"})
	rules := func(expression string) string {
		return s.config(edgeZone("waf", `rules = [
    { ref = "good", expression = "http.request.uri.path eq \"/x\"", action = "block" },
    { ref = "bad", expression = "`+expression+`", action = "block" },
  ]`))
	}
	good := rules(`http.request.uri.path eq \"/y\"`)
	acceptance(t,
		resource.TestStep{Config: rules(`http.request.uri.pth eq \"/admin\"`), ExpectError: regexp.MustCompile(`(?s)Filter parsing error \(1:1\).*The rule is bad`)},
		resource.TestStep{Config: good},
		resource.TestStep{Config: rules(`len(http.host) eq \"a\"`), ExpectError: regexp.MustCompile(`(?s)Filter parsing error.*The rule is bad`)},
		noChange(good),
	)
	if got := s.rulesOf("http_request_firewall_custom"); got != "" {
		t.Errorf("after destroy: %s", got)
	}
}

// Rules of a name that are there already are not taken over.
func TestRulesTaken(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty, Plan: "pro"})
	s.API().SeedRule(s.clientZone(), redirectPhase, zone.Rule{Ref: "lr_redirects_one_x", Expression: `http.host eq "x.acme.example"`, Action: "redirect", Enabled: true,
		ActionParameters: []byte(`{"from_value":{"status_code":301,"target_url":{"value":"https://acme.example/"},"preserve_query_string":true}}`)})
	twice := strings.Replace(redirectsNamed("two", "/b"), `"launchready_zone_redirects" "two"`, `"launchready_zone_redirects" "again"`, 1)
	acceptance(t,
		resource.TestStep{Config: s.config(redirectsNamed("one", "/a")), PlanOnly: true, ExpectError: regexp.MustCompile(spaced(`Import them by the id "acme.example/one", or choose another name`))},
		resource.TestStep{Config: s.config(redirectsNamed("two", "/a") + twice), PlanOnly: true, ExpectError: regexp.MustCompile("declared twice")},
		resource.TestStep{Config: s.config(redirectsNamed("two", "/a"))},
	)
	if got := s.rulesOf(redirectPhase); got != "lr_redirects_one_x" {
		t.Errorf("after destroy: %s", got)
	}
}

// HSTS stands in one place, and a rule of others that undoes ours is warned of.
func TestRulesThatWorkAgainstEachOther(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty, Plan: "pro"})
	twice := s.config(edgeZone("response_headers", `hsts = {}`) + edgeZone("tls", `hsts = {}`))
	cache := s.config(edgeZone("cache", `bypass = { paths = ["/account/*"] }`))
	acceptance(t,
		resource.TestStep{Config: twice, PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)declared twice|Declared in two places`)},
		resource.TestStep{Config: cache},
	)
	w := workspace(t, s, cache)
	if code, out := w.Run(t, "apply", "-auto-approve", "-no-color"); code != 0 {
		t.Fatal(out)
	}
	s.byHand("http_request_cache_settings", "keep all")
	if code, out := w.Run(t, "plan", "-detailed-exitcode", "-no-color"); code != 0 || !strings.Contains(out, "comes after ours in zone acme.example") {
		t.Errorf("%d\n%s", code, out)
	}
}

// The suites of the edge are a setting like the others, where the plan has it.
func TestZoneTLSCiphers(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.AsFound, Plan: "enterprise"})
	free := newTarget(t, sandbox.Options{State: sandbox.AsFound})
	config := zoneTLS(`ciphers = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"]`)
	acceptance(t,
		resource.TestStep{Config: s.config(config)},
		resource.TestStep{PreConfig: func() {
			if got := s.setting("ciphers"); got != `["ECDHE-ECDSA-AES128-GCM-SHA256","ECDHE-RSA-AES128-GCM-SHA256"]` {
				t.Errorf("ciphers are %s", got)
			}
		}, Config: s.config(config), ConfigPlanChecks: noPlan()},
		resource.TestStep{Config: s.config(config), ResourceName: thisTLS, ImportState: true, ImportStateKind: resource.ImportBlockWithID, ImportStateId: "acme.example"},
		resource.TestStep{Config: s.config(config), Destroy: true},
		resource.TestStep{Config: free.config(config), PlanOnly: true, ExpectError: regexp.MustCompile(spaced("cannot be changed on the zone's plan"))},
	)
	if got := s.setting("ciphers"); got != `[]` {
		t.Errorf("after destroy ciphers are %s", got)
	}
}

// A creation that stops half-way is mended by running again, and a replacement
// takes over what its predecessor had, whichever comes first.
func TestRulesReplaced(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty, Plan: "pro"})
	waf := func(more, lifecycle string) string {
		return s.config(edgeZone("waf", `rules = [{ ref = "a", paths = ["/a"], action = "block" }]
  exceptions = [{ ref = "e", paths = ["/up/*"], rulesets = ["`+more+`"] }]`+"\n"+lifecycle))
	}
	good := waf("cloudflare", "")
	first := waf("cloudflare", "lifecycle {\n create_before_destroy = true\n }")
	acceptance(t,
		resource.TestStep{
			PreConfig: func() {
				s.put("/api/faults", map[string]any{"status": 403, "body": "json", "route": "POST /zones/{zone_id}/rulesets", "every": 2, "count": 1})
			},
			Config: good, ExpectError: regexp.MustCompile("Could not write the rules"),
		},
		resource.TestStep{Config: good},
		noChange(good),
		resource.TestStep{Config: good, Taint: []string{"launchready_zone_waf.this"}},
		noChange(good),
	)
	w := workspace(t, s, first)
	for _, args := range [][]string{{"apply"}, {"apply", "-replace=launchready_zone_waf.this"}, {"plan", "-detailed-exitcode"}, {"destroy"}} {
		if args[0] != "plan" {
			args = append(args, "-auto-approve")
		}
		if code, out := w.Run(t, append(args, "-no-color")...); code != 0 {
			t.Fatalf("%v: %s", args, out)
		}
		if got := s.rulesOf("http_request_firewall_custom"); args[0] != "destroy" && got != "lr_waf_default_a" {
			t.Errorf("%v: rules: %s", args, got)
		}
	}
	if got := s.rulesOf("http_request_firewall_custom"); got != "" {
		t.Errorf("after destroy: %s", got)
	}
}

// Two resources share what a plan of Cloudflare's allows, whoever is made first,
// and nobody's rule is taken for somebody else's.
func TestRulesShareTheLimit(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty, Plan: "free"})
	limit := func(name, path string) string {
		return "resource \"launchready_zone_rate_limits\" \"" + name + "\" {\n zone = \"acme.example\"\n name = \"" + name + "\"\n rules = { a = { paths = [\"" + path + "\"], requests = 5 } }\n}\n"
	}
	acceptance(t,
		resource.TestStep{Config: s.config(limit("one", "/a") + limit("two", "/b")), PlanOnly: true, ExpectError: regexp.MustCompile(spaced("beside 1 of other resources like this"))},
		resource.TestStep{Config: s.config(limit("one", "/a"))},
		resource.TestStep{Config: s.config(limit("one", "/a") + limit("two", "/b")), PlanOnly: true, ExpectError: regexp.MustCompile(spaced("beside 1 of other resources like this"))},
		resource.TestStep{Config: s.config(strings.Replace(limit("one", "/a"), `name = "one"`, `name = "another"`, 1))}, // takes its own place
	)
}

// A setting that the plan forbids to write is taken and given back all the same,
// where it is as it should be.
func TestZoneTLSDestroyOfWhatIsSo(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.AsFound})
	acceptance(t, resource.TestStep{Config: s.config(zoneTLS("ciphers = []\n mode = \"strict\""))})
	if got := s.setting("ciphers"); got != `[]` {
		t.Errorf("ciphers are %s", got)
	}
}

// A fault of Cloudflare's that does not end is said to be that.
func TestRulesFaultThatLasts(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty, Plan: "pro"})
	one, two := s.config(redirectsNamed("one", "/a")), s.config(redirectsNamed("one", "/b"))
	acceptance(t,
		resource.TestStep{Config: one},
		resource.TestStep{
			PreConfig: func() {
				s.put("/api/faults", map[string]any{"status": 500, "body": "json", "route": "PUT /zones/{zone_id}/rulesets/{ruleset_id}", "every": 1})
			},
			Config: two, ExpectError: regexp.MustCompile(`(?s)Cloudflare answered 500`),
		},
		resource.TestStep{PreConfig: func() { s.put("/api/faults", []any{}) }, Config: two},
		noChange(two),
	)
}
