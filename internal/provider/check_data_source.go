package provider

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// checkModel is the configuration of a check: a struct that embeds checkFrame,
// or onceFrame for a check that acts on the world.
type checkModel[M any] interface {
	*M
	frame() *commonFrame
	wait() (timeout, interval time.Duration)
	waitsForChanges() bool   // it waits for those of this provider alone
	validFor() time.Duration // how long an earlier good outcome counts
}

// checkSource makes a data source of a check: Definition in, data source out.
// M is the model of its configuration, S the check's inputs.
type checkSource[M any, P checkModel[M], S any] struct {
	definition check.Definition[S]
	attributes func() map[string]schema.Attribute
	// spec turns the configuration into the check's inputs. Diagnostics point
	// at what cannot be used.
	spec func(ctx context.Context, model P) (S, diag.Diagnostics)
	// complete adds to the inputs what only the provider block holds, such as
	// accounts. May be nil.
	complete func(ctx context.Context, s *shared, model P, spec *S) diag.Diagnostics
	// hosts are the arguments that name hosts, for the scope to be checked
	// before a packet is sent.
	hosts func(model P) map[string]path.Path

	shared *shared
}

// registration is a check as the registry lists it.
type registration struct {
	info check.Info
	new  func() datasource.DataSource
}

// register makes a check's entry of the registry.
func register[M any, P checkModel[M], S any](source checkSource[M, P, S]) registration {
	return registration{
		info: source.definition.Info,
		new: func() datasource.DataSource {
			fresh := source
			return &fresh
		},
	}
}

func (d *checkSource[M, P, S]) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.definition.Name + "_check"
}

func (d *checkSource[M, P, S]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: d.definition.Doc, Attributes: withFrame(d.attributes(), d.definition.Once)}
}

func (d *checkSource[M, P, S]) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.shared, _ = req.ProviderData.(*shared)
}

func (d *checkSource[M, P, S]) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var waivers types.List
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("waivers"), &waivers)...)
	_, diags := readWaivers(ctx, waivers, path.Root("waivers"))
	resp.Diagnostics.Append(diags...)
}

func (d *checkSource[M, P, S]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	ctx = d.shared.logging(ctx)
	model := P(new(M))
	resp.Diagnostics.Append(req.Config.Get(ctx, model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	prober, diags := d.shared.ready()
	resp.Diagnostics.Append(diags...)
	spec, diags := d.spec(ctx, model)
	resp.Diagnostics.Append(diags...)
	began := time.Now()
	frame := model.frame()
	waivers, diags := readWaivers(ctx, frame.Waivers, path.Root("waivers"))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	kept := d.recall(ctx, model, req.Config.Raw.String(), waivers)
	// Who reads an earlier outcome signs in as nobody.
	if d.complete != nil && kept.outcome == nil {
		resp.Diagnostics.Append(d.complete(ctx, d.shared, model, &spec)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	for host, at := range d.hosts(model) {
		if err := prober.InScope(host, probe.Passive); err != nil {
			resp.Diagnostics.AddAttributeError(at, "Host out of scope", err.Error())
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	var result readiness.Result
	var err error
	if kept.outcome != nil {
		result = kept.result()
	} else {
		result, err = d.runAndKeep(ctx, prober, spec, waivers, model, kept)
	}
	ended := time.Now()
	if err != nil {
		resp.Diagnostics.AddError("The check itself failed", err.Error()+"\n\nThis is a fault of the provider: please report it.")
		return
	}
	d.shared.timings.add(result.Check, result.Target, began, ended)
	if result.Observed == nil {
		result.Observed = map[string]string{}
	}
	result.Observed["took"] = seconds(ended.Sub(began))
	threshold := failOn(frame.FailOn)
	frame.Status = types.StringValue(string(result.Status(threshold)))
	frame.Passed = types.BoolValue(result.Passed(threshold))
	frame.Findings = toFindings(result.Findings)
	converted := toResult(result, threshold)
	frame.Result = &converted
	frame.Observed, diags = types.MapValueFrom(ctx, types.StringType, result.Observed)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
	override := d.shared.override(&resp.Diagnostics)
	if frame.enforcement() != enforceReport {
		for _, e := range readiness.ExpiringWaivers(waivers, expiryWarning, d.shared.now()) {
			resp.Diagnostics.AddWarning(e.Warning())
		}
	}
	enforce(&resp.Diagnostics, result.Findings, threshold, frame.enforcement(), override)
}

// run executes the check, again and again while it does not pass and the user
// wants to wait.
func (d *checkSource[M, P, S]) run(ctx context.Context, prober probe.Prober, spec S, waivers []readiness.Waiver, model P) (readiness.Result, error) {
	frame := model.frame()
	timeout, interval := model.wait()
	deadline := time.Now().Add(timeout)
	most := math.MaxInt
	if model.waitsForChanges() && !d.shared.changedLately() {
		most = 1 // what nobody touched has nothing to wait for; a stumble of the network is looked at again
	}
	for attempt := 0; ; attempt++ {
		attemptCtx := ctx
		if attempt > 0 {
			attemptCtx = probe.Fresh(ctx)
		}
		result, err := d.definition.Execute(attemptCtx, prober, spec)
		if err != nil {
			return result, err
		}
		result.Findings = readiness.ApplyWaivers(result.Findings, waivers, d.shared.now(), d.areaOf)
		if result.Passed(failOn(frame.FailOn)) || attempt >= most || !time.Now().Add(interval).Before(deadline) {
			return result, nil
		}
		select {
		case <-ctx.Done():
			return result, fmt.Errorf("interrupted while waiting for the check to pass: %w", ctx.Err())
		case <-time.After(interval):
		}
	}
}

// areaOf gives the area of a rule of this check.
func (d *checkSource[M, P, S]) areaOf(rule string) (readiness.Area, bool) {
	for _, r := range d.definition.Rules {
		if r.ID == rule {
			return r.Area, true
		}
	}
	return "", false
}

// enforce turns findings into diagnostics: errors for what blocks, warnings for
// what does not, nothing at all with "report".
func enforce(diags *diag.Diagnostics, findings []readiness.Finding, threshold readiness.Severity, enforcement string, override *readiness.Override) {
	if enforcement == enforceReport {
		return
	}
	for _, together := range readiness.SameCause(readiness.Blocking(findings, threshold)) {
		summary, detail := readiness.Tell(together)
		if enforcement == enforceFail && override == nil {
			diags.AddError(summary, detail)
		} else {
			diags.AddWarning(summary, detail)
		}
	}
	lower := slices.DeleteFunc(readiness.Blocking(findings, readiness.Low), func(f readiness.Finding) bool { return f.Blocks(threshold) })
	for _, together := range readiness.SameCause(lower) {
		diags.AddWarning(readiness.Tell(together))
	}
}
