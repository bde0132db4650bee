package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Server is the provider as Terraform speaks to it.
//
// All is served by the framework but what zone_records does with its values.
// The framework walks over every single value several times a call, and for
// each of them makes a context that it looks things up in through those of all
// values before (framework 1.19.0, internal/fwserver, NullifyWriteOnlyAttributes
// and MarkComputedNilsAsUnknown): a plan of 3,000 records took 13 s. So the calls
// that carry records go to the resource directly, with the same requests that the
// framework would make.
func Server(version string, options ...Option) tfprotov6.ProviderServer {
	p := newProvider(version, options...)
	return &server{ProviderServer: providerserver.NewProtocol6(p)(), provider: p}
}

type server struct {
	tfprotov6.ProviderServer
	provider *launchready
}

const zoneRecordsType = "launchready_zone_records"

// direct is one call of zone_records.
type direct struct {
	resource *zoneRecordsResource
	schema   schema.Schema
	kind     tftypes.Type
	diags    []*tfprotov6.Diagnostic
}

func (s *server) direct(ctx context.Context) *direct {
	d := &direct{resource: &zoneRecordsResource{shared: s.provider.configured.Load()}}
	var described resource.SchemaResponse
	d.resource.Schema(ctx, resource.SchemaRequest{}, &described)
	d.schema, d.kind = described.Schema, described.Schema.Type().TerraformType(ctx)
	return d
}

// value decodes what Terraform sent; nothing is null.
func (d *direct) value(v *tfprotov6.DynamicValue) tftypes.Value {
	if v == nil {
		return tftypes.NewValue(d.kind, nil)
	}
	out, err := v.Unmarshal(d.kind)
	if err != nil {
		d.fail("Cannot read what Terraform sent", err)
		return tftypes.NewValue(d.kind, nil)
	}
	return out
}

func (d *direct) encode(v tftypes.Value) *tfprotov6.DynamicValue {
	out, err := tfprotov6.NewDynamicValue(d.kind, v)
	if err != nil {
		d.fail("Cannot encode an answer", err)
		return nil
	}
	return &out
}

func (d *direct) fail(summary string, err error) {
	d.diags = append(d.diags, &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: summary, Detail: err.Error()})
}

func (d *direct) report(diags diag.Diagnostics) {
	for _, one := range diags {
		out := &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: one.Summary(), Detail: one.Detail()}
		if one.Severity() == diag.SeverityError {
			out.Severity = tfprotov6.DiagnosticSeverityError
		}
		if at, ok := one.(diag.DiagnosticWithPath); ok {
			out.Attribute = attributePath(at.Path())
		}
		d.diags = append(d.diags, out)
	}
}

func (d *direct) failed() bool {
	for _, one := range d.diags {
		if one.Severity == tfprotov6.DiagnosticSeverityError {
			return true
		}
	}
	return false
}

func attributePath(p path.Path) *tftypes.AttributePath {
	out := tftypes.NewAttributePath()
	for _, step := range p.Steps() {
		switch step := step.(type) {
		case path.PathStepAttributeName:
			out = out.WithAttributeName(string(step))
		case path.PathStepElementKeyString:
			out = out.WithElementKeyString(string(step))
		case path.PathStepElementKeyInt:
			out = out.WithElementKeyInt(int(step))
		}
	}
	return out
}

