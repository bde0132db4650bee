package provider

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/corscheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

type corsCheckModel struct {
	checkFrame
	Endpoints      map[string]corsEndpointModel `tfsdk:"endpoints"`
	TrustedOrigins types.List                   `tfsdk:"trusted_origins"`
}

type corsEndpointModel struct {
	URL      types.String `tfsdk:"url"`
	Path     types.String `tfsdk:"path"`
	Method   types.String `tfsdk:"method"`
	Identity types.String `tfsdk:"identity"`
}

func corsCheck() registration {
	return register(checkSource[corsCheckModel, *corsCheckModel, corscheck.Spec]{
		definition: corscheck.Definition,
		attributes: corsCheckAttributes,
		spec:       corsCheckSpec,
		complete:   completeCORS,
		// Paths are on the portal of the provider block: completeCORS checks the scope of all.
		hosts: func(*corsCheckModel) map[string]path.Path { return nil },
	})
}

func corsCheckAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"endpoints": schema.MapNestedAttribute{
			Required:            true,
			MarkdownDescription: "Requests that pages make, by a name of your own. Test what is read with a session: CORS often lives on the API alone.",
			Validators:          []validator.Map{mapvalidator.SizeAtLeast(1)},
			NestedObject: schema.NestedAttributeObject{
				Validators: []validator.Object{exactlyOne{"url", "path"}},
				Attributes: map[string]schema.Attribute{
					"url": schema.StringAttribute{
						Optional: true, MarkdownDescription: "Address, such as `https://api.acme.example/me`.",
						Validators: []validator.String{notBlank()},
					},
					"path": schema.StringAttribute{
						Optional: true, MarkdownDescription: "Path on `portal.base_url` of the provider block instead of `url`, such as `/api/me`.",
						Validators: []validator.String{isPortalPath{}},
					},
					"method": schema.StringAttribute{
						Optional: true, MarkdownDescription: "Method. Requests other than `GET` and `HEAD` are not sent: only their preflight is. Default: `GET`.",
						Validators: []validator.String{stringvalidator.OneOf("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")},
					},
					"identity": schema.StringAttribute{
						Optional: true, MarkdownDescription: "Identity of the provider block as which the endpoint is asked: with its `bearer_token` or `headers`, else with the session that `portal.sign_in` gives. The host must then be covered by `probe.allowed_hosts`.",
						Validators: []validator.String{notBlank()},
					},
				},
			},
		},
		"trusted_origins": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Origins whose pages must be able to read the endpoints, such as `https://app.acme.example`; `https://*.acme.example` where all names below a domain may. No other origin may be allowed.",
			Validators:          []validator.List{listvalidator.ValueStringsAre(isOrigin{})},
		},
	}
}

func corsCheckSpec(_ context.Context, m *corsCheckModel) (corscheck.Spec, diag.Diagnostics) {
	spec := corscheck.Spec{Endpoints: map[string]corscheck.Endpoint{}}
	spec.TrustedOrigins, _ = stringsOf(m.TrustedOrigins)
	return spec, nil
}

// completeCORS finds the addresses and the credentials.
func completeCORS(ctx context.Context, s *shared, m *corsCheckModel, spec *corscheck.Spec) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, name := range slices.Sorted(maps.Keys(m.Endpoints)) {
		in, at := m.Endpoints[name], path.Root("endpoints").AtMapKey(name)
		address, here := in.URL.ValueString(), at.AtName("url")
		if !in.Path.IsNull() {
			here = at.AtName("path")
			there, more := s.onPortal(in.Path.ValueString(), here)
			diags.Append(more...)
			if more.HasError() {
				continue
			}
			address = there
		}
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" || u.Hostname() == "" {
			diags.AddAttributeError(here, "Not an address", fmt.Sprintf("%s is %q; write an address such as https://portal.acme.example/api/me.", here, address))
			continue
		}
		intent := probe.Passive
		if !in.Identity.IsNull() {
			intent = probe.Active
		}
		if err := s.prober.InScope(u.Hostname(), intent); err != nil {
			diags.AddAttributeError(here, "Host out of scope", err.Error())
			continue
		}
		header, more := s.identityHeaders(ctx, in.Identity, at.AtName("identity"))
		diags.Append(more...)
		spec.Endpoints[name] = corscheck.Endpoint{Method: in.Method.ValueString(), URL: address, Header: header, Identity: in.Identity.ValueString()}
	}
	return diags
}

// isOrigin accepts the origin of a page (RFC 6454), or all below a domain.
type isOrigin struct{}

func (isOrigin) Description(context.Context) string {
	return "an origin such as https://app.acme.example, with a port if it is not the usual one and without a path; or https://*.acme.example"
}
func (v isOrigin) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isOrigin) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	u, err := url.Parse(strings.Replace(text, "://*.", "://any.", 1))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || strings.Contains(u.Host, "*") {
		resp.Diagnostics.AddAttributeError(req.Path, "Not an origin", fmt.Sprintf("%s is %q; write %s.", req.Path, text, v.Description(ctx)))
	}
}
