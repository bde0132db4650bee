package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

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

// IdentitySchema names a record by its ids, which it keeps for life.
func (r *recordResource[M, P]) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"zone_id": identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the zone."},
		"id":      identityschema.StringAttribute{RequiredForImport: true, Description: "Id of the record."},
	}}
}

type recordIdentity struct {
	ZoneID types.String `tfsdk:"zone_id"`
	ID     types.String `tfsdk:"id"`
}

// identify writes the identity of a record; older programs have none to write.
func (f *recordFrame) identify(ctx context.Context, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	if identity != nil {
		diags.Append(identity.Set(ctx, recordIdentity{f.ZoneID, f.ID})...)
	}
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

func (r *recordResource[M, P]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	ctx = r.shared.logging(ctx)
	state := P(new(M))
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	state.frame().identify(ctx, resp.Identity, &resp.Diagnostics) // of what is gone too
	client := r.shared.refresher("the record is taken to be as it was", &resp.Diagnostics)
	if client == nil {
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
	if cloudflare.AsWritten(record, current(state)) {
		state.settle(record)
	} else {
		state.observe(record, zone.Name)
	}
	state.frame().note(record, zone)
	r.shared.journal().end(journalKey(zone.ID, state.once(current(state))))
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}
