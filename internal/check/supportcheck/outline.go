package supportcheck

import (
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

// Section is what a runbook says of one topic, in its own words.
type Section struct {
	Topic string // id
	Place string // "refunds.md: Refunds"
	// What the section names; empty where it names none.
	Owner, Contact, Time, Escalate string
	Steps                          []string // the items of its numbered lists
}

// Outline reads a runbook as the check does, judges nothing, and returns the
// sections of the topics and the day of the last review; the zero time if it does
// not say. Of the spec only Topics and Words count.
func Outline(book runbook.Book, spec Spec) ([]Section, time.Time) {
	s := &session{spec: spec, words: vocabulary(spec.Words), book: book}
	s.sections()
	var out []Section
	for _, t := range s.topics {
		if len(t.found) == 0 {
			continue
		}
		one := Section{Topic: t.id, Place: t.found[0].file}
		if h := t.found[0].heading; h != "" {
			one.Place += ": " + h
		}
		if owners := s.owners(t); len(owners) > 0 {
			one.Owner = owners[0]
		}
		for _, f := range t.fields {
			value := strings.TrimSpace(firstLine(f.value))
			set := func(to *string, is bool) {
				if *to == "" && is && said(value) {
					*to = value
				}
			}
			set(&one.Escalate, s.labels(s.words.escalate, f.label) && len(strings.Fields(f.label)) <= 3 && !colon().MatchString(value)) // below a heading stands another part
			set(&one.Contact, s.labels(s.words.contact, f.label) && !s.labels(s.words.owner, f.label))
			set(&one.Time, s.words.time.MatchString(" "+value+" ") && !s.labels(s.words.escalate, f.label) && isTimeLabel(f.label))
		}
		for _, b := range t.blocks {
			sentence := b.Kind == runbook.Item && !b.Ordered || b.Kind == runbook.Paragraph && !colon().MatchString(firstLine(b.Text))
			if one.Escalate == "" && sentence && s.words.escalate.MatchString(b.Prose) {
				one.Escalate = escalateWhen().ReplaceAllString(strings.Join(strings.Fields(b.Text), " "), "")
			}
			if b.Kind == runbook.Item && b.Ordered && b.First && b.Depth <= 1 {
				one.Steps = append(one.Steps, strings.Join(strings.Fields(b.Text), " "))
			}
		}
		out = append(out, one)
	}
	var newest time.Time
	for i := range book.Files {
		if at, found, _ := s.reviewed(&book.Files[i]); found && at.After(newest) {
			newest = at
		}
	}
	return out, newest
}

// escalateWhen begins a sentence that the name of the part says already.
var escalateWhen = lazy(`(?i)^escalate\s+(?:when|if)\s+`)

// isTimeLabel reports whether a label says that its value is the time of an answer.
func isTimeLabel(label string) bool {
	return slices.ContainsFunc(strings.Fields(strings.ToLower(label)), func(word string) bool {
		return slices.Contains([]string{"time", "sla", "within", "answer", "response", "zeit", "délai", "plazo", "prazo", "tempo"}, word)
	})
}
