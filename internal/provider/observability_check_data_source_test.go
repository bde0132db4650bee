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