// ValidateResourceConfig lets the framework validate everything but the records,
// which it takes for unknown.
func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	if req.TypeName != zoneRecordsType {
		return s.ProviderServer.ValidateResourceConfig(ctx, req)
	}
	d := s.direct(ctx)
	config := d.value(req.Config)
	var arguments map[string]tftypes.Value
	if err := config.As(&arguments); err != nil {
		d.fail("Cannot read what Terraform sent", err)
	}
	if d.failed() {
		return &tfprotov6.ValidateResourceConfigResponse{Diagnostics: d.diags}, nil
	}
	arguments = maps.Clone(arguments) // which is the value's own
	for _, long := range []string{"records", "zone_file"} {
		arguments[long] = tftypes.NewValue(arguments[long].Type(), tftypes.UnknownValue)
	}
	short := *req
	short.Config = d.encode(tftypes.NewValue(d.kind, arguments))
	resp, err := s.ProviderServer.ValidateResourceConfig(ctx, &short)
	if err != nil {
		return resp, err
	}
	var valid resource.ValidateConfigResponse
	d.resource.ValidateConfig(ctx, resource.ValidateConfigRequest{Config: tfsdk.Config{Raw: config, Schema: d.schema}}, &valid)
	d.report(valid.Diagnostics)
	resp.Diagnostics = append(resp.Diagnostics, d.diags...)
	return resp, nil
}

// UpgradeResourceState implements tfprotov6.ResourceServer: there is one version
// of the schema so far.
func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	if shared := s.provider.configured.Load(); shared != nil && req.RawState != nil {
		shared.records.holdRules(req.TypeName, req.RawState.JSON)
	}
	d := s.direct(ctx)
	if req.TypeName != zoneRecordsType || req.Version != d.schema.Version || req.RawState == nil {
		return s.ProviderServer.UpgradeResourceState(ctx, req)
	}
	state, err := req.RawState.UnmarshalWithOpts(d.kind, tfprotov6.UnmarshalOpts{ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true}})
	if err != nil {
		d.fail("Cannot read the state", err)
		return &tfprotov6.UpgradeResourceStateResponse{Diagnostics: d.diags}, nil
	}
	out := &tfprotov6.UpgradeResourceStateResponse{UpgradedState: d.encode(state)}
	out.Diagnostics = d.diags
	return out, nil
}

// ReadResource implements tfprotov6.ResourceServer.
func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	if req.TypeName != zoneRecordsType {
		return s.ProviderServer.ReadResource(ctx, req)
	}
	d := s.direct(ctx)
	state := tfsdk.State{Raw: d.value(req.CurrentState), Schema: d.schema}
	read := resource.ReadResponse{State: state}
	if !d.failed() {
		d.resource.Read(ctx, resource.ReadRequest{State: state}, &read)
		d.report(read.Diagnostics)
	}
	out := &tfprotov6.ReadResourceResponse{Private: req.Private, NewState: req.CurrentState}
	if !d.failed() {
		out.NewState = d.encode(read.State.Raw)
	}
	out.Diagnostics = d.diags
	return out, nil
}

// PlanResourceChange implements tfprotov6.ResourceServer.
func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	if req.TypeName != zoneRecordsType {
		return s.ProviderServer.PlanResourceChange(ctx, req)
	}
	d := s.direct(ctx)
	prior, config := d.value(req.PriorState), d.value(req.Config)
	proposed := d.propose(prior, config, d.value(req.ProposedNewState))
	plan := resource.ModifyPlanResponse{Plan: tfsdk.Plan{Raw: proposed, Schema: d.schema}}
	if !d.failed() {
		d.resource.ModifyPlan(ctx, resource.ModifyPlanRequest{
			Config: tfsdk.Config{Raw: config, Schema: d.schema}, State: tfsdk.State{Raw: prior, Schema: d.schema}, Plan: plan.Plan,
		}, &plan)
		d.report(plan.Diagnostics)
	}
	out := &tfprotov6.PlanResourceChangeResponse{PlannedPrivate: req.PriorPrivate}
	for _, p := range plan.RequiresReplace {
		out.RequiresReplace = append(out.RequiresReplace, attributePath(p))
	}
	out.PlannedState = d.encode(plan.Plan.Raw)
	out.Diagnostics = d.diags
	return out, nil
}

