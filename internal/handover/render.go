package handover

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Options are what a rendering shows besides the document.
type Options struct {
	GeneratedAt time.Time // shown if it is not zero
}

// form is one way to render the document.
type form struct {
	ending string
	render func(Document, Options) ([]byte, error)
}

func forms() []form { return []form{{".html", HTML}, {".md", Markdown}} }

// Supported reports whether a file name's ending chooses a form.
func Supported(name string) bool {
	for _, f := range forms() {
		if strings.HasSuffix(strings.ToLower(name), f.ending) {
			return true
		}
	}
	return false
}

// Endings lists the endings that choose a form.
func Endings() string {
	var out []string
	for _, f := range forms() {
		out = append(out, f.ending)
	}
	return strings.Join(out, ", ")
}

// Render renders the document in the form that the ending of name chooses.
func Render(name string, d Document, o Options) ([]byte, error) {
	for _, f := range forms() {
		if strings.HasSuffix(strings.ToLower(name), f.ending) {
			return f.render(d, o)
		}
	}
	return nil, fmt.Errorf("the ending of %q chooses no form; it must be one of %s", name, Endings())
}

// asOf is the time of a rendering in words; empty for none.
func (o Options) asOf() string {
	if o.GeneratedAt.IsZero() {
		return ""
	}
	return o.GeneratedAt.UTC().Format("2 January 2006, 15:04 UTC")
}

// shownStanding is how many findings that stand are shown: the scorecard's own
// report has all.
const shownStanding = 40

// standing are the findings that are shown, and how many are not.
func (v Verified) standing() ([]readiness.Finding, int) {
	if n := len(v.Standing); n > shownStanding {
		return v.Standing[:shownStanding], n - shownStanding
	}
	return v.Standing, 0
}

// StandingTitle heads what stands: nobody left what keeps the gate shut.
func (v Verified) StandingTitle() string {
	if v.Gate == readiness.Open {
		return "Known and left as it is"
	}
	return "Still to be mended"
}

// verdict is the gate's decision in a sentence.
func (v Verified) verdict() string {
	switch v.Gate {
	case readiness.Open:
		if unseen := readiness.Unseen(v.Areas); len(unseen) > 0 {
			return "Nothing that was looked at stands against a launch at severity " + string(v.FailOn) + " or above. Not looked at: " + readiness.AreaNames(unseen) + "."
		}
		return "Ready to launch: nothing at severity " + string(v.FailOn) + " or above stands against it."
	case readiness.Overridden:
		return "Not ready" + v.blockedBy() + ". Somebody went on regardless."
	}
	return "Not ready to launch" + v.blockedBy() + "."
}

// blockedBy names what keeps the gate from being open, worst first.
func (v Verified) blockedBy() string {
	var rules []string
	for _, f := range v.Standing {
		if f.Blocks(v.FailOn) && !slices.Contains(rules, f.Rule) {
			rules = append(rules, f.Rule)
		}
	}
	if len(rules) == 0 {
		return ""
	}
	return ": blocked by " + few(rules)
}

// statusWord is a status as people say it.
func statusWord(s readiness.Status) string {
	switch s {
	case readiness.Pass:
		return "passed"
	case readiness.Fail:
		return "failed"
	case readiness.Inconclusive:
		return "not testable"
	case readiness.NotApplicable:
		return "not checked"
	}
	return string(s)
}

// firstLine is a message without the table that may follow it.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// topicWord is a topic of the runbook in words.
func topicWord(topic string) string {
	switch topic {
	case "resets":
		return "Password resets"
	case "failed_logins":
		return "Failed log-ins"
	}
	return humanize(topic)
}

// number is a count with its noun.
func number(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
