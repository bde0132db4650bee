package edge

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/expr"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// The phases that the edge runs, as Cloudflare names them
// (https://developers.cloudflare.com/ruleset-engine/reference/phases-list/).
const (
	phaseRedirect        = "http_request_dynamic_redirect"
	phaseTransform       = "http_request_transform"
	phaseConfig          = "http_config_settings"
	phaseCustom          = "http_request_firewall_custom"
	phaseRateLimit       = "http_ratelimit"
	phaseManaged         = "http_request_firewall_managed"
	phaseCache           = "http_request_cache_settings"
	phaseLateTransform   = "http_request_late_transform"
	phaseResponseCache   = "http_response_cache_settings"
	phaseResponseHeaders = "http_response_headers_transform"
)

// ruleError is a rule that the edge cannot carry out. Cloudflare's API refuses
// such a rule, so its visitors see an error instead of a guess.
type ruleError struct {
	phase, rule string
	err         error
}

func (e *ruleError) Error() string {
	return fmt.Sprintf("rule %s of %s: %v", e.rule, e.phase, e.err)
}

func (e *ruleError) Unwrap() error { return e.err }

// compiled keeps expressions that were read: each rule is looked at for every
// request, and changes seldom.
type compiled struct {
	mu  sync.Mutex
	all map[string]compilation
}

type compilation struct {
	expression *expr.Expression
	err        error
}

// maxCompiled bounds what a zone with ever new rules can make the edge keep.
const maxCompiled = 10_000

func (c *compiled) get(kind, text string, parse func(string) (*expr.Expression, error)) (*expr.Expression, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := kind + text
	found, ok := c.all[key]
	if !ok {
		if len(c.all) >= maxCompiled || c.all == nil {
			c.all = map[string]compilation{}
		}
		found.expression, found.err = parse(text)
		c.all[key] = found
	}
	return found.expression, found.err
}

// matches evaluates the expression of a rule for a request.
func (s *Server) matches(v *visit, expression string) (bool, error) {
	e, err := s.compiled.get("?", expression, expr.Parse)
	if err != nil {
		return false, err
	}
	return e.Match(v.values)
}

// value is a literal, or an expression to evaluate: how parameters of actions
// give what they set.
type value struct {
	Value      *string `json:"value"`
	Expression *string `json:"expression"`
}

func (s *Server) evaluate(v *visit, in value) (string, error) {
	switch {
	case in.Expression != nil:
		e, err := s.compiled.get("=", *in.Expression, expr.ParseValue)
		if err != nil {
			return "", err
		}
		return e.Text(v.values)
	case in.Value != nil:
		return *in.Value, nil
	}
	return "", fmt.Errorf("neither a value nor an expression")
}

// run hands the enabled rules of a phase that match a request to f, in their
// order, until f says that it is done.
func (s *Server) run(v *visit, phase string, f func(zone.Rule) (done bool, err error)) error {
	ruleset, _ := v.zone.Ruleset(phase)
	for _, r := range ruleset.Rules {
		if !r.Enabled {
			continue
		}
		done, err := false, error(nil)
		match, err := s.matches(v, r.Expression)
		if err == nil && match {
			done, err = f(r)
		}
		if err != nil {
			return &ruleError{phase, r.Ref, err}
		}
		if done {
			return nil
		}
	}
	return nil
}

// parameters reads the action_parameters of a rule; a rule without any leaves
// them as they are.
func parameters(r zone.Rule, into any) error {
	if len(r.ActionParameters) == 0 {
		return nil
	}
	return json.Unmarshal(r.ActionParameters, into)
}
