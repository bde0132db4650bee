package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// recordResource makes a resource of a model of one DNS record: a record of
// any type, or one that speaks of mail in its own words.
type recordResource[M any, P recordModel[M]] struct {
	name        string // as in launchready_<name>
	description string
	attributes  func() map[string]schema.Attribute
	validate    func(ctx context.Context, model P, diags *diag.Diagnostics)                                                            // optional: what is wrong with known arguments
	verify      func(ctx context.Context, s *shared, model P, record cloudflare.Record, zone cloudflare.Zone, diags *diag.Diagnostics) // optional: plan-time verification of a record about to be written
	forms       string                                                                                                                 // forms of the import id, for its error

	shared *shared
}

func (r *recordResource[M, P]) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.name
}

func (r *recordResource[M, P]) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: r.description, Attributes: withRecordFrame(r.attributes())}
}

func (r *recordResource[M, P]) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.shared, _ = req.ProviderData.(*shared)
}

func (r *recordResource[M, P]) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	model := P(new(M))
	resp.Diagnostics.Append(req.Config.Get(ctx, model)...)
	if r.validate != nil && !resp.Diagnostics.HasError() {
		r.validate(ctx, model, &resp.Diagnostics)
	}
}

// ModifyPlan compares what is asked for with what the state says is there, as
// Cloudflare stores it: the same thing said in other words is no change.
func (r *recordResource[M, P]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // destroy
	}
	ctx = r.shared.logging(ctx)
	plan := P(new(M))
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	if resp.Diagnostics.HasError() || plan.frame().Zone.IsUnknown() || r.shared == nil || r.shared.waitsFor("cloudflare") != "" {
		return
	}
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	zone, err := client.Zone(ctx, plan.frame().Zone.ValueString())
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Root("zone"), "find zone "+plan.frame().Zone.ValueString(), err)
		return
	}
	wanted, known, diags := request(plan, zone.Name)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	f := plan.frame()
	create := req.State.Raw.IsNull()
	if !create {
		state := P(new(M))
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
		if resp.Diagnostics.HasError() {
			return
		}
		switch {
		case state.frame().ZoneID.ValueString() != zone.ID:
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root("zone"))
			create = true
		case known && cloudflare.AsWritten(current(state), wanted):
			raw, err := keepWords(req.Config.Raw, req.State.Raw, req.Plan.Raw)
			if err != nil {
				resp.Diagnostics.AddError("Could not compare plan and state", err.Error())
			}
			resp.Plan.Raw = raw
			return
		}
	}
	if !known {
		return
	}
	f.ZoneID, f.FQDN = textOf(zone.ID), textOf(wanted.Name)
	plan.unsettle(wanted)
	if create && f.OnConflict.ValueString() == conflictFail {
		r.refuseRivals(ctx, client, zone, plan, wanted, &resp.Diagnostics)
	}
	if r.verify != nil && !resp.Diagnostics.HasError() {
		r.verify(ctx, r.shared, plan, wanted, zone, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// keepWords keeps the state's words where the configuration says the same thing
// in others. What one of them leaves out follows the configuration: Terraform
// lets a provider keep a value, but neither invent nor drop one.
func keepWords(config, state, plan tftypes.Value) (tftypes.Value, error) {
	var configured, stored, planned map[string]tftypes.Value
	for from, into := range map[*tftypes.Value]*map[string]tftypes.Value{&config: &configured, &state: &stored, &plan: &planned} {
		if err := from.As(into); err != nil {
			return plan, err
		}
	}
	for name, value := range stored {
		added := value.IsNull() && !configured[name].IsNull()
		dropped := !value.IsNull() && configured[name].IsNull() && planned[name].IsNull()
		if !added && !dropped {
			planned[name] = value
		}
	}
	return tftypes.NewValue(plan.Type(), planned), nil
}

// refuseRivals finds at plan time what would stand in the way at apply. It is
// one shared list call for all records of the zone.
func (r *recordResource[M, P]) refuseRivals(ctx context.Context, client *cloudflare.Client, zone cloudflare.Zone, plan P, wanted cloudflare.Record, diags *diag.Diagnostics) {
	records, err := client.Records(ctx, zone.ID)
	if err != nil {
		addAPIError(diags, path.Root("zone"), "list the records of "+zone.Name, err)
		return
	}
	if rivals := rivalsOf(r.shared, plan, records, wanted); len(rivals) > 0 {
		diags.AddError(fmt.Sprintf("%s %s is already in the zone", wanted.Type, wanted.Name), conflictAdvice(r.name, zone, rivals))
	}
}

// rivalsOf lists the records that stand in the way. Those that another resource
// of this run holds are not up for adoption: two addresses of one name may be
// declared side by side. An identical record is the only rival if there is one.
func rivalsOf[M any, P recordModel[M]](s *shared, model P, records []cloudflare.Record, wanted cloudflare.Record) []cloudflare.Record {
	var out []cloudflare.Record
	adopt := model.frame().OnConflict.ValueString() == conflictAdopt
	for _, existing := range records {
		if existing.ID == wanted.ID || existing.ReadOnly || !model.rival(existing, wanted) || (adopt && s.claimed(existing.ID)) {
			continue
		}
		if cloudflare.Identical(existing, wanted) {
			return []cloudflare.Record{existing}
		}
		out = append(out, existing)
	}
	slices.SortFunc(out, func(a, b cloudflare.Record) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func conflictAdvice(resourceName string, zone cloudflare.Zone, rivals []cloudflare.Record) string {
	var b strings.Builder
	b.WriteString("Already there:\n")
	for _, e := range rivals {
		fmt.Fprintf(&b, "  %s  %s %s %s\n", e.ID, e.Name, e.Type, e.Content)
	}
	fmt.Fprintf(&b, "\nTake it over as it is with\n  terraform import launchready_%s.<name> %s/%s\n"+
		"or let this resource take it over and set it as declared with on_conflict = \"adopt\", or delete it.", resourceName, zone.Name, rivals[0].ID)
	return b.String()
}

// prepare finds what a write needs: the client, the zone and the record to send.
func (r *recordResource[M, P]) prepare(ctx context.Context, plan P, diags *diag.Diagnostics) (*cloudflare.Client, cloudflare.Zone, cloudflare.Record) {
	client, more := r.shared.client()
	diags.Append(more...)
	if diags.HasError() {
		return nil, cloudflare.Zone{}, cloudflare.Record{}
	}
	name := plan.frame().Zone.ValueString()
	zone, err := client.Zone(ctx, name)
	if err != nil {
		addAPIError(diags, path.Root("zone"), "find zone "+name, err)
		return nil, zone, cloudflare.Record{}
	}
	wanted, _, more := request(plan, zone.Name)
	diags.Append(more...)
	return client, zone, wanted
}

func (r *recordResource[M, P]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	ctx = r.shared.logging(ctx)
	plan := P(new(M))
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	client, zone, wanted := r.prepare(ctx, plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	records, err := client.Records(ctx, zone.ID)
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Root("zone"), "list the records of "+zone.Name, err)
		return
	}
	rivals := rivalsOf(r.shared, plan, records, wanted)
	var written cloudflare.Record
	switch {
	case len(rivals) > 0 && plan.frame().OnConflict.ValueString() != conflictAdopt:
		resp.Diagnostics.AddError(fmt.Sprintf("%s %s is already in the zone", wanted.Type, wanted.Name), conflictAdvice(r.name, zone, rivals))
		return
	case len(rivals) > 1:
		resp.Diagnostics.AddAttributeError(path.Root("on_conflict"), fmt.Sprintf("Several records could be %s %s", wanted.Type, wanted.Name),
			"Only one can be adopted. "+conflictAdvice(r.name, zone, rivals))
		return
	case len(rivals) == 1:
		wanted.ID = rivals[0].ID
		written, err = client.UpdateRecord(ctx, zone.ID, wanted)
	default:
		written, err = client.CreateRecord(ctx, zone.ID, wanted)
	}
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Empty(), fmt.Sprintf("create %s %s", wanted.Type, wanted.Name), err)
		return
	}
	r.keep(plan, written, zone)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (r *recordResource[M, P]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	ctx = r.shared.logging(ctx)
	plan := P(new(M))
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	client, zone, wanted := r.prepare(ctx, plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	state := P(new(M))
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	written := wanted
	if !cloudflare.AsWritten(current(state), wanted) { // else only the words have changed
		var err error
		if written, err = client.UpdateRecord(ctx, zone.ID, wanted); err != nil {
			addAPIError(&resp.Diagnostics, path.Empty(), fmt.Sprintf("update %s %s", wanted.Type, wanted.Name), err)
			return
		}
	}
	r.keep(plan, written, zone)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// keep writes what the server made of the record into the model and forgets
// what resolvers said before.
func (r *recordResource[M, P]) keep(model P, written cloudflare.Record, zone cloudflare.Zone) {
	r.shared.prober.Flush()
	r.shared.claim(written.ID)
	model.frame().note(written, zone)
	model.settle(written)
}

func (r *recordResource[M, P]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	ctx = r.shared.logging(ctx)
	state := P(new(M))
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if arg := r.shared.waitsFor("cloudflare"); arg != "" {
		resp.Diagnostics.AddWarning("Not refreshed", fmt.Sprintf("%s of provider \"launchready\" is not known yet; the record is taken to be as it was.", arg))
		return
	}
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	zone, err := state.frame().zoneOf(ctx, client)
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Root("zone"), "find zone "+state.frame().Zone.ValueString(), err)
		return
	}
	record, found, err := client.Record(ctx, zone.ID, state.frame().ID.ValueString())
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Root("zone"), "read the records of "+zone.Name, err)
		return
	}
	if !found {
		resp.State.RemoveResource(ctx)
		return
	}
	r.shared.claim(record.ID)
	if cloudflare.AsWritten(record, current(state)) {
		state.settle(record)
	} else {
		state.observe(record, zone.Name)
	}
	state.frame().note(record, zone)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (r *recordResource[M, P]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	ctx = r.shared.logging(ctx)
	state := P(new(M))
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	f := state.frame()
	if err := client.DeleteRecord(ctx, f.ZoneID.ValueString(), f.ID.ValueString()); err != nil {
		addAPIError(&resp.Diagnostics, path.Empty(), "delete "+f.FQDN.ValueString(), err)
		return
	}
	r.shared.prober.Flush()
}
