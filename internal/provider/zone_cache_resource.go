package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/edgerules"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

type zoneCacheModel struct {
	rulesFrame
	Static   *cacheStaticModel `tfsdk:"static"`
	Bypass   *cacheBypassModel `tfsdk:"bypass"`
	Rules    []cacheRuleModel  `tfsdk:"rules"`
	Tiered   types.Bool        `tfsdk:"tiered_cache"`
	Smart    types.Bool        `tfsdk:"smart_tiered_cache"`
	Previous types.Map         `tfsdk:"previous_settings"`
}

type cacheStaticModel struct {
	Expression types.String `tfsdk:"expression"`
	Hosts      types.List   `tfsdk:"hosts"`
	Paths      types.List   `tfsdk:"paths"`
	EdgeTTL    types.String `tfsdk:"edge_ttl"`
	BrowserTTL types.String `tfsdk:"browser_ttl"`
	Armor      types.Bool   `tfsdk:"deception_armor"`
}

type cacheBypassModel struct {
	Expression    types.String `tfsdk:"expression"`
	Hosts         types.List   `tfsdk:"hosts"`
	Paths         types.List   `tfsdk:"paths"`
	Cookies       types.List   `tfsdk:"cookies"`
	Authorization types.Bool   `tfsdk:"authorization"`
}

type cacheRuleModel struct {
	matchModel
	Ref         types.String `tfsdk:"ref"`
	Description types.String `tfsdk:"description"`
	Cache       types.Bool   `tfsdk:"cache"`
	EdgeTTL     types.String `tfsdk:"edge_ttl"`
	BrowserTTL  types.String `tfsdk:"browser_ttl"`
	Armor       types.Bool   `tfsdk:"deception_armor"`
	Enabled     types.Bool   `tfsdk:"enabled"`
}

func newZoneCacheResource() resource.Resource {
	edgeTTL := optionalText("How long the edge keeps answers, whatever the origin says. Default: as the origin says. Never set it for what a member may see: Cloudflare then takes `Set-Cookie` away and keeps the answer.", wholeSeconds{})
	browserTTL := optionalText("How long browsers keep answers. Default: as the origin says.", wholeSeconds{})
	armor := optionalFlag("Cache deception armour: an answer is kept only if its type is that of its path's extension. Default: `true`.")
	return &rulesResource[zoneCacheModel, *zoneCacheModel]{kind: rulesKind{
		name: "cache", phases: []ruleset.Phase{ruleset.PhaseCache}, position: ruleset.Last, lastWins: true,
		doc: "What the edge of a zone keeps (phase `http_request_cache_settings`), owned rule by rule: those that others have made stay as they are. " +
			"Of cache rules the last that matches wins, so what must never be kept (`bypass`) stands last.\n\nImport by zone name, or by `zone/name`.",
		settings: []zoneSetting{
			switchSetting("tiered_cache", cloudflare.TieredCache, "Tiered cache: data centres ask each other before they ask the origin."),
			switchSetting("smart_tiered_cache", cloudflare.SmartTieredCache, "Let Cloudflare choose the data centre that asks the origin, with `tiered_cache`."),
		},
		attributes: map[string]schema.Attribute{
			"static": schema.SingleNestedAttribute{
				Optional: true, MarkdownDescription: "Files that are the same for everybody.",
				Attributes: map[string]schema.Attribute{
					"expression": optionalText("Condition in Cloudflare's rules language, in the place of `hosts` and `paths`."),
					"hosts":      texts(hostsDoc), "paths": texts(pathsDoc), "edge_ttl": edgeTTL, "browser_ttl": browserTTL, "deception_armor": armor,
				},
			},
			"bypass": schema.SingleNestedAttribute{
				Optional: true, MarkdownDescription: "What belongs to a member and is never kept: a request for one of `paths`, with one of `cookies`, or with an `Authorization` header.",
				Attributes: map[string]schema.Attribute{
					"expression": optionalText("Condition in Cloudflare's rules language, in the place of the others."),
					"hosts":      texts("Hosts that this is about. Default: every host of the zone."), "paths": texts("Paths, such as `/account/*`."),
					"cookies":       texts("Names of session cookies, such as `__Host-session`; a `*` at the end stands for any text."),
					"authorization": optionalFlag("Whether an `Authorization` header is a reason. Default: `true`."),
				},
			},
			"rules": schema.ListNestedAttribute{
				Optional: true, MarkdownDescription: "Further rules, after `static` and before `bypass`.", Validators: []validator.List{listvalidator.SizeAtLeast(1)},
				NestedObject: schema.NestedAttributeObject{Attributes: matchAttributes(map[string]schema.Attribute{
					"ref": refAttribute(), "description": optionalText("For the dashboard."),
					"cache":    optionalFlag("Whether answers are kept. Default: `true`."),
					"edge_ttl": edgeTTL, "browser_ttl": browserTTL, "deception_armor": armor, "enabled": optionalFlag("Whether the rule works. Default: `true`."),
				})},
			},
		},
	}}
}

