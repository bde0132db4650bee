package ratecheck

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// evasion is a request that a careless limiter takes for somebody else's.
type evasion struct {
	name     string // as it stands in findings
	change   func(r *probe.Request, n int)
	protocol probe.Protocol
}

// reserve is what is kept of the budget for what comes after the evasions.
const reserve = 12

// evasions tries to get past the brake while it holds.
func (s *session) evasions() {
	if s.e.SkipHeaders {
		s.none(ruleHeader, "not asked for")
	} else {
		s.evade(ruleHeader, "headers", headerEvasions(), s.passes)
	}
	s.paths()
	s.protocols()
	s.spellings()
}

// passes reports whether an answer shows that the request was processed.
func (s *session) passes(x probe.Exchange) bool {
	c, _ := s.judge(x)
	return c == processed
}

// outcome of trying one evasion.
type outcome int

const (
	withstands outcome = iota // it is held as well
	evades
	unknown // the brake let go meanwhile, or nothing more may be sent
)

// evade tries evasions one after another and reports the rule.
func (s *session) evade(rule, what string, list []evasion, passes func(probe.Exchange) bool) {
	var found []string
	doubt := false
	for _, e := range list {
		switch s.attempt(e, passes) {
		case evades:
			found = append(found, e.name)
		case unknown:
			doubt = true
		}
	}
	slices.Sort(found)
	switch {
	case len(found) > 0:
		s.fail(rule, fmt.Sprintf("the brake is evaded by %s: %s", what, strings.Join(slices.Compact(found), ", ")))
	case doubt:
		s.unclear(rule, "the brake does not hold long enough for it to be tried, or too many requests would be needed")
	default:
		s.pass(rule, "the brake holds against "+what)
	}
}

// attempt tries one evasion. One request that gets through proves nothing, for a
// bucket that fills again lets some through: it counts if three do in a row
// while plain requests are held before and after.
func (s *session) attempt(e evasion, passes func(probe.Exchange) bool) outcome {
	n := 0
	get := func() bool {
		n++
		r := s.wrong(s.account)
		e.change(&r, n)
		return passes(s.oneBy(r, e.protocol))
	}
	if s.budget.Left() <= reserve {
		return unknown
	}
	if !get() {
		return withstands
	}
	for range 2 {
		if !s.holding() && !s.arm() {
			return unknown
		}
		if !get() || !get() || !get() {
			return withstands
		}
		if s.holding() {
			return evades
		}
	}
	return unknown
}

// holding reports whether plain requests are held: two of three.
func (s *session) holding() bool {
	n := 0
	for i := range 3 {
		if s.held(s.wrong(s.account)) {
			n++
		}
		if n == 2 || i-n == 1 {
			break
		}
	}
	return n == 2
}

// arm brings the brake about again after it has let go.
func (s *session) arm() bool {
	if s.budget.Left() < reserve+5 {
		return false
	}
	return s.try(min(s.count(), s.budget.Left()-reserve), s.only(s.account)).judge() == throttled
}

// headerEvasions pretend another address (RFC 7239 and what came before it),
// with a port too, and a new one in each request.
func headerEvasions() []evasion {
	var out []evasion
	for i, name := range []string{"X-Forwarded-For", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP", "X-Originating-IP", "Forwarded"} {
		for j, port := range []string{"", ":4711"} {
			out = append(out, evasion{name: name, change: func(r *probe.Request, n int) {
				value := documentation(i*40+j*20+n) + port
				switch {
				case name == "Forwarded" && port != "":
					value = `for="` + value + `"`
				case name == "Forwarded":
					value = "for=" + value
				}
				r.Header.Set(name, value)
			}})
		}
	}
	return out
}

// documentation is an address that belongs to nobody (RFC 5737).
func documentation(n int) string {
	return []string{"192.0.2.", "198.51.100.", "203.0.113."}[n%3] + strconv.Itoa(1+n/3%250)
}

var version = regexp.MustCompile(`/v([2-9])(/|$)`)

// pathEvasions spell the path in other ways that some servers take for the same.
func pathEvasions(path string) []evasion {
	cut := strings.LastIndexByte(strings.TrimSuffix(path, "/"), '/') + 1
	dir, last := path[:cut], path[cut:]
	out := map[string]string{
		"another case of its last segment": dir + capital(last),
		"capital letters":                  strings.ToUpper(path),
		"a doubled slash":                  dir + "/" + last,
		"a doubled slash at the start":     "/" + path,
		"a dot segment":                    dir + "./" + last,
		"a space at the end":               path + "%20",
	}
	if bare, ok := strings.CutSuffix(path, "/"); ok && bare != "" {
		out["no slash at the end"] = bare
	} else if !ok {
		out["a slash at the end"] = path + "/"
	}
	if i := strings.IndexFunc(last, unicode.IsLetter); i >= 0 && last[i] < unicode.MaxASCII && !strings.Contains(last, "%") {
		out["an escaped letter"] = dir + last[:i] + fmt.Sprintf("%%%02x", last[i]) + last[i+1:]
	}
	if m := version.FindStringSubmatchIndex(path); m != nil {
		n, _ := strconv.Atoi(path[m[2]:m[3]])
		out["an older version of the API"] = path[:m[2]] + strconv.Itoa(n-1) + path[m[3]:]
	}
	var list []evasion
	for _, name := range slices.Sorted(maps.Keys(out)) {
		if out[name] != path {
			list = append(list, evasion{name: name, change: func(r *probe.Request, _ int) {
				r.URL = withPath(r.URL, func(string) string { return out[name] })
			}})
		}
	}
	return append(list, evasion{name: "a query", change: func(r *probe.Request, n int) {
		glue := "?"
		if strings.Contains(r.URL, "?") {
			glue = "&"
		}
		r.URL += glue + "x=" + strconv.Itoa(n)
	}})
}

