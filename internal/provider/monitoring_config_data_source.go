package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/monitor/render"
)

var _ datasource.DataSourceWithValidateConfig = monitoringConfig{}

// monitoringConfig renders monitors and alerts for tools that people host
// themselves. It asks nobody anything.
type monitoringConfig struct{}

func newMonitoringConfigDataSource() datasource.DataSource { return monitoringConfig{} }

type monitoringConfigModel struct {
	Name         types.String                      `tfsdk:"name"`
	Monitors     map[string]renderMonitorModel     `tfsdk:"monitors"`
	Exporters    types.Map                         `tfsdk:"exporters"`
	Applications map[string]renderApplicationModel `tfsdk:"applications"`
	CAFile       types.String                      `tfsdk:"ca_file"`
	GatusAlerts  types.List                        `tfsdk:"gatus_alerts"`
	Alerts       *renderAlertsModel                `tfsdk:"alerts"`

	Prometheus types.String `tfsdk:"prometheus"`
	Blackbox   types.String `tfsdk:"blackbox"`
	Gatus      types.String `tfsdk:"gatus"`
	Rules      types.String `tfsdk:"rules"`
	Covered    types.List   `tfsdk:"covered"`
}

type renderMonitorModel struct {
	URL             types.String `tfsdk:"url"`
	Method          types.String `tfsdk:"method"`
	Status          types.List   `tfsdk:"status"`
	Body            types.String `tfsdk:"body"`
	Headers         types.Map    `tfsdk:"headers"`
	BearerToken     *tokenModel  `tfsdk:"bearer_token"`
	CertificateDays types.Int64  `tfsdk:"certificate_days"`
	Interval        types.String `tfsdk:"interval"`
	Timeout         types.String `tfsdk:"timeout"`
	MaximumTime     types.String `tfsdk:"maximum_time"`
	Failures        types.Int64  `tfsdk:"failures"`
	Regions         types.List   `tfsdk:"regions"`
	Paused          types.Bool   `tfsdk:"paused"`
}

type tokenModel struct {
	File        types.String `tfsdk:"file"`
	Environment types.String `tfsdk:"environment"`
}

type renderApplicationModel struct {
	Targets         types.List   `tfsdk:"targets"`
	Scheme          types.String `tfsdk:"scheme"`
	Path            types.String `tfsdk:"path"`
	Interval        types.String `tfsdk:"interval"`
	BearerTokenFile types.String `tfsdk:"bearer_token_file"`
}

type renderAlertsModel struct {
	Only           types.List    `tfsdk:"only"`
	RequestsMetric types.String  `tfsdk:"requests_metric"`
	StatusLabel    types.String  `tfsdk:"status_label"`
	LatencyMetric  types.String  `tfsdk:"latency_metric"`
	BouncesMetric  types.String  `tfsdk:"bounces_metric"`
	Selector       types.Map     `tfsdk:"selector"`
	Window         types.String  `tfsdk:"window"`
	Factor         types.Float64 `tfsdk:"factor"`
	Thresholds     types.Map     `tfsdk:"thresholds"`
	P95            types.String  `tfsdk:"p95"`
	Labels         types.Map     `tfsdk:"labels"`
	RunbookURL     types.String  `tfsdk:"runbook_url"`
}

func (monitoringConfig) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_monitoring_config"
}

func (monitoringConfig) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Monitors and alerts, declared once, as configuration of tools that you host yourself: Prometheus with blackbox_exporter, and Gatus. Write the texts where the tools read them, " +
			"such as with `local_file`. No credential stands in them: what authenticates is named as a file or an environment variable of the tool.",
		Attributes: monitoringConfigAttributes(),
	}
}

// ValidateConfig says at validation what no tool could make anything of, as far
// as it is known then.
func (monitoringConfig) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	if !req.Config.Raw.IsFullyKnown() {
		return // judged when it is read
	}
	var m monitoringConfigModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if !resp.Diagnostics.HasError() {
		_, diags := m.declaration(ctx)
		resp.Diagnostics.Append(diags...)
	}
}

