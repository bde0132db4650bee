package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/zonefile"
)

// What happens to the records of the zone that are not declared.
const (
	unmanagedKeep   = "keep"
	unmanagedDelete = "delete"
	unmanagedFail   = "fail"
)

var (
	_ resource.ResourceWithModifyPlan     = &zoneRecordsResource{}
	_ resource.ResourceWithImportState    = &zoneRecordsResource{}
	_ resource.ResourceWithValidateConfig = &zoneRecordsResource{}
)

// zoneRecordsResource is the record set of a zone as one resource.
type zoneRecordsResource struct{ shared *shared }

func newZoneRecordsResource() resource.Resource { return &zoneRecordsResource{} }

func (r *zoneRecordsResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_zone_records"
}

func (r *zoneRecordsResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The records of a zone, declared together: as the map `records`, or as the text of a `zone_file`. " +
			"All reads take one list call, and writes travel in batches, each of them a transaction that is carried out whole or not at all. " +
			"All changes of one name are in one batch, so no name is empty in between.\n\n" +
			"A record that is there already with the same name, type and value is taken over as it is and set as declared. " +
			"Records that Cloudflare keeps itself (mail routing, tunnels) are left alone. " +
			"A record belongs to one resource: do not declare it here and in another one, and with `unmanaged = \"delete\"` or `\"fail\"` name in `ignore` what other resources own.\n\n" +
			"Import by the zone's name or id; `terraform plan -generate-config-out=zone.tf` then writes the whole zone as configuration.",
		Attributes: map[string]schema.Attribute{
			"id":      schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the zone."},
			"zone_id": schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the zone."},
			"plan":    schema.StringAttribute{Computed: true, MarkdownDescription: "Plan of the zone: it decides how many writes go in one batch, 200 on `free` and 3,500 on the others."},
			"zone": schema.StringAttribute{
				Required: true, MarkdownDescription: "Zone by domain name or by id. A change of zone replaces the resource.",
				Validators: []validator.String{notBlank()},
			},
			"records": schema.MapAttribute{
				Optional: true, ElementType: recordsType().ElemType, MarkdownDescription: recordsDescription(),
			},
			"zone_file": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Records as a zone file (RFC 1035 section 5), with `$ORIGIN`, `$TTL`, parentheses and comments; `$INCLUDE` and `$GENERATE` are not read. " +
					"Names are relative to the zone. A record without a TTL and without `$TTL` is automatic. The comment at the end of a line is the record's comment, " +
					"and `cf_tags=` in it is read as in Cloudflare's own export: `; The site cf_tags=cf-proxied:true,team:web`. " +
					"The SOA record and the zone's own name servers are passed over: Cloudflare sets these.",
			},
			"unmanaged": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(unmanagedKeep),
				MarkdownDescription: "What to do with records of the zone that are not declared: `keep` them, `delete` them, or `fail` the plan and name them. Default: `keep`.",
				Validators:          []validator.String{stringvalidator.OneOf(unmanagedKeep, unmanagedDelete, unmanagedFail)},
			},
			"ignore": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Records that are kept whatever `unmanaged` says, as `NAME` or `TYPE NAME`; `*` stands for any run of characters, such as `_acme-challenge*` or `TXT _dmarc`. Names are relative to the zone.",
				Validators:          []validator.List{listvalidator.ValueStringsAre(notBlank())},
			},
			"allow_mass_delete": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "Whether one plan may delete more than half of the zone's records. Destroying the resource counts only records that were there before it: to destroy a zone that was imported, set this first and apply. Default: `false`.",
			},
			"record_ids": schema.MapAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Ids of the records: by the keys of `records`, or by type, name and value.",
			},
			"since": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "When this resource began to own records (RFC 3339): records of it that are older were in the zone before.",
			},
		},
	}
}

func recordsDescription() string {
	return "Records by a key that does not change: it stands for the record in plans and messages. A record has\n\n" +
		"  - `name` (required): relative to the zone (`www`), full (`www.acme.example`), or `@` for the zone itself;\n" +
		"  - `type` (required): one of `" + joinCode(zonefile.Types()) + "`;\n" +
		"  - `content` (required): the value as in a zone file, such as `198.51.100.10`, `10 mail.acme.example` for MX or `0 issue \"letsencrypt.org\"` for CAA. " +
		"Hosts are full names; the final dot makes no difference. TXT is written plainly, without quotes;\n" +
		"  - `ttl`: seconds, 60 to 86400 (30 on Enterprise), or 1 for automatic, which is the default;\n" +
		"  - `proxied`: whether Cloudflare's edge stands before the name (A, AAAA and CNAME only). Default: `false`;\n" +
		"  - `comment`: for people, 100 characters on Free, 500 on paid plans;\n" +
		"  - `tags`: `name:value`, with commas between (`\\,` is a comma within a tag), on paid plans; their order makes no difference."
}

func (r *zoneRecordsResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.shared, _ = req.ProviderData.(*shared)
}

// ValidateConfig says what can be known without the zone: it is where editors see it.
func (r *zoneRecordsResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var model zoneRecordsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if model.Records.IsNull() == model.ZoneFile.IsNull() && !model.Records.IsUnknown() && !model.ZoneFile.IsUnknown() {
		resp.Diagnostics.AddAttributeError(path.Root("records"), "Either records or zone_file",
			"The record set is declared by one of the arguments records and zone_file: give exactly one of them.")
		return
	}
	if model.Zone.IsUnknown() || isZoneID(model.Zone.ValueString()) {
		return
	}
	_, _, diags := model.declared(model.Zone.ValueString())
	resp.Diagnostics.Append(diags...)
}
