package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/report"
)

var (
	_ datasource.DataSourceWithConfigure      = &scorecardDataSource{}
	_ datasource.DataSourceWithValidateConfig = &scorecardDataSource{}
)

type scorecardDataSource struct{ shared *shared }

func newScorecardDataSource() datasource.DataSource { return &scorecardDataSource{} }

type scorecardModel struct {
	Checks       types.Map    `tfsdk:"checks"`
	Attestations types.List   `tfsdk:"attestations"`
	Waivers      types.List   `tfsdk:"waivers"`
	Require      types.List   `tfsdk:"require"`
	ReportFiles  types.List   `tfsdk:"report_files"`
	FailOn       types.String `tfsdk:"fail_on"`
	Enforcement  types.String `tfsdk:"enforcement"`

	Gate       types.String   `tfsdk:"gate"`
	Score      types.Int64    `tfsdk:"score"`
	Risk       types.String   `tfsdk:"risk"`
	Areas      []areaModel    `tfsdk:"areas"`
	Violations []findingModel `tfsdk:"violations"`
	Markdown   types.String   `tfsdk:"markdown"`
	JSON       types.String   `tfsdk:"json"`
	HTML       types.String   `tfsdk:"html"`
	SARIF      types.String   `tfsdk:"sarif"`
	JUnit      types.String   `tfsdk:"junit"`
}

type areaModel struct {
	Area         types.String `tfsdk:"area"`
	Required     types.Bool   `tfsdk:"required"`
	Status       types.String `tfsdk:"status"`
	Score        types.Int64  `tfsdk:"score"`
	Failed       types.Int64  `tfsdk:"failed"`
	Inconclusive types.Int64  `tfsdk:"inconclusive"`
	Waived       types.Int64  `tfsdk:"waived"`
	Passed       types.Int64  `tfsdk:"passed"`
}

type attestationModel struct {
	Rule      types.String `tfsdk:"rule"`
	Statement types.String `tfsdk:"statement"`
	Owner     types.String `tfsdk:"owner"`
	Evidence  types.String `tfsdk:"evidence"`
	Expires   types.String `tfsdk:"expires"`
}

func (d *scorecardDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_scorecard"
}

func (d *scorecardDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	var areas []string
	for _, a := range readiness.Areas() {
		areas = append(areas, string(a))
	}
	required := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Required: true, MarkdownDescription: description, Validators: append(validators, notBlank())}
	}
	count := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Joins the results of all checks into the launch scorecard and decides the gate. A blocked gate is an error of the plan. " +
			"Give the checks `enforcement = \"report\"` and let the scorecard fail, so that one plan shows every violation at once.\n\n" +
			"A required area with no check and no attestation is a violation: silence is not a pass. A blocked gate also blocks `terraform destroy`, which reads data sources first; `terraform destroy -refresh=false` does not.",
		Attributes: map[string]schema.Attribute{
			"checks": schema.MapAttribute{
				Optional: true, ElementType: resultType(),
				MarkdownDescription: "Results of checks (their attribute `result`), by any name.",
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
				MarkdownDescription: "Areas that must have a check or an attestation. Default: all ten.",
				Validators:          []validator.List{listvalidator.ValueStringsAre(stringvalidator.OneOf(areas...)), listvalidator.UniqueValues(), listvalidator.SizeAtLeast(1)},
			},
			"report_files": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Files to write before the gate decides; the ending chooses the form: `.html`, `.md`, `.json`, `.sarif` (SARIF 2.1.0, for code scanning) or `.junit.xml`.",
			},
			"fail_on": failOnAttribute(),
			"enforcement": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "What a blocked gate does: `fail` (an error), `warn` (a warning) or `report` (silent). Default: `fail`.",
				Validators:          []validator.String{stringvalidator.OneOf(enforceFail, enforceWarn, enforceReport)},
			},
			"gate":  schema.StringAttribute{Computed: true, MarkdownDescription: "`open`, `blocked` or `overridden`."},
			"score": count("0 to 100. It explains; it never decides."),
			"risk":  schema.StringAttribute{Computed: true, MarkdownDescription: "The worst severity that stands, whatever the threshold; `info` if nothing does."},
			"areas": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "The ten areas, in the order of the scorecard.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"area":         schema.StringAttribute{Computed: true, MarkdownDescription: "Name."},
					"required":     schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether it must be covered."},
					"status":       schema.StringAttribute{Computed: true, MarkdownDescription: "`pass`, `fail`, `inconclusive`, or `not_applicable` if nothing was decided and it is not required."},
					"score":        count("0 to 100."),
					"failed":       count("Number of failed findings."),
					"inconclusive": count("Number of findings that could not be decided."),
					"waived":       count("Number of waived findings."),
					"passed":       count("Number of passed findings."),
				}},
			},
			"violations": findingsAttribute("What blocks, worst first."),
			"markdown":   schema.StringAttribute{Computed: true, MarkdownDescription: "The report as Markdown."},
			"json":       schema.StringAttribute{Computed: true, MarkdownDescription: "The report as JSON. Its schema is `docs/schema/launch-report.schema.json`."},
			"html":       schema.StringAttribute{Computed: true, MarkdownDescription: "The report as one HTML file without external resources."},
			"sarif":      schema.StringAttribute{Computed: true, MarkdownDescription: "What stands and what is waived, as SARIF 2.1.0."},
			"junit":      schema.StringAttribute{Computed: true, MarkdownDescription: "The report as JUnit XML: what blocks is a failure, or an error if it could not be tested."},
		},
	}
}

