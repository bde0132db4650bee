package runbook

import (
	"html"
	"iter"
	"regexp"
	"slices"
	"strings"
	"sync"
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

// unseen are elements whose content nobody reads.
var unseen = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?is)<(?:script|style)\b.*?</(?:script|style)\s*>`)
})
