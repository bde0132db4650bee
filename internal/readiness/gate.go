package readiness

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Width is how wide a diagnostic may be: 80 columns less the frame that
// Terraform draws around an error.
const Width = 76

// Headline is the gate's decision in one line.
func (s Scorecard) Headline() string {
	if unseen := Unseen(s.Areas); s.Gate == Open && len(unseen) > 0 {
		return fmt.Sprintf("gate open: nothing in the way of %s in %d of %d areas (score %d/100)", s.Name(), len(s.Areas)-len(unseen), len(Areas()), s.Score)
	}
	if s.Gate == Open {
		return fmt.Sprintf("gate open: %s may launch (score %d/100)", s.Name(), s.Score)
	}
	return fmt.Sprintf("gate %s: %s has %s in %d of %d areas", s.Gate, s.Name(),
		plural(len(s.Violations), "violation"), s.ViolatedAreas(), len(Areas()))
}

// Explain is the text of a blocked gate: what stands against the launch by area,
// worst first, with what was seen and how to mend it; what to mend first; then the
// ways out. Every line begins with a space, so that the command line does not wrap
// it again, in a terminal or in the log of a remote run.
func (s Scorecard) Explain(reports []string) string {
	var b strings.Builder
	for _, area := range byArea(s.Violations) {
		b.WriteString(wrap("  ", s.areaLine(area)))
		for _, together := range oneCause(area) {
			b.WriteString(violation(together))
		}
		b.WriteString("\n")
	}
	for _, line := range []string{s.mendFirst(), s.Work.Recommendation, s.apart(), s.since(), s.LeftOut()} {
		if line != "" {
			b.WriteString(wrap("  ", line))
		}
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

// byArea groups violations that are sorted worst first: the area with the worst
// comes first.
func byArea(violations []Finding) [][]Finding {
	var out [][]Finding
	at := map[Area]int{}
	for _, f := range violations {
		i, seen := at[f.Area]
		if !seen {
			i = len(out)
			at[f.Area] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], f)
	}
	return out
}

// areaLine heads the violations of an area.
func (s Scorecard) areaLine(violations []Finding) string {
	line := fmt.Sprintf("%s: %s", cmp.Or(violations[0].Area.Title(), "Launch"), plural(len(violations), "violation"))
	for _, row := range s.Areas {
		if row.Area == violations[0].Area {
			line += fmt.Sprintf(", score %d/100", row.Score)
		}
	}
	return line
}

// mendFirst names the tasks to begin with: of what blocks, the worst, and among
// equals what takes most risk away in an hour.
func (s Scorecard) mendFirst() string {
	var tasks []Task
	for _, sprint := range s.Work.Sprints {
		for _, t := range sprint.Tasks {
			if t.Blocks {
				tasks = append(tasks, t)
			}
		}
	}
	if len(tasks) == 0 {
		return ""
	}
	slices.SortStableFunc(tasks, func(a, b Task) int {
		return cmp.Or(cmp.Compare(a.Severity.rank(), b.Severity.rank()), cmp.Compare(a.Status.rank(), b.Status.rank()),
			cmp.Compare(b.Risk, a.Risk), cmp.Compare(a.Rule, b.Rule))
	})
	var names []string
	var hours Range
	for i, t := range tasks {
		if i < 3 {
			names = append(names, fmt.Sprintf("%s (%s"+hard+"h)", t.Rule, t.Hours))
		}
		hours = hours.plus(t.Hours)
	}
	return fmt.Sprintf("Mend first: %s. What blocks is %s, %s"+hard+"hours.", strings.Join(names, ", "), plural(len(tasks), "task"), hours)
}

// since says in a line what has changed since the baseline.
func (s Scorecard) since() string {
	if s.Changes == nil {
		return ""
	}
	line := fmt.Sprintf("Since the baseline: %d mended, %d new, %d still open", len(s.Changes.Mended), len(s.Changes.New), len(s.Changes.StillOpen))
	if n := len(s.Changes.Gone); n > 0 {
		line += fmt.Sprintf(", %d no longer checked", n)
	}
	return line + "."
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

// oneCause groups violations that one line tells: the same rule, message and
// remedy on several subjects, or several rules that one reason keeps from being
// tested. The order is kept, each group standing where its worst stands.
func oneCause(findings []Finding) [][]Finding {
	var out [][]Finding
	at := map[string]int{}
	for _, f := range findings {
		cause := fmt.Sprintf("%q %q %q", f.Rule, f.Message, f.Remedy)
		if f.Status != Fail {
			cause = fmt.Sprintf("? %q %q", f.Message, f.Remedy)
		}
		i, seen := at[cause]
		if !seen {
			i = len(out)
			at[cause] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], f)
	}
	return out
}

// messageLines is how much of a message the gate shows; reports have it all.
const messageLines = 12

// violation renders findings of one cause: a line of severity, rule and
// subject, then what was seen, then what else it holds for, then the remedy.
func violation(together []Finding) string {
	f := together[0]
	var b strings.Builder
	subject := plain(f.Subject)
	head := fmt.Sprintf("  %-8s  %-24s  ", f.Severity, f.Rule)
	if len(head)+len(subject) <= Width {
		b.WriteString(head + subject + "\n")
	} else {
		b.WriteString(strings.TrimRight(head, " ") + "\n" + wrap("            ", subject))
	}
	message := f.Message
	if f.Status != Fail {
		message = "could not be tested: " + message
	}
	if lines := strings.Split(message, "\n"); len(lines) > messageLines {
		message = strings.Join(lines[:messageLines], "\n") + fmt.Sprintf("\n ... %d more lines: see the report", len(lines)-messageLines)
	}
	b.WriteString(wrap("            ", message))
	if others := othersOf(together, func(f Finding) string { return f.Subject }); len(others) > 0 {
		b.WriteString(wrap("            ", "also "+shortList(others)))
	}
	if others := othersOf(together, func(f Finding) string { return f.Rule }); len(others) > 0 {
		b.WriteString(wrap("            ", "nor could "+strings.Join(others, ", ")))
	}
	if f.Remedy != "" {
		b.WriteString(wrapHanging("            fix: ", "                 ", f.Remedy))
	}
	return b.String()
}

// othersOf returns what the findings after the first have in a field and the
// first has not, each once.
func othersOf(together []Finding, field func(Finding) string) []string {
	seen := map[string]bool{field(together[0]): true}
	var out []string
	for _, f := range together[1:] {
		if v := field(f); !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// someSubjects is how many further subjects the gate names; reports have them all.
const someSubjects = 8

func shortList(subjects []string) string {
	if n := len(subjects); n > someSubjects {
		return strings.Join(subjects[:someSubjects], ", ") + fmt.Sprintf(" and %d more", n-someSubjects)
	}
	return strings.Join(subjects, ", ")
}
