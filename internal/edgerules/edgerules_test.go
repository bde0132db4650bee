package edgerules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/ruleset"
	"github.com/launchready/terraform-provider-launchready/internal/ruleset/expression"
)

func duration(text string) *time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return &d
}

// declaration is any of the things that this package compiles.
type declaration interface {
	problems(plan string) []Problem
	rules() []PhaseRules
}

type (
	ofLimits   struct{ RateLimits }
	ofWAF      struct{ WAF }
	ofCache    struct{ Cache }
	ofRedirect struct{ Redirects }
	ofHeaders  struct{ Headers }
	ofDDoS     struct{ DDoS }
)

func (d ofLimits) problems(plan string) []Problem   { return d.Problems(plan, "rules") }
func (d ofWAF) problems(plan string) []Problem      { return d.Problems(plan) }
func (d ofCache) problems(plan string) []Problem    { return d.Problems(plan) }
func (d ofRedirect) problems(plan string) []Problem { return d.Problems(plan) }
func (d ofHeaders) problems(plan string) []Problem  { return d.Problems(plan) }
func (d ofDDoS) problems(plan string) []Problem     { return d.Problems(plan) }
func (d ofLimits) rules() []PhaseRules              { return d.Compile("business", ruleset.Owner{}) }
func (d ofWAF) rules() []PhaseRules                 { return d.Compile(ruleset.Owner{}) }
func (d ofCache) rules() []PhaseRules               { return d.Compile(ruleset.Owner{}) }
func (d ofRedirect) rules() []PhaseRules            { return d.Compile(ruleset.Owner{}) }
func (d ofHeaders) rules() []PhaseRules             { return d.Compile(ruleset.Owner{}) }
func (d ofDDoS) rules() []PhaseRules                { return d.Compile(ruleset.Owner{}) }

func limit(change func(*RateLimit)) declaration {
	l := RateLimit{Key: "a", Match: Match{Paths: []string{"/a"}}, Requests: 60}
	change(&l)
	return ofLimits{RateLimits{l}}
}

func custom(change func(*CustomRule)) declaration {
	r := CustomRule{Ref: "a", Match: Match{Paths: []string{"/a"}}, Action: "block"}
	change(&r)
	return ofWAF{WAF{Rules: []CustomRule{r}}}
}

func redirect(change func(*Redirect)) declaration {
	r := Redirect{Ref: "a", Match: Match{Paths: []string{"/a"}}, To: "https://acme.example/b"}
	change(&r)
	return ofRedirect{Redirects{r}}
}

