package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/edgerules"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

type zoneRedirectsModel struct {
	rulesFrame
	Rules []redirectModel `tfsdk:"rules"`
}

type redirectModel struct {
	Expression  types.String `tfsdk:"expression"`
	Hosts       types.List   `tfsdk:"hosts"`
	Paths       types.List   `tfsdk:"paths"`
	Ref         types.String `tfsdk:"ref"`
	Description types.String `tfsdk:"description"`
	To          types.String `tfsdk:"to"`
	ToHost      types.String `tfsdk:"to_host"`
	Target      types.String `tfsdk:"to_expression"`
	Status      types.Int64  `tfsdk:"status"`
	KeepQuery   types.Bool   `tfsdk:"keep_query"`
	Enabled     types.Bool   `tfsdk:"enabled"`
}

func newZoneRedirectsResource() resource.Resource {
	return &rulesResource[zoneRedirectsModel, *zoneRedirectsModel]{kind: rulesKind{
		name: "redirects", phases: []ruleset.Phase{ruleset.PhaseRedirect}, position: ruleset.First,
		doc: "Redirects of a zone at the edge (phase `http_request_dynamic_redirect`), such as www to the apex, old hosts and old paths, owned rule by rule: those that others have made stay as they are. " +
			"The hosts must be proxied. Import by zone name, or by `zone/name`.",
		attributes: map[string]schema.Attribute{
			"rules": schema.ListNestedAttribute{
				Required: true, MarkdownDescription: "Redirects; the first that matches is taken.", Validators: []validator.List{listvalidator.SizeAtLeast(1)},
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"expression": optionalText("Condition in [Cloudflare's rules language](https://developers.cloudflare.com/ruleset-engine/rules-language/expressions/), in the place of `hosts` and `paths`."),
					"hosts":      texts(hostsDoc), "paths": texts("Paths, such as `/old`; `/blog/*` for all that begins with it. They are compared as they stand. Default: every path."),
					"ref": refAttribute(), "description": optionalText("For the dashboard."),
					"to":            optionalText("Address to go to, such as `https://portal.acme.example/`. One of `to`, `to_host` and `to_expression` is set."),
					"to_host":       optionalText("Host to go to, by https; the path stays.", isHost{}),
					"to_expression": optionalText("Expression that gives the address to go to."),
					"status":        schema.Int64Attribute{Optional: true, MarkdownDescription: "`301`, `302`, `303`, `307` or `308`. Default: `301`.", Validators: []validator.Int64{int64validator.OneOf(301, 302, 303, 307, 308)}},
					"keep_query":    optionalFlag("Whether what follows the `?` goes along. Default: `true`."),
					"enabled":       optionalFlag("Whether the redirect works. Default: `true`."),
				}},
			},
		},
	}}
}

func (m *zoneRedirectsModel) redirects() edgerules.Redirects {
	var out edgerules.Redirects
	for _, r := range m.Rules {
		match := matchModel{Expression: r.Expression, Hosts: r.Hosts, Paths: r.Paths}
		out = append(out, edgerules.Redirect{
			Ref: r.Ref.ValueString(), Description: r.Description.ValueString(), Match: match.match(), To: r.To.ValueString(), ToHost: r.ToHost.ValueString(),
			Target: r.Target.ValueString(), Status: r.Status.ValueInt64(), DropQuery: isFalse(r.KeepQuery), Disabled: isFalse(r.Enabled),
		})
	}
	return out
}

func (m *zoneRedirectsModel) compile(_ string, owner ruleset.Owner) []edgerules.PhaseRules {
	return m.redirects().Compile(owner)
}

func (m *zoneRedirectsModel) problems(plan string) []edgerules.Problem {
	return m.redirects().Problems(plan)
}

func (m *zoneRedirectsModel) read(_ context.Context, owner ruleset.Owner, rules map[ruleset.Phase][]ruleset.Rule) {
	for _, d := range edgerules.ReadRedirects(owner, rules) {
		match := readMatch(d.Match)
		m.Rules = append(m.Rules, redirectModel{
			Expression: match.Expression, Hosts: match.Hosts, Paths: match.Paths, Ref: types.StringValue(d.Ref), Description: textOf(d.Description),
			To: textOf(d.To), ToHost: textOf(d.ToHost), Target: textOf(d.Target), Status: numberOf(d.Status), KeepQuery: falseOnly(d.DropQuery), Enabled: falseOnly(d.Disabled),
		})
	}
}
