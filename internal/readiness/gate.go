package readiness

import (
	"fmt"
	"strings"
)

// Width is how wide a diagnostic may be: 80 columns less the frame that
// Terraform draws around an error.
const Width = 76

// Headline is the gate's decision in one line.
func (s Scorecard) Headline() string {
	if s.Gate == Open {
		return fmt.Sprintf("gate open: %s may launch (score %d/100)", s.Name(), s.Score)
	}
	return fmt.Sprintf("gate %s: %s has %s in %d of %d areas", s.Gate, s.Name(),
		plural(len(s.Violations), "violation"), s.ViolatedAreas(), len(Areas()))
}

// Explain is the text of a blocked gate: every violation, worst first, with
// what was seen and how to mend it, then the ways out. Every line begins with a
// space, so that the command line does not wrap it again.
func (s Scorecard) Explain(reports []string) string {
	var b strings.Builder
	for _, together := range SameCause(s.Violations) {
		b.WriteString(violation(together))
	}
	b.WriteString("\n")
	if line := s.apart(); line != "" {
		b.WriteString(wrap("  ", line))
	}
	if len(reports) > 0 {
		b.WriteString(wrap("  ", "Report: "+strings.Join(reports, " ")))
	}
	b.WriteString("  Rules: docs/rules/<rule id>.md in\n  " + Repository + "\n")
	if s.Gate == Blocked {
		b.WriteString("  To go on regardless: provider \"launchready\" { override = { ... } }\n")
		b.WriteString("  To destroy: terraform destroy -refresh=false\n")
	} else if s.Override != nil {
		b.WriteString(wrap("  ", fmt.Sprintf("Overridden by %s: %s", s.Override.Owner, s.Override.Reason)))
	}
	return b.String()
}

// apart says how many findings were waived and how many could not be tested.
func (s Scorecard) apart() string {
	unknown := 0
	for _, f := range s.Violations {
		if f.Status != Fail {
			unknown++
		}
	}
	var parts []string
	if n := s.Count(Waived); n > 0 {
		parts = append(parts, fmt.Sprintf("%d waived", n))
	}
	if unknown > 0 {
		parts = append(parts, fmt.Sprintf("%d could not be tested (counts as blocked)", unknown))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + "."
}

// SameCause groups what one cause keeps from being tested: a name server that
// does not answer is one line, not one for each rule. The order is kept, each
// group standing where its first, and so its worst, finding stands.
func SameCause(findings []Finding) [][]Finding {
	var out [][]Finding
	at := map[string]int{}
	for _, f := range findings {
		cause := f.Subject + "\n" + f.Message
		if i, seen := at[cause]; seen && f.Status == Inconclusive {
			out[i] = append(out[i], f)
			continue
		}
		if f.Status == Inconclusive {
			at[cause] = len(out)
		}
		out = append(out, []Finding{f})
	}
	return out
}

// messageLines is how much of a message the gate shows; reports have it all.
const messageLines = 12

// violation renders findings of one cause: a line of severity, rule and
// subject, then what was seen, then the remedy.
func violation(together []Finding) string {
	f := together[0]
	var b strings.Builder
	head := fmt.Sprintf("  %-8s  %-24s  ", f.Severity, f.Rule)
	if len(head)+len(f.Subject) <= Width {
		b.WriteString(head + f.Subject + "\n")
	} else {
		b.WriteString(strings.TrimRight(head, " ") + "\n" + wrap("            ", f.Subject))
	}
	message := f.Message
	if f.Status == Inconclusive {
		message = "could not be tested: " + message
	}
	if lines := strings.Split(message, "\n"); len(lines) > messageLines {
		message = strings.Join(lines[:messageLines], "\n") + fmt.Sprintf("\n ... %d more lines: see the report", len(lines)-messageLines)
	}
	b.WriteString(wrap("            ", message))
	if len(together) > 1 {
		var others []string
		for _, other := range together[1:] {
			others = append(others, other.Rule)
		}
		b.WriteString(wrap("            ", "nor could "+strings.Join(others, ", ")))
	}
	if f.Remedy != "" {
		b.WriteString(wrapHanging("            fix: ", "                 ", f.Remedy))
	}
	return b.String()
}

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
	return f.Summary(), b.String()
}

func wrap(indent, text string) string { return wrapHanging(indent, indent, text) }

// wrapHanging breaks text at blanks so that no line is wider than Width, unless
// a single word is: a record or an address is never cut. Lines that the text
// breaks itself stay apart, and those that begin with a blank keep their form.
func wrapHanging(first, rest, text string) string {
	var b strings.Builder
	indent := first
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if strings.HasPrefix(line, " ") {
			b.WriteString(indent + line + "\n")
			indent = rest
			continue
		}
		width := 0
		for i, word := range strings.Fields(line) {
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
