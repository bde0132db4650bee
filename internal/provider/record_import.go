package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// importer is a model that knows which records of a zone an import by name means.
type importer interface {
	// imports reports whether a record is meant by what was written after the zone.
	imports(record cloudflare.Record, rest, zone string) bool
}

// ImportState takes a zone and a record's id, or a zone and a name that people
// use. Read fills in the rest.
func (r *recordResource[M, P]) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ctx = r.shared.logging(ctx)
	client, diags := r.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	zoneName, rest, _ := strings.Cut(req.ID, "/")
	if req.ID == "" && req.Identity != nil {
		var identity recordIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		if resp.Diagnostics.HasError() {
			return
		}
		zoneName, rest = identity.ZoneID.ValueString(), identity.ID.ValueString()
	}
	zone, err := client.Zone(ctx, zoneName)
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Empty(), "find zone "+zoneName, err)
		return
	}
	records, err := client.Records(ctx, zone.ID)
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Empty(), "list the records of "+zone.Name, err)
		return
	}
	model := P(new(M))
	var matches []cloudflare.Record
	for _, record := range records {
		if byName, ok := any(model).(importer); record.ID == rest || (ok && byName.imports(record, rest, zone.Name)) {
			matches = append(matches, record)
		}
	}
	if len(matches) != 1 {
		r.refuseImport(zoneName+"/"+rest, zone, matches, &resp.Diagnostics)
		return
	}
	f := model.frame()
	f.Zone = types.StringValue(zoneName)
	model.observe(matches[0], zone.Name)
	f.note(matches[0], zone)
	f.identify(ctx, resp.Identity, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func (r *recordResource[M, P]) refuseImport(id string, zone cloudflare.Zone, matches []cloudflare.Record, diags *diag.Diagnostics) {
	if len(matches) == 0 {
		diags.AddError("Nothing to import", fmt.Sprintf("%q names no record of zone %s. Write %s.", id, zone.Name, r.forms))
		return
	}
	var b strings.Builder
	for _, m := range matches {
		fmt.Fprintf(&b, "  %s/%s  %s %s %s\n", zone.Name, m.ID, m.Name, m.Type, m.Content)
	}
	diags.AddError("Several records have that name", fmt.Sprintf("%q names more than one record. Import one of them by its id:\n%s", id, b.String()))
}
