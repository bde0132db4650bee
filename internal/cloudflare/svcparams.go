package cloudflare

import (
	"maps"
	"slices"
	"strings"
)

// equivalentParams compares service parameters in presentation form (RFC 9460,
// section 2.1), such as alpn="h3,h2" ipv4hint=192.0.2.1: as a map, with or
// without quotes, keys without case. Values of mandatory are a set.
func equivalentParams(a, b string) bool {
	x, okX := parseParams(a)
	y, okY := parseParams(b)
	if !okX || !okY {
		return strings.TrimSpace(a) == strings.TrimSpace(b)
	}
	return maps.Equal(x, y)
}

// parseParams is false for text that it cannot read, and for a key given twice.
func parseParams(s string) (map[string]string, bool) {
	out := map[string]string{}
	for _, param := range splitSpaces(s) {
		key, value, _ := strings.Cut(param, "=")
		key = strings.ToLower(key)
		if _, twice := out[key]; twice || key == "" {
			return nil, false
		}
		value = UnquoteTXT(value)
		if key == "mandatory" {
			names := strings.Split(strings.ToLower(value), ",")
			slices.Sort(names)
			value = strings.Join(names, ",")
		}
		out[key] = value
	}
	return out, true
}

// splitSpaces splits at white space outside double quotes.
func splitSpaces(s string) []string {
	var out []string
	start, quoted := -1, false
	for i := 0; i < len(s); i++ {
		space := strings.IndexByte(" \t\r\n", s[i]) >= 0 && !quoted
		switch {
		case space && start >= 0:
			out = append(out, s[start:i])
			start = -1
		case !space && start < 0:
			start = i
		}
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		}
	}
	if start >= 0 {
		out = append(out, s[start:])
	}
	return out
}
