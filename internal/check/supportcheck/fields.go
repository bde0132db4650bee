package supportcheck

import (
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

// field is a part of a section that has a name: "Owner: Ada", a cell below
// "Owner", what follows a heading "Owner".
type field struct {
	label, value string
	links        []runbook.Link
}

// maxLabel is how long a name of a part may be, in bytes.
const maxLabel = 60

// maxValue is how many blocks make a value.
const maxValue = 50

var (
	colon     = lazy(`^\s*[*_]*([^:：\n]{2,60}?)[*_]*\s*(?:[:：]|\s[–—-]\s)[*_]*\s*(.*)$`)
	separator = lazy(`\s*[·•;]\s+|\s\|\s|\t+`)
)

// fieldsOf reads the parts of blocks that have names.
func (s *session) fieldsOf(blocks []located) []field {
	var out []field
	for i, b := range blocks {
		switch b.Kind {
		case runbook.Row:
			out = append(out, s.rowFields(b.Block)...)
		case runbook.Heading, runbook.Bold:
			f := field{label: strings.Trim(b.Text, " :.")}
			for n, next := range blocks[i+1:] {
				if len(f.label) > maxLabel || n == maxValue || next.Kind == runbook.Heading || next.Kind == runbook.Bold || next.Kind == runbook.Row || next.file != b.file {
					break // the cells of a row have names of their own
				}
				f.value += next.Text + "\n"
				f.links = append(f.links, next.Links...)
			}
			out = append(out, f)
		case runbook.Paragraph, runbook.Item:
			out = append(out, lineFields(blocks, i)...)
		}
	}
	return out
}

// rowFields are the cells of a row below their heads, and beside its first cell.
// The head of a table of two columns may be one of its rows.
func (s *session) rowFields(b *runbook.Block) []field {
	var out []field
	if len(b.Heads) == 2 && b.Heads[0] != "" && !s.isLabel(b.Heads[1]) {
		out = append(out, field{label: b.Heads[0], value: b.Heads[1]})
	}
	for j, cell := range b.Cells {
		if j < len(b.Heads) && b.Heads[j] != "" {
			out = append(out, field{b.Heads[j], cell, b.Links})
		}
		if j > 0 && b.Cells[0] != "" {
			out = append(out, field{b.Cells[0], cell, b.Links})
		}
	}
	return out
}

// lineFields are those of the lines of a text. One without a value has it in the
// block that follows, such as a list.
func lineFields(blocks []located, i int) []field {
	var out []field
	b := blocks[i]
	for line := range strings.SplitSeq(b.Text, "\n") {
		for _, part := range separator().Split(line, 12) {
			m := colon().FindStringSubmatch(part)
			if m == nil {
				continue
			}
			f := field{strings.TrimSpace(m[1]), strings.TrimSpace(m[2]), b.Links}
			if f.value == "" && strings.HasSuffix(strings.TrimSpace(b.Text), strings.TrimSpace(part)) {
				f.value, f.links = following(blocks, i)
			}
			out = append(out, f)
		}
	}
	return out
}

// following is what comes after a line that ends with a colon: a list, or a
// paragraph that has no name of its own.
func following(blocks []located, i int) (string, []runbook.Link) {
	var text strings.Builder
	var links []runbook.Link
	depth := blocks[i].Depth
	for n, next := range blocks[i+1:] {
		if n == maxValue || next.file != blocks[i].file || next.Kind == runbook.Heading || next.Kind == runbook.Bold || next.Depth <= depth && (text.Len() > 0 || colon().MatchString(next.Text)) {
			break
		}
		text.WriteString(next.Text + "\n")
		links = append(links, next.Links...)
	}
	return text.String(), links
}

// said reports whether a value says something: not a dash, not a placeholder.
func said(value string) bool {
	value = strings.TrimSpace(value)
	return hasLetter()(value) && !nothing().MatchString(value) && !blank().MatchString(value)
}

var (
	nothing = lazy(`(?i)^[\s(\[<{]*(?:none|n/?a|nobody|no one|unknown|tb[acd]|todo|fixme|xxx|to be (?:decided|defined|determined|confirmed)|not (?:yet )?(?:known|decided|assigned)|unassigned|vacant|pending|keiner|niemand|offen|personne|nadie|nessuno)[\s)\]>}.!?]*$`)
	// blank is a form that nobody has filled in.
	blank     = lazy(`^[\s]*\$?[<\[{]{1,2}[^>\]}]*[>\]}]{1,2}[\s.]*$`)
	letters   = lazy(`[\pL\pN@]`)
	hasLetter = func() func(string) bool { return letters().MatchString }
)

// frontOwner takes the owner that a file names in its front matter, where the
// file is about this topic.
func (s *session) frontOwner(t *topic, file string) {
	for _, f := range s.book.Files {
		if f.Name != file {
			continue
		}
		for _, other := range s.topics {
			for _, found := range other.found {
				if other != t && found.file == file {
					return
				}
			}
		}
		for label, value := range f.Front {
			t.fields = append(t.fields, field{label: label, value: value})
		}
	}
}
