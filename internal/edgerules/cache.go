package edgerules

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset/expression"
)

// Cache is what a zone's edge keeps
// (https://developers.cloudflare.com/cache/how-to/cache-rules/). Of cache rules
// the last that matches wins, so what must never be kept stands last.
type Cache struct {
	Static *CacheRule // of the key static
	Rules  []CacheRule
	Bypass *Bypass
}

// longestTTL is the longest that Cloudflare takes.
const longestTTL = 365 * 24 * time.Hour

// Keys of the rules that are no list.
const (
	keyStatic = "static"
	keyBypass = "bypass"
)

// CacheRule lets the edge keep answers, or not.
type CacheRule struct {
	Ref, Description string
	Match            Match
	Pass             bool           // not kept at all
	EdgeTTL          *time.Duration // nil = as the origin says
	BrowserTTL       *time.Duration // nil = as the origin says
	// WithoutArmor keeps answers whose content type is not that of their path's
	// extension, too.
	WithoutArmor bool
	Disabled     bool
}

// Bypass is what is never kept: requests with one of these cookies, with an
// Authorization header, or for one of these paths.
type Bypass struct {
	Hosts, Paths, Cookies []string
	Authorization         bool
	Expression            string
}

func (b Bypass) compile() string {
	if b.Expression != "" {
		return b.Expression
	}
	authorized := ""
	if b.Authorization {
		authorized = expression.Authorized()
	}
	return expression.All(expression.Hosts(b.Hosts...), expression.Any(expression.Paths(b.Paths...), expression.Cookies(b.Cookies...), authorized))
}

// Compile gives the rules in the order in which they must stand.
func (c Cache) Compile(owner ruleset.Owner) []PhaseRules {
	out := PhaseRules{Phase: ruleset.PhaseCache}
	if c.Static != nil {
		s := *c.Static
		s.Ref, s.Description = keyStatic, "Static files are kept"
		out.Rules = append(out.Rules, s.rule(owner))
	}
	for _, r := range c.Rules {
		out.Rules = append(out.Rules, r.rule(owner))
	}
	if c.Bypass != nil {
		out.Rules = append(out.Rules, ruleset.Rule{
			Ref: owner.Ref(keyBypass), Description: "What belongs to a member is never kept", Expression: c.Bypass.compile(), Action: "set_cache_settings", Enabled: true,
			Parameters: ruleset.Object(map[string]any{"cache": false}),
		})
	}
	return []PhaseRules{out}
}

func (r CacheRule) rule(owner ruleset.Owner) ruleset.Rule {
	m := map[string]any{"cache": !r.Pass}
	if !r.Pass {
		m["edge_ttl"], m["browser_ttl"] = ttl(r.EdgeTTL), ttl(r.BrowserTTL)
		if !r.WithoutArmor {
			m["cache_key"] = map[string]any{"cache_deception_armor": true}
		}
	}
	return ruleset.Rule{
		Ref: owner.Ref(r.Ref), Description: r.Description, Expression: r.Match.compile(false), Action: "set_cache_settings", Enabled: !r.Disabled, Parameters: ruleset.Object(m),
	}
}

func ttl(d *time.Duration) map[string]any {
	if d == nil {
		return map[string]any{"mode": "respect_origin"}
	}
	return map[string]any{"mode": "override_origin", "default": seconds(*d)}
}

// Problems says what cannot be declared so, on a zone of this plan.
func (c Cache) Problems(plan string) []Problem {
	limits, known := LimitsOf(plan)
	var out []Problem
	judge := func(r CacheRule, here []any) {
		out = append(out, r.Match.problems(here)...)
		out = append(out, r.shape(here)...)
		if known {
			out = append(out, r.planned(limits, here)...)
		}
	}
	if c.Static != nil {
		judge(*c.Static, at(nil, "static"))
	}
	seen := map[string]bool{keyStatic: true, keyBypass: true}
	for i, r := range c.Rules {
		here := at(nil, "rules", i)
		judge(r, here)
		if seen[r.Ref] {
			out = append(out, problem(at(here, "ref"), "%q is taken; a ref names one rule, and static and bypass are those of the arguments of that name", r.Ref))
		}
		seen[r.Ref] = true
	}
	if b := c.Bypass; b != nil {
		out = append(out, b.problems(limits, known, at(nil, "bypass"))...)
	}
	return out
}

func (b Bypass) problems(limits Limits, known bool, here []any) []Problem {
	m := Match{Expression: b.Expression, Hosts: b.Hosts, Paths: b.Paths}
	out := m.problems(here)
	switch {
	case b.Expression != "" && (len(b.Cookies) > 0):
		out = append(out, problem(at(here, "expression"), "expression and cookies are both set; write the condition into the expression, or leave the expression out"))
	case b.Expression == "" && b.compile() == "":
		out = append(out, problem(here, "it names no paths, cookies, hosts and no expression; name what belongs to a member, such as paths = [\"/account/*\", \"/api/*\"]"))
	}
	for i, c := range b.Cookies {
		if c == "" || c == "*" || strings.ContainsAny(c, "=; ,\t") {
			out = append(out, problem(at(here, "cookies", i), "%q is no name of a cookie; write a name such as \"__Host-session\", or \"wordpress_logged_in_*\"", c))
		}
	}
	if known {
		out = append(out, limits.language(at(here, "expression"), b.Expression)...)
	}
	return out
}

