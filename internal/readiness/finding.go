package readiness

import (
	"cmp"
	"slices"
	"strings"
)

// Finding is the outcome of one rule on one subject. It holds no secret, no
// time and no measured figure: two runs that see the same faults make equal
// findings.
type Finding struct {
	Rule      string   `json:"rule"`
	Area      Area     `json:"area"`
	Severity  Severity `json:"severity"`
	Subject   string   `json:"subject"` // host, record name, "METHOD /path/{id}", file
	Status    Status   `json:"status"`
	Message   string   `json:"message"`   // what was seen
	Remedy    string   `json:"remedy"`    // how to mend it; empty on a pass
	Reference string   `json:"reference"` // the rule's page
	Waiver    string   `json:"waiver"`    // for a waived finding: reason, owner and expiry; else empty
}

// Blocks reports whether the finding stands against a launch at the given threshold.
func (f Finding) Blocks(failOn Severity) bool {
	return f.Status.Violates() && f.Severity.AtLeast(failOn)
}

// Summary is one line that names rule, fault and subject; no two different
// findings of a run share it, because Terraform folds warnings of equal summary.
func (f Finding) Summary() string {
	verb := f.Message
	if i := strings.IndexByte(verb, '\n'); i >= 0 {
		verb = verb[:i]
	}
	if f.Status == Inconclusive {
		verb = "could not be tested: " + verb
	}
	return f.Rule + ": " + f.Subject + ": " + verb
}

// SortFindings orders by rule, then subject, then message: the stable order of
// everything that is returned.
func SortFindings(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Subject, b.Subject),
			cmp.Compare(a.Status.rank(), b.Status.rank()),
			cmp.Compare(a.Message, b.Message),
		)
	})
}

// SortWorstFirst orders by severity and status, worst first, then by rule and subject.
func SortWorstFirst(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.Severity.rank(), b.Severity.rank()),
			cmp.Compare(a.Status.rank(), b.Status.rank()),
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Subject, b.Subject),
			cmp.Compare(a.Message, b.Message),
		)
	})
}

// Blocking returns the findings that stand against a launch, worst first.
func Blocking(findings []Finding, failOn Severity) []Finding {
	var out []Finding
	for _, f := range findings {
		if f.Blocks(failOn) {
			out = append(out, f)
		}
	}
	SortWorstFirst(out)
	return out
}
