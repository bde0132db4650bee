package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

const thisMonitor = "launchready_uptime_monitor.this"

func uptimeMonitor(arguments string) string {
	return "resource \"launchready_uptime_monitor\" \"this\" {\n " + arguments + "\n}\n"
}

// watched is a configuration with access to the monitoring services.
func (s target) watched(body string) string {
	better, robot := s.BetterStack(), s.UptimeRobot()
	return s.configWith(fmt.Sprintf(`monitors = {
    betterstack = { api_token = %q, base_url = %q }
    uptimerobot = { api_key = %q, base_url = %q }
  }`, better.Token, better.URL, robot.Token, robot.URL), body)
}

// ask makes a call to a monitoring service that is none of the provider's.
func (s target) ask(service sandbox.MonitorService, method, path, body string) {
	s.t.Helper()
	req, err := http.NewRequest(method, service.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+service.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %s", method, path, resp.Status)
	}
}

// monitorLife is what holds for the monitors of every service.
type monitorLife struct {
	options            sandbox.Options
	small, full        string                           // arguments
	respelt            string                           // full in other words
	path               func(s target, id string) string // of the monitor in the API
	service            func(s target) sandbox.MonitorService
	drift, driftMethod string
	importName         string
}

func (l monitorLife) run(t *testing.T) {
	s := newTarget(t, l.options)
	small, full := s.watched(uptimeMonitor(l.small)), s.watched(uptimeMonitor(l.full))
	var id string
	remember := statecheck.ExpectKnownValue(thisMonitor, tfjsonpath.New("id"), knownvalue.StringFunc(func(v string) error {
		id = v
		return nil
	}))
	acceptance(t,
		resource.TestStep{Config: small, ConfigStateChecks: []statecheck.StateCheck{remember}},
		noChange(small),
		changes(full, thisMonitor, plancheck.ResourceActionUpdate),
		noChange(s.watched(uptimeMonitor(l.respelt))),
		resource.TestStep{
			PreConfig:        func() { s.ask(l.service(s), l.driftMethod, l.path(s, id), l.drift) },
			Config:           full,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(thisMonitor, plancheck.ResourceActionUpdate)}},
		},
		noChange(full),
		resource.TestStep{Config: full, ResourceName: thisMonitor, ImportState: true, ImportStateId: l.importName, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"interval", "timeout", "regions", "contacts", "headers"}},
		resource.TestStep{Config: full, ResourceName: thisMonitor, ImportState: true, ImportStateVerify: true,
			ImportStateIdFunc: func(*terraform.State) (string, error) {
				return l.importName[:strings.LastIndex(l.importName, "/")+1] + id, nil
			},
			ImportStateVerifyIgnore: []string{"interval", "timeout", "regions", "contacts", "headers"}},
		resource.TestStep{ // deleted by hand
			PreConfig:         func() { s.ask(l.service(s), http.MethodDelete, l.path(s, id), "") },
			Config:            full,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(thisMonitor, plancheck.ResourceActionCreate)}},
			ConfigStateChecks: []statecheck.StateCheck{remember},
		},
		changes(small, thisMonitor, plancheck.ResourceActionUpdate),
	)
	if id == "" {
		return // skipped
	}
	req, _ := http.NewRequest(http.MethodGet, l.service(s).URL+l.path(s, id), nil)
	req.Header.Set("Authorization", "Bearer "+l.service(s).Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("after destroy the monitor is still there: %s", resp.Status)
	}
}

