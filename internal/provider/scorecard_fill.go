package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/report"
)

// fill writes the scorecard into the outputs.
func (m *scorecardOutputs) fill(s readiness.Scorecard, diags *diag.Diagnostics) {
	text, count := types.StringValue, func(n int) types.Int64 { return types.Int64Value(int64(n)) }
	m.Gate, m.Score, m.Risk, m.Catalogue = text(string(s.Gate)), count(s.Score), text(string(s.Risk)), text(s.Catalogue)
	m.Basis = &basisModel{count(s.Basis.Areas), count(s.Basis.Mean), count(s.Basis.Limit), textOf(string(s.Basis.LimitedBy))}
	m.Areas = toAreas(s.Areas)
	m.Criteria, m.Deliverables, m.Expiring = nil, nil, []expiryModel{}
	for _, c := range s.Criteria {
		m.Criteria = append(m.Criteria, criterionModel{text(c.ID), text(c.Title), text(string(c.Status)), count(c.Evidence), c.Against, c.Missing})
	}
	for _, d := range s.Deliverables {
		m.Deliverables = append(m.Deliverables, deliverableModel{text(d.ID), text(d.Title), types.BoolValue(d.Done), text(string(d.Status)), d.Evidence, d.Against, d.Missing})
	}
	for _, e := range s.Expiring {
		m.Expiring = append(m.Expiring, expiryModel{text(e.Kind), text(e.Rule), textOf(e.Subject), text(e.Owner), text(e.Expires)})
	}
	m.Violations = toFindings(s.Violations)
	m.Work = toWork(s.Work)
	m.Changes = nil
	if c := s.Changes; c != nil {
		m.Changes = &changesModel{
			textOf(c.Since), text(string(c.Gate)), count(c.Score), types.BoolValue(c.Comparable),
			toFindings(c.Mended), toFindings(c.New), toFindings(c.StillOpen), toFindings(c.Gone), []checkedModel{},
		}
		for _, one := range c.ChecksGone {
			m.Changes.ChecksGone = append(m.Changes.ChecksGone, checkedModel{textOf(one.Check), textOf(string(one.Area)), textOf(one.Target)})
		}
	}
	// What goes to state carries no time: a plan without a change shows no change.
	for form, into := range map[string]*types.String{".md": &m.Markdown, ".json": &m.JSON, ".html": &m.HTML, ".sarif": &m.SARIF, ".junit.xml": &m.JUnit} {
		rendered, err := report.Render(form, s, report.Options{Rule: catalogue().Rule})
		if err != nil {
			diags.AddError("Could not render the report", err.Error())
		}
		*into = text(string(rendered))
	}
}

func toAreas(rows []readiness.AreaScore) []areaModel {
	var out []areaModel
	count := func(n int) types.Int64 { return types.Int64Value(int64(n)) }
	for _, a := range rows {
		m := areaModel{
			Area: types.StringValue(string(a.Area)), Required: types.BoolValue(a.Required), Status: types.StringValue(string(a.Status)), Score: count(a.Score),
			Failed: count(a.Failed), Inconclusive: count(a.Unknown), Waived: count(a.Waived), Passed: count(a.Passed), Unchecked: count(a.Unchecked),
			Possible: count(a.Possible), Lost: count(a.Lost), Limit: count(a.Limit), LimitedBy: textOf(a.LimitedBy), Lines: []lineModel{},
		}
		for _, l := range a.Lines {
			if l.Lost == 0 {
				continue // the state need not hold what costs nothing
			}
			m.Lines = append(m.Lines, lineModel{
				types.StringValue(l.Rule), types.StringValue(string(l.Severity)), types.StringValue(string(l.Status)), types.StringValue(l.Subject),
				count(l.Subjects), count(l.Possible), count(l.Lost),
			})
		}
		out = append(out, m)
	}
	return out
}
