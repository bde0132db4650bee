package api

import (
	"fmt"
	"strings"
	"testing"
)

// limited is a rate limiting rule; fields replace those of a sound one on Free.
func limited(expression string, fields map[string]string) string {
	limit := map[string]string{
		"characteristics": `["cf.colo.id","ip.src"]`, "period": "10", "requests_per_period": "20", "mitigation_timeout": "10",
	}
	action := "block"
	for name, value := range fields {
		if name == "action" {
			action = value
			continue
		}
		limit[name] = value
		if value == "" {
			delete(limit, name)
		}
	}
	var parts []string
	for name, value := range limit {
		parts = append(parts, fmt.Sprintf("%q:%s", name, value))
	}
	return fmt.Sprintf(`{"action":%q,"expression":%q,"ratelimit":{%s}}`, action, expression, strings.Join(parts, ","))
}

// acts is a rule with parameters.
func acts(action, parameters string) string {
	return fmt.Sprintf(`{"action":%q,"expression":"true","action_parameters":%s}`, action, parameters)
}

func executes(id, more string) string { return acts("execute", `{"id":"`+id+`"`+more+`}`) }

func (w *world) refusal(phase, rule string) (code int, pointer, message string) {
	w.t.Helper()
	got := w.call("PUT", entryOf(phase), `{"rules":[`+rule+`]}`)
	if got.Success {
		return 0, "", ""
	}
	if got.Status != 400 || len(got.Errors) == 0 || got.Errors[0].Source == nil {
		w.t.Errorf("%s %s: %d %s", phase, rule, got.Status, got.Body)
		return got.code(), "", ""
	}
	return got.code(), got.Errors[0].Source.Pointer, got.Errors[0].Message
}

