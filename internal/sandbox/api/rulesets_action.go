package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// parameters looks at the action_parameters of a rule: their form first, then
// what they say.
func (j judge) parameters(r zone.Rule) *Error {
	at := j.at + "/action_parameters"
	form, required, has := paramsOf(j.phase.name, r.Action)
	switch {
	case r.ActionParameters == nil && required:
		return unfit(at, "", "action_parameters", "the action "+r.Action+" requires it")
	case r.ActionParameters == nil:
		return nil
	case !has:
		return unfit(at, shortened(string(r.ActionParameters)), "action_parameters", "the action "+r.Action+" has none")
	}
	if err := form.checkRaw(r.ActionParameters, at, "action_parameters"); err != nil {
		return err
	}
	switch r.Action {
	case "block":
		if !j.limits.customResponse {
			return j.notEntitled("/action_parameters/response", "", "response", "a custom response is not allowed")
		}
	case "skip":
		p := objectOf(r.ActionParameters)
		if j.phase.name == managedPhase && p["ruleset"] != nil && len(p) > 1 {
			return unfit(at+"/ruleset", "current", "ruleset", "it excludes rulesets and rules")
		}
	case "execute":
		return j.execute(r.ActionParameters)
	case "redirect":
		return j.redirect(r.ActionParameters)
	case "rewrite":
		return j.rewrite(r.ActionParameters)
	case "set_cache_settings":
		return j.cache(r.ActionParameters)
	case "set_cache_control":
		return j.cacheControl(r.ActionParameters)
	case "set_config":
		if string(objectOf(r.ActionParameters)["ssl"]) == `"origin_pull"` && !j.limits.enterprise {
			return j.notEntitled("/action_parameters/ssl", "origin_pull", "ssl", "the value is not allowed")
		}
	}
	return nil
}

func (j judge) execute(raw json.RawMessage) *Error {
	type override struct{ Action string }
	var p struct {
		ID        string
		Overrides struct {
			override
			Rules, Categories []override
		}
	}
	into(raw, &p)
	logs := slices.Contains(slices.Concat([]override{p.Overrides.override}, p.Overrides.Rules, p.Overrides.Categories), override{"log"})
	const at = "/action_parameters"
	all := managedRulesets()
	i := slices.IndexFunc(all, func(m managed) bool { return m.id == p.ID && m.phase == j.phase.name })
	switch {
	case i < 0:
		return unfit(j.at+at+"/id", p.ID, "id", "the phase "+j.phase.name+" has no such managed ruleset")
	case !all[i].availableOn(j.plan):
		return j.notEntitled(at+"/id", p.ID, "id", "the use of "+all[i].name+" is not allowed")
	case logs && j.phase.name == "ddos_l7" && !j.limits.enterprise:
		return j.notEntitled(at+"/overrides", "log", "action", "the use of action log is not allowed")
	}
	return nil
}

func (j judge) redirect(raw json.RawMessage) *Error {
	var p struct {
		From struct {
			Status *int  `json:"status_code"`
			Target value `json:"target_url"`
		} `json:"from_value"`
	}
	into(raw, &p)
	const at = "/action_parameters/from_value"
	if s := p.From.Status; s != nil && !slices.Contains([]int{301, 302, 303, 307, 308}, *s) {
		return unfit(j.at+at+"/status_code", fmt.Sprint(*s), "status_code", "it must be one of 301, 302, 303, 307, 308")
	}
	if t := p.From.Target.Value; t != "" {
		if u, err := url.Parse(t); err != nil || u.Host == "" && !strings.HasPrefix(t, "/") || u.Host != "" && u.Scheme != "http" && u.Scheme != "https" {
			return unfit(j.at+at+"/target_url/value", t, "value", "it is neither a URL nor a path")
		}
	}
	return j.dynamic(at+"/target_url", p.From.Target)
}

