package runbook

import (
	"html"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// inline adds what stands in a block to it.
func (w *walker) inline(n ast.Node, b *Block) {
	text, prose := strings.Builder{}, strings.Builder{}
	inline := strings.Builder{}
	both := func(s string) { text.WriteString(s); prose.WriteString(s) }
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) { // fails only if the function does
		if !entering || c == n {
			return ast.WalkContinue, nil
		}
		switch c := c.(type) {
		case *ast.Text:
			both(html.UnescapeString(string(util.UnescapePunctuations(c.Segment.Value(w.source)))))
			if c.SoftLineBreak() || c.HardLineBreak() {
				both("\n")
			}
		case *ast.String:
			both(string(c.Value))
		case *ast.CodeSpan:
			code := w.textOf(c)
			text.WriteString(code)
			prose.WriteString(" ")
			inline.WriteString(code + "\n")
			return ast.WalkSkipChildren, nil
		case *ast.RawHTML:
			w.raw(c, b, both)
		case *ast.Link:
			b.Links = append(b.Links, Link{w.textOf(c), string(c.Destination), b.Line})
		case *ast.Image:
			b.Links = append(b.Links, Link{w.textOf(c), string(c.Destination), b.Line})
		case *ast.AutoLink:
			label := string(c.Label(w.source))
			target := string(c.URL(w.source))
			if c.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(target), "mailto:") {
				target = "mailto:" + target
			}
			if !strings.Contains(label, ":") {
				target = strings.Replace(target, "http://", "https://", 1) // www. alone says nothing of it
			}
			b.Links = append(b.Links, Link{label, target, b.Line})
			both(label)
		case *extast.Strikethrough:
			return ast.WalkSkipChildren, nil // it is said no more
		}
		return ast.WalkContinue, nil
	})
	b.Text, b.Prose, b.Inline = b.Text+text.String(), b.Prose+prose.String(), b.Inline+inline.String()
}

// textOf is the text of a node.
func (w *walker) textOf(n ast.Node) string {
	var b strings.Builder
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) { // fails only if the function does
		if t, ok := c.(*ast.Text); ok && entering {
			b.Write(t.Segment.Value(w.source))
			if t.SoftLineBreak() {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// raw reads a tag within a text.
func (w *walker) raw(n *ast.RawHTML, b *Block, both func(string)) {
	var tag strings.Builder
	for i := range n.Segments.Len() {
		segment := n.Segments.At(i)
		tag.Write(segment.Value(w.source))
	}
	w.tags(tag.String(), b, both)
}

// lineTags are tags after which a line is new.
var lineTags = []string{"br", "p", "div", "li", "tr", "dt", "dd", "summary", "hr"}

// tags reads a piece of HTML: its text, its links, its anchors, and what is no
// tag at all.
func (w *walker) tags(text string, b *Block, both func(string)) {
	for text != "" {
		open := strings.IndexByte(text, '<')
		if open < 0 {
			both(html.UnescapeString(text))
			return
		}
		both(html.UnescapeString(text[:open]))
		text = text[open:]
		if strings.HasPrefix(text, "<!--") {
			_, rest, found := strings.Cut(text, "-->")
			if !found {
				return
			}
			text = rest
			continue
		}
		end := strings.IndexByte(text, '>')
		if end < 0 {
			both(text)
			return
		}
		w.tag(text[1:end], b, both)
		text = text[end+1:]
	}
}

// tag reads what stands between angle brackets.
func (w *walker) tag(inside string, b *Block, both func(string)) {
	name := strings.ToLower(strings.TrimLeft(inside, "/"))
	if cut := strings.IndexAny(name, " \t\n/"); cut >= 0 {
		name = name[:cut]
	}
	switch {
	case strings.HasPrefix(inside, "!") || strings.HasPrefix(inside, "?"):
	case slices.Contains(lineTags, name):
		both("\n")
	case !isHTML(name):
		b.Tags = append(b.Tags, strings.TrimSpace(inside))
		both("<" + inside + ">")
		return
	}
	for attribute, value := range attributes(inside) {
		switch attribute {
		case "href", "src":
			b.Links = append(b.Links, Link{"", value, b.Line})
		case "id", "name":
			w.file.Anchors[Anchor(value)] = true
		}
	}
}
