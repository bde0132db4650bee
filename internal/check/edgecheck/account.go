package edgecheck

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// AccountFacts are settings of the zone that no visitor sees, in the values of
// Cloudflare's API. An empty value is one that could not be read.
type AccountFacts struct {
	Zone            string // its name
	SSLMode         string // off, flexible, full, strict, origin_pull
	SecurityLevel   string // essentially_off, low, medium, high, under_attack
	DevelopmentMode bool
	DDoSOverrides   []DDoSOverride
	SSLOverrides    []SSLOverride
}

// DDoSOverride is an override of the HTTP DDoS managed ruleset (phase ddos_l7).
type DDoSOverride struct {
	Rule        string // what it is about: a ref, a category or a rule id; empty = the whole ruleset
	Sensitivity string // default, medium, low, eoff; empty = not overridden
	Action      string // block, managed_challenge, challenge, log; empty = not overridden
	Disabled    bool   // turned off where that is allowed
}

// SSLOverride is a configuration rule (phase http_config_settings) that sets
// the mode for some requests.
type SSLOverride struct {
	Rule       string // ref or description
	Expression string
	Mode       string
}

const needsAPI = "this needs access to Cloudflare's API: set cloudflare.api_token in provider \"launchready\""

// judgeAccount decides what only the account knows.
func judgeAccount(ctx context.Context, spec Spec, report *readiness.Recorder) {
	subject := spec.name()
	both := []string{ruleDDoSSetting, ruleOriginTLS}
	if spec.Account == nil {
		check.Each(both, subject, needsAPI, report.NotApplicable)
		return
	}
	facts, err := spec.Account(ctx)
	switch {
	case err != nil:
		check.Each(both, subject, "the settings of the zone could not be read: "+err.Error(), report.Inconclusive)
		return
	case facts == nil:
		check.Each(both, subject, needsAPI, report.NotApplicable)
		return
	}
	subject = cmp.Or(facts.Zone, subject)
	say(report, ruleDDoSSetting, subject, facts.judgeDDoS())
	say(report, ruleOriginTLS, subject, facts.judgeOriginTLS())
}

func (f AccountFacts) judgeDDoS() verdict {
	var wrong []string
	for _, o := range f.DDoSOverrides {
		about := "the HTTP DDoS ruleset"
		if o.Rule != "" {
			about += " (" + shorten(o.Rule) + ")"
		}
		switch {
		case o.Disabled:
			wrong = append(wrong, about+" is turned off")
		case o.Sensitivity == "eoff":
			wrong = append(wrong, about+" has sensitivity essentially off")
		case o.Action == "log":
			wrong = append(wrong, about+" only logs")
		}
	}
	switch f.SecurityLevel {
	case "essentially_off", "off":
		wrong = append(wrong, "security_level is "+f.SecurityLevel)
	}
	if f.DevelopmentMode {
		wrong = append(wrong, "development_mode is on: nothing is cached")
	}
	switch {
	case len(wrong) > 0:
		return fail(strings.Join(wrong, "; "))
	case f.SecurityLevel == "under_attack":
		v := fail("security_level is under_attack: every visitor is challenged")
		v.severity = readiness.Info
		return v
	default:
		return pass("protection against floods is as Cloudflare sets it, or stricter")
	}
}

func (f AccountFacts) judgeOriginTLS() verdict {
	var all []verdict // what is worse comes first: its severity counts
	for _, o := range f.SSLOverrides {
		if o.Mode == "off" || o.Mode == "flexible" {
			all = append(all, fail(fmt.Sprintf("the configuration rule %s sets the SSL mode %s for %s", shorten(o.Rule), o.Mode, shorten(o.Expression))))
		}
	}
	switch f.SSLMode {
	case "":
		all = append(all, unclear("the SSL mode of the zone could not be read"))
	case "off", "flexible":
		all = append(all, fail(fmt.Sprintf("the SSL mode is %s: the edge talks to the origin in the clear", f.SSLMode)))
	case "full":
		v := fail("the SSL mode is full: the edge takes any certificate of the origin")
		v.severity = readiness.Medium
		all = append(all, v)
	default:
		all = append(all, pass("the edge verifies the origin's certificate"))
	}
	return worst(unclear("the SSL mode of the zone could not be read"), all...)
}
