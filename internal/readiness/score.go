package readiness

import (
	"maps"
	"slices"
)

// Caps keep a good average from hiding one bad thing.
const (
	capCritical = 39 // an area with a failed critical rule
	capHigh     = 69 // an area with a failed high rule
	capUnknown  = 79 // an area with a rule that could not be tested
	aboveWorst  = 30 // the overall score is at most the worst area's plus this
)

// scoreArea makes one row. The score is 100 * (1 - lost/possible) over the
// rules that could apply, weighted by severity: a failed rule loses all, a rule
// that could not be tested loses all too (not measuring never helps), a waived
// one half. One rule on many subjects loses by its worst subject, because a
// hundred hosts with the same fault are one job.
func scoreArea(area Area, required, covered bool, checks []string, findings []Finding, failOn Severity) AreaScore {
	row := AreaScore{Area: area, Required: required, Status: Pass, Checks: slices.Compact(slices.Sorted(slices.Values(checks)))}
	worst := map[string]Finding{}
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
		if w, seen := worst[f.Rule]; !seen || f.Status.rank() < w.Status.rank() ||
			(f.Status == w.Status && f.Severity.rank() < w.Severity.rank()) {
			worst[f.Rule] = f
		}
	}
	if len(worst) == 0 && !required {
		row.Status = NotApplicable
		return row
	}
	if !covered && !required {
		row.Status = NotApplicable
	}
	row.Score = areaScore(slices.Collect(maps.Values(worst)))
	return row
}

func areaScore(worst []Finding) int {
	if len(worst) == 0 {
		return 0
	}
	lost, possible, limit := 0, 0, 100
	for _, f := range worst {
		weight := 2 * f.Severity.Weight() // doubled, so that a waiver's half is whole
		possible += weight
		switch f.Status {
		case Pass:
		case Waived:
			lost += weight / 2
		case Fail:
			lost += weight
			switch f.Severity {
			case Critical:
				limit = min(limit, capCritical)
			case High:
				limit = min(limit, capHigh)
			}
		default:
			lost += weight
			if f.Severity != Info {
				limit = min(limit, capUnknown)
			}
		}
	}
	if possible == 0 {
		return limit
	}
	return min(limit, 100*(possible-lost)/possible)
}

// overallScore is the plain mean of the areas that count: those required and
// those with evidence, held down by the worst of them.
func overallScore(rows []AreaScore) int {
	sum, n, worst := 0, 0, 100
	for _, row := range rows {
		if !row.Required && row.Status == NotApplicable {
			continue
		}
		sum += row.Score
		worst = min(worst, row.Score)
		n++
	}
	if n == 0 {
		return 0
	}
	return min(sum/n, worst+aboveWorst)
}
