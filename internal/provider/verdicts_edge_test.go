package provider_test

import (
	"context"
	"net/http"

	"github.com/launchready/terraform-provider-launchready/internal/check/edgecheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// edgeSpec is the edge check of a client, with the session of a member where
// the portal lets one sign in.
func (s target) edgeSpec(ctx context.Context, prober probe.Prober) edgecheck.Spec {
	portal := "portal." + s.Domain()
	spec := edgecheck.DefaultSpec(portal)
	spec.Origins = []string{"198.51.100.10"}
	spec.PrivatePaths, spec.StaticPaths = []string{"/account", "/api/me"}, []string{"/static/site.css"}
	spec.Account = s.accountFacts
	member := s.Identities()["member_a"]
	session, err := probe.SignIn(ctx, prober, probe.Portal{BaseURL: "https://" + portal, SignIn: probe.SignInRequest{Path: "/api/login", TokenPointer: "/token"}},
		probe.Identity{Username: member.Username, Password: member.Password})
	if err == nil {
		spec.Session = edgecheck.Session{Identity: "member_a", Header: session.Header(), Username: member.Username}
	}
	return spec
}

// accountFacts reads what the account knows as the provider does.
func (s target) accountFacts(context.Context) (*edgecheck.AccountFacts, error) {
	s.t.Helper()
	zone := "/zones/" + s.zoneID()
	var settings []struct {
		ID    string
		Value any
	}
	s.call(http.MethodGet, zone+"/settings", nil, &settings)
	facts := &edgecheck.AccountFacts{Zone: s.Domain()}
	for _, setting := range settings {
		value, _ := setting.Value.(string)
		switch setting.ID {
		case "ssl":
			facts.SSLMode = value
		case "security_level":
			facts.SecurityLevel = value
		case "development_mode":
			facts.DevelopmentMode = value == "on"
		}
	}
	var phases []struct{ Phase, Kind string }
	s.call(http.MethodGet, zone+"/rulesets", nil, &phases)
	for _, p := range phases {
		if p.Phase != "ddos_l7" || p.Kind != "zone" {
			continue
		}
		var ruleset struct {
			Rules []struct {
				ActionParameters struct {
					Overrides struct {
						Action      string `json:"action"`
						Sensitivity string `json:"sensitivity_level"`
					} `json:"overrides"`
				} `json:"action_parameters"`
			} `json:"rules"`
		}
		s.call(http.MethodGet, zone+"/rulesets/phases/ddos_l7/entrypoint", nil, &ruleset)
		for _, r := range ruleset.Rules {
			o := r.ActionParameters.Overrides
			facts.DDoSOverrides = append(facts.DDoSOverrides, edgecheck.DDoSOverride{Sensitivity: o.Sensitivity, Action: o.Action})
		}
	}
	return facts, nil
}
