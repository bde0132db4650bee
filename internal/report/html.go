package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

//go:embed report.html.tmpl
var page string

// The template is parsed on first use: nothing is parsed at start-up.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("report").Funcs(template.FuncMap{
		"label":    label,
		"violates": func(f readiness.Finding) bool { return f.Status.Violates() },
		"arc":      arc,
		"sentence": func(f readiness.Finding) string { sentence, _ := split(f.Message); return sentence },
		"table":    func(f readiness.Finding) string { _, table := split(f.Message); return table },
	}).Parse(page))
})

// circumference of the score's ring in the page's units: 2 * pi * 52.
const circumference = 326.726

// arc is the length of the score's ring.
func arc(score int) float64 { return circumference * float64(score) / 100 }

// HTML renders the scorecard as one file without script or external resources.
func HTML(s readiness.Scorecard, o Options) ([]byte, error) {
	data := struct {
		readiness.Scorecard
		Verdict     string
		GeneratedAt string
		Groups      []group
		Totals      []total
	}{Scorecard: s, Verdict: verdict(s), Groups: groups(s)}
	if !o.GeneratedAt.IsZero() {
		data.GeneratedAt = o.GeneratedAt.UTC().Format("2 January 2006, 15:04 UTC")
	}
	for _, t := range []struct {
		status readiness.Status
		name   string
	}{{readiness.Fail, "failed"}, {readiness.Inconclusive, "not testable"}, {readiness.Waived, "waived"}, {readiness.Pass, "passed"}} {
		data.Totals = append(data.Totals, total{Name: t.name, Status: string(t.status), Count: s.Count(t.status)})
	}
	var b bytes.Buffer
	err := pageTemplate().Execute(&b, data)
	return b.Bytes(), err
}

type total struct {
	Name, Status string
	Count        int
}
