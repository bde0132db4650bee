package readiness

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// tableRules are ids that the tables name, each pattern as one that fits it.
func tableRules() []string {
	seen := map[string]bool{}
	add := func(patterns ...string) {
		for _, p := range patterns {
			seen[strings.ReplaceAll(p, "*", "x")] = !strings.HasPrefix(p, "gate.") && !strings.HasPrefix(p, "criteria.")
		}
	}
	for p := range efforts() {
		add(p)
	}
	for _, c := range launchCriteria() {
		add(slices.Concat(append(c.evidence, c.against)...)...)
	}
	for _, d := range launchDeliverables() {
		add(slices.Concat(append(d.evidence, d.rules)...)...)
	}
	var out []string
	for _, id := range sortedKeys(seen) {
		if seen[id] {
			out = append(out, id)
		}
	}
	return out
}

func tableArea(rule string) Area {
	prefix, _, _ := strings.Cut(rule, ".")
	if a, ok := map[string]Area{
		"jwt": Authentication, "mfa": Authentication, "reset": Authentication, "bounce": EmailAuth, "mx": EmailAuth, "mta_sts": EmailAuth,
		"tls_rpt": EmailAuth, "bimi": EmailAuth, "dane": EmailAuth, "mail": EmailAuth, "headers": Edge,
	}[prefix]; ok {
		return a
	}
	return areaOfRule(rule)
}

// randomFindings are some findings of some rules, most of them fine.
func randomFindings(r *rand.Rand, rules []string) []Finding {
	var out []Finding
	leaveOut := r.IntN(4) // of ten
	for _, rule := range rules {
		if r.IntN(10) < leaveOut {
			continue
		}
		for i := range 1 + r.IntN(2) {
			status := Pass
			if r.IntN(20) == 0 {
				status = Statuses()[r.IntN(len(Statuses()))]
			}
			f := finding(rule, tableArea(rule), Severities()[r.IntN(5)], status, fmt.Sprintf("s%d.acme.example", i))
			if status == Waived {
				f.Waiver = "why (who, until 2027-01-31)"
			}
			out = append(out, f)
		}
	}
	return out
}

// What must hold of any scorecard, whatever was found.
func TestProperties(t *testing.T) {
	c := testCatalogue(t)
	rules := tableRules()
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 300 {
		findings := randomFindings(r, rules)
		policy := Policy{Require: Areas(), FailOn: High, HourlyRate: 100}
		s := Decide(c, []Result{{Check: "all", Area: TLS, Target: "acme.example", Findings: findings}}, policy, today)
		if problem := cmp.Or(unfounded(s), missummed(s), gateOf(s)); problem != "" {
			t.Fatalf("%d: %s", n, problem)
		}
		// One that could not be tested scores no better than one that was.
		i := r.IntN(len(findings))
		unknown := slices.Clone(findings)
		unknown[i].Status = Inconclusive
		if less := Decide(c, []Result{{Check: "all", Area: TLS, Target: "acme.example", Findings: unknown}}, policy, today); less.Score > s.Score && findings[i].Status != NotApplicable {
			t.Fatalf("%d: %s %s %s scores %d, and %d if it could not be tested", n, findings[i].Severity, findings[i].Rule, findings[i].Status, s.Score, less.Score)
		}
	}
}

// unfounded finds what is ticked off, or called met, without evidence for it.
func unfounded(s Scorecard) string {
	check := func(name string, patterns []string, evidence [][]string, worst Severity) string {
		for _, f := range s.Findings {
			if names(patterns, f.Rule) && f.Severity.AtLeast(worst) && (f.Status.Violates() || f.Status == Waived) {
				return fmt.Sprintf("%s rests on %s, which is %s", name, f.Rule, f.Status)
			}
		}
		for _, group := range evidence {
			if !slices.ContainsFunc(s.Findings, func(f Finding) bool { return names(group, f.Rule) && f.Status == Pass }) {
				return fmt.Sprintf("%s has no pass of %v", name, group)
			}
		}
		return ""
	}
	for i, one := range launchCriteria() {
		if s.Criteria[i].Status == Pass {
			if problem := check(one.id, one.against, one.evidence, one.worst); problem != "" {
				return problem
			}
		}
	}
	for i, one := range launchDeliverables() {
		if s.Deliverables[i].Done {
			if problem := check(one.id, one.rules, one.evidence, Low); problem != "" {
				return problem
			}
		}
	}
	return ""
}

// missummed finds a sum that is wrong, or a finding that is in no task or in two.
func missummed(s Scorecard) string {
	var hours Range
	tasks := map[string]int{} // rule and subject -> tasks
	for _, sprint := range s.Work.Sprints {
		var sum Range
		blocking := 0
		for _, task := range sprint.Tasks {
			sum = sum.plus(task.Hours)
			if task.Blocks {
				blocking++
			}
			if *task.Cost != *task.Hours.cost(100) {
				return "a task's cost is not its hours at the rate"
			}
			for _, rule := range task.Rules {
				for _, subject := range task.Subjects {
					tasks[rule+" "+subject+" "+string(task.Status)+" "+string(task.Area)]++
				}
			}
		}
		if sum != sprint.Hours || blocking != sprint.Blocking || *sprint.Cost != *sum.cost(100) {
			return fmt.Sprintf("sprint %s: %v h and %d blocking, its tasks %v h and %d", sprint.ID, sprint.Hours, sprint.Blocking, sum, blocking)
		}
		hours = hours.plus(sum)
	}
	if hours != s.Work.Hours || *s.Work.Cost != *hours.cost(100) {
		return fmt.Sprintf("the plan has %v h, its sprints %v h", s.Work.Hours, hours)
	}
	for _, f := range s.Findings {
		if n := tasks[f.Rule+" "+f.Subject+" "+string(f.Status)+" "+string(f.Area)]; f.Status.Violates() != (n == 1) {
			return fmt.Sprintf("%s on %s, %s, is in %d tasks", f.Rule, f.Subject, f.Status, n)
		}
	}
	for _, row := range s.Areas {
		possible, lost := 0, 0
		for _, line := range row.Lines {
			possible, lost = possible+line.Possible, lost+line.Lost
		}
		if possible != row.Possible || lost != row.Lost || row.Score < 0 || row.Score > row.Limit {
			return fmt.Sprintf("area %s: %d of %d lost, its lines %d of %d; score %d of %d", row.Area, row.Lost, row.Possible, lost, possible, row.Score, row.Limit)
		}
	}
	return ""
}

// gateOf finds an open gate beside a criterion that failed at the gate's own
// threshold, or one whose closing is in no area.
func gateOf(s Scorecard) string {
	for _, c := range s.Criteria {
		if s.Gate == Open && c.Status == Fail {
			return c.ID + " failed and the gate is open"
		}
		if s.Gate == Open && len(c.Against) > 0 {
			return fmt.Sprintf("the gate is open, and %v stand against %s", c.Against, c.ID)
		}
	}
	for _, f := range s.Violations {
		if !slices.ContainsFunc(s.Areas, func(row AreaScore) bool { return row.Area == f.Area && row.Status != Pass }) {
			return fmt.Sprintf("%s blocks, and its area %s passes", f.Rule, f.Area)
		}
	}
	return ""
}
