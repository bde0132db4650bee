package readiness

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Checked is a check of a target. In what an older report tells, the target or
// the check may be empty: it says which there were, and not which went together.
type Checked struct {
	Check  string `json:"check"`
	Area   Area   `json:"area"`
	Target string `json:"target"` // several are joined by ", "
}

// String is the check as people read it: "email_auth of acme.example".
func (c Checked) String() string {
	switch {
	case c.Target == "":
		return c.Check
	case c.Check == "":
		return c.Target
	}
	return c.Check + " of " + c.Target
}

// checkedBy lists the checks whose results a scorecard joins.
func checkedBy(results []Result) []Checked {
	out := []Checked{}
	for _, r := range results {
		out = append(out, Checked{r.Check, r.Area, r.Target})
	}
	slices.SortFunc(out, Checked.compare)
	return slices.Compact(out)
}

func (c Checked) compare(o Checked) int {
	return cmp.Or(cmp.Compare(c.Area, o.Area), cmp.Compare(c.Check, o.Check), cmp.Compare(c.Target, o.Target))
}

// checks are those of the baseline; of an older report, what it tells of them.
func (b Baseline) checks() []Checked {
	if len(b.Checks) > 0 {
		return b.Checks
	}
	var out []Checked
	for _, row := range b.Areas {
		for _, name := range row.Checks {
			out = append(out, Checked{Check: name, Area: row.Area})
		}
	}
	for _, target := range b.Targets {
		out = append(out, Checked{Target: target})
	}
	return out
}

// checksGone are the checks that a baseline had and a scorecard has not: each with
// what it looked at then and does not now, so that a host more is no other check.
func checksGone(before Baseline, now Scorecard) []Checked {
	out := []Checked{}
	for _, was := range before.checks() {
		there := false
		left := strings.Split(was.Target, ", ")
		for _, is := range now.Checks {
			if was.Check != "" && was.Check != is.Check {
				continue
			}
			there = true
			targets := strings.Split(is.Target, ", ")
			left = slices.DeleteFunc(left, func(one string) bool { return slices.Contains(targets, one) })
		}
		if was.Target == "" && there {
			continue
		}
		if len(left) > 0 {
			out = append(out, Checked{was.Check, was.Area, strings.Join(left, ", ")})
		}
	}
	slices.SortFunc(out, Checked.compare)
	return slices.Compact(out)
}

// of reports whether the check may have decided a finding's rule, by its area.
func (c Checked) of(f Finding) bool { return c.Area == f.Area || c.Area == AnyArea }

// holds reports whether a subject lies within what the check looked at, and the
// whole that passes now does not lie there.
func (c Checked) holds(subject, whole string) bool {
	return slices.ContainsFunc(strings.Split(c.Target, ", "), func(one string) bool {
		return one != "" && holds(one, subject) && !holds(one, whole)
	})
}

// had reports whether a finding is one of the check, as far as its subject tells:
// no target that the check still has lies closer to it. Files of a repository lie
// within no target by name, so each repository that is gone may have held them.
func (c Checked) had(f Finding, now []Checked) bool {
	if governs(f.Rule) || f.Rule == CriterionUndecided || f.Subject == attested || !c.of(f) {
		return false
	}
	closest := 0
	for _, is := range now {
		if c.Check == "" && is.of(f) || c.Check == is.Check {
			closest = max(closest, is.closest(f.Subject))
		}
	}
	return c.closest(f.Subject) >= closest
}

// closest is how long that target of the check is which a subject lies within.
func (c Checked) closest(subject string) int {
	longest := 0
	for one := range strings.SplitSeq(c.Target, ", ") {
		if one != "" && holds(one, subject) {
			longest = max(longest, len(one))
		}
	}
	return longest
}

// LeftOut says which checks of the baseline are made no longer, and how much of
// what they had found nobody knows the state of; empty if none is missing.
func (s Scorecard) LeftOut() string {
	c := s.Changes
	if c == nil || len(c.ChecksGone) == 0 {
		return ""
	}
	var names []string
	for _, one := range c.ChecksGone {
		names = append(names, one.String())
	}
	text := fmt.Sprintf("No longer checked: %s.", shortList(names))
	open := 0
	for _, f := range c.Gone {
		if slices.ContainsFunc(c.ChecksGone, func(gone Checked) bool { return gone.had(f, s.Checks) }) {
			open++
		}
	}
	switch open {
	case 0:
		return text
	case 1:
		return text + " 1 finding open then: nobody knows whether it is mended."
	}
	return fmt.Sprintf("%s %s open then: nobody knows whether they are mended.", text, plural(open, "finding"))
}
