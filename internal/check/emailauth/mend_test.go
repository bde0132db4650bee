package emailauth

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// mending is the record that a remedy names.
var mending = regexp.MustCompile(`(\S+)\. TXT "(v=(?:spf1|DMARC1)[^"]*)"`)

// TestRemediesMend holds that the record a finding names for SPF and DMARC, put in
// the place of the present one, ends that finding.
func TestRemediesMend(t *testing.T) {
	t.Parallel()
	paths, _ := filepath.Glob("testdata/*.zone")
	mended := 0
	for _, path := range paths {
		f := readFixture(t, path)
		for _, finding := range execute(t, f).Findings {
			m := mending.FindStringSubmatch(finding.Remedy)
			if finding.Status != readiness.Fail || m == nil || strings.Contains(m[1], "_report") {
				continue
			}
			mended++
			again := readFixture(t, path)
			again.world.records = slices.DeleteFunc(again.world.records, func(rr dns.RR) bool {
				if alias, ok := rr.(*dns.CNAME); ok {
					return plain(alias.Hdr.Name) == m[1]
				}
				txt, ok := rr.(*dns.TXT)
				return ok && plain(txt.Hdr.Name) == m[1] && (strings.HasPrefix(m[1], "_dmarc.") || likeSPF(strings.Join(txt.Txt, "")))
			})
			rr, err := dns.NewRR(m[1] + ". 300 IN TXT " + strings.Join(quoted(m[2]), " "))
			if err != nil {
				t.Fatal(err)
			}
			again.world.records = append(again.world.records, rr)
			for _, left := range execute(t, again).Findings {
				if left.Rule == finding.Rule && left.Subject == finding.Subject && left.Status == readiness.Fail {
					t.Errorf("%s: %s: %q does not mend it: %s", filepath.Base(path), finding.Rule, m[2], left.Message)
				}
			}
		}
	}
	if mended < 50 {
		t.Errorf("only %d findings name the record that mends them", mended)
	}
}

func likeSPF(text string) bool {
	return spf.IsSPF(text) || strings.Contains(strings.ToLower(text), "v=spf1")
}

// quoted are the character-strings of a value in zone-file form.
func quoted(value string) []string {
	var out []string
	for ; len(value) > 200; value = value[200:] {
		out = append(out, `"`+value[:200]+`"`)
	}
	return append(out, `"`+value+`"`)
}

// TestWantedRecords holds which record a remedy names, or that it names none
// where the right one cannot be known.
func TestWantedRecords(t *testing.T) {
	t.Parallel()
	const none = ""
	for _, tt := range []struct{ fixture, rule, subject, want string }{
		{"mend-spf-typos", "spf.syntax", "acme.example", "v=spf1 ip4:198.51.100.1 ip4:198.51.100.2 ip4:198.51.100.3 ip4:198.51.100.4 include:_spf.google.com -all"},
		{"spf-include-equals", "spf.syntax", "acme.example", "v=spf1 include:_spf.google.com ~all"},
		{"spf-syntax-redirect-colon", "spf.syntax", "acme.example", "v=spf1 redirect=_spf.google.com"},
		{"spf-syntax", "spf.syntax", "acme.example", none},
		{"mend-spf-unsure", "spf.syntax", "acme.example", none},
		{"mend-spf-pasted", "spf.syntax", "acme.example", "v=spf1 include:_spf.google.com ip4:198.51.100.1 ~all"},
		{"mend-spf-ptr-beside", "spf.ptr", "acme.example", none},
		{"mend-spf-p-macro", "spf.ptr", "acme.example", none},
		{"mend-spf-include-gone", "spf.include_broken", "acme.example", none},
		{"mend-spf-loop", "spf.loop", "acme.example", "v=spf1 ip4:198.51.100.1 -all"},
		{"spf-loop-two", "spf.loop", "acme.example", none},
		{"mend-spf-twice", "spf.dead_term", "acme.example", "v=spf1 mx -all"},
		{"mend-spf-exp", "spf.no_all", "acme.example", "v=spf1 mx mx:acme.example ~all exp=why.acme.example"},
		{"mend-spf-neutral-alone", "spf.no_all", "acme.example", none},
		{"spf-permissive-ip6", "spf.permissive", "acme.example", none},
		{"mend-spf-own-include", "spf.no_all", "acme.example", "v=spf1 include:_spf.acme.example ~all"},
		{"mend-spf-flattened", "spf.no_all", "acme.example", "v=spf1 ip4:192.0.2.0/25 ip6:2001:db8::/36 ~all"},
		{"mend-spf-sender-added", "spf.sender_missing", "acme.example", "v=spf1 ip4:198.51.100.1 include:_spf.google.com -all"},
		{"spf-sender-missing", "spf.sender_missing", "acme.example", none}, // the include does not exist there
		{"mend-spf-sender-too-much", "spf.sender_missing", "acme.example", none},
		{"mend-spf-hubspot", "spf.sender_missing", "acme.example", none},
		{"mend-spf-hubspot", "spf.no_all", "acme.example", none},
		{"mend-spf-zoho", "spf.sender_missing", "acme.example", "v=spf1 include:zohomail.eu -all"},
		{"spf-multiple", "spf.multiple", "acme.example", "v=spf1 ip4:198.51.100.1 ~all"},
		{"mend-spf-two-redirect", "spf.multiple", "acme.example", "v=spf1 ip4:198.51.100.1 include:_spf.google.com -all"},
		{"mend-spf-two-silent", "spf.multiple", "acme.example", "v=spf1 -all"},
		{"mend-spf-return-path", "spf.no_all", "acme.example", "v=spf1 include:_spf.google.com include:sendgrid.net ~all"},
		{"mend-spf-near-miss", "spf.missing", "acme.example", none},
		{"mend-spf-alias", "spf.no_all", "news.acme.example", "v=spf1 ip4:198.51.100.1 ~all"},
		{"spf-wide", "spf.wide_range", "acme.example", none},

		{"mend-dmarc-multiple", "dmarc.multiple", "acme.example", "v=DMARC1; p=reject; rua=mailto:a@acme.example,mailto:b@acme.example; ruf=mailto:f@acme.example"},
		{"mend-dmarc-rua", "dmarc.rua_syntax", "acme.example", "v=DMARC1; p=reject; rua=mailto:a@acme.example,mailto:b@acme.example; ruf=mailto:c@acme.example"},
		{"dmarc-rua-bare", "dmarc.rua_syntax", "acme.example", "v=DMARC1; p=reject; rua=mailto:d@acme.example"},
		{"mend-dmarc-ruf", "dmarc.rua_syntax", "acme.example", "v=DMARC1; p=reject; rua=mailto:a@acme.example"},
		{"mend-dmarc-comma", "dmarc.p_missing", "acme.example", "v=DMARC1; p=reject; rua=mailto:a@acme.example; adkim=s; aspf=r"},
		{"mend-dmarc-quoted", "dmarc.syntax", "acme.example", "v=DMARC1; p=reject; rua=mailto:a@acme.example"},
		{"mend-dmarc-no-mail", "dmarc.no_rua", "acme.example", none},
		{"mend-dmarc-missing-no-mail", "dmarc.missing", "acme.example", "v=DMARC1; p=quarantine"},
		{"mend-dmarc-registry", "dmarc.not_enforced", "acme.bank", "v=DMARC1; p=quarantine; rua=mailto:dmarc@acme.bank"},
		{"mend-dmarc-below", "dmarc.not_enforced", "news.acme.example", "v=DMARC1; p=quarantine; rua=mailto:d@acme.example; adkim=s"},
		{"mend-dmarc-alias", "dmarc.not_enforced", "acme.example", "v=DMARC1; p=quarantine; rua=mailto:d@acme.example"},
	} {
		found := false
		for _, finding := range execute(t, readFixture(t, "testdata/"+tt.fixture+".zone")).Findings {
			if finding.Rule != tt.rule || finding.Subject != tt.subject || finding.Status != readiness.Fail {
				continue
			}
			found = true
			owner, got := tt.subject, ""
			if strings.HasPrefix(tt.rule, "dmarc.") {
				owner = "_dmarc." + owner
			}
			for _, m := range mending.FindAllStringSubmatch(finding.Remedy, -1) {
				if m[1] == owner {
					got = m[2]
				}
			}
			if got != tt.want {
				t.Errorf("%s: %s: %q is named, want %q: %s", tt.fixture, tt.rule, got, tt.want, finding.Remedy)
			}
		}
		if !found {
			t.Errorf("%s: %s does not fail", tt.fixture, tt.rule)
		}
	}
}

