package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/zonefile"
)

// ModifyPlan compares what is asked for with what the state says is there, as
// Cloudflare stores it: the same thing said in other words is no change.
func (r *recordResource[M, P]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	r.shared.plans()
	if req.Plan.Raw.IsNull() {
		r.leave(ctx, req, resp)
		return
	}
	ctx = r.shared.logging(ctx)
	plan := P(new(M))
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	if resp.Diagnostics.HasError() || plan.frame().Zone.IsUnknown() || r.shared == nil || r.shared.waitsFor("cloudflare") != "" {
		return
	}
	client, zone, wanted, known := r.prepare(ctx, plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	who := fingerprint(req.Config.Raw)
	create, moved := req.State.Raw.IsNull(), false
	if !create {
		state := P(new(M))
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
		if resp.Diagnostics.HasError() {
			return
		}
		if state.frame().ZoneID.ValueString() != zone.ID {
			resp.RequiresReplace = append(resp.RequiresReplace, path.Root("zone"))
			return // planned again, as a creation
		}
		moved = known && wanted.Name != state.frame().FQDN.ValueString()
		// What leaves its name may be taken there by another resource.
		switch id := state.frame().ID.ValueString(); {
		case moved:
		case r.shared.records.condemned(id, who):
			addCondemned(&resp.Diagnostics, current(state))
		case !r.shared.records.hold(id, who):
			addHeldTwice(&resp.Diagnostics, current(state))
		}
		if known {
			r.declareOnce(&resp.Diagnostics, zone.ID+plan.once(wanted), who, wanted, true)
		}
		if known && cloudflare.AsWritten(current(state), wanted) {
			raw, err := keepWords(req.Config.Raw, req.State.Raw, req.Plan.Raw)
			if err != nil {
				resp.Diagnostics.AddError("Could not compare plan and state", err.Error())
			}
			resp.Plan.Raw = raw
			return
		}
	} else if known {
		r.declareOnce(&resp.Diagnostics, zone.ID+plan.once(wanted), who, wanted, false)
	}
	if !known {
		return
	}
	f := plan.frame()
	f.ZoneID, f.FQDN = textOf(zone.ID), textOf(wanted.Name)
	plan.unsettle(wanted)
	checkPlanLimits(&resp.Diagnostics, zone, wanted)
	if create || moved {
		records := r.foresee(ctx, client, zone, plan, wanted, who, create, &resp.Diagnostics)
		if model, ok := any(plan).(adopter); ok && create {
			wanted = model.adopting(r.origin(zone, plan, records, wanted), wanted, &resp.Diagnostics)
			plan.unsettle(wanted)
		}
	}
	if r.verify != nil && !resp.Diagnostics.HasError() {
		r.verify(ctx, r.shared, plan, wanted, zone, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// leave tells the apply that comes after this plan which record is given up.
func (r *recordResource[M, P]) leave(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	state := P(new(M))
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	if r.shared != nil && !resp.Diagnostics.HasError() {
		r.shared.handover().leave(state.frame().ID.ValueString())
	}
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

// declareOnce refuses a second declaration of what exists once. Where both are
// in the state already it only warns: an error would stop their removal too.
func (r *recordResource[M, P]) declareOnce(diags *diag.Diagnostics, what, who string, wanted cloudflare.Record, exists bool) {
	switch first, both := r.shared.records.declare(what, who, exists); {
	case first:
	case both:
		diags.AddWarning(fmt.Sprintf("%s %s is declared twice", wanted.Type, wanted.Name),
			"Two resources of this configuration hold this record, of which there can be only one. Remove one of them.")
	default:
		addDeclaredTwice(diags, wanted)
	}
}

// foresee says at plan time what will stand in the way at apply. A record that
// is in the way now may be moved or deleted by the same plan, so this is a
// warning; that two resources want one record is an error. It costs one shared
// list call for all records of the zone, which are returned.
func (r *recordResource[M, P]) foresee(ctx context.Context, client *cloudflare.Client, zone cloudflare.Zone, plan P, wanted cloudflare.Record, who string, create bool, diags *diag.Diagnostics) (records []cloudflare.Record) {
	records, err := client.Records(ctx, zone.ID)
	if err != nil {
		addAPIError(diags, path.Root("zone"), "list the records of "+zone.Name, err)
		return nil
	}
	rivals, adoptee := r.rivals(zone, plan, records, wanted)
	if create && len(rivals) == 1 && onlyKey(wanted) != "" && plan.rival(rivals[0], wanted) == adoptable {
		r.shared.handover().want(rivals[0].ID)
	}
	switch {
	case len(rivals) == 0:
	case create && adoptee != nil:
		if !r.shared.records.adopt(adoptee.ID, who) {
			addHeldTwice(diags, *adoptee)
		} else if !r.shared.records.holder(adoptee.ID) {
			diags.AddWarning(fmt.Sprintf("%s %s is taken over", wanted.Type, wanted.Name),
				fmt.Sprintf("The zone has it already, and it is set as declared. It is owned from then on: destroying the resource deletes it.\n\n  %s  %s", adoptee.ID, zonefile.Line(*adoptee)))
		} else {
			diags.AddWarning(fmt.Sprintf("%s %s is held already, by this resource or by its equal", wanted.Type, wanted.Name),
				"If this resource is being replaced, all is well. If another resource says the same, remove one of them: both would hold one record, and removing either would delete it.")
		}
	case slices.ContainsFunc(rivals, func(e cloudflare.Record) bool { return r.shared.records.holder(e.ID) }):
		if create {
			diags.AddWarning(fmt.Sprintf("%s %s is held by another resource of this configuration", wanted.Type, wanted.Name),
				"If a resource was renamed, say so in a moved block: else the apply waits for a moment for the other to give the record up, and fails if it does not.")
		}
	default:
		diags.AddWarning(fmt.Sprintf("%s %s is already in the zone", wanted.Type, wanted.Name),
			"The apply will refuse it, unless another resource of this configuration gives it up.\n\n"+conflictAdvice(r.name, zone, rivals))
	}
	return records
}

// origin is the record whose place a new one takes, and whose text the model may
// keep a part of; of several none is meant. Plan and apply must find the same in
// whatever order Terraform goes through the resources, and neither knows what the
// others are about to do. So it makes no difference who holds the record, nor
// whether another resource of this apply has changed or deleted it a moment ago:
// it counts as it was.
func (r *recordResource[M, P]) origin(zone cloudflare.Zone, model P, records []cloudflare.Record, wanted cloudflare.Record) cloudflare.Record {
	found := map[string]cloudflare.Record{}
	for _, existing := range slices.Concat(r.shared.records.before(zone.ID), records) { // what is there now comes last, and counts
		if !existing.ReadOnly && model.rival(existing, wanted) == adoptable {
			found[existing.ID] = existing
		}
	}
	if len(found) != 1 {
		return cloudflare.Record{}
	}
	return slices.Collect(maps.Values(found))[0]
}

// rivals lists the records that stand in the way, and the one that can be adopted
// if there is no doubt which is meant: because adoption is wanted, because the
// plan of this run gives it up, or because an apply that was interrupted was
// making just this one.
func (r *recordResource[M, P]) rivals(zone cloudflare.Zone, model P, records []cloudflare.Record, wanted cloudflare.Record) (rivals []cloudflare.Record, adoptee *cloudflare.Record) {
	takeable, run := true, r.shared.records
	for _, existing := range records {
		if existing.ID == wanted.ID || existing.ReadOnly || run.leaves(existing.ID) {
			continue
		}
		switch model.rival(existing, wanted) {
		case inTheWay:
			if run.wrote(existing.ID) {
				continue // declared beside it in this very apply
			}
			takeable = false
			rivals = append(rivals, existing)
		case adoptable:
			rivals = append(rivals, existing)
		}
	}
	slices.SortFunc(rivals, func(a, b cloudflare.Record) int { return strings.Compare(a.ID, b.ID) })
	if len(rivals) != 1 || !takeable {
		return rivals, nil
	}
	if model.frame().OnConflict.ValueString() == conflictAdopt ||
		r.shared.handover().leaves(rivals[0].ID) && !run.wrote(rivals[0].ID) ||
		cloudflare.Identical(rivals[0], wanted) && r.shared.journal().interrupted(journalKey(zone.ID, model.once(wanted))) {
		adoptee = &rivals[0]
	}
	return rivals, adoptee
}

func conflictAdvice(resourceName string, zone cloudflare.Zone, rivals []cloudflare.Record) string {
	var b strings.Builder
	b.WriteString("Already there:\n")
	for _, e := range rivals {
		fmt.Fprintf(&b, "  %s  %s %s %s\n", e.ID, e.Name, e.Type, e.Content)
	}
	fmt.Fprintf(&b, "\nTake one over as it is with\n  terraform import launchready_%s.<name> %s/%s\n", resourceName, zone.Name, rivals[0].ID)
	b.WriteString("or, if a resource of this configuration was renamed, say so in a moved block, or delete the record by hand.")
	if len(rivals) == 1 {
		b.WriteString(" With on_conflict = \"adopt\" this resource takes over a record that is the only one it could mean.")
	} else {
		b.WriteString(" on_conflict = \"adopt\" takes over a record only where there is no doubt which.")
	}
	b.WriteString(" Several addresses of one name are declared with on_conflict = \"fail\".")
	return b.String()
}

func addDeclaredTwice(diags *diag.Diagnostics, record cloudflare.Record) {
	diags.AddError(fmt.Sprintf("%s %s is declared twice", record.Type, record.Name),
		"Two resources of this configuration declare this record, of which there can be only one. Remove one of them, or join what they say.")
}

func addHeldTwice(diags *diag.Diagnostics, record cloudflare.Record) {
	diags.AddError(fmt.Sprintf("%s %s belongs to another resource", record.Type, record.Name),
		fmt.Sprintf("One resource of this configuration holds record %s and another would adopt it. "+
			"If a resource was renamed, say so in a moved block; if both are meant, set on_conflict = \"fail\".", record.ID))
}

func addCondemned(diags *diag.Diagnostics, record cloudflare.Record) {
	diags.AddError(fmt.Sprintf("%s %s belongs to another resource", record.Type, record.Name),
		fmt.Sprintf("One resource of this configuration holds record %s and a launchready_zone_records would delete it. "+
			"If that has unmanaged = \"delete\", name it in ignore there. If it held the record before and another took it over in an apply with -target, "+
			"take the other out of the state (terraform state rm) and apply both at once.", record.ID))
}
