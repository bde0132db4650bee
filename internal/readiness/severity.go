package readiness

import "slices"

// Severity says how much a violated rule matters.
type Severity string

const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
	Info     Severity = "info"
)

// Severities returns all severities, worst first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low, Info} }

// Valid reports whether s is a severity.
func (s Severity) Valid() bool { return slices.Contains(Severities(), s) }

// AtLeast reports whether s is as bad as t or worse. A severity that is not
// known counts as critical: unknown is not fine.
// A threshold that is not known lets nothing through.
func (s Severity) AtLeast(t Severity) bool { return !t.Valid() || s.rank() <= t.rank() }

// rank is 0 for critical and grows as severity falls.
func (s Severity) rank() int { return max(slices.Index(Severities(), s), 0) }

// Weight is what a violated rule of this severity takes from the score of its area.
func (s Severity) Weight() int {
	return [...]int{10, 5, 2, 1, 0}[s.rank()]
}

// Status is the outcome of one rule on one subject.
type Status string

const (
	Pass          Status = "pass"
	Fail          Status = "fail"
	Inconclusive  Status = "inconclusive" // could not be tested; never counts as a pass
	NotApplicable Status = "not_applicable"
	Waived        Status = "waived"
)

// Statuses returns all statuses, worst first.
func Statuses() []Status { return []Status{Fail, Inconclusive, Waived, Pass, NotApplicable} }

// Valid reports whether s is a status.
func (s Status) Valid() bool { return slices.Contains(Statuses(), s) }

// rank is 0 for fail and grows as the outcome gets better; an unknown status
// counts as inconclusive.
func (s Status) rank() int {
	if i := slices.Index(Statuses(), s); i >= 0 {
		return i
	}
	return slices.Index(Statuses(), Inconclusive)
}

// Violates reports whether the status stands against a launch: a failure, or
// anything that could not be decided.
func (s Status) Violates() bool { return s.rank() <= Inconclusive.rank() }
