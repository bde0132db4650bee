package edgerules

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset/expression"
)

// RateLimit is one rate limiting rule
// (https://developers.cloudflare.com/waf/rate-limiting-rules/parameters/).
type RateLimit struct {
	Key         string
	Description string
	Match       Match
	Requests    int64         // in a period, that pass
	Period      time.Duration // 0 = 10 s
	// Action is block (the default), managed_challenge, js_challenge, challenge or log.
	Action string
	// Timeout is for how long the action lasts; nil = as long as the period and
	// the plan allow for block, 0 for the others.
	Timeout *time.Duration
	// Characteristics are what requests are counted by; empty = the address.
	// cf.colo.id, which Cloudflare demands, is added.
	Characteristics []string
	// Counting is what is counted where it is not what is limited.
	Counting string
	Response *Response
	Disabled bool
}

// Response is what a blocked visitor is answered.
type Response struct {
	Status      int64 // 400 to 499; 0 = 429 of a rate limit, 403 of a firewall
	ContentType string
	Body        string
}

const (
	colo          = "cf.colo.id"
	plainText     = "text/plain"
	actionBlock   = "block"
	actionLog     = "log"
	defaultPeriod = 10 * time.Second
)

// periods that the API takes; a plan may take fewer.
func periods() []int64 {
	return []int64{10, 15, 20, 30, 40, 45, 60, 90, 120, 180, 240, 300, 480, 600, 900, 1200, 1800, 2400, 3600, 65535}
}

// timeouts are the periods and a day.
func timeouts() []int64 { return append(periods(), 86400) }

// RateLimits are the limits of a resource.
type RateLimits []RateLimit

// Compile gives their rules, in order of their keys.
func (r RateLimits) Compile(plan string, owner ruleset.Owner) []PhaseRules {
	limits, _ := LimitsOf(plan)
	out := PhaseRules{Phase: ruleset.PhaseRateLimit}
	for _, l := range r.sorted() {
		out.Rules = append(out.Rules, ruleset.Rule{
			Ref: owner.Ref(l.Key), Description: l.description(), Expression: l.Match.compile(false), Action: l.action(), Enabled: !l.Disabled,
			Parameters: l.parameters(), RateLimit: l.counter(limits),
		})
	}
	return []PhaseRules{out}
}

func (r RateLimits) sorted() RateLimits {
	return slices.SortedFunc(slices.Values(r), func(a, b RateLimit) int { return strings.Compare(a.Key, b.Key) })
}

func (l RateLimit) description() string {
	if l.Description != "" {
		return l.Description
	}
	return "Rate limit " + l.Key
}

func (l RateLimit) action() string {
	if l.Action == "" {
		return actionBlock
	}
	return l.Action
}

func (l RateLimit) period() time.Duration {
	if l.Period == 0 {
		return defaultPeriod
	}
	return l.Period
}

func (l RateLimit) timeout(limits Limits) time.Duration {
	switch {
	case l.Timeout != nil:
		return *l.Timeout
	case l.action() != actionBlock:
		return 0
	case limits.Timeout > 0 && l.period() > limits.Timeout:
		return limits.Timeout
	}
	return l.period()
}

func (l RateLimit) characteristics() []string {
	out := slices.Clone(l.Characteristics)
	if len(out) == 0 {
		out = []string{"ip.src"}
	}
	if !slices.Contains(out, colo) {
		out = append(out, colo)
	}
	return out
}

func (l RateLimit) counter(limits Limits) json.RawMessage {
	m := map[string]any{
		"characteristics": l.characteristics(), "period": seconds(l.period()), "requests_per_period": l.Requests,
		"mitigation_timeout": seconds(l.timeout(limits)),
	}
	if l.Counting != "" {
		m["counting_expression"] = l.Counting
	}
	return ruleset.Object(m)
}

func (l RateLimit) parameters() json.RawMessage {
	if l.Response == nil {
		return nil
	}
	return ruleset.Object(map[string]any{"response": l.Response.object(429)})
}

func (r Response) object(status int64) map[string]any {
	if r.Status != 0 {
		status = r.Status
	}
	kind := r.ContentType
	if kind == "" {
		kind = plainText
	}
	return map[string]any{"status_code": status, "content_type": kind, "content": r.Body}
}

// Problems says what cannot be declared so, on a zone of this plan.
func (r RateLimits) Problems(plan string, base ...any) []Problem {
	limits, known := LimitsOf(plan)
	var out []Problem
	for _, l := range r.sorted() {
		here := at(base, Key(l.Key))
		out = append(out, l.Match.problems(here)...)
		out = append(out, l.unplanned(here)...)
		if known {
			out = append(out, l.planned(limits, here)...)
		}
	}
	return out
}

