// Package report renders a scorecard for people and programs. A rendering is a
// pure function of the scorecard and its options.
package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Options are what a rendering shows besides the scorecard.
type Options struct {
	GeneratedAt time.Time // shown if it is not zero
	// Rule looks up what a rule is about, for the forms that tell of rules; nil if
	// that is not known.
	Rule func(id string) (readiness.Rule, bool)
}

func (o Options) rule(id string) (readiness.Rule, bool) {
	if o.Rule == nil {
		return readiness.Rule{}, false
	}
	return o.Rule(id)
}

// form is one way to render a scorecard.
type form struct {
	ending string
	render func(readiness.Scorecard, Options) ([]byte, error)
}

func forms() []form {
	return []form{
		{".html", HTML},
		{".md", Markdown},
		{".sarif", SARIF},
		{".sarif.json", SARIF}, // before .json: both names are usual for it
		{".json", JSON},
		{".junit.xml", JUnit},
	}
}

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

// Render renders the scorecard in the form that the ending of name chooses.
func Render(name string, s readiness.Scorecard, o Options) ([]byte, error) {
	for _, f := range forms() {
		if strings.HasSuffix(strings.ToLower(name), f.ending) {
			return f.render(s, o)
		}
	}
	return nil, fmt.Errorf("the ending of %q chooses no report form; it must be one of %s", name, Endings())
}

// WriteFile renders the scorecard into a file.
func WriteFile(name string, s readiness.Scorecard, o Options) error {
	b, err := Render(name, s, o)
	if err != nil {
		return err
	}
	return Replace(name, b)
}

// verdict is the gate's decision in a sentence.
func verdict(s readiness.Scorecard) string {
	switch s.Gate {
	case readiness.Open:
		if unseen := readiness.Unseen(s.Areas); len(unseen) > 0 {
			return "Nothing that was looked at stands against a launch at severity " + string(s.FailOn) + " or above. Not looked at: " + readiness.AreaNames(unseen) + "."
		}
		return "Ready to launch. Nothing at severity " + string(s.FailOn) + " or above stands against it."
	case readiness.Overridden:
		return "Not ready. The gate was overridden for this run."
	}
	return "Not ready to launch."
}

// group is the findings of one area.
type group struct {
	Row      readiness.AreaScore
	Findings []readiness.Finding
	Totals   []total // how many of each status, without those that are none
}

// groups returns the areas that have findings, in the order of the scorecard,
// each with its findings worst first. What is about the launch as a whole, such as
// that nothing was checked, comes first: no finding is left out.
func groups(s readiness.Scorecard) []group {
	byArea := map[readiness.Area][]readiness.Finding{}
	for _, f := range s.Findings {
		area := f.Area
		if !area.Valid() {
			area = readiness.AnyArea
		}
		byArea[area] = append(byArea[area], f)
	}
	whole := readiness.AreaScore{Area: readiness.AnyArea, Status: readiness.Result{Findings: byArea[readiness.AnyArea]}.Status(s.FailOn)}
	var out []group
	for _, row := range append([]readiness.AreaScore{whole}, s.Areas...) {
		g := group{Row: row, Findings: byArea[row.Area]}
		if len(g.Findings) == 0 {
			continue
		}
		sortForReading(g.Findings)
		g.Totals = countStatuses(g.Findings)
		out = append(out, g)
	}
	return out
}

// split parts a message into its sentence and the table that may follow it.
func split(message string) (sentence, table string) {
	sentence, table, _ = strings.Cut(strings.TrimRight(message, "\n"), "\n")
	return sentence, table
}

// countStatuses counts findings by status, worst first; a status that none has
// is left out.
func countStatuses(findings []readiness.Finding) []total {
	var out []total
	for _, status := range readiness.Statuses() {
		n := 0
		for _, f := range findings {
			if f.Status == status {
				n++
			}
		}
		if n > 0 {
			out = append(out, total{Name: word(status), Status: string(status), Count: n})
		}
	}
	return out
}