func (r CacheRule) shape(here []any) []Problem {
	var out []Problem
	// Hosts and methods alone leave every page of theirs, a member's among them.
	everything := r.Match.Expression == "true" || r.Match.Expression == "" && len(r.Match.Paths) == 0
	for _, p := range r.Match.Paths {
		everything = everything || strings.Trim(p, "/*") == "" && p != "/"
	}
	if everything && !r.Pass {
		out = append(out, problem(here, "it keeps every answer, those to members too; name the paths of files that are the same for everybody, such as \"/assets/*\""))
	}
	if r.EdgeTTL != nil && *r.EdgeTTL == 0 {
		out = append(out, problem(at(here, "edge_ttl"), "0s keeps nothing; write cache = false in a rule of its own, or leave edge_ttl out and let the origin say Cache-Control"))
	}
	for name, d := range map[string]*time.Duration{"edge_ttl": r.EdgeTTL, "browser_ttl": r.BrowserTTL} {
		if d != nil && *d > longestTTL {
			out = append(out, problem(at(here, name), "%s is longer than a year, which is the most; write %s = %q", Short(*d), name, Short(longestTTL)))
		}
	}
	if r.Pass && (r.EdgeTTL != nil || r.BrowserTTL != nil) {
		out = append(out, problem(here, "what is not cached has no edge_ttl and no browser_ttl; leave them out, or set cache = true"))
	}
	return out
}

func (r CacheRule) planned(limits Limits, here []any) []Problem {
	out := limits.language(at(here, "expression"), r.Match.Expression)
	if r.EdgeTTL != nil && *r.EdgeTTL > 0 && *r.EdgeTTL < limits.EdgeTTL {
		out = append(out, problem(at(here, "edge_ttl"), "plan %s keeps answers for %s at least; write edge_ttl = %q, or leave it out and let the origin say Cache-Control%s", limits.Plan,
			Short(limits.EdgeTTL), Short(limits.EdgeTTL), planThat(func(o Limits) bool { return o.EdgeTTL <= *r.EdgeTTL })))
	}
	return out
}

// ReadCache is Compile the other way: each rule with its raw expression.
func ReadCache(owner ruleset.Owner, rules map[ruleset.Phase][]ruleset.Rule) Cache {
	var out Cache
	for _, r := range rules[ruleset.PhaseCache] {
		key, _ := owner.Key(r.Ref)
		read := readCacheRule(key, r)
		switch key {
		case keyBypass:
			bypass := readBypass(r.Expression)
			out.Bypass = &bypass
		case keyStatic:
			out.Static = &read
		default:
			out.Rules = append(out.Rules, read)
		}
	}
	return out
}

// readBypass reads what Bypass compiles to; the expression as it stands, where it
// was written by hand. The parts are tried as they are built: hosts, and one of
// paths, cookies and an Authorization header.
func readBypass(text string) Bypass {
	var b Bypass
	hosts, rest := text, ""
	if inner, ok := strings.CutPrefix(text, "("); ok {
		if head, tail, found := strings.Cut(inner, " and "); found {
			hosts, rest = head, strings.TrimSuffix(tail, ")")
		}
	}
	if c, ok := expression.Read(hosts, false); ok && len(c.Hosts) > 0 && len(c.Paths)+len(c.Methods) == 0 {
		b.Hosts = c.Hosts
	} else {
		rest = text
	}
	if plain, ok := strings.CutSuffix(strings.TrimSuffix(rest, ")"), expression.Authorized()); ok {
		b.Authorization = true
		rest = strings.TrimSuffix(strings.TrimPrefix(plain, "("), " or ")
	}
	rest, b.Cookies = expression.ReadCookies(rest)
	if c, ok := expression.Read(rest, false); ok && len(c.Hosts)+len(c.Methods) == 0 {
		b.Paths = c.Paths
	}
	if b.compile() != text {
		return Bypass{Expression: text}
	}
	return b
}

func readCacheRule(ref string, r ruleset.Rule) CacheRule {
	type life struct {
		Mode    string
		Default int64
	}
	var p struct {
		Cache      bool
		EdgeTTL    life `json:"edge_ttl"`
		BrowserTTL life `json:"browser_ttl"`
		Key        struct {
			Armor bool `json:"cache_deception_armor"`
		} `json:"cache_key"`
	}
	_ = json.Unmarshal(r.Parameters, &p) // what cannot be read shows as a difference
	duration := func(l life) *time.Duration {
		if l.Mode != "override_origin" {
			return nil
		}
		d := time.Duration(l.Default) * time.Second
		return &d
	}
	return CacheRule{
		Ref: ref, Description: r.Description, Match: readMatch(r.Expression, false), Pass: !p.Cache, Disabled: !r.Enabled,
		EdgeTTL: duration(p.EdgeTTL), BrowserTTL: duration(p.BrowserTTL), WithoutArmor: p.Cache && !p.Key.Armor,
	}
}
