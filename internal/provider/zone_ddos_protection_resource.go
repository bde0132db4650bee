package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/edgerules"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

type zoneDDoSModel struct {
	rulesFrame
	Sensitivity types.String             `tfsdk:"sensitivity"`
	Action      types.String             `tfsdk:"action"`
	Categories  map[string]overrideModel `tfsdk:"categories"`
	Rules       map[string]overrideModel `tfsdk:"rules"`
}

func newZoneDDoSProtectionResource() resource.Resource {
	actions := []string{"block", "managed_challenge", "log"}
	return &rulesResource[zoneDDoSModel, *zoneDDoSModel]{kind: rulesKind{
		name: "ddos_protection", phases: []ruleset.Phase{ruleset.PhaseDDoS}, position: ruleset.First,
		doc: "How the HTTP DDoS protection of a zone reacts (phase `ddos_l7`). It always runs; this overrides it, and a zone holds one override. " +
			"Destroying the resource brings Cloudflare's defaults back. Import by zone name.",
		attributes: map[string]schema.Attribute{
			"sensitivity": optionalChoice("Of all its rules: `default` (the highest), `medium`, `low` or `eoff` (essentially off, for a test only). Default: Cloudflare's.", sensitivities()...),
			"action":      optionalChoice("Of all its rules: `block`, `managed_challenge` or `log` (Enterprise). Default: what Cloudflare chose for each.", actions...),
			"categories":  overridesAttribute("Overrides by category, such as `botnets`.", actions),
			"rules":       overridesAttribute("Overrides by the rule's id.", actions),
		},
	}}
}

func (m *zoneDDoSModel) ddos() edgerules.DDoS {
	return edgerules.DDoS{
		Sensitivity: m.Sensitivity.ValueString(), Action: m.Action.ValueString(), Categories: toOverrides(m.Categories), Rules: toOverrides(m.Rules),
	}
}

func (m *zoneDDoSModel) compile(_ string, owner ruleset.Owner) []edgerules.PhaseRules {
	return m.ddos().Compile(owner)
}

func (m *zoneDDoSModel) problems(plan string) []edgerules.Problem { return m.ddos().Problems(plan) }

// rival finds the one override that a zone may hold.
func (m *zoneDDoSModel) rival(_ ruleset.Phase, others []ruleset.Rule) (path.Path, string) {
	if len(others) == 0 {
		return path.Empty(), ""
	}
	return path.Root("zone"), fmt.Sprintf("The zone has an override of its DDoS protection already, rule %q (id %s), and holds one. Delete it at the dashboard, under Security, DDoS, and run again.", others[0].Description, others[0].ID)
}

func (m *zoneDDoSModel) read(_ context.Context, _ ruleset.Owner, rules map[ruleset.Phase][]ruleset.Rule) {
	d := edgerules.ReadDDoS(rules)
	m.Sensitivity, m.Action = textOf(d.Sensitivity), textOf(d.Action)
	m.Categories, m.Rules = readOverrides(d.Categories), readOverrides(d.Rules)
}
