package readiness

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Gate is the scorecard's decision.
type Gate string

const (
	Open       Gate = "open"
	Blocked    Gate = "blocked"
	Overridden Gate = "overridden" // blocked, but someone broke the glass for this run
)

// Override is a stated reason to go on in spite of a blocked gate. It never opens the gate.
type Override struct {
	Reason  string
	Owner   string
	Expires Date // zero: for this run only
}

// Active reports whether the override counts.
func (o *Override) Active(now time.Time) bool {
	return o != nil && (o.Expires == Date{} || !o.Expires.Over(now))
}

// Policy is what a scorecard demands.
type Policy struct {
	Require      []Area   // areas that must be covered
	FailOn       Severity // the lowest severity that blocks
	Waivers      []Waiver
	Attestations []Attestation
	Override     *Override

	// What follows explains; none of it decides.

	ExpiryWarning time.Duration    // how long before its end a waiver or an attestation is said to run out; zero: never
	HourlyRate    float64          // what an hour of work costs, in any currency; zero: no costs are shown
	Effort        map[string]Range // hours for a rule, by its id or a pattern such as "spf.*", instead of the table's
	Baseline      *Baseline        // an earlier scorecard of the same launch; nil: no changes are shown
}

// AreaScore is one row of the scorecard.
type AreaScore struct {
	Area     Area   `json:"area"`
	Required bool   `json:"required"`
	Status   Status `json:"status"` // at the scorecard's threshold; not_applicable if nothing was decided and the area is not required
	Score    int    `json:"score"`  // 0 to 100; 0 for an area with no evidence
	Failed   int    `json:"failed"`
	Unknown  int    `json:"unknown"` // inconclusive
	Waived   int    `json:"waived"`
	Passed   int    `json:"passed"`
	// Unchecked counts rules of the area that no check was there to decide, of a
	// launch that requires all ten areas: they lose all, and have no finding.
	Unchecked int      `json:"unchecked"`
	Checks    []string `json:"checks"` // names of the checks that covered it

	// Where the score comes from: 100 x (possible - lost) / possible, at most limit.
	Possible  int         `json:"possible"`             // sum over lines, in half points of weight
	Lost      int         `json:"lost"`                 // of Possible
	Limit     int         `json:"limit"`                // 100 unless something that stands caps the area
	LimitedBy string      `json:"limited_by,omitempty"` // id of the rule that caps it
	Lines     []ScoreLine `json:"lines"`                // one a rule, what costs most first
}

// Scorecard is the ten areas with their findings, a score, a risk and the gate.
type Scorecard struct {
	Gate       Gate        `json:"gate"`
	FailOn     Severity    `json:"fail_on"`
	Score      int         `json:"score"` // 0 to 100; it explains, it never decides
	Risk       Severity    `json:"risk"`  // the worst severity that stands; info if nothing does
	Targets    []string    `json:"targets"`
	Checks     []Checked   `json:"checks"` // whose results it joins
	Areas      []AreaScore `json:"areas"`
	Findings   []Finding   `json:"findings"`   // all, sorted by rule and subject
	Violations []Finding   `json:"violations"` // what blocks, worst first
	Override   *Override   `json:"-"`

	Catalogue    string        `json:"catalogue"`    // version of the rules: scores of different ones are not compared
	Basis        ScoreBasis    `json:"basis"`        // where Score comes from
	Criteria     []Criterion   `json:"criteria"`     // L1 to L8
	Deliverables []Deliverable `json:"deliverables"` // the 13, in the order of the launch report
	Work         WorkPlan      `json:"plan_of_work"`
	Standing     []Expiry      `json:"standing"`          // every waiver and attestation that counts, the first to end first
	Expiring     []Expiry      `json:"expiring"`          // those of Standing that end soon
	Changes      *Changes      `json:"changes,omitempty"` // with a baseline
}

