package provider

import (
	"context"
	"net/netip"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/edgecheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

type edgeCheckModel struct {
	checkFrame
	Hosts        types.List   `tfsdk:"hosts"`
	Origins      types.List   `tfsdk:"origins"`
	PrivatePaths types.List   `tfsdk:"private_paths"`
	StaticPaths  types.List   `tfsdk:"static_paths"`
	WAFProbe     types.Bool   `tfsdk:"waf_probe"`
	Identity     types.String `tfsdk:"identity"`
	Marker       types.String `tfsdk:"marker"`
}

func edgeCheck() registration {
	return register(checkSource[edgeCheckModel, *edgeCheckModel, edgecheck.Spec]{
		definition: edgecheck.Definition,
		attributes: edgeCheckAttributes,
		spec:       edgeCheckSpec,
		complete:   completeEdge,
		hosts:      edgeCheckHosts,
	})
}

func edgeCheckAttributes() map[string]schema.Attribute {
	paths := func(description string) schema.ListAttribute {
		return schema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description,
			Validators: []validator.List{listvalidator.ValueStringsAre(isPage{})},
		}
	}
	return map[string]schema.Attribute{
		"hosts": schema.ListAttribute{
			Required: true, ElementType: types.StringType,
			MarkdownDescription: "Hosts that members visit, such as `portal.acme.example`. Each must be behind Cloudflare's edge.",
			Validators:          []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueStringsAre(isHost{})},
		},
		"origins": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Addresses, IPv4 or IPv6, or names of the origin, which must not answer for the hosts. They are asked for the hosts, so that the hosts' scope counts; names must be in scope themselves.",
			Validators:          []validator.List{listvalidator.ValueStringsAre(isHost{})},
		},
		"private_paths": paths("Paths on the first host, or addresses, whose answers only a member may be given, such as `/account` or a private file. They are judged with `identity` alone."),
		"static_paths":  paths("Paths on the first host, or addresses, of files that the edge should cache, such as `/static/site.css`."),
		"waf_probe": schema.BoolAttribute{
			Optional: true, MarkdownDescription: "Whether to try attacks: four inert signatures in a query, and headers that may poison a cache, each at an address of its own. Default: `true`. The hosts must be covered by `probe.allowed_hosts`.",
		},
		"identity": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Identity of the provider block as which private paths are fetched: with its `bearer_token` or `headers`, else with the session that `portal.sign_in` gives.",
			Validators:          []validator.String{notBlank()},
		},
		"marker": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Text that private answers to the identity contain and nobody else's do, such as its display name. Default: its `username` where an answer shows it, else the answer is known by its words.",
			Validators:          []validator.String{notBlank(), stringvalidator.AlsoRequires(path.MatchRoot("identity"))},
		},
	}
}

func edgeCheckSpec(_ context.Context, m *edgeCheckModel) (edgecheck.Spec, diag.Diagnostics) {
	hosts, _ := stringsOf(m.Hosts)
	spec := edgecheck.DefaultSpec(hosts...)
	spec.Origins, _ = stringsOf(m.Origins)
	spec.PrivatePaths, _ = stringsOf(m.PrivatePaths)
	spec.StaticPaths, _ = stringsOf(m.StaticPaths)
	if !m.WAFProbe.IsNull() {
		spec.WAFProbe = m.WAFProbe.ValueBool()
	}
	spec.Session.Marker = m.Marker.ValueString()
	return spec, nil
}

// completeEdge adds what the API knows, and signs in where private paths are to be
// fetched with a session.
func completeEdge(ctx context.Context, s *shared, m *edgeCheckModel, spec *edgecheck.Spec) diag.Diagnostics {
	var diags diag.Diagnostics
	if len(spec.Hosts) > 0 && s.waitsFor("cloudflare") == "" {
		spec.Account = s.edgeAccount(spec.Hosts[0])
	}
	if m.Identity.IsNull() || len(spec.PrivatePaths) == 0 {
		return diags
	}
	for i, page := range spec.PrivatePaths {
		host := spec.Hosts[0]
		if u, err := url.Parse(page); err == nil && u.Hostname() != "" {
			host = u.Hostname()
		}
		if err := s.prober.InScope(host, probe.Active); err != nil {
			diags.AddAttributeError(path.Root("private_paths").AtListIndex(i), "Host out of scope", err.Error())
		}
	}
	if diags.HasError() {
		return diags
	}
	at := path.Root("identity")
	header, more := s.identityHeaders(ctx, m.Identity, at)
	diags.Append(more...)
	if diags.HasError() {
		return diags
	}
	id, more := s.identity(m.Identity.ValueString(), at)
	diags.Append(more...)
	spec.Session.Identity, spec.Session.Header, spec.Session.Username = m.Identity.ValueString(), header, id.Username
	return diags
}

func edgeCheckHosts(m *edgeCheckModel) map[string]path.Path {
	out := map[string]path.Path{}
	for name, list := range map[string]types.List{"private_paths": m.PrivatePaths, "static_paths": m.StaticPaths} {
		for i, page := range knownStrings(list) {
			if u, err := url.Parse(page); err == nil && u.Hostname() != "" {
				out[u.Hostname()] = path.Root(name).AtListIndex(i)
			}
		}
	}
	for i, origin := range knownStrings(m.Origins) {
		if _, err := netip.ParseAddr(origin); err != nil {
			out[origin] = path.Root("origins").AtListIndex(i)
		}
	}
	for i, host := range knownStrings(m.Hosts) {
		out[host] = path.Root("hosts").AtListIndex(i)
	}
	return out
}