func (d *scorecardDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.shared, _ = req.ProviderData.(*shared)
}

func (d *scorecardDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var model scorecardModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	_, diags := readWaivers(ctx, model.Waivers, path.Root("waivers"))
	resp.Diagnostics.Append(diags...)
	_, diags = readAttestations(ctx, model.Attestations)
	resp.Diagnostics.Append(diags...)
	for i, element := range model.ReportFiles.Elements() {
		if name, ok := element.(types.String); ok && !name.IsUnknown() && !report.Supported(name.ValueString()) {
			resp.Diagnostics.AddAttributeError(path.Root("report_files").AtListIndex(i), "Unknown report form",
				fmt.Sprintf("report_files[%d] is %q; its ending must be one of %s.", i, name.ValueString(), report.Endings()))
		}
	}
}

func (d *scorecardDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	ctx = d.shared.logging(ctx)
	var model scorecardModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if d.shared == nil {
		_, diags := d.shared.ready()
		resp.Diagnostics.Append(diags...)
		return
	}
	policy := readiness.Policy{Require: readiness.Areas(), FailOn: failOn(model.FailOn)}
	var diags diag.Diagnostics
	policy.Waivers, diags = readWaivers(ctx, model.Waivers, path.Root("waivers"))
	resp.Diagnostics.Append(diags...)
	policy.Attestations, diags = readAttestations(ctx, model.Attestations)
	resp.Diagnostics.Append(diags...)
	if !model.Require.IsNull() {
		policy.Require = nil
		areas, _ := stringsOf(model.Require)
		for _, area := range areas {
			policy.Require = append(policy.Require, readiness.Area(area))
		}
	}
	results, diags := readResults(ctx, model.Checks)
	resp.Diagnostics.Append(diags...)
	policy.Override = d.shared.override(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	scorecard := readiness.Decide(catalogue(), results, policy, d.shared.now())
	files := writeReports(scorecard, model.ReportFiles, report.Options{GeneratedAt: d.shared.now(), Rule: catalogue().Rule}, &resp.Diagnostics)
	model.fill(scorecard, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)

	if scorecard.Gate == readiness.Open || model.Enforcement.ValueString() == enforceReport {
		return
	}
	if scorecard.Gate == readiness.Blocked && (model.Enforcement.IsNull() || model.Enforcement.ValueString() == enforceFail) {
		resp.Diagnostics.AddError(scorecard.Headline(), scorecard.Explain(files))
	} else {
		resp.Diagnostics.AddWarning(scorecard.Headline(), scorecard.Explain(files))
	}
}

// fill writes the scorecard into the outputs.
func (m *scorecardModel) fill(s readiness.Scorecard, diags *diag.Diagnostics) {
	m.Gate = types.StringValue(string(s.Gate))
	m.Score = types.Int64Value(int64(s.Score))
	m.Risk = types.StringValue(string(s.Risk))
	m.Areas = nil
	for _, a := range s.Areas {
		m.Areas = append(m.Areas, areaModel{
			Area: types.StringValue(string(a.Area)), Required: types.BoolValue(a.Required), Status: types.StringValue(string(a.Status)),
			Score: types.Int64Value(int64(a.Score)), Failed: types.Int64Value(int64(a.Failed)),
			Inconclusive: types.Int64Value(int64(a.Unknown)), Waived: types.Int64Value(int64(a.Waived)), Passed: types.Int64Value(int64(a.Passed)),
		})
	}
	m.Violations = toFindings(s.Violations)
	// What goes to state carries no time: a plan without a change shows no change.
	for form, into := range map[string]*types.String{".md": &m.Markdown, ".json": &m.JSON, ".html": &m.HTML, ".sarif": &m.SARIF, ".junit.xml": &m.JUnit} {
		rendered, err := report.Render(form, s, report.Options{Rule: catalogue().Rule})
		if err != nil {
			diags.AddError("Could not render the report", err.Error())
		}
		*into = types.StringValue(string(rendered))
	}
}

// writeReports writes the files that were asked for and returns their names. A
// file that cannot be written is an error, but takes no verdict away.
func writeReports(s readiness.Scorecard, files types.List, options report.Options, diags *diag.Diagnostics) []string {
	var written []string
	names, _ := stringsOf(files)
	for i, name := range names {
		if err := report.WriteFile(name, s, options); err != nil {
			diags.AddAttributeError(path.Root("report_files").AtListIndex(i), "Could not write the report", fmt.Sprintf("report_files[%d] is %q: %s. Name a file in a folder that can be written to, or leave it out.", i, name, err))
			continue
		}
		written = append(written, name)
	}
	return written
}

func readResults(ctx context.Context, checks types.Map) ([]readiness.Result, diag.Diagnostics) {
	var diags diag.Diagnostics
	var out []readiness.Result
	elements := checks.Elements()
	for _, name := range sortedKeys(elements) {
		o, ok := elements[name].(types.Object)
		if !ok || o.IsNull() {
			diags.AddAttributeError(path.Root("checks").AtMapKey(name), "Not a result",
				fmt.Sprintf("checks[%q] is null; it must be the attribute result of a check.", name))
			continue
		}
		var m resultModel
		diags.Append(o.As(ctx, &m, basetypes.ObjectAsOptions{})...)
		out = append(out, fromResult(m))
	}
	return out, diags
}

func readAttestations(ctx context.Context, list types.List) ([]readiness.Attestation, diag.Diagnostics) {
	var diags diag.Diagnostics
	var out []readiness.Attestation
	for i, element := range list.Elements() {
		o, ok := element.(types.Object)
		if !ok || o.IsNull() || o.IsUnknown() {
			continue
		}
		var m attestationModel
		diags.Append(o.As(ctx, &m, basetypes.ObjectAsOptions{})...)
		if m.Rule.IsUnknown() {
			continue
		}
		a := readiness.Attestation{Rule: m.Rule.ValueString(), Statement: m.Statement.ValueString(), Owner: m.Owner.ValueString(), Evidence: m.Evidence.ValueString()}
		at := path.Root("attestations").AtListIndex(i)
		if err := a.CheckRule(catalogue()); err != nil {
			diags.AddAttributeError(at.AtName("rule"), "Invalid attestation", fmt.Sprintf("attestations[%d].rule: %s", i, sentence(err)))
			continue
		}
		if m.Expires.IsUnknown() {
			continue
		}
		date, err := readiness.ParseDate(m.Expires.ValueString())
		if err != nil {
			continue // the attribute's validator has pointed at it
		}
		a.Expires = date
		out = append(out, a)
	}
	return out, diags
}
