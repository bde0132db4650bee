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

// mailArguments are the accounts of the sandbox, for the provider block.
func (s target) mailArguments() string {
	people := s.Identities()
	return fmt.Sprintf(`portal = {
		base_url = "https://portal.%s"
		sign_in  = { path = "/login", format = "form", csrf = "csrf" }
		whoami   = { path = "/api/me" }
	}
	mailboxes  = jsondecode(%q)
	identities = { robot = { bearer_token = %q, role = "api" }, member = { username = %q, password = %q } }
`, s.Domain(), asJSON(s.Mailboxes()), people["robot"].BearerToken, people["member_a"].Username, people["member_a"].Password)
}

const (
	bounceSeenByProduct = `bounce = {
		recipient = "no-such-member-{{token}}@acme.example"
		trigger   = { request = { path = "/api/invites", identity = "robot", body = jsonencode({ email = "{{recipient}}" }) } }
		request   = { path = "/api/mail/suppressions?address={{recipient}}", identity = "robot", contains = "\"suppressed\":true" }
		within    = "5s"
	}`
	bounceSeenInMailbox = `bounce = {
		recipient = "no-such-member-{{token}}@acme.example"
		trigger   = { smtp = { account = "product", from = "portal@acme.example" } }
		mailbox   = "bounces"
		within    = "5s"
	}`
)

// A plan lets the portal send a real message and a real bounce, and passes; with
// a fault of the mail it is refused and says which.
func TestDeliveryCheckInThePlan(t *testing.T) {
	const this = "data.launchready_mail_delivery_check.this"
	passed := statecheck.ExpectKnownValue(this, tfjsonpath.New("passed"), knownvalue.Bool(true))
	for name, test := range map[string]struct {
		arguments []string
		fault     string
		want      string // of the refusal; empty for a plan that passes
	}{
		"a sound portal":        {arguments: []string{bounceSeenByProduct, `dkim_selectors = ["20260301093000pm"]`}},
		"a bounce by mailbox":   {arguments: []string{bounceSeenInMailbox}},
		"as a member":           {arguments: []string{strings.Replace(bounceSeenByProduct, `identity = "robot"`, `identity = "member"`, 1)}},
		"by submission":         {arguments: []string{`trigger = { smtp = { account = "product", from = "portal@acme.example" } }`, bounceSeenInMailbox}},
		"unsigned":              {arguments: []string{bounceSeenByProduct}, fault: "mail_unsigned", want: `delivery\.dkim`},
		"a bounce that is lost": {arguments: []string{bounceSeenByProduct}, fault: "bounce_dropped", want: `bounce\.unhandled`},
		"links by http":         {arguments: []string{bounceSeenByProduct}, fault: "mail_http_links", want: `delivery\.links`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTarget(t, sandbox.Options{State: sandbox.Healthy, EdgeSpeed: rateSpeed})
			config := s.audit(s.mailArguments(), deliveryCheck(append(test.arguments, `within = "5s"`)...))
			if test.want == "" {
				acceptance(t, resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{passed}, Check: noSecrets(s)}, noChange(config))
				return
			}
			if err := s.SetFaults(test.fault); err != nil {
				t.Fatal(err)
			}
			acceptance(t, resource.TestStep{Config: config, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}

// noSecrets holds that no password and no token is in the state.
func noSecrets(s target) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		text := state.String()
		secrets := []string{s.Identities()["robot"].BearerToken, s.Identities()["member_a"].Password}
		for _, box := range s.Mailboxes() {
			secrets = append(secrets, box.Password)
		}
		for _, secret := range secrets {
			if secret != "" && strings.Contains(text, secret) {
				return fmt.Errorf("a secret is in the state")
			}
		}
		return nil
	}
}

// A wrong password is no verdict on the mail, and is shown nowhere.
func TestDeliveryCheckWrongPassword(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	boxes := s.Mailboxes()
	box := boxes["inbox"]
	box.Password = "hunter2-is-wrong"
	boxes["inbox"] = box
	w := workspace(t, s, s.audit(fmt.Sprintf("portal = { base_url = \"https://portal.acme.example\" }\n mailboxes = jsondecode(%q)\n", asJSON(boxes)), deliveryCheck(`within = "5s"`)))
	code, out := w.Run(t, "plan", "-input=false", "-no-color")
	if code != 1 || strings.Contains(out, "hunter2") || !strings.Contains(out, "could not be tested") || strings.Contains(out, "no message arrived") {
		t.Error(out)
	}
	if len(s.Inbox().Messages()) != 0 {
		t.Error("a message was sent though the mailbox could not be read")
	}
}