// TestRuleValidation holds for every plan: the largest allows none of it.
func TestRuleValidation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "enterprise", nil)
	const (
		custom, rate, cache, answer = customRule, "http_ratelimit", "http_request_cache_settings", "http_response_cache_settings"
		redirect, rewrite, late     = "http_request_dynamic_redirect", "http_request_transform", "http_request_late_transform"
		headers, config, ddos       = "http_response_headers_transform", "http_config_settings", "ddos_l7"
		p                           = "/action_parameters"
	)
	long := `http.host eq "` + strings.Repeat("a", 4096) + `"`
	for _, tc := range []struct{ phase, rule, pointer string }{
		{custom, `{"action":"block","expression":"true"}`, ""},
		{custom, `{"action":"redirect","expression":"true"}`, "/action"},
		{custom, `{"action":"execute","expression":"true"}`, "/action"},
		{custom, `{"action":"block","expression":"http.nonsense eq 1"}`, "/expression"},
		{custom, `{"action":"block","expression":"http.host eq"}`, "/expression"},
		{custom, `{"action":"block","expression":"http.response.code eq 404"}`, "/expression"},
		{custom, `{"action":"block","expression":"lower(http.host)"}`, "/expression"},
		{custom, fmt.Sprintf(`{"action":"block","expression":%q}`, long), "/expression"},
		{custom, `{"action":"block","expression":"true","ratelimit":{"period":10}}`, "/ratelimit"},
		{custom, `{"action":"log","expression":"true","action_parameters":{"x":1}}`, p},
		{custom, acts("block", `{"response":{"status_code":429,"content_type":"text/plain","content":"no"}}`), ""},
		{custom, acts("block", `{"response":{"status_code":200,"content_type":"text/plain","content":"no"}}`), p + "/response/status_code"},
		{custom, acts("block", `{"response":{"status_code":403,"content_type":"text/plain"}}`), p + "/response/content"},
		{custom, `{"action":"skip","expression":"true"}`, p},
		{custom, acts("skip", `{"phases":["http_ratelimit","http_request_sbfm"],"products":["waf"],"ruleset":"current"}`), ""},
		{custom, acts("skip", `{"products":["WAF"]}`), p + "/products/0"},
		{custom, acts("skip", `{"phases":[]}`), p + "/phases"},
		{custom, acts("skip", `{"ruleset":"other"}`), p + "/ruleset"},
		{custom, `{"action":"skip","expression":"true","action_parameters":{"ruleset":"current"},"logging":{"enabled":1}}`, "/logging/enabled"},
		{managedPhase, acts("skip", `{"rulesets":["`+ManagedRuleset+`"],"rules":{"`+OWASPRuleset+`":["`+zoneID+`"]}}`), ""},
		{managedPhase, acts("skip", `{"ruleset":"current","rulesets":["`+ManagedRuleset+`"]}`), p + "/ruleset"},
		{managedPhase, acts("skip", `{"products":["waf"]}`), p + "/products"},
		{managedPhase, executes(OWASPRuleset, `,"overrides":{"rules":[{"id":"6179ae15870a4bb7b2d480d4843b323c","score_threshold":40}],
			"categories":[{"category":"paranoia-level-4","enabled":false}]}`), ""},
		{managedPhase, executes(zoneID, ""), p + "/id"},
		{managedPhase, executes(DDoSRuleset, ""), p + "/id"},
		{managedPhase, executes(ManagedRuleset, `,"overrides":{"rules":[{"id":"x"}]}`), p + "/overrides/rules/0"},
		{managedPhase, executes(ManagedRuleset, `,"overrides":{"action":"stop"}`), p + "/overrides/action"},
		{ddos, executes(DDoSRuleset, `,"overrides":{"sensitivity_level":"eoff","action":"managed_challenge"}`), ""},
		{ddos, executes(DDoSRuleset, `,"overrides":{"sensitivity_level":"high"}`), p + "/overrides/sensitivity_level"},
		{ddos, strings.Replace(executes(DDoSRuleset, ""), `"true"`, `"ssl"`, 1), "/expression"},
		{cache, acts("set_cache_settings", `{"cache":false}`), ""},
		{cache, acts("set_cache_settings", `{}`), p},
		{cache, acts("set_cache_settings", `{"cache":"off"}`), p + "/cache"},
		{cache, acts("set_cache_settings", `{"cache":true,"edge_ttl":{"mode":"override_origin","default":7200,"status_code_ttl":[{"status_code":404,"value":-1},{"status_code_range":{"from":500},"value":0}]},
			"browser_ttl":{"mode":"respect_origin"},"cache_key":{"cache_deception_armor":true},"serve_stale":{"disable_stale_while_updating":true}}`), ""},
		{cache, acts("set_cache_settings", `{"edge_ttl":{"default":7200}}`), p + "/edge_ttl/mode"},
		{cache, acts("set_cache_settings", `{"edge_ttl":{"mode":"override_origin"}}`), p + "/edge_ttl/default"},
		{cache, acts("set_cache_settings", `{"browser_ttl":{"mode":"respect_origin","default":1}}`), p + "/browser_ttl/default"},
		{cache, acts("set_cache_settings", `{"edge_ttl":{"mode":"respect_origin","status_code_ttl":[{"value":1}]}}`), p + "/edge_ttl/status_code_ttl/0"},
		{cache, acts("set_cache_settings", `{"strip_set_cookie":true}`), p + "/strip_set_cookie"},
		{answer, acts("set_cache_settings", `{"strip_set_cookie":true}`), ""},
		{answer, `{"action":"set_cache_control","expression":"http.response.code eq 200","action_parameters":{"no-store":{"operation":"set"},"max-age":{"operation":"set","value":60}}}`, ""},
		{answer, acts("set_cache_control", `{"max-age":{"operation":"set"}}`), p + "/max-age"},
		{answer, acts("set_cache_control", `{"no-shop":{"operation":"set"}}`), p + "/no-shop"},
		{answer, acts("set_cache_tags", `{"operation":"add","values":["a"]}`), ""},
		{answer, acts("set_cache_tags", `{"operation":"add"}`), p},
		{redirect, acts("redirect", `{"from_value":{"status_code":308,"target_url":{"expression":"concat(\"https://acme.example\", http.request.uri.path)"},"preserve_query_string":true}}`), ""},
		{redirect, acts("redirect", `{"from_value":{"status_code":304,"target_url":{"value":"https://acme.example/"}}}`), p + "/from_value/status_code"},
		{redirect, acts("redirect", `{"from_value":{"target_url":{"value":"ftp://acme.example/"}}}`), p + "/from_value/target_url/value"},
		{redirect, acts("redirect", `{"from_value":{"target_url":{"value":"/a","expression":"http.host"}}}`), p + "/from_value/target_url"},
		{redirect, acts("redirect", `{"from_value":{"target_url":{"expression":"concat(http.host"}}}`), p + "/from_value/target_url/expression"},
		{redirect, acts("redirect", `{"from_list":{"name":"l","key":"http.host"}}`), p + "/from_value"},
		{rewrite, acts("rewrite", `{"uri":{"path":{"value":"/new"},"query":{"value":""}}}`), ""},
		{rewrite, acts("rewrite", `{"uri":{"path":{"value":"new"}}}`), p + "/uri/path/value"},
		{rewrite, acts("rewrite", `{"headers":{"a":{"operation":"remove"}}}`), p + "/uri"},
		{late, acts("rewrite", `{"headers":{"X-Origin":{"operation":"set","value":"s"},"X-IP":{"operation":"add","expression":"to_string(ip.src)"}}}`), ""},
		{late, acts("rewrite", `{"headers":{"CF-Thing":{"operation":"set","value":"s"}}}`), p + "/headers/CF-Thing"},
		{headers, acts("rewrite", `{"headers":{"x-cf-thing":{"operation":"remove"}}}`), p + "/headers/x-cf-thing"},
		{headers, acts("rewrite", `{"headers":{"Server":{"operation":"remove","value":"s"}}}`), p + "/headers/Server"},
		{headers, acts("rewrite", `{"headers":{"a b":{"operation":"remove"}}}`), p + "/headers/a b"},
		{headers, acts("rewrite", `{"headers":{"a":{"operation":"set"}}}`), p + "/headers/a"},
		{headers, acts("rewrite", `{"headers":{"a":{"operation":"set","value":"x\ny"}}}`), p + "/headers/a/value"},
		{headers, acts("rewrite", `{"headers":{"a":{"operation":"replace","value":"x"}}}`), p + "/headers/a/operation"},
		{headers, strings.Replace(acts("rewrite", `{"headers":{"a":{"operation":"remove"}}}`), `"true"`, `"http.response.code eq 200"`, 1), ""},
		{config, acts("set_config", `{"ssl":"strict","bic":false}`), ""},
		{config, acts("set_config", `{"ssl":"best"}`), p + "/ssl"},
		{config, acts("set_config", `{"bic":"on"}`), p + "/bic"},
		{rate, limited("true", nil), ""},
		{rate, limited("true", map[string]string{"mitigation_timeout": "0", "period": "1.2e3"}), ""},
		{rate, limited("true", map[string]string{"characteristics": `["cf.colo.id","http.request.headers[\"x-key\"]"]`}), ""},
		{rate, limited("true", map[string]string{"characteristics": `["cf.colo.id","http.request.headers[\"X-Key\"]"]`}), "/ratelimit/characteristics/1"},
		{rate, limited("true", map[string]string{"characteristics": `["ip.src"]`}), "/ratelimit/characteristics"},
		{rate, limited("true", map[string]string{"characteristics": `["ip.src","cf.colo.id","cf.unique_visitor_id"]`}), "/ratelimit/characteristics"},
		{rate, limited("true", map[string]string{"characteristics": `["cf.colo.id","ip.nonsense"]`}), "/ratelimit/characteristics/1"},
		{rate, limited("true", map[string]string{"characteristics": `["cf.colo.id","http.request.headers"]`}), "/ratelimit/characteristics/1"},
		{rate, limited("true", map[string]string{"characteristics": `["cf.colo.id","cf.colo.id"]`}), "/ratelimit/characteristics/1"},
		{rate, limited("true", map[string]string{"period": ""}), "/ratelimit/period"},
		{rate, limited("true", map[string]string{"period": "9"}), "/ratelimit/period"},
		{rate, limited("true", map[string]string{"period": "11"}), "/ratelimit/period"},
		{rate, limited("true", map[string]string{"period": "1e300"}), "/ratelimit/period"},
		{rate, limited("true", map[string]string{"mitigation_timeout": "-1"}), "/ratelimit/mitigation_timeout"},
		{rate, limited("true", map[string]string{"requests_per_period": "0"}), "/ratelimit/requests_per_period"},
		{rate, limited("true", map[string]string{"mitigation_timeout": "86401"}), "/ratelimit/mitigation_timeout"},
		{rate, limited("true", map[string]string{"counting_expression": `"http.response.code eq 401"`}), ""},
		{rate, limited("true", map[string]string{"counting_expression": `"http.response.code eq"`}), "/ratelimit/counting_expression"},
		{rate, `{"action":"block","expression":"true"}`, "/ratelimit"},
	} {
		pointer := tc.pointer
		if pointer != "" {
			pointer = "/rules/0" + pointer
		}
		if _, got, message := w.refusal(tc.phase, tc.rule); got != pointer {
			t.Errorf("%s %s: %s at %q, want %q", tc.phase, tc.rule, message, got, pointer)
		}
	}
	code, _, message := w.refusal(custom, `{"action":"block","expression":"ssl and\n  http.nonsense eq 1"}`)
	if code != codeExpression || !strings.Contains(message, "(2:3)") || !strings.Contains(message, "\n  http.nonsense eq 1\n  ^") {
		t.Errorf("the place of what is wrong: %d %s", code, message)
	}
	// A single rule is the whole body, and so is its pointer.
	r := w.ruleset("PUT", entryOf(custom), `{"rules":[]}`)
	if got := w.call("POST", rulesets+"/"+r.ID+"/rules", `{"action":"block","expression":"("}`); got.Errors[0].Source.Pointer != "/expression" {
		t.Errorf("pointer of a single rule: %s", got.Body)
	}
}

