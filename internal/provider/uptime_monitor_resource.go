package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/monitor"
)

var (
	_ resource.ResourceWithConfigure      = &uptimeMonitorResource{}
	_ resource.ResourceWithValidateConfig = &uptimeMonitorResource{}
	_ resource.ResourceWithModifyPlan     = &uptimeMonitorResource{}
	_ resource.ResourceWithImportState    = &uptimeMonitorResource{}
)

// uptimeMonitorResource is a monitor of one of several services.
type uptimeMonitorResource struct{ shared *shared }

func newUptimeMonitorResource() resource.Resource { return &uptimeMonitorResource{} }

func (r *uptimeMonitorResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_uptime_monitor"
}

func (r *uptimeMonitorResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.shared, _ = req.ProviderData.(*shared)
}

func (r *uptimeMonitorResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	defer r.shared.changing()()
	ctx = r.shared.logging(ctx)
	var plan uptimeMonitorModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.fillUnknown()
	b, diags := r.shared.backend(ctx, plan.Backend.ValueString(), plan.Zone.ValueString(), plan.URL.ValueString())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.refuseTaken(ctx, b, &plan, &resp.Diagnostics); resp.Diagnostics.HasError() {
		return
	}
	seen, err := b.Create(ctx, plan.desired())
	if seen.ID == "" && err == nil {
		err = &monitor.Error{Backend: b.Name(), Operation: "create monitor " + plan.Name.ValueString(), Status: 200, Message: "a success without an id", Uncertain: true}
	}
	if err != nil {
		addMonitorError(&resp.Diagnostics, "create monitor "+plan.Name.ValueString(), err)
	}
	if seen.ID != "" { // also where a later step failed: what was made is not lost
		plan.noteZone(b)
		plan.settle(seen, err == nil, &resp.Diagnostics)
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

// settle notes a write. Where the service made something else of it than was
// declared, that is said: the next plan would show it again and again.
func (m *uptimeMonitorModel) settle(seen monitor.Seen, done bool, diags *diag.Diagnostics) {
	declared := *m
	m.observe(seen)
	if done {
		for _, field := range m.differences(&declared) {
			diags.AddAttributeError(fieldPath(field), "The service made something else of it",
				fmt.Sprintf("%s took the monitor %s, but shows another %s than was declared. Declare what it shows (terraform refresh, then terraform show), or leave the argument out.", m.Backend.ValueString(), m.Name.ValueString(), field))
		}
	}
	id, zone := m.ID, m.ZoneID
	*m = declared
	m.ID, m.ZoneID = id, zone
}

// differences are the arguments that two models have different values for.
func (m *uptimeMonitorModel) differences(o *uptimeMonitorModel) []string {
	var out []string
	for field, same := range map[string]bool{
		"name": m.Name.Equal(o.Name), "url": m.URL.Equal(o.URL), "address": m.Address.Equal(o.Address), "method": m.Method.Equal(o.Method),
		"interval": m.Interval.Equal(o.Interval), "timeout": m.Timeout.Equal(o.Timeout), "expect": m.Expect.Equal(o.Expect),
		"regions": m.Regions.Equal(o.Regions), "headers": m.Headers.Equal(o.Headers), "contacts": m.Contacts.Equal(o.Contacts),
		"follow_redirects": m.FollowRedirects.Equal(o.FollowRedirects), "verify_certificate": m.VerifyCertificate.Equal(o.VerifyCertificate), "paused": m.Paused.Equal(o.Paused),
	} {
		if !same {
			out = append(out, field)
		}
	}
	slices.Sort(out)
	return out
}

func (r *uptimeMonitorResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	ctx = r.shared.logging(ctx)
	var state uptimeMonitorModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	name := state.Backend.ValueString()
	if r.shared != nil {
		if arg := r.shared.monitorsUnknown(name); arg != "" {
			resp.Diagnostics.AddWarning("Not refreshed", fmt.Sprintf("%s of provider \"launchready\" is not known yet; the monitor is taken to be as it was.", arg))
			return
		}
	}
	b, diags := r.shared.backend(ctx, name, state.ZoneID.ValueString(), state.URL.ValueString())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	seen, err := b.Read(ctx, state.ID.ValueString())
	switch {
	case monitor.IsNotFound(err):
		resp.State.RemoveResource(ctx) // somebody has deleted it
		return
	case err != nil:
		addMonitorError(&resp.Diagnostics, "read monitor "+state.Name.ValueString(), err)
		return
	}
	state.observe(seen)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

func (r *uptimeMonitorResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	defer r.shared.changing()()
	ctx = r.shared.logging(ctx)
	var plan uptimeMonitorModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	b, diags := r.shared.backend(ctx, plan.Backend.ValueString(), plan.ZoneID.ValueString(), plan.URL.ValueString())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	seen, err := b.Update(ctx, plan.desired())
	if err != nil {
		addMonitorError(&resp.Diagnostics, "update monitor "+plan.Name.ValueString(), err)
		return
	}
	plan.settle(seen, true, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *uptimeMonitorResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	defer r.shared.changing()()
	ctx = r.shared.logging(ctx)
	var state uptimeMonitorModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	b, diags := r.shared.backend(ctx, state.Backend.ValueString(), state.ZoneID.ValueString(), state.URL.ValueString())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := b.Delete(ctx, state.ID.ValueString()); err != nil {
		addMonitorError(&resp.Diagnostics, "delete monitor "+state.Name.ValueString(), err)
	}
}

// ImportState takes <backend>/<name or id>; for Cloudflare's the zone stands
// between, or alone before it.
func (r *uptimeMonitorResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ctx = r.shared.logging(ctx)
	name, rest, _ := strings.Cut(req.ID, "/")
	zone := ""
	if !slices.Contains(backendNames(), name) {
		name, rest = cloudflareBackend, req.ID
	}
	if name == cloudflareBackend {
		zone, rest, _ = strings.Cut(rest, "/")
	}
	if rest == "" {
		resp.Diagnostics.AddError("Not the id of a monitor", fmt.Sprintf("%q: write cloudflare/<zone>/<name or id>, betterstack/<name or id> or uptimerobot/<name or id>.", req.ID))
		return
	}
	b, diags := r.shared.backend(ctx, name, zone, "")
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	seen, err := monitor.Find(ctx, b, rest)
	switch {
	case errors.Is(err, nil) && seen.Kind != "":
		resp.Diagnostics.AddError("Not a monitor of a page", fmt.Sprintf("%s is a monitor of kind %s at %s, which this resource does not declare.", seen.Name, seen.Kind, name))
		return
	case err != nil:
		addMonitorError(&resp.Diagnostics, "import monitor "+rest, err)
		return
	}
	model := uptimeMonitorModel{
		Backend: types.StringValue(name), Zone: textOf(zone), Expect: types.ObjectNull(expectTypes()),
		Regions: types.SetNull(types.StringType), Contacts: types.SetNull(types.StringType), Headers: types.MapNull(types.StringType),
	}
	model.noteZone(b)
	model.observe(seen)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// noteZone notes the zone of a backend.
func (m *uptimeMonitorModel) noteZone(b monitor.Backend) {
	m.ZoneID = types.StringValue("")
	if m.Zone.IsUnknown() {
		m.Zone = types.StringNull()
	}
	if c, ok := b.(*monitor.Cloudflare); ok {
		m.ZoneID = types.StringValue(c.Zone().ID)
		if m.Zone.IsNull() {
			m.Zone = types.StringValue(c.Zone().Name)
		}
	}
}
