package readiness

import (
	"cmp"
	"slices"
)

// Caps keep a good average from hiding one bad thing.
const (
	capCritical = 39 // an area with a critical rule that failed or could not be tested: not measuring never helps
	capHigh     = 69 // an area with such a high rule
	capUnknown  = 79 // an area with any other rule that could not be tested
	aboveWorst  = 30 // the overall score is at most the worst area's plus this
)

// scoreArea makes one row. The score is 100 * (1 - lost/possible) over the
// rules that could apply, weighted by severity: a failed rule loses all, a rule
// that could not be tested loses all too (not measuring never helps), a waived
// one half. One rule on many subjects loses by its worst subject, because a
// hundred hosts with the same fault are one job.
func scoreArea(area Area, required, covered bool, checks []string, findings []Finding, failOn Severity) AreaScore {
	row := AreaScore{Area: area, Required: required, Status: Pass, Limit: 100, Lines: []ScoreLine{}, Checks: some(slices.Compact(slices.Sorted(slices.Values(checks))))}
	rules := map[string][]Finding{}
	for _, f := range findings {
		if f.Area != area {
			continue
		}
		switch f.Status {
		case Pass:
			row.Passed++
		case Waived:
			row.Waived++
		case NotApplicable:
			continue
		case Fail:
			row.Failed++
		default:
			row.Unknown++
		}
		if f.Blocks(failOn) && row.Status != Fail {
			row.Status = f.Status
		}
		rules[f.Rule] = append(rules[f.Rule], f)
		if limit := f.limit(); limit < row.Limit {
			row.Limit, row.LimitedBy = limit, f.Rule
		}
	}
	// An answer of somebody about an area that nobody asked for raises no score.
	answers := func(f Finding) bool { return f.Area != area || f.Subject == attested && f.Status == Pass }
	if !required && (!covered || !slices.ContainsFunc(findings, func(f Finding) bool { return !answers(f) && f.Status != NotApplicable })) {
		row.Status = NotApplicable
	}
	for _, id := range sortedKeys(rules) {
		line := scoreLine(rules[id])
		row.Possible += line.Possible
		row.Lost += line.Lost
		row.Lines = append(row.Lines, line)
	}
	slices.SortStableFunc(row.Lines, func(a, b ScoreLine) int { return cmp.Compare(b.Lost, a.Lost) })
	row.score()
	return row
}

// scoreLine is what the findings of one rule take from the score of its area.
// The subject that costs most counts: a small fault on one must not hide that
// another could not be tested.
func scoreLine(findings []Finding) ScoreLine {
	worst := slices.MinFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(b.lost(), a.lost()),
			cmp.Compare(a.Status.rank(), b.Status.rank()),
			cmp.Compare(a.Severity.rank(), b.Severity.rank()),
			cmp.Compare(a.Subject, b.Subject),
		)
	})
	line := ScoreLine{Rule: worst.Rule, Severity: worst.Severity, Status: worst.Status, Subject: worst.Subject, Lost: worst.lost()}
	subjects := map[string]bool{}
	for _, f := range findings {
		subjects[f.Subject] = true
		line.Possible = max(line.Possible, f.possible())
	}
	line.Subjects = len(subjects)
	return line
}

// possible is the weight of the finding's severity, doubled so that a waiver's
// half is whole.
func (f Finding) possible() int { return 2 * f.Severity.Weight() }

// lost is what the finding takes of it.
func (f Finding) lost() int {
	switch f.Status {
	case Pass, NotApplicable:
		return 0
	case Waived:
		return f.possible() / 2
	}
	return f.possible()
}

// limit is the most that the score of an area with this finding can be.
func (f Finding) limit() int {
	switch {
	case !f.Status.Violates():
	case f.Severity == High:
		return capHigh
	case f.Severity.rank() == Critical.rank(): // or one that is not known
		return capCritical
	case f.Status != Fail && f.Severity != Info:
		return capUnknown
	}
	return 100
}

// scoreBasis is the plain mean of the areas that count, those required and those
// with evidence, and what the worst of them lets the whole be.
func scoreBasis(rows []AreaScore) ScoreBasis {
	b := ScoreBasis{Limit: 100}
	sum := 0
	for _, row := range rows {
		if !row.Required && row.Status == NotApplicable {
			continue
		}
		sum += row.Score
		b.Areas++
		if row.Score+aboveWorst < b.Limit {
			b.Limit, b.LimitedBy = row.Score+aboveWorst, row.Area
		}
	}
	if b.Areas > 0 {
		b.Mean = sum / b.Areas
	}
	if b.Mean <= b.Limit {
		b.LimitedBy = "" // it holds nothing down
	}
	return b
}
