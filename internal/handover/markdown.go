package handover

import (
	"fmt"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Markdown renders the document for a repository or a wiki.
func Markdown(d Document, o Options) ([]byte, error) {
	w := &writer{}
	w.line("# Handover: %s", inert(d.Client))
	if d.Portal != "" {
		w.line("Portal: %s", inert(d.Portal))
	}
	if at := o.asOf(); at != "" {
		w.line("As of %s.", at)
	}
	if v := d.Verified; v != nil {
		w.line("**Gate: %s.** %s Score %d/100.", v.Gate, v.verdict(), v.Score)
	}
	w.missing(d.Missing)
	w.reviews(d.Reviews)
	w.built(d.Parts)
	w.verified(d.Verified)
	w.owners(d)
	w.runbook(d.Runbook)
	w.accepted(d)
	return []byte(w.String()), nil
}

type writer struct{ strings.Builder }

// line writes a block of its own.
func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(w, format+"\n\n", args...)
}

// table writes a table; no rows, no table.
func (w *writer) table(heads []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(heads, " | "), strings.Repeat(" --- |", len(heads)))
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = inert(cell)
		}
		fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
	}
	w.WriteString("\n")
}

func (w *writer) missing(lines []string) {
	if len(lines) == 0 {
		return
	}
	w.line("## Still missing")
	for _, l := range lines {
		fmt.Fprintf(w, "- %s\n", inert(l))
	}
	w.WriteString("\n")
}

func (w *writer) reviews(all []Review) {
	if len(all) == 0 {
		return
	}
	w.line("## Next reviews")
	var rows [][]string
	for _, r := range all {
		due := r.Due
		switch {
		case due == "":
			due = "no day agreed"
		case r.Overdue:
			due += " (overdue)"
		}
		rows = append(rows, []string{due, r.What, r.Owner})
	}
	w.table([]string{"Due", "What", "Who"}, rows)
}

func (w *writer) built(parts []Part) {
	if len(parts) == 0 {
		return
	}
	w.line("## What was built")
	for _, p := range parts {
		w.line("### %s", inert(p.Title))
		var rows [][]string
		for _, r := range p.Records {
			proxied := "no"
			if r.Proxied {
				proxied = "yes"
			}
			rows = append(rows, []string{r.Name, r.Type, r.Content, proxied, r.Purpose})
		}
		w.table([]string{"Record", "Type", "Content", "Through the edge", "For"}, rows)
		rows = nil
		for _, s := range p.Settings {
			rows = append(rows, []string{s.Name, s.Value})
		}
		w.table([]string{"Setting", "Value"}, rows)
		rows = nil
		for _, r := range p.Rules {
			rows = append(rows, []string{r.Kind, r.Name, r.Action, r.Expression})
		}
		w.table([]string{"Rule of", "Name", "Action", "Where"}, rows)
		rows = nil
		for _, m := range p.Monitors {
			rows = append(rows, []string{m.Name, m.URL, m.Service, m.Interval})
		}
		w.table([]string{"Monitor", "Address", "Service", "Every"}, rows)
		rows = nil
		for _, a := range p.Alerts {
			rows = append(rows, []string{a.Name, a.Kind, strings.Join(a.To, ", ")})
		}
		w.table([]string{"Alert", "Kind", "Goes to"}, rows)
		for _, l := range p.Limits {
			fmt.Fprintf(w, "- Not covered: %s\n", inert(l))
		}
		if len(p.Limits) > 0 {
			w.WriteString("\n")
		}
	}
}

func (w *writer) verified(v *Verified) {
	if v == nil {
		return
	}
	w.line("## What was verified")
	if v.Override != nil {
		w.line("Overridden by %s: %s", inert(v.Override.Owner), inert(v.Override.Reason))
	}
	var rows [][]string
	for _, a := range v.Areas {
		if a.Status == readiness.NotApplicable {
			continue
		}
		rows = append(rows, []string{a.Area.Title(), statusWord(a.Status), fmt.Sprint(a.Passed), fmt.Sprint(a.Failed + a.Unknown), fmt.Sprint(a.Waived)})
	}
	w.table([]string{"Area", "Verdict", "Passed", "Standing", "Waived"}, rows)
	if areas := v.Unchecked(); len(areas) > 0 {
		w.line("Not checked: %s.", strings.Join(areas, ", "))
	}
	rows = nil
	for _, c := range v.Criteria {
		rows = append(rows, []string{c.ID, c.Title, statusWord(c.Status)})
	}
	w.table([]string{"Launch criterion", "What it demands", "Verdict"}, rows)
	for _, one := range v.Deliverables {
		box := " "
		if one.Done {
			box = "x"
		}
		fmt.Fprintf(w, "- [%s] %s", box, inert(one.Title))
		if why := whyOpen(one); why != "" {
			w.WriteString(": " + inert(why))
		}
		w.WriteString("\n")
	}
	if len(v.Deliverables) > 0 {
		w.WriteString("\n")
	}
	shown, more := v.standing()
	if len(shown) == 0 {
		return
	}
	w.line("### %s", v.StandingTitle())
	rows = nil
	for _, f := range shown {
		rows = append(rows, []string{string(f.Severity), f.Rule, f.Subject, firstLine(f.Message), f.Remedy})
	}
	w.table([]string{"Severity", "Rule", "Where", "What was seen", "How it is mended"}, rows)
	if more > 0 {
		w.line("And %s: see the scorecard's report.", number(more, "more finding"))
	}
}