func TestRuleNormalisation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "enterprise", nil)
	for _, tc := range []struct{ phase, rule, parameters, limit, logging string }{
		{managedPhase, executes(ManagedRuleset, ""), `{"id":"` + ManagedRuleset + `","version":"latest"}`, "", ""},
		{customRule, acts("skip", `{ "ruleset" : "current" }`), `{"ruleset":"current"}`, "", `{"enabled":true}`},
		{customRule, strings.Replace(acts("skip", `{"ruleset":"current"}`), `}`, `},"logging":{"enabled":false}`, 1), `{"ruleset":"current"}`, "", `{"enabled":false}`},
		{customRule, acts("block", `{}`), "", "", ""},
		{"http_ratelimit", limited("true", map[string]string{"counting_expression": `""`, "characteristics": `["ip.src","cf.colo.id"]`}), "",
			`{"characteristics":["ip.src","cf.colo.id"],"mitigation_timeout":10,"period":10,"requests_per_period":20,"requests_to_origin":false}`, ""},
	} {
		got := w.ruleset("PUT", entryOf(tc.phase), `{"rules":[`+tc.rule+`]}`).Rules[0]
		if string(got.ActionParameters) != tc.parameters || string(got.RateLimit) != tc.limit || string(got.Logging) != tc.logging {
			t.Errorf("%s: %s %s %s", tc.rule, got.ActionParameters, got.RateLimit, got.Logging)
		}
		// What was read is written back as it is, and nothing changes.
		again := w.ruleset("PUT", entryOf(tc.phase), string(raw(map[string]any{"rules": []any{got}}))).Rules[0]
		if again.Version != got.Version || again.ID != got.ID {
			t.Errorf("written back: %+v", again)
		}
	}
}

