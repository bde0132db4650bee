package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

func supportConfig(runbook string, arguments ...string) string {
	return fmt.Sprintf("data \"launchready_support_check\" \"this\" {\n runbook = %q\n link_recheck = \"1ms\"\n%s\n}\n", runbook, strings.Join(arguments, "\n"))
}

// exampleRunbook is a copy of the example, reviewed on a day.
func exampleRunbook(t *testing.T, reviewed time.Time) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "runbook")
	if err := os.CopyFS(folder, os.DirFS("../../examples/client-portal/runbook")); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, "README.md")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	dated := regexp.MustCompile(`\d{4}-\d\d-\d\d`).ReplaceAll(text, []byte(reviewed.Format(time.DateOnly)))
	if err := os.WriteFile(name, dated, 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// A plan reads a runbook and follows its links; what is missing refuses it.
func TestSupportCheckInThePlan(t *testing.T) {
	const this = "data.launchready_support_check.this"
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy, EdgeSpeed: rateSpeed})
	passes := func(config string, more ...statecheck.StateCheck) {
		t.Helper()
		acceptance(t, resource.TestStep{Config: s.audit(s.members(), config), ConfigStateChecks: append(more,
			statecheck.ExpectKnownValue(this, tfjsonpath.New("passed"), knownvalue.Bool(true)), says(this, "status", "pass"))})
	}
	today := time.Now().Format(time.DateOnly)
	passes(supportConfig(exampleRunbook(t, time.Now().AddDate(0, -1, 0)), `fail_on = "low"`, `status_page = "/status"`,
		`self_service = { reset = "/forgot", email = "/account", cancel = "/cancel" }`,
		fmt.Sprintf(`drill = { statement = "Bo followed each page.", owner = "Bo", date = %q, evidence = "https://wiki.agency.example/drill" }`, today)))
	for name, test := range map[string]struct{ config, want string }{
		"no runbook":   {supportConfig("/no/such/folder"), `support\.runbook_missing`},
		"none at all":  {supportConfig(""), `support\.runbook_missing`},
		"an own topic": {supportConfig(s.Runbook(), `topics = { goodwill = ["Goodwill"] }`), `(?s)support\.section\.own.*goodwill`},
		"an old one":   {supportConfig(exampleRunbook(t, time.Now().AddDate(-1, 0, 0)), `fail_on = "medium"`), `support\.review_stale`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.audit(s.members(), test.config), PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}
