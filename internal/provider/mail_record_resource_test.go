package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// Each mail record lives through the same: made, respelled, changed, changed
// and deleted by hand, imported by name, destroyed.
func TestMailRecordLife(t *testing.T) {
	for _, test := range []struct {
		kind, name                         string // resource and full name of the record
		first, respelled, second, imported string // arguments
		content                            string // of the first
		weakened                           string // by hand
		importID                           string
	}{
		{
			kind: "spf_record", name: "acme.example",
			first:     `senders = ["google_workspace", "postmark"]` + "\n" + `ip4 = ["192.0.2.10"]` + "\n" + `all = "~all"`,
			respelled: `senders = ["postmark", "google_workspace"]` + "\n" + `ip4 = ["192.0.2.10/32"]` + "\n" + `all = "~all"`,
			second:    `senders = ["google_workspace"]` + "\n" + `mx = ["@"]`,
			content:   "v=spf1 ip4:192.0.2.10 include:_spf.google.com ~all", weakened: "v=spf1 +all",
			imported: `include = ["_spf.google.com"]` + "\n" + `ip4 = ["192.0.2.10"]` + "\n" + `all = "~all"`, importID: "acme.example",
		},
		{
			kind: "dmarc_record", name: "_dmarc.acme.example",
			first:     `policy = "quarantine"` + "\n" + `rua = ["mailto:dmarc@acme.example"]`,
			respelled: `name = "acme.example"` + "\n" + `policy = "quarantine"` + "\n" + `rua = ["mailto:dmarc@acme.example"]`,
			second:    `policy = "reject"` + "\n" + `subdomain_policy = "quarantine"` + "\n" + `rua = ["mailto:dmarc@acme.example"]`,
			content:   "v=DMARC1; p=quarantine; rua=mailto:dmarc@acme.example", weakened: "v=DMARC1; p=none", importID: "acme.example",
		},
		{
			kind: "dkim_record", name: "google._domainkey.acme.example",
			first:     `selector = "google"` + "\n" + `public_key = "` + testKeyValue + `"`,
			respelled: `selector = "google"` + "\n" + "public_key = <<EOT\n" + testKeyPEM + "EOT\n",
			second:    `selector = "google"` + "\n" + `public_key = "v=DKIM1; k=rsa; t=s; p=` + testKeyValue + `"`,
			content:   "v=DKIM1; k=rsa; p=" + testKeyValue, weakened: "v=DKIM1; k=rsa; p=", importID: "acme.example/google",
		},
	} {
		if test.imported == "" {
			test.imported = test.first
		}
		t.Run(test.kind, func(t *testing.T) {
			s := newTarget(t, sandbox.Options{State: sandbox.Empty})
			address := "launchready_" + test.kind + ".this"
			config := func(arguments string) string {
				return s.config(fmt.Sprintf("resource \"launchready_%s\" \"this\" {\n zone = \"acme.example\"\n %s\n}\n", test.kind, arguments))
			}
			byHand := func(content string) func() {
				return func() {
					s.put("/zone/records", map[string]any{"type": "TXT", "name": test.name, "content": content})
				}
			}
			acceptance(t,
				resource.TestStep{Config: config(test.first), ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("content"), knownvalue.StringExact(test.content)),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("fqdn"), knownvalue.StringExact(test.name)),
				}},
				noChange(config(test.first)),
				noChange(config(test.respelled)),
				changes(config(test.second), address, plancheck.ResourceActionUpdate),
				resource.TestStep{PreConfig: byHand(test.weakened), Config: config(test.first),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}}},
				resource.TestStep{PreConfig: byHand(""), Config: config(test.first),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)}}},
				resource.TestStep{Config: config(test.imported), ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithID, ImportStateId: test.importID},
			)
			for _, r := range s.records("TXT", test.name) {
				t.Errorf("left after destroy: %v", r)
			}
		})
	}
}

