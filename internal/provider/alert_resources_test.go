package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/provider"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

const (
	thisDestination = "launchready_alert_destination.this"
	thisPolicy      = "launchready_alert_policy.this"
)

// receiver takes messages of webhooks that carry a secret.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	secret   string
	messages []map[string]any
}

func newReceiver(t *testing.T, secret string) *receiver {
	r := &receiver{secret: secret}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		var message map[string]any
		body, _ := io.ReadAll(req.Body)
		switch {
		case req.Header.Get("Cf-Webhook-Auth") != r.secret:
			w.WriteHeader(http.StatusUnauthorized)
		case json.Unmarshal(body, &message) == nil:
			r.messages = append(r.messages, message)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) expect(secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secret = secret
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.messages)
}

func alertDestination(arguments string) string {
	return "resource \"launchready_alert_destination\" \"this\" {\n zone = \"acme.example\"\n " + arguments + "\n}\n"
}

func alertPolicy(arguments string) string {
	return "resource \"launchready_alert_policy\" \"this\" {\n zone = \"acme.example\"\n " + arguments + "\n}\n"
}

// writeOnly runs steps where the program knows write-only arguments.
func writeOnly(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	requireVersion(t, 11)
	acceptance(t, steps...)
}

func TestAlertDestinationWebhook(t *testing.T) {
	s := newTarget(t, sandbox.Options{Plan: "pro"})
	hook := newReceiver(t, "first-secret-81c3")
	config := func(name, secret string, version int) string {
		return s.config(alertDestination(fmt.Sprintf("webhook = { name = %q, url = %q, secret = %q, secret_version = %d }", name, hook.URL+"/alerts", secret, version)))
	}
	first := config("Pager", "first-secret-81c3", 1)
	var id string
	remember := statecheck.ExpectKnownValue(thisDestination, tfjsonpath.New("id"), knownvalue.StringFunc(func(v string) error {
		id = v[len("webhook:"):]
		return nil
	}))
	webhook := func() string { return "/accounts/" + s.accountID() + "/alerting/v3/destinations/webhooks/" + id }
	writeOnly(t,
		// The test message is refused: the secret is not what the receiver expects.
		resource.TestStep{Config: config("Pager", "wrong-secret-0000", 1), ExpectError: regexp.MustCompile(`(?s)401.*webhook\.secret,\s+sent\s+as\s+cf-webhook-auth`)},
		resource.TestStep{Config: first, ConfigStateChecks: []statecheck.StateCheck{
			remember,
			statecheck.ExpectKnownValue(thisDestination, tfjsonpath.New("webhook").AtMapKey("secret"), knownvalue.Null()),
			statecheck.ExpectKnownValue(thisDestination, tfjsonpath.New("type"), knownvalue.StringExact("generic")),
		}},
		noChange(first),
		noChange(config("Pager", "second-secret-7f1e", 1)), // whose change cannot be seen
		resource.TestStep{
			PreConfig:        func() { hook.expect("second-secret-7f1e") },
			Config:           config("Pager", "second-secret-7f1e", 2),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(thisDestination, plancheck.ResourceActionUpdate)}},
		},
		resource.TestStep{ // drift
			PreConfig: func() {
				s.call(http.MethodPut, webhook(), map[string]any{"name": "Renamed", "url": hook.URL + "/alerts"}, nil)
			},
			Config:           config("Pager", "second-secret-7f1e", 2),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(thisDestination, plancheck.ResourceActionUpdate)}},
		},
		resource.TestStep{Config: config("Pager", "second-secret-7f1e", 2), ResourceName: thisDestination, ImportState: true, ImportStateId: "acme.example/webhook:Pager", ImportStateVerify: true, ImportStateVerifyIgnore: []string{"webhook.secret_version"}},
		resource.TestStep{ // deleted by hand
			PreConfig:         func() { s.call(http.MethodDelete, webhook(), nil, nil) },
			Config:            config("Pager", "second-secret-7f1e", 2),
			ConfigStateChecks: []statecheck.StateCheck{remember},
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(thisDestination, plancheck.ResourceActionCreate)}},
		},
	)
	var left []any
	if s.call(http.MethodGet, "/accounts/"+s.accountID()+"/alerting/v3/destinations/webhooks", nil, &left); len(left) > 0 {
		t.Errorf("after destroy there are %v", left)
	}
}

