package provider

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/edgerules"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

// rulesFrame is what every resource that owns rules of a zone has around its own
// arguments. The model of such a resource embeds it.
type rulesFrame struct {
	ID       types.String `tfsdk:"id"`
	Zone     types.String `tfsdk:"zone"`
	Name     types.String `tfsdk:"name"`
	Position types.String `tfsdk:"position"`
	Deployed types.List   `tfsdk:"deployed_rules"`
}

func (f *rulesFrame) rules() *rulesFrame { return f }

// rulesModel is the model of a resource that owns rules.
type rulesModel[M any] interface {
	*M
	rules() *rulesFrame
	// compile gives the rules that the arguments ask for, by phase, on a zone of
	// a plan.
	compile(plan string, owner ruleset.Owner) []edgerules.PhaseRules
	// problems says what cannot be declared so; plan "" asks only for what can be
	// right on no plan.
	problems(plan string) []edgerules.Problem
	// read writes the arguments from the owner's rules in a zone: on import.
	read(ctx context.Context, owner ruleset.Owner, rules map[ruleset.Phase][]ruleset.Rule)
}

// rivalModel is a model whose rules may not stand beside some of others.
type rivalModel interface {
	// rival returns the rule among those of others that is in the way, and what
	// is to be done; nil if none is.
	rival(phase ruleset.Phase, others []ruleset.Rule) (at path.Path, problem string)
}

// settingModel is a model whose rules may do what a setting of the zone does.
type settingModel interface {
	// alsoSets returns the setting's id and the argument; set is false where the
	// argument is left out.
	alsoSets() (id string, at path.Path, set bool)
}

// rulesKind is one kind of resource that owns rules.
type rulesKind struct {
	name       string // waf: the resource is launchready_zone_waf
	doc        string
	phases     []ruleset.Phase
	position   ruleset.Position // where its rules stand unless said otherwise
	attributes map[string]schema.Attribute
	lastWins   bool          // in its phases the last rule that matches wins
	settings   []zoneSetting // of the zone that it owns beside its rules
}

// owner is who a resource of this kind is among the rules of a zone.
func (k rulesKind) owner(f *rulesFrame) ruleset.Owner {
	return ruleset.Owner{Kind: k.name, Name: f.Name.ValueString()}
}

// rulesKey names an owner's rules in a zone among all that a run knows.
func rulesKey(zoneID, kind, name string) string { return zoneID + " rules " + kind + " " + name }

// holdRules takes note of a state that has rules of a kind, whatever is to become
// of it: what replaces it finds the rules there, and they are nobody else's.
func (o *ownership) holdRules(typeName string, state []byte) {
	kind, ok := strings.CutPrefix(typeName, "launchready_zone_")
	var held struct{ ID string }
	if !ok || json.Unmarshal(state, &held) != nil {
		return
	}
	if zoneID, name, ok := strings.Cut(held.ID, "/"); ok {
		o.hold(rulesKey(zoneID, kind, name), kind)
	}
}

const defaultRulesName = "default"

func withRulesFrame(own map[string]schema.Attribute, position ruleset.Position) map[string]schema.Attribute {
	out := map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Computed: true, MarkdownDescription: "Id of the zone and name of these rules, as `id/name`.",
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		},
		"zone": schema.StringAttribute{
			Required: true, MarkdownDescription: "Zone by domain name or by id. A change of zone replaces the resource.",
			Validators: []validator.String{notBlank()},
		},
		"name": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(defaultRulesName),
			MarkdownDescription: "Name that tells the rules of this resource from those of another of its kind in the zone; it is part of their `ref`. A change replaces the resource. Default: `" + defaultRulesName + "`.",
			Validators: []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`),
				"write lower case letters, digits and hyphens, 40 at most")},
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"position": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(position)),
			MarkdownDescription: "Where the rules stand among those of others in their phase: `first` or `last`. Default: `" + string(position) + "`.",
			Validators:          []validator.String{stringvalidator.OneOf(string(ruleset.First), string(ruleset.Last))},
		},
		"deployed_rules": deployedAttribute(),
	}
	maps.Copy(out, own)
	return out
}

// matchModel is which requests a rule is for.
type matchModel struct {
	Expression types.String `tfsdk:"expression"`
	Hosts      types.List   `tfsdk:"hosts"`
	Paths      types.List   `tfsdk:"paths"`
	Methods    types.List   `tfsdk:"methods"`
}

func (m matchModel) match() edgerules.Match {
	out := edgerules.Match{Expression: m.Expression.ValueString()}
	out.Hosts, _ = stringsOf(m.Hosts)
	out.Paths, _ = stringsOf(m.Paths)
	out.Methods, _ = stringsOf(m.Methods)
	return out
}

// readMatch is match the other way.
func readMatch(m edgerules.Match) matchModel {
	return matchModel{Expression: textOf(m.Expression), Hosts: listOf(m.Hosts), Paths: listOf(m.Paths), Methods: listOf(m.Methods)}
}

const (
	expressionDoc = "Condition in [Cloudflare's rules language](https://developers.cloudflare.com/ruleset-engine/rules-language/expressions/), in the place of `hosts`, `paths` and `methods`."
	hostsDoc      = "Hosts, such as `portal.acme.example`; `*.acme.example` for all below one. Default: every host of the zone."
	pathsDoc      = "Paths, such as `/login`; `/api/*` for all that begins with it. Case, encoding and a slash at the end make no difference. Default: every path."
	methodsDoc    = "Methods, such as `POST`. Default: every method."
)

// matchAttributes adds the arguments of a matchModel.
func matchAttributes(own map[string]schema.Attribute) map[string]schema.Attribute {
	out := map[string]schema.Attribute{
		"expression": schema.StringAttribute{Optional: true, MarkdownDescription: expressionDoc},
		"hosts":      texts(hostsDoc), "paths": texts(pathsDoc), "methods": texts(methodsDoc, isMethod{}),
	}
	maps.Copy(out, own)
	return out
}

// asPath turns the place of a problem into a path of Terraform's.
func asPath(at []any) path.Path {
	out := path.Empty()
	for _, step := range at {
		switch s := step.(type) {
		case string:
			out = out.AtName(s)
		case int:
			out = out.AtListIndex(s)
		case edgerules.Key:
			out = out.AtMapKey(string(s))
		}
	}
	return out
}

// upperFirst begins a sentence.
func upperFirst(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
