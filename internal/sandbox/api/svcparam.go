package api

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// canonicalParams checks service parameters (RFC 9460 2.1) such as
// alpn="h3,h2" port=8443 and writes them with every value quoted.
func canonicalParams(params string) (string, bool) {
	tokens, ok := splitParams(params)
	if !ok {
		return "", false
	}
	seen, out := []string{}, []string{}
	for _, t := range tokens {
		key, value, has := strings.Cut(t, "=")
		key = strings.ToLower(key)
		if slices.Contains(seen, key) || !validParam(key, value, has) {
			return "", false
		}
		seen = append(seen, key)
		if has {
			key += `="` + value + `"`
		}
		out = append(out, key)
	}
	return strings.Join(out, " "), true
}

// splitParams cuts at blanks outside of quotation marks and takes the marks away.
func splitParams(s string) ([]string, bool) {
	var out []string
	var token strings.Builder
	quoted, open := false, false
	for _, c := range s {
		switch {
		case c == '"':
			quoted, open = !quoted, true
		case !quoted && (c == ' ' || c == '\t'):
			if open {
				out = append(out, token.String())
				token.Reset()
			}
			open = false
		case c < ' ' || c > '~':
			return nil, false
		default:
			token.WriteRune(c)
			open = true
		}
	}
	if open {
		out = append(out, token.String())
	}
	return out, !quoted
}

// validParam checks the parameters with a form of their own; RFC 9460 7.
func validParam(key, value string, has bool) bool {
	list := strings.Split(value, ",")
	switch key {
	case "alpn", "mandatory":
		return has && !slices.Contains(list, "")
	case "no-default-alpn":
		return !has
	case "port":
		_, err := strconv.ParseUint(value, 10, 16)
		return err == nil
	case "ipv4hint", "ipv6hint":
		return !slices.ContainsFunc(list, func(t string) bool {
			a, err := netip.ParseAddr(t)
			return err != nil || a.Is4() != (key == "ipv4hint")
		})
	case "ech":
		return isBase64(value)
	default:
		n, isKey := strings.CutPrefix(key, "key")
		_, err := strconv.ParseUint(n, 10, 16)
		return isKey && err == nil
	}
}
