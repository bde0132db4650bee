package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// observation is the provider block's part for drills: sinks, mailboxes, people.
func (s target) observation() string {
	mailboxes, people := s.Mailboxes(), s.Identities()
	return fmt.Sprintf(`portal = {
		base_url = "https://portal.%s"
		sign_in  = {
			path = "/api/login", token_pointer = "/token"
			second_factor = { path = "/api/login/totp", fields = { ticket = "{{answer:/ticket}}", code = "{{totp}}" } }
		}
		whoami   = { path = "/api/me" }
	}
	identities = {
		member_a = { username = %q, password = %q }
		admin    = { username = %q, password = %q, totp_secret = %q }
		robot    = { bearer_token = %q }
	}
	sinks     = jsondecode(%q)
	mailboxes = { ops = { imap = %q, username = %q, password = %q } }
`, s.Domain(), people["member_a"].Username, people["member_a"].Password, people["admin"].Username, people["admin"].Password, people["admin"].TOTPSecret, people["robot"].BearerToken,
		asJSON(s.Sinks()), mailboxes["ops"].IMAP, mailboxes["ops"].Username, mailboxes["ops"].Password)
}

func obsCheck(arguments ...string) string {
	return fmt.Sprintf("data \"launchready_observability_check\" \"this\" {\n%s\n}\n", strings.Join(arguments, "\n"))
}

const (
	obsThis     = "data.launchready_observability_check.this"
	signInDrill = `sign_in = {
		request = { path = "/api/login", body = jsonencode({ email = "{{mark}}@acme.example", password = "{{password}}" }), repeat = 5, expect_status = [401] }
		signals = {
			log    = { sink = "portal_log" }
			metric = { sink = "metrics", query = "http_requests_total{code=\"401\"}" }
			mail   = { mailbox = "ops" }
			pager  = { sink = "pager" }
		}
		within = "5s"
	}`
)

// A plan makes a drill and passes; with a fault it is refused and says which.
func TestObservabilityCheckInThePlan(t *testing.T) {
	for name, test := range map[string]struct{ fault, want string }{
		"a portal that is watched": {},
		"a silent log":             {"log_silent", `obs\.drill_log`},
		"a dead webhook":           {"alert_webhook_dead", `obs\.drill_alert`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTarget(t, sandbox.Options{State: sandbox.Healthy, EdgeSpeed: rateSpeed})
			config := s.audit(s.observation(), obsCheck("drills = { "+signInDrill+" }", `required_alerts = ["401_spike"]`, `on_call = ["ops@inbox.example"]`))
			if test.want != "" {
				if err := s.SetFaults(test.fault); err != nil {
					t.Fatal(err)
				}
				acceptance(t, resource.TestStep{Config: config, PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
				return
			}
			acceptance(t, resource.TestStep{Config: config, Check: noSecrets(s), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(obsThis, tfjsonpath.New("passed"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue(obsThis, tfjsonpath.New("observed").AtMapKey("sign_in requests"), knownvalue.StringExact("5")),
			}})
		})
	}
}

// A test that is turned off causes nothing, signs in as nobody and is no pass. It asks
// for no release either, which here could not be told.
func TestObservabilityCheckTurnedOff(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	failIf(t, s.SetFaults("split_deploy"))
	acceptance(t, resource.TestStep{
		Config: s.audit(s.observation(), obsCheck("drills = { "+signInDrill+" }", "enabled = false", `valid_for = "1h"`, `enforcement = "report"`)),
		ConfigStateChecks: []statecheck.StateCheck{
			says(obsThis, "status", "inconclusive"),
			statecheck.ExpectKnownValue(obsThis, tfjsonpath.New("observed"), knownvalue.MapExact(map[string]knownvalue.Check{"took": knownvalue.NotNull()})),
		},
	})
}

// An earlier good outcome counts for as long as it is declared to; another
// declaration and another release make the drills anew, and a bad outcome is not kept.
func TestObservabilityCheckRemembers(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy, EdgeSpeed: rateSpeed})
	config := func(valid string, more ...string) string {
		return s.audit(s.observation(), obsCheck(append(more, "drills = { "+signInDrill+" }", fmt.Sprintf("valid_for = %q", valid))...))
	}
	drilled := func(made bool) statecheck.StateCheck {
		key, value := "earlier outcome", `^20\d\d-`
		if made {
			key, value = "sign_in requests", "^5$"
		}
		return statecheck.ExpectKnownValue(obsThis, tfjsonpath.New("observed").AtMapKey(key), knownvalue.StringRegexp(regexp.MustCompile(value)))
	}
	step := func(config string, made bool) resource.TestStep {
		return resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{drilled(made)}}
	}
	serially(t,
		step(config("1h"), true),
		step(config("1h"), false),
		step(config("2h"), true), // another declaration
		resource.TestStep{PreConfig: func() { failIf(t, s.SetFaults("wrong_version")) }, Config: config("2h"), ConfigStateChecks: []statecheck.StateCheck{drilled(true)}}, // another release
		step(config("2h"), false),
		resource.TestStep{PreConfig: func() { failIf(t, s.SetFaults("log_silent")) }, Config: config("1h"), ConfigStateChecks: []statecheck.StateCheck{drilled(false)}},
		resource.TestStep{Config: config("1h", `on_call = ["ops@inbox.example"]`), PlanOnly: true, ExpectError: regexp.MustCompile(`obs\.drill_log`)},
		resource.TestStep{PreConfig: func() { failIf(t, s.SetFaults()) }, Config: config("0s"), ConfigStateChecks: []statecheck.StateCheck{drilled(true)}},
	)
}

