package ratecheck

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// longestWait is how far a Retry-After is honoured.
const longestWait = 120 * time.Second

// session is the test of one endpoint.
type session struct {
	answers
	ctx     context.Context
	prober  probe.Prober
	report  *readiness.Recorder
	e       Endpoint
	lockout time.Duration
	subject string
	budget  *probe.Budget
	token   string

	account  string // that the first burst is at
	other    string // that has no attempts of the first burst against it
	right    *probe.Exchange
	told     told            // right passwords from wrong ones, where status and address do not
	decoy    *probe.Exchange // what a path that does not exist gets
	members  string          // why the control cannot be judged; "" = it worked before the burst
	protocol probe.Protocol
	serial   int // of evasions, so that no two claim the same address

	block    probe.Exchange // the last answer that was held
	blockAt  time.Time
	longest  time.Duration // that an answer has said to wait
	rests    int           // until the counters of evasions were empty
	brakes   map[brake]int
	timed    int // throttled answers with 429
	untimed  int // those of them that do not say when to come back
	tally    map[string]int
	reported map[string]bool

	locked      bool                   // a right password is refused after a burst without a brake that is known as one
	turned      bool                   // the answers of the first burst became others and stayed so
	bearable    int                    // attempts that passed before the first brake
	processedAt map[string][]time.Time // when attempts were processed, by account
}

func newSession(ctx context.Context, p probe.Prober, report *readiness.Recorder, e Endpoint, lockout time.Duration) *session {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	s := &session{
		ctx: ctx, prober: p, report: report, e: e, lockout: lockout,
		answers: answers{marker: e.Marker},
		subject: e.Method + " " + hostOf(e.URL) + strings.NewReplacer(accountMark, "*", passwordMark, "*").Replace(pathOf(e.URL)),
		budget:  probe.NewBudget(probe.MaxBurst), token: hex.EncodeToString(b[:]),
		brakes: map[brake]int{}, tally: map[string]int{}, reported: map[string]bool{}, processedAt: map[string][]time.Time{},
	}
	switch {
	case len(e.Accounts) == 2:
		s.account, s.other = e.Accounts[0].Address, e.Accounts[1].Address
	case e.Mailbox != nil:
		s.account = e.Mailbox.Address
	default:
		s.account, s.other = s.invented("a"), s.invented("b")
	}
	return s
}

// invented is an address that nobody has, at a domain of the user's own.
func (s *session) invented(label string) string {
	domain := hostOf(s.e.URL)
	if site, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		domain = site
	}
	if len(s.e.Accounts) > 0 {
		if own := domainOf(s.e.Accounts[0].Address); own != "" {
			domain = own
		}
	}
	return "launchready-" + s.token + "-" + label + "@" + domain
}

// say records a verdict on a rule, the first one of each.
func (s *session) say(rule string, status readiness.Status, message string) {
	if s.reported[rule] {
		return
	}
	s.reported[rule] = true
	switch status {
	case readiness.Pass:
		s.report.Pass(rule, s.subject, message)
	case readiness.Fail:
		severity := readiness.Severity("")
		if rule == ruleMissing && !s.e.Kind.guessable() {
			severity = readiness.High
		}
		s.report.FailAs(rule, s.subject, severity, message, "")
	case readiness.NotApplicable:
		s.report.NotApplicable(rule, s.subject, message)
	default:
		s.report.Inconclusive(rule, s.subject, message)
	}
}

func (s *session) pass(rule, message string)    { s.say(rule, readiness.Pass, message) }
func (s *session) fail(rule, message string)    { s.say(rule, readiness.Fail, message) }
func (s *session) unclear(rule, message string) { s.say(rule, readiness.Inconclusive, message) }
func (s *session) none(rule, message string)    { s.say(rule, readiness.NotApplicable, message) }

// rest says the same of every rule that nothing has been said of.
func (s *session) rest(status readiness.Status, message string) {
	for _, r := range rules() {
		s.say(r.ID, status, message)
	}
}

// publish shows what was sent and what came back.
func (s *session) publish() {
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(s.tally)) {
		parts = append(parts, fmt.Sprintf("%s: %d", what, s.tally[what]))
	}
	s.report.Observe(s.subject+" requests", fmt.Sprintf("%d of at most %d", s.budget.Spent(), probe.MaxBurst))
	if len(parts) > 0 {
		s.report.Observe(s.subject+" answers", strings.Join(parts, ", "))
	}
}

