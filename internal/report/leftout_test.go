package report

import (
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// holds fails if a rendering of a scorecard lacks one of the texts.
func holds(t *testing.T, form string, s readiness.Scorecard, texts ...string) {
	t.Helper()
	rendered, err := Render(form, s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if !strings.Contains(string(rendered), text) {
			t.Errorf("the report %s lacks %q", form, text)
		}
	}
}

// What no check was there to decide is told from what could not be tested.
func TestRulesWithoutACheck(t *testing.T) {
	s := openCard(t)
	s.Areas[4].Unchecked, s.Areas[4].Score, s.Areas[4].Limit = 1, 69, 69
	s.Areas[4].Lines = append([]readiness.ScoreLine{{Rule: "tls.key_weak", Severity: readiness.High, Status: readiness.Inconclusive, Possible: 10, Lost: 10}}, s.Areas[4].Lines...)
	holds(t, ".html", s, `<b class="n inconclusive">1</b> not checked`, ">no check, high<", "nothing blocks")
	holds(t, ".md", s, "No check was there for a part of TLS (1 rule)")
	holds(t, ".json", s, `"unchecked": 1`)
}

// A check that was there and is gone is said wherever changes are.
func TestChecksThatAreGone(t *testing.T) {
	s := blockedCard(t)
	s.Changes.ChecksGone = []readiness.Checked{{Check: "email_auth", Area: readiness.EmailAuth, Target: "mail.acme.example"}}
	holds(t, ".html", s, "No longer checked: email_auth of mail.acme.example.", "<h3>No longer checked</h3>")
	holds(t, ".md", s, "**No longer checked: email\\_auth of mail.acme.example.")
	holds(t, ".json", s, `"checks_gone": [`)
}
