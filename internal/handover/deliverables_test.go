package handover

import (
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func TestWhyOpen(t *testing.T) {
	for want, d := range map[string]readiness.Deliverable{
		"":                                 {Done: true, Status: readiness.Pass, Evidence: []string{"tls.chain"}},
		"tls.hsts_short stands against it": {Status: readiness.Fail, Against: []string{"tls.hsts_short"}},
		"a, b, c, d, e and 2 more stand against it":                                        {Status: readiness.Fail, Against: strings.Split("abcdefg", "")},
		"tls.chain could not be tested":                                                    {Status: readiness.Inconclusive, Against: []string{"tls.chain"}},
		"nothing shows that it holds (no pass of dkim.missing, delivery.dkim)":             {Status: readiness.Inconclusive, Missing: []string{"dkim.missing", "delivery.dkim"}},
		"spf.ptr stands against it; nothing shows that it holds (no pass of dkim.missing)": {Status: readiness.Fail, Against: []string{"spf.ptr"}, Missing: []string{"dkim.missing"}},
		"a violation is waived, not mended":                                                {Status: readiness.Waived},
		"not checked":                                                                      {Status: readiness.NotApplicable, Missing: []string{"edge.ddos_setting"}},
		"the scorecard does not say why":                                                   {Status: readiness.Fail}, // of an older report
	} {
		if got := whyOpen(d); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, form := range []string{"a.html", "a.md"} {
		text, err := Render(form, document(t), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Caching: not checked", "SSL"} {
			plain := strings.NewReplacer(`<span class="soft">`, "").Replace(string(text))
			if !strings.Contains(plain, want) {
				t.Errorf("%s lacks %q", form, want)
			}
		}
	}
}

// A document of a launch that is not ready says so on top, and by what it is blocked.
func TestVerdictOfADraft(t *testing.T) {
	stands := func(rule string, severity readiness.Severity) readiness.Finding {
		return readiness.Finding{Rule: rule, Severity: severity, Status: readiness.Fail}
	}
	v := Verified{Gate: readiness.Blocked, FailOn: readiness.High, Standing: []readiness.Finding{
		stands("tls.chain", readiness.Critical), stands("dmarc.missing", readiness.High), stands("dmarc.missing", readiness.High), stands("spf.ptr", readiness.Low),
	}}
	if got, want := v.verdict(), "Not ready to launch: blocked by tls.chain, dmarc.missing."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	v.Gate = readiness.Overridden
	if got, want := v.verdict(), "Not ready: blocked by tls.chain, dmarc.missing. Somebody went on regardless."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
