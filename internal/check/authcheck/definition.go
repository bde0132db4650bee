// Package authcheck is the check authentication: whether what is protected
// refuses who has not signed in, sessions end, tokens are verified, nobody can
// tell who has an account, a password is recovered by its owner alone, and
// administrators have a second factor. It acts as test identities, and changes
// none but the one that it is told it may.
package authcheck

import (
	"embed"
	"net/http"
	"net/url"
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
		Name: "authentication", Area: readiness.Authentication, Doc: doc, Rules: rules(), Pages: pages, Once: true,
	},
	Target: func(s Spec) string { return hostOf(s.Actor.Portal.BaseURL) },
	Run:    run,
}

// Defaults of a Spec.
const (
	DefaultMaximumIdle     = 24 * time.Hour
	DefaultMaximumAbsolute = 30 * 24 * time.Hour
	// DefaultPatience is how long a session may outlive its end, where servers
	// have to tell one another (replication).
	DefaultPatience = 30 * time.Second
	// DefaultLeeway is by how much clocks of issuer and verifier may differ.
	DefaultLeeway = 2 * time.Minute
	// DefaultDelivery is how long a letter may take.
	DefaultDelivery = time.Minute
)

// Spec is what a user asks for. Whatever is nil or empty is not tested, and its
// rules say what to give.
type Spec struct {
	Disabled bool // nothing is sent; every rule ends as inconclusive

	Actor          probe.Actor // whose sessions are tested
	Marker         string      // a text that only its answers hold; empty = its user name, where whoami shows it
	ProtectedPaths []string    // besides portal.whoami
	Token          *TokenSignIn

	Admin      *probe.Actor
	AdminPaths []string // empty = portal.whoami
	// Mutable may be changed: its password, its address. It may be locked too.
	Mutable  *probe.Actor
	Changes  map[string]Request // "password", "email"
	Recovery *Recovery
	SignUp   *Request

	MaximumIdle, MaximumAbsolute time.Duration
	Short                        *ShortSession
	// MembershipIsSensitive is set where it is a secret that somebody is a member.
	MembershipIsSensitive bool
	SkipDefaults          bool // no well-known passwords are tried

	Patience, Leeway, Delivery time.Duration // 0 = the defaults
}

// Request is one that the check fills in. Marks are told with each use.
type Request struct {
	Method string // default POST
	Path   string // on the portal
	Body   string // JSON if it looks like it, else a form
	Page   string // path of the page with the form; empty = Path
}

// TokenSignIn is another way to sign in: one that gives tokens to programs.
type TokenSignIn struct {
	SignIn probe.SignInRequest
	// RefreshPointer is where the answer holds a refresh token; empty = the usual names.
	RefreshPointer string
	Refresh        *Request // {{refresh_token}}
	SignOut        *probe.SignOutRequest
}

// Recovery is how a forgotten password is replaced. Letters go to one mailbox.
type Recovery struct {
	Request Request // {{address}}
	Mailbox probe.MailAccount
	Address string
	Confirm *Request // {{token}}, {{password}}, {{address}}
	Hosts   []string // that links may lead to, besides the portal's
	// Plain is set where the mailbox's address is that of the account and has no
	// sub-addresses (RFC 5233).
	Plain bool
}

// ShortSession is what a target offers for tests: a header of the sign-in that
// makes sessions end early.
type ShortSession struct {
	Header         http.Header
	Idle, Absolute time.Duration // 0 = that limit is not shortened
}

func (s Spec) withDefaults() Spec {
	for _, d := range []struct {
		value *time.Duration
		other time.Duration
	}{
		{&s.MaximumIdle, DefaultMaximumIdle}, {&s.MaximumAbsolute, DefaultMaximumAbsolute}, {&s.Patience, DefaultPatience},
		{&s.Leeway, DefaultLeeway}, {&s.Delivery, DefaultDelivery},
	} {
		if *d.value <= 0 {
			*d.value = d.other
		}
	}
	return s
}

func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return check.CanonicalHost(u.Hostname())
}
