package provider_test

import (
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

const zoneOfAcme = `data "launchready_zone" "this" { zone = "acme.example" }` + "\n"

// Mistakes in the provider block are said at the earliest moment, at the
// argument, with what to do.
func TestProviderBadInput(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: "healthy"})
	down := closedPort(t)
	block := func(arguments string) string { return "provider \"launchready\" {\n" + arguments + "\n}\n" }
	api := func(token string) string {
		return block(fmt.Sprintf("cloudflare = { api_token = %q, base_url = %q }", token, s.APIURL()))
	}
	for name, test := range map[string]struct{ config, want string }{
		"no token":                      {block("") + zoneOfAcme, `CLOUDFLARE_API_TOKEN`},
		"a wrong token":                 {api("cfut_0000000000000000000000000000000000000000") + zoneOfAcme, `(?s)zone.*token`},
		"a token with a prefix":         {api("Bearer abc") + zoneOfAcme, `(?s)api_token.*Bearer`},
		"a zone of another account":     {api(s.TokenForAnotherZone()) + zoneOfAcme, `(?s)acme.example.*not visible`},
		"connect_to without a port":     {block(`probe = { connect_to = { "*:443" = "127.0.0.1" } }`) + mailCheck(""), `(?s)connect_to.*127\.0\.0\.1.*port`},
		"a resolver that is none":       {block(`probe = { resolvers = ["dns.example:x"] }`) + mailCheck(""), `(?s)resolvers`},
		"a pattern that is none":        {block(`probe = { allowed_hosts = ["https://acme.example"] }`) + mailCheck(""), `(?s)allowed_hosts`},
		"a timeout without a unit":      {block(`probe = { timeout = "10" }`) + mailCheck(""), `(?s)timeout.*30s`},
		"a CA bundle that is not there": {block(`probe = { ca_bundle = "/nowhere/ca.pem" }`) + mailCheck(""), `(?s)ca_bundle.*nowhere`},
		"an override without an owner":  {block(`override = { reason = "r", owner = "", expires = "2099-12-31" }`) + mailCheck(""), `owner`},
		"an override with a bad date":   {block(`override = { reason = "r", owner = "o", expires = "tomorrow" }`) + mailCheck(""), `2027-01-31`},
		"a resolver that is down": {block(fmt.Sprintf("probe = { resolvers = [%q], timeout = \"1s\" }", down)) + mailCheck(""),
			`(?s)could not be\s+tested`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: test.config, PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}

// A permission that is missing is named.
func TestMissingPermission(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	config := fmt.Sprintf(`
provider "launchready" {
  cloudflare = { api_token = %q, base_url = %q }
}
resource "launchready_dmarc_record" "this" {
  zone   = "acme.example"
  policy = "reject"
}`, s.TokenWithoutDNSEdit(), s.APIURL())
	acceptance(t, resource.TestStep{Config: config, ExpectError: regexp.MustCompile(`DNS\s+Write`)})
}

// closedPort is a loopback address at which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.LocalAddr().String()
}

// What was done before a failure stays in state.
func TestPartialFailure(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	config := s.config(`
resource "launchready_dns_record" "good" {
  zone    = "acme.example"
  name    = "good"
  type    = "A"
  content = "198.51.100.10"
}
resource "launchready_dns_record" "bad" {
  zone = "acme.example"
  name = "bad"
  type = "A"
  content = "104.16.0.1" # an address of Cloudflare's own, which only the API refuses
}`)
	mended := strings.Replace(config, "104.16.0.1", "198.51.100.11", 1)
	acceptance(t,
		resource.TestStep{Config: config, ExpectError: regexp.MustCompile(`(?s)bad.acme.example`)},
		resource.TestStep{Config: mended},
		noChange(mended),
	)
}

// What the provider block does not know yet is no reason to fail for what does
// not need it.
func TestProviderUnknownValues(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: "healthy"})
	token := fmt.Sprintf(`
resource "terraform_data" "token" { input = %q }
provider "launchready" {
  cloudflare = { api_token = terraform_data.token.output, base_url = %q }
  probe      = %s
}
`, s.Token(), s.APIURL(), s.probeBlock())
	// A variable is not known while the configuration is validated.
	headers := fmt.Sprintf(`
variable "secret" {
  type    = string
  default = "canary-3fd1"
}
provider "launchready" {
  probe      = %s
  identities = { staging = { headers = { CF-Access-Client-Secret = var.secret, X-None = null } } }
  sinks      = { logs = { type = "loki", url = "https://loki.acme.example", headers = { X-Token = var.secret } } }
}
`, s.probeBlock())
	record := dnsRecord("name = \"new\"\n type = \"A\"\n content = \"198.51.100.10\"")
	acceptance(t,
		resource.TestStep{Config: headers + mailCheck(""), ConfigStateChecks: []statecheck.StateCheck{says("data.launchready_email_auth_check.this", "status", "pass")}},
		resource.TestStep{Config: token + zoneOfAcme, PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)cloudflare.api_token.*known only after apply`)},
		resource.TestStep{Config: token + mailCheck("") + record, ConfigStateChecks: []statecheck.StateCheck{says("data.launchready_email_auth_check.this", "status", "pass")}},
	)
}
