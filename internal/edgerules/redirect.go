package edgerules

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset/expression"
)

// Redirect sends visitors elsewhere
// (https://developers.cloudflare.com/rules/url-forwarding/single-redirects/).
// Exactly one of To, ToHost and Target is set.
type Redirect struct {
	Ref, Description string
	Match            Match
	To               string // an address
	ToHost           string // a host; the path stays
	Target           string // an expression that gives an address
	Status           int64  // 301, 302, 303, 307 or 308; 0 = 301
	DropQuery        bool
	Disabled         bool
}

// Redirects are those of a resource, in order.
type Redirects []Redirect

// Compile gives the rules. Paths are compared as they stand: a redirect that
// mends the case of a path must not match its own target.
func (r Redirects) Compile(owner ruleset.Owner) []PhaseRules {
	out := PhaseRules{Phase: ruleset.PhaseRedirect}
	for _, d := range r {
		target := map[string]any{"value": d.To}
		switch {
		case d.Target != "":
			target = map[string]any{"expression": d.Target}
		case d.ToHost != "":
			target = map[string]any{"expression": d.hostTarget()}
		}
		status := d.Status
		if status == 0 {
			status = 301
		}
		out.Rules = append(out.Rules, ruleset.Rule{
			Ref: owner.Ref(d.Ref), Description: d.Description, Expression: d.Match.compile(true), Action: "redirect", Enabled: !d.Disabled,
			Parameters: ruleset.Object(map[string]any{"from_value": map[string]any{
				"status_code": status, "target_url": target, "preserve_query_string": !d.DropQuery,
			}}),
		})
	}
	return []PhaseRules{out}
}

func (d Redirect) hostTarget() string {
	return "concat(" + expression.Quote("https://"+strings.ToLower(d.ToHost)) + ", " + expression.Path + ")"
}

// Problems says what cannot be declared so, on a zone of this plan.
func (r Redirects) Problems(plan string) []Problem {
	limits, known := LimitsOf(plan)
	var out []Problem
	seen := map[string]bool{}
	for i, d := range r {
		here := at(nil, "rules", i)
		out = append(out, d.Match.problems(here)...)
		out = append(out, d.shape(here)...)
		if seen[d.Ref] {
			out = append(out, problem(at(here, "ref"), "%q names two rules; a ref names one", d.Ref))
		}
		seen[d.Ref] = true
		if known {
			out = append(out, limits.language(at(here, "expression"), d.Match.Expression)...)
			out = append(out, limits.language(at(here, "to_expression"), d.Target)...)
		}
	}
	return out
}

func (d Redirect) shape(here []any) []Problem {
	var out []Problem
	set := 0
	for _, v := range []string{d.To, d.ToHost, d.Target} {
		if v != "" {
			set++
		}
	}
	if set != 1 {
		out = append(out, problem(here, "it has %d targets; set one of to, to_host and to_expression", set))
	}
	if d.Match.compile(true) == "true" {
		out = append(out, problem(here, "it is for every request of the zone; name hosts, paths or an expression"))
	}
	if d.Target != "" {
		if err := expression.Check(d.Target); err != nil {
			out = append(out, problem(at(here, "to_expression"), "%s: %q", err, excerpt(d.Target)))
		}
	}
	if d.To != "" {
		u, err := url.Parse(d.To)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			out = append(out, problem(at(here, "to"), "%q is no address; write one such as \"https://portal.acme.example/\"", d.To))
		} else if u.RawQuery != "" && !d.DropQuery {
			out = append(out, problem(at(here, "to"), "%q has a query, which a visitor's own would replace; set keep_query = false", d.To))
		} else if d.Match.Expression == "" && d.matches(u.Hostname(), u.Path) {
			out = append(out, problem(at(here, "to"), "%s is redirected to itself without end; leave its host or path out of the rule", d.To))
		}
	}
	if d.ToHost != "" && d.Match.Expression == "" && d.matches(strings.ToLower(d.ToHost), "") {
		out = append(out, problem(at(here, "to_host"), "requests to %s are redirected to %s without end; leave it out of hosts", d.ToHost, d.ToHost))
	}
	return out
}

// matches reports whether the rule is for an address; an empty path is one that
// the rule is for anyway.
func (d Redirect) matches(host, at string) bool {
	hostOK := len(d.Match.Hosts) == 0 || slices.ContainsFunc(d.Match.Hosts, func(h string) bool {
		base, below := strings.CutPrefix(strings.ToLower(h), "*.")
		return strings.EqualFold(h, host) || below && strings.HasSuffix(strings.ToLower(host), "."+base)
	})
	if at == "" && len(d.Match.Paths) > 0 && d.To != "" {
		at = "/"
	}
	pathOK := len(d.Match.Paths) == 0 || at == "" || slices.ContainsFunc(d.Match.Paths, func(p string) bool { return fits(p, at) })
	return hostOK && pathOK
}

// fits reports whether a path is one of a pattern, in which a * stands for any
// text, slashes too.
func fits(pattern, path string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == path
	}
	rest, ok := strings.CutPrefix(path, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// ReadRedirects is Compile the other way: each redirect with its raw expression.
func ReadRedirects(owner ruleset.Owner, rules map[ruleset.Phase][]ruleset.Rule) Redirects {
	var out Redirects
	for _, r := range rules[ruleset.PhaseRedirect] {
		key, _ := owner.Key(r.Ref)
		var p struct {
			From struct {
				Status int64                              `json:"status_code"`
				Target struct{ Value, Expression string } `json:"target_url"`
				Keep   bool                               `json:"preserve_query_string"`
			} `json:"from_value"`
		}
		_ = json.Unmarshal(r.Parameters, &p) // what cannot be read shows as a difference
		d := Redirect{
			Ref: key, Description: r.Description, Match: readMatch(r.Expression, true), Disabled: !r.Enabled,
			To: p.From.Target.Value, Target: p.From.Target.Expression, Status: p.From.Status, DropQuery: !p.From.Keep,
		}
		if d.Status == 301 {
			d.Status = 0
		}
		if host, ok := readHostTarget(d.Target); ok {
			d.Target, d.ToHost = "", host
		}
		out = append(out, d)
	}
	return out
}

// readHostTarget reads an expression that Redirect.hostTarget has made.
func readHostTarget(text string) (host string, ok bool) {
	rest, ok := strings.CutPrefix(text, `concat("https://`)
	if !ok {
		return "", false
	}
	host, ok = strings.CutSuffix(rest, `", `+expression.Path+`)`)
	return host, ok && !strings.ContainsAny(host, `"\ ,()`)
}
