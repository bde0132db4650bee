package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// What explains the gate: criteria, deliverables, plan of work with its cost, the
// lines of the score, what expires, what changed since a baseline. Only what is
// observed may differ from run to run.
func TestScorecardExplains(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: "mixed_script"})
	baseline := filepath.Join(t.TempDir(), "launch.json")
	config := func(arguments string) string {
		return s.audit("", scorecard(`
  require      = ["email_auth", "tls"]
  enforcement  = "report"
  hourly_rate  = 100
  attestations = [{ rule = "support.no_database_edits", statement = "never", owner = "cto", evidence = "https://wiki", expires = "`+
			time.Now().UTC().AddDate(0, 0, 10).Format(time.DateOnly)+`" }]
  effort_overrides = { "tls.mixed_*" = { low = 2, high = 3 } }
`+arguments))
	}
	at := func(first string, steps ...any) tfjsonpath.Path {
		path := tfjsonpath.New(first)
		for _, step := range steps {
			if key, ok := step.(string); ok {
				path = path.AtMapKey(key)
			} else {
				path = path.AtSliceIndex(step.(int))
			}
		}
		return path
	}
	is := func(want knownvalue.Check, first string, steps ...any) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(thisCard, at(first, steps...), want)
	}
	text, number := knownvalue.StringExact, knownvalue.Float64Exact
	acceptance(t,
		resource.TestStep{
			Config: config(`report_files = ["` + baseline + `"]`),
			ConfigStateChecks: []statecheck.StateCheck{
				is(knownvalue.ListSizeExact(8), "criteria"), is(text("pass"), "criteria", 2, "status"),
				is(text("fail"), "criteria", 3, "status"), is(text("tls.mixed_active"), "criteria", 3, "against", 0), is(text("not_applicable"), "criteria", 0, "status"),
				is(knownvalue.ListSizeExact(13), "deliverables"), is(text("ssl"), "deliverables", 4, "id"), is(knownvalue.Bool(false), "deliverables", 4, "done"),
				is(knownvalue.Bool(true), "deliverables", 7, "done"),
				is(text("tls.mixed_active"), "areas", 4, "limited_by"), is(text("tls.mixed_active"), "areas", 4, "lines", 0, "rule"), is(knownvalue.Int64Exact(10), "areas", 4, "lines", 0, "lost"),
				is(number(2), "plan_of_work", "hours", "low"), is(number(300), "plan_of_work", "cost", "high"),
				is(text("tls"), "plan_of_work", "sprints", 0, "id"), is(knownvalue.Int64Exact(8), "plan_of_work", "sprints", 0, "to"),
				is(text("tls.mixed_active"), "plan_of_work", "sprints", 0, "tasks", 0, "rule"), is(number(300), "plan_of_work", "sprints", 0, "tasks", 0, "cost", "high"),
				is(text("support.no_database_edits"), "expiring", 0, "rule"), is(knownvalue.Null(), "changes"),
				is(knownvalue.StringRegexp(regexp.MustCompile(`(?s)^\d+-[0-9a-f]{8}$`)), "catalogue"),
				is(knownvalue.StringRegexp(regexp.MustCompile(`(?s)tls of portal.acme.example +\d.*from the first to the last`)), "observed", "timing"),
				statecheck.ExpectKnownValue("data.launchready_tls_check.this", at("observed", "took"), knownvalue.StringRegexp(regexp.MustCompile(`^\d+\.\d\d s$`))),
				statecheck.ExpectKnownValue("data.launchready_tls_check.this", at("result", "version"), knownvalue.Int64Exact(1)),
			},
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		resource.TestStep{
			PreConfig: func() { s.put("/portal/faults", []string{"dmarc_not_enforced"}) },
			Config:    config(`baseline = "` + baseline + `"`),
			ConfigStateChecks: []statecheck.StateCheck{
				is(text("tls.mixed_active"), "changes", "mended", 0, "rule"), is(text("dmarc.not_enforced"), "changes", "new", 0, "rule"),
				is(text("blocked"), "changes", "gate"), is(knownvalue.Bool(true), "changes", "comparable"), is(knownvalue.ListSizeExact(0), "changes", "checks_gone"),
			},
		},
		resource.TestStep{ // what a check had found is not mended by taking the check away
			Config: strings.Replace(config(`baseline = "`+baseline+`"`), "tls  = data.launchready_tls_check.this.result", "", 1),
			ConfigStateChecks: []statecheck.StateCheck{
				is(text("tls"), "changes", "checks_gone", 0, "check"), is(text("portal.acme.example"), "changes", "checks_gone", 0, "target"),
				is(text("tls.mixed_active"), "changes", "gone", 0, "rule"), is(knownvalue.ListSizeExact(0), "changes", "mended"),
			},
		},
	)
}

