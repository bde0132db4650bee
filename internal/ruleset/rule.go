// Package ruleset is what this provider knows of the rules of a zone: the rule
// itself, which rules are whose, and how those of one owner come into a phase
// that others write to as well. It does no I/O.
//
// The words are those of Cloudflare's Ruleset Engine
// (https://developers.cloudflare.com/ruleset-engine/): a phase is a place in the
// path of a request, its entry point the ruleset of the zone that runs there.
package ruleset

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Phase is a place in the path of a request where rules run.
type Phase string

// The phases that this provider writes to.
const (
	PhaseRedirect        Phase = "http_request_dynamic_redirect"
	PhaseConfig          Phase = "http_config_settings"
	PhaseDDoS            Phase = "ddos_l7"
	PhaseFirewallCustom  Phase = "http_request_firewall_custom"
	PhaseRateLimit       Phase = "http_ratelimit"
	PhaseFirewallManaged Phase = "http_request_firewall_managed"
	PhaseCache           Phase = "http_request_cache_settings"
	PhaseRequestHeaders  Phase = "http_request_late_transform"
	PhaseResponseHeaders Phase = "http_response_headers_transform"
)

// Rule is one rule. Parameters, RateLimit and Logging are JSON objects, or nil
// where there is none.
type Rule struct {
	ID          string // given by Cloudflare; empty for a rule that is not there yet
	Ref         string // by which its owner knows it; unique in the ruleset
	Description string
	Expression  string
	Action      string
	Parameters  json.RawMessage
	RateLimit   json.RawMessage
	Logging     json.RawMessage
	Enabled     bool

	raw json.RawMessage // as it was read
}

// Ruleset is the entry point of a phase. One without ID does not exist yet.
type Ruleset struct {
	ID      string
	Version string // grows by one with each write
	Phase   Phase
	Rules   []Rule
}

// wireRule is a rule as the API has it.
type wireRule struct {
	ID          string          `json:"id,omitempty"`
	Ref         string          `json:"ref,omitempty"`
	Description string          `json:"description"`
	Expression  string          `json:"expression"`
	Action      string          `json:"action"`
	Parameters  json.RawMessage `json:"action_parameters,omitempty"`
	RateLimit   json.RawMessage `json:"ratelimit,omitempty"`
	Logging     json.RawMessage `json:"logging,omitempty"`
	Enabled     *bool           `json:"enabled,omitempty"`
}

// ParseRule reads a rule as the API shows it.
func ParseRule(raw json.RawMessage) (Rule, error) {
	var w wireRule
	if err := json.Unmarshal(raw, &w); err != nil {
		return Rule{}, fmt.Errorf("rule: %w", err)
	}
	if w.ID == "" && w.Ref == "" {
		return Rule{}, fmt.Errorf("rule: it has neither an id nor a ref")
	}
	return Rule{
		ID: w.ID, Ref: w.Ref, Description: w.Description, Expression: w.Expression, Action: w.Action,
		Parameters: present(w.Parameters), RateLimit: present(w.RateLimit), Logging: present(w.Logging),
		Enabled: w.Enabled == nil || *w.Enabled, raw: bytes.Clone(raw),
	}, nil
}

// present turns null into nothing.
func present(raw json.RawMessage) json.RawMessage {
	if string(raw) == "null" {
		return nil
	}
	return raw
}

// MarshalJSON gives the body to write. A rule that was read and not changed goes
// back with all it had, also what this package does not know, but for what the
// server alone keeps.
func (r Rule) MarshalJSON() ([]byte, error) {
	if r.raw != nil {
		all := map[string]json.RawMessage{}
		if err := json.Unmarshal(r.raw, &all); err != nil {
			return nil, err
		}
		for _, kept := range []string{"version", "last_updated", "categories"} {
			delete(all, kept)
		}
		return json.Marshal(all)
	}
	return json.Marshal(wireRule{
		ID: r.ID, Ref: r.Ref, Description: r.Description, Expression: r.Expression, Action: r.Action,
		Parameters: r.Parameters, RateLimit: r.RateLimit, Logging: r.Logging, Enabled: &r.Enabled,
	})
}

// Fresh returns the rule as one to be made anew: without the id, and without a
// ref that only repeats it.
func (r Rule) Fresh() Rule {
	if r.Ref == r.ID {
		r.Ref = ""
	}
	r.ID = ""
	if r.raw != nil {
		all := map[string]json.RawMessage{}
		if json.Unmarshal(r.raw, &all) == nil {
			delete(all, "id")
			if r.Ref == "" {
				delete(all, "ref")
			}
			r.raw = encode(all)
		}
	}
	return r
}

// Same reports whether two rules mean the same. What the server fills in by
// itself does not count: the version of a ruleset that is executed, the logging
// of a skip, false for requests_to_origin.
func (r Rule) Same(other Rule) bool {
	a, b := r.Normal(), other.Normal()
	return a.Ref == b.Ref && a.Description == b.Description && a.Expression == b.Expression && a.Action == b.Action && a.Enabled == b.Enabled &&
		bytes.Equal(a.Parameters, b.Parameters) && bytes.Equal(a.RateLimit, b.RateLimit) && bytes.Equal(a.Logging, b.Logging)
}

// Normal returns the rule in its one spelling: no id, JSON with sorted keys and
// without what stands for a default.
func (r Rule) Normal() Rule {
	r.ID, r.raw = "", nil
	r.Parameters = tidy(r.Parameters, func(m map[string]any) {
		if r.Action == "execute" && m["version"] == "latest" {
			delete(m, "version")
		}
	})
	r.RateLimit = tidy(r.RateLimit, func(m map[string]any) {
		if m["requests_to_origin"] == false {
			delete(m, "requests_to_origin")
		}
		if m["counting_expression"] == "" {
			delete(m, "counting_expression")
		}
	})
	r.Logging = tidy(r.Logging, func(m map[string]any) {
		if r.Action == "skip" && m["enabled"] == true {
			delete(m, "enabled")
		}
	})
	return r
}

// tidy sorts the keys of an object at every depth, drops null and empty ones and
// what drop takes out; nil for an object in which nothing is left.
func tidy(raw json.RawMessage, drop func(map[string]any)) json.RawMessage {
	if raw == nil {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber() // sizes and ids keep their digits
	var m map[string]any
	if decoder.Decode(&m) != nil {
		return raw // not an object: kept as it is, so that it shows
	}
	drop(m)
	prune(m)
	if len(m) == 0 {
		return nil
	}
	return encode(m)
}

// prune drops null and empty objects from an object.
func prune(m map[string]any) {
	for _, key := range slices.Collect(maps.Keys(m)) {
		if inner, ok := m[key].(map[string]any); ok {
			prune(inner)
			if len(inner) == 0 {
				delete(m, key)
			}
		}
		if m[key] == nil {
			delete(m, key)
		}
	}
}

// encode writes JSON with sorted keys and without HTML's escapes, which would
// make an expression unreadable.
func encode(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // maps, slices and text always encode
	}
	return bytes.TrimSpace(b.Bytes())
}

// Object encodes a value of this provider's own as a JSON object; nil for an
// empty map.
func Object(v map[string]any) json.RawMessage {
	if len(v) == 0 {
		return nil
	}
	return encode(v)
}

// equalRules compares lists by meaning and id.
func equalRules(a, b []Rule) bool {
	return slices.EqualFunc(a, b, func(x, y Rule) bool { return x.ID == y.ID && x.Same(y) })
}
