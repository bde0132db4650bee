package provider_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

func namesCheck(arguments string) string {
	return fmt.Sprintf("data \"launchready_dns_check\" \"this\" {\n domain = \"acme.example\"\n %s\n}\n", arguments)
}

// listed is the zone as another data source would give it, with attributes
// that the check does not have.
const listed = `
locals {
  zone = [
    { id = "1", name = "acme.example", type = "A", content = "198.51.100.10", ttl = 1, proxied = true, comment = null },
    { id = "2", name = "portal.acme.example", type = "A", content = "198.51.100.10", ttl = 1, proxied = true, comment = "x" },
    { id = "3", name = "acme.example", type = "MX", content = "1 smtp.google.com", ttl = 1, proxied = false, comment = "" },
    { id = "4", name = "direct.acme.example", type = "A", content = "198.51.100.10", ttl = 300, proxied = false, comment = "" },
  ]
}
`

func TestDNSCheck(t *testing.T) {
	const address = "data.launchready_dns_check.this"
	for name, test := range map[string]struct {
		state, config string
		status        string         // or
		fails         *regexp.Regexp // error of the plan
	}{
		"the domain alone": {state: "healthy", config: namesCheck(""), status: "pass"},
		"everything": {state: "healthy", status: "pass", config: namesCheck(`
  require = ["dnssec", "caa"]
  hosts   = ["portal.acme.example"]
  expected = {
    portal = { name = "portal", proxied = true }
    v6     = { name = "portal.acme.example", type = "AAAA", proxied = true }
    mail   = { name = "@", type = "MX", values = ["1 SMTP.google.com."] }
    spf    = { name = "acme.example", type = "TXT", values = ["v=spf1 include:_spf.google.com -all"], exact = false }
  }`)},
		"an expected record is not there": {state: "healthy", config: namesCheck(`expected = { mail = { name = "@", type = "MX", values = ["10 mail"] } }`), fails: regexp.MustCompile("dns.expected")},
		"what a listing shows":            {state: "healthy", config: listed + namesCheck("records = local.zone"), fails: regexp.MustCompile(`(?s)dns.origin_leak.*direct.acme.example`)},
		"unsigned":                        {state: "dnssec_off", config: namesCheck(""), status: "pass"},
		"unsigned, required":              {state: "dnssec_off", config: namesCheck(`require = ["dnssec"]`), fails: regexp.MustCompile("dns.dnssec_missing")},
		"a violation":                     {state: "dnssec_signature_expired", config: namesCheck(""), fails: regexp.MustCompile("dns.dnssec_bogus")},
		"waived":                          {state: "dnssec_signature_expired", config: namesCheck(waiver("dns.dnssec_bogus", farAway)), status: "pass"},
		"could not be tested":             {state: "name_servers_unreachable", config: namesCheck(""), fails: regexp.MustCompile(`could not be\s+tested`)},
		"a host out of scope":             {state: "healthy", config: namesCheck(`hosts = ["portal.other.example"]`), fails: regexp.MustCompile(`(?s)out of scope.*portal.other.example`)},
		"a domain with a scheme":          {state: "healthy", config: `data "launchready_dns_check" "this" { domain = "https://acme.example" }`, fails: regexp.MustCompile("Not a host name")},
		"an address":                      {state: "healthy", config: `data "launchready_dns_check" "this" { domain = "192.0.2.1" }`, fails: regexp.MustCompile("Not a domain")},
		"an unknown type":                 {state: "healthy", config: namesCheck(`expected = { x = { name = "@", type = "MXX", values = ["1 a"] } }`), fails: regexp.MustCompile(`(?s)expected\["x"\].type`)},
		"an unknown requirement":          {state: "healthy", config: namesCheck(`require = ["dane"]`), fails: regexp.MustCompile(`require\[0\]`)},
		"nothing is expected":             {state: "healthy", config: namesCheck(`expected = { x = { name = "portal" } }`), fails: regexp.MustCompile(`Nothing is expected`)},
		"values behind the proxy":         {state: "healthy", config: namesCheck(`expected = { x = { name = "portal", values = ["192.0.2.1"], proxied = true } }`), fails: regexp.MustCompile("do not count")},
		"text behind the proxy":           {state: "healthy", config: namesCheck(`expected = { x = { name = "portal", type = "TXT", proxied = true } }`), fails: regexp.MustCompile("can be proxied")},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTarget(t, sandbox.Options{State: test.state})
			step := resource.TestStep{Config: s.audit("", test.config), ExpectError: test.fails, PlanOnly: test.fails != nil}
			if test.fails == nil {
				step.ConfigStateChecks = []statecheck.StateCheck{
					says(address, "status", test.status),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("result").AtMapKey("area"), knownvalue.StringExact("tls")),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("observed").AtMapKey("discovery"), knownvalue.NotNull()),
				}
			}
			acceptance(t, step)
		})
	}
}
