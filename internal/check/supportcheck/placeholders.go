package supportcheck

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

// maxShown is how many places of a file a finding names.
const maxShown = 10

// place is something in a line of a file.
type place struct {
	line int
	what string
}

// tell writes places as findings show them.
func tell(all []place) string {
	slices.SortStableFunc(all, func(a, b place) int { return a.line - b.line })
	all = slices.Compact(all)
	var out []string
	for _, p := range all[:min(len(all), maxShown)] {
		out = append(out, fmt.Sprintf("line %d: %s", p.line, p.what))
	}
	if more := len(all) - maxShown; more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, "; ")
}

var (
	// unfinished are marks of what is to be written yet. TODO is a word of Spanish
	// in lower case.
	unfinished = lazy(`\b(?:TODO|TBD|TBC|FIXME|X{3,})\b`)
	// filler is text that stands for another one.
	filler = lazy(`(?i)lorem ipsum|\[insert\b|\[(?:your|the) [^\]]{1,40}\]|\[(?:name|owner|e-?mail|phone|phone number|date|contact|company|team|link|url)\]` +
		`|<(?:name|your[ _-][^<>]{1,40}|insert[ _-][^<>]{1,40}|owner|phone|phone[ _-]number|contact|company|team|tbd|todo|placeholder|role|date|person|(?:owner|contact|team|person|company|e-?mail|phone)[ _-](?:name|e-?mail|address|number|here))>` +
		`|\[(?:tbd|tbc|tba|todo)\b|:\s*(?:tb[acd]|\?{2,}|_{3,})[\s.]*$|(?:^|:)\s*(?:to be (?:defined|decided|determined|confirmed|announced|added|written)|coming soon)[\s.]*$` +
		// A template that nobody has rendered, where it stands for a whole value.
		`|[:|]\s*(?:\{\{[^{}<>%]*\}\}|(?-i:\$\{[^{}A-Z]*\}))[\s.|]*$|\bchange[-_]?me\b|\bxx[.-]xx[.-](?:xx|\d)`)
	// invented are addresses and numbers that are nobody's: RFC 2606 and those of films.
	invented = lazy(`(?i)\bexample\.(?:com|org|net)\b|(?:^|\D)555-\d|\bjane@|\b(?:jane|john)[._-]?doe@|\b(?:jane|john) doe\b|\byour[._-]?(?:name|e-?mail|address)@|@(?:your[-_]?(?:domain|company)|domain|company)\.(?:com|tld|example)\b`)
)

// placeholders reports what was left to be filled in. Code is left out: examples
// stand there.
func (s *session) placeholders() {
	found := false
	for _, f := range s.book.Files {
		var all []place
		for _, b := range f.Blocks {
			if b.Kind != runbook.Code {
				all = append(all, placeholdersIn(b)...)
			}
		}
		for _, label := range slices.Sorted(maps.Keys(f.Front)) {
			if m := firstOf(f.Front[label]); m != "" {
				all = append(all, place{1, fmt.Sprintf("%s: %s", label, m)})
			}
		}
		if len(all) > 0 {
			found = true
			s.report.Fail(rulePlaceholder, f.Name, "placeholders stand in "+tell(all))
		}
	}
	if !found {
		s.free(rulePlaceholder, "the runbook has no placeholders")
	}
}

func placeholdersIn(b runbook.Block) []place {
	var out []place
	line := b.Line
	for text := range strings.SplitSeq(b.Prose, "\n") {
		if m := firstOf(text); m != "" {
			out = append(out, place{line, m})
		}
		if b.Kind != runbook.Row {
			line++
		}
	}
	for _, l := range b.Links {
		if m := invented().FindString(l.Target); m != "" {
			out = append(out, place{l.Line, strings.TrimSpace(m)})
		}
	}
	return out
}

// firstOf is the first placeholder of a text; empty if there is none.
func firstOf(text string) string {
	if m := unfinished().FindString(text); m != "" {
		return m
	}
	if m := filler().FindString(text); m != "" {
		return m
	}
	return strings.TrimSpace(strings.TrimLeft(invented().FindString(text), "(/-+ "))
}
