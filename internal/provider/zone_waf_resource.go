package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/edgerules"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

type zoneWAFModel struct {
	rulesFrame
	Managed    map[string]managedRulesetModel `tfsdk:"managed_rulesets"`
	Exceptions []wafExceptionModel            `tfsdk:"exceptions"`
	Rules      []wafRuleModel                 `tfsdk:"rules"`
}

type managedRulesetModel struct {
	Action      types.String             `tfsdk:"action"`
	Enabled     types.Bool               `tfsdk:"enabled"`
	Expression  types.String             `tfsdk:"expression"`
	Sensitivity types.String             `tfsdk:"sensitivity"`
	Paranoia    types.Int64              `tfsdk:"paranoia_level"`
	Categories  map[string]overrideModel `tfsdk:"categories"`
	Rules       map[string]overrideModel `tfsdk:"rules"`
}

type wafExceptionModel struct {
	matchModel
	Ref         types.String        `tfsdk:"ref"`
	Description types.String        `tfsdk:"description"`
	Rulesets    types.List          `tfsdk:"rulesets"`
	Rules       map[string][]string `tfsdk:"rules"`
	Enabled     types.Bool          `tfsdk:"enabled"`
}

type wafRuleModel struct {
	matchModel
	Ref         types.String   `tfsdk:"ref"`
	Description types.String   `tfsdk:"description"`
	Action      types.String   `tfsdk:"action"`
	Skip        types.List     `tfsdk:"skip"`
	Response    *responseModel `tfsdk:"response"`
	Enabled     types.Bool     `tfsdk:"enabled"`
}

func newZoneWAFResource() resource.Resource {
	return &rulesResource[zoneWAFModel, *zoneWAFModel]{kind: rulesKind{
		name: "waf", phases: []ruleset.Phase{ruleset.PhaseFirewallCustom, ruleset.PhaseFirewallManaged}, position: ruleset.First,
		doc: "Web application firewall of a zone: managed rulesets with overrides, exceptions from them, and custom rules (phases `http_request_firewall_managed` and `http_request_firewall_custom`), " +
			"owned rule by rule: those that others have made stay as they are.\n\n" +
			"On the Free plan Cloudflare deploys its free managed ruleset by itself; custom rules are what can be added. Import by zone name, or by `zone/name`.",
		attributes: map[string]schema.Attribute{
			"managed_rulesets": schema.MapNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Rulesets of Cloudflare's to run, by name (`cloudflare`, `owasp`, `free`) or id.",
				NestedObject:        schema.NestedAttributeObject{Attributes: managedRulesetAttributes()},
			},
			"exceptions": schema.ListNestedAttribute{
				Optional: true, MarkdownDescription: "Requests that managed rules let pass. They work on the rulesets that run after them: keep `position` at `first` where others run rulesets, too.",
				NestedObject: schema.NestedAttributeObject{Attributes: matchAttributes(map[string]schema.Attribute{
					"ref": refAttribute(), "description": optionalText("For the dashboard."),
					"rulesets": texts("Rulesets that are skipped, by name or id. Default: all of them, if `rules` is not set either."),
					"rules":    schema.MapAttribute{Optional: true, ElementType: types.ListType{ElemType: types.StringType}, MarkdownDescription: "Rules that are skipped, by ruleset: ids of rules."},
					"enabled":  optionalFlag("Whether the exception holds. Default: `true`."),
				})},
			},
			"rules": schema.ListNestedAttribute{
				Optional: true, MarkdownDescription: "Custom rules, in the order in which they run.",
				NestedObject: schema.NestedAttributeObject{Attributes: matchAttributes(map[string]schema.Attribute{
					"ref": refAttribute(), "description": optionalText("For the dashboard."),
					"action": schema.StringAttribute{
						Required: true, MarkdownDescription: "`block`, `managed_challenge`, `js_challenge`, `challenge`, `skip`, or `log` (Enterprise).",
						Validators: []validator.String{stringvalidator.OneOf("block", "managed_challenge", "js_challenge", "challenge", "skip", "log")},
					},
					"skip": schema.ListAttribute{
						Optional: true, ElementType: types.StringType, MarkdownDescription: "What `skip` lets the request pass: phases and products of Cloudflare's. Default: the custom rules after it.",
						Validators: []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueStringsAre(stringvalidator.OneOf(append(edgerules.SkippablePhases(), edgerules.SkippableProducts()...)...))},
					},
					"response": responseAttribute("403"),
					"enabled":  optionalFlag("Whether the rule runs. Default: `true`."),
				})},
			},
		},
	}}
}

