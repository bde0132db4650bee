package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

type rangeModel struct {
	Low  types.Float64 `tfsdk:"low"`
	High types.Float64 `tfsdk:"high"`
}

type workModel struct {
	Recommendation types.String  `tfsdk:"recommendation"`
	Hours          rangeModel    `tfsdk:"hours"`
	Cost           *rangeModel   `tfsdk:"cost"`
	Sprints        []sprintModel `tfsdk:"sprints"`
}

type sprintModel struct {
	ID       types.String `tfsdk:"id"`
	Title    types.String `tfsdk:"title"`
	From     types.Int64  `tfsdk:"from"`
	To       types.Int64  `tfsdk:"to"`
	Hours    rangeModel   `tfsdk:"hours"`
	Cost     *rangeModel  `tfsdk:"cost"`
	Blocking types.Int64  `tfsdk:"blocking"`
	Tasks    []taskModel  `tfsdk:"tasks"`
}

type taskModel struct {
	Rule        types.String  `tfsdk:"rule"`
	Rules       []string      `tfsdk:"rules"`
	Area        types.String  `tfsdk:"area"`
	Severity    types.String  `tfsdk:"severity"`
	Status      types.String  `tfsdk:"status"`
	Blocks      types.Bool    `tfsdk:"blocks"`
	Title       types.String  `tfsdk:"title"`
	Remedy      types.String  `tfsdk:"remedy"`
	Subjects    []string      `tfsdk:"subjects"`
	Hours       rangeModel    `tfsdk:"hours"`
	Cost        *rangeModel   `tfsdk:"cost"`
	Exposure    types.String  `tfsdk:"exposure"`
	Risk        types.Float64 `tfsdk:"risk"`
	Deliverable types.String  `tfsdk:"deliverable"`
}

func rangeAttribute(description string) schema.SingleNestedAttribute {
	return outObject(description, map[string]schema.Attribute{
		"low":  schema.Float64Attribute{Computed: true, MarkdownDescription: "If all goes well."},
		"high": schema.Float64Attribute{Computed: true, MarkdownDescription: "If it does not."},
	})
}

func workAttribute() schema.SingleNestedAttribute {
	return outObject("What has to be done, in the order in which it is best done. Hours are estimates; `effort_overrides` replaces them by rule.", map[string]schema.Attribute{
		"recommendation": outText("How to go on: launch, work through the plan, or bring a senior engineer first."),
		"hours":          rangeAttribute("Hours of all tasks."),
		"cost":           rangeAttribute("`hours` times `hourly_rate`; null without a rate."),
		"sprints": outList("Streams of work that have tasks.", map[string]schema.Attribute{
			"id":       outText("`dns`, `tls`, `edge`, `mail`, `secrets`, `observability`, `deployment`, `handover` or `application`."),
			"title":    outText("Name as a person reads it."),
			"from":     outCount("From when, in hours after the start; null for what does not fit 48 hours."),
			"to":       outCount("To when, in hours after the start."),
			"hours":    rangeAttribute("Hours of its tasks."),
			"cost":     rangeAttribute("`hours` times `hourly_rate`; null without a rate."),
			"blocking": outCount("How many of its tasks stand against the launch."),
			"tasks": outList("One a root cause: the same rule with the same remedy; where nothing could be tested, the same reason. What blocks comes first, then what takes most risk away in an hour.", map[string]schema.Attribute{
				"rule":        outText("Id of the rule; the worst, if one cause keeps several from being tested."),
				"rules":       outTexts("Ids of all its rules."),
				"area":        outText("Area of the scorecard."),
				"severity":    outText("Severity of its worst finding."),
				"status":      outText("`fail`, or `inconclusive`: it must be made testable first. Its hours then range from that alone to what may be found."),
				"blocks":      outBool("Whether it stands against the launch."),
				"title":       outText("What is wrong."),
				"remedy":      outText("How to mend it."),
				"subjects":    outTexts("What it is about."),
				"hours":       rangeAttribute("Estimate in hours."),
				"cost":        rangeAttribute("`hours` times `hourly_rate`; null without a rate."),
				"exposure":    outText("Who can make use of it: `anonymous`, `member` or `staff`."),
				"risk":        schema.Float64Attribute{Computed: true, MarkdownDescription: "Weight of the severity (critical 10, high 5, medium 2, low 1) times exposure (anonymous 3, member 2, staff 1), by the middle of the hours."},
				"deliverable": outText("The deliverable that it belongs to; null if none."),
			}),
		}),
	})
}

func toRange(r readiness.Range) rangeModel {
	return rangeModel{types.Float64Value(r.Low), types.Float64Value(r.High)}
}

func toCost(r *readiness.Range) *rangeModel {
	if r == nil {
		return nil
	}
	m := toRange(*r)
	return &m
}

func toWork(w readiness.WorkPlan) *workModel {
	out := &workModel{
		Recommendation: types.StringValue(w.Recommendation), Hours: toRange(w.Hours), Cost: toCost(w.Cost), Sprints: []sprintModel{},
	}
	for _, s := range w.Sprints {
		sprint := sprintModel{
			ID: types.StringValue(s.ID), Title: types.StringValue(s.Title), Hours: toRange(s.Hours), Cost: toCost(s.Cost), Blocking: types.Int64Value(int64(s.Blocking)),
		}
		if s.Window != nil {
			sprint.From, sprint.To = types.Int64Value(int64(s.Window.From)), types.Int64Value(int64(s.Window.To))
		}
		for _, t := range s.Tasks {
			sprint.Tasks = append(sprint.Tasks, taskModel{
				Rule: types.StringValue(t.Rule), Rules: t.Rules, Area: types.StringValue(string(t.Area)), Severity: types.StringValue(string(t.Severity)),
				Status: types.StringValue(string(t.Status)), Blocks: types.BoolValue(t.Blocks), Title: types.StringValue(t.Title), Remedy: types.StringValue(t.Remedy),
				Subjects: t.Subjects, Hours: toRange(t.Hours), Cost: toCost(t.Cost), Exposure: types.StringValue(t.Exposure),
				Risk: types.Float64Value(t.Risk), Deliverable: textOf(t.Deliverable),
			})
		}
		out.Sprints = append(out.Sprints, sprint)
	}
	return out
}
