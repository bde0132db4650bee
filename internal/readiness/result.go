package readiness

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Result is what a check concluded. But for Observed it is a pure function of
// what was right or wrong.
type Result struct {
	Check    string    `json:"check"`  // the check's name, such as "email_auth"
	Area     Area      `json:"area"`   // the area it covers
	Target   string    `json:"target"` // what was checked: a domain, a list of hosts
	Findings []Finding `json:"findings"`

	// Observed is what was seen, for people: records, trees, dates, latencies.
	// It may vary from run to run and is no part of the result proper.
	Observed map[string]string `json:"-"`
}

// Status sums the findings up at a threshold: fail, else inconclusive, else pass.
func (r Result) Status(failOn Severity) Status {
	status := Pass
	for _, f := range r.Findings {
		switch {
		case !f.Blocks(failOn):
		case f.Status == Fail:
			return Fail
		default:
			status = Inconclusive
		}
	}
	return status
}

// Passed reports whether nothing stands against a launch at the threshold.
func (r Result) Passed(failOn Severity) bool { return r.Status(failOn) == Pass }

// Recorder collects the findings of one run of a check. It is safe for
// concurrent use. A rule of the check that was never reported ends as
// inconclusive: silence is not a pass.
type Recorder struct {
	check  string
	area   Area
	target string
	rules  map[string]Rule

	mu       sync.Mutex
	findings []Finding
	observed map[string]string
	unknown  []string

	mend func(reason string) string // what Inconclusive offers for a reason
}

// NewRecorder starts the record of one run of a check with the given rules.
func NewRecorder(check string, area Area, target string, rules []Rule) *Recorder {
	r := &Recorder{check: check, area: area, target: target, rules: map[string]Rule{}, observed: map[string]string{}}
	for _, rule := range rules {
		r.rules[rule.ID] = rule
	}
	return r
}

// Aside is a record of the same run that counts once it is taken over by Take, and
// else is as if it had never been.
func (r *Recorder) Aside() *Recorder {
	return &Recorder{check: r.check, area: r.area, target: r.target, rules: r.rules, observed: map[string]string{}, mend: r.mend}
}

// Take adds what a record aside holds. Nothing may report to that any more.
func (r *Recorder) Take(aside *Recorder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.findings, r.unknown = append(r.findings, aside.findings...), append(r.unknown, aside.unknown...)
	maps.Copy(r.observed, aside.observed)
}

// Pass records that a rule holds for a subject; both controls were seen.
func (r *Recorder) Pass(rule, subject, message string) {
	r.add(rule, subject, Pass, "", message, "")
}

// Fail records a violation at the rule's own severity with its own remedy.
func (r *Recorder) Fail(rule, subject, message string) {
	r.add(rule, subject, Fail, "", message, "")
}

// FailAs records a violation at another severity than the rule's, or with a
// remedy that knows more; empty values mean the rule's.
func (r *Recorder) FailAs(rule, subject string, severity Severity, message, remedy string) {
	r.add(rule, subject, Fail, severity, message, remedy)
}

// MakeTestable is the remedy of what could not be tested: the rule's own would
// mend something that nobody has seen broken.
const MakeTestable = "Mend what kept this from being tested, then run again. Where the target is reached is set in provider \"launchready\": " +
	"probe.resolvers (or LAUNCHREADY_RESOLVERS), probe.connect_to and probe.timeout."

// Waive records a violation that is accepted where it was found, such as by a
// comment beside it: it is shown, with who accepts it, and does not block.
func (r *Recorder) Waive(rule, subject string, severity Severity, message, waiver string) {
	r.put(rule, subject, Waived, severity, message, "", waiver)
}

// MendBy lets Inconclusive choose its remedy by the reason, in the place of
// MakeTestable: of many reasons a few alone are about how the target is reached.
// It is called before the check runs.
func (r *Recorder) MendBy(remedy func(reason string) string) { r.mend = remedy }

// Inconclusive records that a rule could not be tested on a subject, and why.
func (r *Recorder) Inconclusive(rule, subject, message string) {
	remedy := MakeTestable
	if r.mend != nil {
		remedy = r.mend(message)
	}
	r.add(rule, subject, Inconclusive, "", message, remedy)
}

// InconclusiveAs is Inconclusive with a remedy that says what to look at.
func (r *Recorder) InconclusiveAs(rule, subject, message, remedy string) {
	r.add(rule, subject, Inconclusive, "", message, remedy)
}

// InconclusiveAt is InconclusiveAs at another severity than the rule's: for what
// is unsure and weighs little, such as one link of many that asks for a sign-in.
func (r *Recorder) InconclusiveAt(rule, subject string, severity Severity, message, remedy string) {
	r.add(rule, subject, Inconclusive, severity, message, remedy)
}

// Undecided records that a rule could not be tested for want of something that
// the user can give: the rule's own remedy says what.
func (r *Recorder) Undecided(rule, subject, message string) {
	r.add(rule, subject, Inconclusive, "", message, "")
}

// NotApplicable records that a rule does not apply to a subject, and why.
func (r *Recorder) NotApplicable(rule, subject, message string) {
	r.add(rule, subject, NotApplicable, "", message, "")
}

// Observe keeps something seen under a name. The value must hold no secret.
func (r *Recorder) Observe(name, value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.observed[name] = value
}

func (r *Recorder) add(id, subject string, status Status, severity Severity, message, remedy string) {
	r.put(id, subject, status, severity, message, remedy, "")
}

func (r *Recorder) put(id, subject string, status Status, severity Severity, message, remedy, waiver string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rule, ok := r.rules[id]
	if !ok {
		r.unknown = append(r.unknown, id)
		return
	}
	if severity == "" {
		severity = rule.Severity
	}
	switch {
	case status == Pass || status == NotApplicable:
		remedy = ""
	case remedy == "":
		remedy = rule.Remedy
	}
	area := rule.Area
	if area == AnyArea {
		area = r.area
	}
	r.findings = append(r.findings, Finding{
		Rule: id, Area: area, Severity: severity, Subject: subject, Status: status,
		Message: message, Remedy: remedy, Reference: rule.Page(), Waiver: waiver,
	})
}

// Result ends the record. It returns an error if a rule was reported that the
// check does not declare: a mistake in the check, never of the user.
func (r *Recorder) Result() (Result, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	reported := map[string]bool{}
	findings := slices.Clone(r.findings)
	for _, f := range findings {
		reported[f.Rule] = true
	}
	for id, rule := range r.rules {
		if !reported[id] {
			findings = append(findings, Finding{
				Rule: id, Area: rule.Area, Severity: rule.Severity, Subject: r.target, Status: Inconclusive,
				Message: "the check came to no verdict on this rule", Remedy: rule.Remedy, Reference: rule.Page(),
			})
		}
	}
	SortFindings(findings)
	result := Result{
		Check: r.check, Area: r.area, Target: r.target,
		Findings: slices.Compact(findings), Observed: maps.Clone(r.observed),
	}
	if len(r.unknown) > 0 {
		slices.Sort(r.unknown)
		return result, fmt.Errorf("check %s reported rules it does not declare: %s", r.check, strings.Join(slices.Compact(r.unknown), ", "))
	}
	return result, nil
}
