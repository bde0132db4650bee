package probe

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Portal is how a person signs in to a portal.
type Portal struct {
	BaseURL string // such as https://portal.acme.example
	SignIn  SignInRequest
	SignOut SignOutRequest
	WhoAmI  string // path of a request that succeeds only with a live session; empty = not known
	CSRF    CSRFSource
}

// SignOutRequest is the request that ends a session.
type SignOutRequest struct {
	Method string // default POST
	Path   string // empty = not known
}

// SecondFactor is the request that follows a sign-in by password, for
// identities with a TOTP secret (RFC 6238). Its fields may hold {{totp}}, the
// code of the moment, and {{answer:/pointer}}, a text of the answer to the first
// request by its JSON pointer.
type SecondFactor struct {
	Path   string // empty = none
	Format string // as SignInRequest.Format; empty = the same
	Fields map[string]string
	// TokenPointer is as that of SignInRequest; empty = the same.
	TokenPointer string
	CSRF         string // as that of SignInRequest, of the page at Path
}

// SignInRequest is the request that opens a session.
type SignInRequest struct {
	Path   string // empty = identities cannot sign in
	Format string // "json" (default), "form", or "basic" (RFC 7617: no request at all)
	// Fields hold {{username}}, {{password}} and, where one request takes both
	// factors, {{totp}}. Empty = those of the form, or email and password.
	Fields map[string]string
	// TokenPointer is a JSON pointer (RFC 6901) to a bearer token in the
	// answer. Empty = the session is the cookies or, where none is set, a token
	// at a usual place of the answer.
	TokenPointer string
	// CSRF is the name of a hidden field of the page at Path. Empty = all hidden
	// fields of the form with the password, where Format is "form".
	CSRF string
	// Header are further headers of every request of a sign-in.
	Header       http.Header
	SecondFactor SecondFactor
}

// Identity is a test account: what it signs in with, or what authenticates it
// without signing in.
type Identity struct {
	Username, Password string
	TOTPSecret         string // base32; empty = no second factor
	BearerToken        string
	Headers            map[string]string
}

// Direct returns the headers that authenticate the identity without a sign-in;
// empty if it has to sign in.
func (i Identity) Direct() http.Header {
	h := http.Header{}
	if i.BearerToken != "" {
		h.Set("Authorization", "Bearer "+i.BearerToken)
	}
	for name, value := range i.Headers {
		h.Set(name, value)
	}
	return h
}

// Session is what a sign-in gave. It is shown as a word: what is in it opens
// an account.
type Session struct {
	header http.Header
	serial uint64 // tells sessions of a process apart; 0 = none
	record *SignInRecord
}

var sessionCount atomic.Uint64

func newSession(header http.Header) Session {
	return Session{header, sessionCount.Add(1), &SignInRecord{}}
}

// SessionOf is a session that these headers make.
func SessionOf(header http.Header) Session { return newSession(header.Clone()) }

// SignInRecord is what a sign-in went through, for checks to judge. It holds
// credentials, and is shown as a word.
type SignInRecord struct {
	Set       []*http.Cookie    // every cookie that was set on the way, in order, with its attributes
	Before    map[string]string // cookies that there were when the password was sent
	Answer    Exchange          // the last
	Addresses []string          // every address that was gone to or pointed at
	code      string            // of the second factor
	codeEnd   time.Time         // when that code is no longer the one of the moment
}

func (SignInRecord) String() string   { return "[sign-in]" }
func (SignInRecord) GoString() string { return "[sign-in]" }

// Record is what the sign-in went through; empty where there was none.
func (s Session) Record() SignInRecord {
	if s.record == nil {
		return SignInRecord{}
	}
	return *s.record
}

// CodeEnd is when the code of the second factor that opened the session ceases to
// be that of the moment, by this machine's clock; the zero value if there was none.
func (s Session) CodeEnd() time.Time { return s.Record().codeEnd }

// Header returns the headers that make a request the session's.
func (s Session) Header() http.Header { return s.header.Clone() }

func (Session) String() string   { return "[session]" }
func (Session) GoString() string { return "[session]" }

// SignIn opens a session as an identity. Errors say what went wrong in words
// that hold no credential and no part of the answer; see the reasons in refusal.go.
func SignIn(ctx context.Context, p Prober, portal Portal, id Identity) (Session, error) {
	return options{codes: &spentCodes}.signIn(ctx, p, portal, id)
}

// options are what a sign-in does otherwise than people do.
type options struct {
	cookies map[string]string // that the visitor has already
	code    string            // of the second factor; empty = that of the moment
	half    bool              // the password alone is given
	codes   *codeBook         // that knows which codes were sent
}

func (o options) signIn(ctx context.Context, p Prober, portal Portal, id Identity) (Session, error) {
	if direct := id.Direct(); len(direct) > 0 {
		return newSession(direct), nil
	}
	switch {
	case id.Username == "" || id.Password == "":
		return Session{}, ErrNoCredentials
	case portal.SignIn.Format == "basic":
		return newSession(http.Header{"Authorization": {basic(id.Username, id.Password)}}), nil
	case portal.SignIn.Path == "" || portal.BaseURL == "":
		return Session{}, ErrNoSignIn
	}
	target, err := parseURL(portal.at(portal.SignIn.Path))
	if err != nil {
		return Session{}, err
	}
	again := id.TOTPSecret != "" && o.code == ""
	for {
		s := signIn{ctx: ctx, prober: p, portal: portal, id: id, home: target, jar: newJar(o.cookies), codes: o.codes, half: o.half, record: &SignInRecord{code: o.code}}
		session, err := s.run()
		if s.record.code != "" && errors.Is(err, ErrRefused) {
			err = because(ErrRefused, "%v; or the code of the second factor is wrong", err)
		}
		// Another process may have used the code: the next one is tried, once.
		if again && s.record.code != "" && (errors.Is(err, ErrSecondFactor) || errors.Is(err, ErrRefused)) && ctx.Err() == nil {
			again = false
			continue
		}
		return session, err
	}
}

func (p Portal) at(path string) string { return strings.TrimSuffix(p.BaseURL, "/") + path }

func basic(username, password string) string {
	req := http.Request{Header: http.Header{}}
	req.SetBasicAuth(username, password)
	return req.Header.Get("Authorization")
}
