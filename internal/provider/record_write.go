package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// conflictPatience is how long a write waits for a record in its way to go:
// another resource of the same apply may be about to move or delete it.
const conflictPatience = 4 * time.Second

// prepare finds what a write needs: the client, the zone and the record to
// send. known is false while a part of the record is unknown.
func (r *recordResource[M, P]) prepare(ctx context.Context, plan P, diags *diag.Diagnostics) (client *cloudflare.Client, zone cloudflare.Zone, wanted cloudflare.Record, known bool) {
	client, more := r.shared.client()
	diags.Append(more...)
	if diags.HasError() {
		return nil, zone, wanted, false
	}
	name := plan.frame().Zone.ValueString()
	zone, err := client.Zone(ctx, name)
	if err != nil {
		addAPIError(diags, path.Root("zone"), "find zone "+name, err)
		return nil, zone, wanted, false
	}
	wanted, known, more = request(plan, zone.Name)
	diags.Append(more...)
	return client, zone, wanted, known
}

func (r *recordResource[M, P]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	ctx = r.shared.logging(ctx)
	r.shared.applies()
	plan := P(new(M))
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	client, zone, wanted, _ := r.prepare(ctx, plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	wanted.ID = ""
	var written cloudflare.Record
	r.patiently(ctx, client, zone, plan, wanted, "create", &resp.Diagnostics, func(adoptee *cloudflare.Record) (err error) {
		key := journalKey(zone.ID, plan.once(wanted))
		r.shared.journal().begin(key)
		written, err = r.place(ctx, client, zone, wanted, adoptee)
		switch {
		case err == nil:
			r.shared.journal().made(key)
		case !cloudflare.Uncertain(err):
			r.shared.journal().end(key)
		}
		return err
	})
	if resp.Diagnostics.HasError() {
		return
	}
	r.keep(plan, written, zone)
	plan.frame().identify(ctx, resp.Identity, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// place creates the record, or adopts one. A record that went away meanwhile is
// created: another resource that held it was destroyed first.
func (r *recordResource[M, P]) place(ctx context.Context, client *cloudflare.Client, zone cloudflare.Zone, wanted cloudflare.Record, adoptee *cloudflare.Record) (cloudflare.Record, error) {
	if adoptee != nil {
		defer r.shared.records.lock(adoptee.ID)()
		r.shared.records.write(adoptee.ID, true)
		wanted.ID = adoptee.ID
		written, err := client.UpdateRecord(ctx, zone.ID, wanted)
		if err == nil {
			r.shared.handover().took(adoptee.ID)
			return written, nil
		}
		r.shared.records.write(adoptee.ID, false) // not ours after all: whoever holds it may delete it
		var gone *cloudflare.Error
		if !errors.As(err, &gone) || !gone.NotFound() {
			return written, err
		}
		wanted.ID = ""
	}
	written, err := client.CreateRecord(ctx, zone.ID, wanted)
	if err == nil {
		r.shared.records.write(written.ID, true)
	}
	return written, err
}

// patiently runs a write once nothing stands in its way, or says what does.
func (r *recordResource[M, P]) patiently(ctx context.Context, client *cloudflare.Client, zone cloudflare.Zone, plan P, wanted cloudflare.Record, doing string, diags *diag.Diagnostics, write func(adoptee *cloudflare.Record) error) {
	for deadline := time.Now().Add(conflictPatience); ; {
		records, err := client.Records(ctx, zone.ID)
		if err != nil {
			addAPIError(diags, path.Root("zone"), "list the records of "+zone.Name, err)
			return
		}
		rivals, adoptee := r.rivals(zone, plan, records, wanted)
		if wanted.ID != "" {
			adoptee = nil // an update has its record already
		}
		if adoptee != nil && r.shared.records.wrote(adoptee.ID) {
			addDeclaredTwice(diags, wanted)
			return
		}
		inTime := time.Now().Before(deadline)
		if len(rivals) == 0 || adoptee != nil {
			err := write(adoptee)
			if err == nil {
				return
			}
			if !inTime || !isConflict(err) {
				addAPIError(diags, path.Empty(), fmt.Sprintf("%s %s %s", doing, wanted.Type, wanted.Name), err)
				return
			}
			client.Invalidate(zone.ID) // the zone holds what the snapshot did not show
		} else if !inTime {
			diags.AddError(fmt.Sprintf("%s %s is already in the zone", wanted.Type, wanted.Name), conflictAdvice(r.name, zone, rivals))
			return
		}
		select {
		case <-ctx.Done():
			diags.AddError(fmt.Sprintf("Could not %s %s %s", doing, wanted.Type, wanted.Name), ctx.Err().Error())
			return
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// isConflict reports whether Cloudflare refused a record for another one's sake.
func isConflict(err error) bool {
	var e *cloudflare.Error
	return errors.As(err, &e) && slices.Contains([]int{81053, 81054, 81057, 81058}, e.Code)
}

func (r *recordResource[M, P]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	ctx = r.shared.logging(ctx)
	r.shared.applies()
	plan, state := P(new(M)), P(new(M))
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	client, zone, wanted, _ := r.prepare(ctx, plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	written := wanted
	if !cloudflare.AsWritten(current(state), wanted) { // else only the words have changed
		defer r.shared.records.leave(wanted.ID)()
		r.shared.records.give(zone.ID, current(state))
		r.patiently(ctx, client, zone, plan, wanted, "update", &resp.Diagnostics, func(*cloudflare.Record) (err error) {
			written, err = client.UpdateRecord(ctx, zone.ID, wanted)
			return err
		})
	}
	if resp.Diagnostics.HasError() {
		return
	}
	r.keep(plan, written, zone)
	plan.frame().identify(ctx, resp.Identity, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (r *recordResource[M, P]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	ctx = r.shared.logging(ctx)
	r.shared.applies()
	state := P(new(M))
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	f := state.frame()
	if r.shared.handover().passes(f.ID.ValueString()) {
		return // another resource of this apply takes it over where it stands
	}
	defer r.shared.records.leave(f.ID.ValueString())()
	defer r.shared.records.lock(f.ID.ValueString())()
	if r.shared.records.wrote(f.ID.ValueString()) {
		return // another resource of this apply has adopted it: it is no longer ours
	}
	r.shared.records.give(f.ZoneID.ValueString(), current(state))
	if err := client.DeleteRecord(ctx, f.ZoneID.ValueString(), current(state)); err != nil {
		addAPIError(&resp.Diagnostics, path.Empty(), "delete "+f.FQDN.ValueString(), err)
		return
	}
	r.shared.prober.Flush()
}

// keep writes what the server made of the record into the model and forgets
// what resolvers said before.
func (r *recordResource[M, P]) keep(model P, written cloudflare.Record, zone cloudflare.Zone) {
	r.shared.prober.Flush()
	model.frame().note(written, zone)
	model.settle(written)
}