// unplanned are problems on every plan.
func (l RateLimit) unplanned(here []any) []Problem {
	var out []Problem
	if l.Match.Expression == "" && len(l.Match.Paths) == 0 && len(l.Match.Hosts) == 0 && len(l.Match.Methods) == 0 {
		out = append(out, problem(here, "it names no paths, hosts, methods and no expression, so it would limit every request; write paths = [\"/*\"] if that is meant"))
	}
	if l.Counting != "" {
		if err := expression.Check(l.Counting); err != nil {
			out = append(out, problem(at(here, "counting_expression"), "%s: %q", err, excerpt(l.Counting)))
		}
	}
	for _, field := range expression.Uses(l.Match.Expression).Fields {
		if strings.HasPrefix(field, "http.response.") {
			out = append(out, problem(at(here, "expression"), "%s is not known yet when a request is limited; what is counted may look at it: put it into counting_expression", field))
		}
	}
	has := func(name string) bool { return slices.Contains(l.Characteristics, name) }
	if has("ip.src") && has("cf.unique_visitor_id") {
		out = append(out, problem(at(here, "characteristics"), "an address (ip.src) and a visitor (cf.unique_visitor_id) exclude each other; leave one out"))
	}
	if l.Response != nil && l.action() != actionBlock {
		out = append(out, problem(at(here, "response"), "it belongs to action block, and the action is %s", l.action()))
	}
	for i, c := range l.Characteristics {
		if slices.Contains(l.Characteristics[:i], c) {
			out = append(out, problem(at(here, "characteristics", i), "%s is there twice; write it once", c))
		}
		if strings.HasPrefix(c, "http.request.headers") && c != strings.ToLower(c) {
			out = append(out, problem(at(here, "characteristics", i), "%s: names of headers are lower case here: %s", c, strings.ToLower(c)))
		}
	}
	if !slices.Contains(periods(), seconds(l.period())) {
		out = append(out, problem(at(here, "period"), "%s is not a period that Cloudflare has; the nearest is %s", Short(l.period()), Short(nearestPeriod(l.period(), periods()))))
	}
	if l.Timeout != nil && *l.Timeout != 0 && !slices.Contains(timeouts(), seconds(*l.Timeout)) {
		out = append(out, problem(at(here, "timeout"), "%s is not a timeout that Cloudflare has; the nearest is %s", Short(*l.Timeout), Short(nearestPeriod(*l.Timeout, timeouts()))))
	}
	if l.Timeout != nil && l.action() != actionBlock && *l.Timeout != 0 && l.action() != actionLog {
		out = append(out, problem(at(here, "timeout"), "a challenge has no timeout below Enterprise: who passes it is let through; leave timeout out"))
	}
	return out
}

func nearestPeriod(d time.Duration, all []int64) time.Duration {
	best := all[0]
	for _, p := range all {
		if abs(p-seconds(d)) < abs(best-seconds(d)) {
			best = p
		}
	}
	return time.Duration(best) * time.Second
}

func abs(n int64) int64 { return max(n, -n) }

