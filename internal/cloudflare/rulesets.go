package cloudflare

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"

	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/rulesets"

	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

// Codes of the Ruleset Engine.
const (
	codeNoEntryPoint     = 10003
	codeEntryPointExists = 20217
)

// phasePermissions are what a token needs for the rules of a phase, without
// "Read" or "Write" (https://developers.cloudflare.com/fundamentals/api/reference/permissions/).
func phasePermission(phase ruleset.Phase) string {
	switch phase {
	case ruleset.PhaseFirewallCustom, ruleset.PhaseFirewallManaged, ruleset.PhaseRateLimit:
		return "Zone WAF"
	case ruleset.PhaseDDoS:
		return "HTTP DDoS Managed Ruleset"
	case ruleset.PhaseCache:
		return "Cache Rules"
	case ruleset.PhaseRedirect:
		return "Single Redirect"
	case ruleset.PhaseConfig:
		return "Config Rules"
	default:
		return "Transform Rules"
	}
}

// entryPoints are the rules of phases, each read once and then kept right by
// our own writes.
type entryPoints struct {
	flight flight[ruleset.Ruleset]
	mu     sync.Mutex
	known  map[string]ruleset.Ruleset // by zone and phase
}

func phaseKey(zoneID string, phase ruleset.Phase) string { return zoneID + " " + string(phase) }

func (e *entryPoints) get(key string) (ruleset.Ruleset, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r, ok := e.known[key]
	return r, ok
}

func (e *entryPoints) put(key string, r ruleset.Ruleset) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.known == nil {
		e.known = map[string]ruleset.Ruleset{}
	}
	e.known[key] = r
}

// EntryPoint returns the rules of a phase; one without an id if the phase has
// no entry point. Resources of one zone share the read.
func (c *Client) EntryPoint(ctx context.Context, zoneID string, phase ruleset.Phase) (ruleset.Ruleset, error) {
	key := phaseKey(zoneID, phase)
	return c.entryPoints.flight.do(ctx, key, func(ctx context.Context) (ruleset.Ruleset, error) {
		if r, ok := c.entryPoints.get(key); ok {
			return r, nil
		}
		return c.readEntryPoint(ctx, zoneID, phase)
	})
}

// ruleOperation names a call on the rules of a phase.
func ruleOperation(name, method, path, zoneID string, phase ruleset.Phase) operation {
	access := " Write"
	if method == http.MethodGet {
		access = " Read"
	}
	return operation{name + " " + string(phase), method, "/zones/" + zoneID + "/rulesets" + path, zoneID, phasePermission(phase) + access}
}

// readEntryPoint asks the API and keeps the answer.
func (c *Client) readEntryPoint(ctx context.Context, zoneID string, phase ruleset.Phase) (ruleset.Ruleset, error) {
	op := ruleOperation("read rules of", http.MethodGet, "/phases/"+string(phase)+"/entrypoint", zoneID, phase)
	if err := checkID("zone", zoneID); err != nil {
		return ruleset.Ruleset{}, c.failure(op, err, false)
	}
	var params rulesets.PhaseGetParams
	params.ZoneID.Value, params.ZoneID.Present = zoneID, true
	out, err := c.callRules(ctx, op, phase, nil, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.phases.Get(ctx, rulesets.Phase(phase), params, opts...)
		return err
	})
	if e, ok := asError(err); ok && e.Status == http.StatusNotFound && (e.Code == codeNoEntryPoint || e.Code == 0) {
		out, err = ruleset.Ruleset{Phase: phase}, nil
	}
	if err == nil {
		c.entryPoints.put(phaseKey(zoneID, phase), out)
	}
	return out, err
}

// rulesetVersion reads what a ruleset was.
func (c *Client) rulesetVersion(ctx context.Context, zoneID string, r ruleset.Ruleset, version int) (ruleset.Ruleset, error) {
	number := strconv.Itoa(version)
	op := ruleOperation("read version "+number+" of the rules of", http.MethodGet, "/"+r.ID+"/versions/"+number, zoneID, r.Phase)
	var params rulesets.VersionGetParams
	params.ZoneID.Value, params.ZoneID.Present = zoneID, true
	return c.callRules(ctx, op, r.Phase, nil, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.versions.Get(ctx, r.ID, number, params, opts...)
		return err
	})
}