// accountID is the account of the client's zone.
func (s target) accountID() string {
	var zone struct{ Account struct{ ID string } }
	s.call(http.MethodGet, "/zones/"+s.zoneID(), nil, &zone)
	return zone.Account.ID
}

func TestAlertPolicyLife(t *testing.T) {
	s := newTarget(t, sandbox.Options{Plan: "pro"})
	service := s.API().ConnectPagerDuty("Operations")
	watch := uptimeMonitor(`name = "portal"
  url = "https://portal.acme.example/healthz"`) + `
resource "launchready_alert_destination" "ops" {
  zone  = "acme.example"
  email = "ops@agency.example"
}
resource "launchready_alert_destination" "pager" {
  zone              = "acme.example"
  pagerduty_service = "Operations"
}
`
	policy := func(arguments string) string {
		return s.config(watch + alertPolicy(`name = "acme.example: portal is down"
  alert_type   = "health_check_status_notification"
  `+arguments))
	}
	full := policy(`destinations = [launchready_alert_destination.ops.id, launchready_alert_destination.pager.id]
  filters = { health_check_id = [launchready_uptime_monitor.this.id], status = ["Unhealthy", "Healthy"] }`)
	less := policy(`destinations = ["ops@agency.example"]
  description = "By mail alone"
  enabled  = false
  interval = "30m"
  filters  = { health_check_id = [launchready_uptime_monitor.this.id], status = ["Unhealthy"] }`)
	respelt := policy(`destinations = ["email:ops@agency.example"]
  description = "By mail alone"
  enabled  = false
  interval = "30m0s"
  filters  = { health_check_id = [launchready_uptime_monitor.this.id], status = ["Unhealthy"] }`)
	var id string
	remember := statecheck.ExpectKnownValue(thisPolicy, tfjsonpath.New("id"), knownvalue.StringFunc(func(v string) error {
		id = v
		return nil
	}))
	at := func() string { return "/accounts/" + s.accountID() + "/alerting/v3/policies/" + id }
	acceptance(t,
		resource.TestStep{Config: full, ConfigStateChecks: []statecheck.StateCheck{remember, statecheck.ExpectKnownValue("launchready_alert_destination.pager", tfjsonpath.New("id"), knownvalue.StringExact("pagerduty:"+service.ID))}},
		noChange(full),
		changes(less, thisPolicy, plancheck.ResourceActionUpdate),
		noChange(respelt),
		resource.TestStep{ // drift: somebody has changed where it goes
			PreConfig: func() {
				var now map[string]any
				s.call(http.MethodGet, at(), nil, &now)
				now["mechanisms"] = map[string]any{"email": []any{map[string]string{"id": "stranger@example.com"}}}
				s.call(http.MethodPut, at(), now, nil)
			},
			Config:           less,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(thisPolicy, plancheck.ResourceActionUpdate)}},
		},
		resource.TestStep{Config: less, ResourceName: thisPolicy, ImportState: true, ImportStateId: "acme.example/acme.example: portal is down", ImportStateVerify: true, ImportStateVerifyIgnore: []string{"destinations"}},
		resource.TestStep{ // deleted by hand
			PreConfig:         func() { s.call(http.MethodDelete, at(), nil, nil) },
			Config:            less,
			ConfigStateChecks: []statecheck.StateCheck{remember},
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(thisPolicy, plancheck.ResourceActionCreate)}},
		},
	)
	var left []any
	if s.call(http.MethodGet, "/accounts/"+s.accountID()+"/alerting/v3/policies", nil, &left); len(left) > 0 {
		t.Errorf("after destroy there are %v", left)
	}
}

