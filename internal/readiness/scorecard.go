package readiness

import (
	"cmp"
	"fmt"
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
}

// AreaScore is one row of the scorecard.
type AreaScore struct {
	Area     Area     `json:"area"`
	Required bool     `json:"required"`
	Status   Status   `json:"status"` // at the scorecard's threshold; not_applicable if nothing was decided and the area is not required
	Score    int      `json:"score"`  // 0 to 100; 0 for an area with no evidence
	Failed   int      `json:"failed"`
	Unknown  int      `json:"unknown"` // inconclusive
	Waived   int      `json:"waived"`
	Passed   int      `json:"passed"`
	Checks   []string `json:"checks"` // names of the checks that covered it
}

// Scorecard is the ten areas with their findings, a score, a risk and the gate.
type Scorecard struct {
	Gate       Gate        `json:"gate"`
	FailOn     Severity    `json:"fail_on"`
	Score      int         `json:"score"` // 0 to 100; it explains, it never decides
	Risk       Severity    `json:"risk"`  // the worst severity that stands; info if nothing does
	Targets    []string    `json:"targets"`
	Areas      []AreaScore `json:"areas"`
	Findings   []Finding   `json:"findings"`   // all, sorted by rule and subject
	Violations []Finding   `json:"violations"` // what blocks, worst first
	Override   *Override   `json:"-"`
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
	findings = append(findings, unanswered(policy.Require, answered, findings)...)

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
		Gate: Open, FailOn: policy.FailOn, Risk: Info, Targets: slices.Compact(targets),
		Findings: findings, Violations: Blocking(findings, policy.FailOn),
	}
	for _, f := range findings {
		if f.Status.Violates() && f.Severity.AtLeast(s.Risk) {
			s.Risk = f.Severity
		}
	}
	for _, area := range Areas() {
		s.Areas = append(s.Areas, scoreArea(area, slices.Contains(policy.Require, area), covered[area], checks[area], findings, policy.FailOn))
	}
	s.Score = overallScore(s.Areas)
	if len(s.Violations) > 0 {
		s.Gate = Blocked
		if policy.Override.Active(now) {
			s.Gate, s.Override = Overridden, policy.Override
		}
	}
	return s
}

// attest turns attestations into findings: passes for the valid ones, failures for the expired.
func attest(c *Catalogue, attestations []Attestation, now time.Time) (valid, expired []Finding) {
	renewed := func(rule string) bool {
		return slices.ContainsFunc(attestations, func(a Attestation) bool { return a.Rule == rule && !a.Expires.Over(now) })
	}
	for _, a := range attestations {
		rule, ok := c.Rule(a.Rule)
		if !ok || !rule.Attestable {
			continue // refused at plan time by CheckRule; counting it here would open the gate
		}
		if a.Expires.Over(now) && renewed(a.Rule) {
			continue
		}
		if a.Expires.Over(now) {
			expired = append(expired, governanceFinding(AttestationExpired, rule.Area, a.Rule,
				fmt.Sprintf("the attestation of %s expired on %s", a.Owner, a.Expires)))
			continue
		}
		valid = append(valid, Finding{
			Rule: rule.ID, Area: rule.Area, Severity: rule.Severity, Subject: "attestation", Status: Pass,
			Message:   fmt.Sprintf("%s (%s, until %s, %s)", a.Statement, a.Owner, a.Expires, a.Evidence),
			Reference: rule.Page(),
		})
	}
	return valid, expired
}

// unanswered lists the questions of the required areas that nobody has answered.
func unanswered(require []Area, answered map[string]bool, findings []Finding) []Finding {
	var out []Finding
	for _, rule := range AttestedRules() {
		reported := slices.ContainsFunc(findings, func(f Finding) bool { return f.Rule == rule.ID })
		if !slices.Contains(require, rule.Area) || answered[rule.ID] || reported {
			continue
		}
		out = append(out, Finding{
			Rule: rule.ID, Area: rule.Area, Severity: rule.Severity, Subject: "attestation", Status: Inconclusive,
			Message: rule.Title, Remedy: rule.Remedy, Reference: rule.Page(),
		})
	}
	return out
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
