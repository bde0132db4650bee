package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/edgeranges"
	"github.com/launchready/terraform-provider-launchready/internal/originguard"
)

func newZoneOriginProtectionResource() resource.Resource {
	return &settingsResource{kind: settingsKind{
		name: "origin_protection",
		settings: []zoneSetting{switchSetting("authenticated_origin_pulls", "tls_client_auth",
			"Show the origin Cloudflare's shared client certificate (global Authenticated Origin Pulls). It protects only if the origin verifies it: see `nginx_server`. Set it here or in `launchready_zone_tls`, not in both.")},
		outputs: originOutputs(), output: outputOrigin,
		doc: "What an origin needs to answer Cloudflare's edge and nobody else: the ranges of the edge (as of " + edgeranges.Date + "), the certificate that it shows, and snippets for nginx and firewalls. " +
			"The origin must refuse all else: `launchready_edge_check` with `origins` tries whether it does.\n\n" +
			"Ranges and the shared certificate let every customer of Cloudflare through, who can point a zone at the origin. A tunnel, or a certificate of the zone's own, does not. Import by zone name.",
	}}
}

func originOutputs() map[string]schema.Attribute {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	list := func(description string) schema.Attribute {
		return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"ipv4_cidrs":       list("IPv4 ranges of the edge."),
		"ipv6_cidrs":       list("IPv6 ranges of the edge."),
		"pull_certificate": text("Authority of the certificate that the edge shows with `authenticated_origin_pulls`, in PEM. Put it to `" + pullCertificatePath + "` for `nginx_server`."),
		"nginx_http":       text("Snippet for the `http` block of nginx."),
		"nginx_server":     text("Snippet for each `server` block of nginx, also the default one: who is not the edge is hung up on."),
		"nftables":         text("Table for `nft -f`: ports 80 and 443 take the edge alone, those that Docker publishes too. Loaded again, it takes the place of what it was."),
		"ufw":              text("The same as commands of ufw 0.36 and later, which may be run again. Delete earlier rules that allow 80 and 443 to everybody; what Docker publishes passes by ufw."),
	}
}

// pullCertificatePath is where the snippet for nginx looks for the authority.
const pullCertificatePath = "/etc/nginx/cloudflare-origin-pull-ca.pem"

func outputOrigin(ctx context.Context, into *tfsdk.State, diags *diag.Diagnostics) {
	ranges := originguard.Ranges{IPv4: edgeranges.IPv4(), IPv6: edgeranges.IPv6()}
	var pulls types.Bool
	diags.Append(into.GetAttribute(ctx, path.Root("authenticated_origin_pulls"), &pulls)...)
	pullPath := ""
	if pulls.ValueBool() {
		pullPath = pullCertificatePath
	}
	for name, value := range map[string]any{
		"ipv4_cidrs": prefixTexts(ranges.IPv4), "ipv6_cidrs": prefixTexts(ranges.IPv6), "pull_certificate": originguard.PullCertificate,
		"nginx_http": ranges.NginxHTTP(), "nginx_server": originguard.NginxServer(pullPath), "nftables": ranges.NFTables(), "ufw": ranges.UFW(),
	} {
		diags.Append(into.SetAttribute(ctx, path.Root(name), value)...)
	}
}