// Decide makes the scorecard of the results under a policy at a time. The gate
// is open only if no finding at the policy's threshold is failed or
// undecided and every required area has evidence.
func Decide(c *Catalogue, results []Result, policy Policy, now time.Time) Scorecard {
	var findings []Finding
	checks := map[Area][]string{}
	covered := map[Area]bool{}
	var targets []string
	for _, r := range results {
		findings = append(findings, r.Findings...)
		checks[r.Area] = append(checks[r.Area], r.Check)
		targets = append(targets, r.Target)
		for _, f := range r.Findings {
			// A check whose every rule is not applicable has looked at nothing,
			// and what is said of its waivers is no evidence.
			if f.Status != NotApplicable && !governs(f.Rule) {
				covered[f.Area] = true
			}
		}
	}
	attested, expired := attest(c, policy.Attestations, now)
	answered := map[string]bool{}
	for _, f := range attested {
		answered[f.Rule] = true
		covered[f.Area] = true
	}
	// An attestation answers what a check could not decide; it never
	// contradicts what a check has seen.
	findings = slices.DeleteFunc(findings, func(f Finding) bool {
		return answered[f.Rule] && f.Status == Inconclusive
	})
	findings = append(findings, attested...)
	findings = append(findings, unanswered(c, policy.Require, answered, expired, findings)...)
	findings = append(findings, undecided(findings, policy.Require, covered, policy.FailOn)...)

	findings = ApplyWaivers(findings, policy.Waivers, now, func(rule string) (Area, bool) {
		r, ok := c.Rule(rule)
		return r.Area, ok
	})
	findings = append(findings, expired...)
	if len(covered) == 0 && len(policy.Require) == 0 {
		findings = append(findings, governanceFinding(AreaUncovered, AnyArea, "launch",
			"nothing was checked and nothing attested: silence is not a pass"))
	}
	for _, area := range policy.Require {
		if !covered[area] {
			findings = append(findings, governanceFinding(AreaUncovered, area, string(area),
				"no check and no attestation covers this area: silence is not a pass"))
		}
	}
	SortFindings(findings)
	findings = slices.Compact(findings)

	slices.Sort(targets)
	s := Scorecard{
		Gate: Open, FailOn: policy.FailOn, Risk: Info, Targets: some(slices.Compact(targets)), Checks: checkedBy(results),
		Findings: some(findings), Violations: some(Blocking(findings, policy.FailOn)),
	}
	for _, f := range findings {
		if f.Status.Violates() && f.Severity.AtLeast(s.Risk) {
			s.Risk = f.Severity
		}
	}
	for _, area := range Areas() {
		row := scoreArea(area, slices.Contains(policy.Require, area), covered[area], checks[area], findings, policy.FailOn)
		if whole(policy.Require) && covered[area] {
			row.leaveOut(unchecked(c, area, findings))
		}
		s.Areas = append(s.Areas, row)
	}
	s.Basis = scoreBasis(s.Areas)
	s.Score = min(s.Basis.Mean, s.Basis.Limit)
	if len(s.Violations) > 0 {
		s.Gate = Blocked
		if policy.Override.Active(now) {
			s.Gate, s.Override = Overridden, policy.Override
		}
	}
	s.explain(c, policy, now)
	return s
}

// explain adds what is said beyond the gate.
func (s *Scorecard) explain(c *Catalogue, policy Policy, now time.Time) {
	s.Catalogue = c.Version()
	s.Criteria = criteria(s.Findings, policy.Require)
	s.Deliverables = deliverables(s.Findings)
	s.Work = planWork(c, s.Findings, policy, Unseen(s.Areas))
	if open := unmet(s.Criteria); len(s.Violations) == 0 && len(open) > 0 {
		s.Work.Recommendation = withUnmet(s.Work.Recommendation, open)
	}
	s.Standing = standing(s.Findings, policy, now)
	s.Expiring = expiring(s.Standing, policy.ExpiryWarning, now)
	if policy.Baseline != nil {
		s.Changes = changes(*policy.Baseline, *s)
	}
}

// ViolatedAreas counts the areas in which something blocks.
func (s Scorecard) ViolatedAreas() int {
	seen := map[Area]bool{}
	for _, f := range s.Violations {
		seen[f.Area] = true
	}
	return len(seen)
}

// Count returns how many findings have a status.
func (s Scorecard) Count(status Status) int {
	n := 0
	for _, f := range s.Findings {
		if f.Status == status {
			n++
		}
	}
	return n
}

// Name is what the scorecard is about, in a word: the shortest of its targets, a
// domain before a repository or a runbook.
func (s Scorecard) Name() string {
	return cmp.Or(slices.MinFunc(append(s.Targets, ""), func(a, b string) int {
		return cmp.Or(cmp.Compare(unfit(a), unfit(b)), cmp.Compare(len(a), len(b)))
	}), "the launch")
}

// unfit tells how far a target is from the name of a client: 0 is a domain.
func unfit(target string) int {
	switch {
	case target == "":
		return 2
	case strings.Contains(target, ".") && !strings.ContainsAny(target, "/\\ "):
		return 0
	}
	return 1
}
