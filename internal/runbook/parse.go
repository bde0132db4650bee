package runbook

import (
	"errors"
	"regexp"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// markdown is CommonMark with GitHub's tables, tasks and bare addresses, and with
// definition lists. It is safe for concurrent use.
var markdown = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.Table, extension.Linkify, extension.TaskList, extension.Strikethrough, extension.DefinitionList),
		goldmark.WithParserOptions(parser.WithAttribute()),
	)
})

// nested finds lines that open containers without end: they would be nodes
// within nodes, deeper than a stack is.
var nested = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^(?:[ \t]*(?:[>*+-]|\d{1,9}[.)])){60}`)
})

// parse reads one document.
func parse(name string, raw []byte) (File, error) {
	content, latin1, ok := decode(raw)
	if !ok {
		return File{}, errors.New("it holds no text")
	}
	f := File{Name: name, Text: content, Latin1: latin1, Anchors: map[string]bool{}}
	var body string
	f.Front, body = front(content)
	if nested().MatchString(body) {
		return File{}, errors.New("its lists or quotations lie too deep within each other")
	}
	w := walker{file: &f, source: []byte(body)}
	w.index()
	root := markdown().Parser().Parse(text.NewReader(w.source))
	w.children(root, place{})
	return f, nil
}

// place is where a block stands.
type place struct {
	depth   int
	ordered bool
	first   *bool // whether the item has had no block yet
	quote   bool
}

// walker goes through a document.
type walker struct {
	file   *File
	source []byte
	starts []int // of lines
	line   int   // of the last block that knew its own
	page   layout
}

func (w *walker) index() {
	w.starts, w.line = []int{0}, 1
	for i, b := range w.source {
		if b == '\n' {
			w.starts = append(w.starts, i+1)
		}
	}
}

// lineOf is the line that a position is in.
func (w *walker) lineOf(at int) int {
	low, high := 0, len(w.starts)
	for high-low > 1 {
		if mid := (low + high) / 2; w.starts[mid] <= at {
			low = mid
		} else {
			high = mid
		}
	}
	return low + 1
}

// locate notes the line that a block begins in, or that of the block before it.
func (w *walker) locate(n ast.Node) int {
	if n.Type() != ast.TypeInline && n.Lines() != nil && n.Lines().Len() > 0 {
		w.line = w.lineOf(n.Lines().At(0).Start)
	}
	return w.line
}

func (w *walker) children(n ast.Node, at place) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		w.block(c, at)
	}
}

func (w *walker) block(n ast.Node, at place) {
	switch n := n.(type) {
	case *ast.Heading:
		w.heading(n)
	case *ast.Paragraph, *ast.TextBlock, *extast.DefinitionTerm:
		w.paragraph(n, at)
	case *ast.List:
		at.depth, at.ordered = at.depth+1, n.IsOrdered()
		w.children(n, at)
	case *ast.ListItem, *extast.DefinitionDescription:
		first := true
		at.first = &first
		w.children(n, at)
	case *ast.Blockquote:
		at.quote = true
		w.children(n, at)
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		w.code(n, at)
	case *ast.HTMLBlock:
		w.html(n, at)
	case *extast.Table:
		w.table(n, at)
	default:
		w.children(n, at)
	}
}

func (w *walker) add(b Block) { w.file.Blocks = append(w.file.Blocks, b) }

func (w *walker) heading(n *ast.Heading) {
	b := Block{Kind: Heading, Level: n.Level, Line: w.locate(n)}
	w.inline(n, &b)
	if id, ok := n.AttributeString("id"); ok {
		if raw, isText := id.([]byte); isText {
			w.file.Anchors[Anchor(string(raw))] = true
		}
	}
	w.file.Anchors[Anchor(b.Text)] = true
	w.add(b)
}

func (w *walker) paragraph(n ast.Node, at place) {
	b := Block{Kind: Paragraph, Line: w.locate(n), Depth: at.depth, Quote: at.quote}
	w.inline(n, &b)
	if at.depth > 0 {
		b.Kind = Item
		b.First, *at.first = *at.first, false
		b.Ordered = at.ordered && b.First || w.isTask(n)
		b.Parent = b.First && n.NextSibling() != nil && n.NextSibling().Kind() == ast.KindList
	} else if isBold(n, w.source) || n.Kind() == extast.KindDefinitionTerm {
		b.Kind = Bold
	}
	w.add(b)
}

func (w *walker) isTask(n ast.Node) bool {
	return n.FirstChild() != nil && n.FirstChild().Kind() == extast.KindTaskCheckBox
}

// isBold reports whether a paragraph is one line in bold, but for its colon.
func isBold(n ast.Node, source []byte) bool {
	bold := false
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Emphasis:
			if c.Level != 2 || bold {
				return false
			}
			bold = true
		case *ast.Text:
			if strings.Trim(string(c.Segment.Value(source)), " :.\t") != "" || c.SoftLineBreak() && c.NextSibling() != nil {
				return false
			}
		default:
			return false
		}
	}
	return bold
}

func (w *walker) code(n ast.Node, at place) {
	var text strings.Builder
	lines := n.Lines()
	for i := range lines.Len() {
		segment := lines.At(i)
		text.Write(segment.Value(w.source))
	}
	w.add(Block{Kind: Code, Line: w.locate(n), Text: text.String(), Inline: text.String(), Depth: at.depth, Quote: at.quote})
}

func (w *walker) table(n *extast.Table, at place) {
	var heads []string
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		b := Block{Kind: Row, Depth: at.depth, Quote: at.quote}
		var cells, prose []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			b.Line = w.locate(cell)
			b.Text, b.Prose = "", ""
			w.inline(cell, &b)
			cells, prose = append(cells, strings.TrimSpace(b.Text)), append(prose, strings.TrimSpace(b.Prose))
		}
		if _, isHead := row.(*extast.TableHeader); isHead {
			heads = cells
			if len(b.Links) == 0 && len(b.Tags) == 0 {
				continue
			}
		}
		b.Heads, b.Cells = heads, cells
		b.Text, b.Prose = strings.Join(cells, "\n"), strings.Join(prose, "\n")
		w.add(b)
	}
}
