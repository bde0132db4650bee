package report

import (
	"bytes"
	"embed"
	"html/template"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

//go:embed templates/*.tmpl
var templates embed.FS

// The templates are parsed on first use: nothing is parsed at start-up.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page.tmpl").Funcs(template.FuncMap{
		"icon":     icon,
		"tick":     tick,
		"word":     word,
		"capital":  capital,
		"met":      met,
		"ticked":   ticked,
		"count":    count,
		"hours":    hours,
		"money":    money,
		"figure":   figure,
		"points":   points,
		"shorten":  shorten,
		"beyond":   beyond,
		"rows":     rows,
		"beyond1":  func(n int) int { return max(n-1, 0) },
		"sentence": func(f readiness.Finding) string { sentence, _ := split(f.Message); return sentence },
	}).ParseFS(templates, "templates/*.tmpl"))
})

// page is what the HTML report shows.
type page struct {
	readiness.Scorecard
	Style        template.CSS
	Verdict      string
	GeneratedAt  string
	Totals       []total
	Dial         template.HTML
	ScoreOf      string // how the score came about
	Nav          []link
	Answers      []answer
	AreaCards    []areaCard
	DoneCount    int
	Blockers     []standing
	AlsoBlocking []readiness.Finding // what blocks and has no box of its own
	HasWork      bool
	Chart        []planned
	Sprints      []sprint
	Changed      *changed
	Waived       []readiness.Finding
	Attested     []promise
	Groups       []group
}

type total struct {
	Name, Status string
	Count        int
}

// link is an entry of the page's own contents.
type link struct{ ID, Title string }

// HTML renders the scorecard as one file without script or external resources.
func HTML(s readiness.Scorecard, o Options) ([]byte, error) {
	p := page{
		Scorecard: s, Style: template.CSS(stylesheet), Verdict: verdict(s), //nolint:gosec // the stylesheet is ours
		Totals: totals(s), Dial: dial(s), ScoreOf: basis(s), Answers: answers(s), AreaCards: areaCards(s),
		HasWork: hasWork(s), Chart: chart(s), Sprints: sprints(s), Changed: changes(s),
		Groups: groups(s),
	}
	if !o.GeneratedAt.IsZero() {
		p.GeneratedAt = o.GeneratedAt.UTC().Format("2 January 2006, 15:04 UTC")
	}
	for _, d := range s.Deliverables {
		if d.Done {
			p.DoneCount++
		}
	}
	p.Blockers, p.AlsoBlocking = blockers(s)
	p.Waived, p.Attested = promises(s)
	p.Nav = p.contents()
	var b bytes.Buffer
	err := pageTemplate().Execute(&b, p)
	return b.Bytes(), err
}

// contents lists the sections that the page has.
func (p page) contents() []link {
	out := []link{}
	add := func(there bool, id, title string) {
		if there {
			out = append(out, link{id, title})
		}
	}
	add(len(p.Criteria) > 0, "criteria", "Criteria")
	add(true, "areas", "Areas")
	add(true, "blockers", "What blocks")
	add(p.HasWork, "work", "Plan of work")
	add(len(p.Deliverables) > 0, "deliverables", "Deliverables")
	add(p.Changed != nil, "changes", "Changes")
	add(len(p.Waived)+len(p.Attested)+len(p.Expiring) > 0, "promises", "Waivers")
	add(true, "findings", "All findings")
	return out
}

func totals(s readiness.Scorecard) []total {
	var out []total
	for _, status := range []readiness.Status{readiness.Fail, readiness.Inconclusive, readiness.Waived, readiness.Pass} {
		out = append(out, total{Name: word(status), Status: string(status), Count: s.Count(status)})
	}
	return out
}