func (j judge) rewrite(raw json.RawMessage) *Error {
	var p struct {
		URI     map[string]value
		Headers map[string]header
	}
	into(raw, &p)
	for _, part := range slices.Sorted(maps.Keys(p.URI)) {
		v, at := p.URI[part], "/action_parameters/uri/"+part
		if part == "path" && v.Expression == "" && !strings.HasPrefix(v.Value, "/") {
			return unfit(j.at+at+"/value", v.Value, "value", "a path begins with /")
		}
		if err := j.dynamic(at, v); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Headers)) {
		h, at := p.Headers[name], "/action_parameters/headers/"+escape(name)
		lower := strings.ToLower(name)
		given := (h.Value != "") != (h.Expression != "")
		switch {
		case !httpguts.ValidHeaderFieldName(name):
			return unfit(j.at+at, name, "headers", "it is not the name of a header")
		case strings.HasPrefix(lower, "cf-") || strings.HasPrefix(lower, "x-cf-"):
			return unfit(j.at+at, name, "headers", "headers whose names begin with cf- or x-cf- cannot be changed")
		case h.Operation == "remove" && (h.Value != "" || h.Expression != ""):
			return unfit(j.at+at, name, "headers", "the operation remove takes no value")
		case h.Operation != "remove" && !given:
			return unfit(j.at+at, name, "headers", "exactly one of value, expression must be given")
		case !httpguts.ValidHeaderFieldValue(h.Value):
			return unfit(j.at+at+"/value", shortened(h.Value), "value", "it is not the value of a header")
		}
		if err := j.dynamic(at, h.value); err != nil {
			return err
		}
	}
	return nil
}

// value is a text, or an expression that gives one.
type value struct{ Value, Expression string }

type header struct {
	value
	Operation string
}

func (j judge) dynamic(at string, v value) *Error {
	if v.Expression == "" {
		return nil
	}
	return j.expression(at+"/expression", "expression", v.Expression, true)
}

func (j judge) cacheControl(raw json.RawMessage) *Error {
	var p map[string]struct {
		Operation string
		Value     *int
	}
	into(raw, &p)
	for _, name := range timedDirectives() {
		if d, given := p[name]; given && (d.Operation == "set") != (d.Value != nil) {
			return unfit(j.at+"/action_parameters/"+name, "", name, "a value belongs to the operation set, and to no other")
		}
	}
	return nil
}

func (j judge) cache(raw json.RawMessage) *Error {
	type ttl struct {
		Mode    string
		Default *int
		Status  []struct{ Value int } `json:"status_code_ttl"`
	}
	var p struct {
		Edge    ttl `json:"edge_ttl"`
		Browser ttl `json:"browser_ttl"`
		Key     struct {
			Custom json.RawMessage `json:"custom_key"`
		} `json:"cache_key"`
	}
	into(raw, &p)
	const at = "/action_parameters"
	for name, t := range map[string]ttl{"edge_ttl": p.Edge, "browser_ttl": p.Browser} {
		if override := t.Mode == "override_origin"; t.Mode != "" && override != (t.Default != nil) {
			return unfit(j.at+at+"/"+name+"/default", "", "default", "it belongs to the mode override_origin, and to no other")
		}
	}
	least := j.limits.minEdgeTTL
	if d := p.Edge.Default; d != nil && *d < least {
		return j.notEntitled(at+"/edge_ttl/default", fmt.Sprint(*d), "default", fmt.Sprintf("a TTL below %d seconds is not allowed", least))
	}
	for i, s := range p.Edge.Status {
		if s.Value > 0 && s.Value < least { // 0 and -1 do not cache
			return j.notEntitled(fmt.Sprintf("%s/edge_ttl/status_code_ttl/%d/value", at, i), fmt.Sprint(s.Value), "value",
				fmt.Sprintf("a TTL below %d seconds is not allowed", least))
		}
	}
	given := objectOf(raw)
	for _, name := range []string{"origin_cache_control", "additional_cacheable_ports", "read_timeout"} {
		if given[name] != nil && !j.limits.enterprise {
			return j.notEntitled(at+"/"+name, "", name, "it is not allowed")
		}
	}
	if p.Key.Custom != nil && !j.limits.enterprise {
		return j.notEntitled(at+"/cache_key/custom_key", "", "custom_key", "it is not allowed")
	}
	return nil
}

// into decodes what its schema has let pass. A number such as 1e3 becomes the
// whole number that it is, and of a name that is there twice the last counts.
func into(text json.RawMessage, v any) {
	var plain any
	err := json.Unmarshal(text, &plain)
	if err == nil {
		err = json.Unmarshal(raw(plain), v)
	}
	if err != nil {
		panic(err)
	}
}
