package edgerules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset/expression"
)

// LimitsChecked is the month in which Limits was last compared with Cloudflare's
// documentation.
const LimitsChecked = "2026-11"

// Limits are what a plan of Cloudflare's allows
// (https://developers.cloudflare.com/waf/custom-rules/,
// https://developers.cloudflare.com/waf/rate-limiting-rules/,
// https://developers.cloudflare.com/cache/how-to/cache-rules/,
// https://developers.cloudflare.com/rules/).
type Limits struct {
	Plan              string // legacy id
	CustomRules       int
	RateLimits        int
	OtherRules        int // of the phases for cache, redirects, headers and settings, each
	LogAction         bool
	Regex             bool
	BlockResponse     bool          // an answer of one's own to what is blocked
	ManagedRulesets   bool          // beside the free one
	Period            time.Duration // longest of a rate limit
	Timeout           time.Duration
	RateLimitFields   []string // beside the path
	Characteristics   []string // beside cf.colo.id
	CountedExpression bool
	Throttle          bool          // block without a timeout
	EdgeTTL           time.Duration // least
	Scores            []string      // of machine learning that rules may look at
}

// Limits by plan. Each row of RateLimitFields and Characteristics adds to the
// one before.
func limits() []Limits {
	const all = "*"
	return []Limits{
		{
			Plan: "free", CustomRules: 5, RateLimits: 1, OtherRules: 10, Period: 10 * time.Second, Timeout: 10 * time.Second,
			RateLimitFields: []string{"http.request.uri.path", "cf.bot_management.verified_bot", "cf.client.bot"},
			Characteristics: []string{"ip.src"}, EdgeTTL: 2 * time.Hour,
		},
		{
			Plan: "pro", CustomRules: 20, RateLimits: 2, OtherRules: 25, BlockResponse: true, ManagedRulesets: true, Period: time.Minute, Timeout: time.Hour,
			RateLimitFields: []string{
				"http.request.uri.path", "cf.bot_management.verified_bot", "cf.client.bot", "http.host", "http.request.uri", "http.request.full_uri",
				"http.request.uri.query", "http.request.uri.args",
			},
			Characteristics: []string{"ip.src"}, EdgeTTL: time.Hour,
		},
		{
			Plan: "business", CustomRules: 100, RateLimits: 5, OtherRules: 50, Regex: true, BlockResponse: true, ManagedRulesets: true,
			Period: 10 * time.Minute, Timeout: 24 * time.Hour,
			RateLimitFields: []string{
				"http.request.uri.path", "cf.bot_management.verified_bot", "cf.client.bot", "http.host", "http.request.uri", "http.request.full_uri",
				"http.request.uri.query", "http.request.uri.args", "http.request.method", "ip.src", "http.user_agent",
			},
			Characteristics: []string{"ip.src", "cf.unique_visitor_id"}, CountedExpression: true, EdgeTTL: time.Second, Scores: []string{"cf.waf.score.class"},
		},
		{
			Plan: "enterprise", CustomRules: 1000, RateLimits: 100, OtherRules: 300, LogAction: true, Regex: true, BlockResponse: true, ManagedRulesets: true,
			Period: 65535 * time.Second, Timeout: 24 * time.Hour, RateLimitFields: []string{all}, Characteristics: []string{all},
			CountedExpression: true, Throttle: true, EdgeTTL: time.Second, Scores: []string{all},
		},
	}
}

// LimitsOf returns the limits of a plan by its legacy id; ok is false for one
// that is not known, which has no limit here: the API stays the judge.
func LimitsOf(plan string) (l Limits, ok bool) {
	all := limits()
	i := slices.IndexFunc(all, func(l Limits) bool { return l.Plan == plan })
	if i < 0 {
		return Limits{}, false
	}
	return all[i], true
}

// Plans are the plans by legacy id, smallest first.
func Plans() []string {
	var out []string
	for _, l := range limits() {
		out = append(out, l.Plan)
	}
	return out
}

