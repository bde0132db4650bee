package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

func (r *zoneRecordsResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	ctx = r.shared.logging(ctx)
	r.shared.applies()
	var plan zoneRecordsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.write(ctx, &plan, &zoneRecordsModel{}, &resp.Diagnostics) {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

func (r *zoneRecordsResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	ctx = r.shared.logging(ctx)
	r.shared.applies()
	var plan, state zoneRecordsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.write(ctx, &plan, &state, &resp.Diagnostics) {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	}
}

// write makes the zone hold what the plan declares and writes the outputs into
// it. After a failure the outputs say what was done: the next refresh tells the
// rest. It returns false if nothing was done.
func (r *zoneRecordsResource) write(ctx context.Context, plan, state *zoneRecordsModel, diags *diag.Diagnostics) bool {
	client, more := r.shared.client()
	diags.Append(more...)
	if diags.HasError() {
		return false
	}
	zone, existing, err := zoneWithRecords(ctx, client, plan.Zone.ValueString())
	if err != nil {
		addAPIError(diags, path.Root("zone"), "read the records of "+plan.Zone.ValueString(), err)
		return false
	}
	declared, _, more := plan.declared(zone.Name)
	diags.Append(more...)
	if diags.HasError() {
		return false
	}
	if existing, err = r.alone(ctx, client, zone, plan, state, declared, existing); err != nil {
		addAPIError(diags, path.Root("zone"), "read the records of "+zone.Name, err)
		return false
	}
	difference := r.difference(existing, zone, plan, state, declared, diags)
	for try := 0; !diags.HasError() && !r.claim(ctx, client, zone, difference.Adopted) && try < 3; try++ {
		if existing, err = client.Records(ctx, zone.ID); err != nil {
			addAPIError(diags, path.Root("zone"), "read the records of "+zone.Name, err)
			return false
		}
		difference = r.difference(existing, zone, plan, state, declared, diags)
	}
	if diags.HasError() {
		return false
	}
	// What is neither in the plan nor deleted yet is still ours.
	ids, made, goes := state.ids(), map[string]cloudflare.Record{}, map[string]bool{}
	for key, record := range difference.Standing {
		ids[key] = record.ID
	}
	ops, release := r.withoutTaken(difference.Ops, goes)
	for _, o := range ops {
		if o.Kind == cloudflare.OpDelete {
			r.shared.records.give(zone.ID, o.Record)
		} else if o.Before != nil {
			r.shared.records.give(zone.ID, *o.Before)
		}
	}
	wrote := false
	err = client.Write(ctx, zone.ID, ops, cloudflare.BatchLimit(zone.Plan), func(ops []cloudflare.Op, written []cloudflare.Record) {
		wrote = true
		for i, o := range ops {
			if o.Kind == cloudflare.OpDelete {
				goes[o.Record.ID] = true
				continue
			}
			ids[o.Key] = written[i].ID
			r.shared.records.write(written[i].ID, true)
			if o.Kind == cloudflare.OpPost {
				made[o.Key] = written[i]
			}
		}
	})
	release()
	r.shared.prober.Flush()
	maps.DeleteFunc(ids, func(_, id string) bool { return goes[id] })
	switch create := state.RecordIDs.IsNull(); {
	case err == nil:
		for _, record := range difference.Adopted {
			r.shared.handover().took(record.ID)
		}
		wanted := map[string]bool{}
		for _, w := range declared.wanted {
			wanted[w.Key] = true
		}
		maps.DeleteFunc(ids, func(key, _ string) bool { return !wanted[key] })
	case !wrote:
		plan.addRefusal(diags, zone, declared, err, 0)
		return false // all is as it was
	case create:
		// The resource is going to be replaced: what was there before it must
		// outlive that, so only what it made is its own.
		maps.DeleteFunc(ids, func(key, _ string) bool { _, ok := made[key]; return !ok })
		plan.addRefusal(diags, zone, declared, err, len(ids))
		if len(ids) == 0 {
			return false
		}
		plan.restrict(declared, ids, zone.Name)
	default:
		plan.addRefusal(diags, zone, declared, err, len(ids))
	}
	plan.RecordIDs = idMap(ids)
	if plan.Since.IsUnknown() || plan.Since.IsNull() {
		plan.Since = r.since(made)
	}
	plan.ID, plan.ZoneID, plan.Plan = types.StringValue(zone.ID), types.StringValue(zone.ID), types.StringValue(zone.Plan)
	return true
}

// withoutTaken leaves out the deletions of records that another resource of this
// apply has taken over or is going to, and notes them as gone from here; until released, none
// of the others can be taken over.
func (r *zoneRecordsResource) withoutTaken(ops []cloudflare.Op, gone map[string]bool) (left []cloudflare.Op, release func()) {
	var releases []func()
	doomed := map[string]bool{}
	for _, o := range ops {
		if o.Kind == cloudflare.OpDelete && !r.shared.handover().passes(o.Record.ID) { // who takes that one shall see it
			doomed[o.Record.ID] = true
		}
	}
	for _, id := range sortedKeys(doomed) { // in one order, so that two who lock do not wait for each other
		releases = append(releases, r.shared.records.leave(id), r.shared.records.lock(id))
	}
	for _, o := range ops {
		if o.Kind == cloudflare.OpDelete && (r.shared.records.wrote(o.Record.ID) || !doomed[o.Record.ID]) {
			gone[o.Record.ID] = true
			continue
		}
		left = append(left, o)
	}
	return left, func() {
		for _, f := range releases {
			f()
		}
	}
}

// alone waits for a moment for records to go of which there would else be two:
// another resource of the same apply may be about to delete them. It returns the
// records of the zone then.
func (r *zoneRecordsResource) alone(ctx context.Context, client *cloudflare.Client, zone cloudflare.Zone, plan, state *zoneRecordsModel, declared declarations, existing []cloudflare.Record) ([]cloudflare.Record, error) {
	for deadline := time.Now().Add(conflictPatience); time.Now().Before(deadline); {
		all := surplus(declared, r.compare(plan, existing, declared, state, zone.Name))
		if !slices.ContainsFunc(all, func(s surplusRecord) bool { return len(s.inZone) > 0 }) {
			break
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
		var err error
		if existing, err = client.Records(ctx, zone.ID); err != nil {
			return nil, err
		}
	}
	return existing, nil
}

// claim takes records over that are in the zone, so that no other resource of
// this apply deletes them; false if one of them has gone meanwhile.
func (r *zoneRecordsResource) claim(ctx context.Context, client *cloudflare.Client, zone cloudflare.Zone, adopted []cloudflare.Record) bool {
	for _, record := range adopted {
		unlock := r.shared.records.lock(record.ID)
		r.shared.records.write(record.ID, true)
		unlock()
	}
	all := true
	for _, record := range adopted {
		if _, there, err := client.Record(ctx, zone.ID, record.ID); err == nil && !there {
			r.shared.records.write(record.ID, false)
			all = false
		}
	}
	return all
}

// restrict leaves in the record set only what has an id.
func (m *zoneRecordsModel) restrict(declared declarations, ids map[string]string, zone string) {
	if m.ZoneFile.IsNull() {
		elements := m.Records.Elements()
		maps.DeleteFunc(elements, func(key string, _ attr.Value) bool { return ids[key] == "" })
		m.Records = types.MapValueMust(recordsType().ElemType, elements)
		return
	}
	left := map[int]*cloudflare.Record{}
	for i, entry := range declared.file.Entries {
		if ids[keyOf(entry.Record)] == "" {
			left[i] = nil
		}
	}
	m.ZoneFile = types.StringValue(declared.file.Rewrite(m.ZoneFile.ValueString(), zone, left, nil))
}

// since is the moment from which records are this resource's own: when Cloudflare
// made the first of them, by its own clock.
func (r *zoneRecordsResource) since(made map[string]cloudflare.Record) types.String {
	first := r.shared.now()
	for _, record := range made {
		if at, err := time.Parse(time.RFC3339Nano, record.CreatedOn); err == nil && at.Before(first) {
			first = at
		}
	}
	return types.StringValue(first.UTC().Format(time.RFC3339Nano))
}

// difference is what there is to do now, judged again where the plan could not
// know it.
func (r *zoneRecordsResource) difference(existing []cloudflare.Record, zone cloudflare.Zone, plan, state *zoneRecordsModel, declared declarations, diags *diag.Diagnostics) cloudflare.Difference {
	difference := r.compare(plan, existing, declared, state, zone.Name)
	var found diag.Diagnostics
	plan.judge(zone, declared, &found)
	plan.judgeDifference(zone, existing, declared, difference, state.ids(), &found)
	judgeOnly(declared, difference, func(cloudflare.Record) bool { return false }, &found)
	for _, d := range found {
		if d.Severity() == diag.SeverityError { // the warnings were in the plan
			diags.Append(d)
		}
	}
	return difference
}

// addRefusal says which record was refused, and where it is declared.
func (m *zoneRecordsModel) addRefusal(diags *diag.Diagnostics, zone cloudflare.Zone, declared declarations, err error, stands int) {
	at, doing := path.Empty(), "write the records of "+zone.Name
	var refusal *cloudflare.Refusal
	if errors.As(err, &refusal) && refusal.Op != nil {
		doing = refusal.Op.Title()
		if refusal.Op.Key != "" {
			at, doing = declared.at(refusal.Op.Key), fmt.Sprintf("%s (%s)", doing, declared.where(refusal.Op.Key))
		}
	}
	addAPIError(diags, at, doing, err)
	if stands > 0 {
		diags.AddWarning(ofZone(stands, zone.Name, "in the state"),
			"The transaction that was refused changed nothing; those before it were carried out and are kept. Apply again once the cause is mended. "+
				"If the resource was being created it is now marked as tainted, and what it made is replaced; terraform untaint keeps it.")
	}
}

func (r *zoneRecordsResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	ctx = r.shared.logging(ctx)
	r.shared.applies()
	var state zoneRecordsModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	r.refuseDestroy(ctx, client, &state, &resp.Diagnostics) // a replacement is not asked for in the plan
	if resp.Diagnostics.HasError() {
		return
	}
	ids, passes := state.ids(), map[string]bool{}
	for _, id := range slices.Compact(slices.Sorted(maps.Values(ids))) {
		if passes[id] = r.shared.handover().passes(id); passes[id] {
			continue // who takes it shall see it
		}
		defer r.shared.records.leave(id)()
		defer r.shared.records.lock(id)()
	}
	existing, err := client.Records(ctx, state.ZoneID.ValueString())
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Root("zone"), "list the records of "+state.Zone.ValueString(), err)
		return
	}
	ours := map[string]bool{}
	for _, id := range ids {
		ours[id] = !r.shared.records.wrote(id) && !passes[id] // else another resource of this apply takes it over
	}
	var ops []cloudflare.Op
	for _, record := range existing {
		if ours[record.ID] && !record.KeptByCloudflare() {
			ops = append(ops, cloudflare.Op{Kind: cloudflare.OpDelete, Record: record})
			r.shared.records.give(state.ZoneID.ValueString(), record)
		}
	}
	gone := map[string]bool{}
	err = client.Write(ctx, state.ZoneID.ValueString(), ops, cloudflare.BatchLimit(state.Plan.ValueString()), func(ops []cloudflare.Op, _ []cloudflare.Record) {
		for _, o := range ops {
			gone[o.Record.ID] = true
		}
	})
	r.shared.prober.Flush()
	if err == nil {
		return
	}
	maps.DeleteFunc(ids, func(_, id string) bool { return gone[id] })
	state.RecordIDs = idMap(ids)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	var refusal *cloudflare.Refusal
	doing := "delete the records of " + state.Zone.ValueString()
	if errors.As(err, &refusal) && refusal.Op != nil {
		doing = refusal.Op.Title()
	}
	addAPIError(&resp.Diagnostics, path.Empty(), doing, err)
}