// For each plan, smallest first: what is said of a declaration, "-" for nothing.
// A plan that is not known has no limit.
func TestProblems(t *testing.T) {
	t.Parallel()
	everywhere := func(text string) [4]string { return [4]string{text, text, text, text} }
	for name, tc := range map[string]struct {
		declared declaration
		want     [4]string
	}{
		"limit":               {limit(func(*RateLimit) {}), everywhere("-")},
		"limit on methods":    {limit(func(l *RateLimit) { l.Match.Methods = []string{"POST"} }), [4]string{"rules.a.methods: plan free", "leave methods out", "-", "-"}},
		"limit on hosts":      {limit(func(l *RateLimit) { l.Match.Hosts = []string{"a.example"} }), [4]string{"or move the zone to plan pro", "-", "-", "-"}},
		"limit on a header":   {limit(func(l *RateLimit) { l.Match = Match{Expression: `http.request.headers["x"][0] eq "1"`} }), [4]string{"plan enterprise", "plan enterprise", "plan enterprise", "-"}},
		"limit on an answer":  {limit(func(l *RateLimit) { l.Match = Match{Expression: `http.response.code eq 401`} }), everywhere("counting_expression")},
		"limit of a minute":   {limit(func(l *RateLimit) { l.Period = time.Minute }), [4]string{`period = "10s" with requests = 10, or move the zone to plan pro`, "-", "-", "-"}},
		"limit of an hour":    {limit(func(l *RateLimit) { l.Period = time.Hour }), [4]string{"plan enterprise", `period = "1m" with requests = 1,`, `period = "10m" with requests = 10`, "-"}},
		"limit of 7s":         {limit(func(l *RateLimit) { l.Period = 7 * time.Second }), everywhere("the nearest is 10s")},
		"timeout":             {limit(func(l *RateLimit) { l.Timeout = duration("1h") }), [4]string{`timeout = "10s"`, "-", "-", "-"}},
		"timeout of a day":    {limit(func(l *RateLimit) { l.Timeout = duration("24h") }), [4]string{`timeout = "10s"`, `timeout = "1h"`, "-", "-"}},
		"timeout of 77s":      {limit(func(l *RateLimit) { l.Timeout = duration("77s") }), everywhere("the nearest is 1m30s")},
		"throttle":            {limit(func(l *RateLimit) { l.Timeout = duration("0s") }), [4]string{"without a timeout", "without a timeout", "plan enterprise", "-"}},
		"challenge":           {limit(func(l *RateLimit) { l.Action = "managed_challenge" }), everywhere("-")},
		"challenge with time": {limit(func(l *RateLimit) { l.Action, l.Timeout = "managed_challenge", duration("10s") }), everywhere("leave timeout out")},
		"counted by visitor":  {limit(func(l *RateLimit) { l.Characteristics = []string{"cf.unique_visitor_id"} }), [4]string{"only by ip.src", "plan business", "-", "-"}},
		"counted by both":     {limit(func(l *RateLimit) { l.Characteristics = []string{"cf.unique_visitor_id", "ip.src"} }), everywhere("exclude each other")},
		"counted by a header": {limit(func(l *RateLimit) { l.Characteristics = []string{`http.request.headers["x-key"]`} }), [4]string{"plan enterprise", "plan enterprise", "plan enterprise", "-"}},
		"counting":            {limit(func(l *RateLimit) { l.Counting = `http.response.code eq 401` }), [4]string{"plan business", "leave counting_expression out", "-", "-"}},
		"own answer":          {limit(func(l *RateLimit) { l.Response = &Response{Body: "slow"} }), [4]string{"leave response out", "-", "-", "-"}},
		"limit that logs":     {limit(func(l *RateLimit) { l.Action = "log" }), [4]string{"plan enterprise", "plan enterprise", "plan enterprise", "-"}},
		"limit of all":        {limit(func(l *RateLimit) { l.Match = Match{} }), everywhere("limit every request")},
		"bad expression":      {limit(func(l *RateLimit) { l.Match = Match{Expression: `(http.host eq "a"`} }), everywhere("at character 1")},
		"both":                {limit(func(l *RateLimit) { l.Match.Expression = "ssl" }), everywhere("expression and paths are both set")},
		"a query":             {limit(func(l *RateLimit) { l.Match.Paths = []string{"/q?x=1"} }), everywhere("has a query")},
		"an address as host":  {custom(func(r *CustomRule) { r.Match.Hosts = []string{"https://a.example"} }), everywhere("is no host")},
		"a star in a host":    {custom(func(r *CustomRule) { r.Match.Hosts = []string{"por*.a.example"} }), everywhere("is no host")},
		"a host with a dot":   {custom(func(r *CustomRule) { r.Match.Hosts = []string{"a.example."} }), everywhere("is no host")},
		"a host of umlauts":   {custom(func(r *CustomRule) { r.Match.Hosts = []string{"bücher.example"} }), everywhere("-")},
		"answer, challenge":   {limit(func(l *RateLimit) { l.Action, l.Response = "js_challenge", &Response{Body: "x"} }), everywhere("belongs to action block")},
		"counted twice":       {limit(func(l *RateLimit) { l.Characteristics = []string{"ip.src", "ip.src"} }), everywhere("is there twice")},
		"no path":             {limit(func(l *RateLimit) { l.Match.Paths = []string{"login"} }), everywhere("begin it with a slash")},

		"rule":             {custom(func(*CustomRule) {}), everywhere("-")},
		"rule that logs":   {custom(func(r *CustomRule) { r.Action = "log" }), [4]string{"managed_challenge", "plan enterprise", "plan enterprise", "-"}},
		"rule with regex":  {custom(func(r *CustomRule) { r.Match = Match{Expression: `http.host matches "^a"`} }), [4]string{"starts_with", "plan business", "-", "-"}},
		"rule by score":    {custom(func(r *CustomRule) { r.Match = Match{Expression: `cf.waf.score lt 20`} }), [4]string{"plan enterprise", "plan enterprise", "plan enterprise", "-"}},
		"rule's answer":    {custom(func(r *CustomRule) { r.Response = &Response{Body: "no"} }), [4]string{"leave response out", "-", "-", "-"}},
		"rule for all":     {custom(func(r *CustomRule) { r.Match = Match{} }), everywhere("for every request")},
		"skip of a block":  {custom(func(r *CustomRule) { r.Skip = []string{"waf"} }), everywhere("belongs to action skip")},
		"two of one ref":   {ofWAF{WAF{Rules: []CustomRule{{Ref: "a", Match: Match{Paths: []string{"/a"}}}, {Ref: "a", Match: Match{Paths: []string{"/b"}}}}}}, everywhere("names two rules")},
		"managed":          {ofWAF{WAF{Managed: []Managed{{Key: "cloudflare"}}}}, [4]string{"managed_rulesets.cloudflare: plan free has the free managed ruleset alone", "-", "-", "-"}},
		"managed twice":    {ofWAF{WAF{Managed: []Managed{{Key: "free"}, {Key: freeManaged}}}}, everywhere("would run twice")},
		"no override":      {ofWAF{WAF{Managed: []Managed{{Key: "free", Categories: map[string]Override{"x": {}}}}}}, everywhere("changes nothing")},
		"override of ddos": {ofWAF{WAF{Managed: []Managed{{Key: "free", Categories: map[string]Override{"x": {Sensitivity: "low"}}}}}}, everywhere("belongs to DDoS rules")},
		"exception of one": {ofWAF{WAF{Exceptions: []Exception{{Ref: "a", Match: Match{Paths: []string{"/a"}}, Rulesets: []string{"bogus"}}}}}, everywhere("is no managed ruleset")},
		"exception's rule": {ofWAF{WAF{Exceptions: []Exception{{Ref: "a", Match: Match{Paths: []string{"/a"}}, Rules: map[string][]string{"free": {"zz"}}}}}}, everywhere("no id of a rule")},
		"managed unknown":  {ofWAF{WAF{Managed: []Managed{{Key: "modsec"}}}}, everywhere("cloudflare, free, owasp")},
		"managed strength": {ofWAF{WAF{Managed: []Managed{{Key: "free", Sensitivity: "low"}}}}, everywhere("of the owasp ruleset")},
		"exception of all": {ofWAF{WAF{Exceptions: []Exception{{Ref: "a"}}}}, everywhere("lets every request pass")},

		"ddos":          {ofDDoS{DDoS{Sensitivity: "medium"}}, everywhere("-")},
		"ddos that log": {ofDDoS{DDoS{Categories: map[string]Override{"botnets": {Action: "log"}}}}, [4]string{"categories.botnets.action: plan free", "plan enterprise", "plan enterprise", "-"}},

		"static":            {ofCache{Cache{Static: &CacheRule{Match: Match{Paths: []string{"/assets/*"}}}}}, everywhere("-")},
		"static for 1h":     {ofCache{Cache{Static: &CacheRule{Match: Match{Paths: []string{"/assets/*"}}, EdgeTTL: duration("1h")}}}, [4]string{`edge_ttl = "2h"`, "-", "-", "-"}},
		"static for 1s":     {ofCache{Cache{Static: &CacheRule{Match: Match{Paths: []string{"/assets/*"}}, EdgeTTL: duration("1s")}}}, [4]string{"plan business", `edge_ttl = "1h"`, "-", "-"}},
		"static for 0s":     {ofCache{Cache{Static: &CacheRule{Match: Match{Paths: []string{"/assets/*"}}, EdgeTTL: duration("0s")}}}, everywhere("cache = false")},
		"whole host kept":   {ofCache{Cache{Static: &CacheRule{Match: Match{Hosts: []string{"a.example"}}}}}, everywhere("static: it keeps every answer")},
		"stars kept":        {ofCache{Cache{Static: &CacheRule{Match: Match{Paths: []string{"/**"}}}}}, everywhere("static: it keeps every answer")},
		"kept for ever":     {ofCache{Cache{Static: &CacheRule{Match: Match{Paths: []string{"/assets/*"}}, EdgeTTL: duration("9999h")}}}, everywhere("longer than a year")},
		"everything kept":   {ofCache{Cache{Static: &CacheRule{Match: Match{Hosts: []string{"a.example"}, Paths: []string{"/*"}}}}}, everywhere("static: it keeps every answer")},
		"bypass of nothing": {ofCache{Cache{Bypass: &Bypass{}}}, everywhere("names no paths")},
		"bypass by default": {ofCache{Cache{Bypass: &Bypass{Authorization: true}}}, everywhere("-")},
		"cookie with value": {ofCache{Cache{Bypass: &Bypass{Cookies: []string{"a=b"}}}}, everywhere("no name of a cookie")},
		"reserved ref":      {ofCache{Cache{Rules: []CacheRule{{Ref: "bypass", Match: Match{Paths: []string{"/a"}}}}}}, everywhere("is taken")},

		"redirect":           {redirect(func(*Redirect) {}), everywhere("-")},
		"redirect to itself": {redirect(func(r *Redirect) { r.To = "https://acme.example/a" }), everywhere("without end")},
		"redirect of a tree": {redirect(func(r *Redirect) { r.Match.Paths = []string{"/b*"} }), everywhere("without end")},
		"redirect elsewhere": {redirect(func(r *Redirect) { r.Match = Match{Hosts: []string{"www.acme.example"}} }), everywhere("-")},
		"redirect to own www": {redirect(func(r *Redirect) {
			r.Match, r.To, r.ToHost = Match{Hosts: []string{"*.acme.example"}}, "", "www.acme.example"
		}), everywhere("without end")},
		"two targets":         {redirect(func(r *Redirect) { r.ToHost = "b.example" }), everywhere("2 targets")},
		"no target":           {redirect(func(r *Redirect) { r.To = "" }), everywhere("0 targets")},
		"relative target":     {redirect(func(r *Redirect) { r.To = "/b" }), everywhere("no address")},
		"redirect of all":     {redirect(func(r *Redirect) { r.Match = Match{} }), everywhere("every request of the zone")},
		"regex in the target": {redirect(func(r *Redirect) { r.To, r.Target = "", `regex_replace(http.host, "^a", "b")` }), [4]string{"to_expression: plan free", "plan business", "-", "-"}},

		"headers":           {ofHeaders{Headers{Named: map[string]string{"frame_options": "DENY"}}}, everywhere("-")},
		"header of theirs":  {ofHeaders{Headers{Set: map[string]string{"CF-Foo": "1"}}}, everywhere("its own")},
		"no header":         {ofHeaders{Headers{}}, everywhere("nothing is changed")},
		"header twice":      {ofHeaders{Headers{Named: map[string]string{"frame_options": "DENY"}, Remove: []string{"x-frame-options"}}}, everywhere("changed by frame_options too")},
		"header of 2 lines": {ofHeaders{Headers{Named: map[string]string{"content_security_policy": "default-src 'self'\n; x"}}}, everywhere("line break")},
		"header of nothing": {ofHeaders{Headers{Set: map[string]string{"X-A": ""}}}, everywhere("is empty")},
		"leak that is set":  {ofHeaders{Headers{Set: map[string]string{"X-Powered-By": "us"}, RemoveLeaking: true}}, everywhere("remove_leaking takes")},
		"header's name":     {ofHeaders{Headers{Add: map[string]string{"a b": "1"}}}, everywhere("RFC 9110")},
		"preload":           {ofHeaders{Headers{HSTS: &HSTS{MaxAge: 300, Preload: true}}}, everywhere("hstspreload.org")},
	} {
		for i, plan := range Plans() {
			got := tc.declared.problems(plan)
			var said []string
			for _, p := range got {
				said = append(said, spellPath(p.At)+": "+p.Reason)
			}
			text := strings.Join(said, "; ")
			if want := tc.want[i]; want == "-" && text != "" || want != "-" && !strings.Contains(text, want) {
				t.Errorf("%s on %s: %q, want %q", name, plan, text, want)
			}
		}
		if tc.want[3] != "-" {
			continue
		}
		if p := tc.declared.problems("free_2030"); len(p) != 0 {
			t.Errorf("%s on a plan of its own: %v", name, p)
		}
		for _, p := range tc.declared.rules() {
			for _, r := range p.Rules {
				if err := expression.Check(r.Expression); err != nil {
					t.Errorf("%s: %s: %v", name, r.Expression, err)
				}
			}
		}
	}
}

