package api

// paramsOf describes the action_parameters of an action in a phase; ok is false
// where it has none.
func paramsOf(phase, action string) (s schema, required, ok bool) {
	flag, anything := schema{kind: "bool"}, schema{}
	filled := schema{kind: "text", least: 1}
	// Either a text or an expression that gives one.
	either := schema{kind: "object", fields: map[string]schema{"value": filled, "expression": filled}, exclusive: []string{"value", "expression"}}
	switch action {
	case "block":
		answer := object(map[string]schema{
			"status_code":  whole(400, 499),
			"content_type": oneOf("text/html", "text/plain", "text/xml", "application/json"),
			"content":      {kind: "text", least: 1, most: 30 << 10},
		}, "status_code", "content_type", "content")
		if phase == "http_ratelimit" { // the default is 429
			answer.required = nil
		}
		return object(map[string]schema{"response": answer}), false, true
	case "skip":
		ids := list(schema{kind: "text", least: 32, most: 32})
		fields := map[string]schema{
			"ruleset": oneOf("current"), "phase": oneOf("current"),
			"phases":   list(oneOf("http_ratelimit", "http_request_sbfm", managedPhase)),
			"products": list(oneOf("zoneLockdown", "uaBlock", "bic", "hot", "securityLevel", "rateLimit", "waf")),
		}
		if phase == managedPhase {
			fields = map[string]schema{
				"ruleset": oneOf("current"), "rulesets": ids, "rules": {kind: "object", rest: &ids, least: 1},
			}
		}
		return schema{kind: "object", fields: fields, least: 1}, true, true
	case "execute":
		return executeParams(phase), true, true
	case "redirect":
		return object(map[string]schema{"from_value": object(map[string]schema{
			"status_code": {kind: "number"}, "target_url": either, "preserve_query_string": flag,
		}, "target_url")}, "from_value"), true, true
	case "rewrite":
		if phase == "http_request_transform" {
			part := schema{kind: "object", exclusive: []string{"value", "expression"},
				fields: map[string]schema{"value": {kind: "text"}, "expression": filled}}
			return object(map[string]schema{"uri": {kind: "object", least: 1, fields: map[string]schema{"path": part, "query": part}}}, "uri"), true, true
		}
		header := object(map[string]schema{"operation": oneOf("set", "add", "remove"), "value": filled, "expression": filled}, "operation")
		return object(map[string]schema{"headers": {kind: "object", rest: &header, least: 1}}, "headers"), true, true
	case "set_cache_settings":
		if phase == "http_response_cache_settings" {
			return schema{kind: "object", least: 1, fields: map[string]schema{
				"strip_set_cookie": flag, "strip_etags": flag, "strip_last_modified": flag,
			}}, true, true
		}
		return cacheParams(), true, true
	case "set_cache_control":
		return cacheControlParams(), true, true
	case "set_cache_tags":
		return schema{kind: "object", required: []string{"operation"}, exclusive: []string{"values", "expression"}, fields: map[string]schema{
			"operation": oneOf("add", "remove", "set"), "values": list(filled), "expression": filled,
		}}, true, true
	case "set_config":
		s := schema{kind: "object", least: 1, fields: map[string]schema{
			"autominify":     anything,
			"polish":         oneOf("off", "lossless", "lossy", "webp"),
			"security_level": oneOf("off", "essentially_off", "low", "medium", "high", "under_attack"),
			"ssl":            oneOf("off", "flexible", "full", "strict", "origin_pull"),
		}}
		for _, name := range []string{
			"automatic_https_rewrites", "bic", "disable_apps", "disable_rum", "disable_zaraz", "email_obfuscation", "fonts",
			"hotlink_protection", "mirage", "opportunistic_encryption", "rocket_loader", "server_side_excludes", "sxg",
		} {
			s.fields[name] = flag
		}
		return s, true, true
	default:
		return schema{}, false, false
	}
}

