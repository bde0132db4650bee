package emailauth

import (
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