const testKeyValue = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu9HR49a5pc/99qIFx0KxqtCsO33G0Me5Pijngfvwu5ydWIKaY9qmmxfTY+CmXPKoC9nMEVHtMhxnlqgRbUiuGo7FH0jnmNHEQtprL2QL1Km7rvlKMMUzM+NzhijjDZEN4kpcwVxTosIUQc7wdAeUO2bSQVw/gNUz5ET9RYla6SkEwcvQUn9o+0Cy3AaaKLB7NdCPfT9Fo0rwovYdXo0sM1VyNpr84glL72dLizm161PSSYSi4mhcflGOGpoQcXXOepEQcmc1sq8Az0RdZBwK3NQvBiS3yCPcRmPtVrxDUAByivi18yoZdIpadd3OoY7HZfCgBV+9Ak+I379NwsplLwIDAQAB"

var testKeyPEM = "-----BEGIN PUBLIC KEY-----\n" + fold(testKeyValue, 64) + "-----END PUBLIC KEY-----\n"

func fold(s string, width int) string {
	var b strings.Builder
	for len(s) > width {
		b.WriteString(s[:width] + "\n")
		s = s[width:]
	}
	return b.String() + s + "\n"
}

func TestDKIMByCNAME(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	config := func(target string) string {
		return s.config(fmt.Sprintf("resource \"launchready_dkim_record\" \"this\" {\n zone = \"acme.example\"\n selector = \"brevo1\"\n target = %q\n}\n", target))
	}
	acceptance(t,
		resource.TestStep{Config: config("b1.acme-example.dkim.brevo.com")},
		noChange(config("B1.acme-example.dkim.brevo.com.")),
		resource.TestStep{Config: config("b1.acme-example.dkim.brevo.com"), ResourceName: "launchready_dkim_record.this", ImportState: true,
			ImportStateKind: resource.ImportBlockWithID, ImportStateId: "acme.example/brevo1"},
	)
}

// A record that is already there is refused at plan time, and adopted on request.
func TestMailRecordAdoption(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: "dmarc_not_enforced"})
	spf := func(conflict string) string {
		return s.config(`resource "launchready_spf_record" "this" {
  zone = "acme.example"
  senders = ["google_workspace"]
  ip4 = ["192.0.2.10"]
  on_conflict = "` + conflict + `"
}
resource "launchready_dmarc_record" "this" {
  zone = "acme.example"
  policy = "reject"
  on_conflict = "` + conflict + `"
}`)
	}
	acceptance(t,
		resource.TestStep{Config: spf("fail"), ExpectError: regexp.MustCompile(`already in the zone`)},
		resource.TestStep{Config: spf("adopt")},
		noChange(spf("adopt")),
		resource.TestStep{PreConfig: func() {
			if got := s.records("TXT", "_dmarc.acme.example"); len(got) != 1 || !strings.Contains(got[0].Content, "p=reject") {
				t.Errorf("DMARC after adoption: %v", got)
			}
		}, Config: spf("adopt")},
	)
}

