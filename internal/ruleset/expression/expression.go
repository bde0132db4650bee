// Package expression builds and reads expressions of Cloudflare's rules language
// (https://developers.cloudflare.com/ruleset-engine/rules-language/).
//
// What it builds compares text without regard to case and percent-encoding
// where a rule protects something: a limit on /login that /LOGIN evades is none.
package expression

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// Maximum is how long an expression may be, in characters.
const Maximum = 4096

// Fields that expressions are built of.
const (
	Host       = "http.host"
	Path       = "http.request.uri.path"
	Method     = "http.request.method"
	cookies    = "http.cookie"
	normalPath = "lower(url_decode(" + Path + "))"
)

// Quote writes text as a string of the language.
func Quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		if r == '"' || r == '\\' {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	b.WriteByte('"')
	return b.String()
}

// All joins conditions of which each must hold; empty ones do not count.
func All(conditions ...string) string { return join(" and ", conditions) }

// Any joins conditions of which one must hold; empty ones do not count.
func Any(conditions ...string) string { return join(" or ", conditions) }

func join(operator string, conditions []string) string {
	conditions = slices.DeleteFunc(slices.Clone(conditions), func(c string) bool { return c == "" })
	if len(conditions) == 1 {
		return conditions[0]
	}
	out := strings.Join(conditions, operator)
	if out != "" {
		out = "(" + out + ")"
	}
	return out
}

// Hosts holds for these hosts, of which "*.acme.example" is each below
// acme.example; "" for none.
func Hosts(hosts ...string) string {
	var exact, below []string
	for _, h := range hosts {
		h = asciiHost(h)
		if base, ok := strings.CutPrefix(h, "*."); ok {
			below = append(below, fmt.Sprintf("ends_with(%s, %s)", Host, Quote("."+base)))
			continue
		}
		exact = append(exact, h)
	}
	return Any(append([]string{oneOf(Host, exact)}, below...)...)
}

// Methods holds for these methods; "" for none.
func Methods(methods ...string) string {
	var upper []string
	for _, m := range methods {
		upper = append(upper, strings.ToUpper(m))
	}
	return oneOf(Method, upper)
}

// asciiHost is a host as requests name it: lower case, A-labels (RFC 5890).
func asciiHost(host string) string {
	base, below := strings.CutPrefix(host, "*.")
	if ascii, err := idna.Lookup.ToASCII(base); err == nil {
		base = ascii
	}
	base = strings.ToLower(base)
	if below {
		return "*." + base
	}
	return base
}

// Paths holds for these paths, whatever their case and encoding: "/login" is
// that path with or without a slash at its end, "/api/*" all that begins with
// /api/, and a * elsewhere stands for any text. "" for none.
func Paths(paths ...string) string {
	var out []string
	for _, p := range paths {
		p = strings.ToLower(decoded(p))
		out = append(out, p)
		if spaced := strings.ReplaceAll(p, "+", " "); spaced != p {
			out = append(out, spaced) // url_decode takes a plus for a space
		}
	}
	return pathsIn(normalPath, "wildcard", true, out)
}

// ExactPaths is Paths as they stand in requests: with regard to case, without the
// form that ends in a slash, and percent-encoded.
func ExactPaths(paths ...string) string {
	var out []string
	for _, p := range paths {
		parts := strings.Split(decoded(p), "*")
		for i, part := range parts {
			parts[i] = (&url.URL{Path: part}).EscapedPath()
		}
		out = append(out, strings.Join(parts, "*"))
	}
	return pathsIn(Path, "strict wildcard", false, out)
}

// decoded undoes percent-encoding; what cannot be undone stays.
func decoded(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}

func pathsIn(field, wildcard string, slashed bool, paths []string) string {
	var exact, others []string
	for _, p := range paths {
		for strings.Contains(p, "**") {
			p = strings.ReplaceAll(p, "**", "*")
		}
		prefix, star := strings.CutSuffix(p, "*")
		switch {
		case star && !strings.Contains(prefix, "*"):
			others = append(others, fmt.Sprintf("starts_with(%s, %s)", field, Quote(prefix)))
		case strings.Contains(p, "*"):
			// In a pattern a backslash takes away what a star means.
			others = append(others, fmt.Sprintf("%s %s %s", field, wildcard, Quote(strings.ReplaceAll(p, `\`, `\\`))))
		default:
			exact = append(exact, p)
			if slashed && p != "/" {
				if bare, ok := strings.CutSuffix(p, "/"); ok {
					exact = append(exact, bare)
				} else {
					exact = append(exact, p+"/")
				}
			}
		}
	}
	slices.Sort(exact)
	return Any(append([]string{oneOf(field, slices.Compact(exact))}, others...)...)
}

// Cookies holds for requests that bring one of these cookies along; a * at the
// end of a name stands for any text. "" for none.
func Cookies(names ...string) string {
	var out []string
	for _, n := range names {
		text := n + "="
		if prefix, ok := strings.CutSuffix(n, "*"); ok {
			text = prefix
		}
		out = append(out, fmt.Sprintf("%s contains %s", cookies, Quote(text)))
	}
	return Any(out...)
}

// Authorized holds for requests with an Authorization header.
func Authorized() string { return `len(http.request.headers["authorization"]) > 0` }

// oneOf compares a field with texts; "" for none.
func oneOf(field string, texts []string) string {
	switch len(texts) {
	case 0:
		return ""
	case 1:
		return field + " eq " + Quote(texts[0])
	}
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = Quote(t)
	}
	return field + " in {" + strings.Join(quoted, " ") + "}"
}
