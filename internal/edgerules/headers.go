package edgerules

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
)

// Headers changes the header of answers
// (https://developers.cloudflare.com/rules/transform/response-header-modification/).
type Headers struct {
	Match  Match
	HSTS   *HSTS
	Named  map[string]string // Set, by the argument's name: see HeaderArguments
	Set    map[string]string // in the place of what the origin sends
	Add    map[string]string // beside what the origin sends
	Remove []string
	// RemoveLeaking takes away what tells the server's software: see LeakingHeaders.
	RemoveLeaking bool
}

// HSTS is a Strict-Transport-Security header (RFC 6797).
type HSTS struct {
	MaxAge            int64 // seconds
	IncludeSubdomains bool
	Preload           bool
}

func (h HSTS) value() string {
	out := fmt.Sprintf("max-age=%d", h.MaxAge)
	if h.IncludeSubdomains {
		out += "; includeSubDomains"
	}
	if h.Preload {
		out += "; preload"
	}
	return out
}

const hstsName = "Strict-Transport-Security"

// HeaderArguments are the arguments that stand for a header.
func HeaderArguments() map[string]string {
	return map[string]string{
		"content_type_options":                "X-Content-Type-Options",
		"frame_options":                       "X-Frame-Options",
		"referrer_policy":                     "Referrer-Policy",
		"permissions_policy":                  "Permissions-Policy",
		"content_security_policy":             "Content-Security-Policy",
		"content_security_policy_report_only": "Content-Security-Policy-Report-Only",
		"cross_origin_opener_policy":          "Cross-Origin-Opener-Policy",
	}
}

// LeakingHeaders tell which software answers, often with its version.
func LeakingHeaders() []string {
	return []string{"X-AspNet-Version", "X-AspNetMvc-Version", "X-Drupal-Cache", "X-Generator", "X-Powered-By", "X-Runtime"}
}

// Compile gives the one rule; none where nothing is changed.
func (h Headers) Compile(owner ruleset.Owner) []PhaseRules {
	out := PhaseRules{Phase: ruleset.PhaseResponseHeaders}
	all := map[string]any{}
	for name, value := range h.set() {
		all[name] = map[string]any{"operation": "set", "value": value}
	}
	for name, value := range h.Add {
		all[name] = map[string]any{"operation": "add", "value": value}
	}
	for _, name := range h.removed() {
		all[name] = map[string]any{"operation": "remove"}
	}
	if len(all) == 0 {
		return []PhaseRules{out}
	}
	out.Rules = []ruleset.Rule{{
		Ref: owner.Ref("headers"), Description: "Security headers", Expression: h.Match.compile(false), Action: "rewrite", Enabled: true,
		Parameters: ruleset.Object(map[string]any{"headers": all}),
	}}
	return []PhaseRules{out}
}

// set joins the ways to set a header.
func (h Headers) set() map[string]string {
	out := maps.Clone(h.Set)
	if out == nil {
		out = map[string]string{}
	}
	for argument, value := range h.Named {
		out[HeaderArguments()[argument]] = value
	}
	if h.HSTS != nil {
		out[hstsName] = h.HSTS.value()
	}
	return out
}