func executeParams(phase string) schema {
	flag, filled := schema{kind: "bool"}, schema{kind: "text", least: 1}
	action := oneOf("block", "challenge", "js_challenge", "managed_challenge", "log")
	level := oneOf("default", "medium", "low", "eoff")
	override := func(name string, more map[string]schema) schema {
		fields := map[string]schema{name: filled, "action": action, "enabled": flag}
		for k, v := range more {
			fields[k] = v
		}
		s := object(fields, name)
		s.least = 2 // a name alone changes nothing
		return s
	}
	ofRule := map[string]schema{"score_threshold": whole(1, 1000)}
	var ofCategory map[string]schema
	fields := map[string]schema{"action": action, "enabled": flag}
	if phase == "ddos_l7" {
		ofRule, ofCategory = map[string]schema{"sensitivity_level": level}, map[string]schema{"sensitivity_level": level}
		fields["sensitivity_level"] = level
	}
	fields["rules"], fields["categories"] = list(override("id", ofRule)), list(override("category", ofCategory))
	return object(map[string]schema{
		"id": filled, "version": oneOf("latest"), "overrides": {kind: "object", fields: fields, least: 1},
		"matched_data": object(map[string]schema{"public_key": filled}, "public_key"),
	}, "id")
}

func cacheParams() schema {
	flag, anything := schema{kind: "bool"}, schema{}
	mode := oneOf("respect_origin", "override_origin", "bypass_by_default")
	status := whole(100, 999)
	ofStatus := object(map[string]schema{
		"status_code":       status,
		"status_code_range": {kind: "object", least: 1, fields: map[string]schema{"from": status, "to": status}},
		"value":             whole(-1, 31536000),
	}, "value")
	ofStatus.exclusive = []string{"status_code", "status_code_range"}
	return schema{kind: "object", least: 1, fields: map[string]schema{
		"cache":       flag,
		"edge_ttl":    object(map[string]schema{"mode": mode, "default": whole(0, 31536000), "status_code_ttl": list(ofStatus)}, "mode"),
		"browser_ttl": object(map[string]schema{"mode": mode, "default": whole(0, 31536000)}, "mode"),
		"cache_key": object(map[string]schema{
			"cache_deception_armor": flag, "cache_by_device_type": flag, "ignore_query_strings_order": flag, "custom_key": anything,
		}),
		"serve_stale":                object(map[string]schema{"disable_stale_while_updating": flag}, "disable_stale_while_updating"),
		"respect_strong_etags":       flag,
		"origin_error_page_passthru": flag,
		"origin_cache_control":       flag,
		"additional_cacheable_ports": list(whole(1, 65535)),
		"cache_reserve":              object(map[string]schema{"eligible": flag, "minimum_file_size": whole(0, 0)}, "eligible"),
		"read_timeout":               whole(1, 6000),
		"vary":                       anything,
	}}
}

// cacheControlParams are directives of Cache-Control (RFC 9111 5.2.2, RFC 5861,
// RFC 8246) with what is done to each.
func cacheControlParams() schema {
	flag := schema{kind: "bool"}
	directive := func(more map[string]schema) schema {
		fields := map[string]schema{"operation": oneOf("set", "remove"), "cloudflare_only": flag}
		for k, v := range more {
			fields[k] = v
		}
		return object(fields, "operation")
	}
	s := schema{kind: "object", least: 1, fields: map[string]schema{}}
	for _, name := range []string{"immutable", "must-revalidate", "must-understand", "no-store", "no-transform", "proxy-revalidate", "public"} {
		s.fields[name] = directive(nil)
	}
	for _, name := range []string{"no-cache", "private"} {
		s.fields[name] = directive(map[string]schema{"qualifiers": list(schema{kind: "text", least: 1})})
	}
	for _, name := range timedDirectives() {
		s.fields[name] = directive(map[string]schema{"value": whole(0, 0)})
	}
	return s
}

// timedDirectives are set with a number of seconds.
func timedDirectives() []string {
	return []string{"max-age", "s-maxage", "stale-if-error", "stale-while-revalidate"}
}