// planned are problems on a plan.
func (l RateLimit) planned(limits Limits, here []any) []Problem {
	var out []Problem
	whence := func(field string) []any {
		switch {
		case l.Match.Expression != "":
			return at(here, "expression")
		case field == expression.Method:
			return at(here, "methods")
		default:
			return at(here, "hosts")
		}
	}
	text := l.Match.compile(false)
	out = append(out, limits.fields(text, whence)...)
	out = append(out, limits.language(at(here, "expression"), text)...)
	if allowed := limits.periods(); !slices.Contains(allowed, seconds(l.period())) && slices.Contains(periods(), seconds(l.period())) {
		nearest := nearestPeriod(l.period(), allowed)
		requests := (l.Requests*seconds(nearest) + seconds(l.period()) - 1) / seconds(l.period()) // rounded up
		out = append(out, problem(at(here, "period"), "plan %s has no period of %s; the nearest is period = %q with requests = %d%s", limits.Plan, Short(l.period()), Short(nearest), requests,
			planThat(func(o Limits) bool { return slices.Contains(o.periods(), seconds(l.period())) })))
	}
	if d := l.timeout(limits); l.Timeout != nil && d > limits.Timeout {
		out = append(out, problem(at(here, "timeout"), "plan %s allows %s at most; write timeout = %q%s", limits.Plan, Short(limits.Timeout), Short(limits.Timeout),
			planThat(func(o Limits) bool { return o.Timeout >= d })))
	}
	if l.Timeout != nil && *l.Timeout == 0 && l.action() == actionBlock && !limits.Throttle {
		out = append(out, problem(at(here, "timeout"), "plan %s cannot block without a timeout; write timeout = %q%s", limits.Plan, Short(min(l.period(), limits.Timeout)),
			planThat(func(o Limits) bool { return o.Throttle })))
	}
	for i, c := range l.Characteristics {
		if c != colo && !slices.ContainsFunc(limits.Characteristics, func(a string) bool { return a == "*" || a == c }) {
			out = append(out, problem(at(here, "characteristics", i), "plan %s cannot count by %s, only by %s; leave it out to count by address%s", limits.Plan, c, strings.Join(limits.Characteristics, ", "),
				planThat(func(o Limits) bool {
					return slices.Contains(o.Characteristics, c) || slices.Contains(o.Characteristics, "*")
				})))
		}
	}
	if l.Counting != "" && !limits.CountedExpression {
		out = append(out, problem(at(here, "counting_expression"), "plan %s counts what it limits; leave counting_expression out%s", limits.Plan, planThat(func(o Limits) bool { return o.CountedExpression })))
	}
	if l.Response != nil && !limits.BlockResponse {
		out = append(out, problem(at(here, "response"), "plan %s answers with Cloudflare's own page (status 429); leave response out%s", limits.Plan, planThat(func(o Limits) bool { return o.BlockResponse })))
	}
	if l.action() == actionLog && !limits.LogAction {
		out = append(out, problem(at(here, "action"), "plan %s has no action log; block with a high number of requests and watch Security Events%s", limits.Plan, planThat(func(o Limits) bool { return o.LogAction })))
	}
	return out
}

// periods are those of the plan, in seconds.
func (l Limits) periods() []int64 {
	return slices.DeleteFunc(periods(), func(p int64) bool { return p > seconds(l.Period) })
}

// Short writes a duration as users do: 10m, not 10m0s.
func Short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// ReadRateLimits is Compile the other way: each limit with its raw expression.
func ReadRateLimits(owner ruleset.Owner, rules map[ruleset.Phase][]ruleset.Rule) RateLimits {
	var out RateLimits
	for _, r := range rules[ruleset.PhaseRateLimit] {
		key, _ := owner.Key(r.Ref)
		var c struct {
			Characteristics []string `json:"characteristics"`
			Period          int64    `json:"period"`
			Requests        int64    `json:"requests_per_period"`
			Timeout         int64    `json:"mitigation_timeout"`
			Counting        string   `json:"counting_expression"`
		}
		_ = json.Unmarshal(r.RateLimit, &c) // what cannot be read shows as a difference
		l := RateLimit{
			Key: key, Description: r.Description, Match: readMatch(r.Expression, false), Requests: c.Requests, Period: time.Duration(c.Period) * time.Second,
			Action: r.Action, Counting: c.Counting, Disabled: !r.Enabled, Response: readResponse(r.Parameters, 429),
		}
		l.Characteristics = slices.DeleteFunc(c.Characteristics, func(s string) bool { return s == colo })
		if timeout := time.Duration(c.Timeout) * time.Second; timeout != l.timeout(Limits{}) {
			l.Timeout = &timeout
		}
		l.undefault()
		out = append(out, l)
	}
	return out
}

// undefault leaves out what is so when nothing is said.
func (l *RateLimit) undefault() {
	if l.Description == (RateLimit{Key: l.Key}).description() {
		l.Description = ""
	}
	if l.Period == defaultPeriod {
		l.Period = 0
	}
	if l.Action == actionBlock {
		l.Action = ""
	}
	if slices.Equal(l.Characteristics, []string{"ip.src"}) {
		l.Characteristics = nil
	}
}

// readResponse reads an answer of one's own; what is so when nothing is said is
// left out.
func readResponse(parameters json.RawMessage, status int64) *Response {
	var p struct {
		Response *struct {
			Status      int64  `json:"status_code"`
			ContentType string `json:"content_type"`
			Content     string `json:"content"`
		} `json:"response"`
	}
	if json.Unmarshal(parameters, &p) != nil || p.Response == nil {
		return nil
	}
	out := &Response{Status: p.Response.Status, ContentType: p.Response.ContentType, Body: p.Response.Content}
	if out.Status == status {
		out.Status = 0
	}
	if out.ContentType == plainText {
		out.ContentType = ""
	}
	return out
}