func spellPath(at []any) string {
	var out []string
	for _, s := range at {
		out = append(out, fmt.Sprint(s))
	}
	return strings.Join(out, ".")
}

func TestCount(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		plan                   string
		phase                  ruleset.Phase
		ours, siblings, others int
		want                   string
	}{
		{"free", ruleset.PhaseRateLimit, 1, 0, 0, ""},
		{"free", ruleset.PhaseRateLimit, 1, 0, 1, "allows 1 in phase http_ratelimit, and these are 1 beside 1 made by hand"},
		{"pro", ruleset.PhaseRateLimit, 3, 0, 0, "or move the zone to plan business"},
		{"free", ruleset.PhaseFirewallCustom, 5, 0, 0, ""},
		{"free", ruleset.PhaseFirewallCustom, 6, 0, 0, "plan pro"},
		{"free", ruleset.PhaseRedirect, 11, 0, 0, "allows 10"},
		{"enterprise", ruleset.PhaseRedirect, 301, 0, 0, "allows 300"},
		{"free", ruleset.PhaseFirewallManaged, 9, 0, 9, ""},
		{"free", ruleset.PhaseRateLimit, 0, 0, 5, ""}, // taking ours away is always possible
	} {
		l, _ := LimitsOf(tc.plan)
		if got := l.Count(tc.phase, tc.ours, tc.siblings, tc.others); tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
			t.Errorf("%+v: %q", tc, got)
		}
	}
}

