package provider

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/zonefile"
)

// dnsRecordsDataSource lists the records of a zone.
type dnsRecordsDataSource struct{ shared *shared }

func newDNSRecordsDataSource() datasource.DataSource { return &dnsRecordsDataSource{} }

type dnsRecordsModel struct {
	Zone     types.String   `tfsdk:"zone"`
	Names    types.List     `tfsdk:"names"`
	Types    types.List     `tfsdk:"types"`
	Proxied  types.Bool     `tfsdk:"proxied"`
	ID       types.String   `tfsdk:"id"`
	Records  []listedRecord `tfsdk:"records"`
	WebHosts types.List     `tfsdk:"web_hosts"`
	ByType   types.Map      `tfsdk:"by_type"`
}

// listedRecord is a record as the data source shows it.
type listedRecord struct {
	ID      types.String `tfsdk:"id"`
	Name    types.String `tfsdk:"name"`
	Type    types.String `tfsdk:"type"`
	Content types.String `tfsdk:"content"`
	TTL     types.Int64  `tfsdk:"ttl"`
	Proxied types.Bool   `tfsdk:"proxied"`
	Comment types.String `tfsdk:"comment"`
	Tags    types.List   `tfsdk:"tags"`
	Managed types.Bool   `tfsdk:"managed"`
}

func (d *dnsRecordsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_dns_records"
}

func (d *dnsRecordsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Records of a zone, by one list call that all records of the zone share. Filters narrow the list; `web_hosts` and `by_type` are of what is left.",
		Attributes: map[string]schema.Attribute{
			"zone": schema.StringAttribute{Required: true, MarkdownDescription: "Zone by domain name or by id.", Validators: []validator.String{notBlank()}},
			"names": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Only records of these names, relative to the zone or full; `*` stands for any run of characters.",
				Validators:          []validator.List{listvalidator.ValueStringsAre(notBlank())},
			},
			"types": schema.ListAttribute{
				Optional: true, ElementType: types.StringType, MarkdownDescription: "Only records of these types.",
				Validators: []validator.List{listvalidator.ValueStringsAre(stringvalidator.OneOf(zonefile.Types()...))},
			},
			"proxied": schema.BoolAttribute{Optional: true, MarkdownDescription: "Only records that are, or are not, proxied."},
			"id":      text("Id of the zone."),
			"records": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "Records, sorted by name, type and content.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":      text("Id."),
					"name":    text("Full name."),
					"type":    text("Type."),
					"content": text("Value as in a zone file, such as `10 mail.acme.example` for MX; TXT plainly, without quotes."),
					"ttl":     schema.Int64Attribute{Computed: true, MarkdownDescription: "Seconds, or 1 for automatic."},
					"proxied": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether Cloudflare's edge stands before it."},
					"comment": text("Comment."),
					"tags":    schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Tags."},
					"managed": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether Cloudflare keeps it itself: mail routing, tunnels, apps."},
				}},
			},
			"web_hosts": schema.ListAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Names that serve a site: with an address or alias, but for wildcards, names of services, targets of MX and NS, and unproxied names that are by custom for mail, files or name service.",
			},
			"by_type": schema.MapAttribute{
				Computed: true, ElementType: types.ListType{ElemType: types.StringType},
				MarkdownDescription: "Names by record type, each once.",
			},
		},
	}
}

func (d *dnsRecordsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.shared, _ = req.ProviderData.(*shared)
}

func (d *dnsRecordsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	ctx = d.shared.logging(ctx)
	var model dnsRecordsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	client, diags := d.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	zone, all, err := zoneWithRecords(ctx, client, model.Zone.ValueString())
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Root("zone"), "list the records of "+model.Zone.ValueString(), err)
		return
	}
	chosen := sortedRecords(slices.DeleteFunc(slices.Clone(all), func(r cloudflare.Record) bool { return !model.wants(r, zone.Name) }))
	model.ID = types.StringValue(zone.ID)
	model.Records = []listedRecord{}
	byType := map[string][]string{}
	for _, r := range chosen {
		model.Records = append(model.Records, listedRecord{
			ID: types.StringValue(r.ID), Name: types.StringValue(r.Name), Type: types.StringValue(r.Type), Content: types.StringValue(zonefile.Value(r)),
			TTL: types.Int64Value(r.TTL), Proxied: types.BoolValue(r.Proxied), Comment: types.StringValue(r.Comment), Tags: idList(r.Tags),
			Managed: types.BoolValue(r.KeptByCloudflare()),
		})
		byType[r.Type] = append(byType[r.Type], r.Name)
	}
	// Which names serve a site shows only in the whole zone.
	web := cloudflare.WebHosts(all)
	model.WebHosts = idList(slices.DeleteFunc(web, func(name string) bool {
		return !slices.ContainsFunc(chosen, func(r cloudflare.Record) bool { return r.Name == name })
	}))
	lists := map[string]attr.Value{}
	for recordType, names := range byType {
		lists[recordType] = idList(slices.Compact(names))
	}
	model.ByType = types.MapValueMust(types.ListType{ElemType: types.StringType}, lists)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// wants reports whether a record passes the filters.
func (m *dnsRecordsModel) wants(r cloudflare.Record, zone string) bool {
	names, _ := stringsOf(m.Names)
	kinds, _ := stringsOf(m.Types)
	named := len(names) == 0 || slices.ContainsFunc(names, func(pattern string) bool {
		pattern = strings.ToLower(strings.TrimSuffix(pattern, "."))
		if full, err := cloudflare.NormalizeName(pattern, zone); err == nil && full == r.Name {
			return true
		}
		return readiness.MatchPattern(pattern, r.Name) || readiness.MatchPattern(pattern, relative(r.Name, zone))
	})
	return named && (len(kinds) == 0 || slices.Contains(kinds, r.Type)) && (m.Proxied.IsNull() || m.Proxied.ValueBool() == r.Proxied)
}
