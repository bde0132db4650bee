package edge

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// response is the answer that a block can give in the place of Cloudflare's own.
type response struct {
	Status      int    `json:"status_code"`
	ContentType string `json:"content_type"`
	Content     string `json:"content"`
}

// act carries out the action of a firewall rule that came about; done is false
// where the request goes on, as after log. fallback writes Cloudflare's own
// block page.
func (s *Server) act(w http.ResponseWriter, v *visit, action string, custom *response, fallback func()) (done bool, err error) {
	switch action {
	case "log":
		return false, nil
	case "block":
		if custom == nil || custom.Status == 0 {
			fallback()
			return true, nil
		}
		if custom.Status < 400 || custom.Status > 499 {
			return false, fmt.Errorf("%d is no status of a block", custom.Status)
		}
		s.mark(w.Header(), v)
		w.Header().Set("Content-Type", custom.ContentType)
		w.Header().Set("Cache-Control", "private, max-age=0, no-store")
		w.WriteHeader(custom.Status)
		fmt.Fprint(w, custom.Content)
		return true, nil
	case "managed_challenge", "js_challenge", "challenge":
		s.challenge(w, v)
		return true, nil
	}
	return false, fmt.Errorf("unknown action %q", action)
}

// challenge answers with a page that a browser would have to solve. The header
// is how a client tells it from an answer of the origin
// (https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/).
func (s *Server) challenge(w http.ResponseWriter, v *visit) {
	w.Header().Set("Cf-Mitigated", "challenge")
	s.page(w, v, http.StatusForbidden, "Just a moment...", "Verify you are human")
}

// denied writes the page of those who are blocked, by the title that it is
// known by.
func (s *Server) denied(w http.ResponseWriter, v *visit) func() {
	return func() {
		s.page(w, v, http.StatusForbidden, "Attention Required! | Cloudflare", "Access denied (error code: 1020). Sorry, you have been blocked")
	}
}

// custom runs the zone's own firewall rules, after the security level, which
// challenges everyone while the zone is under attack.
func (s *Server) custom(w http.ResponseWriter, v *visit) (done bool, err error) {
	err = s.run(v, phaseCustom, func(r zone.Rule) (bool, error) {
		if r.Action == "skip" {
			return v.pass(r)
		}
		var in struct{ Response *response }
		if err := parameters(r, &in); err != nil {
			return false, err
		}
		var err error
		done, err = s.act(w, v, r.Action, in.Response, s.denied(w, v))
		return done, err
	})
	if err == nil && !done && v.settings.securityLevel == "under_attack" && !v.skip["product securityLevel"] {
		s.challenge(w, v)
		done = true
	}
	return done, err
}

// pass carries out a skip rule: it names what no longer looks at the request.
func (v *visit) pass(r zone.Rule) (restOfPhase bool, err error) {
	var in struct {
		Phases, Products, Rulesets []string
		Phase, Ruleset             string
		Rules                      map[string][]string
	}
	if err := parameters(r, &in); err != nil {
		return false, err
	}
	for prefix, names := range map[string][]string{"phase ": in.Phases, "product ": in.Products, "ruleset ": in.Rulesets} {
		for _, name := range names {
			v.skip[prefix+name] = true
		}
	}
	for _, rules := range in.Rules {
		for _, id := range rules {
			v.skip["rule "+id] = true
		}
	}
	return in.Ruleset == "current" || in.Phase == "current", nil
}

// managed runs the rulesets that Cloudflare writes, as far as the zone executes
// them and no exception before lets the request by.
func (s *Server) managed(w http.ResponseWriter, v *visit) (done bool, err error) {
	if v.skip["phase "+phaseManaged] {
		return false, nil
	}
	found := attacks(v)
	err = s.run(v, phaseManaged, func(r zone.Rule) (bool, error) {
		switch r.Action {
		case "skip":
			return v.pass(r)
		case "execute":
		default:
			return false, fmt.Errorf("unknown action %q", r.Action)
		}
		var in struct {
			ID        string
			Overrides overrides
		}
		if err := parameters(r, &in); err != nil {
			return false, err
		}
		ruleset, ok := managedRulesets[in.ID]
		if !ok {
			return false, fmt.Errorf("unknown ruleset %q", in.ID)
		}
		if v.skip["ruleset "+in.ID] {
			return false, nil
		}
		var err error
		for _, action := range ruleset(found, in.Overrides, v) {
			if done, err = s.act(w, v, action, nil, s.denied(w, v)); done || err != nil {
				break
			}
		}
		return done, err
	})
	return done, err
}

// override is what a zone changes of a managed ruleset, a category or a rule.
type override struct {
	Action    string `json:"action"`
	Enabled   *bool  `json:"enabled"`
	Threshold int    `json:"score_threshold"`
}

type overrides struct {
	override
	Categories []struct {
		override
		Category string `json:"category"`
	} `json:"categories"`
	Rules []struct {
		override
		ID string `json:"id"`
	} `json:"rules"`
}

// of returns what an override makes of one rule: the rule's own entry before
// its categories', those before the ruleset's.
func (o overrides) of(id string, categories ...string) override {
	out := o.override
	merge := func(in override) {
		if in.Action != "" {
			out.Action = in.Action
		}
		if in.Enabled != nil {
			out.Enabled = in.Enabled
		}
		if in.Threshold != 0 {
			out.Threshold = in.Threshold
		}
	}
	for _, c := range o.Categories {
		if slices.Contains(categories, c.Category) {
			merge(c.override)
		}
	}
	for _, r := range o.Rules {
		if r.ID == id {
			merge(r.override)
		}
	}
	return out
}

func (o override) off() bool { return o.Enabled != nil && !*o.Enabled }
