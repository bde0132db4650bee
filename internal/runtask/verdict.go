// Package runtask answers run tasks of HCP Terraform and Terraform Enterprise
// (https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run-tasks/run-tasks-integration)
// with the launch scorecard of the run's plan.
package runtask

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/launchready/terraform-provider-launchready/internal/planfile"
)

// Verdict is what a run task answers.
type Verdict struct {
	Passed   bool
	Message  string // one line
	Outcomes []Outcome
}

// Outcome is one row below a run task.
type Outcome struct {
	ID          string // "tls.mixed_active-1"
	Description string // one line
	Body        string // Markdown
	Status      Tag
	Severity    Tag
}

// Tag is a label with a level: none, info, warning or error.
type Tag struct {
	Label string `json:"label"`
	Level string `json:"level"`
}

// Bounds of an answer: HCP Terraform recommends less than 1 MB a body.
const (
	mostOutcomes  = 50
	longestReport = 512 << 10
	longestText   = 8 << 10
)

func failed(message string) Verdict { return Verdict{Message: message} }

// Judge decides by a plan: only a gate that this very plan opened passes, and only
// without an override left in the configuration. That is what the policies
// "gate" and "override" of examples/policies deny.
func Judge(p planfile.Plan) Verdict {
	switch {
	case p.Errored:
		return failed("The plan failed. What it holds of checks is of the run before: mend the errors of the plan and plan again.")
	case p.Destroys:
		return Verdict{Passed: true, Message: "The run takes everything down: nothing is launched."}
	case p.Partial:
		return failed("The plan covers a part of the configuration alone, so that checks were left out. Plan without -target.")
	case len(p.Scorecards) == 0:
		return failed("There is no launchready_scorecard in the plan: silence is not a pass.")
	}
	v := Verdict{Passed: true}
	var lines []string
	for _, card := range p.Scorecards {
		if card.Gate != "open" {
			v.Passed = false
		}
		lines = append(lines, line(card))
		if room := mostOutcomes - len(v.Outcomes); room > 0 {
			all := outcomes(card)
			v.Outcomes = append(v.Outcomes, all[:min(room, len(all))]...)
		}
	}
	opened := v.Passed
	for i, left := range p.Overrides {
		text := leftIn(left)
		if left.Unseen && opened {
			continue // an open gate shows that none was used
		}
		v.Passed = false
		lines = append(lines, text)
		if len(v.Outcomes) == mostOutcomes {
			v.Outcomes = v.Outcomes[:mostOutcomes-1] // the last of what blocks gives way
		}
		v.Outcomes = append(v.Outcomes, Outcome{
			ID: fmt.Sprintf("override-%d", i+1), Description: cut(text, 200),
			Body:   escape("An override that is left in the configuration overrides every later gate without a word. Take it away, or its value, once its reason is gone."),
			Status: Tag{"Left in", "error"}, Severity: Tag{"High", "error"},
		})
	}
	v.Message = strings.Join(lines, "; ")
	return v
}

// leftIn says where an override stands.
func leftIn(o planfile.Override) string {
	text := fmt.Sprintf("provider %q carries an override", plain(o.Provider))
	switch {
	case o.Unseen:
		return fmt.Sprintf("the override of provider %q comes from what a plan does not show", plain(o.Provider))
	case o.Variable != "":
		text += fmt.Sprintf(" by variable %q", plain(o.Variable))
	}
	return text
}

func line(card planfile.Scorecard) string {
	switch {
	case card.Waits:
		return "the gate is decided only in the apply: " + card.Address
	case card.Gate == "open":
		return fmt.Sprintf("gate open, score %d/100", card.Score)
	case card.Gate == "":
		return "the gate is not decided: " + card.Address
	}
	return fmt.Sprintf("gate %s, score %d/100, %d violations, worst %s", plain(card.Gate), card.Score, len(card.Violations), plain(card.Risk))
}

// outcomes are the violations, worst first, after the report as a whole.
func outcomes(card planfile.Scorecard) []Outcome {
	if card.Waits {
		return []Outcome{{
			ID: "gate", Description: "The gate is decided only in the apply",
			Body:     "Changes are pending that the checks of `" + strings.ReplaceAll(card.Address, "`", "") + "` wait for. Unknown is not open: a person who has read the plan decides.",
			Status:   Tag{"Unknown", "error"},
			Severity: Tag{"Unknown", "none"},
		}}
	}
	status := Tag{"Blocked", "error"}
	switch card.Gate {
	case "open":
		status = Tag{"Open", "info"}
	case "overridden":
		status = Tag{"Overridden", "error"}
	}
	out := []Outcome{{
		ID: "scorecard", Description: "Launch report: " + line(card), Body: cut(card.Markdown, longestReport),
		Status: status, Severity: severity(card.Risk),
	}}
	for i, f := range card.Violations {
		if i == mostOutcomes {
			break
		}
		tag := Tag{"Failed", "error"}
		if f.Status != "fail" {
			tag = Tag{"Could not be tested", "error"}
		}
		out = append(out, Outcome{
			ID:          fmt.Sprintf("%s-%d", plain(f.Rule), i+1),
			Description: cut(fmt.Sprintf("%s on %s", plain(f.Rule), plain(f.Subject)), 200),
			Body:        cut(fmt.Sprintf("%s\n\n**How it is mended**: %s\n\nRule: %s\n", escape(cut(f.Message, longestText)), escape(cut(f.Remedy, longestText)), escape(cut(f.Reference, longestText))), 3*longestText),
			Status:      tag, Severity: severity(f.Severity),
		})
	}
	return out
}

func severity(name string) Tag {
	switch name {
	case "critical", "high":
		return Tag{strings.ToUpper(name[:1]) + name[1:], "error"}
	case "medium":
		return Tag{"Medium", "warning"}
	case "low":
		return Tag{"Low", "info"}
	}
	return Tag{"Info", "none"}
}

// plain makes one line of text without control characters.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// escape makes text of a stranger harmless in Markdown: it is shown as it is, and
// makes neither links nor images.
func escape(s string) string {
	var b strings.Builder
	for i, row := range strings.Split(s, "\n") {
		if i > 0 {
			b.WriteString("  \n")
		}
		for _, r := range plain(row) {
			if strings.ContainsRune("\\`*_{}[]()<>#+-!|~&", r) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cut shortens text to a number of bytes, between two characters, and says so.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	const mark = "… (cut)"
	end := most - len(mark)
	for end > 0 && s[end]&0xC0 == 0x80 {
		end--
	}
	return s[:end] + mark
}
