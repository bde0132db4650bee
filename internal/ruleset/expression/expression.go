// Package expression builds and reads expressions of Cloudflare's rules language
// (https://developers.cloudflare.com/ruleset-engine/rules-language/).
//
// What it builds compares text without regard to case and percent-encoding
// where a rule protects something: a limit on /login that /LOGIN evades is none.
package expression

import (
	"fmt"
	"slices"
	"strings"
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
		h = strings.ToLower(h)
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

// Paths holds for these paths, whatever their case and encoding: "/login" is
// that path with or without a slash at its end, "/api/*" all that begins with
// /api/, and a * elsewhere stands for any text. "" for none.
func Paths(paths ...string) string { return pathsIn(normalPath, true, paths) }

// ExactPaths is Paths as the file system of an origin sees them: with regard to
// case, and without the form that ends in a slash.
func ExactPaths(paths ...string) string { return pathsIn(Path, false, paths) }

func pathsIn(field string, folded bool, paths []string) string {
	var exact, others []string
	for _, p := range paths {
		if folded {
			p = strings.ToLower(p)
		}
		prefix, star := strings.CutSuffix(p, "*")
		switch {
		case star && !strings.Contains(prefix, "*"):
			others = append(others, fmt.Sprintf("starts_with(%s, %s)", field, Quote(prefix)))
		case strings.Contains(p, "*"):
			others = append(others, fmt.Sprintf("%s wildcard %s", field, Quote(p)))
		default:
			exact = append(exact, p)
			if folded && p != "/" {
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