// rules is how many rules a phase may hold; 0 = no limit is known.
func (l Limits) rules(phase ruleset.Phase) int {
	switch phase {
	case ruleset.PhaseFirewallCustom:
		return l.CustomRules
	case ruleset.PhaseRateLimit:
		return l.RateLimits
	case ruleset.PhaseDDoS:
		return 1
	case ruleset.PhaseFirewallManaged:
		return 0
	default:
		return l.OtherRules
	}
}

// Count says whether the rules of a phase are more than the plan allows: ours
// with those of others that are there already. Empty = they fit.
// siblings are those of other resources of this provider.
func (l Limits) Count(phase ruleset.Phase, ours, siblings, others int) string {
	most, all := l.rules(phase), ours+siblings+others
	if most == 0 || all <= most || ours == 0 {
		return ""
	}
	text := fmt.Sprintf("plan %s allows %d in phase %s, and these are %d", l.Plan, most, phase, ours)
	if siblings > 0 {
		text += fmt.Sprintf(" beside %d of other resources like this", siblings)
	}
	if others > 0 {
		text += fmt.Sprintf(" beside %d made by hand or by other programs", others)
	}
	return text + ". " + fold(phase) + planThat(func(l Limits) bool { return l.rules(phase) >= all })
}

// fold is the nearest thing that works with fewer rules.
func fold(phase ruleset.Phase) string {
	switch phase {
	case ruleset.PhaseRateLimit:
		return "Put the paths of several limits into one, with the smallest number of requests"
	case ruleset.PhaseDDoS:
		return "Keep one override"
	default:
		return "Join rules of one action into one, with more hosts and paths or an expression of several parts"
	}
}

// planThat names the smallest plan that allows something.
func planThat(allows func(Limits) bool) string {
	for _, l := range limits() {
		if allows(l) {
			return ", or move the zone to plan " + l.Plan
		}
	}
	return ""
}

// language says what of an expression needs a larger plan, whatever its phase.
func (l Limits) language(at []any, text string) []Problem {
	var out []Problem
	uses := expression.Uses(text)
	if uses.Regex && !l.Regex {
		out = append(out, problem(at, "plan %s has no regular expressions (matches, ~); write starts_with, ends_with, contains, wildcard or in%s",
			l.Plan, planThat(func(l Limits) bool { return l.Regex })))
	}
	for _, field := range uses.Fields {
		scored := strings.HasPrefix(field, "cf.waf.score") || strings.HasPrefix(field, "cf.bot_management.score")
		if scored && !l.scores(field) {
			out = append(out, problem(at, "plan %s has no %s; leave it out%s", l.Plan, field, planThat(func(l Limits) bool { return l.scores(field) })))
		}
	}
	return out
}

func (l Limits) scores(field string) bool {
	return slices.Contains(l.Scores, field) || slices.Contains(l.Scores, "*")
}

// fields says which fields of a rate limit need a larger plan. whence tells the
// argument a field comes from.
func (l Limits) fields(text string, whence func(field string) []any) []Problem {
	var out []Problem
	for _, field := range expression.Uses(text).Fields {
		if l.allows(field) {
			continue
		}
		at := whence(field)
		nearest := "leave it out, so that more requests count"
		if name, _ := at[len(at)-1].(string); name == "methods" || name == "hosts" {
			nearest = "leave " + name + " out, so that requests of every one count"
		}
		out = append(out, problem(at, "plan %s cannot limit by %s, only by %s; %s%s",
			l.Plan, field, strings.Join(l.RateLimitFields, ", "), nearest, planThat(func(l Limits) bool { return l.allows(field) })))
	}
	return out
}

// allows reports whether a rate limit may look at a field.
func (l Limits) allows(field string) bool {
	return slices.ContainsFunc(l.RateLimitFields, func(f string) bool {
		return f == "*" || f == field || strings.HasPrefix(field, f+".") && f != "http.request.uri"
	})
}
