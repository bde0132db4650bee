package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = &zoneDataSource{}

type zoneDataSource struct{ shared *shared }

func newZoneDataSource() datasource.DataSource { return &zoneDataSource{} }

type zoneModel struct {
	Zone        types.String `tfsdk:"zone"`
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	AccountID   types.String `tfsdk:"account_id"`
	Status      types.String `tfsdk:"status"`
	Type        types.String `tfsdk:"type"`
	Plan        types.String `tfsdk:"plan"`
	Paused      types.Bool   `tfsdk:"paused"`
	NameServers types.List   `tfsdk:"name_servers"`
}

func (d *zoneDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_zone"
}

func (d *zoneDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	computed := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A zone of the Cloudflare account.",
		Attributes: map[string]schema.Attribute{
			"zone":         schema.StringAttribute{Required: true, MarkdownDescription: "Domain name or id of the zone.", Validators: []validator.String{notBlank()}},
			"id":           computed("Id of the zone."),
			"name":         computed("Domain name of the zone."),
			"account_id":   computed("Id of the account that owns it."),
			"status":       computed("`active` if Cloudflare serves it; else `pending`, `initializing` or `moved`."),
			"type":         computed("`full`, `partial`, `secondary` or `internal`."),
			"plan":         computed("`free`, `pro`, `business` or `enterprise`."),
			"paused":       schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the proxy is off for all names."},
			"name_servers": schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Name servers that the registrar must delegate to."},
		},
	}
}

func (d *zoneDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.shared, _ = req.ProviderData.(*shared)
}

func (d *zoneDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	ctx = d.shared.logging(ctx)
	var model zoneModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	client, diags := d.shared.client()
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	zone, err := client.Zone(ctx, model.Zone.ValueString())
	if err != nil {
		addAPIError(&resp.Diagnostics, path.Root("zone"), "read zone "+model.Zone.ValueString(), err)
		return
	}
	model.ID, model.Name, model.AccountID = types.StringValue(zone.ID), types.StringValue(zone.Name), types.StringValue(zone.AccountID)
	model.Status, model.Type, model.Plan = types.StringValue(zone.Status), types.StringValue(zone.Type), types.StringValue(zone.Plan)
	model.Paused = types.BoolValue(zone.Paused)
	model.NameServers, diags = types.ListValueFrom(ctx, types.StringType, zone.NameServers)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
