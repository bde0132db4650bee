package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Radii of the dial, in the units of its picture.
const (
	dialInner = 46.0
	dialOuter = 96.0
)

// dial draws the ten areas as segments of a ring, each filled as far as its
// score, around the score of all.
func dial(s readiness.Scorecard) template.HTML {
	var b strings.Builder
	var told []string
	for _, row := range s.Areas {
		state := fmt.Sprintf("%d", row.Score)
		if !counts(row) {
			state = "not required"
		}
		told = append(told, row.Area.Title()+" "+state)
	}
	fmt.Fprintf(&b, `<svg class="dial" viewBox="-100 -100 200 200" role="img" aria-label="Score %d of 100. %s.">`,
		s.Score, template.HTMLEscapeString(strings.Join(told, ", ")))
	step := 360 / float64(max(len(s.Areas), 1))
	for i, row := range s.Areas {
		from, to := float64(i)*step+1.5, float64(i+1)*step-1.5
		fmt.Fprintf(&b, `<g class="%s"><title>%s</title><path d="%s" fill="var(--track)"/>`,
			template.HTMLEscapeString(string(row.Status)), template.HTMLEscapeString(told[i]), wedge(from, to, dialOuter))
		if counts(row) {
			// Zero is seen too, as a thin line.
			reach := dialInner + (dialOuter-dialInner)*math.Max(float64(row.Score), 4)/100
			fmt.Fprintf(&b, `<path d="%s" fill="currentColor"/>`, wedge(from, to, reach))
		}
		b.WriteString("</g>")
	}
	fmt.Fprintf(&b, `<g fill="var(--fg)" text-anchor="middle"><text y="9" font-size="36" font-weight="700">%d</text><text y="26" font-size="11">of 100</text></g></svg>`, s.Score)
	return template.HTML(b.String()) //nolint:gosec // numbers, and texts that are escaped
}

// wedge is the outline of a segment of the dial from one angle to another, in
// degrees clockwise from the top.
func wedge(from, to, outer float64) string {
	at := func(degrees, r float64) string {
		a := degrees * math.Pi / 180
		return fmt.Sprintf("%.2f %.2f", r*math.Sin(a), -r*math.Cos(a))
	}
	return fmt.Sprintf("M%s A%g %g 0 0 1 %s L%s A%g %g 0 0 0 %sZ",
		at(from, outer), outer, outer, at(to, outer), at(to, dialInner), dialInner, dialInner, at(from, dialInner))
}

// bar draws a score of an area, and the limit that holds it down, if one does.
func bar(score, limit int, status readiness.Status) template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="bar %s" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width="%d" height="6" fill="currentColor"/>`,
		template.HTMLEscapeString(string(status)), score)
	if limit < 100 {
		fmt.Fprintf(&b, `<rect x="%d" width=".7" height="6" fill="var(--fg)"/>`, limit)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // numbers, and a status that is escaped
}

// lastHour is where the picture of the plan of work ends.
const lastHour = 48

// window draws when a sprint is worked on, on the first 48 hours.
func window(w readiness.Window, blocking bool) template.HTML {
	tone := "var(--accent)"
	if blocking {
		tone = "var(--fail)"
	}
	from := min(max(w.From, 0), lastHour)
	to := min(max(w.To, from), lastHour)
	return template.HTML(fmt.Sprintf(`<svg class="bar" viewBox="0 0 %d 6" preserveAspectRatio="none" aria-hidden="true"><rect x="%d" width="%d" height="6" fill="%s"/></svg>`, //nolint:gosec // numbers
		lastHour, from, to-from, tone))
}
