package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/zonefile"
)

// ModifyPlan compares what is declared with what is in the zone, and says all
// that can be known before anything is written.
func (r *zoneRecordsResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	ctx = r.shared.logging(ctx)
	r.shared.plans()
	if r.shared == nil || r.shared.waitsFor("cloudflare") != "" {
		return
	}
	var plan, state zoneRecordsModel
	create, destroy := req.State.Raw.IsNull(), req.Plan.Raw.IsNull()
	if !create {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if !destroy {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}
	if resp.Diagnostics.HasError() || !destroy && plan.Zone.IsUnknown() {
		return
	}
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if destroy {
		r.refuseDestroy(ctx, client, &state, &resp.Diagnostics)
		for _, id := range state.ids() {
			r.shared.handover().leave(id)
		}
		return
	}
	zone, existing, err := zoneWithRecords(ctx, client, plan.Zone.ValueString())
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Root("zone"), "read the records of "+plan.Zone.ValueString(), err)
		return
	}
	if !create && state.ZoneID.ValueString() != zone.ID {
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("zone"))
		return // planned again, as a creation
	}
	plan.ID, plan.ZoneID, plan.Plan = types.StringValue(zone.ID), types.StringValue(zone.ID), types.StringValue(zone.Plan)
	declared, known, diags := plan.declared(zone.Name)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	_, ignored := stringsOf(plan.Ignore)
	if !known || plan.Unmanaged.IsUnknown() || !ignored {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
		return
	}
	who := fingerprint(req.Config.Raw)
	plan.judge(zone, declared, &resp.Diagnostics)
	difference := r.compare(&plan, existing, declared, &state, zone.Name)
	plan.judgeDifference(zone, existing, declared, difference, state.ids(), &resp.Diagnostics)
	judgeOnly(declared, difference, r.mayLeave, &resp.Diagnostics)
	r.declareAll(zone, declared, difference, who, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if create && len(difference.Adopted) > 0 {
		resp.Diagnostics.AddWarning(ofZone(len(difference.Adopted), zone.Name, "taken over"),
			"They are in the zone already, and are set as declared. They are owned from then on: destroying the resource deletes them.\n\n"+listRecords(difference.Adopted))
	}
	for _, o := range difference.Ops {
		if o.Kind == cloudflare.OpDelete && !r.shared.records.wrote(o.Record.ID) {
			r.shared.handover().leave(o.Record.ID)
		}
	}
	r.wantAll(difference)
	plan.foretell(&state, create, difference)
	if !create && !plan.sameText(&state) {
		plan.keepWords(&state, declared, zone.Name)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// foretell writes what is known of the outputs. Nothing is of a new set: where it
// replaces an older one, all that is there now is gone when it is made.
func (m *zoneRecordsModel) foretell(state *zoneRecordsModel, create bool, d cloudflare.Difference) {
	if create {
		m.RecordIDs, m.Since = types.MapUnknown(types.StringType), types.StringUnknown()
		return
	}
	m.Since = state.Since
	adopted := map[string]bool{}
	for _, record := range d.Adopted {
		adopted[record.ID] = true
	}
	// Element by element: the plan then shows those that are new, and not all.
	ids := map[string]attr.Value{}
	for key, record := range d.Standing {
		ids[key] = types.StringValue(record.ID)
		if adopted[record.ID] { // may be gone by then
			ids[key] = types.StringUnknown()
		}
	}
	for _, o := range d.Ops {
		if o.Kind == cloudflare.OpPost {
			ids[o.Key] = types.StringUnknown()
		}
	}
	m.RecordIDs = types.MapValueMust(types.StringType, ids)
}

// sameText reports whether the record set is written as in the state.
func (m *zoneRecordsModel) sameText(state *zoneRecordsModel) bool {
	return m.Records.Equal(state.Records) && m.ZoneFile.Equal(state.ZoneFile)
}

// keepWords is no change where all of it says the same in other words: Terraform
// lets a provider keep the state's value of an argument, but only as a whole.
func (m *zoneRecordsModel) keepWords(state *zoneRecordsModel, declared declarations, zone string) {
	if m.Records.IsNull() != state.Records.IsNull() {
		return
	}
	before, _, diags := state.declared(zone)
	if diags.HasError() {
		return
	}
	stored := map[string]cloudflare.Record{}
	for _, w := range before.wanted {
		stored[w.Key] = w.Record
	}
	same := len(declared.wanted) == len(stored)
	for _, w := range declared.wanted {
		was, ok := stored[w.Key]
		same = same && ok && cloudflare.AsWritten(was, w.Record)
	}
	if same {
		m.Records, m.ZoneFile = state.Records, state.ZoneFile
	}
}

// keeps tells which records stay although nobody declared them.
func (m *zoneRecordsModel) keeps(zone string) func(cloudflare.Record) bool {
	patterns, _ := stringsOf(m.Ignore)
	return func(r cloudflare.Record) bool {
		return slices.ContainsFunc(patterns, func(pattern string) bool {
			words := strings.Fields(pattern)
			if len(words) == 2 && !readiness.MatchPattern(strings.ToUpper(words[0]), r.Type) {
				return false
			}
			name := strings.ToLower(strings.TrimSuffix(words[len(words)-1], "."))
			if full, err := cloudflare.NormalizeName(name, zone); err == nil && full == r.Name {
				return true
			}
			return readiness.MatchPattern(name, relative(r.Name, zone)) || readiness.MatchPattern(name, r.Name)
		})
	}
}

// judge holds the records against the limits of the zone's plan.
func (m *zoneRecordsModel) judge(zone cloudflare.Zone, d declarations, diags *diag.Diagnostics) {
	for _, w := range d.wanted {
		for _, p := range planProblems(zone, w.Record) {
			addProblem(diags, d, w.Key, p)
		}
	}
}

// judgeDifference says what keeps the difference from being carried out.
func (m *zoneRecordsModel) judgeDifference(zone cloudflare.Zone, existing []cloudflare.Record, declared declarations, d cloudflare.Difference, ids map[string]string, diags *diag.Diagnostics) {
	for _, b := range d.Blocked {
		way := "Declare that record here in its place, delete it, or set unmanaged = \"delete\"."
		if b.By.KeptByCloudflare() {
			way = "Cloudflare keeps that record itself (mail routing, a tunnel, an app): take it away there, or choose another name."
		}
		diags.AddAttributeError(declared.at(b.Wanted.Key), fmt.Sprintf("%s: %s %s is in the way", declared.where(b.Wanted.Key), b.By.Type, b.By.Name),
			fmt.Sprintf("A CNAME stands alone at its name (RFC 1034 section 3.6.2). The zone has\n  %s\nwith id %s. %s", zonefile.Line(b.By), b.By.ID, way))
	}
	if kept := slices.DeleteFunc(slices.Clone(d.Unmanaged), func(r cloudflare.Record) bool { return !r.KeptByCloudflare() }); len(kept)+len(d.Kept) > 0 && m.Unmanaged.ValueString() != unmanagedKeep || len(d.Kept) > 0 {
		for _, key := range sortedKeys(d.Kept) {
			kept = append(kept, d.Kept[key])
		}
		diags.AddWarning(ofZone(len(kept), zone.Name, "left alone"),
			"Cloudflare keeps them itself (mail routing, tunnels, apps): they are not owned, changed or deleted here.\n\n"+listRecords(kept))
	}
	if m.Unmanaged.ValueString() == unmanagedFail {
		keep := m.keeps(zone.Name)
		if foreign := slices.DeleteFunc(slices.Clone(d.Unmanaged), func(r cloudflare.Record) bool { return r.KeptByCloudflare() || keep(r) }); len(foreign) > 0 {
			diags.AddAttributeError(path.Root("unmanaged"), ofZone(len(foreign), zone.Name, "not declared"),
				"unmanaged is \"fail\". Declare them, delete them, or name in ignore what other resources own:\n\n"+listRecords(foreign))
		}
	}
	if goes := foreignDeletions(d.Ops, ids); len(goes) > 0 {
		diags.AddWarning(ofZone(len(goes), zone.Name, "deleted that nobody declares"), "unmanaged is \"delete\".\n\n"+listRecords(goes))
	}
	if goes := vanishing(d.Ops); 2*len(goes) > len(existing) && !m.AllowMassDelete.ValueBool() {
		diags.AddAttributeError(path.Root("allow_mass_delete"), fmt.Sprintf("%d of the %d records of %s would be deleted", len(goes), len(existing), zone.Name),
			"That is more than half of the zone. If it is meant, set allow_mass_delete = true.\n\n"+listRecords(goes))
	}
	most, words := zone.RecordQuota()
	if after := len(existing) + cloudflare.Growth(d.Ops); most > 0 && after > most && len(existing) <= most && cloudflare.Growth(d.Ops) > 0 {
		diags.AddWarning(fmt.Sprintf("%s would have %d records, more than its plan is said to take", zone.Name, after),
			fmt.Sprintf("The plan %s takes %s. Cloudflare decides at apply; what does not fit is refused there.", zone.Plan, words))
	}
}

// declareAll tells the other resources of the run what is declared here, and
// refuses what one of them declares or holds.
func (r *zoneRecordsResource) declareAll(zone cloudflare.Zone, declared declarations, d cloudflare.Difference, who string, diags *diag.Diagnostics) {
	adopted := map[string]bool{}
	for _, record := range d.Adopted {
		adopted[record.ID] = true
	}
	for _, o := range d.Ops {
		if o.Kind == cloudflare.OpDelete && !r.shared.records.condemn(o.Record.ID, who) {
			addCondemned(diags, o.Record)
		}
	}
	for _, w := range declared.wanted {
		standing, exists := d.Standing[w.Key]
		first, both := r.shared.records.declare(zone.ID+onceKey(w.Record), who, exists && !adopted[standing.ID])
		switch {
		case !first && !both:
			diags.AddAttributeError(declared.at(w.Key), fmt.Sprintf("%s %s is declared twice", w.Record.Type, w.Record.Name),
				"Another resource of this configuration declares this record. Remove it there or here.")
		case exists && adopted[standing.ID] && !r.shared.records.adopt(standing.ID, who):
			addHeldTwice(diags, standing)
		case exists && !adopted[standing.ID] && !r.shared.records.hold(standing.ID, who):
			addHeldTwice(diags, standing)
		}
	}
}

// refuseDestroy guards what was there before: a block that is removed by mistake,
// or a replacement, must not take a client's whole zone with it.
func (r *zoneRecordsResource) refuseDestroy(ctx context.Context, client *cloudflare.Client, state *zoneRecordsModel, diags *diag.Diagnostics) {
	if state.AllowMassDelete.ValueBool() {
		return
	}
	existing, err := client.Records(ctx, state.ZoneID.ValueString())
	if err != nil {
		addAPIError(diags, path.Root("zone"), "list the records of "+state.Zone.ValueString(), err)
		return
	}
	goes := slices.DeleteFunc(state.older(existing), func(record cloudflare.Record) bool { return r.shared.records.wrote(record.ID) })
	if 2*len(goes) > len(existing) {
		diags.AddError(fmt.Sprintf("%d of the %d records of %s would be deleted", len(goes), len(existing), state.Zone.ValueString()),
			"They were in the zone before this resource took them over, and are more than half of it. If they are to go, set allow_mass_delete = true and apply before the resource is destroyed or replaced. "+
				"If the resource was renamed, say so in a moved block; if it is tainted, terraform untaint keeps it. "+
				"To leave the records in the zone, take the resource out of the state: terraform state rm, or a removed block with destroy = false.\n\n"+listRecords(goes))
	}
}

// foreignDeletions are the records that go although they were never owned.
func foreignDeletions(ops []cloudflare.Op, ids map[string]string) []cloudflare.Record {
	ours := map[string]bool{}
	for _, id := range ids {
		ours[id] = true
	}
	var out []cloudflare.Record
	for _, o := range ops {
		if o.Kind == cloudflare.OpDelete && !ours[o.Record.ID] {
			out = append(out, o.Record)
		}
	}
	return out
}

// vanishing are the records that go without another one of their name in their
// place.
func vanishing(ops []cloudflare.Op) []cloudflare.Record {
	written := map[string]bool{}
	for _, o := range ops {
		if o.Kind != cloudflare.OpDelete {
			written[o.Record.Name] = true
		}
	}
	var out []cloudflare.Record
	for _, o := range ops {
		if o.Kind == cloudflare.OpDelete && !written[o.Record.Name] {
			out = append(out, o.Record)
		}
	}
	return out
}

// ofZone says what some records of a zone are.
func ofZone(n int, zone, what string) string {
	if n == 1 {
		return fmt.Sprintf("1 record of %s is %s", zone, what)
	}
	return fmt.Sprintf("%d records of %s are %s", n, zone, what)
}

func sortedRecords(all []cloudflare.Record) []cloudflare.Record {
	out := slices.Clone(all)
	slices.SortFunc(out, cloudflare.CompareRecords)
	return out
}

// listRecords shows the first of many, a line each.
func listRecords(all []cloudflare.Record) string {
	const most = 20
	var b strings.Builder
	for i, record := range sortedRecords(all) {
		if i == most {
			fmt.Fprintf(&b, "  and %d more\n", len(all)-most)
			break
		}
		value := zonefile.Value(record)
		if len(value) > 60 {
			value = strings.ToValidUTF8(value[:60], "") + "..."
		}
		fmt.Fprintf(&b, "  %s %s %s\n", record.Name, record.Type, value)
	}
	return b.String()
}