// createEntryPoint makes the entry point of a phase that has none. Another one
// that came first is a refusal, so nobody's rules are lost.
func (c *Client) createEntryPoint(ctx context.Context, zoneID string, phase ruleset.Phase, rules []ruleset.Rule) (ruleset.Ruleset, error) {
	op := ruleOperation("create the rules of", http.MethodPost, "", zoneID, phase)
	var params rulesets.RulesetNewParams
	params.ZoneID.Value, params.ZoneID.Present = zoneID, true
	body := map[string]any{"name": "default", "kind": "zone", "phase": phase, "rules": rules}
	return c.callRules(ctx, op, phase, body, func(ctx context.Context, opts []option.RequestOption) error {
		_, err := c.rulesets.New(ctx, params, opts...)
		return err
	})
}

// editRules makes one call.
func (c *Client) editRules(ctx context.Context, zoneID string, r ruleset.Ruleset, edit ruleset.Edit) (ruleset.Ruleset, error) {
	switch {
	case edit.Add != nil:
		op := ruleOperation("add a rule to", http.MethodPost, "/"+r.ID+"/rules", zoneID, r.Phase)
		position := map[string]string{"after": edit.After}
		if edit.After == "" {
			position = map[string]string{"before": ""}
		}
		body, err := placed(*edit.Add, position)
		if err != nil {
			return ruleset.Ruleset{}, c.failure(op, &inputError{err.Error()}, false)
		}
		var params rulesets.RuleNewParams
		params.ZoneID.Value, params.ZoneID.Present = zoneID, true
		return c.callRules(ctx, op, r.Phase, body, func(ctx context.Context, opts []option.RequestOption) error {
			_, err := c.rules.New(ctx, r.ID, params, opts...)
			return err
		})
	case edit.Change != nil:
		op := ruleOperation("change a rule of", http.MethodPatch, "/"+r.ID+"/rules/"+edit.Change.ID, zoneID, r.Phase)
		var params rulesets.RuleEditParams
		params.ZoneID.Value, params.ZoneID.Present = zoneID, true
		return c.callRules(ctx, op, r.Phase, edit.Change, func(ctx context.Context, opts []option.RequestOption) error {
			_, err := c.rules.Edit(ctx, r.ID, edit.Change.ID, params, opts...)
			return err
		})
	case edit.Remove != "":
		op := ruleOperation("delete a rule of", http.MethodDelete, "/"+r.ID+"/rules/"+edit.Remove, zoneID, r.Phase)
		var params rulesets.RuleDeleteParams
		params.ZoneID.Value, params.ZoneID.Present = zoneID, true
		return c.callRules(ctx, op, r.Phase, nil, func(ctx context.Context, opts []option.RequestOption) error {
			_, err := c.rules.Delete(ctx, r.ID, edit.Remove, params, opts...)
			return err
		})
	default:
		op := ruleOperation("write the rules of", http.MethodPut, "/"+r.ID, zoneID, r.Phase)
		var params rulesets.RulesetUpdateParams
		params.ZoneID.Value, params.ZoneID.Present = zoneID, true
		return c.callRules(ctx, op, r.Phase, map[string]any{"rules": edit.Whole}, func(ctx context.Context, opts []option.RequestOption) error {
			_, err := c.rulesets.Update(ctx, r.ID, params, opts...)
			return err
		})
	}
}

// placed is the body that adds a rule at a position.
func placed(r ruleset.Rule, position map[string]string) (map[string]any, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	body := map[string]any{}
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, err
	}
	body["position"] = position
	return body, nil
}

// callRules makes a call whose answer is the whole ruleset. A deletion may be
// answered by nothing: then it is read.
func (c *Client) callRules(ctx context.Context, op operation, phase ruleset.Phase, body any, do func(context.Context, []option.RequestOption) error) (ruleset.Ruleset, error) {
	env, resp, err := c.call(ctx, op, body, do)
	if err != nil {
		return ruleset.Ruleset{}, err
	}
	if op.method == http.MethodDelete && len(env.Result) == 0 {
		return c.readEntryPoint(ctx, op.zoneID, phase)
	}
	var w struct {
		ID      string            `json:"id"`
		Version string            `json:"version"`
		Rules   []json.RawMessage `json:"rules"`
	}
	if err := json.Unmarshal(orNull(env.Result), &w); err != nil || w.ID == "" {
		return ruleset.Ruleset{}, c.unreadable(op, resp)
	}
	out := ruleset.Ruleset{ID: w.ID, Version: w.Version, Phase: phase, Rules: make([]ruleset.Rule, len(w.Rules))}
	for i, raw := range w.Rules {
		if out.Rules[i], err = ruleset.ParseRule(raw); err != nil {
			return ruleset.Ruleset{}, c.unreadable(op, resp)
		}
	}
	return out, nil
}
