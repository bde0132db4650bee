package readiness

import (
	"slices"
	"strings"
)

// thing is a rule on a subject: what is followed from one scorecard to the next.
type thing struct{ rule, subject string }

// changes compares a scorecard with an earlier one. It is nil if they are of
// different launches.
func changes(before Baseline, now Scorecard) *Changes {
	if !before.SameLaunch(now) {
		return nil
	}
	c := &Changes{
		Since: before.GeneratedAt, Gate: before.Gate, Score: before.Score,
		Comparable: before.Catalogue != "" && before.Catalogue == now.Catalogue,
		Mended:     []Finding{}, New: []Finding{}, StillOpen: []Finding{}, Gone: []Finding{}, ChecksGone: checksGone(before, now),
	}
	then, today := byThing(before.Findings), byThing(now.Findings)
	for key, f := range today {
		earlier, known := then[key]
		switch {
		case f.Status.Violates() && known && there(earlier), f.Status == Waived && known && earlier.Status.Violates():
			c.StillOpen = append(c.StillOpen, f)
		case f.Status.Violates():
			c.New = append(c.New, f)
		}
	}
	passed := passesByRule(now.Findings)
	for key, f := range then {
		if !there(f) {
			continue
		}
		isMended := c.mended(f, today, passed, before.Targets, now)
		if f.Status == Waived && !isMended {
			continue
		}
		if current, known := today[key]; known && there(current) {
			continue
		}
		if isMended {
			c.Mended = append(c.Mended, f)
		} else {
			c.Gone = append(c.Gone, f)
		}
	}
	for _, list := range [][]Finding{c.Mended, c.New, c.StillOpen, c.Gone} {
		SortWorstFirst(list)
	}
	return c
}

// there reports whether the fault is there, or may be: accepting it does not mend it.
func there(f Finding) bool { return f.Status.Violates() || f.Status == Waived }

// byThing keeps the worst finding of each rule on each subject.
func byThing(findings []Finding) map[thing]Finding {
	out := map[thing]Finding{}
	for _, f := range findings {
		key := thing{f.Rule, f.Subject}
		if old, seen := out[key]; !seen || f.Status.rank() < old.Status.rank() {
			out[key] = f
		}
	}
	return out
}

func passesByRule(findings []Finding) map[string][]string {
	out := map[string][]string{}
	for _, f := range findings {
		if f.Status == Pass {
			out[f.Rule] = append(out[f.Rule], f.Subject)
		}
	}
	return out
}

// mended reports whether something that stood is shown to stand no more: it
// passes, or the rule now passes on what holds it, such as the repository of a
// file or the host of a page. What nobody looked at is not mended: neither what a
// check that is gone had found, though another target's passes.
func (c *Changes) mended(f Finding, today map[thing]Finding, passed map[string][]string, before []string, now Scorecard) bool {
	if governs(f.Rule) || f.Rule == CriterionUndecided {
		return c.answered(f, today, now)
	}
	if current, known := today[thing{f.Rule, f.Subject}]; known {
		return current.Status == Pass
	}
	fewer := slices.ContainsFunc(c.ChecksGone, func(gone Checked) bool { return gone.of(f) })
	return slices.ContainsFunc(passed[f.Rule], func(whole string) bool {
		if slices.ContainsFunc(c.ChecksGone, func(gone Checked) bool { return gone.of(f) && gone.holds(f.Subject, whole) }) {
			return false
		}
		return holds(whole, f.Subject) || !fewer && slices.Contains(now.Targets, whole) && !elsewhere(whole, f.Subject, before, now.Targets)
	})
}

// answered is mended for the rules about the gate and the criteria, which are
// decided anew each time from what was declared: to ask no more is no answer.
func (c *Changes) answered(f Finding, today map[thing]Finding, now Scorecard) bool {
	switch f.Rule {
	case AreaUncovered:
		return slices.ContainsFunc(now.Findings, func(one Finding) bool {
			return (one.Area == f.Area || f.Area == AnyArea) && one.Status != NotApplicable && !governs(one.Rule)
		})
	case AttestationExpired:
		return today[thing{f.Subject, attested}].Status == Pass
	case CriterionUndecided:
		return slices.ContainsFunc(now.Criteria, func(one Criterion) bool {
			return one.ID == f.Subject && one.Status != Inconclusive && one.Status != NotApplicable
		})
	case WaiverUnused: // it was deleted, or matches something: no check is asked
		return true
	}
	return !slices.ContainsFunc(c.ChecksGone, func(gone Checked) bool { return gone.of(f) })
}

// elsewhere reports whether a subject lies within a target that is no part of the
// whole: that one domain passes says nothing of another.
func elsewhere(whole, subject string, targets ...[]string) bool {
	parts := strings.Split(whole, ", ")
	for _, target := range slices.Concat(targets...) {
		for one := range strings.SplitSeq(target, ", ") {
			if holds(one, subject) && !slices.Contains(parts, one) {
				return true
			}
		}
	}
	return false
}

// holds reports whether a subject lies within another: a page of a host, a file
// of a folder, a name below a domain.
func holds(whole, part string) bool {
	if whole == "" || whole == part {
		return whole == part
	}
	if rest, ok := strings.CutPrefix(part, whole); ok && strings.ContainsAny(rest[:1], "/:@#? ,(") {
		return true
	}
	return strings.HasSuffix(part, "."+whole)
}
