package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// rulesetWrite is a ruleset while it is written: what it was, and what it is
// to be.
type rulesetWrite struct {
	*zone.Ruleset
	plan   string
	exists bool
	before []zone.Rule
}

// errDryRun ends a write that was only to be tried.
var errDryRun = errors.New("dry run")

// write carries a change of a phase's entry point out as one step, so that
// writes that come together are all kept.
func (c *call) write(p phase, change func(*rulesetWrite) *Error) (*envelope, *Error) {
	return c.writeIf(p, func(zone.Ruleset) bool { return true }, change)
}

// writeByID is write for a path that names the ruleset by its id.
func (c *call) writeByID(change func(*rulesetWrite) *Error) (*envelope, *Error) {
	r, err := c.entryPoint(true)
	if err != nil {
		return nil, err
	}
	p, _ := phaseNamed(r.Phase)
	return c.writeIf(p, func(now zone.Ruleset) bool { return now.ID == r.ID }, change)
}

// writeIf refuses the write where the ruleset is no longer the one that was
// meant.
func (c *call) writeIf(p phase, meant func(zone.Ruleset) bool, change func(*rulesetWrite) *Error) (*envelope, *Error) {
	dry := c.server.knowsDryRun() && c.URL.Query().Get("dry_run") == "true"
	if !dry {
		c.server.beforeWrite.run(c.zone, p.name)
	}
	stored, err := c.zone.UpdateRuleset(p.name, func(r *zone.Ruleset) error {
		tx := &rulesetWrite{Ruleset: r, plan: c.zone.Plan, exists: r.ID != "", before: slices.Clone(r.Rules)}
		if !meant(*r) {
			return noSuchRuleset()
		}
		if err := change(tx); err != nil {
			return err
		}
		if dry {
			return errDryRun
		}
		tx.seal()
		return nil
	})
	var refused *Error
	switch {
	case errors.Is(err, errDryRun):
		return success(nil), nil
	case errors.As(err, &refused):
		return nil, refused
	}
	c.server.afterWrite.run(c.zone, p.name)
	return success(shown(stored)), nil
}

// seal gives ids and versions to what has none, or has another content now.
func (tx *rulesetWrite) seal() {
	tx.ID = cmp.Or(tx.ID, NewID())
	at := now()
	for i := range tx.Rules {
		r := &tx.Rules[i]
		r.ID = cmp.Or(r.ID, NewID())
		r.Ref = cmp.Or(r.Ref, r.ID)
		old := slices.IndexFunc(tx.before, func(o zone.Rule) bool { return o.ID == r.ID })
		switch {
		case old < 0:
			r.Version, r.LastUpdated = "1", at
		case sameRule(tx.before[old], *r):
			r.Version, r.LastUpdated = tx.before[old].Version, tx.before[old].LastUpdated
		default:
			n, _ := strconv.Atoi(tx.before[old].Version) // ours: always a number
			r.Version, r.LastUpdated = strconv.Itoa(n+1), at
		}
	}
}

// sameRule compares what a client can write.
func sameRule(a, b zone.Rule) bool {
	return a.Ref == b.Ref && a.Description == b.Description && a.Expression == b.Expression && a.Action == b.Action &&
		a.Enabled == b.Enabled && bytes.Equal(a.ActionParameters, b.ActionParameters) &&
		bytes.Equal(a.RateLimit, b.RateLimit) && bytes.Equal(a.Logging, b.Logging)
}

// replace takes all rules out for those of a body. A rule whose id or ref the
// ruleset has keeps its id, any other gets a new one.
func (tx *rulesetWrite) replace(in rulesetInput) *Error {
	switch {
	case in.Kind != nil && *in.Kind != tx.Kind:
		return unfit("/kind", *in.Kind, "kind", "it cannot be changed")
	case in.Phase != nil && *in.Phase != tx.Phase:
		return unfit("/phase", *in.Phase, "phase", "it cannot be changed")
	case in.Name != nil && *in.Name == "":
		return unfit("/name", "", "name", "it must not be empty")
	case in.Name != nil && tx.exists && *in.Name != tx.Name:
		return unfit("/name", *in.Name, "name", "it cannot be changed")
	case in.Rules == nil:
		return unfit("/rules", "", "rules", "it is required")
	}
	if in.Name != nil {
		tx.Name = *in.Name
	}
	if in.Description != nil {
		tx.Description = *in.Description
	}
	tx.Rules = make([]zone.Rule, 0, len(*in.Rules))
	taken := map[string]bool{}
	for i, one := range *in.Rules {
		at := fmt.Sprintf("/rules/%d", i)
		if one.Position != nil {
			return unfit(at+"/position", "", "position", "it is for calls of single rules")
		}
		rule, err := one.rule(at)
		if err != nil {
			return err
		}
		if known := slices.IndexFunc(tx.before, func(o zone.Rule) bool { return o.ID == one.ID }); known >= 0 {
			rule.ID = one.ID
		} else if known := slices.IndexFunc(tx.before, func(o zone.Rule) bool { return o.Ref == rule.Ref }); known >= 0 {
			rule.ID = tx.before[known].ID
		}
		if rule.ID != "" && taken[rule.ID] {
			return unfit(at+"/id", rule.ID, "id", "another rule has it")
		}
		taken[rule.ID] = true
		tx.Rules = append(tx.Rules, rule)
		if err := tx.check(i, at); err != nil {
			return err
		}
	}
	return nil
}

// check looks at the rule at i, which the body has at a place.
func (tx *rulesetWrite) check(i int, at string) *Error {
	ref := cmp.Or(tx.Rules[i].Ref, tx.Rules[i].ID)
	for j, other := range tx.Rules {
		if j != i && ref != "" && ref == cmp.Or(other.Ref, other.ID) {
			return unfit(at+"/ref", ref, "ref", "another rule of the ruleset has it")
		}
	}
	p, _ := phaseNamed(tx.Phase)
	j := newJudge(p, tx.plan, at)
	if err := j.rule(tx.Rules[i]); err != nil {
		return err
	}
	if len(tx.Rules) <= len(tx.before) { // fewer are always allowed, if still too many
		return nil
	}
	return j.count(len(tx.Rules))
}

// strictBody decodes a body whose fields are all known.
func (c *call) strictBody(into any) *Error {
	body, err := io.ReadAll(http.MaxBytesReader(nil, c.Body, maxBody))
	if err != nil {
		return badRequest(codeJSON, "Malformed JSON in request body")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return badRequest(codeRule, "invalid JSON: "+strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}
