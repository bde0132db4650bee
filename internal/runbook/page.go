package runbook

import (
	"regexp"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
)

// layoutTag finds tags of HTML that begin or end a block.
var layoutTag = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)<(/?)(h[1-6]|ol|ul|li|table|tr|td|th|p|dt|dd|summary|pre)(?:\s[^>]*)?>`)
})

// strongText is a text that is bold and nothing else, but for its colon.
var strongText = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?is)^\s*<(?:b|strong)(?:\s[^>]*)?>[^\n]*</(?:b|strong)>[\s:.]*$`)
})

// layout is what is open in the HTML of a document. A blank line ends a block of
// HTML in Markdown, and not the list or the table that it stands in.
type layout struct {
	kind    Kind
	level   int
	lists   []bool // whether each is numbered
	row     *Block // nil = none
	heads   []string
	allHead bool // the cells of the row are those of a head
	inCell  bool
}

// html reads a block of HTML: headings, items, rows, and texts between them.
func (w *walker) html(n *ast.HTMLBlock, at place) {
	line := w.locate(n)
	var raw strings.Builder
	for i := range n.Lines().Len() {
		segment := n.Lines().At(i)
		raw.Write(segment.Value(w.source))
	}
	if n.HasClosure() {
		raw.Write(n.ClosureLine.Value(w.source))
	}
	source := unseen().ReplaceAllString(raw.String(), "")
	w.page.kind = Paragraph
	for from := 0; ; {
		m := layoutTag().FindStringSubmatchIndex(source[from:])
		if m == nil {
			w.piece(source[from:], line, at)
			break
		}
		for k := range m {
			m[k] += from
		}
		w.piece(source[from:m[0]], line, at)
		line += strings.Count(source[from:m[1]], "\n")
		w.tag(source[m[0]+1:m[1]-1], &Block{Line: line}, func(string) {}) // its anchor
		w.turn(strings.ToLower(source[m[4]:m[5]]), m[2] != m[3], line, at)
		from = m[1]
	}
	w.endRow()
}

// turn opens or closes what a tag stands for.
func (w *walker) turn(name string, closes bool, line int, at place) {
	p := &w.page
	if name == "p" && !closes && p.kind == Item {
		return // the first text of the item
	}
	p.kind, p.level = Paragraph, 0
	switch name {
	case "ol", "ul":
		if closes {
			p.lists = p.lists[:max(len(p.lists)-1, 0)]
		} else if len(p.lists) < 60 {
			p.lists = append(p.lists, name == "ol")
		}
	case "table":
		w.endRow()
		p.heads = nil
	case "tr":
		w.endRow()
		if !closes {
			p.row, p.allHead = &Block{Kind: Row, Line: line, Depth: at.depth, Quote: at.quote}, true
		}
	case "td", "th":
		if p.inCell = !closes && p.row != nil; p.inCell {
			p.row.Cells = append(p.row.Cells, "")
			p.allHead = p.allHead && name == "th"
		}
	default:
		if closes {
			return
		}
		switch name {
		case "li":
			p.kind = Item
		case "dt", "summary":
			p.kind = Bold
		case "pre":
			p.kind = Code
		case "h1", "h2", "h3", "h4", "h5", "h6":
			p.kind, p.level = Heading, int(name[1]-'0')
		}
	}
}

// piece adds the text between two tags.
func (w *walker) piece(text string, line int, at place) {
	p := &w.page
	b := Block{Kind: p.kind, Level: p.level, Line: line, Depth: at.depth, Quote: at.quote}
	var seen strings.Builder
	w.tags(text, &b, func(s string) { seen.WriteString(s) })
	b.Text = strings.TrimSpace(seen.String())
	if b.Text == "" && len(b.Links) == 0 {
		return
	}
	if p.inCell && p.row != nil {
		cell := &p.row.Cells[len(p.row.Cells)-1]
		*cell = strings.TrimSpace(*cell + "\n" + b.Text)
		p.row.Links, p.row.Tags = append(p.row.Links, b.Links...), append(p.row.Tags, b.Tags...)
		return
	}
	switch {
	case b.Kind == Code:
		b.Inline = b.Text
	case b.Kind == Heading:
		w.file.Anchors[Anchor(b.Text)] = true
	case b.Kind == Item:
		b.First, b.Depth = true, at.depth+max(len(p.lists), 1)
		b.Ordered = len(p.lists) > 0 && p.lists[len(p.lists)-1]
	case b.Kind == Paragraph && strongText().MatchString(text):
		b.Kind = Bold
	}
	if b.Kind != Code {
		b.Prose = b.Text
	}
	w.add(b)
}

// endRow adds the row that is open. The first one of cells of a head is that.
func (w *walker) endRow() {
	p := &w.page
	b := p.row
	p.row, p.inCell = nil, false
	if b == nil || len(b.Cells) == 0 {
		return
	}
	if p.allHead && p.heads == nil {
		p.heads = b.Cells
		if len(b.Links) == 0 && len(b.Tags) == 0 {
			return
		}
	}
	b.Heads = p.heads
	b.Text = strings.Join(b.Cells, "\n")
	b.Prose = b.Text
	w.add(*b)
}
