package readiness

import (
	"cmp"
	"slices"
)

// whole reports whether a launch requires all ten areas.
func whole(require []Area) bool {
	return !slices.ContainsFunc(Areas(), func(a Area) bool { return !slices.Contains(require, a) })
}

// unchecked lists the rules of an area that no finding speaks of, whatever its
// status: a check reports each of its rules, so that theirs was left out.
func unchecked(c *Catalogue, area Area, findings []Finding) []Rule {
	said := map[string]bool{}
	for _, f := range findings {
		said[f.Rule] = true
	}
	var out []Rule
	for _, r := range c.Rules() {
		if r.Area == area && !said[r.ID] {
			out = append(out, r)
		}
	}
	return out
}

// leaveOut takes from a row what a check that was left out would have decided, as
// if it could not be tested: else leaving it out would raise the score.
func (row *AreaScore) leaveOut(rules []Rule) {
	for _, r := range rules {
		f := Finding{Rule: r.ID, Severity: r.Severity, Status: Inconclusive}
		row.Unchecked++
		row.Possible += f.possible()
		row.Lost += f.lost()
		row.Lines = append(row.Lines, ScoreLine{Rule: r.ID, Severity: r.Severity, Status: f.Status, Possible: f.possible(), Lost: f.lost()})
		if limit := f.limit(); limit < row.Limit {
			row.Limit, row.LimitedBy = limit, r.ID
		}
	}
	slices.SortStableFunc(row.Lines, func(a, b ScoreLine) int {
		return cmp.Or(cmp.Compare(b.Lost, a.Lost), cmp.Compare(a.Rule, b.Rule))
	})
	row.score()
}

// score is what the lines of a row make, at most its limit; 0 without evidence.
func (row *AreaScore) score() {
	switch {
	case len(row.Lines) == 0:
		row.Score = 0
	case row.Possible == 0:
		row.Score = row.Limit
	default:
		row.Score = min(row.Limit, 100*(row.Possible-row.Lost)/row.Possible)
	}
}
