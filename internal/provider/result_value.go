package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// findingModel is a finding as Terraform holds it.
type findingModel struct {
	Rule      types.String `tfsdk:"rule"`
	Area      types.String `tfsdk:"area"`
	Severity  types.String `tfsdk:"severity"`
	Subject   types.String `tfsdk:"subject"`
	Status    types.String `tfsdk:"status"`
	Message   types.String `tfsdk:"message"`
	Remedy    types.String `tfsdk:"remedy"`
	Reference types.String `tfsdk:"reference"`
	Waiver    types.String `tfsdk:"waiver"`
}

// resultVersion is the version of the form of results. It is raised whenever a
// scorecard must read them otherwise.
const resultVersion = 1

// resultModel is the result of a check as Terraform holds it: one type for all
// checks, so that a scorecard takes a map of them.
type resultModel struct {
	Version  types.Int64    `tfsdk:"version"`
	Check    types.String   `tfsdk:"check"`
	Area     types.String   `tfsdk:"area"`
	Target   types.String   `tfsdk:"target"`
	Status   types.String   `tfsdk:"status"`
	Findings []findingModel `tfsdk:"findings"`
}

// findingFields are the attributes of a finding with their descriptions.
func findingFields() map[string]string {
	return map[string]string{
		"rule":      "Id of the rule.",
		"area":      "Area of the scorecard.",
		"severity":  "`critical`, `high`, `medium`, `low` or `info`.",
		"subject":   "What the finding is about: a host, a record's name, a path.",
		"status":    "`pass`, `fail`, `inconclusive`, `not_applicable` or `waived`.",
		"message":   "What was seen.",
		"remedy":    "How to mend it.",
		"reference": "The rule's page in the documentation.",
		"waiver":    "Reason, owner and expiry of the waiver, for a waived finding.",
	}
}

// findingsAttribute is a computed list of findings.
func findingsAttribute(description string) schema.ListNestedAttribute {
	fields := map[string]schema.Attribute{}
	for name, text := range findingFields() {
		fields[name] = schema.StringAttribute{Computed: true, MarkdownDescription: text}
	}
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: description,
		NestedObject: schema.NestedAttributeObject{Attributes: fields},
	}
}

func resultAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Computed:            true,
		MarkdownDescription: "Everything the check concluded, in one object: what `launchready_scorecard` takes. It holds no times and no measured figures.",
		Attributes: map[string]schema.Attribute{
			"version":  schema.Int64Attribute{Computed: true, MarkdownDescription: "Version of this object's form, which a scorecard looks at."},
			"check":    schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the check."},
			"area":     schema.StringAttribute{Computed: true, MarkdownDescription: "Area of the scorecard that it covers."},
			"target":   schema.StringAttribute{Computed: true, MarkdownDescription: "What was checked."},
			"status":   schema.StringAttribute{Computed: true, MarkdownDescription: "`pass`, `fail` or `inconclusive`."},
			"findings": findingsAttribute("All findings, sorted by rule and subject."),
		},
	}
}

func toFindings(findings []readiness.Finding) []findingModel {
	out := make([]findingModel, len(findings))
	for i, f := range findings {
		out[i] = findingModel{
			Rule: types.StringValue(f.Rule), Area: types.StringValue(string(f.Area)), Severity: types.StringValue(string(f.Severity)),
			Subject: types.StringValue(f.Subject), Status: types.StringValue(string(f.Status)), Message: types.StringValue(f.Message),
			Remedy: types.StringValue(f.Remedy), Reference: types.StringValue(f.Reference), Waiver: types.StringValue(f.Waiver),
		}
	}
	return out
}

func toResult(r readiness.Result, failOn readiness.Severity) resultModel {
	return resultModel{
		Version: types.Int64Value(resultVersion), Check: types.StringValue(r.Check), Area: types.StringValue(string(r.Area)), Target: types.StringValue(r.Target),
		Status: types.StringValue(string(r.Status(failOn))), Findings: toFindings(r.Findings),
	}
}
