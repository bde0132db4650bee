package supportcheck

import (
	"maps"
	"path"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

// located is a block and where it stands.
type located struct {
	file *runbook.File
	*runbook.Block
}

// head is a heading, or a file by its name, and what is below it.
type head struct {
	text       string
	level      int // 0 = the file, 7 = a line in bold
	first, end int // blocks below it
	about      map[*topic]bool
	title      bool // of sections about other things
	parent     *head
	children   []*head
}

// boldLevel is below all headings.
const boldLevel = 7

// sections finds the topics in the files.
func (s *session) sections() {
	s.topics = topicsOf(s.spec.Topics)
	for i := range s.book.Files {
		f := &s.book.Files[i]
		heads := s.heads(f)
		taken := s.accept(f, heads)
		s.rows(f, taken)
	}
	for _, t := range s.topics {
		t.fields = s.fieldsOf(t.blocks)
		for _, f := range t.found {
			s.frontOwner(t, f.file)
		}
	}
}

// heads are the headings of a file, the file itself first.
func (s *session) heads(f *runbook.File) []*head {
	name := strings.TrimSuffix(path.Base(f.Name), path.Ext(f.Name))
	title := f.Front["title"]
	root := &head{text: strings.NewReplacer("-", " ", "_", " ").Replace(name), end: len(f.Blocks)}
	root.about = about(s.topics, root.text)
	for t := range about(s.topics, title) {
		root.about[t] = true
	}
	all := []*head{root}
	open := root
	for i := range f.Blocks {
		b := &f.Blocks[i]
		level := b.Level
		isItem := s.isHeadItem(f, i)
		switch {
		case isItem:
			level = boldLevel + b.Depth
		case b.Kind == runbook.Bold:
			if level = boldLevel; len(about(s.topics, b.Text)) == 0 {
				level++ // a part of the topic before it
			}
		}
		if b.Kind != runbook.Heading && b.Kind != runbook.Bold && !isItem || b.Quote || b.Kind == runbook.Bold && s.isLabel(b.Text) {
			continue
		}
		for open.level >= level && open.parent != nil {
			open.end = min(open.end, i)
			open = open.parent
		}
		h := &head{text: b.Text, level: level, first: i + 1, end: len(f.Blocks), about: about(s.topics, b.Text), parent: open}
		if isItem {
			h.end = itemEnd(f, i)
		}
		open.children = append(open.children, h)
		all = append(all, h)
		open = h
	}
	for _, h := range all {
		h.title = s.isTitle(f, h)
	}
	return all
}

// isHeadItem reports whether an item of a list is the heading of the list in it:
// it is about a topic, and that list has most parts of a section.
func (s *session) isHeadItem(f *runbook.File, i int) bool {
	b := &f.Blocks[i]
	return b.Kind == runbook.Item && b.Parent && len(b.Text) <= maxLabel && len(about(s.topics, b.Text)) > 0 && s.whole(f, i+1, itemEnd(f, i))
}

// itemEnd is the first block behind an item of a list and what is in it.
func itemEnd(f *runbook.File, i int) int {
	end := i + 1
	for end < len(f.Blocks) && f.Blocks[end].Depth > f.Blocks[i].Depth {
		end++
	}
	return end
}

// isLabel reports whether a text is the name of a part of a section.
func (s *session) isLabel(text string) bool {
	w := s.words
	return len(about(s.topics, text)) == 0 && len(text) <= maxLabel && (w.owner.MatchString(text) || w.contact.MatchString(text) || w.steps.MatchString(text) || w.escalate.MatchString(text))
}

// below are the topics of headings below one. Within a section, a heading counts
// that has most parts of a section itself.
func (s *session) below(f *runbook.File, h *head, all bool) map[*topic]bool {
	out := map[*topic]bool{}
	for _, c := range h.children {
		if len(c.about) > 0 && (all || s.whole(f, c.first, c.end)) {
			maps.Copy(out, c.about)
		}
		maps.Copy(out, s.below(f, c, all))
	}
	return out
}

// isTitle reports whether a heading is the title of sections about other things.
func (s *session) isTitle(f *runbook.File, h *head) bool {
	if len(h.about) == 0 {
		return false
	}
	below, others := s.below(f, h, h.level <= 1), 0
	for t := range below {
		if !h.about[t] {
			others++
		}
	}
	return others >= 2 || len(h.about) >= 3 && len(below) >= 2
}

// within reports whether a heading stands in a section of other topics alone.
func (h *head) within(t *topic) bool {
	for p := h.parent; p != nil; p = p.parent {
		if len(p.about) > 0 && !p.about[t] && !p.title {
			return true
		}
	}
	return false
}

// accept decides which headings are sections of which topics. It returns, for
// each block of the file, the topics that it belongs to.
func (s *session) accept(f *runbook.File, heads []*head) []map[*topic]bool {
	taken := make([]map[*topic]bool, len(f.Blocks))
	take := func(t *topic, h *head) {
		t.found = append(t.found, finding{f.Name, h.text})
		for i := h.first; i < h.end; i++ {
			if taken[i] == nil {
				taken[i] = map[*topic]bool{}
			}
			taken[i][t] = true
		}
	}
	var inner, outer []*head
	for _, h := range heads {
		for t := range h.about {
			switch {
			case h.title:
				outer = append(outer, h)
			case h.within(t):
				inner = append(inner, h)
			default:
				take(t, h)
			}
		}
	}
	// A heading within the section of another topic is a step of that one, unless
	// it has all that makes a section.
	for _, h := range inner {
		for t := range h.about {
			if h.within(t) && !h.title && s.whole(f, h.first, h.end) {
				for i := h.first; i < h.end; i++ {
					taken[i] = nil
				}
				take(t, h)
			}
		}
	}
	// The title of many sections is one where it begins with one.
	for _, h := range outer {
		end := h.end
		if len(h.children) > 0 {
			end = h.children[0].first - 1
		}
		for t := range h.about {
			if len(t.found) == 0 && s.whole(f, h.first, end) {
				h.end = end
				take(t, h)
			}
		}
	}
	for i := range f.Blocks {
		for t := range taken[i] {
			t.blocks = append(t.blocks, located{f, &f.Blocks[i]})
		}
	}
	return taken
}

// whole reports whether blocks have most of what makes a section.
func (s *session) whole(f *runbook.File, first, end int) bool {
	var blocks []located
	for i := first; i < end; i++ {
		blocks = append(blocks, located{f, &f.Blocks[i]})
	}
	return s.isWhole(&topic{blocks: blocks, fields: s.fieldsOf(blocks)})
}

// rows finds topics in tables: a row, or a column, is a section.
func (s *session) rows(f *runbook.File, taken []map[*topic]bool) {
	for i := range f.Blocks {
		b := &f.Blocks[i]
		if b.Kind != runbook.Row || len(b.Cells) < 2 {
			continue
		}
		name := b.Cells[0]
		if strings.Trim(name, "0123456789.) ") == "" {
			name = b.Cells[1]
		}
		if len(name) <= maxLabel*2 {
			for t := range about(s.topics, name) {
				s.row(f, b, t, taken[i])
			}
		}
		for j := 1; j < len(b.Heads) && j < len(b.Cells); j++ {
			for t := range about(s.topics, b.Heads[j]) {
				if s.isLabel(b.Cells[0]) || s.words.time.MatchString(b.Cells[j]) {
					s.column(f, b, j, t)
				}
			}
		}
	}
}

// row adds a row to a topic, unless it stands in a section of another one and is
// no whole section itself.
func (s *session) row(f *runbook.File, b *runbook.Block, t *topic, in map[*topic]bool) {
	one := []located{{f, b}}
	if in[t] {
		return // it is there already
	}
	if len(in) > 0 && !s.isWhole(&topic{blocks: one, fields: s.fieldsOf(one)}) || len(s.fieldsOf(one)) == 0 {
		return
	}
	t.found = append(t.found, finding{f.Name, b.Cells[0]})
	t.blocks = append(t.blocks, one...)
}

// column adds a cell below a topic's name, with the label at the row's beginning.
func (s *session) column(f *runbook.File, b *runbook.Block, j int, t *topic) {
	t.found = append(t.found, finding{f.Name, b.Heads[j]})
	cell := &runbook.Block{Kind: runbook.Row, Line: b.Line, Text: b.Cells[0] + "\n" + b.Cells[j], Cells: []string{b.Cells[0], b.Cells[j]}}
	cell.Prose = cell.Text
	t.blocks = append(t.blocks, located{f, cell})
}
