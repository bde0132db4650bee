package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/edgerules"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

// deployedModel is a rule as the state has it: what was read from the zone, so
// that a change by hand shows, and what the plan is going to make.
type deployedModel struct {
	Phase       types.String `tfsdk:"phase"`
	Ref         types.String `tfsdk:"ref"`
	Description types.String `tfsdk:"description"`
	Expression  types.String `tfsdk:"expression"`
	Action      types.String `tfsdk:"action"`
	Parameters  types.String `tfsdk:"action_parameters"`
	RateLimit   types.String `tfsdk:"ratelimit"`
	Logging     types.String `tfsdk:"logging"`
	Enabled     types.Bool   `tfsdk:"enabled"`
}

func deployedType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{
		"phase": types.StringType, "ref": types.StringType, "description": types.StringType, "expression": types.StringType, "action": types.StringType,
		"action_parameters": types.StringType, "ratelimit": types.StringType, "logging": types.StringType, "enabled": types.BoolType,
	}}
}

func deployedAttribute() schema.Attribute {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "The rules that the arguments compile to, as they stand in the zone, in their order.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"phase": text("Phase of the Ruleset Engine."), "ref": text("By which the rule is owned."), "description": text("For the dashboard."),
			"expression": text("Condition of the rule."), "action": text("What is done."), "action_parameters": text("Parameters of the action, as JSON."),
			"ratelimit": text("What is counted and how long it counts, as JSON."), "logging": text("Logging of the rule, as JSON."),
			"enabled": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the rule runs."},
		}},
	}
}

// toDeployed makes the list of the rules of phases, each in its one spelling.
func toDeployed(ctx context.Context, phases []edgerules.PhaseRules, diags *diag.Diagnostics) types.List {
	all := []deployedModel{}
	for _, p := range phases {
		for _, r := range p.Rules {
			r = r.Normal()
			all = append(all, deployedModel{
				Phase: types.StringValue(string(p.Phase)), Ref: types.StringValue(r.Ref), Description: types.StringValue(r.Description),
				Expression: types.StringValue(r.Expression), Action: types.StringValue(r.Action), Parameters: textOf(string(r.Parameters)),
				RateLimit: textOf(string(r.RateLimit)), Logging: textOf(string(r.Logging)), Enabled: types.BoolValue(r.Enabled),
			})
		}
	}
	out, more := types.ListValueFrom(ctx, deployedType(), all)
	diags.Append(more...)
	return out
}

// fromDeployed is toDeployed the other way, by phase. An unknown or missing list
// has no rules.
func fromDeployed(ctx context.Context, list types.List, diags *diag.Diagnostics) map[ruleset.Phase][]ruleset.Rule {
	out := map[ruleset.Phase][]ruleset.Rule{}
	if list.IsNull() || list.IsUnknown() {
		return out
	}
	var all []deployedModel
	diags.Append(list.ElementsAs(ctx, &all, false)...)
	raw := func(s types.String) json.RawMessage {
		if s.IsNull() {
			return nil
		}
		return json.RawMessage(s.ValueString())
	}
	for _, d := range all {
		phase := ruleset.Phase(d.Phase.ValueString())
		out[phase] = append(out[phase], ruleset.Rule{
			Ref: d.Ref.ValueString(), Description: d.Description.ValueString(), Expression: d.Expression.ValueString(), Action: d.Action.ValueString(),
			Parameters: raw(d.Parameters), RateLimit: raw(d.RateLimit), Logging: raw(d.Logging), Enabled: d.Enabled.ValueBool(),
		})
	}
	return out
}
