// Package ratecheck is the check rate_limit: whether endpoints that can be
// guessed at or flooded are throttled, by address and by account, and whether
// the brake can be evaded, tells when to come back, and lets go again. It sends
// one bounded burst after the other to endpoints that the user names.
package ratecheck

import (
	"context"
	"embed"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

//go:embed doc.md
var doc string

//go:embed rules/*.md
var pages embed.FS

// Definition is the check.
var Definition = check.Definition[Spec]{
	Info: check.Info{
		Name:  "rate_limit",
		Area:  readiness.RateLimiting,
		Doc:   doc,
		Rules: rules(),
		Pages: pages,
		Once:  true,
	},
	Target: target,
	Run:    run,
}

// Defaults of a Spec.
const (
	DefaultRequests       = 30
	DefaultWithin         = 10 * time.Second
	DefaultMaximumLockout = 15 * time.Minute
	// MaxRequests leaves room in probe.MaxBurst for a second burst.
	MaxRequests = 80
)

// Spec is what a user asks for.
type Spec struct {
	Endpoints      []Endpoint
	MaximumLockout time.Duration // longest time that a brake may hold; 0 = DefaultMaximumLockout
	Disabled       bool          // nothing is sent; every rule ends as inconclusive
}

// Endpoint is one request that must not be possible without end. In URL, Header
// and Body {{account}} stands for an account's address and {{password}} for a
// password that is wrong, but for the control with a right one.
type Endpoint struct {
	Method   string // empty = POST
	URL      string
	Header   http.Header
	Body     string
	Scope    Scope         // empty = ByAddress
	Requests int           // within which it must be throttled; 0 = DefaultRequests
	Within   time.Duration // 0 = DefaultWithin
	Kind     Kind          // empty = told from the path
	Accounts []Account     // none, or two test accounts
	Marker   string        // text that only a throttled answer holds; empty = none
	Mailbox  *Mailbox      // of an account: what the burst sends is counted there
	Control  *Control      // what must go on working; nil = not tested

	SkipHeaders, SkipPaths, SkipProtocols bool // evasions that are not tried
}

// Scope is what a limit counts by.
type Scope string

const (
	ByAddress Scope = "ip"      // by the visitor's address, and by account where two are given
	ByAccount Scope = "account" // by account alone
)

// Kind is what an endpoint is for.
type Kind string

const (
	Login  Kind = "login"
	Reset  Kind = "reset"
	Invite Kind = "invite"
	Code   Kind = "code"
	API    Kind = "api"
)

// Kinds are all kinds.
func Kinds() []Kind { return []Kind{Login, Reset, Invite, Code, API} }

// guessable are the kinds that guard an account or send mail.
func (k Kind) guessable() bool { return k != API }

// mails reports whether a request of this kind may send mail: then it is made
// for addresses that the user owns, never for invented ones.
func (k Kind) mails() bool { return k == Reset || k == Invite || k == Code }

// Account is a test account.
type Account struct {
	Address  string
	Password string // that signs in; empty = not known
}

// Mailbox is where the mail of an account is read.
type Mailbox struct {
	Account probe.MailAccount
	Address string
}

// Control is a request of somebody who has done nothing wrong.
type Control struct {
	URL    string
	Header http.Header
}

// KindOf tells what an endpoint is for by its path.
func KindOf(path string) Kind {
	path = strings.ToLower(path)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(path, w) })
	}
	switch {
	case has("reset", "forgot", "recover", "lost-password"):
		return Reset
	case has("invit"):
		return Invite
	case has("code", "otp", "verif", "2fa", "mfa", "confirm", "magic"):
		return Code
	case has("login", "log-in", "signin", "sign-in", "session", "logon", "/auth/", "/token"):
		return Login
	}
	return API
}

func (e Endpoint) withDefaults() Endpoint {
	if e.Method == "" {
		e.Method = http.MethodPost
	}
	if e.Requests <= 0 {
		e.Requests = DefaultRequests
	}
	if e.Within <= 0 {
		e.Within = DefaultWithin
	}
	if e.Scope == "" {
		e.Scope = ByAddress
	}
	if e.Kind == "" {
		e.Kind = KindOf(pathOf(e.URL))
	}
	return e
}

// target names the hosts, each once.
func target(s Spec) string {
	var hosts []string
	for _, e := range s.Endpoints {
		hosts = append(hosts, hostOf(e.URL))
	}
	slices.Sort(hosts)
	return strings.Join(slices.Compact(hosts), ", ")
}

// run tests the endpoints one after another.
func run(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) {
	report.MendBy(check.Remedies(causes))
	if spec.MaximumLockout <= 0 {
		spec.MaximumLockout = DefaultMaximumLockout
	}
	for _, e := range spec.Endpoints {
		s := newSession(ctx, p, report, e.withDefaults(), spec.MaximumLockout)
		switch err := e.Validate(); {
		case spec.Disabled:
			s.rest(readiness.Inconclusive, "the test of rate limits is turned off")
		case err != nil:
			s.rest(readiness.Inconclusive, err.Error())
		default:
			s.alone()
		}
		s.publish()
	}
}
