package provider_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/dns"
)

func mailCheck(arguments string) string {
	return fmt.Sprintf("data \"launchready_email_auth_check\" \"this\" {\n domain = \"acme.example\"\n senders = [\"google_workspace\", \"postmark\"]\n dkim_selectors = [\"google\"]\n %s\n}\n", arguments)
}

func tlsCheck(arguments string) string {
	return fmt.Sprintf("data \"launchready_tls_check\" \"this\" {\n hosts = [\"portal.acme.example\"]\n pages = [\"/\", \"/welcome\"]\n %s\n}\n", arguments)
}

func waiver(rule, expires string) string {
	return fmt.Sprintf("waivers = [{ rule = %q, reason = \"accepted\", owner = \"ops@agency.example\", expires = %q }]", rule, expires)
}

func says(address, attribute, want string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), knownvalue.StringExact(want))
}

// The frame around every check, seen on both: pass, fail, inconclusive,
// enforcement, threshold, waivers.
func TestCheckFrame(t *testing.T) {
	for _, check := range []struct {
		name, address, config string // config takes arguments
		fault, rule           string // a violation of high severity or worse
		medium, mediumRule    string // one of medium severity
		inconclusive          string
		build                 func(string) string
	}{
		{name: "email_auth", address: "data.launchready_email_auth_check.this", build: mailCheck,
			fault: "dmarc_not_enforced", rule: "dmarc.not_enforced", medium: "spf_ptr", mediumRule: "spf.ptr", inconclusive: "dmarc_servfail"},
		{name: "tls", address: "data.launchready_tls_check.this", build: tlsCheck,
			fault: "mixed_script", rule: "tls.mixed_active", medium: "hsts_missing", mediumRule: "tls.hsts_missing"},
	} {
		errorOf := func(rule string) *regexp.Regexp { return regexp.MustCompile(regexp.QuoteMeta(rule)) }
		for name, test := range map[string]struct {
			state, arguments string
			status           string         // or
			fails            *regexp.Regexp // error of the plan
		}{
			"healthy":                      {state: "healthy", status: "pass"},
			"a violation":                  {state: check.fault, fails: errorOf(check.rule)},
			"as a warning":                 {state: check.fault, arguments: `enforcement = "warn"`, status: "fail"},
			"reported":                     {state: check.fault, arguments: `enforcement = "report"`, status: "fail"},
			"below the threshold":          {state: check.medium, status: "pass"},
			"at a lower threshold":         {state: check.medium, arguments: `fail_on = "medium"`, fails: errorOf(check.mediumRule)},
			"above the threshold":          {state: check.medium, arguments: `fail_on = "critical"`, status: "pass"},
			"waived":                       {state: check.fault, arguments: waiver(check.rule, farAway), status: "pass"},
			"waived for another subject":   {state: check.fault, arguments: `waivers = [{ rule = "` + check.rule + `", subject = "other*", reason = "r", owner = "o", expires = "` + farAway + `" }]`, fails: errorOf(check.rule)},
			"waived until long ago":        {state: check.fault, arguments: waiver(check.rule, longAgo), fails: errorOf("gate.waiver_expired")},
			"an expired waiver of nothing": {state: "healthy", arguments: waiver(check.rule, longAgo), fails: errorOf("gate.waiver_expired")},
			"waiting does not help":        {state: check.fault, arguments: `wait_for = { timeout = "300ms", interval = "100ms" }`, fails: errorOf(check.rule)},
		} {
			t.Run(check.name+"/"+name, func(t *testing.T) {
				s := newTarget(t, sandbox.Options{State: test.state})
				step := resource.TestStep{Config: s.audit("", check.build(test.arguments)), ExpectError: test.fails}
				if test.fails == nil {
					step.ConfigStateChecks = []statecheck.StateCheck{
						says(check.address, "status", test.status),
						statecheck.ExpectKnownValue(check.address, tfjsonpath.New("passed"), knownvalue.Bool(test.status == "pass")),
						statecheck.ExpectKnownValue(check.address, tfjsonpath.New("result").AtMapKey("area"), knownvalue.StringExact(check.name)),
					}
				} else {
					step.PlanOnly = true
				}
				acceptance(t, step)
			})
		}
		if check.inconclusive != "" {
			t.Run(check.name+"/could not be tested", func(t *testing.T) {
				s := newTarget(t, sandbox.Options{State: check.inconclusive})
				acceptance(t, resource.TestStep{Config: s.audit("", check.build("")), PlanOnly: true, ExpectError: regexp.MustCompile(`could not be\s+tested`)})
			})
		}
	}
}

// A name server that fails keeps the TLS check from seeing anything: that is no pass.
func TestTLSCheckCouldNotBeTested(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: "healthy"})
	s.DNS().SetFault("portal.acme.example", dns.ServFail)
	acceptance(t,
		resource.TestStep{Config: s.audit("", tlsCheck("")), PlanOnly: true, ExpectError: regexp.MustCompile(`could not be\s+tested`)},
		resource.TestStep{Config: s.audit("", tlsCheck(`enforcement = "report"`)), ConfigStateChecks: []statecheck.StateCheck{says("data.launchready_tls_check.this", "status", "inconclusive")}},
	)
}

