package provider_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/monitors"
)

// A service that has too much to do, or answers by pages, neither loses a monitor
// nor makes two.
func TestUptimeMonitorFaults(t *testing.T) {
	s := newTarget(t, sandbox.Options{})
	fault := func(f monitors.Fault) func() {
		return func() {
			if err := s.Monitors().SetFaults([]monitors.Fault{f}); err != nil {
				t.Fatal(err)
			}
		}
	}
	config := s.watched(uptimeMonitor("backend = \"betterstack\"\n name = \"portal\"\n url = \"https://portal.acme.example\""))
	acceptance(t,
		resource.TestStep{PreConfig: fault(monitors.Fault{Method: "POST", Status: 502, Body: "html", After: true, Count: 1}), Config: config, ExpectError: regexp.MustCompile(`what\s+is\s+there\s+is\s+looked\s+at\s+first`)},
		// It was made all the same, and is seen.
		resource.TestStep{Config: config, PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)The monitor is there already.*betterstack/239`)},
		resource.TestStep{Config: config, ResourceName: thisMonitor, ImportState: true, ImportStateId: "betterstack/239", ImportStatePersist: true},
		resource.TestStep{PreConfig: fault(monitors.Fault{Method: "GET", Status: 429, RetryAfter: 1, Count: 1}), Config: config},
		resource.TestStep{PreConfig: fault(monitors.Fault{Method: "GET", Status: 404, Body: "html"}), Config: config, ExpectError: regexp.MustCompile(`web\s+page`)},
		resource.TestStep{PreConfig: fault(monitors.Fault{Method: "GET", Status: 429, RetryAfter: 3600}), Config: config, ExpectError: regexp.MustCompile(`Try\s+again\s+in`)},
		resource.TestStep{PreConfig: func() { _ = s.Monitors().SetFaults(nil) }, Config: config},
		noChange(config),
	)
}

func TestUptimeMonitorBadInput(t *testing.T) {
	t.Parallel()
	s := newTarget(t, sandbox.Options{Plan: "pro", UptimeRobotPlan: "free"})
	const portal = "name = \"portal\"\n url = \"https://portal.acme.example\"\n "
	better, robot := "backend = \"betterstack\"\n "+portal, "backend = \"uptimerobot\"\n "+portal
	refused(t, s.watched, map[string]string{ // by validation
		uptimeMonitor(portal + `backend = "pingdom"`):                                                      "uptimerobot",
		uptimeMonitor("name = \"x\"\n url = \"portal.acme.example\""):                                      "Not a web address",
		uptimeMonitor("name = \"x\"\n url = \"https://me:secret@portal.acme.example\""):                    "A credential in an address",
		uptimeMonitor(portal + `expect = { status = ["ok"] }`):                                             "Not a status",
		uptimeMonitor(portal + `interval = "60"`):                                                          "Not a duration",
		uptimeMonitor(portal + `headers = { Authorization = "Bearer x" }`):                                 "A credential would stand in the state",
		uptimeMonitor(portal + `headers = { Host = "x" }`):                                                 "to connect elsewhere, set address",
		uptimeMonitor(portal + `headers = { "X-A" = "1", "x-a" = "2" }`):                                   "Declared twice",
		alertPolicy("destinations = [\"ops\"]\n name = \"x\"\n alert_type = \"dos_attack_l7\""):            "Not a destination",
		alertDestination("email = \"a@b.example\"\n pagerduty_service = \"x\""):                            "Invalid Attribute Combination",
		alertDestination(`email = "ops"`):                                                                  "Not an e-mail address",
		alertDestination(`webhook = { name = "x", url = "https://h.acme.example/x", secret_version = 2 }`): "A version without a secret",
	})
	refused(t, s.watched, map[string]string{ // at plan time, by what the service says of itself
		uptimeMonitor(better + `zone = "acme.example"`):                        "Not an argument of this backend",
		uptimeMonitor(portal + `interval = "30s"`):                             "plan pro of acme.example allows 1m0s",
		uptimeMonitor(robot + `interval = "1m"`):                               "free plan allows 5m0s",
		uptimeMonitor(robot + `contacts = ["nobody@acme.example"]`):            "it has ops@inbox.example",
		uptimeMonitor(better + `interval = "70s"`):                             "takes 30s",
		uptimeMonitor(better + `expect = { status = ["200"], body = "x" }`):    "not both",
		uptimeMonitor(portal + `expect = { certificate_days = 14 }`):           "does not watch when certificates expire",
		uptimeMonitor("name = \"two words\"\n url = \"https://acme.example\""): "letters, digits",
	})
	wrongKey := func(body string) string {
		return s.configWith(fmt.Sprintf("monitors = { uptimerobot = { api_key = \"u1-wrong\", base_url = %q } }", s.UptimeRobot().URL), body)
	}
	refused(t, wrongKey, map[string]string{
		uptimeMonitor(better): "has no monitors.betterstack.api_token",
		uptimeMonitor(robot):  "The credential is monitors.uptimerobot.api_key",
	})
}

// refused plans a configuration of many resources, each of which must be refused
// with its words.
func refused(t *testing.T, config func(string) string, want map[string]string) {
	t.Helper()
	var all strings.Builder
	for i, body := range slices.Sorted(maps.Keys(want)) {
		all.WriteString(strings.Replace(body, `"this"`, fmt.Sprintf(`"r%d"`, i), 1))
	}
	dir := t.TempDir()
	text := "terraform {\n required_providers {\n launchready = { source = \"launchready/launchready\" }\n }\n}\n" + config(all.String())
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cli := clitest.New(t, dir)
	_, _ = cli.Run(t, "init", "-input=false")
	_, out := cli.Run(t, "plan", "-input=false", "-no-color")
	out = strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╵", " ", "╷", " ").Replace(out)), " ")
	for body, words := range want {
		if !strings.Contains(out, words) {
			t.Errorf("%s\nis not refused with %q", body, words)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}
