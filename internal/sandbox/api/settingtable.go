package api

import (
	"encoding/json"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// definition is what the API knows of one zone setting.
type definition struct {
	id       string
	fallback any   // of a new zone
	values   []any // allowed; nil = check
	check    func(json.RawMessage) (json.RawMessage, bool)
	plan     string // the smallest that may write it; "" = all, "none" = an add-on
	field    string // of the body where it is not "value"
}

// definitions returns every setting by id. The values and defaults are those of
// Cloudflare's description of the API; where the documentation has newer ones
// (TLS 1.3 on, HSTS off), those.
func definitions() []definition {
	onOff := []any{"on", "off"}
	simple := func(plan string, fallback string, ids ...string) []definition {
		var out []definition
		for _, id := range ids {
			out = append(out, definition{id: id, fallback: fallback, values: onOff, plan: plan})
		}
		return out
	}
	return slices.Concat(
		simple("", "off", "0rtt", "always_use_https", "development_mode", "early_hints", "hotlink_protection",
			"opportunistic_onion", "replace_insecure_js", "rocket_loader", "server_side_exclude", "tls_client_auth"),
		simple("", "on", "always_online", "automatic_https_rewrites", "brotli", "browser_check", "email_obfuscation",
			"http3", "ip_geolocation", "ipv6", "opportunistic_encryption", "websockets"),
		simple("pro", "off", "mirage", "waf", "webp"),
		simple("pro", "on", "http2"),
		simple("enterprise", "off", "orange_to_orange", "origin_error_page_pass_thru", "prefetch_preload",
			"response_buffering", "sort_query_string_for_cache", "true_client_ip_header"),
		simple("none", "on", "advanced_ddos"),
		simple("none", "off", "sha1_support", "tls_1_2_only"),
		[]definition{
			{id: "ssl_automatic_mode", fallback: "auto", values: []any{"auto", "custom"}},
			{id: "ssl", fallback: "full", values: []any{"off", "flexible", "full", "strict"}},
			{id: "min_tls_version", fallback: "1.0", values: []any{"1.0", "1.1", "1.2", "1.3"}},
			{id: "tls_1_3", fallback: "on", values: []any{"on", "off", "zrt"}},
			{id: "security_level", fallback: "medium", values: []any{"off", "essentially_off", "low", "medium", "high", "under_attack"}},
			{id: "cache_level", fallback: "aggressive", values: []any{"aggressive", "basic", "simplified"}},
			{id: "cname_flattening", fallback: "flatten_at_root", values: []any{"flatten_at_root", "flatten_all"}, plan: "pro"},
			{id: "browser_cache_ttl", fallback: 14400, values: numbers(0, 30, 60, 120, 300, 1200, 1800, 3600, 7200, 10800, 14400, 18000,
				28800, 43200, 57600, 72000, 86400, 172800, 259200, 345600, 432000, 691200, 1382400, 2073600, 2678400, 5356800, 16070400, 31536000)},
			{id: "challenge_ttl", fallback: 1800, values: numbers(300, 900, 1800, 2700, 3600, 7200, 10800, 14400, 28800, 57600, 86400,
				604800, 2592000, 31536000)},
			{id: "edge_cache_ttl", fallback: 7200, values: numbers(30, 60, 300, 1200, 1800, 3600, 7200, 10800, 14400, 18000, 28800, 43200,
				57600, 72000, 86400, 172800, 259200, 345600, 432000, 518400, 604800), plan: "none"},
			{id: "h2_prioritization", fallback: "off", values: []any{"on", "off", "custom"}, plan: "pro"},
			{id: "image_resizing", fallback: "off", values: []any{"on", "off", "open"}, plan: "business"},
			{id: "max_upload", fallback: 100, values: numbers(100, 200, 500), plan: "business"},
			{id: "polish", fallback: "off", values: []any{"off", "lossless", "lossy"}, plan: "pro"},
			{id: "proxy_read_timeout", fallback: 100, check: within(1, 6000), plan: "enterprise"},
			{id: "pseudo_ipv4", fallback: "off", values: []any{"off", "add_header", "overwrite_header"}},
			{id: "ciphers", fallback: []string{}, check: listOfText, plan: "enterprise"},
			{id: "nel", fallback: map[string]any{"enabled": false}, check: flags("enabled")},
			{id: "security_header", fallback: headerOf(hsts{}), check: checkHSTS},
			{id: "ssl_recommender", fallback: false, values: []any{true, false}, field: "enabled"},
		},
	)
}

func numbers(n ...float64) []any {
	out := make([]any, len(n))
	for i, v := range n {
		out[i] = v
	}
	return out
}

func definitionOf(id string) (definition, bool) {
	all := definitions()
	i := slices.IndexFunc(all, func(d definition) bool { return d.id == id })
	if i < 0 {
		return definition{}, false
	}
	return all[i], true
}

// accept checks a value and returns it as it is stored.
func (d definition) accept(v json.RawMessage) (json.RawMessage, bool) {
	if d.check != nil {
		return d.check(v)
	}
	var value any
	if json.Unmarshal(v, &value) != nil {
		return nil, false
	}
	for _, allowed := range d.values {
		if allowed == value { // comparable: text, numbers and booleans
			return v, true
		}
	}
	return nil, false
}

func (d definition) editable(plan string) bool {
	order := []string{"free", "pro", "business", "enterprise"}
	switch d.plan {
	case "":
		return true
	case "none":
		return false
	}
	has := slices.Index(order, plan)
	return has < 0 || has >= slices.Index(order, d.plan)
}

// valueOf returns a setting as the zone has it, or as it is in a new zone.
func (d definition) valueOf(z *zone.Zone) zone.Setting {
	s, stored := z.Setting(d.id)
	if !stored {
		s = zone.Setting{ID: d.id, Value: raw(d.fallback), Editable: true}
	}
	s.Editable = s.Editable && d.editable(z.Plan)
	return s
}

// hsts is the value of security_header. What is not sent is false or 0: the
// object is replaced whole.
type hsts struct {
	Enabled           bool  `json:"enabled"`
	MaxAge            int64 `json:"max_age"` // seconds
	IncludeSubdomains bool  `json:"include_subdomains"`
	Preload           bool  `json:"preload"`
	Nosniff           bool  `json:"nosniff"`
}

func headerOf(h hsts) map[string]any { return map[string]any{"strict_transport_security": h} }

func checkHSTS(v json.RawMessage) (json.RawMessage, bool) {
	var in struct {
		HSTS *hsts `json:"strict_transport_security"`
	}
	if json.Unmarshal(v, &in) != nil || in.HSTS == nil || in.HSTS.MaxAge < 0 {
		return nil, false
	}
	return raw(headerOf(*in.HSTS)), true
}

func within(least, most float64) func(json.RawMessage) (json.RawMessage, bool) {
	return func(v json.RawMessage) (json.RawMessage, bool) {
		var n float64
		return v, json.Unmarshal(v, &n) == nil && n >= least && n <= most
	}
}

func listOfText(v json.RawMessage) (json.RawMessage, bool) {
	var list []string
	return v, json.Unmarshal(v, &list) == nil && list != nil
}

// flags accepts an object of booleans with these names.
func flags(names ...string) func(json.RawMessage) (json.RawMessage, bool) {
	return func(v json.RawMessage) (json.RawMessage, bool) {
		var in map[string]bool
		if json.Unmarshal(v, &in) != nil || in == nil {
			return nil, false
		}
		for name := range in {
			if !slices.Contains(names, name) {
				return nil, false
			}
		}
		return v, true
	}
}