func managedRulesetAttributes() map[string]schema.Attribute {
	actions := []string{"block", "managed_challenge", "js_challenge", "challenge", "log"}
	return map[string]schema.Attribute{
		"action":         optionalChoice("Action of all its rules. Default: what Cloudflare chose for each.", actions...),
		"enabled":        optionalFlag("Whether it runs. Default: `true`."),
		"expression":     optionalText("Condition in Cloudflare's rules language for the requests that it looks at. Default: `true`."),
		"sensitivity":    optionalChoice("Of `owasp`: `low` (score 60), `medium` (40) or `high` (25 and more are stopped). Default: Cloudflare's.", "low", "medium", "high"),
		"paranoia_level": schema.Int64Attribute{Optional: true, MarkdownDescription: "Of `owasp`: 1 to 4; the higher, the more is looked for and the more harmless requests are stopped. Default: Cloudflare's.", Validators: []validator.Int64{int64validator.Between(1, 4)}},
		"categories":     overridesAttribute("Overrides by category, such as `wordpress`.", actions),
		"rules":          overridesAttribute("Overrides by the rule's id.", actions),
	}
}

func (m *zoneWAFModel) waf() edgerules.WAF {
	var out edgerules.WAF
	for _, key := range sortedKeys(m.Managed) {
		r := m.Managed[key]
		out.Managed = append(out.Managed, edgerules.Managed{
			Key: key, Action: r.Action.ValueString(), Disabled: isFalse(r.Enabled), Condition: r.Expression.ValueString(), Sensitivity: r.Sensitivity.ValueString(),
			Paranoia: r.Paranoia.ValueInt64(), Categories: toOverrides(r.Categories), Rules: toOverrides(r.Rules),
		})
	}
	for _, e := range m.Exceptions {
		rulesets, _ := stringsOf(e.Rulesets)
		out.Exceptions = append(out.Exceptions, edgerules.Exception{
			Ref: e.Ref.ValueString(), Description: e.Description.ValueString(), Match: e.match(), Rulesets: rulesets, Rules: e.Rules, Disabled: isFalse(e.Enabled),
		})
	}
	for _, r := range m.Rules {
		skip, _ := stringsOf(r.Skip)
		out.Rules = append(out.Rules, edgerules.CustomRule{
			Ref: r.Ref.ValueString(), Description: r.Description.ValueString(), Match: r.match(), Action: r.Action.ValueString(), Skip: skip,
			Response: r.Response.response(), Disabled: isFalse(r.Enabled),
		})
	}
	return out
}

func (m *zoneWAFModel) compile(_ string, owner ruleset.Owner) []edgerules.PhaseRules {
	return m.waf().Compile(owner)
}

func (m *zoneWAFModel) problems(plan string) []edgerules.Problem { return m.waf().Problems(plan) }

// rival finds a managed ruleset that would run twice.
func (m *zoneWAFModel) rival(phase ruleset.Phase, others []ruleset.Rule) (path.Path, string) {
	if phase != ruleset.PhaseFirewallManaged {
		return path.Empty(), ""
	}
	key, other, found := m.waf().Executes(others)
	if !found {
		return path.Empty(), ""
	}
	return path.Root("managed_rulesets").AtMapKey(key), fmt.Sprintf("managed_rulesets[%q] is run by rule %q (id %s) that others have made, and would run twice. "+
		"Delete that rule at the dashboard, under Security, or leave %s out here.", key, other.Description, other.ID, key)
}

func (m *zoneWAFModel) read(_ context.Context, owner ruleset.Owner, rules map[ruleset.Phase][]ruleset.Rule) {
	waf := edgerules.ReadWAF(owner, rules)
	for _, r := range waf.Managed {
		if m.Managed == nil {
			m.Managed = map[string]managedRulesetModel{}
		}
		out := managedRulesetModel{
			Action: textOf(r.Action), Enabled: falseOnly(r.Disabled), Expression: textOf(r.Condition), Sensitivity: textOf(r.Sensitivity),
			Categories: readOverrides(r.Categories), Rules: readOverrides(r.Rules),
		}
		if r.Paranoia > 0 {
			out.Paranoia = types.Int64Value(r.Paranoia)
		}
		m.Managed[r.Key] = out
	}
	for _, e := range waf.Exceptions {
		m.Exceptions = append(m.Exceptions, wafExceptionModel{
			matchModel: readMatch(e.Match), Ref: types.StringValue(e.Ref), Description: textOf(e.Description), Rulesets: listOf(e.Rulesets), Rules: e.Rules, Enabled: falseOnly(e.Disabled),
		})
	}
	for _, r := range waf.Rules {
		m.Rules = append(m.Rules, wafRuleModel{
			matchModel: readMatch(r.Match), Ref: types.StringValue(r.Ref), Description: textOf(r.Description), Action: types.StringValue(r.Action), Skip: listOf(r.Skip),
			Response: readResponse(r.Response), Enabled: falseOnly(r.Disabled),
		})
	}
}
