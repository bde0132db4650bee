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
			ImportStateVerifyIgnore: []string{"rules.login"},
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