func TestUptimeMonitorBetterStack(t *testing.T) {
	monitorLife{
		small: "backend = \"betterstack\"\n name = \"Portal\"\n url = \"https://portal.acme.example\"",
		full: `backend = "betterstack"
  name     = "Client portal & shop"
  url      = "https://portal.acme.example/healthz?full=1"
  method   = "GET"
  interval = "60s"
  timeout  = "10s"
  expect   = { status = ["200", "204"], certificate_days = 14 }
  regions  = ["us", "eu"]
  headers  = { "X-Monitor" = "yes", "accept" = "application/json" }
  follow_redirects = false
  contacts = ["300010"]`,
		respelt: `backend = "betterstack"
  name     = "Client portal & shop"
  url      = "https://portal.acme.example:443/healthz?full=1"
  interval = "1m"
  timeout  = "10s"
  expect   = { status = ["204", "200"], certificate_days = 14 }
  regions  = ["eu", "us"]
  headers  = { "x-monitor" = "yes", "Accept" = "application/json" }
  follow_redirects = false
  contacts = ["300010"]`,
		path:        func(_ target, id string) string { return "/monitors/" + id },
		service:     func(s target) sandbox.MonitorService { return s.BetterStack() },
		driftMethod: http.MethodPatch, drift: `{"check_frequency":600,"paused":true}`,
		importName: "betterstack/Client portal & shop",
	}.run(t)
}

func TestUptimeMonitorUptimeRobot(t *testing.T) {
	monitorLife{
		small: "backend = \"uptimerobot\"\n name = \"Portal\"\n url = \"https://portal.acme.example\"",
		full: `backend = "uptimerobot"
  name     = "Client portal & shop"
  url      = "https://portal.acme.example/healthz?full=1&x=2"
  interval = "60s"
  timeout  = "10s"
  expect   = { status = ["200"], body = "all <well>", certificate_days = 21 }
  regions  = ["na", "eu"]
  headers  = { "X-Monitor" = "yes" }
  verify_certificate = false
  paused   = true
  contacts = ["ops@inbox.example"]`,
		respelt: `backend = "uptimerobot"
  name     = "Client portal & shop"
  url      = "https://PORTAL.acme.example/healthz?full=1&x=2"
  method   = "GET"
  interval = "1m0s"
  timeout  = "10s"
  expect   = { status = ["200"], body = "all <well>", certificate_days = 21 }
  regions  = ["eu", "na"]
  headers  = { "x-monitor" = "yes" }
  verify_certificate = false
  paused   = true
  contacts = ["ops@inbox.example"]`,
		path:        func(_ target, id string) string { return "/monitors/" + id },
		service:     func(s target) sandbox.MonitorService { return s.UptimeRobot() },
		driftMethod: http.MethodPatch, drift: `{"keywordValue":"something else"}`,
		importName: "uptimerobot/Client portal & shop",
	}.run(t)
}

func TestUptimeMonitorCloudflare(t *testing.T) {
	monitorLife{
		options: sandbox.Options{Plan: "business"},
		small:   "name = \"portal\"\n url = \"https://portal.acme.example\"",
		full: `zone = "acme.example"
  name     = "portal-origin"
  url      = "https://portal.acme.example:8443/healthz?full=1"
  address  = "198.51.100.10"
  method   = "GET"
  interval = "30s"
  expect   = { status = ["2xx", "302"], body = "ok" }
  regions  = ["WEU", "ENAM"]
  headers  = { "X-Monitor" = "yes" }
  verify_certificate = false`,
		respelt: `zone = "acme.example"
  name     = "portal-origin"
  url      = "https://Portal.acme.example:8443/healthz?full=1"
  address  = "198.51.100.10"
  interval = "30s"
  timeout  = "5s"
  expect   = { status = ["302", "2xx"], body = "ok" }
  regions  = ["ENAM", "WEU"]
  headers  = { "x-monitor" = "yes" }
  verify_certificate = false`,
		path: func(s target, id string) string { return "/zones/" + s.zoneID() + "/healthchecks/" + id },
		service: func(s target) sandbox.MonitorService {
			return sandbox.MonitorService{URL: s.APIURL(), Token: s.Token()}
		},
		driftMethod: http.MethodPatch, drift: `{"suspended":true,"http_config":{"path":"/"}}`,
		importName: "cloudflare/acme.example/portal-origin",
	}.run(t)
}