func (m *zoneCacheModel) cache() edgerules.Cache {
	var out edgerules.Cache
	if s := m.Static; s != nil {
		match := matchModel{Expression: s.Expression, Hosts: s.Hosts, Paths: s.Paths}
		out.Static = &edgerules.CacheRule{
			Ref: "static", Match: match.match(), EdgeTTL: durationPointer(s.EdgeTTL), BrowserTTL: durationPointer(s.BrowserTTL), WithoutArmor: isFalse(s.Armor),
		}
	}
	for _, r := range m.Rules {
		out.Rules = append(out.Rules, edgerules.CacheRule{
			Ref: r.Ref.ValueString(), Description: r.Description.ValueString(), Match: r.match(), Pass: isFalse(r.Cache), Disabled: isFalse(r.Enabled),
			EdgeTTL: durationPointer(r.EdgeTTL), BrowserTTL: durationPointer(r.BrowserTTL), WithoutArmor: isFalse(r.Armor),
		})
	}
	if b := m.Bypass; b != nil {
		bypass := edgerules.Bypass{Expression: b.Expression.ValueString(), Authorization: b.Expression.IsNull() && !isFalse(b.Authorization)}
		bypass.Hosts, _ = stringsOf(b.Hosts)
		bypass.Paths, _ = stringsOf(b.Paths)
		bypass.Cookies, _ = stringsOf(b.Cookies)
		out.Bypass = &bypass
	}
	return out
}

func (m *zoneCacheModel) compile(_ string, owner ruleset.Owner) []edgerules.PhaseRules {
	return m.cache().Compile(owner)
}

func (m *zoneCacheModel) problems(plan string) []edgerules.Problem { return m.cache().Problems(plan) }

func (m *zoneCacheModel) read(_ context.Context, owner ruleset.Owner, rules map[ruleset.Phase][]ruleset.Rule) {
	m.Previous = types.MapNull(types.StringType)
	c := edgerules.ReadCache(owner, rules)
	if s := c.Static; s != nil {
		match := readMatch(s.Match)
		m.Static = &cacheStaticModel{
			Expression: match.Expression, Hosts: match.Hosts, Paths: match.Paths, EdgeTTL: durationValue(s.EdgeTTL), BrowserTTL: durationValue(s.BrowserTTL), Armor: falseOnly(s.WithoutArmor),
		}
	}
	for _, r := range c.Rules {
		m.Rules = append(m.Rules, cacheRuleModel{
			matchModel: readMatch(r.Match), Ref: types.StringValue(r.Ref), Description: textOf(r.Description), Cache: falseOnly(r.Pass),
			EdgeTTL: durationValue(r.EdgeTTL), BrowserTTL: durationValue(r.BrowserTTL), Armor: falseOnly(r.WithoutArmor), Enabled: falseOnly(r.Disabled),
		})
	}
	if b := c.Bypass; b != nil {
		m.Bypass = &cacheBypassModel{
			Expression: textOf(b.Expression), Hosts: listOf(b.Hosts), Paths: listOf(b.Paths), Cookies: listOf(b.Cookies), Authorization: falseOnly(b.Expression == "" && !b.Authorization),
		}
	}
}
