package provider

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/launchready/terraform-provider-launchready/internal/check/edgecheck"
	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
	"github.com/launchready/terraform-provider-launchready/internal/edgerules"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

// edgeAccount reads what only Cloudflare's API tells of a host's zone; nil where
// there is no access to it.
func (s *shared) edgeAccount(host string) func(context.Context) (*edgecheck.AccountFacts, error) {
	if s.api == nil {
		return nil
	}
	return func(ctx context.Context) (*edgecheck.AccountFacts, error) {
		zone, err := s.api.ZoneOf(ctx, host)
		var missing *cloudflare.NotFoundError
		if errors.As(err, &missing) {
			return nil, nil //nolint:nilnil // the token is for other zones
		}
		if err != nil {
			return nil, err
		}
		return readAccount(ctx, s.api, zone)
	}
}

func readAccount(ctx context.Context, client *cloudflare.Client, zone cloudflare.Zone) (*edgecheck.AccountFacts, error) {
	facts := edgecheck.AccountFacts{Zone: zone.Name, DevelopmentMode: zone.DevelopmentMode > 0}
	for id, into := range map[string]*string{"ssl": &facts.SSLMode, "security_level": &facts.SecurityLevel} {
		setting, err := client.Setting(ctx, zone.ID, id)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(setting.Value, into); err != nil {
			return nil, err
		}
	}
	ddos, err := client.EntryPoint(ctx, zone.ID, ruleset.PhaseDDoS)
	if err != nil {
		return nil, err
	}
	for _, rule := range ddos.Rules {
		facts.DDoSOverrides = append(facts.DDoSOverrides, ddosOverrides(rule)...)
	}
	config, err := client.EntryPoint(ctx, zone.ID, ruleset.PhaseConfig)
	if err != nil {
		return nil, err
	}
	for _, rule := range config.Rules {
		var p struct {
			SSL string `json:"ssl"`
		}
		if rule.Enabled && json.Unmarshal(rule.Parameters, &p) == nil && p.SSL != "" {
			facts.SSLOverrides = append(facts.SSLOverrides, edgecheck.SSLOverride{Rule: rule.Ref, Expression: rule.Expression, Mode: p.SSL})
		}
	}
	return &facts, nil
}

// ddosOverrides are what a rule of the phase changes: the whole ruleset, its
// categories and its rules.
func ddosOverrides(rule ruleset.Rule) []edgecheck.DDoSOverride {
	if !rule.Enabled {
		return nil
	}
	d := edgerules.ReadDDoS(map[ruleset.Phase][]ruleset.Rule{ruleset.PhaseDDoS: {rule}})
	out := []edgecheck.DDoSOverride{{Sensitivity: d.Sensitivity, Action: d.Action}}
	for _, by := range []map[string]edgerules.Override{d.Categories, d.Rules} {
		for _, id := range sortedKeys(by) {
			o := by[id]
			out = append(out, edgecheck.DDoSOverride{Rule: id, Sensitivity: o.Sensitivity, Action: o.Action, Disabled: o.Enabled != nil && !*o.Enabled})
		}
	}
	return out
}