func (w *writer) owners(d Document) {
	if len(d.Owners) > 0 {
		w.line("## Who owns what")
		var rows [][]string
		for _, o := range d.Owners {
			rows = append(rows, []string{o.What, o.Name, o.Contact, o.Note})
		}
		w.table([]string{"What", "Who", "Contact", "Note"}, rows)
	}
	if len(d.Credentials) > 0 {
		w.line("## Where credentials are kept")
		var rows [][]string
		for _, c := range d.Credentials {
			rows = append(rows, []string{c.What, c.Place, c.Owner, c.UsedBy, c.Rotated.String(), c.Due})
		}
		w.table([]string{"What", "Where", "Who", "Used by", "Rotated", "Rotate by"}, rows)
	}
}

func (w *writer) runbook(r *Runbook) {
	if r == nil {
		return
	}
	w.line("## How members are helped")
	if r.Reviewed != "" {
		w.line("The runbook was last reviewed on %s.", r.Reviewed)
	}
	var rows [][]string
	for _, s := range r.Sections {
		if s.Hidden {
			rows = append(rows, []string{topicWord(s.Topic), "not shown: it holds what looks like a credential", "", "", s.Place})
			continue
		}
		rows = append(rows, []string{topicWord(s.Topic), s.Owner, s.Contact, s.Time, s.Place})
	}
	w.table([]string{"About", "Who", "Contact", "Within", "In the runbook"}, rows)
	for _, s := range r.Sections {
		if len(s.Steps) == 0 {
			continue
		}
		w.line("### %s", inert(topicWord(s.Topic)))
		for i, step := range s.Steps {
			fmt.Fprintf(w, "%d. %s\n", i+1, inert(step))
		}
		w.WriteString("\n")
		if s.Escalate != "" {
			w.line("Escalate when: %s", inert(s.Escalate))
		}
	}
	for _, g := range r.Gaps {
		w.line("Not read: %s", inert(g))
	}
}

func (w *writer) accepted(d Document) {
	if len(d.Waivers) > 0 {
		w.line("## What is accepted for a time")
		var rows [][]string
		for _, a := range d.Waivers {
			rows = append(rows, []string{a.Rule, a.Subject, a.Reason, a.Owner, until(a.Expires, a.Expired), fmt.Sprint(a.Findings)})
		}
		w.table([]string{"Rule", "Where", "Why", "Who", "Until", "Findings"}, rows)
	}
	if len(d.Attestations) > 0 {
		w.line("## What people answer for")
		var rows [][]string
		for _, a := range d.Attestations {
			rows = append(rows, []string{a.Rule, a.Statement, a.Owner, until(a.Expires, a.Expired), a.Evidence})
		}
		w.table([]string{"Rule", "Statement", "Who", "Until", "Evidence"}, rows)
	}
}

// until is a last day in words.
func until(day string, expired bool) string {
	switch {
	case day == "":
		return "no day named"
	case expired:
		return day + " (expired)"
	}
	return day
}

// inert makes text from elsewhere harmless: it cannot start a table, a link, a
// tag, a mention or another block.
func inert(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	// Within an address it mentions nobody, and is to be copied.
	s = mention().ReplaceAllString(s, "$1@\u200b")
	return strings.NewReplacer(
		`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "|", `\|`, "[", `\[`, "]", `\]`,
		"<", "&lt;", ">", "&gt;", "&", "&amp;", "#", `\#`, "~", `\~`,
	).Replace(s)
}

var mention = once(`(^|[^\pL\pN._%+-])@`)