// request is the endpoint's request for an account. right sends its password,
// otherwise one that nobody has.
func (s *session) request(account, password string) probe.Request {
	fill := func(escape func(string) string) *strings.Replacer {
		return strings.NewReplacer(accountMark, escape(account), passwordMark, escape(password))
	}
	plain := fill(func(text string) string { return text })
	header := http.Header{}
	for name, values := range s.e.Header {
		for _, v := range values {
			header.Add(name, plain.Replace(v))
		}
	}
	out := probe.Request{Method: s.e.Method, URL: fill(url.QueryEscape).Replace(s.e.URL), Header: header, Intent: probe.Active}
	if s.e.Body != "" {
		if header.Get("Content-Type") == "" {
			header.Set("Content-Type", "application/json")
		}
		body := plain
		switch kind, _, _ := mime.ParseMediaType(header.Get("Content-Type")); {
		case kind == "application/x-www-form-urlencoded":
			body = fill(url.QueryEscape)
		case strings.HasSuffix(kind, "json"):
			body = fill(withinJSON)
		}
		out.Body = []byte(body.Replace(s.e.Body))
	}
	return out
}

// withinJSON is a text as it stands between the quotes of a JSON string.
func withinJSON(text string) string {
	quoted, _ := json.Marshal(text) // strings always marshal
	return string(quoted[1 : len(quoted)-1])
}

func (s *session) wrong(account string) probe.Request {
	return s.request(account, "wrong-"+s.token)
}

// signsIn reports whether it can be told that a right password is right.
func (s *session) signsIn() bool {
	return s.right != nil && (!s.same(*s.right) || s.told.apart())
}

func (s *session) rightRequest(account string) probe.Request {
	return s.request(account, s.e.Accounts[0].Password)
}

// succeeded reports whether an answer is that to a right password. Where status
// and address are those of a wrong one too, the body tells.
func (s *session) succeeded(x probe.Exchange) bool {
	switch {
	case s.right == nil || x.Status == 0 || !sameKind(x, *s.right) || s.stopped(x) && !s.stopped(*s.right):
		return false
	case !s.same(*s.right):
		return true
	}
	return s.told.succeeded(x.Body)
}

// stopped reports whether an answer is one of a brake, and no mere late one: a brake
// may answer with the status of a success.
func (s *session) stopped(x probe.Exchange) bool {
	c, how := s.judge(x)
	return c == held && how != byDelay
}

// one sends one request.
func (s *session) one(r probe.Request) probe.Exchange {
	return s.oneBy(r, probe.AnyProtocol)
}

func (s *session) oneBy(r probe.Request, p probe.Protocol) probe.Exchange {
	x := s.prober.Burst(s.ctx, probe.BurstRequest{Request: r, Count: 1, InFlight: 1, Protocol: p, Budget: s.budget}).Last()
	s.note(x)
	return x
}

// note remembers what an answer tells of the brake.
func (s *session) note(x probe.Exchange) (class, brake) {
	c, how := s.judge(x)
	switch {
	case x.Status != 0:
		s.tally[fmt.Sprint(x.Status)]++
	case x.Failure != probe.FailNone:
		s.tally[string(x.Failure)]++
	}
	if c != held {
		return c, how
	}
	s.block, s.blockAt = x, time.Now()
	if wait, known := x.RetryAfter(s.prober.Now()); known {
		s.longest = max(s.longest, wait)
	}
	s.brakes[how]++
	if x.Status == http.StatusTooManyRequests {
		s.timed++
		if !s.timely(x) {
			s.untimed++
		}
	}
	return c, how
}

// timely reports whether an answer says when to come back.
func (s *session) timely(x probe.Exchange) bool {
	if _, ok := x.RetryAfter(s.prober.Now()); ok {
		return true
	}
	for name := range x.Header {
		if n := strings.ToLower(name); strings.HasPrefix(strings.TrimPrefix(n, "x-"), "ratelimit") || strings.HasPrefix(n, "x-rate-limit") {
			return true
		}
	}
	return false
}

func (s *session) pause(d time.Duration) {
	t := time.NewTimer(max(d, 0))
	defer t.Stop()
	select {
	case <-s.ctx.Done():
	case <-t.C:
	}
}