// capital turns the case of the first letter.
func capital(segment string) string {
	for i, r := range segment {
		if unicode.IsLower(r) {
			return segment[:i] + strings.ToUpper(string(r)) + segment[i+len(string(r)):]
		}
		if unicode.IsUpper(r) {
			return segment[:i] + strings.ToLower(string(r)) + segment[i+len(string(r)):]
		}
	}
	return segment
}

// paths tries other spellings of the path. A site may answer every path alike:
// then only a right password proves that the handler was reached.
func (s *session) paths() {
	if s.e.SkipPaths {
		s.none(rulePath, "not asked for")
		return
	}
	passes := s.passes
	if s.decoy == nil || s.same(*s.decoy) {
		if s.decoy == nil || alike(*s.decoy, s.control) {
			s.none(rulePath, "a path that does not exist gets the same answer, so that evading the brake by one cannot be told")
			return
		}
		passes = func(x probe.Exchange) bool { return s.passes(x) && !alike(x, *s.decoy) }
	}
	s.evade(rulePath, "another spelling of the path", pathEvasions(rawPath(s.wrong(s.account).URL)), passes)
}

// protocols tries the other version of HTTP.
func (s *session) protocols() {
	other, name := probe.HTTP1, "HTTP/1.1"
	if s.protocol != probe.HTTP2 {
		other, name = probe.HTTP2, "HTTP/2"
	}
	switch {
	case s.e.SkipProtocols:
		s.none(ruleProtocol, "not asked for")
	case other == probe.HTTP2 && !strings.HasPrefix(s.e.URL, "https:"):
		s.none(ruleProtocol, "there is no other version of HTTP without TLS")
	case s.budget.Left() <= reserve:
		s.unclear(ruleProtocol, "too many requests would be needed")
	case s.oneBy(s.wrong(s.account), other).Status == 0:
		s.none(ruleProtocol, "the server speaks one version of HTTP alone")
	default:
		s.evade(ruleProtocol, "another version of HTTP", []evasion{{name: name, protocol: other, change: func(*probe.Request, int) {}}}, s.passes)
	}
}

// spellings tries other spellings of the account's address. That one has a
// counter of its own is a fault only if it is the same account: a right password
// proves it.
func (s *session) spellings() {
	switch {
	case !s.e.uses(accountMark):
		s.none(ruleEmail, "the request names no account: {{account}} stands nowhere")
		return
	case !s.signsIn():
		s.none(ruleEmail, "it is told by a right password alone: name identities in accounts, and write {{password}} into the body")
		return
	}
	var found []string
	doubt := false
	for _, v := range spellingsOf(s.account) {
		e := evasion{name: v.name, change: func(r *probe.Request, _ int) { *r = s.wrong(v.address) }}
		switch s.attempt(e, s.passes) {
		case evades:
			if s.succeeded(s.one(s.rightRequest(v.address))) {
				found = append(found, v.name)
			}
		case unknown:
			doubt = true
		}
	}
	switch {
	case len(found) > 0:
		s.fail(ruleEmail, "the brake is evaded by another spelling of the same account's address: "+strings.Join(found, ", "))
	case doubt:
		s.unclear(ruleEmail, "the brake does not hold long enough for it to be tried, or too many requests would be needed")
	default:
		s.pass(ruleEmail, "no other spelling of the address evades the brake and signs in")
	}
}

type spelling struct{ name, address string }

func spellingsOf(address string) []spelling {
	local, domain, ok := strings.Cut(address, "@")
	if !ok {
		return []spelling{{"another case", capital(address)}, {"a space at the end", address + " "}}
	}
	return []spelling{
		{"another case", capital(local) + "@" + domain},
		{"a space at the end", address + " "},
		{"a detail behind a plus", local + "+1@" + domain},
	}
}

// withPath changes the path of an address as it is written, escapes and all.
func withPath(raw string, change func(string) string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	out := u.Scheme + "://" + u.Host + change(rawPath(raw))
	if u.RawQuery != "" {
		out += "?" + u.RawQuery
	}
	return out
}

func rawPath(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.EscapedPath() == "" {
		return "/"
	}
	return u.EscapedPath()
}
