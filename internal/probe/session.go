package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/idna"
)

// Portal is how a person signs in to a portal.
type Portal struct {
	BaseURL string // such as https://portal.acme.example
	SignIn  SignInRequest
	SignOut SignOutRequest
	WhoAmI  string // path of a request that succeeds only with a live session; empty = not known
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
	Path   string            // empty = identities cannot sign in
	Format string            // "json" (default), "form", or "basic" (RFC 7617: no request at all)
	Fields map[string]string // {{username}} and {{password}} stand for the identity's; empty = email and password
	// TokenPointer is a JSON pointer (RFC 6901) to a bearer token in the
	// answer. Empty = the session is the cookies.
	TokenPointer string
	CSRF         string // name of a hidden field of the page at Path; empty = none
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
}

var sessionCount atomic.Uint64

func newSession(header http.Header) Session { return Session{header, sessionCount.Add(1)} }

// Header returns the headers that make a request the session's.
func (s Session) Header() http.Header { return s.header.Clone() }

func (Session) String() string   { return "[session]" }
func (Session) GoString() string { return "[session]" }

// Reasons for which nobody can sign in, whatever the credentials are.
var (
	ErrNoSignIn      = errors.New("the portal does not say how to sign in")
	ErrNoCredentials = errors.New("the identity has neither username and password nor a token or headers")
)

// SignIn opens a session as an identity. Errors say what went wrong in words
// that hold no credential and no part of the answer.
func SignIn(ctx context.Context, p Prober, portal Portal, id Identity) (Session, error) {
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
	s := signIn{ctx: ctx, prober: p, portal: portal, target: target, cookies: map[string]string{}}
	return s.run(id)
}

func (p Portal) at(path string) string { return strings.TrimSuffix(p.BaseURL, "/") + path }

func basic(username, password string) string {
	req := http.Request{Header: http.Header{}}
	req.SetBasicAuth(username, password)
	return req.Header.Get("Authorization")
}

// signIn is one sign-in under way.
type signIn struct {
	ctx     context.Context
	prober  Prober
	portal  Portal
	target  *url.URL
	cookies map[string]string
}

func (s *signIn) run(id Identity) (Session, error) {
	fields := map[string]string{}
	fill := strings.NewReplacer("{{username}}", id.Username, "{{password}}", id.Password)
	for name, value := range s.portal.SignIn.Fields {
		fields[name] = fill.Replace(value)
	}
	if len(fields) == 0 {
		fields = map[string]string{"email": id.Username, "password": id.Password}
	}
	if err := s.csrf(fields); err != nil {
		return Session{}, err
	}
	before := maps.Clone(s.cookies)
	x := s.fetch(s.request(fields))
	s.keep(x)
	if err := refused(x); err != nil {
		return Session{}, err
	}
	header := http.Header{}
	if pointer := s.portal.SignIn.TokenPointer; pointer != "" {
		token, err := tokenAt(x.Body, pointer)
		if err != nil {
			return Session{}, err
		}
		header.Set("Authorization", "Bearer "+token)
	} else {
		if s.askedAgain(x) {
			return Session{}, errors.New("the sign-in was refused: the form is shown again")
		}
		if len(s.cookies) == 0 || maps.Equal(before, s.cookies) {
			return Session{}, errors.New("the answer to the sign-in sets no cookie: name the place of the token in portal.sign_in.token_pointer")
		}
		header.Set("Cookie", s.cookieHeader())
	}
	return newSession(header), s.confirm(header)
}

// patience is the longest that a throttled sign-in is waited for.
const patience = time.Minute

// fetch makes one request, and once more if it came too soon and is told when
// to come back.
func (s *signIn) fetch(r Request) Exchange {
	x := s.prober.Fetch(s.ctx, r)
	wait, known := x.RetryAfter(s.prober.Now())
	if !x.Throttled() || !known || wait > patience {
		return x
	}
	timer := time.NewTimer(wait + 100*time.Millisecond)
	defer timer.Stop()
	select {
	case <-s.ctx.Done():
		return x
	case <-timer.C:
		return s.prober.Fetch(s.ctx, r)
	}
}

// csrf reads the page of the form for what its answer must bring back.
func (s *signIn) csrf(fields map[string]string) error {
	name := s.portal.SignIn.CSRF
	if name == "" {
		return nil
	}
	x := s.fetch(Request{URL: s.target.String(), Intent: Active, Header: http.Header{"Accept": {"text/html"}}})
	s.keep(x)
	if err := refused(x); err != nil {
		return fmt.Errorf("the page of the sign-in form: %w", err)
	}
	value, action, ok := hiddenField(x.Body, name)
	if !ok {
		return fmt.Errorf("the page of the sign-in form has no hidden field %q", name)
	}
	fields[name] = value
	// A form may be answered elsewhere, but never at another host: it takes a password.
	if to, err := s.target.Parse(action); err == nil && to.Scheme == s.target.Scheme && to.Host == s.target.Host {
		s.target = to
	}
	return nil
}