// A waiver counts on its last day to the end, and not a moment longer.
func TestWaiverLastDay(t *testing.T) {
	for now, fails := range map[string]*regexp.Regexp{
		"2030-06-15T23:59:59Z": nil, "2030-06-16T00:00:00Z": regexp.MustCompile("gate.waiver_expired"),
	} {
		t.Run(now, func(t *testing.T) {
			s := newTarget(t, sandbox.Options{State: "dmarc_not_enforced"})
			// By then the certificate of the MTA-STS policy's host has expired.
			s.put("/zone/records", map[string]any{"type": "TXT", "name": "_mta-sts.acme.example", "content": ""})
			at(t, now, resource.TestStep{Config: s.audit("", mailCheck(waiver("dmarc.not_enforced", "2030-06-15"))), ExpectError: fails})
		})
	}
}

// Waiting sees a change that comes while it waits: the fault goes away once the
// check is running.
func TestCheckWaits(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: "dmarc_missing"})
	config := s.audit("", mailCheck(`wait_for = { timeout = "60s", interval = "200ms" }`))
	mended := time.AfterFunc(1500*time.Millisecond, func() { _ = s.SetFaults() })
	t.Cleanup(func() { mended.Stop() })
	serially(t, resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{says("data.launchready_email_auth_check.this", "status", "pass")}})
}

// Inputs that are known only after apply put the check off to the apply.
func TestCheckWithUnknownInputs(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: "healthy"})
	config := s.audit("", `resource "terraform_data" "domain" { input = "acme.example" }
data "launchready_email_auth_check" "this" {
  domain = terraform_data.domain.output
  dkim_selectors = ["google"]
  waivers = [{ rule = "spf.ptr", reason = terraform_data.domain.output, owner = "o", expires = "`+farAway+`" }]
}
data "launchready_scorecard" "this" {
  checks  = { mail = data.launchready_email_auth_check.this.result }
  require = ["email_auth"]
}`)
	acceptance(t, resource.TestStep{
		Config: config,
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectUnknownValue("data.launchready_email_auth_check.this", tfjsonpath.New("status")),
			plancheck.ExpectUnknownValue("data.launchready_scorecard.this", tfjsonpath.New("gate")),
		}},
		ConfigStateChecks: []statecheck.StateCheck{says("data.launchready_scorecard.this", "gate", "open")},
	}, noChange(config))
}

func TestOverride(t *testing.T) {
	override := func(expires string) string {
		return `override = { reason = "launch party", owner = "ceo@acme.example", expires = "` + expires + `" }`
	}
	body := mailCheck("") + `
data "launchready_scorecard" "this" {
  checks  = { mail = data.launchready_email_auth_check.this.result }
  require = ["email_auth"]
}`
	s := newTarget(t, sandbox.Options{State: "dmarc_missing"})
	acceptance(t,
		resource.TestStep{Config: s.audit(override(longAgo), body), PlanOnly: true, ExpectError: regexp.MustCompile("dmarc.missing")},
		resource.TestStep{Config: s.audit(override(farAway), body), ConfigStateChecks: []statecheck.StateCheck{says("data.launchready_scorecard.this", "gate", "overridden")}},
	)
}

func TestCheckBadInput(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: "healthy"})
	for name, test := range map[string]struct{ config, want string }{
		"an unknown rule in a waiver": {mailCheck(waiver("spf.mising", farAway)), `did you\s+mean\s+"spf.missing"`},
		"a malformed date":            {mailCheck(waiver("spf.missing", "31.12.2099")), `(?s)waivers\[0\].expires.*2027-01-31`},
		"a rule that guards the gate": {mailCheck(waiver("gate.waiver_expired", farAway)), "cannot be waived"},
		"no reason":                   {mailCheck(`waivers = [{ rule = "spf.missing", reason = " ", owner = "o", expires = "` + farAway + `" }]`), "must not be empty"},
		"a host with a scheme":        {`data "launchready_tls_check" "this" { hosts = ["https://portal.acme.example"] }`, "Not a host name"},
		"a host out of scope":         {`data "launchready_tls_check" "this" { hosts = ["portal.other.example"] }`, `(?s)out of scope.*portal.other.example.*allowed_hosts`},
		"a page out of scope":         {tlsCheckWithPage("https://www.other.example/"), `(?s)out of scope.*www.other.example`},
		"an unknown enforcement":      {mailCheck(`enforcement = "block"`), "report"},
		"an unknown sender":           {`data "launchready_email_auth_check" "this" {` + "\n domain = \"acme.example\"\n senders = [\"postmrk\"]\n}", `Did you mean\s+"postmark"`},
		"a wait without unit":         {mailCheck(`wait_for = { timeout = "30" }`), "30s or 5m"},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.audit("", test.config), PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}

func tlsCheckWithPage(page string) string {
	return fmt.Sprintf("data \"launchready_tls_check\" \"this\" {\n hosts = [\"portal.acme.example\"]\n pages = [%q]\n}\n", page)
}
