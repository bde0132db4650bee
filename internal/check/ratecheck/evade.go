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

// evade tries evasions and reports the rule.
func (s *session) evade(rule, what string, list []evasion, passes func(probe.Exchange) bool) {
	found, doubt := s.evading(list, passes)
	switch {
	case len(found) > 0:
		s.fail(rule, fmt.Sprintf("the brake is evaded by %s: %s", what, strings.Join(found, ", ")))
	case doubt:
		s.unclear(rule, "the brake does not hold long enough for it to be tried, or too many requests would be needed")
	default:
		s.pass(rule, "the brake holds against "+what)
	}
}

// evading returns the names of the evasions that work, and whether some could
// not be tried. All are sent in one go, while the brake holds; what gets through
// is looked at more closely, and tried again if the brake has let go meanwhile.
func (s *session) evading(list []evasion, passes func(probe.Exchange) bool) (found []string, doubt bool) {
	for round := range 3 {
		if s.budget.Left() < len(list)+reserve || round > 0 && !s.arm() {
			return found, true
		}
		var through []evasion
		for i, x := range s.send(list, 4) {
			if passes(x) {
				through = append(through, list[i])
			}
		}
		if len(through) == 0 {
			return nil, false
		}
		if !s.holding() {
			list = through
			continue
		}
		for _, e := range through {
			proof := s.works(e, passes)
			if (proof == proven || proof == partly) && len(found) == 0 {
				proof = s.afresh(proof, e, passes)
			}
			if proof == proven {
				found = append(found, e.name)
			}
			doubt = doubt || proof == partly || proof == untried
		}
		slices.Sort(found)
		return slices.Compact(found), doubt
	}
	return nil, !s.noBetter(list, passes)
}

// noBetter compares evasions with plain requests at the same moments, for a brake
// that lets some of both through. It returns true once each evasion has been held
// where plain requests were.
func (s *session) noBetter(list []evasion, passes func(probe.Exchange) bool) bool {
	plain := evasion{change: func(*probe.Request, int) {}, protocol: list[0].protocol}
	for range 3 {
		each := max(1, 4/len(list)) // the fewer there are, the more often
		if s.budget.Left() < 2*each*len(list)+reserve || !s.arm() {
			return false
		}
		var mixed []evasion
		for range each {
			for _, e := range list {
				mixed = append(mixed, e, plain)
			}
		}
		stopped, braked := map[int]bool{}, false
		for i, x := range s.send(mixed, 4) {
			switch {
			case i%2 == 1:
				braked = braked || !s.passes(x)
			case !passes(x):
				stopped[i/2%len(list)] = true
			}
		}
		if !braked {
			return false
		}
		var left []evasion
		for i, e := range list {
			if !stopped[i] {
				left = append(left, e)
			}
		}
		if len(left) == 0 {
			return true
		}
		list = left
	}
	return false
}

// proof is what trying an evasion once more comes to.
type proof int

const (
	untried   proof = iota
	disproved       // it is held as plain requests are
	partly          // it gets through once more, and then it is held
	proven          // it gets through where plain requests are held
)

// works tries one evasion that got through once. That proves nothing, for a
// bucket that fills again lets some through, and a window that is over all that it
// bears: it counts if one and then two more get through, with a plain request held
// before, between and behind them. A new window that holds the second one would
// have held the third.
func (s *session) works(e evasion, passes func(probe.Exchange) bool) proof {
	passing := func(times int) bool {
		for _, x := range s.send(slices.Repeat([]evasion{e}, times), 1) {
			if !passes(x) {
				return false
			}
		}
		return true
	}
	plainHeld := func() bool {
		c, _ := s.judge(s.one(s.wrong(s.account)))
		return c == held
	}
	for range 3 {
		if s.budget.Left() < reserve+9 || !s.holding() && !s.arm() {
			return untried
		}
		switch {
		case !passing(1):
			return disproved
		case !plainHeld():
			continue
		case !passing(2):
			return partly
		case plainHeld():
			return proven
		}
	}
	return untried
}

