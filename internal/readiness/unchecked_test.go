package readiness

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Leaving a check out of a whole launch never raises a score, whatever it found:
// its rules count as those that could not be tested.
func TestLeavingACheckOut(t *testing.T) {
	var rules []Rule
	for _, id := range tableRules() {
		rules = append(rules, Rule{ID: id, Area: tableArea(id), Severity: Severities()[len(id)%5], Title: "t", Remedy: "r", References: []string{"r"}})
	}
	rules = slices.DeleteFunc(rules, func(r Rule) bool {
		return slices.ContainsFunc(AttestedRules(), func(a Rule) bool { return a.ID == r.ID })
	})
	c, err := NewCatalogue(GovernanceRules(), AttestedRules(), rules)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 200 {
		byCheck := map[string][]Finding{} // some checks an area
		for i, rule := range rules {
			f := finding(rule.ID, rule.Area, rule.Severity, Statuses()[r.IntN(len(Statuses()))], "acme.example")
			name := string(rule.Area) + string(rune('a'+i%3))
			byCheck[name] = append(byCheck[name], f)
		}
		var results []Result
		for _, name := range sortedKeys(byCheck) {
			results = append(results, result(name, byCheck[name][0].Area, byCheck[name]...))
		}
		policy := Policy{Require: Areas(), FailOn: High, HourlyRate: 100}
		all := Decide(c, results, policy, today)
		at := r.IntN(len(results))
		fewer := Decide(c, slices.Delete(slices.Clone(results), at, at+1), policy, today)
		for i, row := range fewer.Areas {
			if row.Score > all.Areas[i].Score {
				t.Fatalf("%d: without %s, %s scores %d and not %d", n, results[at].Check, row.Area, row.Score, all.Areas[i].Score)
			}
		}
		if fewer.Score > all.Score {
			t.Fatalf("%d: without %s the score is %d and not %d", n, results[at].Check, fewer.Score, all.Score)
		}
		if problem := missummed(fewer); problem != "" {
			t.Fatalf("%d: %s", n, problem)
		}
	}
}

// What was left out is traced line by line; who asks for some areas alone is
// scored by what was looked at there.
func TestUncheckedLines(t *testing.T) {
	c := testCatalogue(t) // tls.chain is critical, tls.no_tls13 low
	results := []Result{result("tls", TLS, finding("tls.no_tls13", TLS, Low, Pass, "a"))}
	row := Decide(c, results, Policy{Require: Areas(), FailOn: High}, today).Areas[4]
	if row.Unchecked != 1 || row.Score != 4 || row.Limit != capCritical || len(row.Lines) != 3 || // the first is L4, which nothing decided
		row.Lines[1] != (ScoreLine{Rule: "tls.chain", Severity: Critical, Status: Inconclusive, Possible: 20, Lost: 20}) {
		t.Errorf("all ten are required: %+v", row)
	}
	if row := Decide(c, results, Policy{Require: []Area{TLS}, FailOn: High}, today).Areas[4]; row.Unchecked != 0 || row.Score != 100 {
		t.Errorf("TLS alone is required: %+v", row)
	}
	// An area that nothing covers has no evidence, which is one line.
	if row := Decide(c, nil, Policy{Require: Areas(), FailOn: High}, today).Areas[4]; row.Score != 0 || len(row.Lines) != 1 {
		t.Errorf("nothing covers it: %+v", row)
	}
}
