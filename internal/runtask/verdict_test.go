package runtask

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/launchready/terraform-provider-launchready/internal/planfile"
)

func TestJudge(t *testing.T) {
	open := planfile.Scorecard{Address: "data.launchready_scorecard.a", Gate: "open", Score: 100}
	left := func(variable string) []planfile.Override {
		return []planfile.Override{{Provider: "launchready", Variable: variable}}
	}
	unseen := []planfile.Override{{Provider: "launchready", Unseen: true}}
	for name, test := range map[string]struct {
		plan    planfile.Plan
		passed  bool
		message string
	}{
		"open":                           {planfile.Plan{Scorecards: []planfile.Scorecard{open}}, true, "gate open"},
		"one of two is blocked":          {planfile.Plan{Scorecards: []planfile.Scorecard{open, {Gate: "blocked", Score: 40, Risk: "high"}}}, false, "gate blocked"},
		"overridden":                     {planfile.Plan{Scorecards: []planfile.Scorecard{{Gate: "overridden"}}}, false, "gate overridden"},
		"put off":                        {planfile.Plan{Scorecards: []planfile.Scorecard{{Waits: true}}}, false, "only in the apply"},
		"errored, open the time before":  {planfile.Plan{Errored: true, Scorecards: []planfile.Scorecard{open}}, false, "run before"},
		"targeted, open the time before": {planfile.Plan{Partial: true, Scorecards: []planfile.Scorecard{open}}, false, "-target"},
		"no scorecard":                   {planfile.Plan{}, false, "silence is not a pass"},
		"a gate without a value":         {planfile.Plan{Scorecards: []planfile.Scorecard{{}}}, false, "not decided"},
		"an override left in":            {planfile.Plan{Scorecards: []planfile.Scorecard{open}, Overrides: left("")}, false, `carries an override`},
		"an override by a variable":      {planfile.Plan{Scorecards: []planfile.Scorecard{open}, Overrides: left("glass")}, false, `by variable "glass"`},
		"an unseen one, and open":        {planfile.Plan{Scorecards: []planfile.Scorecard{open}, Overrides: unseen}, true, "gate open"},
		"an unseen one, and overridden":  {planfile.Plan{Scorecards: []planfile.Scorecard{{Gate: "overridden"}}, Overrides: unseen}, false, "does not show"},
		"one unseen beside one that is":  {planfile.Plan{Scorecards: []planfile.Scorecard{open}, Overrides: append(left(""), unseen...)}, false, `score 100/100; provider "launchready" carries an override`},
		"one left, all is taken down":    {planfile.Plan{Destroys: true, Overrides: left("")}, true, "nothing is launched"},
		"all is taken down":              {planfile.Plan{Destroys: true}, true, "nothing is launched"},
	} {
		if v := Judge(test.plan); v.Passed != test.passed || !strings.Contains(v.Message, test.message) {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// Whatever a plan holds, an answer is bounded, and text of strangers is text.
func TestHostile(t *testing.T) {
	hostile := planfile.Finding{Rule: "x", Severity: "high", Subject: "a\n\x1b[31m# b", Message: "[click](javascript:x) <img src=x>\n# head " + strings.Repeat("ü", 1<<16)}
	card := planfile.Scorecard{Gate: "blocked", Risk: "high", Markdown: strings.Repeat("é", 1<<20)}
	for range 1000 {
		card.Violations = append(card.Violations, hostile)
	}
	v := Judge(planfile.Plan{Scorecards: []planfile.Scorecard{card}})
	body, err := encode(request{CallbackURL: "x", Capabilities: struct {
		Outcomes bool `json:"outcomes"`
	}{true}}, v)
	if err != nil || len(v.Outcomes) != mostOutcomes || len(body) > 4<<20 || !utf8.Valid(body) {
		t.Fatalf("%v: %d outcomes, %d bytes", err, len(v.Outcomes), len(body))
	}
	if o := v.Outcomes[1]; strings.ContainsAny(o.Description, "\n\x1b") || strings.Contains(o.Body, "<img") && !strings.Contains(o.Body, `\<img`) || strings.Contains(o.Body, "](javascript") {
		t.Errorf("%.300q", o)
	}
}
