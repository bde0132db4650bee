// Package edgerules turns what a user declares of a zone's edge (managed
// rulesets, rate limits, caching, redirects, headers) into rules of Cloudflare's
// Ruleset Engine, and back. It says in the plan what the zone's plan at
// Cloudflare does not allow, with the limit and the nearest thing that works.
// It does no I/O.
package edgerules

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset/expression"
)

// Key is an element of a map in the path of a Problem.
type Key string

// Problem is something that cannot be declared so.
type Problem struct {
	// At is where: attributes by name, elements of lists by int, of maps by Key.
	At     []any
	Reason string // a whole sentence without its full stop
}

// problem makes a Problem at a path.
func problem(at []any, format string, args ...any) Problem {
	return Problem{At: at, Reason: fmt.Sprintf(format, args...)}
}

// at extends a path.
func at(base []any, more ...any) []any { return append(append([]any{}, base...), more...) }

// Match is which requests a rule is for. Expression stands alone; the others
// hold together. Nothing at all is every request.
type Match struct {
	Expression string
	Hosts      []string
	Paths      []string
	Methods    []string
}

// compile gives the expression of a match; exact compares paths as they stand.
func (m Match) compile(exact bool) string {
	if m.Expression != "" {
		return m.Expression
	}
	if out := (expression.Conditions{Hosts: m.Hosts, Methods: m.Methods, Paths: m.Paths}).Build(exact); out != "" {
		return out
	}
	return "true"
}

// readMatch is compile the other way: the expression as it stands, where it was
// written by hand.
func readMatch(text string, exact bool) Match {
	if c, ok := expression.Read(text, exact); ok {
		return Match{Hosts: c.Hosts, Methods: c.Methods, Paths: c.Paths}
	}
	if text == "true" {
		return Match{}
	}
	return Match{Expression: text}
}

// problems says what is wrong with a match, whatever the plan.
func (m Match) problems(base []any) []Problem {
	var out []Problem
	if m.Expression != "" {
		for name, set := range map[string]bool{"hosts": len(m.Hosts) > 0, "paths": len(m.Paths) > 0, "methods": len(m.Methods) > 0} {
			if set {
				out = append(out, problem(at(base, "expression"), "expression and %s are both set; write the condition into the expression, or leave the expression out", name))
			}
		}
		if err := expression.Check(m.Expression); err != nil {
			out = append(out, problem(at(base, "expression"), "%s: %q", err, excerpt(m.Expression)))
		}
		return out
	}
	out = append(out, hostProblems(m.Hosts, base)...)
	for i, p := range m.Paths {
		switch {
		case len(p) == 0 || p[0] != '/':
			out = append(out, problem(at(base, "paths", i), "%q is no path; begin it with a slash, such as \"/login\" or \"/api/*\"", p))
		case strings.ContainsAny(p, "?#"):
			out = append(out, problem(at(base, "paths", i), "%q has a query or fragment, which no path holds; end it before the ? or #, or write an expression that looks at http.request.uri.query", p))
		}
	}
	if n := len([]rune(m.compile(false))); n > expression.Maximum {
		out = append(out, problem(at(base, "paths"), "the expression of these conditions has %d characters, %d are allowed; use patterns such as \"/api/*\" in the place of single paths", n, expression.Maximum))
	}
	return out
}

// hostProblems says which hosts no request can name.
func hostProblems(hosts []string, base []any) []Problem {
	var out []Problem
	for i, h := range hosts {
		name := strings.TrimPrefix(h, "*.")
		ascii, err := idna.Lookup.ToASCII(name)
		_, isAddress := netip.ParseAddr(name)
		if err != nil || isAddress == nil || !strings.Contains(ascii, ".") || strings.HasSuffix(name, ".") || strings.ContainsAny(ascii, "*/:@ ") {
			out = append(out, problem(at(base, "hosts", i), "%q is no host; write a name such as \"portal.acme.example\", or \"*.acme.example\" for all below one, without scheme, port and path", h))
		}
	}
	return out
}

// excerpt keeps an expression short enough for a message.
func excerpt(text string) string {
	if r := []rune(text); len(r) > 80 {
		return string(r[:77]) + "..."
	}
	return text
}

// PhaseRules are the rules that a declaration has in one phase.
type PhaseRules struct {
	Phase ruleset.Phase
	Rules []ruleset.Rule
}

// seconds is a duration as rules have it.
func seconds(d time.Duration) int64 { return int64(d / time.Second) }
