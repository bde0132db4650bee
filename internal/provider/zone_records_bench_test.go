package provider_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/launchready/terraform-provider-launchready/internal/provider"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// rpc speaks to the provider as Terraform does, without Terraform.
type rpc struct {
	tfprotov6.ProviderServer
	tb   testing.TB
	kind tftypes.Object // of zone_records
}

func newRPC(tb testing.TB, s target) rpc {
	tb.Helper()
	ctx := context.Background()
	server := rpc{ProviderServer: provider.Server("test"), tb: tb}
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		tb.Fatal(err)
	}
	server.kind = schemas.ResourceSchemas["launchready_zone_records"].ValueType().(tftypes.Object)
	whole := schemas.Provider.ValueType().(tftypes.Object)
	values := nulls(whole)
	access := whole.AttributeTypes["cloudflare"].(tftypes.Object)
	values["cloudflare"] = object(access, map[string]tftypes.Value{
		"api_token": text(s.Token()), "base_url": text(s.APIURL()),
	})
	configured, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: server.dynamic(whole, tftypes.NewValue(whole, values))})
	server.check(err, configured.Diagnostics)
	return server
}

func text(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

func nulls(t tftypes.Object) map[string]tftypes.Value {
	out := map[string]tftypes.Value{}
	for name, kind := range t.AttributeTypes {
		out[name] = tftypes.NewValue(kind, nil)
	}
	return out
}

func object(t tftypes.Object, values map[string]tftypes.Value) tftypes.Value {
	all := nulls(t)
	for name, v := range values {
		all[name] = v
	}
	return tftypes.NewValue(t, all)
}

func (r rpc) dynamic(t tftypes.Type, v tftypes.Value) *tfprotov6.DynamicValue {
	r.tb.Helper()
	out, err := tfprotov6.NewDynamicValue(t, v)
	if err != nil {
		r.tb.Fatal(err)
	}
	return &out
}

func (r rpc) check(err error, diags []*tfprotov6.Diagnostic) {
	r.tb.Helper()
	if err != nil {
		r.tb.Fatal(err)
	}
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			r.tb.Fatalf("%s: %s", d.Summary, d.Detail)
		}
	}
}

// recordSet is a configuration of n records, and the same as it is proposed.
func (r rpc) recordSet(n int) (config, proposed *tfprotov6.DynamicValue) {
	records := r.kind.AttributeTypes["records"].(tftypes.Map)
	all := map[string]tftypes.Value{}
	for i := range n {
		key := fmt.Sprintf("h%d", i)
		all[key] = tftypes.NewValue(records.ElementType, map[string]tftypes.Value{
			"name": text(key), "type": text("A"), "content": text(fmt.Sprintf("198.51.%d.%d", i/250, i%250+1)), "comment": text("a host"),
		})
	}
	values := map[string]tftypes.Value{"zone": text("acme.example"), "records": tftypes.NewValue(records, all)}
	config = r.dynamic(r.kind, object(r.kind, values))
	values["unmanaged"], values["allow_mass_delete"] = text("keep"), tftypes.NewValue(tftypes.Bool, false)
	for _, name := range []string{"id", "zone_id", "plan", "record_ids", "since"} {
		values[name] = tftypes.NewValue(r.kind.AttributeTypes[name], tftypes.UnknownValue)
	}
	return config, r.dynamic(r.kind, object(r.kind, values))
}

const zoneRecords = "launchready_zone_records"

// create makes the records and returns the state.
func (r rpc) create(config, proposed *tfprotov6.DynamicValue) *tfprotov6.DynamicValue {
	r.tb.Helper()
	ctx := context.Background()
	none := r.dynamic(r.kind, tftypes.NewValue(r.kind, nil))
	plan, err := r.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{TypeName: zoneRecords, PriorState: none, ProposedNewState: proposed, Config: config})
	r.check(err, plan.Diagnostics)
	made, err := r.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{TypeName: zoneRecords, PriorState: none, PlannedState: plan.PlannedState, Config: config, PlannedPrivate: plan.PlannedPrivate})
	r.check(err, made.Diagnostics)
	return made.NewState
}

// unchanged is what a plan without changes asks of the provider.
func (r rpc) unchanged(config, state *tfprotov6.DynamicValue) {
	r.tb.Helper()
	ctx := context.Background()
	valid, err := r.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: zoneRecords, Config: config})
	r.check(err, valid.Diagnostics)
	read, err := r.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: zoneRecords, CurrentState: state})
	r.check(err, read.Diagnostics)
	plan, err := r.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{TypeName: zoneRecords, PriorState: read.NewState, ProposedNewState: read.NewState, Config: config})
	r.check(err, plan.Diagnostics)
}

// BenchmarkZoneRecordsUnchanged is the provider's part of a plan of 5,000
// records in which nothing changes.
func BenchmarkZoneRecordsUnchanged(b *testing.B) {
	s := newTarget(b, sandbox.Options{State: sandbox.Empty, Plan: "pro", RecordQuota: 6000})
	server := newRPC(b, s)
	config, proposed := server.recordSet(5000)
	state := server.create(config, proposed)
	b.ReportAllocs()
	for b.Loop() {
		server.unchanged(config, state)
	}
}