// What the account's plan does not have is said at plan time.
func TestAlertsOfPlan(t *testing.T) {
	t.Parallel()
	free, pro := newTarget(t, sandbox.Options{}), newTarget(t, sandbox.Options{Plan: "pro"})
	policy := func(arguments string) string {
		return alertPolicy("destinations = [\"ops@agency.example\"]\n name = \"x\"\n " + arguments)
	}
	refused(t, free.config, map[string]string{
		uptimeMonitor("name = \"portal\"\n url = \"https://portal.acme.example\""):     "health checks need plan Pro or above, and acme.example is on plan free",
		alertDestination(`webhook = { name = "x", url = "https://h.acme.example/x" }`): "Destinations of type webhook need a zone of plan Pro or above",
		policy(`alert_type = "health_check_status_notification"`):                      `of type "health_check_status_notification". It needs a zone of plan Pro`,
	})
	refused(t, pro.config, map[string]string{
		policy("alert_type = \"http_alert_origin_error\"\n filters = { zones = [\"acme.example\"] }"): "plan Enterprise",
		policy(`alert_type = "portal_down"`):                                                   `of type "portal_down". It can have:`,
		policy(`alert_type = "health_check_status_notification"`):                              "need the filter health_check_id",
		policy("alert_type = \"dos_attack_l7\"\n filters = { zones = [\"acme.example\"] }"):    `have no filter "zones"`,
		policy("alert_type = \"incident_alert\"\n filters = { incident_impact = [\"HUGE\"] }"): `has no value "HUGE"`,
		alertDestination(`pagerduty_service = "Nobody"`):                                       "none is connected",
	})
}

// The secret of a webhook reaches neither output nor state, plan or the most
// talkative log, whether the receiver takes it or not.
func TestWebhookSecretStaysSecret(t *testing.T) {
	requireVersion(t, 11)
	t.Parallel()
	s := newTarget(t, sandbox.Options{Plan: "pro"})
	for name, expected := range map[string]string{"taken": "canary-webhook-6b17", "refused": "another"} {
		hook := newReceiver(t, expected)
		dir := t.TempDir()
		config := "terraform {\n required_providers {\n launchready = { source = \"launchready/launchready\" }\n }\n}\n" +
			s.config(alertDestination(fmt.Sprintf("webhook = { name = %q, url = %q, secret = \"canary-webhook-6b17\" }", name, hook.URL)))
		if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		log := filepath.Join(dir, "trace.log")
		for place, text := range traces(t, clitest.New(t, dir, "TF_LOG=TRACE", "TF_LOG_PATH="+log), log) {
			if bytes.Contains(text, []byte("canary-webhook-6b17")) {
				t.Errorf("%s: %s shows the secret", name, place)
			}
		}
		if taken := hook.count() > 0; taken != (name == "taken") {
			t.Errorf("%s: %d messages", name, hook.count())
		}
	}
}

// Where the program knows no write-only arguments, that is said, with a way out.
func TestSecretOfOldPrograms(t *testing.T) {
	t.Parallel()
	server := provider.Server("test")
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	kind := schemas.ResourceSchemas["launchready_alert_destination"].ValueType()
	value := func(kind tftypes.Type, given map[string]tftypes.Value) tftypes.Value {
		all := map[string]tftypes.Value{}
		for name, of := range kind.(tftypes.Object).AttributeTypes { //nolint:forcetypeassert // it is one
			all[name] = tftypes.NewValue(of, nil)
		}
		maps.Copy(all, given)
		return tftypes.NewValue(kind, all)
	}
	word := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	webhook := kind.(tftypes.Object).AttributeTypes["webhook"] //nolint:forcetypeassert // it is one
	config, err := tfprotov6.NewDynamicValue(kind, value(kind, map[string]tftypes.Value{
		"webhook": value(webhook, map[string]tftypes.Value{"name": word("x"), "url": word("https://hooks.acme.example"), "secret": word("s3cret-word")}),
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, able := range []bool{true, false} {
		resp, err := server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
			TypeName: "launchready_alert_destination", Config: &config,
			ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: able},
		})
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for _, d := range resp.Diagnostics {
			text.WriteString(d.Summary + ": " + d.Detail + "\n")
		}
		if told := strings.Contains(text.String(), "set the secret at the dashboard"); told == able || strings.Contains(text.String(), "s3cret-word") {
			t.Errorf("able %v: %s", able, text.String())
		}
	}
}