// propose does what the framework does before it asks the resource: it fills in
// defaults, and makes outputs unknown where something changes.
func (d *direct) propose(prior, config, proposed tftypes.Value) tftypes.Value {
	if proposed.IsNull() || d.failed() {
		return proposed
	}
	var configured, arguments map[string]tftypes.Value
	if err := config.As(&configured); err != nil {
		d.fail("Cannot read what Terraform sent", err)
		return proposed
	}
	if err := proposed.As(&arguments); err != nil {
		d.fail("Cannot read what Terraform sent", err)
		return proposed
	}
	arguments = maps.Clone(arguments)
	for name, value := range map[string]tftypes.Value{
		"unmanaged": tftypes.NewValue(tftypes.String, unmanagedKeep), "allow_mass_delete": tftypes.NewValue(tftypes.Bool, false),
	} {
		if configured[name].IsNull() {
			arguments[name] = value
		}
	}
	out := tftypes.NewValue(d.kind, arguments)
	if out.Equal(prior) {
		return out
	}
	arguments = maps.Clone(arguments)
	for _, name := range zoneRecordsOutputs() {
		arguments[name] = tftypes.NewValue(arguments[name].Type(), tftypes.UnknownValue)
	}
	return tftypes.NewValue(d.kind, arguments)
}

// zoneRecordsOutputs are the attributes that nobody configures.
func zoneRecordsOutputs() []string { return []string{"id", "zone_id", "plan", "record_ids", "since"} }

// ApplyResourceChange implements tfprotov6.ResourceServer.
func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	if req.TypeName != zoneRecordsType {
		return s.ProviderServer.ApplyResourceChange(ctx, req)
	}
	d := s.direct(ctx)
	prior, planned := d.value(req.PriorState), d.value(req.PlannedState)
	config := tfsdk.Config{Raw: d.value(req.Config), Schema: d.schema}
	if d.failed() {
		return &tfprotov6.ApplyResourceChangeResponse{NewState: req.PriorState, Private: req.PlannedPrivate, Diagnostics: d.diags}, nil
	}
	plan, state := tfsdk.Plan{Raw: planned, Schema: d.schema}, tfsdk.State{Raw: prior, Schema: d.schema}
	var after tftypes.Value
	switch {
	case prior.IsNull():
		made := resource.CreateResponse{State: state}
		d.resource.Create(ctx, resource.CreateRequest{Config: config, Plan: plan}, &made)
		after = made.State.Raw
		d.report(made.Diagnostics)
	case planned.IsNull():
		gone := resource.DeleteResponse{State: state}
		d.resource.Delete(ctx, resource.DeleteRequest{State: state}, &gone)
		d.report(gone.Diagnostics)
		after = gone.State.Raw
		if !d.failed() {
			after = tftypes.NewValue(d.kind, nil)
		}
	default:
		changed := resource.UpdateResponse{State: state}
		d.resource.Update(ctx, resource.UpdateRequest{Config: config, Plan: plan, State: state}, &changed)
		after = changed.State.Raw
		d.report(changed.Diagnostics)
	}
	out := &tfprotov6.ApplyResourceChangeResponse{Private: req.PlannedPrivate, NewState: d.encode(after)}
	out.Diagnostics = d.diags
	return out, nil
}

// ImportResourceState implements tfprotov6.ResourceServer.
func (s *server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	if req.TypeName != zoneRecordsType || req.ID == "" {
		return s.ProviderServer.ImportResourceState(ctx, req)
	}
	d := s.direct(ctx)
	found := resource.ImportStateResponse{State: tfsdk.State{Raw: tftypes.NewValue(d.kind, nil), Schema: d.schema}}
	d.resource.ImportState(ctx, resource.ImportStateRequest{ID: req.ID}, &found)
	d.report(found.Diagnostics)
	out := &tfprotov6.ImportResourceStateResponse{}
	if !d.failed() {
		out.ImportedResources = []*tfprotov6.ImportedResource{{TypeName: zoneRecordsType, State: d.encode(found.State.Raw)}}
	}
	out.Diagnostics = d.diags
	return out, nil
}
