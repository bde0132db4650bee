package report

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// blocking is the heading of what blocks.
const blocking = "What blocks, worst first"

// markdownList is a list of findings that is cut where there is no more room.
type markdownList struct {
	title  string
	fold   bool // folded away
	items  int
	item   func(i int) string
	remain string // what the count of those left out counts
}

// overhead is what the list takes besides its items, at most.
func (l markdownList) overhead() int { return len(l.title) + len(l.remain) + 160 }

// write adds the list, with as many of its items as there is room for, and
// returns the room that is left.
func (l markdownList) write(b *strings.Builder, room int) int {
	if l.items == 0 {
		return room
	}
	if l.fold {
		fmt.Fprintf(b, "\n<details><summary>%s (%d)</summary>\n\n", l.title, l.items)
	} else {
		fmt.Fprintf(b, "\n## %s\n\n", l.title)
	}
	for i := range l.items {
		text := l.item(i)
		if len(text) > room {
			fmt.Fprintf(b, "\n%d more %s: see the HTML or the JSON report.\n", l.items-i, l.remain)
			room = 0 // a later one that is shorter must not jump the queue
			break
		}
		b.WriteString(text)
		room -= len(text)
	}
	if l.fold {
		b.WriteString("\n</details>\n")
	}
	return room
}

// markdownLists are the findings: what blocks, what people accepted, what stands
// and does not block, what passed.
func markdownLists(s readiness.Scorecard) []markdownList {
	together := readiness.SameCause(s.Violations)
	out := []markdownList{{title: blocking, items: len(together), remain: "that block", item: func(i int) string {
		return markdownFinding(together[i][0], together[i][1:])
	}}}
	kinds := []struct {
		title, remain string
		fold          bool
		of            func(readiness.Finding) bool
	}{
		{"Stands, and does not block", "that do not block", false, func(f readiness.Finding) bool { return f.Status.Violates() && !f.Blocks(s.FailOn) }},
		{"Waived", "that are waived", false, func(f readiness.Finding) bool { return f.Status == readiness.Waived }},
		{"Passed", "that passed", true, func(f readiness.Finding) bool { return f.Status == readiness.Pass }},
	}
	for _, kind := range kinds {
		var findings []readiness.Finding
		for _, f := range s.Findings {
			if kind.of(f) {
				findings = append(findings, f)
			}
		}
		readiness.SortWorstFirst(findings)
		out = append(out, markdownList{title: kind.title, fold: kind.fold, remain: kind.remain, items: len(findings), item: func(i int) string {
			return markdownFinding(findings[i], nil)
		}})
	}
	return out
}

// Bounds of one finding in the Markdown report.
const (
	maxMarkdownText  = 1500 // bytes of a sentence or a remedy
	maxMarkdownLines = 30   // of the table of what was seen
	maxMarkdownLine  = 200  // bytes of such a line
)

// markdownFinding is a finding as an item of a list, with the others that the
// same cause keeps from being tested.
func markdownFinding(f readiness.Finding, others []readiness.Finding) string {
	var b strings.Builder
	sentence, table := split(f.Message)
	fmt.Fprintf(&b, "- **%s** `%s` %s: %s", label(f), code(f.Rule), clipped(f.Subject, 300), clipped(sentence, maxMarkdownText))
	if len(others) > 0 {
		var rules []string
		for _, other := range others {
			rules = append(rules, other.Rule)
		}
		fmt.Fprintf(&b, "  \n  Nor could be tested: %s", ruleList(rules))
	}
	if f.Remedy != "" && f.Status.Violates() {
		fmt.Fprintf(&b, "  \n  Fix: %s", clipped(f.Remedy, maxMarkdownText))
	}
	if f.Waiver != "" {
		fmt.Fprintf(&b, "  \n  Waived: %s", clipped(f.Waiver, maxMarkdownText))
	}
	b.WriteString("\n")
	if table != "" && f.Status.Violates() {
		b.WriteString(markdownTable(table))
	}
	return b.String()
}

// markdownTable is what was seen, as an indented block: nothing in it is markup.
func markdownTable(table string) string {
	var b strings.Builder
	b.WriteString("\n")
	lines := strings.FieldsFunc(table, func(r rune) bool { return r == '\n' || r == '\r' || r == '\f' || r == '\v' || r == '\u2028' })
	for i, line := range lines {
		if i == maxMarkdownLines {
			fmt.Fprintf(&b, "      ... %d more lines\n", len(lines)-i)
			break
		}
		b.WriteString("      " + strings.Map(visible, cut(line, maxMarkdownLine)) + "\n")
	}
	b.WriteString("\n")
	return b.String()
}

// ruleList is a list of rules, the first few of them.
func ruleList(rules []string) string {
	const shown = 5
	var parts []string
	for _, rule := range shorten(rules, shown) {
		parts = append(parts, "`"+code(rule)+"`")
	}
	text := strings.Join(parts, ", ")
	if more := beyond(rules, shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// code is text within backticks: it cannot end them, nor a cell of a table.
func code(s string) string {
	return strings.NewReplacer("`", "'", "|", "/", "\n", " ").Replace(cut(s, 100))
}

// clipped is text from the outside world, made inert and of a bounded length.
func clipped(s string, bytes int) string { return markdownText(cut(s, bytes)) }

// cut shortens text to a number of bytes, at the border of a character.
func cut(s string, bytes int) string {
	if len(s) <= bytes {
		return s
	}
	return strings.ToValidUTF8(s[:bytes], "") + "..."
}

// visible drops characters that control a screen, or turn the direction of writing.
func visible(r rune) rune {
	if r < ' ' || r >= 0x7f && r < 0xa0 || unicode.Is(unicode.Bidi_Control, r) {
		return ' '
	}
	return r
}

// markdownText makes text from the outside world inert: it cannot start a
// table, a link, a tag, a mention or another block.
func markdownText(s string) string {
	s = strings.Join(strings.Fields(strings.Map(visible, strings.ToValidUTF8(s, "\ufffd"))), " ")
	return markdownEscaper.Replace(s)
}

var markdownEscaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "~", `\~`, "|", `\|`, "[", `\[`, "]", `\]`, "$", `\$`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;", "#", `\#`, "@", "@\u200b",
)
