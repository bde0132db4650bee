package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

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
	free := newTarget(t, sandbox.Options{Plan: "pro", UptimeRobotPlan: "free"})
	const portal = "name = \"portal\"\n url = \"https://portal.acme.example\"\n "
	better, robot := "backend = \"betterstack\"\n "+portal, "backend = \"uptimerobot\"\n "+portal
	for name, test := range map[string]struct{ arguments, want string }{
		"no such backend":            {portal + `backend = "pingdom"`, "uptimerobot"},
		"not a web address":          {`name = "x"` + "\n" + `url = "portal.acme.example"`, "Not a web address"},
		"a user in the address":      {`name = "x"` + "\n" + `url = "https://me:secret@portal.acme.example"`, "A credential in an address"},
		"a status":                   {portal + `expect = { status = ["ok"] }`, "Not a status"},
		"a duration":                 {portal + `interval = "60"`, "Not a duration"},
		"a credential in a header":   {portal + `headers = { Authorization = "Bearer x" }`, "A credential would stand in the state"},
		"one header twice":           {portal + `headers = { "X-A" = "1", "x-a" = "2" }`, "Declared twice"},
		"a zone elsewhere":           {better + `zone = "acme.example"`, "Not an argument of this backend"},
		"too often for Pro":          {portal + `interval = "30s"`, `plan\s+pro\s+of\s+acme.example\s+allows\s+1m0s`},
		"too often for free":         {robot + `interval = "1m"`, `free\s+plan\s+allows\s+5m0s`},
		"no such contact":            {robot + `contacts = ["nobody@acme.example"]`, `it\s+has\s+ops@inbox.example`},
		"an interval of its own":     {better + `interval = "70s"`, `takes\s+30s`},
		"body and status":            {better + `expect = { status = ["200"], body = "x" }`, `not\s+both`},
		"days at Cloudflare":         {portal + `expect = { certificate_days = 14 }`, `does\s+not\s+watch`},
		"a policy that is not there": {better + `contacts = ["1"]`, "policy doesn't exist"},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: free.watched(uptimeMonitor(test.arguments)), ExpectError: regexp.MustCompile(test.want)})
		})
	}
	t.Run("no access", func(t *testing.T) {
		acceptance(t, resource.TestStep{Config: free.config(uptimeMonitor(better)), PlanOnly: true, ExpectError: regexp.MustCompile(`monitors\.betterstack\.api_token`)})
	})
	t.Run("a wrong key", func(t *testing.T) {
		config := strings.Replace(free.watched(uptimeMonitor(robot)), free.UptimeRobot().Token, "u1-wrong", 1)
		acceptance(t, resource.TestStep{Config: config, PlanOnly: true, ExpectError: regexp.MustCompile(`monitors\.uptimerobot\.api_key`)})
	})
}
