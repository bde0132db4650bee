package report

import _ "embed"

//go:embed style.css
var stylesheet string

// Stylesheet is the look of the HTML documents, to be put in a style element. It
// has light, dark and paper; nothing in it is loaded from elsewhere. Its parts:
//
//	.hero > div        head of the document, with .eyebrow, h1 and .verdict
//	.page > section    the rest, a section an h2 and a p.lead
//	.card              a box; .grid lays boxes out, --column is their least width
//	.chip, .mark       a status or severity: its word is a class too, and colours it
//	.list, .tasks      rows with lines between them
//	.scroll > table    a table that may be wider than the screen
//	details.fold       what is folded away, and unfolded on paper
func Stylesheet() string { return stylesheet }
