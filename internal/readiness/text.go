package readiness

import (
	"fmt"
	"strings"
	"unicode"
)

// Tell is the text of findings of one cause as a diagnostic of its own. The
// summary names rule and subject: Terraform folds warnings of equal summary.
func Tell(together []Finding) (summary, detail string) {
	f := together[0]
	var b strings.Builder
	b.WriteString(f.Message + "\n")
	if len(together) > 1 {
		var others []string
		for _, other := range together[1:] {
			others = append(others, other.Rule)
		}
		b.WriteString("\nThe same keeps from being tested: " + strings.Join(others, ", ") + ".\n")
	}
	if f.Remedy != "" {
		b.WriteString("\nFix: " + f.Remedy + "\n")
	}
	b.WriteString("\nSeverity " + string(f.Severity) + ". Rule: " + f.Reference)
	return plain(f.Summary()), plain(b.String())
}

// plain makes text from outside harmless in a terminal: control characters, those
// that turn the direction of writing among them, are shown as a question mark.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return '?'
		}
		return r
	}, text)
}

func wrap(indent, text string) string { return wrapHanging(indent, indent, text) }

// hard is a blank at which no line is broken; it is shown as any other.
const hard = "\u00a0"

// wrapHanging breaks text at blanks so that no line is wider than Width, unless
// a single word is: a record or an address is never cut. Lines that the text
// breaks itself stay apart, and those that begin with a blank keep their form.
func wrapHanging(first, rest, text string) string {
	var b strings.Builder
	indent := first
	for line := range strings.SplitSeq(strings.TrimRight(plain(text), "\n"), "\n") {
		if strings.HasPrefix(line, " ") {
			b.WriteString(indent + line + "\n")
			indent = rest
			continue
		}
		width := 0
		for i, word := range strings.FieldsFunc(line, func(r rune) bool { return unicode.IsSpace(r) && string(r) != hard }) {
			word = strings.ReplaceAll(word, hard, " ")
			switch {
			case i == 0:
				b.WriteString(indent + word)
				width = len(indent) + len(word)
				indent = rest
			case width+1+len(word) > Width:
				b.WriteString("\n" + rest + word)
				width = len(rest) + len(word)
			default:
				b.WriteString(" " + word)
				width += 1 + len(word)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
