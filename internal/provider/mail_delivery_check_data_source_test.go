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

// mailAccounts are arguments of the provider block. Nobody listens at the servers.
const mailAccounts = `
  portal     = { base_url = "https://portal.acme.example" }
  mailboxes  = {
    inbox   = { imap = "127.0.0.1:1", username = "launch-test@inbox.example", password = "x" }
    nameless = { imap = "127.0.0.1:1", username = "launch-test", password = "x" }
    product = { smtp = "127.0.0.1:1", username = "product", password = "x" }
  }
  identities = {
    robot  = { bearer_token = "x" }
    member = { username = "m@acme.example", password = "x" }
  }`

func deliveryCheck(arguments ...string) string {
	defaults := []string{`mailbox = "inbox"`, `trigger = { request = { path = "/api/password-reset", body = jsonencode({ email = "{{recipient}}" }) } }`}
	set := map[string]bool{}
	for _, a := range arguments {
		name, _, _ := strings.Cut(a, " ")
		set[name] = true
	}
	for _, d := range defaults {
		if name, _, _ := strings.Cut(d, " "); !set[name] {
			arguments = append(arguments, d)
		}
	}
	return fmt.Sprintf("data \"launchready_mail_delivery_check\" \"this\" {\n%s\n}\n", strings.Join(arguments, "\n"))
}

func TestDeliveryCheckBadInput(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: "healthy"})
	bounce := func(arguments string) string { return deliveryCheck("bounce = {" + arguments + "}") }
	for name, test := range map[string]struct{ config, want string }{
		"an unknown mailbox":            {deliveryCheck(`mailbox = "inbx"`), `(?s)mailbox is\s+"inbx".*inbox,\s+nameless,\s+product`},
		"a mailbox that cannot be read": {deliveryCheck(`mailbox = "product"`), `has no\s+imap`},
		"a mailbox without address":     {deliveryCheck(`mailbox = "nameless"`), `not\s+an\s+address`},
		"no trigger of either kind":     {deliveryCheck(`trigger = {}`), `(?s)trigger needs exactly\s+one\s+of\s+request\s+and\s+smtp`},
		"no address":                    {deliveryCheck(`trigger = { request = { body = "x" } }`), `(?s)trigger.request\s+needs\s+exactly\s+one\s+of\s+url\s+and\s+path`},
		"an unknown identity":           {deliveryCheck(`trigger = { request = { path = "/x?to={{recipient}}", identity = "robt" } }`), `(?s)identity\s+is\s+"robt".*member,\s+robot`},
		"an identity that signs in":     {deliveryCheck(`trigger = { request = { path = "/x?to={{recipient}}", identity = "member" } }`), `portal\.sign_in`},
		"a credential as header":        {deliveryCheck(`trigger = { request = { path = "/x?to={{recipient}}", headers = { Authorization = "Bearer x" } } }`), `Credentials do not belong here`},
		"a host out of scope":           {deliveryCheck(`trigger = { request = { url = "https://www.other.example/?to={{recipient}}" } }`), `(?s)out of scope.*www.other.example.*allowed_hosts`},
		"an account that does not send": {deliveryCheck(`trigger = { smtp = { account = "inbox", from = "a@acme.example" } }`), `has no\s+smtp`},
		"a sender with a name":          {deliveryCheck(`trigger = { smtp = { account = "product", from = "Acme <a@acme.example>" } }`), `smtp.from`},
		"a wait":                        {deliveryCheck(`wait_for = { timeout = "5m" }`), `Unsupported argument`},
		"within without unit":           {deliveryCheck(`within = "5"`), `30s or 5m`},
		"a stranger's address":          {bounce(`recipient = "nobody@gmail.com", mailbox = "inbox"`), `(?s)bounce.recipient.*belongs\s+to\s+a\s+stranger`},
		"no address of a bounce":        {bounce(`recipient = "nobody", mailbox = "inbox"`), `Not an address`},
		"nowhere to see a bounce":       {bounce(`recipient = "x@acme.example"`), `(?s)bounce needs exactly\s+one\s+of\s+mailbox\s+and\s+request`},
		"two places to see it":          {bounce(`recipient = "x@acme.example", mailbox = "inbox", request = { path = "/x" }`), `(?s)it\s+has\s+mailbox\s+and\s+request`},
		"a trigger that cannot bounce":  {deliveryCheck(`trigger = { request = { path = "/x" } }`, `bounce = { recipient = "x-{{token}}@acme.example", mailbox = "inbox" }`), `set\s+bounce.trigger`},
		"a stranger in the body":        {deliveryCheck(`trigger = { request = { path = "/x", body = jsonencode({ email = "somebody@gmail.com" }) } }`), `(?s)somebody@gmail.com.*{{recipient}}`},
		"an address of somebody":        {bounce(`recipient = "x@acme.example", mailbox = "inbox"`), `(?s)may\s+be\s+somebody`},
		"a selector as name":            {deliveryCheck(`dkim_selectors = ["s1._domainkey.acme.example"]`), `Not a DKIM selector`},
		"a link host as address":        {deliveryCheck(`link_hosts = ["https://portal.acme.example"]`), `Not a host name`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.audit(mailAccounts, test.config), PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}

// A mailbox that cannot be read, or a test that is turned off, is no pass.
func TestDeliveryCheckNotTestable(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: "healthy"})
	const this = "data.launchready_mail_delivery_check.this"
	for name, test := range map[string]struct{ arguments, says string }{
		"unreachable": {`enforcement = "report"`, "the mailbox cannot be read: connection refused"},
		"turned off":  {"enabled = false\nenforcement = \"report\"", "the delivery test is turned off"},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.audit(mailAccounts, deliveryCheck(strings.Split(test.arguments, "\n")...)), ConfigStateChecks: []statecheck.StateCheck{
				says(this, "status", "inconclusive"),
				statecheck.ExpectKnownValue(this, tfjsonpath.New("findings").AtSliceIndex(0).AtMapKey("message"), knownvalue.StringExact(test.says)),
				statecheck.ExpectKnownValue(this, tfjsonpath.New("findings").AtSliceIndex(0).AtMapKey("subject"), knownvalue.StringExact("acme.example")),
			}})
		})
	}
}

