package provider

import (
	"context"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/edgeranges"
)

// cloudflareRangesDataSource tells the address ranges of the edge, from the list
// in this program: no call, and no plan that changes by itself.
type cloudflareRangesDataSource struct{}

type cloudflareRangesModel struct {
	IPv4 []string     `tfsdk:"ipv4_cidrs"`
	IPv6 []string     `tfsdk:"ipv6_cidrs"`
	Date types.String `tfsdk:"date"`
}

func newCloudflareRangesDataSource() datasource.DataSource { return cloudflareRangesDataSource{} }

func (cloudflareRangesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_cloudflare_ranges"
}

func (cloudflareRangesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	list := func(family string) schema.Attribute {
		return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: family + " ranges, sorted."}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Address ranges of Cloudflare's edge, as published at https://www.cloudflare.com/ips/ and kept in the provider.",
		Attributes: map[string]schema.Attribute{
			"ipv4_cidrs": list("IPv4"), "ipv6_cidrs": list("IPv6"),
			"date": schema.StringAttribute{Computed: true, MarkdownDescription: "Day of the copy that the lists were last compared with."},
		},
	}
}

func (cloudflareRangesDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.Diagnostics.Append(resp.State.Set(ctx, cloudflareRangesModel{
		IPv4: prefixTexts(edgeranges.IPv4()), IPv6: prefixTexts(edgeranges.IPv6()), Date: types.StringValue(edgeranges.Date),
	})...)
}

func prefixTexts(prefixes []netip.Prefix) []string {
	out := make([]string, len(prefixes))
	for i, p := range prefixes {
		out[i] = p.String()
	}
	return out
}
