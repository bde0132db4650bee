package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// ruleInput is a rule in the body of a request. What the server assigns may be
// sent back to it and says nothing.
type ruleInput struct {
	ID               string          `json:"id"`
	Ref              string          `json:"ref"`
	Version          json.RawMessage `json:"version"`
	LastUpdated      json.RawMessage `json:"last_updated"`
	Categories       json.RawMessage `json:"categories"`
	Description      string          `json:"description"`
	Expression       string          `json:"expression"`
	Action           string          `json:"action"`
	ActionParameters json.RawMessage `json:"action_parameters"`
	RateLimit        json.RawMessage `json:"ratelimit"`
	Logging          json.RawMessage `json:"logging"`
	Enabled          *bool           `json:"enabled"`
	Position         *position       `json:"position"`
}

// position is where a rule is put. One of the three is given.
type position struct {
	Before *string `json:"before"` // "" = first
	After  *string `json:"after"`  // "" = last
	Index  *int    `json:"index"`  // from 1
}

func createRule(c *call) (*envelope, *Error) {
	var in ruleInput
	if err := c.strictBody(&in); err != nil {
		return nil, err
	}
	return c.writeByID(func(tx *rulesetWrite) *Error {
		rule, err := in.rule("")
		if err != nil {
			return err
		}
		tx.Rules = append(tx.Rules, rule)
		if err := tx.check(len(tx.Rules)-1, ""); err != nil {
			return err
		}
		return tx.place(len(tx.Rules)-1, in.Position)
	})
}

// patchRule replaces a rule by the definition of the body: what is left out is
// dropped. A body that has nothing but a position moves the rule.
func patchRule(c *call) (*envelope, *Error) {
	var in ruleInput
	if err := c.strictBody(&in); err != nil {
		return nil, err
	}
	return c.writeByID(func(tx *rulesetWrite) *Error {
		i := tx.index(c.params["rule_id"])
		if i < 0 {
			return noSuchRule(c.params["rule_id"])
		}
		if in.ID != "" && in.ID != c.params["rule_id"] {
			return unfit("/id", in.ID, "id", "it is not the rule's of the path")
		}
		if !in.movesOnly() {
			rule, err := in.rule("")
			if err != nil {
				return err
			}
			rule.ID = c.params["rule_id"]
			tx.Rules[i] = rule
			if err := tx.check(i, ""); err != nil {
				return err
			}
		}
		return tx.place(i, in.Position)
	})
}

func deleteRule(c *call) (*envelope, *Error) {
	return c.writeByID(func(tx *rulesetWrite) *Error {
		i := tx.index(c.params["rule_id"])
		if i < 0 {
			return noSuchRule(c.params["rule_id"])
		}
		tx.Rules = slices.Delete(tx.Rules, i, i+1)
		return nil
	})
}

func (in ruleInput) movesOnly() bool {
	return in.Position != nil && in.Action == "" && in.Expression == "" && in.Ref == "" && in.Description == "" &&
		in.ActionParameters == nil && in.RateLimit == nil && in.Logging == nil && in.Enabled == nil
}

// rule brings a rule into the form that is stored. Its id is empty.
func (in ruleInput) rule(at string) (zone.Rule, *Error) {
	r := zone.Rule{
		Ref: in.Ref, Description: in.Description, Expression: in.Expression, Action: in.Action,
		ActionParameters: compact(in.ActionParameters), RateLimit: compact(in.RateLimit), Logging: compact(in.Logging),
		Enabled: in.Enabled == nil || *in.Enabled,
	}
	switch {
	case r.Action == "":
		return r, unfit(at+"/action", "", "action", "it is required")
	case r.Expression == "":
		return r, unfit(at+"/expression", "", "expression", "it must not be empty")
	}
	switch r.Action {
	case "execute":
		if p := objectOf(r.ActionParameters); p != nil && p["version"] == nil {
			p["version"] = raw("latest")
			r.ActionParameters = raw(p)
		}
	case "skip":
		if r.Logging == nil {
			r.Logging = raw(map[string]bool{"enabled": true})
		}
	}
	if limit := objectOf(r.RateLimit); limit != nil {
		if limit["requests_to_origin"] == nil {
			limit["requests_to_origin"] = raw(false)
		}
		if string(limit["counting_expression"]) == `""` {
			delete(limit, "counting_expression")
		}
		r.RateLimit = raw(limit)
	}
	return r, nil
}

// compact drops white space, and an object that says nothing.
func compact(v json.RawMessage) json.RawMessage {
	var out bytes.Buffer
	if len(v) == 0 || json.Compact(&out, v) != nil || out.String() == "null" || out.String() == "{}" {
		return nil
	}
	return out.Bytes()
}

// objectOf returns the fields of an object, or nil.
func objectOf(v json.RawMessage) map[string]json.RawMessage {
	var out map[string]json.RawMessage
	if json.Unmarshal(v, &out) != nil {
		return nil
	}
	return out
}

func (tx *rulesetWrite) index(id string) int {
	return slices.IndexFunc(tx.Rules, func(r zone.Rule) bool { return r.ID == id })
}

// place moves the rule at i to a position; without one it stays.
func (tx *rulesetWrite) place(i int, p *position) *Error {
	if p == nil {
		return nil
	}
	rule := tx.Rules[i]
	rest := slices.Delete(slices.Clone(tx.Rules), i, i+1)
	given := 0
	for _, has := range []bool{p.Before != nil, p.After != nil, p.Index != nil} {
		if has {
			given++
		}
	}
	if given != 1 {
		return unfit("/position", "", "position", "exactly one of before, after and index must be given")
	}
	to := 0
	find := func(side, id string) *Error {
		to = slices.IndexFunc(rest, func(r zone.Rule) bool { return r.ID == id })
		if to < 0 {
			return unfit("/position/"+side, id, side, "the ruleset has no other rule of that id")
		}
		return nil
	}
	switch {
	case p.Before != nil && *p.Before != "":
		if err := find("before", *p.Before); err != nil {
			return err
		}
	case p.After != nil && *p.After == "":
		to = len(rest)
	case p.After != nil:
		if err := find("after", *p.After); err != nil {
			return err
		}
		to++
	case p.Index != nil:
		to = *p.Index - 1
		if to < 0 || to > len(rest) {
			return unfit("/position/index", strconv.Itoa(*p.Index), "index", "it must be from 1 to "+strconv.Itoa(len(rest)+1))
		}
	}
	tx.Rules = slices.Insert(rest, to, rule)
	return nil
}

func noSuchRule(id string) *Error {
	return &Error{Status: http.StatusNotFound, Code: codeRulesetMissing, Message: "could not find rule " + strconv.Quote(id)}
}