// Of what exists once there is never a second, however it is declared.
func TestMailRecordsStandAlone(t *testing.T) {
	two := func(s target, kind, a, b string) string {
		return s.config(fmt.Sprintf("resource \"launchready_%s\" \"a\" {\n zone = \"acme.example\"\n on_conflict = \"adopt\"\n %s\n}\nresource \"launchready_%s\" \"b\" {\n zone = \"acme.example\"\n on_conflict = \"adopt\"\n %s\n}\n", kind, a, kind, b))
	}
	one := func(s target, kind, label, a string) string {
		return s.config(fmt.Sprintf("resource \"launchready_%s\" %q {\n zone = \"acme.example\"\n on_conflict = \"adopt\"\n %s\n}\n", kind, label, a))
	}
	t.Run("declared twice", func(t *testing.T) {
		s := newTarget(t, sandbox.Options{State: sandbox.Empty})
		acceptance(t,
			resource.TestStep{Config: two(s, "spf_record", `mx = ["@"]`, `a = ["@"]`), ExpectError: regexp.MustCompile(`declared\s+twice`)},
			resource.TestStep{Config: two(s, "dmarc_record", `policy = "reject"`, `policy = "none"`), ExpectError: regexp.MustCompile(`declared\s+twice`)},
			resource.TestStep{Config: one(s, "spf_record", "a", `mx = ["@"]`)},
			resource.TestStep{Config: two(s, "spf_record", `mx = ["@"]`, `a = ["@"]`), ExpectError: regexp.MustCompile(`(declared\s+twice|belongs\s+to\s+another)`)},
		)
	})
	t.Run("declared as a plain record too", func(t *testing.T) {
		s := newTarget(t, sandbox.Options{State: sandbox.Empty})
		plain := dnsRecord("name = \"@\"\n type = \"TXT\"\n content = \"v=spf1 ip4:192.0.2.9 ~all\"")
		acceptance(t, resource.TestStep{Config: one(s, "spf_record", "a", `mx = ["@"]`) + plain, ExpectError: regexp.MustCompile(`declared\s+twice`)})
	})
	t.Run("two found", func(t *testing.T) {
		s := newTarget(t, sandbox.Options{State: "spf_multiple"})
		acceptance(t, resource.TestStep{Config: one(s, "spf_record", "a", `include = ["_spf.google.com"]`), ExpectError: regexp.MustCompile(`(?s)already in the zone.*no\s+doubt`)})
	})
	t.Run("moved onto another", func(t *testing.T) {
		s := newTarget(t, sandbox.Options{State: "healthy"})
		acceptance(t,
			resource.TestStep{Config: one(s, "dmarc_record", "a", "name = \"y\"\n policy = \"reject\"")},
			resource.TestStep{Config: one(s, "dmarc_record", "a", "policy = \"reject\""), ExpectError: regexp.MustCompile(`already in the zone`)},
		)
	})
	t.Run("renamed, adopting", func(t *testing.T) {
		s := newTarget(t, sandbox.Options{State: "healthy"})
		renamed := one(s, "spf_record", "b", `senders = ["google_workspace"]`)
		acceptance(t, resource.TestStep{Config: one(s, "spf_record", "a", `senders = ["google_workspace"]`)},
			resource.TestStep{Config: renamed},
			resource.TestStep{PreConfig: func() {
				n := 0
				for _, r := range s.records("TXT", "acme.example") {
					if strings.Contains(r.Content, "v=spf1") {
						n++
					}
				}
				if n != 1 {
					t.Errorf("%d SPF records after a rename", n)
				}
			}, Config: renamed, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}})
	})
}

