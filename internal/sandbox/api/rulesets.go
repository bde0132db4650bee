package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// rulesetInput is a ruleset in the body of a request. What the server assigns
// may be sent back to it and says nothing.
type rulesetInput struct {
	ID          string          `json:"id"`
	Name        *string         `json:"name"`
	Description *string         `json:"description"`
	Kind        *string         `json:"kind"`
	Phase       *string         `json:"phase"`
	Version     json.RawMessage `json:"version"`
	LastUpdated json.RawMessage `json:"last_updated"`
	Rules       *[]ruleInput    `json:"rules"`
}

// rulesetSummary is a ruleset in a list: without rules.
type rulesetSummary struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Kind        string    `json:"kind"`
	Version     string    `json:"version"`
	LastUpdated time.Time `json:"last_updated"`
	Phase       string    `json:"phase"`
}

func summaryOf(r zone.Ruleset) rulesetSummary {
	return rulesetSummary{
		ID: r.ID, Name: r.Name, Description: r.Description, Kind: r.Kind,
		Version: r.Version, LastUpdated: r.LastUpdated, Phase: r.Phase,
	}
}

// managedView is a managed ruleset as the API shows it. Its rules are many and
// change every week; none is shown.
func managedView(m managed) zone.Ruleset {
	return zone.Ruleset{
		ID: m.id, Name: m.name, Kind: "managed", Phase: m.phase, Version: "1", Rules: []zone.Rule{},
		Description: "Created by the Cloudflare security team", LastUpdated: time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC),
	}
}

// mayUse refuses a token that lacks a permission of the phase, as this service
// does: without a code.
func (c *call) mayUse(p phase, edit bool) *Error {
	need := p.read()
	if edit {
		need = p.edit()
	}
	if c.token.may(need) {
		return nil
	}
	return &Error{Status: http.StatusForbidden, Message: "request is not authorized"}
}

// phase finds the phase of a path, and that the token may use it.
func (c *call) phase(edit bool) (phase, *Error) {
	name := c.params["ruleset_phase"]
	p, ok := phaseNamed(name)
	if !ok {
		return p, unfit("/phase", name, "phase", "it is not a phase of a zone")
	}
	return p, c.mayUse(p, edit)
}

// entryPoint finds the zone's ruleset of a path, and that the token may use it.
func (c *call) entryPoint(edit bool) (zone.Ruleset, *Error) {
	id := c.params["ruleset_id"]
	for _, p := range phases() {
		if r, ok := c.zone.Ruleset(p.name); ok && r.ID == id {
			return r, c.mayUse(p, edit)
		}
	}
	return zone.Ruleset{}, noSuchRuleset()
}

// listRulesets shows the zone's entry points and the managed rulesets of the
// phases that the token may read.
func listRulesets(c *call) (*envelope, *Error) {
	out := []rulesetSummary{}
	any := false
	for _, p := range phases() {
		if !c.token.may(p.read()) {
			continue
		}
		any = true
		if r, ok := c.zone.Ruleset(p.name); ok {
			out = append(out, summaryOf(r))
		}
		for _, m := range managedRulesets() {
			if m.phase == p.name && m.availableOn(c.zone.Plan) {
				out = append(out, summaryOf(managedView(m)))
			}
		}
	}
	if !any {
		return nil, c.mayUse(phases()[0], false)
	}
	return success(out), nil
}

func getEntryPoint(c *call) (*envelope, *Error) {
	p, err := c.phase(false)
	if err != nil {
		return nil, err
	}
	r, ok := c.zone.Ruleset(p.name)
	if !ok {
		return nil, noEntryPoint(p.name)
	}
	return success(shown(r)), nil
}

func putEntryPoint(c *call) (*envelope, *Error) {
	p, err := c.phase(true)
	if err != nil {
		return nil, err
	}
	var in rulesetInput
	if err := c.strictBody(&in); err != nil {
		return nil, err
	}
	return c.write(p, func(tx *rulesetWrite) *Error { return tx.replace(in) })
}

// createRuleset makes the first entry point of a phase.
func createRuleset(c *call) (*envelope, *Error) {
	var in rulesetInput
	if err := c.strictBody(&in); err != nil {
		return nil, err
	}
	name := stringOf(in.Phase)
	p, ok := phaseNamed(name)
	if !ok {
		return nil, unfit("/phase", name, "phase", "it is not a phase of a zone")
	}
	if err := c.mayUse(p, true); err != nil {
		return nil, err
	}
	switch kind := stringOf(in.Kind); {
	case kind != "zone":
		return nil, unfit("/kind", kind, "kind", "a zone can hold rulesets of the kind zone only")
	case stringOf(in.Name) == "":
		return nil, unfit("/name", "", "name", "it must not be empty")
	}
	return c.write(p, func(tx *rulesetWrite) *Error {
		if tx.exists {
			e := unfit("/kind", "zone", "kind", "exceeded maximum number of zone rulesets for phase "+p.name)
			e.Code = codeRulesetExists
			return e
		}
		tx.Name = *in.Name
		return tx.replace(in)
	})
}

func getRuleset(c *call) (*envelope, *Error) {
	for _, m := range managedRulesets() {
		if m.id == c.params["ruleset_id"] && m.availableOn(c.zone.Plan) {
			p, _ := phaseNamed(m.phase)
			return success(managedView(m)), c.mayUse(p, false)
		}
	}
	r, err := c.entryPoint(false)
	return success(shown(r)), err
}

func putRuleset(c *call) (*envelope, *Error) {
	var in rulesetInput
	if err := c.strictBody(&in); err != nil {
		return nil, err
	}
	return c.writeByID(func(tx *rulesetWrite) *Error { return tx.replace(in) })
}

// deleteRuleset takes the entry point away with everybody's rules. The answer
// is empty.
func deleteRuleset(c *call) (*envelope, *Error) {
	r, err := c.entryPoint(true)
	if err != nil {
		return nil, err
	}
	c.server.beforeWrite.run(c.zone, r.Phase)
	c.zone.RemoveRuleset(r.Phase)
	c.server.afterWrite.run(c.zone, r.Phase)
	return &envelope{status: http.StatusNoContent}, nil
}

func listVersions(c *call) (*envelope, *Error) {
	r, err := c.entryPoint(false)
	if err != nil {
		return nil, err
	}
	out := []rulesetSummary{}
	for _, v := range c.zone.RulesetVersions(r.Phase) {
		out = append(out, summaryOf(v))
	}
	return success(out), nil
}

func getVersion(c *call) (*envelope, *Error) {
	r, err := c.entryPoint(false)
	if err != nil {
		return nil, err
	}
	all := c.zone.RulesetVersions(r.Phase)
	i := slices.IndexFunc(all, func(v zone.Ruleset) bool { return v.Version == c.params["ruleset_version"] })
	if i < 0 {
		return nil, &Error{
			Status: http.StatusNotFound, Code: codeRulesetMissing,
			Message: "could not find version " + strconv.Quote(c.params["ruleset_version"]) + " of the ruleset",
		}
	}
	return success(shown(all[i])), nil
}

// shown is a ruleset as the API shows it: a list without rules is no null.
func shown(r zone.Ruleset) zone.Ruleset {
	if r.Rules == nil {
		r.Rules = []zone.Rule{}
	}
	return r
}

func stringOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
