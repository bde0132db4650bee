package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

func handover(arguments string) string {
	return "provider \"launchready\" {}\ndata \"launchready_handover\" \"this\" {\n" + arguments + "\n}\n"
}

const thisHandover = "data.launchready_handover.this"

func TestHandoverBadInput(t *testing.T) {
	// What must not stand in a source as one text.
	token := "gh" + "p_" + "0b7Xq2Lw9Tz4Vc6Nm1Rk8Hs3Jd5Gf0Pa7YtE"
	credential := func(place string) string { return handover(`credentials = { api = { place = "` + place + `" } }`) }
	for name, test := range map[string]struct{ config, want string }{
		"a token in the place of its place": {credential(token), `(?s)credentials\["api"\]\.place\s+holds\s+what\s+looks\s+like\s+one`},
		"a password in its place":           {credential("S3cr3t!pass#9"), `(?s)credentials\["api"\]\.place\s+holds`},
		"an address with a password":        {credential("postgres://portal:s3cr3tpw@db.acme.example/portal"), `(?s)user\s+name\s+and\s+a\s+password`},
		"a token in a note":                 {handover(`owners = { mail = { owner = "Ada", note = "token ` + token + `" } }`), `(?s)owners\["mail"\]\.note\s+holds`},
		"a password in a review":            {handover(`reviews = { dkim = { what = "password: hunter2x" } }`), `(?s)reviews\["dkim"\]\.what\s+holds`},
		"no place":                          {credential(" "), `(?s)place\s+must\s+not\s+be\s+empty`},
		"a day that is none":                {handover(`reviews = { dkim = { due = "soon" } }`), `(?s)due.*date\s+such\s+as`},
		"a certificate's day that is none":  {handover(`certificates = { "acme.example" = "soon" }`), `(?s)date\s+such\s+as`},
		"an unknown form":                   {handover(`files = ["handover.pdf"]`), `(?s)files\[0\].*\.html,\s+\.md`},
		"no scorecard":                      {handover(`scorecard = "launch.json"`), `(?s)scorecard:.*attribute\s+json`},
		"an unknown rule":                   {handover(`waivers = [{ rule = "tls.chains", reason = "x", owner = "y", expires = "2027-01-01" }]`), `(?s)did\s+you\s+mean`},
		"a file in the place of a folder":   {handover(`files = ["/dev/null/handover.md"]`), `(?s)files\[0\].*folder\s+that\s+can\s+be\s+written`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: test.config, PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}

// The document shows what the scorecard decided, in files and in attributes, and a
// second plan has nothing to change. No value that was refused is printed.
func TestHandover(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: "hsts_missing"})
	dir := t.TempDir()
	files := []string{filepath.Join(dir, "handover.html"), filepath.Join(dir, "handover.md")}
	runbook := filepath.Join(dir, "runbook")
	if err := os.MkdirAll(runbook, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"refunds.md": "# Refunds\n\nLast reviewed: 2026-11-16\n\n- **Owner:** Ines Moreau\n- **Contact:** billing@acme.example\n- **Expected time:** 2 business days\n\n1. Find the invoice.\n2. Refund it.\n3. Answer.\n",
		"resets.md":  "# Password resets\n\n- **Owner:** Noor Haddad\n- **Contact:** support@acme.example\n\n1. Sign in as root, password: hunter2x.\n2. Reset.\n3. Answer.\n",
	} {
		if err := os.WriteFile(filepath.Join(runbook, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := s.audit("", scorecard(`require = ["email_auth", "tls"]`+"\n"+waiver("tls.hsts_missing", farAway))+`
data "launchready_handover" "this" {
  client       = "Acme Members"
  scorecard    = data.launchready_scorecard.this.json
  runbook      = `+asJSON(runbook)+`
  built        = { email = { records = { dmarc = { name = "_dmarc.acme.example", type = "TXT", content = "v=DMARC1; p=none" } } } }
  owners       = { registrar = { owner = "Acme Ltd", contact = "jane@acme.example" } }
  credentials  = { api = { place = "1Password, vault Acme", owner = "Ada", rotated = "2026-11-02", rotate_every_days = 30 } }
  certificates = { "portal.acme.example" = "2027-02-01" }
  files        = `+asJSON(files)+`
}
`)
	first := func(id string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(thisHandover, tfjsonpath.New("next_reviews").AtSliceIndex(0).AtMapKey("id"), knownvalue.StringExact(id))
	}
	acceptance(t, resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
		first("credential:api"),
		statecheck.ExpectKnownValue(thisHandover, tfjsonpath.New("missing"), knownvalue.ListPartial(map[int]knownvalue.Check{0: knownvalue.StringRegexp(regexp.MustCompile(`^A day for: DMARC of acme.example`))})),
		statecheck.ExpectKnownValue(thisHandover, tfjsonpath.New("markdown"), knownvalue.StringRegexp(regexp.MustCompile(`(?s)Gate: open.*hsts`))),
	}})
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, want := range []string{"Acme Members", "1Password, vault Acme", "Ines Moreau", "2027-02-01", "As of", "Find the invoice.", "not shown", "tls.hsts"} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s lacks %q", filepath.Base(name), want)
			}
		}
		if strings.Contains(string(text), "hunter2x") {
			t.Errorf("%s shows a password of the runbook", filepath.Base(name))
		}
	}
}
