package provider_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/report"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

const thisCard = "data.launchready_scorecard.this"

func scorecard(arguments string) string {
	return mailCheck(`enforcement = "report"`) + tlsCheck(`enforcement = "report"`) + `
data "launchready_scorecard" "this" {
  checks = {
    mail = data.launchready_email_auth_check.this.result
    tls  = data.launchready_tls_check.this.result
  }
  ` + arguments + `
}
`
}

func TestScorecard(t *testing.T) {
	const both = `require = ["email_auth", "tls"]` + "\n"
	attestation := func(rule, expires string) string {
		return `attestations = [{ rule = "` + rule + `", statement = "done", owner = "cto@acme.example", evidence = "https://wiki.acme.example", expires = "` + expires + `" }]` + "\n"
	}
	cardWaiver := func(rule, expires string) string { return waiver(rule, expires) + "\n" }
	for name, test := range map[string]struct {
		state, arguments string
		gate             string
		fails            string
	}{
		"open":                              {state: "healthy", arguments: both, gate: "open"},
		"blocked, all violations at once":   {state: "launch-day", arguments: both, fails: `(?s)gate blocked: acme.example has \d+ violations in 2 of 10 areas.*spf.lookup_limit.*fix:.*terraform destroy -refresh=false`},
		"blocked, as a warning":             {state: "launch-day", arguments: both + `enforcement = "warn"`, gate: "blocked"},
		"blocked, reported":                 {state: "launch-day", arguments: both + `enforcement = "report"`, gate: "blocked"},
		"all ten are required by default":   {state: "healthy", fails: `(?s)gate.area_uncovered.*silence is not`},
		"waived":                            {state: "mixed_script", arguments: both + cardWaiver("tls.mixed_active", farAway), gate: "open"},
		"waived until long ago":             {state: "mixed_script", arguments: both + cardWaiver("tls.mixed_active", longAgo), fails: "gate.waiver_expired"},
		"could not be tested":               {state: "dmarc_servfail", arguments: both, fails: `could not be\s+tested`},
		"a lower threshold":                 {state: "hsts_missing", arguments: both + `fail_on = "medium"`, fails: "tls.hsts_missing"},
		"attested":                          {state: "healthy", arguments: `require = ["email_auth", "tls", "support"]` + "\n" + attestation("support.no_database_edits", farAway), gate: "open"},
		"attested until long ago":           {state: "healthy", arguments: `require = ["email_auth", "tls", "support"]` + "\n" + attestation("support.no_database_edits", longAgo), fails: "gate.attestation_expired"},
		"an attestation of a checked rule":  {state: "healthy", arguments: attestation("tls.chain", farAway), fails: "decided by a check"},
		"an attestation of an unknown rule": {state: "healthy", arguments: attestation("support.no_database_edit", farAway), fails: `did you\s+mean\s+"support.no_database_edits"`},
		"an unknown area":                   {state: "healthy", arguments: `require = ["mail"]`, fails: "email_auth"},
		"an unknown report form":            {state: "healthy", arguments: both + `report_files = ["report.pdf"]`, fails: `report_files\[0\]`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTarget(t, sandbox.Options{State: test.state})
			step := resource.TestStep{Config: s.audit("", scorecard(test.arguments))}
			if test.fails != "" {
				step.PlanOnly, step.ExpectError = true, regexp.MustCompile(test.fails)
			} else {
				step.ConfigStateChecks = []statecheck.StateCheck{says(thisCard, "gate", test.gate)}
			}
			acceptance(t, step)
		})
	}
}

// The reports are written before the gate decides, and say what it decided.
func TestScorecardReports(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: "launch-day"})
	dir := t.TempDir()
	files := []string{filepath.Join(dir, "report.html"), filepath.Join(dir, "report.md"), filepath.Join(dir, "report.json"), filepath.Join(dir, "report.sarif"), filepath.Join(dir, "report.junit.xml")}
	acceptance(t, resource.TestStep{
		Config: s.audit("", scorecard("require = [\"email_auth\", \"tls\"]\nreport_files = "+asJSON(files))), PlanOnly: true,
		ExpectError: regexp.MustCompile(`gate blocked`),
	})
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, want := range []string{"tls.mixed_active", "portal.acme.example/welcome", "dkim.missing"} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s lacks %q", filepath.Base(name), want)
			}
		}
	}
	var document struct {
		FormatVersion int `json:"format_version"`
		Gate          string
		Violations    []struct{ Rule, Subject string }
	}
	for _, name := range files[:4] { // test results tell of their failures alone
		if text, _ := os.ReadFile(name); !strings.Contains(string(text), "blocked") {
			t.Errorf("%s does not say what was decided", filepath.Base(name))
		}
	}
	text, _ := os.ReadFile(files[2])
	if err := json.Unmarshal(text, &document); err != nil || document.FormatVersion != report.FormatVersion || document.Gate != "blocked" || len(document.Violations) == 0 {
		t.Errorf("JSON report: %v %+v", err, document)
	}
}

func TestZoneDataSource(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: "healthy"})
	const address = "data.launchready_zone.this"
	zone := func(name string) string { return `data "launchready_zone" "this" { zone = "` + name + `" }` }
	acceptance(t,
		resource.TestStep{Config: s.config(zone("acme.example")), ConfigStateChecks: []statecheck.StateCheck{
			says(address, "name", "acme.example"), says(address, "id", s.zoneID()), says(address, "plan", "free"), says(address, "status", "active"),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("name_servers"), knownvalue.ListSizeExact(2)),
		}},
		resource.TestStep{Config: s.config(zone(s.zoneID())), ConfigStateChecks: []statecheck.StateCheck{says(address, "name", "acme.example")}},
		resource.TestStep{Config: s.config(zone("other.example")), PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)other.example.*not visible`)},
	)
}
