package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// answer is one of the four questions that owners ask, with its answer.
type answer struct {
	Question, Answer, Why string
	Status                string // colours the answer
}

func answers(s readiness.Scorecard) []answer {
	return []answer{launchable(s), risky(s), costly(s), sprinted(s)}
}

func launchable(s readiness.Scorecard) answer {
	a := answer{Question: "Can we launch?", Status: string(s.Gate)}
	switch s.Gate {
	case readiness.Open:
		a.Answer = "Yes"
		if unseen := readiness.Unseen(s.Areas); len(unseen) > 0 {
			a.Answer, a.Status = "As far as was looked", string(readiness.Inconclusive)
			a.Why = fmt.Sprintf("%d of %d areas were not looked at", len(unseen), len(s.Areas))
		}
	case readiness.Overridden:
		a.Answer = "No. Somebody decided to go on for now"
	default:
		a.Answer = "No"
	}
	open := 0
	for _, c := range s.Criteria {
		if c.Status != readiness.Pass && c.Status != readiness.NotApplicable {
			open++
		}
	}
	if open > 0 {
		a.Why = fmt.Sprintf("%d of the %d launch criteria have no evidence", open, len(s.Criteria))
	}
	if n := len(s.Violations); n > 0 {
		a.Why = fmt.Sprintf("%s in %s against it", count(n, "finding"), count(s.ViolatedAreas(), "area"))
	}
	return a
}

func risky(s readiness.Scorecard) answer {
	a := answer{Question: "How risky is it?"}
	var parts []string
	for _, severity := range readiness.Severities() {
		n := 0
		for _, f := range s.Findings {
			if f.Status.Violates() && f.Severity == severity {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, severity))
		}
	}
	if len(parts) == 0 {
		a.Answer, a.Status = "Nothing known stands", string(readiness.Pass)
		return a
	}
	a.Answer, a.Status = "Up to "+string(s.Risk), string(s.Risk)
	a.Why = "Failed or not testable: " + strings.Join(parts, ", ")
	return a
}

func costly(s readiness.Scorecard) answer {
	a := answer{Question: "What will it cost to mend?"}
	var tasks int
	var blocking readiness.Range
	for _, sprint := range s.Work.Sprints {
		tasks += len(sprint.Tasks)
		for _, task := range sprint.Tasks {
			if task.Blocks {
				blocking.Low += task.Hours.Low
				blocking.High += task.Hours.High
			}
		}
	}
	switch {
	case tasks == 0 && len(s.Violations) > 0:
		a.Answer = "Not estimated"
	case tasks == 0:
		a.Answer = "Nothing to mend"
	case s.Work.Cost != nil:
		a.Answer = hours(s.Work.Hours) + ", " + money(s.Work.Cost)
	default:
		a.Answer = hours(s.Work.Hours)
	}
	if tasks > 0 {
		a.Why = "An estimate for " + count(tasks, "task")
		if blocking.High > 0 && blocking != s.Work.Hours {
			a.Why += "; " + hours(blocking) + " of it for what blocks"
		}
	}
	return a
}

func sprinted(s readiness.Scorecard) answer {
	a := answer{Question: "Which sprint do we need?", Why: s.Work.Recommendation}
	var need, later []string
	for _, sprint := range s.Work.Sprints {
		if sprint.Blocking > 0 {
			need = append(need, sprint.Title)
		} else {
			later = append(later, sprint.Title)
		}
	}
	switch {
	case len(need) > 0:
		a.Answer = need[0]
		if more := len(need) - 1; more > 0 {
			a.Answer = fmt.Sprintf("%d sprints", len(need))
			a.Why = "First: " + need[0] + ". " + a.Why
		}
	case len(later) > 0:
		a.Answer = "None before the launch"
	case len(s.Violations) > 0:
		a.Answer = "Not planned"
	default:
		a.Answer = "None"
	}
	return a
}

// basis says how the score came about.
func basis(s readiness.Scorecard) string {
	b := s.Basis
	switch {
	case b.Areas == 0:
		return ""
	case b.LimitedBy != "":
		return fmt.Sprintf(": the mean of %s is %d, and %s, the worst, holds it at %d", count(b.Areas, "area"), b.Mean, b.LimitedBy.Title(), b.Limit)
	}
	return fmt.Sprintf(", the mean of %s", count(b.Areas, "area"))
}

// areaCard is one of the ten areas with its chart.
type areaCard struct {
	Title   string
	Status  readiness.Status
	Word    string
	Counted bool // whether it takes part in the score
	Score   int
	Limit   string // why the score is not higher; may be empty
	Bar     template.HTML
	Counts  []total
	Lost    []readiness.ScoreLine // the rules that took points, most first
	Kept    string
}

// counts reports whether an area takes part in the score.
func counts(row readiness.AreaScore) bool {
	return row.Required || row.Status != readiness.NotApplicable
}

// areaWord is the status of an area as people read it: one that passed may hold
// what does not block.
func areaWord(row readiness.AreaScore) string {
	switch {
	case row.Status == readiness.Pass && row.Failed+row.Unknown+row.Unchecked > 0:
		return "nothing blocks"
	case row.Status == readiness.NotApplicable:
		return "not required"
	}
	return word(row.Status)
}

func areaCards(s readiness.Scorecard) []areaCard {
	var out []areaCard
	for _, row := range s.Areas {
		c := areaCard{Title: row.Area.Title(), Status: row.Status, Word: areaWord(row), Counted: counts(row), Score: row.Score}
		kept := 0
		for _, line := range row.Lines {
			if line.Lost > 0 {
				c.Lost = append(c.Lost, line)
			} else if line.Status == readiness.Pass {
				kept++
			}
		}
		slices.SortStableFunc(c.Lost, func(a, b readiness.ScoreLine) int { return cmp.Compare(b.Lost, a.Lost) })
		if kept > 0 {
			c.Kept = count(kept, "other rule") + " lost nothing."
		}
		if row.LimitedBy != "" {
			c.Kept += fmt.Sprintf(" At most %d while %s stands.", row.Limit, row.LimitedBy)
		}
		if row.Limit < 100 && row.Score == row.Limit {
			c.Limit = fmt.Sprintf("held at %d", row.Limit)
		}
		c.Bar = bar(row.Score, row.Limit, row.Status)
		for _, t := range []total{
			{"failed", "fail", row.Failed}, {"not testable", "inconclusive", row.Unknown}, {"not checked", "inconclusive", row.Unchecked},
			{"waived", "waived", row.Waived}, {"passed", "pass", row.Passed},
		} {
			if t.Count > 0 {
				c.Counts = append(c.Counts, t)
			}
		}
		out = append(out, c)
	}
	return out
}