// A record that no receiver would evaluate is refused before it is written.
func TestSPFBudget(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	config := s.config(`resource "launchready_spf_record" "this" {
  zone = "acme.example"
  include = ["_spf.google.com", "sendgrid.net", "mailgun.org", "spf.protection.outlook.com", "_spf.google.com.", "amazonses.com", "spf.mtasv.net"]
  a  = ["@", "www.acme.example", "one.acme.example", "two.acme.example"]
  mx = ["@"]
}`)
	acceptance(t, resource.TestStep{Config: config, PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)look-ups; receivers stop at 10.*include:_spf.google.com`)})
}

func TestMailRecordBadInput(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	for name, test := range map[string]struct{ kind, arguments, want string }{
		"an unknown sender":               {"spf_record", `senders = ["google_workspaces"]`, `Did you mean\s+"google_workspace"`},
		"an address that is none":         {"spf_record", `ip4 = ["192.0.2.300"]`, `ip4\[0\]`},
		"IPv6 in ip4":                     {"spf_record", `ip4 = ["2001:db8::1"]`, `ip4\[0\]`},
		"redirect beside all":             {"spf_record", "redirect = \"_spf.partner.example\"\nall = \"-all\"", "redirect beside all"},
		"+all":                            {"spf_record", `all = "+all"`, `\+all`},
		"a selector with too much":        {"dkim_record", "selector = \"google._domainkey\"\ntarget = \"a.example\"", "_domainkey"},
		"no key at all":                   {"dkim_record", `selector = "google"`, "either public_key or target"},
		"a key and a target":              {"dkim_record", "selector = \"google\"\ntarget = \"a.example\"\npublic_key = \"" + testKeyValue + "\"", "not both"},
		"a key that is none":              {"dkim_record", "selector = \"google\"\npublic_key = \"bm90IGEga2V5\"", "Not a DKIM public key"},
		"a private key":                   {"dkim_record", "selector = \"google\"\npublic_key = \"-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----\"", "(?i)private"},
		"a key too short":                 {"dkim_record", "selector = \"google\"\npublic_key = \"" + shortKeyValue + "\"", "would not accept"},
		"an unknown policy":               {"dmarc_record", `policy = "block"`, "quarantine"},
		"a report address without scheme": {"dmarc_record", "policy = \"reject\"\nrua = [\"dmarc@acme.example\"]", `mailto:dmarc@acme.example`},
		"two addresses in one":            {"dmarc_record", "policy = \"reject\"\nrua = [\"mailto:a@acme.example,mailto:b@acme.example\"]", "Not a report address"},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{
				Config:   s.config(fmt.Sprintf("resource \"launchready_%s\" \"this\" {\n zone = \"acme.example\"\n %s\n}\n", test.kind, test.arguments)),
				PlanOnly: true, ExpectError: regexp.MustCompile(test.want),
			})
		})
	}
}

// 768 bits: receivers must not accept it (RFC 8301 section 3.2).
const shortKeyValue = "MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhAKwizSAEeRJmNbvIrt1YaDqTRp+CucNojFQzV11kZ7pHCHj1RuXYspzsJDf4hHZOVUvMN7UDx20TvrMesTA8vDWZM38ZaCD2X0NnHpH8I8m0sWeTHfvgtDnKNa4EoZ5hewIDAQAB"

// A record that is taken over keeps its other terms until they are dropped.
func TestSPFRecordMerges(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	s.put("/zone/records", map[string]any{"type": "TXT", "name": "acme.example", "content": "v=spf1 a:mail.acme.example include:_spf.google.com ip4:198.51.100.7 ?all"})
	config := func(more string) string {
		return s.config(`resource "launchready_spf_record" "this" {
			zone        = "acme.example"
			senders     = ["google_workspace"]
			all         = "~all"
			on_conflict = "adopt"
			` + more + `
		}`)
	}
	content := func(want string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("launchready_spf_record.this", tfjsonpath.New("content"), knownvalue.StringExact(want))
	}
	merged := func(terms ...knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("launchready_spf_record.this", tfjsonpath.New("merged_terms"), knownvalue.ListExact(terms))
	}
	acceptance(t,
		resource.TestStep{Config: config(""), ConfigStateChecks: []statecheck.StateCheck{
			content("v=spf1 include:_spf.google.com a:mail.acme.example ip4:198.51.100.7 ~all"),
			merged(knownvalue.StringExact("a:mail.acme.example"), knownvalue.StringExact("ip4:198.51.100.7")),
		}},
		noChange(config("")),
		// A term that is declared by now, and a change by hand of what was merged.
		resource.TestStep{Config: config(`ip4 = ["198.51.100.7"]`), ConfigStateChecks: []statecheck.StateCheck{content("v=spf1 ip4:198.51.100.7 include:_spf.google.com a:mail.acme.example ~all")}},
		noChange(config(`ip4 = ["198.51.100.7"]`)),
		// A replacement takes its own record over.
		resource.TestStep{Config: config(`ip4 = ["198.51.100.7"]`), Taint: []string{"launchready_spf_record.this"}, ConfigStateChecks: []statecheck.StateCheck{
			content("v=spf1 ip4:198.51.100.7 include:_spf.google.com a:mail.acme.example ~all"), merged(knownvalue.StringExact("a:mail.acme.example")),
		}},
		resource.TestStep{Config: config("ip4 = [\"198.51.100.7\"]\nmerge = false"), ConfigStateChecks: []statecheck.StateCheck{
			content("v=spf1 ip4:198.51.100.7 include:_spf.google.com ~all"), merged(),
		}},
		noChange(config("ip4 = [\"198.51.100.7\"]\nmerge = false")),
	)
}

// The records of transport and brand live as the others do.
func TestTransportRecordLife(t *testing.T) {
	for _, test := range []struct{ kind, name, first, respelled, second, content, weakened, importID, imported string }{
		{
			kind: "mta_sts_records", name: "_mta-sts.acme.example",
			first: `mx = ["smtp.google.com"]` + "\n" + `mode = "enforce"`, respelled: `mx = ["SMTP.google.com."]` + "\n" + `mode = "enforce"` + "\n" + `max_age = 604800`,
			second:  `mx = ["smtp.google.com", "*.backup.example"]` + "\n" + `mode = "enforce"`,
			content: "v=STSv1; id=", weakened: "v=STSv1; id=20200101",
		},
		{
			kind: "tls_rpt_record", name: "_smtp._tls.acme.example",
			first: `rua = ["mailto:tls@acme.example"]`, respelled: `name = "acme.example"` + "\n" + `rua = ["mailto:tls@acme.example"]`,
			second:  `rua = ["mailto:tls@acme.example", "https://reports.acme.example/tls"]`,
			content: "v=TLSRPTv1; rua=mailto:tls@acme.example", weakened: "v=TLSRPTv1; rua=mailto:somebody@elsewhere.example", importID: "acme.example",
		},
		{
			kind: "bimi_record", name: "default._bimi.acme.example",
			first: `location = "https://acme.example/logo.svg"`, respelled: `selector = "default"` + "\n" + `location = "https://acme.example/logo.svg"`,
			second:  `location = "https://acme.example/logo.svg"` + "\n" + `certificate = "https://acme.example/vmc.pem"`,
			content: "v=BIMI1; l=https://acme.example/logo.svg", weakened: "v=BIMI1; l=", importID: "acme.example",
		},
	} {
		t.Run(test.kind, func(t *testing.T) {
			s := newTarget(t, sandbox.Options{State: sandbox.Empty})
			address := "launchready_" + test.kind + ".this"
			config := func(arguments string) string {
				return s.config(fmt.Sprintf("resource \"launchready_%s\" \"this\" {\n zone = \"acme.example\"\n %s\n}\n", test.kind, arguments))
			}
			byHand := func(content string) func() {
				return func() {
					s.put("/zone/records", map[string]any{"type": "TXT", "name": test.name, "content": content})
				}
			}
			steps := []resource.TestStep{
				{Config: config(test.first), ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(address, tfjsonpath.New("content"), knownvalue.StringRegexp(regexp.MustCompile("^"+regexp.QuoteMeta(test.content)))),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("fqdn"), knownvalue.StringExact(test.name)),
				}},
				noChange(config(test.first)),
				noChange(config(test.respelled)),
				changes(config(test.second), address, plancheck.ResourceActionUpdate),
				{PreConfig: byHand(test.weakened), Config: config(test.first),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}}},
				{PreConfig: byHand(""), Config: config(test.first),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)}}},
				noChange(config(test.first)),
			}
			if test.importID != "" {
				steps = append(steps, resource.TestStep{Config: config(test.first), ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithID, ImportStateId: test.importID})
			}
			acceptance(t, steps...)
			for _, r := range s.records("TXT", test.name) {
				t.Errorf("left after destroy: %v", r)
			}
		})
	}
}

// An MTA-STS record that is imported is set by the next apply: its policy is not
// in the DNS.
func TestMTASTSRecordsImport(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	s.put("/zone/records", map[string]any{"type": "TXT", "name": "_mta-sts.acme.example", "content": "v=STSv1; id=20260101"})
	config := s.config(`import {
		to = launchready_mta_sts_records.this
		id = "acme.example"
	}
	resource "launchready_mta_sts_records" "this" {
		zone = "acme.example"
		mode = "enforce"
		mx   = ["smtp.google.com"]
	}`)
	acceptance(t,
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("launchready_mta_sts_records.this", tfjsonpath.New("policy"), knownvalue.StringExact("version: STSv1\r\nmode: enforce\r\nmx: smtp.google.com\r\nmax_age: 604800\r\n")),
			statecheck.ExpectKnownValue("launchready_mta_sts_records.this", tfjsonpath.New("policy_url"), knownvalue.StringExact("https://mta-sts.acme.example/.well-known/mta-sts.txt")),
		}},
		noChange(config),
	)
}

func TestTransportRecordMistakes(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	for name, test := range map[string]struct{ kind, arguments, want string }{
		"an address as MX":              {"mta_sts_records", `mx = ["192.0.2.1"]`, `mx\[0\] is\s+"192.0.2.1"`},
		"a bare wildcard":               {"mta_sts_records", `mx = ["*"]`, `mx\[0\] is\s+"\*"`},
		"no MX":                         {"mta_sts_records", `mode = "enforce"`, `MX hosts missing`},
		"an age over a year":            {"mta_sts_records", "mx = [\"a.example\"]\nmax_age = 31557601", `max_age`},
		"a report address without mail": {"tls_rpt_record", `rua = ["tls@acme.example"]`, `rua\[0\]`},
		"a report address by http":      {"tls_rpt_record", `rua = ["http://acme.example/"]`, `rua\[0\]`},
		"a logo by http":                {"bimi_record", `location = "http://acme.example/logo.svg"`, `location is\s+"http://acme`},
		"a certificate without a logo":  {"bimi_record", `certificate = "https://acme.example/vmc.pem"`, `address of the image`},
		"a target of somebody else":     {"dkim_record", "selector = \"k2\"\nsender = \"mailchimp\"\ntarget = \"dkim2.evilmcsv.net\"", `are below\s+mcsv.net`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.config(fmt.Sprintf("resource \"launchready_%s\" \"this\" {\n zone = \"acme.example\"\n %s\n}\n", test.kind, test.arguments)),
				ExpectError: regexp.MustCompile(test.want)})
		})
	}
}

