package provider

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check/tlscheck"
)

type tlsCheckModel struct {
	checkFrame
	Hosts           types.List   `tfsdk:"hosts"`
	MinimumVersion  types.String `tfsdk:"minimum_version"`
	MinimumDaysLeft types.Int64  `tfsdk:"minimum_days_left"`
	HSTS            *hstsModel   `tfsdk:"hsts"`
	Pages           types.List   `tfsdk:"pages"`
}

type hstsModel struct {
	Required          types.Bool  `tfsdk:"required"`
	MinimumMaxAge     types.Int64 `tfsdk:"minimum_max_age"`
	IncludeSubdomains types.Bool  `tfsdk:"include_subdomains"`
	Preload           types.Bool  `tfsdk:"preload"`
}

func tlsCheck() registration {
	return register(checkSource[tlsCheckModel, *tlsCheckModel, tlscheck.Spec]{
		definition: tlscheck.Definition,
		attributes: tlsCheckAttributes,
		spec:       tlsCheckSpec,
		hosts:      tlsCheckHosts,
	})
}

func tlsCheckAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"hosts": schema.ListAttribute{
			Required: true, ElementType: types.StringType,
			MarkdownDescription: "Hosts that members visit, such as `portal.acme.example`. Every address of each is tested.",
			Validators:          []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueStringsAre(isHost{})},
		},
		"minimum_version": schema.StringAttribute{
			Optional: true, MarkdownDescription: "Lowest TLS version that may be spoken. Default: `1.2`.",
			Validators: []validator.String{stringvalidator.OneOf(tlscheck.Versions()...)},
		},
		"minimum_days_left": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "Days that a certificate and its chain should last, held down to a share of the lifetime so that short-lived ones do not alarm for ever: below it or a quarter of the lifetime is medium, below a sixth high, below a tenth or 3 days critical. Default: 21.",
			Validators:          []validator.Int64{int64validator.Between(0, 365)},
		},
		"hsts": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "What is asked of the header `Strict-Transport-Security`.",
			Attributes: map[string]schema.Attribute{
				"required":           schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether it must be sent. Default: `true`."},
				"minimum_max_age":    schema.Int64Attribute{Optional: true, MarkdownDescription: "Least `max-age` in seconds. Default: 31536000 (a year).", Validators: []validator.Int64{int64validator.AtLeast(0)}},
				"include_subdomains": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether it must cover the names below. Default: `false`."},
				"preload":            schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether it must allow preloading. Default: `false`."},
			},
		},
		"pages": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Pages that are searched for mixed content: addresses, or paths on the first host. Default: the first page of each host.",
			Validators:          []validator.List{listvalidator.ValueStringsAre(isPage{})},
		},
	}
}

func tlsCheckSpec(_ context.Context, m *tlsCheckModel) (tlscheck.Spec, diag.Diagnostics) {
	hosts, _ := stringsOf(m.Hosts)
	spec := tlscheck.DefaultSpec(hosts...)
	if !m.MinimumVersion.IsNull() {
		spec.MinimumVersion = m.MinimumVersion.ValueString()
	}
	if !m.MinimumDaysLeft.IsNull() {
		spec.MinimumDaysLeft = int(m.MinimumDaysLeft.ValueInt64())
	}
	if h := m.HSTS; h != nil {
		if !h.Required.IsNull() {
			spec.HSTS.Required = h.Required.ValueBool()
		}
		if !h.MinimumMaxAge.IsNull() {
			spec.HSTS.MinimumMaxAge = time.Duration(h.MinimumMaxAge.ValueInt64()) * time.Second
		}
		spec.HSTS.IncludeSubdomains = h.IncludeSubdomains.ValueBool()
		spec.HSTS.Preload = h.Preload.ValueBool()
	}
	spec.Pages, _ = stringsOf(m.Pages)
	return spec, nil
}

func tlsCheckHosts(m *tlsCheckModel) map[string]path.Path {
	out := map[string]path.Path{}
	for i, page := range knownStrings(m.Pages) {
		if u, err := url.Parse(page); err == nil && u.Hostname() != "" {
			out[u.Hostname()] = path.Root("pages").AtListIndex(i)
		}
	}
	for i, host := range knownStrings(m.Hosts) {
		out[host] = path.Root("hosts").AtListIndex(i)
	}
	return out
}

// isPage accepts an https address or a path.
type isPage struct{}

func (isPage) Description(context.Context) string {
	return "an address such as https://portal.acme.example/welcome, or a path such as /welcome"
}
func (v isPage) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isPage) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	s := req.ConfigValue.ValueString()
	u, err := url.Parse(s)
	isPath := strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//")
	if err != nil || !isPath && (u.Scheme != "https" || u.Hostname() == "") {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a page",
			fmt.Sprintf("%s is %q; write %s.", req.Path, s, v.Description(ctx)))
	}
}