// What is read back compiles to the rules that it was read from.
func TestReadBack(t *testing.T) {
	t.Parallel()
	off := false
	owner := ruleset.Owner{Kind: "x", Name: "y"}
	match := Match{Hosts: []string{"a.example", "*.b.example"}, Paths: []string{"/a", "/b/*"}, Methods: []string{"POST"}}
	byPhase := func(all []PhaseRules) map[ruleset.Phase][]ruleset.Rule {
		out := map[ruleset.Phase][]ruleset.Rule{}
		for _, p := range all {
			out[p.Phase] = p.Rules
		}
		return out
	}
	limits := RateLimits{{Key: "b", Match: match, Requests: 5, Period: time.Minute, Timeout: duration("10m"), Characteristics: []string{"ip.src", "http.host"}, Counting: "ssl", Response: &Response{Status: 420, ContentType: "text/html", Body: "x"}, Disabled: true}, {Key: "a", Match: match, Requests: 1, Action: "js_challenge"}}
	waf := WAF{
		Managed:    []Managed{{Key: "owasp", Sensitivity: "high", Paranoia: 1, Action: "block"}, {Key: "cloudflare", Condition: "ssl", Categories: map[string]Override{"wordpress": {Enabled: &off}}, Rules: map[string]Override{strings.Repeat("a", 32): {Action: "log"}}, Disabled: true}},
		Exceptions: []Exception{{Ref: "e", Match: match, Rules: map[string][]string{"owasp": {"1", "2"}}}, {Ref: "f", Match: match, Rulesets: []string{"free"}}, {Ref: "g", Match: match}},
		Rules:      []CustomRule{{Ref: "r", Match: match, Action: "skip", Skip: []string{"http_ratelimit", "bic"}}, {Ref: "s", Match: match, Action: "skip"}, {Ref: "t", Match: match, Action: "block", Response: &Response{Body: "no"}, Disabled: true}},
	}
	ddos := DDoS{Sensitivity: "low", Action: "block", Categories: map[string]Override{"x": {Sensitivity: "medium"}}, Rules: map[string]Override{"y": {Enabled: &off}}}
	cache := Cache{Static: &CacheRule{Match: match, EdgeTTL: duration("2h")}, Bypass: &Bypass{Paths: []string{"/a"}, Cookies: []string{"s"}, Authorization: true}, Rules: []CacheRule{{Ref: "p", Match: match, Pass: true}, {Ref: "q", Match: match, BrowserTTL: duration("1h"), WithoutArmor: true, Disabled: true}}}
	redirects := Redirects{{Ref: "a", Match: match, ToHost: "c.example", Status: 308}, {Ref: "b", Match: match, To: "https://c.example/", DropQuery: true}, {Ref: "c", Match: match, Target: `concat("https://", http.host)`, Disabled: true}}
	headers := Headers{Match: match, HSTS: &HSTS{MaxAge: 300, Preload: true}, Named: map[string]string{"frame_options": "DENY"}, Set: map[string]string{"X-A": "1"}, Add: map[string]string{"X-B": "2"}, Remove: []string{"X-C"}, RemoveLeaking: true}
	for name, pair := range map[string][2][]PhaseRules{
		"rate limits": {limits.Compile("business", owner), ReadRateLimits(owner, byPhase(limits.Compile("business", owner))).Compile("business", owner)},
		"waf":         {waf.Compile(owner), ReadWAF(owner, byPhase(waf.Compile(owner))).Compile(owner)},
		"ddos":        {ddos.Compile(owner), ReadDDoS(byPhase(ddos.Compile(owner))).Compile(owner)},
		"cache":       {cache.Compile(owner), ReadCache(owner, byPhase(cache.Compile(owner))).Compile(owner)},
		"redirects":   {redirects.Compile(owner), ReadRedirects(owner, byPhase(redirects.Compile(owner))).Compile(owner)},
		"headers":     {headers.Compile(owner), ReadHeaders(byPhase(headers.Compile(owner))).Compile(owner)},
	} {
		for i, p := range pair[0] {
			if len(p.Rules) != len(pair[1][i].Rules) {
				t.Errorf("%s: %d rules, read back %d", name, len(p.Rules), len(pair[1][i].Rules))
				continue
			}
			for j, r := range p.Rules {
				if !r.Same(pair[1][i].Rules[j]) {
					t.Errorf("%s %s: read back otherwise\n%+v\n%+v", name, r.Ref, r.Normal(), pair[1][i].Rules[j].Normal())
				}
			}
		}
	}
}
