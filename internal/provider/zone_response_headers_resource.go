package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/edgerules"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

type zoneResponseHeadersModel struct {
	rulesFrame
	matchModel
	HSTS              *headerHSTSModel  `tfsdk:"hsts"`
	TypeOptions       types.String      `tfsdk:"content_type_options"`
	FrameOptions      types.String      `tfsdk:"frame_options"`
	ReferrerPolicy    types.String      `tfsdk:"referrer_policy"`
	PermissionsPolicy types.String      `tfsdk:"permissions_policy"`
	CSP               types.String      `tfsdk:"content_security_policy"`
	CSPReportOnly     types.String      `tfsdk:"content_security_policy_report_only"`
	OpenerPolicy      types.String      `tfsdk:"cross_origin_opener_policy"`
	Set               map[string]string `tfsdk:"set"`
	Add               map[string]string `tfsdk:"add"`
	Remove            types.List        `tfsdk:"remove"`
	RemoveLeaking     types.Bool        `tfsdk:"remove_leaking"`
}

type headerHSTSModel struct {
	MaxAge            types.Int64 `tfsdk:"max_age"`
	IncludeSubdomains types.Bool  `tfsdk:"include_subdomains"`
	Preload           types.Bool  `tfsdk:"preload"`
}

const yearInSeconds = 31536000

func newZoneResponseHeadersResource() resource.Resource {
	named := func(argument, more string) schema.Attribute {
		return optionalText(fmt.Sprintf("Value of `%s`%s", edgerules.HeaderArguments()[argument], more), notBlank())
	}
	byName := func(description string) schema.Attribute {
		return schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	return &rulesResource[zoneResponseHeadersModel, *zoneResponseHeadersModel]{kind: rulesKind{
		name: "response_headers", phases: []ruleset.Phase{ruleset.PhaseResponseHeaders}, position: ruleset.Last,
		doc: "Headers that the edge sets on answers or takes from them (phase `http_response_headers_transform`), in one rule: those that others have made stay as they are. " +
			"Without `hosts`, `paths`, `methods` and `expression` every answer of the zone is changed. For other headers on other paths use a second resource with a `name`.\n\n" +
			"HSTS belongs in one place: here, or in `hsts` of `launchready_zone_tls`, which is for the whole zone. Import by zone name, or by `zone/name`.",
		attributes: matchAttributes(map[string]schema.Attribute{
			"hsts": schema.SingleNestedAttribute{
				Optional: true, MarkdownDescription: "`Strict-Transport-Security` (RFC 6797).",
				Attributes: map[string]schema.Attribute{
					"max_age":            schema.Int64Attribute{Optional: true, MarkdownDescription: "Seconds for which browsers remember it. Default: 31536000 (a year).", Validators: []validator.Int64{int64validator.AtLeast(0)}},
					"include_subdomains": optionalFlag("Whether it holds for all names below. Default: `false`."),
					"preload":            optionalFlag("Whether browsers may build it in; hard to undo. Default: `false`."),
				},
			},
			"content_type_options":                named("content_type_options", "; `nosniff` is the one there is."),
			"frame_options":                       named("frame_options", ", such as `DENY`. A policy with `frame-ancestors` does more."),
			"referrer_policy":                     named("referrer_policy", ", such as `strict-origin-when-cross-origin`."),
			"permissions_policy":                  named("permissions_policy", ", such as `camera=(), microphone=()`."),
			"content_security_policy":             named("content_security_policy", ", such as `default-src 'self'; frame-ancestors 'none'`."),
			"content_security_policy_report_only": named("content_security_policy_report_only", ": a policy that is reported and not enforced, to be tried before it is."),
			"cross_origin_opener_policy":          named("cross_origin_opener_policy", ", such as `same-origin`."),
			"set":                                 byName("Further headers, in the place of what the origin sends."),
			"add":                                 byName("Further headers, beside what the origin sends."),
			"remove":                              texts("Headers to take away."),
			"remove_leaking":                      optionalFlag("Take away what tells the server's software: `" + strings.Join(edgerules.LeakingHeaders(), "`, `") + "`. Default: `false`."),
		}),
	}}
}

func (m *zoneResponseHeadersModel) named() map[string]*types.String {
	return map[string]*types.String{
		"content_type_options": &m.TypeOptions, "frame_options": &m.FrameOptions, "referrer_policy": &m.ReferrerPolicy, "permissions_policy": &m.PermissionsPolicy,
		"content_security_policy": &m.CSP, "content_security_policy_report_only": &m.CSPReportOnly, "cross_origin_opener_policy": &m.OpenerPolicy,
	}
}

func (m *zoneResponseHeadersModel) headers() edgerules.Headers {
	out := edgerules.Headers{Match: m.match(), Named: map[string]string{}, Set: m.Set, Add: m.Add, RemoveLeaking: m.RemoveLeaking.ValueBool()}
	out.Remove, _ = stringsOf(m.Remove)
	for argument, value := range m.named() {
		if !value.IsNull() {
			out.Named[argument] = value.ValueString()
		}
	}
	if h := m.HSTS; h != nil {
		out.HSTS = &edgerules.HSTS{MaxAge: yearInSeconds, IncludeSubdomains: h.IncludeSubdomains.ValueBool(), Preload: h.Preload.ValueBool()}
		if !h.MaxAge.IsNull() {
			out.HSTS.MaxAge = h.MaxAge.ValueInt64()
		}
	}
	return out
}

func (m *zoneResponseHeadersModel) compile(_ string, owner ruleset.Owner) []edgerules.PhaseRules {
	return m.headers().Compile(owner)
}

func (m *zoneResponseHeadersModel) problems(plan string) []edgerules.Problem {
	return m.headers().Problems(plan)
}

// alsoSets keeps HSTS in one place.
func (m *zoneResponseHeadersModel) alsoSets() (id string, at path.Path, set bool) {
	return "security_header", path.Root("hsts"), m.HSTS != nil
}

func (m *zoneResponseHeadersModel) read(_ context.Context, _ ruleset.Owner, rules map[ruleset.Phase][]ruleset.Rule) {
	h := edgerules.ReadHeaders(rules)
	m.matchModel = readMatch(h.Match)
	for argument, value := range m.named() {
		*value = textOf(h.Named[argument])
	}
	if h.HSTS != nil {
		m.HSTS = &headerHSTSModel{MaxAge: types.Int64Value(h.HSTS.MaxAge), IncludeSubdomains: trueOnly(h.HSTS.IncludeSubdomains), Preload: trueOnly(h.HSTS.Preload)}
	}
	m.Set, m.Add, m.Remove, m.RemoveLeaking = noneIsNull(h.Set), noneIsNull(h.Add), listOf(h.Remove), trueOnly(h.RemoveLeaking)
}

// trueOnly is a flag whose default is false: false is null.
func trueOnly(b bool) types.Bool {
	if b {
		return types.BoolValue(true)
	}
	return types.BoolNull()
}

func noneIsNull(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return m
}
