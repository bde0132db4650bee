package readiness

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// planWork maps what stands to tasks, and tasks to streams of work.
func planWork(c *Catalogue, findings []Finding, policy Policy, unseen []Area) WorkPlan {
	table := streams()
	sprints := make([]Sprint, len(table))
	for i, s := range table {
		sprints[i] = Sprint{ID: s.id, Title: s.title, Window: s.window}
	}
	hours := efforts()
	plan := WorkPlan{HourlyRate: policy.HourlyRate, Sprints: []Sprint{}}
	for _, group := range rootCauses(findings) {
		task := newTask(c, group, hours, policy)
		s := &sprints[streamOf(table, task.Rule, task.Area)]
		s.Tasks = append(s.Tasks, task)
		s.Hours = s.Hours.plus(task.Hours)
		if task.Blocks {
			s.Blocking++
		}
	}
	for _, s := range sprints {
		if len(s.Tasks) == 0 {
			continue
		}
		sortTasks(s.Tasks)
		s.Cost = s.Hours.cost(policy.HourlyRate)
		plan.Sprints = append(plan.Sprints, s)
		plan.Hours = plan.Hours.plus(s.Hours)
	}
	plan.Cost = plan.Hours.cost(policy.HourlyRate)
	plan.Recommendation = recommend(findings, policy.FailOn, unseen)
	return plan
}

// rootCauses groups what stands by what one piece of work mends: the same rule
// with the same remedy; and where nothing could be tested, the same reason with
// the same remedy in one area, whatever the rules. Worst first in a group.
func rootCauses(findings []Finding) [][]Finding {
	var out [][]Finding
	at := map[string]int{}
	worst := slices.Clone(findings)
	SortWorstFirst(worst)
	for _, f := range worst {
		if !f.Status.Violates() {
			continue
		}
		cause := fmt.Sprintf("%q %q", f.Rule, f.Remedy)
		if f.Status != Fail {
			cause = fmt.Sprintf("? %q %q %q", f.Area, f.Message, f.Remedy)
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

func newTask(c *Catalogue, group []Finding, table map[string]Range, policy Policy) Task {
	first := group[0]
	t := Task{
		Rule: first.Rule, Rules: ids(group), Area: first.Area, Severity: first.Severity, Status: first.Status, Remedy: first.Remedy,
		Exposure: exposureOf(first.Rule), Deliverable: deliverableOf(first.Rule), Title: first.Rule,
	}
	for _, f := range group {
		t.Subjects = append(t.Subjects, f.Subject)
		t.Blocks = t.Blocks || f.Blocks(policy.FailOn)
	}
	slices.Sort(t.Subjects)
	t.Subjects = slices.Compact(t.Subjects)
	if rule, ok := c.Rule(first.Rule); ok {
		t.Title = rule.Title
	}
	if t.Status == Fail {
		t.Hours = effortOf(table, policy.Effort, t.Rule)
		further := float64(len(t.Subjects)-1) * furtherSubject(t.Rule)
		t.Hours = t.Hours.plus(Range{further, further})
	} else {
		// Nobody knows whether there is something to mend: from nothing at all to
		// the most that a rule which could not be tested may take.
		t.Hours = makeTestable
		most := 0.0
		for _, id := range t.Rules {
			most = max(most, effortOf(table, policy.Effort, id).High)
		}
		t.Hours.High += most
	}
	t.Cost = t.Hours.cost(policy.HourlyRate)
	if middle := (t.Hours.Low + t.Hours.High) / 2; middle > 0 {
		t.Risk = hundredths(float64(t.Severity.Weight()) * exposureWeight(t.Exposure) / middle)
	}
	return t
}

// sortTasks puts blockers first, then what takes most risk away in an hour; ties
// by rule and subjects.
func sortTasks(tasks []Task) {
	slices.SortStableFunc(tasks, func(a, b Task) int {
		blocks := func(t Task) int {
			if t.Blocks {
				return 0
			}
			return 1
		}
		return cmp.Or(
			cmp.Compare(blocks(a), blocks(b)),
			cmp.Compare(b.Risk, a.Risk),
			cmp.Compare(a.Rule, b.Rule),
			slices.Compare(a.Subjects, b.Subjects),
		)
	})
}

func (r Range) plus(other Range) Range {
	return Range{hundredths(r.Low + other.Low), hundredths(r.High + other.High)}
}

// cost is the range in money, or nil without a rate.
func (r Range) cost(rate float64) *Range {
	if rate <= 0 {
		return nil
	}
	return &Range{hundredths(r.Low * rate), hundredths(r.High * rate)}
}

// String is the range as people write it: "2-5", "0.5".
func (r Range) String() string {
	if r.Low == r.High {
		return fmt.Sprintf("%g", r.Low)
	}
	return fmt.Sprintf("%g-%g", r.Low, r.High)
}

func hundredths(x float64) float64 { return math.Round(100*x) / 100 }
