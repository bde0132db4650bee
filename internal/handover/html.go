package handover

import (
	"bytes"
	_ "embed"
	"html/template"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/report"
)

//go:embed handover.html.tmpl
var page string

//go:embed handover.css
var style string

// The template is parsed on first use: nothing is parsed at start-up.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("handover").Funcs(template.FuncMap{
		"statusWord": statusWord,
		"topicWord":  topicWord,
		"firstLine":  firstLine,
		"number":     number,
		"whyOpen":    whyOpen,
		"add":        func(a, b int) int { return a + b },
		"until":      until,
		"join":       func(all []string) string { return strings.Join(all, ", ") },
		"style":      func() template.CSS { return template.CSS(report.Stylesheet() + style) }, // #nosec G203 -- files of this program
	}).Parse(page))
})

// HTML renders the document as one file without script or external resources.
func HTML(d Document, o Options) ([]byte, error) {
	data := struct {
		Document
		AsOf     string
		Verdict  string
		Standing []readiness.Finding
		More     int
		Figures  []figure
		Next     *Review
	}{Document: d, AsOf: o.asOf(), Figures: figures(d)}
	if v := d.Verified; v != nil {
		data.Verdict = v.verdict()
		data.Standing, data.More = v.standing()
	}
	if len(d.Reviews) > 0 && d.Reviews[0].Due != "" {
		data.Next = &d.Reviews[0]
	}
	var b bytes.Buffer
	err := pageTemplate().Execute(&b, data)
	return b.Bytes(), err
}

// figure is a number at the top of the page, with what leads to.
type figure struct {
	Count      int
	Noun, Link string
}

// figures count what the document holds.
func figures(d Document) []figure {
	var records, settings, rules, monitors, alerts int
	for _, p := range d.Parts {
		records, settings, rules = records+len(p.Records), settings+len(p.Settings), rules+len(p.Rules)
		monitors, alerts = monitors+len(p.Monitors), alerts+len(p.Alerts)
	}
	var out []figure
	add := func(n int, one, many, link string) {
		switch {
		case n == 1:
			out = append(out, figure{n, one, link})
		case n > 1:
			out = append(out, figure{n, many, link})
		}
	}
	add(records, "DNS record", "DNS records", "built")
	add(settings, "setting", "settings", "built")
	add(rules, "rule of the edge", "rules of the edge", "built")
	add(monitors, "monitor", "monitors", "built")
	add(alerts, "alert", "alerts", "built")
	if d.Verified != nil {
		add(d.Verified.Passed, "verified finding", "verified findings", "verified")
	}
	add(len(d.Waivers), "waiver", "waivers", "accepted")
	return out
}