func (s *signIn) request(fields map[string]string) Request {
	header := http.Header{"Origin": {s.target.Scheme + "://" + s.target.Host}, "Referer": {s.portal.at(s.portal.SignIn.Path)}}
	var body []byte
	if s.portal.SignIn.Format == "form" {
		values := url.Values{}
		for name, value := range fields {
			values.Set(name, value)
		}
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		body = []byte(values.Encode())
	} else {
		header.Set("Content-Type", "application/json")
		header.Set("Accept", "application/json")
		body, _ = json.Marshal(fields) // strings always marshal
	}
	if len(s.cookies) > 0 {
		header.Set("Cookie", s.cookieHeader())
	}
	return Request{Method: http.MethodPost, URL: s.target.String(), Header: header, Body: body, Intent: Active, FollowRedirects: true}
}

// keep takes over the cookies that were set on the way, those of the portal's host alone.
func (s *signIn) keep(x Exchange) {
	for _, hop := range x.Hops {
		u, err := url.Parse(hop.URL)
		if err != nil || u.Hostname() != s.target.Hostname() {
			continue
		}
		resp := http.Response{Header: hop.Header}
		for _, c := range resp.Cookies() {
			if c.MaxAge < 0 || c.Value == "" || !c.Expires.IsZero() && c.MaxAge == 0 && c.Expires.Before(s.prober.Now()) {
				delete(s.cookies, c.Name)
				continue
			}
			s.cookies[c.Name] = c.Value
		}
	}
}

func (s *signIn) cookieHeader() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(s.cookies)) {
		parts = append(parts, name+"="+s.cookies[name])
	}
	return strings.Join(parts, "; ")
}

// askedAgain reports whether the answer is the form once more: a refusal that
// is told with 200.
func (s *signIn) askedAgain(x Exchange) bool {
	last, err := url.Parse(x.FinalURL)
	back := err == nil && len(x.Hops) > 1 && last.Path == s.target.Path
	return back || hasPasswordField(x.Body)
}

// confirm asks who is signed in, where the portal can tell.
func (s *signIn) confirm(header http.Header) error {
	if s.portal.WhoAmI == "" {
		return nil
	}
	x := s.prober.Fetch(s.ctx, Request{URL: s.portal.at(s.portal.WhoAmI), Header: header.Clone(), Intent: Active, Retry: true})
	if x.Status == 0 || x.Status >= http.StatusInternalServerError || x.Challenged() {
		return fmt.Errorf("whether the session lives cannot be told: %w", refused(x))
	}
	if x.Status < 200 || x.Status >= 300 {
		return fmt.Errorf("the sign-in went through, but portal.whoami answers %d with its session", x.Status)
	}
	return nil
}

// refused says why an answer is no sign-in; nil if it may be one.
func refused(x Exchange) error {
	switch {
	case x.Status == 0:
		return errors.New("no answer: " + x.Detail)
	case x.Challenged():
		return errors.New("the edge answers in place of the portal: exempt this machine from its challenge")
	case x.Throttled():
		return errors.New("sign-ins are throttled: try again later")
	case x.Status == http.StatusUnauthorized || x.Status == http.StatusForbidden:
		return fmt.Errorf("the sign-in was refused with %d", x.Status)
	case x.Status >= 400:
		return fmt.Errorf("the portal answered %d", x.Status)
	case x.Failure == FailRedirects:
		return errors.New(x.Detail)
	case x.Redirect != "" && isElsewhere(x):
		return errors.New("the sign-in leads to another host, which is not followed")
	}
	return nil
}

func isElsewhere(x Exchange) bool {
	from, err := url.Parse(x.FinalURL)
	to, toErr := url.Parse(x.Redirect)
	if err != nil || toErr != nil {
		return true
	}
	a, _ := idna.Lookup.ToASCII(from.Hostname())
	b, _ := idna.Lookup.ToASCII(to.Hostname())
	return a != b
}

// tokenAt finds a text in a JSON document by its pointer (RFC 6901).
func tokenAt(body []byte, pointer string) (string, error) {
	missing := fmt.Errorf("the answer to the sign-in has no token at %s", pointer)
	var at any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&at) != nil {
		return "", fmt.Errorf("the answer to the sign-in is not JSON, so that there is no token at %s", pointer)
	}
	for _, part := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch node := at.(type) {
		case map[string]any:
			at = node[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(node) {
				return "", missing
			}
			at = node[i]
		default:
			return "", missing
		}
	}
	token, ok := at.(string)
	// A token with a line break would be a second header.
	if !ok || token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", missing
	}
	return token, nil
}
