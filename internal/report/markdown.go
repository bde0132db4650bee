package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// markdownLimit is how long the Markdown report may be, in bytes. GitHub takes a
// comment of 65,536 characters, of which none is less than a byte.
const markdownLimit = 65_000

// Markdown renders the scorecard for a pull request comment. What there is much
// of is cut to fit, with a count; what there are few of is always whole.
func Markdown(s readiness.Scorecard, o Options) ([]byte, error) {
	var b strings.Builder
	markdownHead(&b, s, o)
	markdownCriteria(&b, s)
	markdownAreas(&b, s)
	work := markdownWork(s)
	rest := markdownDeliverables(s) + markdownExpiring(s)

	// The lists share what is left, each with room for its heading and its count.
	lists := markdownLists(s)
	room := markdownLimit - b.Len() - len(work) - len(rest)
	for _, l := range lists {
		room -= l.overhead()
	}
	for _, l := range lists {
		if l.title == blocking {
			room = l.write(&b, room)
		}
	}
	b.WriteString(work + rest)
	for _, l := range lists {
		if l.title != blocking {
			room = l.write(&b, room)
		}
	}
	return []byte(b.String()), nil
}

func markdownHead(b *strings.Builder, s readiness.Scorecard, o Options) {
	fmt.Fprintf(b, "# Launch scorecard: %s\n\n", clipped(s.Name(), 300))
	fmt.Fprintf(b, "**Gate: %s.** %s Score %d/100", s.Gate, verdict(s), s.Score)
	if n := len(s.Violations); n > 0 {
		fmt.Fprintf(b, ", %d blocking", n)
	}
	b.WriteString(".\n")
	if s.Work.Recommendation != "" {
		fmt.Fprintf(b, "\n%s\n", clipped(s.Work.Recommendation, 500))
	}
	if s.Override != nil {
		fmt.Fprintf(b, "\nOverridden by %s: %s\n", clipped(s.Override.Owner, 200), clipped(s.Override.Reason, 1000))
	}
	if c := s.Changes; c != nil {
		fmt.Fprintf(b, "\nSince the report before: %d mended, %d new, %d still open, %d no longer checked. %s\n",
			len(c.Mended), len(c.New), len(c.StillOpen), len(c.Gone), clipped(changeLead(s), 300))
		if left := s.LeftOut(); left != "" {
			fmt.Fprintf(b, "\n**%s**\n", clipped(left, 2000))
		}
	}
	if !o.GeneratedAt.IsZero() {
		fmt.Fprintf(b, "\nAs of %s.\n", o.GeneratedAt.UTC().Format(time.RFC3339))
	}
}

func markdownCriteria(b *strings.Builder, s readiness.Scorecard) {
	if len(s.Criteria) == 0 {
		return
	}
	b.WriteString("\n| Criterion | | Against it |\n| --- | --- | --- |\n")
	for _, c := range s.Criteria {
		fmt.Fprintf(b, "| %s %s | %s | %s |\n", markdownText(c.ID), clipped(capital(c.Title), 200), met(c.Status), ruleList(c.Against))
	}
}

func markdownAreas(b *strings.Builder, s readiness.Scorecard) {
	b.WriteString("\n| Area | Status | Score | Failed | Not testable | Waived | Passed |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, row := range s.Areas {
		if !counts(row) {
			fmt.Fprintf(b, "| %s | not required | | | | | |\n", row.Area.Title())
			continue
		}
		fmt.Fprintf(b, "| %s | %s | %d | %d | %d | %d | %d |\n",
			row.Area.Title(), row.Status, row.Score, row.Failed, row.Unknown, row.Waived, row.Passed)
	}
	var unchecked []string
	for _, row := range s.Areas {
		if row.Unchecked > 0 {
			unchecked = append(unchecked, fmt.Sprintf("%s (%s)", row.Area.Title(), count(row.Unchecked, "rule")))
		}
	}
	if len(unchecked) > 0 {
		fmt.Fprintf(b, "\nNo check was there for a part of %s: in the score it counts as not testable.\n", strings.Join(unchecked, ", "))
	}
}

func markdownWork(s readiness.Scorecard) string {
	if !hasWork(s) {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n## Plan of work\n\n| Sprint | When | Tasks | Of these block | Estimate |\n| --- | --- | ---: | ---: | --- |\n")
	estimate := func(hoursOf readiness.Range, cost *readiness.Range) string {
		if cost == nil {
			return hours(hoursOf)
		}
		return hours(hoursOf) + ", " + money(cost)
	}
	tasks, blocks := 0, 0
	for _, one := range s.Work.Sprints {
		when := "not in the first 48 h"
		if one.Window != nil {
			when = fmt.Sprintf("hours %d to %d", one.Window.From, one.Window.To)
		}
		tasks += len(one.Tasks)
		blocks += one.Blocking
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %s |\n", clipped(one.Title, 200), when, len(one.Tasks), one.Blocking, estimate(one.Hours, one.Cost))
	}
	fmt.Fprintf(&b, "| Together | | %d | %d | %s |\n", tasks, blocks, estimate(s.Work.Hours, s.Work.Cost))
	return b.String()
}

func markdownDeliverables(s readiness.Scorecard) string {
	if len(s.Deliverables) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n## Deliverables\n\n")
	for _, d := range s.Deliverables {
		box := " "
		if d.Done {
			box = "x"
		}
		fmt.Fprintf(&b, "- [%s] %s", box, clipped(d.Title, 200))
		if !d.Done {
			b.WriteString(": " + strings.ToLower(ticked(d)))
		}
		if len(d.Against) > 0 {
			b.WriteString(", by " + ruleList(d.Against))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// maxExpiring is how many of what soon expires are listed.
const maxExpiring = 20

func markdownExpiring(s readiness.Scorecard) string {
	if len(s.Expiring) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n## Soon over\n\n")
	for _, e := range s.Expiring[:min(len(s.Expiring), maxExpiring)] {
		fmt.Fprintf(&b, "- **%s** %s of `%s`", markdownText(e.Expires), markdownText(e.Kind), code(e.Rule))
		if e.Subject != "" {
			fmt.Fprintf(&b, " for %s", clipped(e.Subject, 200))
		}
		fmt.Fprintf(&b, ", %s\n", clipped(e.Owner, 200))
	}
	if more := len(s.Expiring) - maxExpiring; more > 0 {
		fmt.Fprintf(&b, "- and %d more\n", more)
	}
	return b.String()
}
