package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func scorecardSchema() schema.Schema {
	attributes := scorecardInputs()
	maps.Copy(attributes, scorecardOutputAttributes())
	return schema.Schema{
		MarkdownDescription: "Joins the results of all checks into the launch scorecard and decides the gate. A blocked gate is an error of the plan. " +
			"Give the checks `enforcement = \"report\"` and let the scorecard fail, so that one plan shows every violation at once.\n\n" +
			"A required area with no check and no attestation is a violation: silence is not a pass. A blocked gate also blocks `terraform destroy`, which reads data sources first; `terraform destroy -refresh=false` does not.\n\n" +
			"The gate follows from the findings alone. Score, criteria, deliverables, plan of work and changes explain it: none of them opens or closes it.",
		Attributes: attributes,
	}
}

func scorecardInputs() map[string]schema.Attribute {
	var areas []string
	for _, a := range readiness.Areas() {
		areas = append(areas, string(a))
	}
	required := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Required: true, MarkdownDescription: description, Validators: append(validators, notBlank())}
	}
	hours := func(description string, required bool) schema.Float64Attribute {
		return schema.Float64Attribute{Required: required, Optional: !required, MarkdownDescription: description, Validators: []validator.Float64{between(0, maxHours)}}
	}
	return map[string]schema.Attribute{
		"checks": schema.DynamicAttribute{
			Optional: true,
			MarkdownDescription: "Results of checks (their attribute `result`), by any name. The same check of the same target counts once: " +
				"to give it twice is an error, and so is a result of a version of the provider that writes results in another form.",
		},
		"attestations": schema.ListNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Answers of people to what no probe can see. One that has expired is a violation.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"rule":      required("Id of an attestable rule."),
				"statement": required("What is stated."),
				"owner":     required("Who states it."),
				"evidence":  required("Address of the evidence."),
				"expires":   required("Last day on which it counts, such as `2027-06-30`.", isDate{}),
			}},
		},
		"waivers": waiversAttribute(),
		"require": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Areas that must have a check or an attestation. Default: all ten. Who requires all ten launches: each of the eight launch criteria must then be decided by a check, or waived (`criteria.undecided`).",
			Validators:          []validator.List{listvalidator.ValueStringsAre(stringvalidator.OneOf(areas...)), listvalidator.UniqueValues(), listvalidator.SizeAtLeast(1)},
		},
		"report_files": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Files to write before the gate decides; the ending chooses the form: `.html`, `.md`, `.json`, `.sarif` (SARIF 2.1.0, for code scanning) or `.junit.xml`. Their folders must be there. A file that cannot be written is an error beside the gate's.",
		},
		"fail_on": failOnAttribute(),
		"enforcement": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "What a blocked gate does: `fail` (an error), `warn` (a warning) or `report` (silent). Default: `fail`.",
			Validators:          []validator.String{stringvalidator.OneOf(enforceFail, enforceWarn, enforceReport)},
		},
		"expiry_warning": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "How long before its end a waiver or an attestation is a warning, as a duration. Default: `720h`, which is 30 days. `0s` turns the warnings off.",
			Validators:          []validator.String{isDuration{orNone: true}},
		},
		"hourly_rate": schema.Float64Attribute{
			Optional:            true,
			MarkdownDescription: "What an hour of work costs, in your currency. With it `plan_of_work` has costs.",
			Validators:          []validator.Float64{atLeast(0)},
		},
		"effort_overrides": schema.MapNestedAttribute{
			Optional: true,
			MarkdownDescription: "Your own estimates in hours for `plan_of_work`, by the id of a rule or a pattern such as `authz.*`; the longest pattern counts. " +
				"An estimate is for one root cause: the same rule with the same remedy, on however many subjects; each further subject adds a quarter of an hour, each further leaked key an hour.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"low":  hours("Hours, if all goes well.", true),
				"high": hours("Hours, if it does not. Default: `low`.", false),
			}},
		},
		"baseline": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "An earlier JSON report of this launch, as a file's name or as its text: `changes` and the reports then say what was mended, what is new and what is still open. " +
				"A check that was there and is gone is a warning that names it, and what it had found open is no longer checked, never mended. It decides nothing.",
			Validators: []validator.String{notBlank()},
		},
	}
}