// mostRests is how often a test waits until an evasion's own counter is empty.
const mostRests = 3

// afresh proves once more what may have been chance. An evasion that has a counter
// of its own may have filled that one: then it is tried again once all that was
// sent is forgotten. A brake that holds for longer than is waited for lets nothing
// through by chance.
func (s *session) afresh(first proof, e evasion, passes func(probe.Exchange) bool) proof {
	if first == proven {
		switch s.works(e, passes) {
		case proven:
			return proven
		case disproved:
			first = partly
		}
	}
	rest := max(s.longest, s.e.Within)
	switch {
	case rest > min(longestWait, s.lockout):
		return first
	case s.rests == mostRests:
		return partly
	}
	s.rests++
	s.pause(rest + settle)
	switch second := s.works(e, passes); {
	case second == proven, second == disproved && first == partly:
		return second
	case second == partly:
		return partly
	}
	return untried
}

// send sends each evasion once and returns what came back, in that order.
func (s *session) send(list []evasion, inFlight int) []probe.Exchange {
	s.serial += len(list)
	serial := s.serial
	result := s.prober.Burst(s.ctx, probe.BurstRequest{
		Request: s.wrong(s.account), Count: len(list), PerSecond: quickly, InFlight: inFlight, Protocol: list[0].protocol, Budget: s.budget,
		Vary: func(i int, r *probe.Request) { list[i].change(r, serial+i) },
	})
	for _, x := range result.Exchanges {
		s.note(x)
	}
	return result.Exchanges
}

// quickly is the pace of what is sent while the brake holds.
const quickly = 40

// holding reports whether plain requests are held: two of three.
func (s *session) holding() bool {
	stopped, passed := 0, 0
	result := s.prober.Burst(s.ctx, probe.BurstRequest{
		Request: s.wrong(s.account), Count: 3, PerSecond: quickly, InFlight: 1, Budget: s.budget,
		Stop: func(_ int, x probe.Exchange) bool {
			if c, _ := s.judge(x); c == held {
				stopped++
			} else {
				passed++
			}
			return stopped == 2 || passed == 2
		},
	})
	for _, x := range result.Exchanges {
		s.note(x)
	}
	return stopped == 2
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
	for _, name := range []string{"X-Forwarded-For", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP", "X-Originating-IP", "Forwarded"} {
		for _, port := range []string{"", ":4711"} {
			out = append(out, evasion{name: name, change: func(r *probe.Request, n int) {
				value := documentation(n) + port
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
	// Less known ones, and an address that a limiter may have been told to let by.
	for _, name := range []string{"Client-IP", "X-Cluster-Client-IP", "Fastly-Client-IP"} {
		out = append(out, evasion{name: name, change: func(r *probe.Request, n int) { r.Header.Set(name, documentation(n)) }})
	}
	// A limiter that counts by address and program is told another program each time.
	out = append(out, evasion{name: "User-Agent", change: func(r *probe.Request, n int) { r.Header.Set("User-Agent", "launchready/"+strconv.Itoa(n)) }})
	return append(out, evasion{name: "X-Forwarded-For of the machine itself", change: func(r *probe.Request, _ int) {
		r.Header.Set("X-Forwarded-For", "127.0.0.1")
	}})
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
	// An answer of the same status may come from what stands at all other paths.
	passes := func(x probe.Exchange) bool { return s.passes(x) && s.likely(x) }
	if s.decoy == nil || s.same(*s.decoy) {
		if s.decoy == nil || alike(*s.decoy, s.control) {
			s.none(rulePath, "a path that does not exist gets the same answer, so that evading the brake by one cannot be told")
			return
		}
		passes = func(x probe.Exchange) bool { return s.passes(x) && s.likely(x) && !alike(x, *s.decoy) }
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
