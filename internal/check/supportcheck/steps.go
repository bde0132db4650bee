package supportcheck

import (
	"fmt"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

var (
	numbered  = lazy(`(?:^|[\s;,(])(?:step\s*|schritt\s*|étape\s*|paso\s*)?\(?([1-9]\d?)[.):]\s`)
	stepTitle = lazy(`(?i)^\s*(?:(?:step|schritt|étape|paso|passo|stap|steg|trin|krok)\s*\d+|\d+[.)])`)
	ordinals  = lazy(`(?i)\b(?:first|then|next|after that|afterwards|finally|last(?:ly)?|second(?:ly)?|third(?:ly)?)\b`)
)

// hasSteps looks for three steps in order: a numbered list or a list to tick
// off, even one that code interrupts; headings or rows with numbers; numbers
// within a text; any list below a heading such as Steps.
func (s *session) hasSteps(t *topic) bool {
	items, titles, rows := 0, 0, 0
	for _, b := range t.blocks {
		switch {
		case b.Kind == runbook.Item && b.Ordered && b.First:
			items++
		case (b.Kind == runbook.Heading || b.Kind == runbook.Bold || b.Kind == runbook.Paragraph) && stepTitle().MatchString(b.Text):
			titles++
		case b.Kind == runbook.Row && len(b.Cells) > 1 && stepTitle().MatchString(b.Cells[0]+")"):
			rows++
		}
		if enumerates(b.Text) {
			return true
		}
	}
	if max(items, titles, rows) >= fewestSteps {
		return true
	}
	for _, f := range t.fields {
		if s.labels(s.words.steps, f.label) && listed(f.value) >= fewestSteps {
			return true
		}
	}
	return false
}

// listed counts the lines of a value, or the sentences of one that says its
// order.
func listed(value string) int {
	lines := len(strings.FieldsFunc(strings.TrimSpace(value), func(r rune) bool { return r == '\n' }))
	arrows := strings.Count(value, "→") + strings.Count(value, "->") + strings.Count(value, ";") + 1
	return max(lines, arrows, len(ordinals().FindAllString(value, -1)))
}

// enumerates reports whether a text counts its parts from 1 to 3.
func enumerates(text string) bool {
	next := 1
	for _, m := range numbered().FindAllStringSubmatch(text, -1) {
		if m[1] == fmt.Sprint(next) {
			if next++; next > fewestSteps {
				return true
			}
		}
	}
	return false
}