// TestRuleLimits holds each limit on each plan. Columns: free, pro, business,
// enterprise; + is allowed.
func TestRuleLimits(t *testing.T) {
	t.Parallel()
	plans := []string{"free", "pro", "business", "enterprise"}
	worlds := map[string]*world{}
	for _, plan := range plans {
		worlds[plan] = newWorld(t, plan, nil)
	}
	with := func(field, value string) string { return limited("true", map[string]string{field: value}) }
	on := func(expression string) string { return limited(expression, nil) }
	ttl := func(seconds int) string {
		return acts("set_cache_settings", fmt.Sprintf(`{"edge_ttl":{"mode":"override_origin","default":%d}}`, seconds))
	}
	const rate, cache = "http_ratelimit", "http_request_cache_settings"
	for _, tc := range []struct{ phase, rule, want string }{
		{customRule, `{"action":"log","expression":"true"}`, "---+"},
		{customRule, `{"action":"block","expression":"http.host matches \"a\""}`, "--++"},
		{customRule, `{"action":"block","expression":"http.host eq \"matches\""}`, "++++"},
		{"http_request_transform", acts("rewrite", `{"uri":{"path":{"expression":"regex_replace(http.request.uri.path, \"a\", \"b\")"}}}`), "--++"},
		{customRule, `{"action":"block","expression":"cf.waf.score lt 20"}`, "---+"},
		{customRule, `{"action":"block","expression":"cf.waf.score.class eq \"attack\""}`, "--++"},
		{customRule, `{"action":"block","expression":"cf.waf.credential_check.password_leaked"}`, "++++"},
		{customRule, acts("block", `{"response":{"status_code":403,"content_type":"text/plain","content":"no"}}`), "-+++"},
		{managedPhase, executes(FreeManagedRuleset, ""), "++++"},
		{managedPhase, executes(ManagedRuleset, ""), "-+++"},
		{managedPhase, executes(OWASPRuleset, ""), "-+++"},
		{"ddos_l7", executes(DDoSRuleset, ""), "++++"},
		{"ddos_l7", executes(DDoSRuleset, `,"overrides":{"rules":[{"id":"x","action":"log"}]}`), "---+"},
		{"ddos_l7", executes(DDoSRuleset, `,"overrides":{"action":"log"}`), "---+"},
		{managedPhase, executes(ManagedRuleset, `,"overrides":{"action":"log"}`), "-+++"},
		{"http_config_settings", acts("set_config", `{"ssl":"origin_pull"}`), "---+"},
		{cache, ttl(7200), "++++"},
		{cache, ttl(3600), "-+++"},
		{cache, ttl(60), "--++"},
		{cache, acts("set_cache_settings", `{"edge_ttl":{"mode":"respect_origin","status_code_ttl":[{"status_code":404,"value":60}]}}`), "--++"},
		{cache, acts("set_cache_settings", `{"cache_key":{"custom_key":{"query_string":{"include":{"list":["q"]}}}}}`), "---+"},
		{cache, acts("set_cache_settings", `{"origin_cache_control":false}`), "---+"},
		{rate, on(`http.request.uri.path eq "/login"`), "++++"},
		{rate, on(`http.host eq "acme.example"`), "-+++"},
		{rate, on(`http.request.method eq "POST"`), "--++"},
		{rate, on(`len(http.request.headers["x"]) > 0`), "---+"},
		{rate, with("period", "10"), "++++"},
		{rate, with("period", "60"), "-+++"},
		{rate, with("period", "45"), "-+++"},
		{rate, with("period", "90"), "--++"},
		{rate, with("period", "600"), "--++"},
		{rate, with("requests_to_origin", "false"), "++++"},
		{rate, with("requests_to_origin", "true"), "--++"},
		{rate, strings.Replace(on("true"), `"ratelimit"`, `"action_parameters":{"response":{"status_code":429}},"ratelimit"`, 1), "-+++"},
		{rate, with("period", "65535"), "---+"},
		{rate, with("mitigation_timeout", "0"), "---+"},
		{rate, with("mitigation_timeout", "10"), "++++"},
		{rate, with("mitigation_timeout", "3600"), "-+++"},
		{rate, with("mitigation_timeout", "86400"), "--++"},
		{rate, with("mitigation_timeout", "1234"), "---+"},
		{rate, limited("true", map[string]string{"action": "managed_challenge", "mitigation_timeout": "0"}), "++++"},
		{rate, limited("true", map[string]string{"action": "managed_challenge"}), "---+"},
		{rate, with("characteristics", `["cf.colo.id","cf.unique_visitor_id"]`), "--++"},
		{rate, with("characteristics", `["cf.colo.id","ip.src.country"]`), "---+"},
		{rate, with("counting_expression", `"http.response.code eq 401"`), "--++"},
	} {
		got := ""
		for _, plan := range plans {
			code, _, message := worlds[plan].refusal(tc.phase, tc.rule)
			if code == 0 {
				got += "+"
				continue
			}
			got += "-"
			if code == codeRuleEntitlement && !strings.Contains(message, plan) {
				t.Errorf("%s does not name the plan: %s", tc.rule, message)
			}
		}
		if got != tc.want {
			t.Errorf("%s %s: %s, want %s", tc.phase, tc.rule, got, tc.want)
		}
	}

	for _, tc := range []struct {
		phase, rule string
		most        [4]int
	}{
		{customRule, `{"action":"block","expression":"ssl"}`, [4]int{5, 20, 100, 1000}},
		{rate, on("true"), [4]int{1, 2, 5, 100}},
		{"ddos_l7", executes(DDoSRuleset, ""), [4]int{1, 1, 1, 1}},
		{cache, acts("set_cache_settings", `{"cache":false}`), [4]int{10, 25, 50, 300}},
		{"http_response_cache_settings", acts("set_cache_settings", `{"strip_etags":true}`), [4]int{10, 25, 50, 300}},
		{"http_request_dynamic_redirect", acts("redirect", `{"from_value":{"target_url":{"value":"/"}}}`), [4]int{10, 25, 50, 300}},
		{"http_response_headers_transform", acts("rewrite", `{"headers":{"a":{"operation":"remove"}}}`), [4]int{10, 25, 50, 300}},
		{"http_config_settings", acts("set_config", `{"bic":true}`), [4]int{10, 25, 50, 300}},
	} {
		for i, plan := range plans {
			w, most := worlds[plan], tc.most[i]
			full := w.ruleset("PUT", entryOf(tc.phase), `{"rules":[`+strings.TrimSuffix(strings.Repeat(tc.rule+",", most), ",")+`]}`)
			one := rulesets + "/" + full.ID + "/rules"
			got := w.call("POST", one, tc.rule)
			if got.code() != codeRuleQuota || !strings.Contains(string(got.Body), fmt.Sprintf("%d out of %d", most+1, most)) {
				t.Errorf("%s on %s takes more than %d: %s", tc.phase, plan, most, got.Body)
			}
			if got := w.call("PATCH", one+"/"+full.Rules[0].ID, tc.rule); !got.Success {
				t.Errorf("%s on %s: a rule of a full ruleset cannot be changed: %s", tc.phase, plan, got.Body)
			}
		}
	}
}
