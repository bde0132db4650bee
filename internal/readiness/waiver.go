package readiness

import (
	"fmt"
	"strings"
	"time"
)

// Date is a calendar day, written 2027-01-31. What expires on it is good until
// the day is over in UTC.
type Date struct{ end time.Time }

// ParseDate reads a date of the form 2006-01-02.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date of the form 2027-01-31", s)
	}
	return Date{end: t.AddDate(0, 0, 1)}, nil
}

// Over reports whether the day has passed.
func (d Date) Over(now time.Time) bool { return !now.Before(d.end) }

// String is the date as it is written.
func (d Date) String() string {
	if d.end.IsZero() {
		return ""
	}
	return d.end.AddDate(0, 0, -1).Format(time.DateOnly)
}

// Waiver accepts the violation of a rule on some subjects, by someone, until a day.
type Waiver struct {
	Rule    string // id of a rule
	Subject string // pattern: * stands for any run of characters; case does not matter
	Reason  string
	Owner   string
	Expires Date
}

// Attestation is a person's signed answer for what no probe can see.
type Attestation struct {
	Rule      string // id of an attestable rule
	Statement string
	Owner     string
	Evidence  string // URL
	Expires   Date
}

// Matches reports whether the waiver speaks of the finding.
func (w Waiver) Matches(f Finding) bool {
	return w.Rule == f.Rule && MatchPattern(strings.ToLower(w.Subject), strings.ToLower(f.Subject))
}

// Note is the waiver as findings and reports show it.
func (w Waiver) Note() string {
	return fmt.Sprintf("%s (%s, until %s)", w.Reason, w.Owner, w.Expires)
}

// MatchPattern reports whether s matches a pattern in which * stands for any
// run of characters, slashes too: subjects are paths as well as names.
func MatchPattern(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return strings.HasSuffix(s, parts[len(parts)-1])
}

// CheckRule says what is wrong with the rule id of a waiver, or returns nil.
// The error names the nearest known id.
func (w Waiver) CheckRule(c *Catalogue) error {
	rule, err := c.known(w.Rule)
	if err != nil {
		return err
	}
	if rule.Unwaivable {
		return fmt.Errorf("rule %s cannot be waived: %s", rule.ID, rule.Remedy)
	}
	return nil
}

// CheckRule says what is wrong with the rule id of an attestation, or returns nil.
func (a Attestation) CheckRule(c *Catalogue) error {
	rule, err := c.known(a.Rule)
	if err != nil {
		return err
	}
	if !rule.Attestable {
		return fmt.Errorf("rule %s is decided by a check, not by a statement: mend it, or waive it with a reason, an owner and an expiry", rule.ID)
	}
	return nil
}

func (c *Catalogue) known(id string) (Rule, error) {
	if rule, ok := c.Rule(id); ok {
		return rule, nil
	}
	if near := c.Nearest(id); near != "" {
		return Rule{}, fmt.Errorf("there is no rule %q; did you mean %q?", id, near)
	}
	return Rule{}, fmt.Errorf("there is no rule %q; the rules are listed at %s/blob/main/docs/rules/index.md", id, Repository)
}

// ApplyWaivers marks the findings that a valid waiver accepts, and adds one
// finding for each expired waiver and each that matches nothing. The input is
// not changed. areaOf gives the area of a rule that these findings are about,
// and false for any other: a waiver list may be shared by several checks.
func ApplyWaivers(findings []Finding, waivers []Waiver, now time.Time, areaOf func(rule string) (Area, bool)) []Finding {
	out := make([]Finding, len(findings), len(findings)+len(waivers))
	copy(out, findings)
	for _, w := range waivers {
		area, ours := areaOf(w.Rule)
		if !ours || governs(w.Rule) {
			continue
		}
		used, over := false, w.Expires.Over(now)
		for i := range out {
			f := &out[i]
			if !w.Matches(*f) || !(f.Status.Violates() || f.Status == Waived) {
				continue
			}
			used = true
			if f.Status.Violates() && !over {
				f.Status, f.Waiver = Waived, w.Note()
			}
		}
		subject := w.Rule + " " + w.Subject
		switch {
		case over:
			out = append(out, governanceFinding(WaiverExpired, area, subject,
				fmt.Sprintf("the waiver of %s expired on %s", w.Owner, w.Expires)))
		case !used:
			out = append(out, governanceFinding(WaiverUnused, area, subject,
				"the waiver matches no violation"))
		}
	}
	SortFindings(out)
	return out
}