func TestScorecardBadInput(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: "healthy"})
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("not a folder"), 0o600); err != nil {
		t.Fatal(err)
	}
	const (
		both     = "require = [\"email_auth\", \"tls\"]\n"
		all      = "enforcement = \"fail\"\n" // and all ten areas: blocked
		mail     = "data.launchready_email_auth_check.this.result"
		attested = `rule = "support.no_database_edits", statement = "never", evidence = "https://wiki", expires = "` + farAway + `"`
	)
	card := func(arguments string) string {
		return mailCheck(`enforcement = "report"`) + "data \"launchready_scorecard\" \"this\" {\n" + arguments + "\n}\n"
	}
	for name, test := range map[string]struct{ config, want string }{
		"the same check twice":          {card("checks = { mail = " + mail + ", again = " + mail + " }"), `(?s)The same check twice.*checks\["mail"\]\s+and\s+checks\["again"\]`},
		"an older result":               {card("checks = { mail = { for k, v in " + mail + " : k => v if k != \"version\" } }"), `(?s)older version of the provider.*checks\["mail"\]`},
		"an attestation without owner":  {card("attestations = [{ " + attested + " }]"), `(?s)attribute\s+"owner"\s+is\s+required`},
		"an attestation of nobody":      {card("attestations = [{ " + attested + ", owner = \" \" }]"), `(?s)attestations\[0\].owner\s+must not be\s+empty`},
		"an attestation of null":        {card("attestations = [{ " + attested + ", owner = null }]"), `owner`},
		"an estimate of nothing":        {card(`effort_overrides = { "tls.chian" = { low = 1 } }`), `(?s)did you\s+mean\s+"tls.chain"`},
		"an estimate upside down":       {card(`effort_overrides = { "tls.chain" = { low = 2, high = 1 } }`), `(?s)effort_overrides\["tls.chain"\].*low\s+<=\s+high`},
		"a rate below nothing":          {card(`hourly_rate = -5`), `hourly_rate\s+is\s+-5;\s+write\s+a\s+number\s+of\s+0\s+or\s+more`},
		"a warning in days":             {card(`expiry_warning = "30d"`), `(?s)expiry_warning\s+is\s+"30d".*"0s"\s+for\s+none`},
		"a baseline that is no report":  {card(`baseline = "{}"`), `(?s)Not a baseline.*format_version`},
		"no baseline, the gate decides": {scorecard(all + `baseline = "` + dir + `/none.json"`), `(?s)(no\s+such\s+file.*gate blocked|gate blocked.*no\s+such\s+file)`},
		"a folder that is not there":    {scorecard(both + `report_files = ["` + dir + `/mistyped/report.md"]`), `(?s)report_files\[0\].*there\s+is\s+no\s+folder`},
		"no folder, the gate decides":   {scorecard(all + `report_files = ["` + file + `/report.md"]`), `(?s)(report_files\[0\].*it\s+is\s+blocked.*gate blocked|gate blocked.*report_files\[0\].*it\s+is\s+blocked)`},
		"no folder, the gate is open":   {scorecard(both + `report_files = ["` + file + `/report.md"]`), `(?s)report_files\[0\].*it\s+is\s+open`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.audit("", test.config), PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}