// The functions read and write records, and say what is wrong with one.
func TestMailFunctions(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	value := func(expression string) string {
		return s.config(fmt.Sprintf("output \"x\" {\n value = %s\n}\n", expression))
	}
	var steps []resource.TestStep
	for expression, want := range map[string]knownvalue.Check{
		`provider::launchready::parse_spf("v=spf1  IP4:192.0.2.1/32 ~ALL exp=x.example").record`:                                knownvalue.StringExact("v=spf1 ip4:192.0.2.1 ~all exp=x.example"),
		`provider::launchready::parse_spf("v=spf1 a/24//64 -all").terms[0].value`:                                               knownvalue.StringExact("/24//64"),
		`provider::launchready::parse_spf("v=spf1 ?include:_spf.google.com -all").terms[0].qualifier`:                           knownvalue.StringExact("?"),
		`provider::launchready::parse_spf("v=spf1 redirect=_spf.google.com").terms[0].modifier`:                                 knownvalue.StringExact("redirect"),
		`provider::launchready::format_spf(["include:_spf.google.com", "~all"])`:                                                knownvalue.StringExact("v=spf1 include:_spf.google.com ~all"),
		`provider::launchready::parse_dmarc("v=DMARC1; p=reject; np=reject; rua=mailto:d@acme.example").np`:                     knownvalue.StringExact("reject"),
		`provider::launchready::format_dmarc({ rua = "mailto:d@acme.example", np = "reject", p = "reject", sp = "quarantine"})`: knownvalue.StringExact("v=DMARC1; p=reject; sp=quarantine; np=reject; rua=mailto:d@acme.example"),
	} {
		steps = append(steps, resource.TestStep{Config: value(expression), ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("x", want)}})
	}
	for expression, want := range map[string]string{
		`provider::launchready::parse_spf("v=spf1 ipv4:192.0.2.1 -all")`:   `ip4`,
		`provider::launchready::format_spf(["include:"])`:                  `include`,
		`provider::launchready::parse_dmarc("v=DMARC1; p=quarantined")`:    `is not\s+a\s+policy`,
		`provider::launchready::format_dmarc({ p = "none", rua = "a@b" })`: `URI`,
	} {
		steps = append(steps, resource.TestStep{Config: value(expression), ExpectError: regexp.MustCompile(want)})
	}
	acceptance(t, steps...)
}