// The accounts may come from the environment; what is malformed there is not quoted.
func TestMailboxesFromEnvironment(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: "healthy"})
	withoutAccounts := `portal = { base_url = "https://portal.acme.example" }`
	check := func(arguments ...string) string { return s.audit(withoutAccounts, deliveryCheck(arguments...)) }
	for name, test := range map[string]struct {
		value, config string
		fails         string
	}{
		"accounts":       {`{"inbox":{"imap":"127.0.0.1:1","username":"u","password":"x","address":"launch-test@inbox.example"}}`, check(`enforcement = "report"`), ""},
		"another name":   {`{"box":{"imap":"127.0.0.1:1","username":"u","password":"x"}}`, check(), `(?s)mailbox is\s+"inbox".*has:\s+box`},
		"nothing":        {"", check(), `LAUNCHREADY_MAILBOXES`},
		"a misspelling":  {`{"inbox":{"imap":"127.0.0.1:1","pasword":"secret"}}`, check(), `(?s)Malformed\s+LAUNCHREADY_MAILBOXES`},
		"a server alone": {`{"inbox":{"imap":"imap.inbox.example"}}`, check(), `(?s)Not a mail server.*host:port`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("LAUNCHREADY_MAILBOXES", test.value)
			step := resource.TestStep{Config: test.config}
			if test.fails != "" {
				step.PlanOnly, step.ExpectError = true, regexp.MustCompile(test.fails)
			} else {
				step.ConfigStateChecks = []statecheck.StateCheck{says("data.launchready_mail_delivery_check.this", "status", "inconclusive")}
			}
			serially(t, step)
		})
	}
}
