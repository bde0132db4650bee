package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Markdown renders the scorecard for a pull request comment.
func Markdown(s readiness.Scorecard, o Options) ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "# Launch scorecard: %s\n\n", markdownText(s.Name()))
	fmt.Fprintf(&b, "**Gate: %s.** %s Score %d/100", s.Gate, verdict(s), s.Score)
	if n := len(s.Violations); n > 0 {
		fmt.Fprintf(&b, ", %d blocking", n)
	}
	b.WriteString(".\n")
	if s.Override != nil {
		fmt.Fprintf(&b, "\nOverridden by %s: %s\n", markdownText(s.Override.Owner), markdownText(s.Override.Reason))
	}
	if !o.GeneratedAt.IsZero() {
		fmt.Fprintf(&b, "\nAs of %s.\n", o.GeneratedAt.UTC().Format(time.RFC3339))
	}
	b.WriteString("\n| Area | Status | Score | Failed | Not testable | Waived | Passed |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, row := range s.Areas {
		if row.Status == readiness.NotApplicable {
			fmt.Fprintf(&b, "| %s | not required | | | | | |\n", row.Area.Title())
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d | %d | %d |\n",
			row.Area.Title(), row.Status, row.Score, row.Failed, row.Unknown, row.Waived, row.Passed)
	}
	if len(s.Violations) > 0 {
		b.WriteString("\n## What blocks, worst first\n\n")
		for _, f := range s.Violations {
			writeFinding(&b, f)
		}
	}
	for _, g := range groups(s) {
		var rest []readiness.Finding
		for _, f := range g.Findings {
			if !f.Blocks(s.FailOn) && f.Status != readiness.NotApplicable {
				rest = append(rest, f)
			}
		}
		if len(rest) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n", g.Row.Area.Title())
		for _, f := range rest {
			writeFinding(&b, f)
		}
	}
	return []byte(b.String()), nil
}

func writeFinding(b *strings.Builder, f readiness.Finding) {
	sentence, table := split(f.Message)
	fmt.Fprintf(b, "- **%s** `%s` %s: %s", label(f), f.Rule, markdownText(f.Subject), markdownText(sentence))
	if f.Remedy != "" && f.Status.Violates() {
		fmt.Fprintf(b, "  \n  Fix: %s", markdownText(f.Remedy))
	}
	if f.Waiver != "" {
		fmt.Fprintf(b, "  \n  Waived: %s", markdownText(f.Waiver))
	}
	b.WriteString("\n")
	if table != "" {
		// An indented block: nothing in it is markup.
		fmt.Fprintf(b, "\n      %s\n\n", strings.ReplaceAll(table, "\n", "\n      "))
	}
}

// label is the severity of what stands and the status of what does not.
func label(f readiness.Finding) string {
	switch f.Status {
	case readiness.Fail:
		return string(f.Severity)
	case readiness.Inconclusive:
		return string(f.Severity) + ", not testable"
	}
	return string(f.Status)
}

// markdownText makes text from the outside world inert: it cannot start a
// table, a link, a tag, a mention or another block.
func markdownText(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.NewReplacer(
		`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "|", `\|`, "[", `\[`, "]", `\]`,
		"<", "&lt;", ">", "&gt;", "&", "&amp;", "#", `\#`, "@", "@\u200b",
	).Replace(s)
}