func (h Headers) removed() []string {
	out := slices.Clone(h.Remove)
	if h.RemoveLeaking {
		out = append(out, LeakingHeaders()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Problems says what cannot be declared so, on a zone of this plan.
func (h Headers) Problems(plan string) []Problem {
	out := h.Match.problems(nil)
	if limits, known := LimitsOf(plan); known {
		out = append(out, limits.language(at(nil, "expression"), h.Match.Expression)...)
	}
	where := map[string][]any{} // by canonical name
	claim := func(name string, here []any, value string, empty bool) {
		lower := strings.ToLower(name)
		if first, taken := where[lower]; taken {
			out = append(out, problem(here, "header %s is changed by %v too; a header is set, added or removed once", name, first[0]))
		}
		where[lower] = here
		switch {
		case !httpguts.ValidHeaderFieldName(name):
			out = append(out, problem(here, "%q is no name of a header (RFC 9110 section 5.1)", name))
		case strings.HasPrefix(lower, "cf-"), strings.HasPrefix(lower, "x-cf-"):
			out = append(out, problem(here, "Cloudflare does not let %s be changed: names that begin with cf- and x-cf- are its own", name))
		}
		if value == "" && !empty {
			out = append(out, problem(here, "the value of %s is empty; put %s into remove to take the header away", name, name))
		}
		if !httpguts.ValidHeaderFieldValue(value) || strings.TrimSpace(value) != value {
			out = append(out, problem(here, "the value of %s has a line break, a control character or space at an end; write it on one line", name))
		}
	}
	if h.HSTS != nil {
		claim(hstsName, at(nil, "hsts"), h.HSTS.value(), false)
		if h.HSTS.Preload && (!h.HSTS.IncludeSubdomains || h.HSTS.MaxAge < 31536000) {
			out = append(out, problem(at(nil, "hsts", "preload"), "browsers build a domain in only with include_subdomains = true and max_age of at least 31536000 (hstspreload.org)"))
		}
	}
	for _, argument := range slices.Sorted(maps.Keys(h.Named)) {
		claim(HeaderArguments()[argument], at(nil, argument), h.Named[argument], false)
	}
	for _, name := range slices.Sorted(maps.Keys(h.Set)) {
		claim(name, at(nil, "set", Key(name)), h.Set[name], false)
	}
	for _, name := range slices.Sorted(maps.Keys(h.Add)) {
		claim(name, at(nil, "add", Key(name)), h.Add[name], false)
	}
	for i, name := range h.Remove {
		claim(name, at(nil, "remove", i), "", true)
	}
	if h.RemoveLeaking {
		for _, name := range LeakingHeaders() {
			if here, taken := where[strings.ToLower(name)]; taken && here[0] != "remove" {
				out = append(out, problem(here, "remove_leaking takes %s away; leave one of them out", name))
			}
		}
	}
	if len(h.set())+len(h.Add)+len(h.removed()) == 0 {
		out = append(out, problem(at(nil, "set"), "nothing is changed; set a header, or remove_leaking = true"))
	}
	return out
}

// ReadHeaders is Compile the other way, with the raw expression.
func ReadHeaders(rules map[ruleset.Phase][]ruleset.Rule) Headers {
	out := Headers{Named: map[string]string{}, Set: map[string]string{}, Add: map[string]string{}}
	for _, r := range rules[ruleset.PhaseResponseHeaders] {
		out.Match = readMatch(r.Expression, false)
		var p struct {
			Headers map[string]struct{ Operation, Value, Expression string }
		}
		_ = json.Unmarshal(r.Parameters, &p) // what cannot be read shows as a difference
		for _, name := range slices.Sorted(maps.Keys(p.Headers)) {
			switch h := p.Headers[name]; h.Operation {
			case "set":
				out.readSet(name, h.Value)
			case "add":
				out.Add[name] = h.Value
			case "remove":
				out.Remove = append(out.Remove, name)
			}
		}
	}
	isLeaking := func(name string) bool { return slices.Contains(LeakingHeaders(), name) }
	if rest := slices.DeleteFunc(slices.Clone(out.Remove), isLeaking); len(out.Remove)-len(rest) == len(LeakingHeaders()) {
		out.RemoveLeaking, out.Remove = true, rest
	}
	return out
}

func (h *Headers) readSet(name, value string) {
	var hsts HSTS
	if name == hstsName {
		if n, _ := fmt.Sscanf(value, "max-age=%d", &hsts.MaxAge); n == 1 {
			hsts.IncludeSubdomains, hsts.Preload = strings.Contains(value, "includeSubDomains"), strings.Contains(value, "preload")
			if hsts.value() == value {
				h.HSTS = &hsts
				return
			}
		}
	}
	for argument, header := range HeaderArguments() {
		if header == name {
			h.Named[argument] = value
			return
		}
	}
	h.Set[name] = value
}
