package runbook

import (
	"html"
	"iter"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
)

// elements are the tags of HTML that people write in Markdown.
var elements = strings.Fields(`a abbr address article aside audio b bdi bdo big blockquote body br button caption center cite code col colgroup
 dd del details dfn div dl dt em embed figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label
 legend li link main mark menu meta nav noscript object ol optgroup option p param picture pre progress q rp rt ruby s samp script section select
 small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr tt u ul var video wbr`)

// isHTML reports whether a tag is one of HTML.
func isHTML(name string) bool { return slices.Contains(elements, name) }

var attribute = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)([a-z][a-z0-9-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))`)
})

// attributes are those of a tag, names in lower case.
func attributes(tag string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, m := range attribute().FindAllStringSubmatch(tag, -1) {
			if !yield(strings.ToLower(m[1]), html.UnescapeString(m[2]+m[3]+m[4])) {
				return
			}
		}
	}
}

var headingTag = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?is)<h([1-6])\b[^>]*>(.*?)</h[1-6]\s*>`)
})

// unseen are elements whose content nobody reads.
var unseen = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?is)<(?:script|style)\b.*?</(?:script|style)\s*>`)
})

// html reads a block of HTML: headings, and between them texts.
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
	piece := func(kind Kind, level int, text string) {
		b := Block{Kind: kind, Level: level, Line: line, Depth: at.depth, Quote: at.quote}
		var seen strings.Builder
		w.tags(text, &b, func(s string) { seen.WriteString(s) })
		b.Text = strings.TrimSpace(seen.String())
		b.Prose = b.Text
		if kind == Heading {
			w.file.Anchors[Anchor(b.Text)] = true
		}
		if b.Text != "" || len(b.Links) > 0 {
			w.add(b)
		}
	}
	for {
		m := headingTag().FindStringSubmatchIndex(source)
		if m == nil {
			piece(Paragraph, 0, source)
			return
		}
		piece(Paragraph, 0, source[:m[0]])
		piece(Heading, int(source[m[2]]-'0'), source[m[4]:m[5]])
		source = source[m[1]:]
	}
}