// TestRemediesSayWhatIsKnown holds the words of remedies beside the record.
func TestRemediesSayWhatIsKnown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ fixture, rule, want string }{
		{"mend-spf-hubspot", "spf.sender_missing", "Add include:_spf.google.com and the include that HubSpot shows for your account to the SPF record of acme.example"},
		{"mend-spf-alias", "spf.no_all", "news.acme.example is a CNAME to news.vendor.example"},
		{"mend-dmarc-alias", "dmarc.not_enforced", "_dmarc.acme.example is a CNAME to _dmarc.vendor.example"},
		{"tls-rpt-syntax", "tls_rpt.syntax", `"v=TLSRPTv1; rua=mailto:tls@acme.example"`},
		{"mta-sts-certificate", "mta_sts.policy", "Give the host mta-sts.acme.example a certificate"},
		{"mend-parked-alias", "spf.parked", "static.acme.example is a CNAME to edge.cdn.example"},
		{"mend-parked-alias", "mx.portal_host", "static.acme.example is a CNAME to edge.cdn.example"},
		{"dkim-sender-unsigned", "dkim.missing", "Name the selectors that Postmark shows"},
		{"dmarc-dangling", "dmarc.missing", "put the record in the place of the CNAME"},
		{"mend-dmarc-no-mail", "dmarc.no_rua", `acme.example._report._dmarc.<domain>. TXT "v=DMARC1"`},
		{"mend-dmarc-missing-no-mail", "dmarc.missing", "Add rua, with an address in a domain that takes mail"},
		{"dmarc-inherited-none", "dmarc.not_enforced", "Publish _dmarc.portal.acme.example. TXT"},
	} {
		findings := execute(t, readFixture(t, "testdata/"+tt.fixture+".zone")).Findings
		if !slices.ContainsFunc(findings, func(f readiness.Finding) bool { return f.Rule == tt.rule && strings.Contains(f.Remedy, tt.want) }) {
			t.Errorf("%s: no remedy of %s says %q", tt.fixture, tt.rule, tt.want)
		}
	}
}

// TestRemediesAreBounded holds that a record that cannot be parsed is not
// followed without end for the sake of a remedy.
func TestRemediesAreBounded(t *testing.T) {
	t.Parallel()
	text := "v=spf1"
	for i := range 90 {
		text += fmt.Sprintf(" a:n%d.acme.example", i)
	}
	w := &counting{world: &world{}}
	rr, err := dns.NewRR("acme.example. 300 IN TXT " + strings.Join(quoted(text+" ipv4:198.51.100.1 -all"), " "))
	if err != nil {
		t.Fatal(err)
	}
	w.records = append(w.records, rr)
	if _, err := Definition.Execute(context.Background(), w, Spec{Domain: "acme.example"}); err != nil {
		t.Fatal(err)
	}
	if n := w.questions.Load(); n > 120 {
		t.Errorf("%d questions were asked", n)
	}
}