func TestSenderDataSource(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	config := func(name string) string {
		return s.config(fmt.Sprintf("data \"launchready_sender\" \"this\" {\n name = %q\n}\n", name))
	}
	acceptance(t,
		resource.TestStep{Config: config("mailchump"), ExpectError: regexp.MustCompile(`Did you mean\s+"mailchimp"`)},
		resource.TestStep{Config: config("mailchimp"), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.launchready_sender.this", tfjsonpath.New("apex"), knownvalue.StringExact("useless")),
			statecheck.ExpectKnownValue("data.launchready_sender.this", tfjsonpath.New("selectors").AtSliceIndex(0).AtMapKey("selector"), knownvalue.StringExact("k2")),
		}},
	)
}

// What would be another term, or let everybody send, is refused in the plan.
func TestSPFRecordRefusals(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.Empty})
	for name, test := range map[string]struct{ arguments, want string }{
		"two terms in one":          {`include = ["_spf.google.com ip4:1.2.3.4 +all"]`, `include\[0\]`},
		"a redirect with a blank":   {`redirect = "_spf.google.com +all"`, `redirect\s+is`},
		"everybody":                 {`ip4 = ["0.0.0.0/0"]`, `let everybody send`},
		"an include per account":    {`senders = ["hubspot"]`, `depends on the\s+account`},
		"a record beyond the limit": {"ip4 = [for i in range(250) : \"198.51.100.${i}\"]", `too long`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: s.config("resource \"launchready_spf_record\" \"this\" {\n zone = \"acme.example\"\n" + test.arguments + "\n}\n"), ExpectError: regexp.MustCompile(test.want)})
		})
	}
	t.Run("a redirect is kept on adoption", func(t *testing.T) {
		s := newTarget(t, sandbox.Options{State: sandbox.Empty})
		s.put("/zone/records", map[string]any{"type": "TXT", "name": "acme.example", "content": "v=spf1 redirect=spf.mtasv.net"})
		config := s.config("resource \"launchready_spf_record\" \"this\" {\n zone = \"acme.example\"\n senders = [\"google_workspace\"]\n on_conflict = \"adopt\"\n}\n")
		acceptance(t, resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("launchready_spf_record.this", tfjsonpath.New("content"), knownvalue.StringExact("v=spf1 include:_spf.google.com include:spf.mtasv.net -all")),
		}}, noChange(config))
	})
	t.Run("what is adopted lets everybody send", func(t *testing.T) {
		s := newTarget(t, sandbox.Options{State: sandbox.Empty})
		s.put("/zone/records", map[string]any{"type": "TXT", "name": "acme.example", "content": "v=spf1 ip4:0.0.0.0/0 -all"})
		acceptance(t, resource.TestStep{Config: s.config("resource \"launchready_spf_record\" \"this\" {\n zone = \"acme.example\"\n senders = [\"google_workspace\"]\n on_conflict = \"adopt\"\n}\n"),
			PlanOnly: true, ExpectError: regexp.MustCompile(`let everybody send`)})
	})
	t.Run("a prefix written twice", func(t *testing.T) {
		acceptance(t, resource.TestStep{Config: s.config("resource \"launchready_dmarc_record\" \"this\" {\n zone = \"acme.example\"\n name = \"_dmarc\"\n policy = \"reject\"\n}\n"), ExpectError: regexp.MustCompile(`Prefix written twice`)})
	})
}
