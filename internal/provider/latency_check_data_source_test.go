package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

func latencyCheck(actions string, arguments ...string) string {
	return fmt.Sprintf("data \"launchready_latency_check\" \"this\" {\n actions = {\n%s\n}\n%s\n}\n", actions, strings.Join(arguments, "\n"))
}

const coreActions = `
	login_state = { path = "/api/me", identity = "member_a" }
	profile     = { path = "/api/profile", identity = "member_a", contains = "display_name" }
	membership  = { path = "/api/membership", identity = "member_a" }
	content     = { path = "/api/posts", identity = "member_a" }`

// A plan measures the core actions and passes, without one figure in the result;
// one that is slow is refused by name. Nothing else of this package runs meanwhile:
// on a machine that is short of time every portal is slow.
func TestLatencyCheckInThePlan(t *testing.T) {
	const this = "data.launchready_latency_check.this"
	for name, test := range map[string]struct{ limit, fault, want string }{
		"a quick portal": {limit: "8s"},
		"a slow profile": {"2s", "latency_slow_profile", `(?s)latency\.p95.*/api/profile.*p95\s+is\s+above\s+2s`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
			provider := strings.Replace(s.audit(s.people(), ""), `timeout       = "3s"`, `timeout       = "10s"`, 1)
			config := provider + latencyCheck(coreActions, `rate = 20`, `duration = "20s"`, `maximum_baseline = "2s"`, fmt.Sprintf("p95 = %q", test.limit))
			if test.want != "" {
				if err := s.SetFaults(test.fault); err != nil {
					t.Fatal(err)
				}
				serially(t, resource.TestStep{Config: config, PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
				return
			}
			serially(t, resource.TestStep{Config: config, Check: noSecrets(s), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(this, tfjsonpath.New("passed"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue(this, tfjsonpath.New("observed").AtMapKey("GET portal.acme.example/api/profile p95"), knownvalue.StringRegexp(regexp.MustCompile(`^\S+s \(\S+s to (\S+s|more)\)$`))),
				statecheck.ExpectKnownValue(this, tfjsonpath.New("observed").AtMapKey("GET portal.acme.example/api/me cold connection"), knownvalue.StringRegexp(regexp.MustCompile(`^DNS .*, connect .*, TLS .*, first byte .*$`))),
				statecheck.ExpectKnownValue(this, tfjsonpath.New("observed").AtMapKey("baseline"), knownvalue.StringRegexp(regexp.MustCompile(`the edge`))),
			}})
		})
	}
}

// A test that is turned off sends nothing, signs in as nobody and is no pass.
func TestLatencyCheckTurnedOff(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	const this = "data.launchready_latency_check.this"
	acceptance(t, resource.TestStep{
		Config: s.audit(s.people(), latencyCheck(coreActions, "enabled = false", `enforcement = "report"`)),
		ConfigStateChecks: []statecheck.StateCheck{
			says(this, "status", "inconclusive"),
			statecheck.ExpectKnownValue(this, tfjsonpath.New("observed").AtMapKey("requests"), knownvalue.StringExact("0 of at most 1000")),
		},
	})
}

func TestLatencyCheckBadInput(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	const me = `me = { path = "/api/me" }`
	for name, test := range map[string]struct{ config, want string }{
		"no action":                {latencyCheck(""), `at least 1`},
		"neither path nor address": {latencyCheck(`me = { kind = "profile" }`), `exactly\s+one\s+of\s+url\s+and\s+path`},
		"a host out of scope":      {latencyCheck(`me = { url = "https://www.other.example/me" }`), `(?s)out of scope.*www.other.example.*allowed_hosts`},
		"a baseline out of scope":  {latencyCheck(me, `baseline = "https://www.other.example/"`), `(?s)out of scope.*www.other.example.*allowed_hosts`},
		"a baseline of no address": {latencyCheck(me, `baseline = "robots.txt"`), `(?s)Not an address.*robots.txt`},
		"a write":                  {latencyCheck(`me = { path = "/api/me", method = "POST" }`), `(?s)method.*"GET".*"HEAD"`},
		"a high rate":              {latencyCheck(me, "rate = 50"), `(?s)rate is 50; write a number from 1 to 20`},
		"too short a time":         {latencyCheck(me, `duration = "5s"`), `(?s)duration\s+is\s+too\s+short.*80\s+samples`},
		"too few requests":         {latencyCheck(me, "maximum_requests = 50"), `(?s)maximum_requests\s+is\s+too\s+small`},
		"an unknown identity":      {latencyCheck(`me = { path = "/api/me", identity = "membr_a" }`), `(?s)Unknown identity.*membr_a.*member_a`},
		"an unknown kind":          {latencyCheck(`me = { path = "/api/me", kind = "login" }`), `login_state`},
		"a credential as header":   {latencyCheck("me = { path = \"/api/me\", headers = { Cookie = \"a=b\" } }"), `Credentials do not belong here`},
		"a wait":                   {latencyCheck(me, `wait_for = { timeout = "5m" }`), `Unsupported argument`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.audit(s.people(), test.config), PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}
