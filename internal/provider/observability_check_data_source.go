package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/obscheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

type observabilityCheckModel struct {
	onceFrame
	Drills         map[string]drillModel `tfsdk:"drills"`
	RequiredAlerts types.List            `tfsdk:"required_alerts"`
	AlertNames     map[string][]string   `tfsdk:"alert_names"`
	OnCall         types.List            `tfsdk:"on_call"`
	MonitoredHosts types.List            `tfsdk:"monitored_hosts"`
	RuleSinks      types.List            `tfsdk:"rule_sinks"`
}

type drillModel struct {
	Kind         types.String           `tfsdk:"kind"`
	Request      drillRequestModel      `tfsdk:"request"`
	Signals      map[string]signalModel `tfsdk:"signals"`
	Within       types.String           `tfsdk:"within"`
	LogInjection types.Bool             `tfsdk:"log_injection"`
}

type drillRequestModel struct {
	Method       types.String `tfsdk:"method"`
	URL          types.String `tfsdk:"url"`
	Path         types.String `tfsdk:"path"`
	Headers      types.Map    `tfsdk:"headers"`
	Body         types.String `tfsdk:"body"`
	Identity     types.String `tfsdk:"identity"`
	Repeat       types.Int64  `tfsdk:"repeat"`
	ExpectStatus []int64      `tfsdk:"expect_status"`
}

type signalModel struct {
	Sink           types.String  `tfsdk:"sink"`
	Mailbox        types.String  `tfsdk:"mailbox"`
	Query          types.String  `tfsdk:"query"`
	Contains       types.String  `tfsdk:"contains"`
	Increase       types.Float64 `tfsdk:"increase"`
	ResolvedWithin types.String  `tfsdk:"resolved_within"`
}

func observabilityCheck() registration {
	return register(checkSource[observabilityCheckModel, *observabilityCheckModel, obscheck.Spec]{
		definition: obscheck.Definition,
		attributes: observabilityCheckAttributes,
		spec:       observabilityCheckSpec,
		complete:   completeObservability,
		// The hosts depend on the provider block: completeObservability checks their scope.
		hosts: func(*observabilityCheckModel) map[string]path.Path { return nil },
	})
}

// observabilityCheckSpec reads what the configuration says by itself.
func observabilityCheckSpec(_ context.Context, m *observabilityCheckModel) (obscheck.Spec, diag.Diagnostics) {
	out := obscheck.Spec{Disabled: isFalse(m.Enabled), AlertNames: map[obscheck.Alert][]string{}}
	var diags diag.Diagnostics
	alerts, _ := stringsOf(m.RequiredAlerts)
	for _, a := range alerts {
		out.RequiredAlerts = append(out.RequiredAlerts, obscheck.Alert(a))
	}
	for name, rules := range m.AlertNames {
		out.AlertNames[obscheck.Alert(name)] = rules
	}
	out.OnCall, _ = stringsOf(m.OnCall)
	out.MonitoredHosts, _ = stringsOf(m.MonitoredHosts)
	if len(m.Drills)+len(out.RequiredAlerts)+len(out.MonitoredHosts) == 0 {
		diags.AddError("Nothing to check", "drills, required_alerts and monitored_hosts are all missing: at least one is needed.")
	}
	return out, diags
}

// completeObservability finds sinks, mailboxes, identities and addresses.
func completeObservability(ctx context.Context, s *shared, m *observabilityCheckModel, spec *obscheck.Spec) diag.Diagnostics {
	r := requestArguments{ctx: ctx, shared: s}
	for _, name := range sortedKeys(m.Drills) {
		at := path.Root("drills").AtMapKey(name)
		d := r.drill(name, m.Drills[name], spec.Disabled, at)
		if err := d.Validate(); err != nil && !r.diags.HasError() {
			r.diags.AddAttributeError(at, "Drill cannot be made", fmt.Sprintf("%s: %s", at, sentence(err)))
		}
		spec.Drills = append(spec.Drills, d)
	}
	r.ruleSinks(m.RuleSinks, spec)
	spec.Inventory = s.inventory(spec.Hosts())
	return r.diags
}

func (r *requestArguments) drill(name string, m drillModel, disabled bool, at path.Path) obscheck.Drill {
	here := at.AtName("request")
	out := obscheck.Drill{
		Name: name, Kind: obscheck.Kind(m.Kind.ValueString()), Within: durationOf(m.Within), SkipInjection: isFalse(m.LogInjection),
		Request: obscheck.Request{
			Method: m.Request.Method.ValueString(), URL: r.url(m.Request.URL, m.Request.Path, here), Body: m.Request.Body.ValueString(),
			Header: map[string][]string{}, Repeat: int(m.Request.Repeat.ValueInt64()),
		},
	}
	for _, status := range m.Request.ExpectStatus {
		out.Request.Expect = append(out.Request.Expect, int(status))
	}
	r.addHeaders(out.Request.Header, m.Request.Headers, here.AtName("headers"))
	if !disabled { // nobody signs in for a test that is turned off
		out.Request.Secret = r.identity(m.Request.Identity, here.AtName("identity"))
	}
	for _, key := range sortedKeys(m.Signals) {
		out.Signals = append(out.Signals, r.signal(key, m.Signals[key], at.AtName("signals").AtMapKey(key)))
	}
	return out
}

func (r *requestArguments) signal(name string, m signalModel, at path.Path) obscheck.Signal {
	out := obscheck.Signal{
		Name: name, Query: m.Query.ValueString(), Text: m.Contains.ValueString(), Increase: m.Increase.ValueFloat64(), Resolved: durationOf(m.ResolvedWithin),
	}
	if !m.Mailbox.IsNull() {
		box := r.reading(m.Mailbox.ValueString(), at.AtName("mailbox"))
		out.Source, out.Address = m.Mailbox.ValueString(), box.Address
		out.Config = probe.SinkConfig{Kind: probe.SinkMailbox, Account: box.Account}
		return out
	}
	one, diags := r.shared.sink(m.Sink.ValueString(), at.AtName("sink"))
	r.diags.Append(diags...)
	out.Source, out.Config = m.Sink.ValueString(), one.config()
	return out
}

// ruleSinks are the sinks whose rules and routes are read: those named, or all.
func (r *requestArguments) ruleSinks(named types.List, spec *obscheck.Spec) {
	names, _ := stringsOf(named)
	if named.IsNull() {
		names = sortedKeys(r.shared.settings.sinks)
	}
	for i, name := range names {
		at := path.Root("rule_sinks").AtListIndex(i)
		one, diags := r.shared.sink(name, at)
		r.diags.Append(diags...)
		source := obscheck.Source{Name: name, Config: one.config()}
		switch {
		case source.Config.Kind == probe.SinkPrometheus:
			spec.Rules = append(spec.Rules, source)
		case source.Config.Kind == probe.SinkAlertmanager:
			spec.Routing = append(spec.Routing, source)
		case !named.IsNull() && !diags.HasError():
			r.diags.AddAttributeError(at, "Sink without rules", fmt.Sprintf("%s is %q, which is of type %s: only prometheus and alertmanager have rules and routes.", at, name, one.Type))
		}
	}
}
