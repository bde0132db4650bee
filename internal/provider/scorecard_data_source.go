package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

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
	Checks        types.Dynamic `tfsdk:"checks"`
	Attestations  types.List    `tfsdk:"attestations"`
	Waivers       types.List    `tfsdk:"waivers"`
	Require       types.List    `tfsdk:"require"`
	ReportFiles   types.List    `tfsdk:"report_files"`
	FailOn        types.String  `tfsdk:"fail_on"`
	Enforcement   types.String  `tfsdk:"enforcement"`
	ExpiryWarning types.String  `tfsdk:"expiry_warning"`
	HourlyRate    types.Float64 `tfsdk:"hourly_rate"`
	Effort        types.Map     `tfsdk:"effort_overrides"`
	Baseline      types.String  `tfsdk:"baseline"`

	scorecardOutputs
}

func (d *scorecardDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_scorecard"
}

func (d *scorecardDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = scorecardSchema()
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
	_, diags = readResults(model.Checks)
	resp.Diagnostics.Append(diags...)
	_, diags = readEfforts(ctx, model.Effort)
	resp.Diagnostics.Append(diags...)
	if isBaselineText(model.Baseline.ValueString()) {
		_, diags = readBaseline(model.Baseline)
		resp.Diagnostics.Append(diags...)
	}
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
	results, diags := readResults(model.Checks)
	resp.Diagnostics.Append(diags...)
	policy, diags := model.policy(ctx)
	resp.Diagnostics.Append(diags...)
	policy.Override = d.shared.override(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	// Before the reports are written: one of them may be the baseline of the next run.
	policy.Baseline, diags = readBaseline(model.Baseline)
	resp.Diagnostics.Append(diags...)

	scorecard := readiness.Decide(catalogue(), results, policy, d.shared.now())
	if policy.Baseline != nil && scorecard.Changes == nil {
		resp.Diagnostics.AddAttributeWarning(path.Root("baseline"), "The baseline is of another launch",
			fmt.Sprintf("It is of %s, and this scorecard is of %s: they are not compared. Name an earlier report of this launch.",
				readiness.Scorecard{Targets: policy.Baseline.Targets}.Name(), scorecard.Name()))
	}
	files := writeReports(scorecard, model.ReportFiles, report.Options{GeneratedAt: d.shared.now(), Rule: catalogue().Rule}, &resp.Diagnostics)
	model.fill(scorecard, &resp.Diagnostics)
	model.Observed = d.shared.timings.table(results)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)

	if model.Enforcement.ValueString() == enforceReport {
		return
	}
	for _, e := range scorecard.Expiring {
		resp.Diagnostics.AddWarning(e.Warning())
	}
	if left := scorecard.LeftOut(); left != "" {
		resp.Diagnostics.AddAttributeWarning(path.Root("checks"), fmt.Sprintf("Checks of the baseline of %s are made no longer", scorecard.Name()),
			left+"\n\nAdd them to checks again; or, if they were taken out on purpose, write a new baseline.")
	}
	switch {
	case scorecard.Gate == readiness.Open:
	case scorecard.Gate == readiness.Blocked && model.Enforcement.ValueString() != enforceWarn:
		resp.Diagnostics.AddError(scorecard.Headline(), scorecard.Explain(files))
	default:
		resp.Diagnostics.AddWarning(scorecard.Headline(), scorecard.Explain(files))
	}
}

// policy is what the configuration demands of the launch.
func (m *scorecardModel) policy(ctx context.Context) (readiness.Policy, diag.Diagnostics) {
	p := readiness.Policy{
		Require: readiness.Areas(), FailOn: failOn(m.FailOn),
		ExpiryWarning: expiryWarningOf(m.ExpiryWarning), HourlyRate: m.HourlyRate.ValueFloat64(),
	}
	var all, diags diag.Diagnostics
	p.Waivers, diags = readWaivers(ctx, m.Waivers, path.Root("waivers"))
	all.Append(diags...)
	p.Attestations, diags = readAttestations(ctx, m.Attestations)
	all.Append(diags...)
	p.Effort, diags = readEfforts(ctx, m.Effort)
	all.Append(diags...)
	if !m.Require.IsNull() {
		p.Require = nil
		areas, _ := stringsOf(m.Require)
		for _, area := range areas {
			p.Require = append(p.Require, readiness.Area(area))
		}
	}
	return p, all
}

// writeReports writes the files that were asked for and returns their names. A
// file that cannot be written is an error, but takes no verdict away.
func writeReports(s readiness.Scorecard, files types.List, options report.Options, diags *diag.Diagnostics) []string {
	var written []string
	names, _ := stringsOf(files)
	for i, name := range names {
		if err := report.WriteFile(name, s, options); err != nil {
			diags.AddAttributeError(path.Root("report_files").AtListIndex(i), "Could not write the report",
				fmt.Sprintf("report_files[%d] is %q: %s. The gate was decided all the same: it is %s. Name a file in a folder that can be written to, or leave it out.",
					i, name, plainFileError(err), s.Gate))
			continue
		}
		written = append(written, name)
	}
	return written
}