func (monitoringConfig) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m monitoringConfigModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	d, diags := m.declaration(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	for _, out := range []struct {
		to     *types.String
		render func() (string, error)
	}{{&m.Prometheus, d.Prometheus}, {&m.Blackbox, d.Blackbox}, {&m.Gatus, d.Gatus}, {&m.Rules, d.Rules}} {
		text, err := out.render()
		if err != nil {
			resp.Diagnostics.AddError("Configuration cannot be written", err.Error()+"\n\nThis is a fault of the provider: please report it.")
			return
		}
		*out.to = types.StringValue(text)
	}
	m.Covered, diags = types.ListValueFrom(ctx, types.StringType, d.Covered())
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// declaration turns the configuration into what is rendered. Diagnostics point
// at what cannot be.
func (m monitoringConfigModel) declaration(ctx context.Context) (render.Declaration, diag.Diagnostics) {
	r := plainArguments{ctx: ctx}
	d := render.Declaration{
		Name: m.Name.ValueString(), CAFile: m.CAFile.ValueString(), GatusAlerts: r.list(m.GatusAlerts), Exporters: r.dictionary(m.Exporters),
	}
	for _, name := range sortedKeys(m.Monitors) {
		one := m.Monitors[name]
		out := render.Monitor{
			Name: name, URL: one.URL.ValueString(), Method: one.Method.ValueString(), Status: r.list(one.Status), Body: one.Body.ValueString(),
			Headers: r.dictionary(one.Headers), CertificateDays: int(one.CertificateDays.ValueInt64()), Interval: durationOf(one.Interval),
			Timeout: durationOf(one.Timeout), MaximumTime: durationOf(one.MaximumTime), Failures: int(one.Failures.ValueInt64()),
			Regions: r.list(one.Regions), Paused: one.Paused.ValueBool(),
		}
		if t := one.BearerToken; t != nil {
			out.Token = render.TokenSource{File: t.File.ValueString(), Environment: t.Environment.ValueString()}
		}
		d.Monitors = append(d.Monitors, out)
	}
	for _, name := range sortedKeys(m.Applications) {
		one := m.Applications[name]
		d.Applications = append(d.Applications, render.Application{
			Name: name, Targets: r.list(one.Targets), Scheme: one.Scheme.ValueString(), Path: one.Path.ValueString(),
			Interval: durationOf(one.Interval), TokenFile: one.BearerTokenFile.ValueString(),
		})
	}
	if m.Alerts != nil {
		d.Alerts = r.alerts(*m.Alerts)
	}
	for _, p := range d.Problems() {
		r.diags.AddAttributeError(pathOfProblem(p.Path), "Cannot be rendered", fmt.Sprintf("%s: %s.", pathOfProblem(p.Path), p.Reason))
	}
	return d, r.diags
}

// pathOfProblem is the argument that a problem is about.
func pathOfProblem(steps []string) path.Path {
	at, rest := path.Root(steps[0]), steps[1:]
	if steps[0] != "alerts" { // a map by names of the user's
		at, rest = at.AtMapKey(rest[0]), rest[1:]
	}
	for _, name := range rest {
		if name != "" { // the key itself
			at = at.AtName(name)
		}
	}
	return at
}

// plainArguments reads lists and maps of values that are known.
type plainArguments struct {
	ctx   context.Context
	diags diag.Diagnostics
}

func (r *plainArguments) list(v types.List) (out []string) {
	r.diags.Append(v.ElementsAs(r.ctx, &out, false)...)
	return out
}

func (r *plainArguments) dictionary(v types.Map) (out map[string]string) {
	r.diags.Append(v.ElementsAs(r.ctx, &out, false)...)
	return out
}

func (r *plainArguments) alerts(m renderAlertsModel) render.Alerts {
	out := render.Alerts{
		RequestsMetric: m.RequestsMetric.ValueString(), StatusLabel: m.StatusLabel.ValueString(), LatencyMetric: m.LatencyMetric.ValueString(),
		BouncesMetric: m.BouncesMetric.ValueString(), Selector: r.dictionary(m.Selector), Window: durationOf(m.Window), Factor: m.Factor.ValueFloat64(),
		P95: durationOf(m.P95), Labels: r.dictionary(m.Labels), RunbookURL: m.RunbookURL.ValueString(),
	}
	for _, kind := range r.list(m.Only) {
		out.Only = append(out.Only, render.Kind(kind))
	}
	var thresholds map[string]float64
	r.diags.Append(m.Thresholds.ElementsAs(r.ctx, &thresholds, false)...)
	for kind, value := range thresholds {
		if out.Thresholds == nil {
			out.Thresholds = map[render.Kind]float64{}
		}
		out.Thresholds[render.Kind(kind)] = value
	}
	return out
}