func failIf(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Monitors are those that the services have, whoever made them.
func TestObservabilityCheckKnowsMonitors(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	t.Setenv("LAUNCHREADY_MONITORS", s.Variables()["LAUNCHREADY_MONITORS"])
	check := func(name string) string {
		return s.audit("", `
data "launchready_observability_check" "this" {
	monitored_hosts = ["portal.acme.example"]
	required_alerts = ["host_down"]
	enforcement     = "report"
	depends_on      = [launchready_uptime_monitor.this]
}
resource "launchready_uptime_monitor" "this" {
	name    = "portal"
	backend = "betterstack"
	url     = "https://`+name+`.acme.example/healthz"
	expect  = { body = "ok" }
}
`)
	}
	serially(t,
		resource.TestStep{Config: check("www"), Check: finds(obsThis, "obs.uptime_missing", "fail")},
		resource.TestStep{Config: check("portal"), Check: resource.ComposeTestCheckFunc(
			finds(obsThis, "obs.uptime_missing", "pass"), finds(obsThis, "obs.uptime_no_alert", "pass"), finds(obsThis, "obs.alert_rules", "pass"))},
	)
}

func TestObservabilityCheckBadInput(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	drill := func(request, signal string) string {
		return obsCheck(fmt.Sprintf("drills = { a = { request = { %s }, signals = { s = { %s } } } }", request, signal))
	}
	const login, log = `path = "/api/login", body = "{}"`, `sink = "portal_log"`
	for name, test := range map[string]struct{ config, want string }{
		"nothing":                    {obsCheck(), `Nothing to check`},
		"an unknown sink":            {drill(login, `sink = "lokki"`), `(?s)is\s+"lokki".*portal_log`},
		"an unknown mailbox":         {drill(login, `mailbox = "opps"`), `(?s)is\s+"opps".*ops`},
		"sink and mailbox":           {drill(login, log+`, mailbox = "ops"`), `exactly\s+one\s+of\s+sink\s+and\s+mailbox`},
		"a host out of scope":        {drill(`url = "https://www.other.example/login"`, log), `(?s)out of scope.*www.other.example.*allowed_hosts`},
		"404 is no drill":            {drill(login+`, expect_status = [404]`, log), `404`},
		"too many requests":          {drill(login+`, repeat = 21`, log), `between 1 and 20`},
		"a number without query":     {drill(login, `sink = "metrics"`), `(?s)needs\s+a\s+query`},
		"an unknown alert":           {obsCheck(`required_alerts = ["402_spike"]`), `(?s)required_alerts.*402_spike`},
		"a credential as header":     {drill(login+`, headers = { Cookie = "a=b" }`, log), `Credentials do not belong here`},
		"no host":                    {obsCheck(`monitored_hosts = ["a b"]`), `Not a host`},
		"a sink without rules":       {obsCheck(`required_alerts = ["latency"]`, `rule_sinks = ["pager"]`), `(?s)only\s+prometheus\s+and\s+alertmanager`},
		"a span that is none":        {obsCheck(`required_alerts = ["latency"]`, `valid_for = "-1h"`), `Not a duration`},
		"a wait":                     {obsCheck(`required_alerts = ["latency"]`, `wait_for = { timeout = "5m" }`), `Unsupported argument`},
		"a metric that is judged":    {drill(login, `sink = "metrics", query = "x", contains = "y"`), `(?s)judged\s+by\s+increase`},
		"an identity that is wanted": {drill(login+`, identity = "nobody"`, log), `(?s)identity.*"nobody"`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.audit(s.observation(), test.config), PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
	for name, test := range map[string]struct{ sinks, want string }{
		"an unknown type":     {`{ a = { type = "splunk", url = "https://a" } }`, `splunk`},
		"no address":          {`{ a = { type = "loki" } }`, `needs\s+url`},
		"a password in it":    {`{ a = { type = "loki", url = "https://u:secretpassword@a" } }`, `url\s+holds\s+credentials`},
		"sentry, half":        {`{ a = { type = "sentry", url = "https://a" } }`, `organization\s+and\s+project`},
		"a file without path": {`{ a = { type = "file" } }`, `needs\s+path`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.audit("sinks = "+test.sinks, obsCheck(`required_alerts = ["latency"]`)), PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}

// finds looks for a finding of a rule.
func finds(address, rule, status string) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		found := state.RootModule().Resources[address].Primary.Attributes
		for key, value := range found {
			if at, ok := strings.CutSuffix(key, ".rule"); ok && strings.HasPrefix(key, "findings.") && value == rule {
				if got := found[at+".status"]; got != status {
					return fmt.Errorf("%s is %s: %s", rule, got, found[at+".message"])
				}
				return nil
			}
		}
		return fmt.Errorf("%s is not reported", rule)
	}
}
