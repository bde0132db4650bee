package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Actor is a named identity at a portal: what a check acts as.
type Actor struct {
	Name               string // as the configuration calls it, such as member_a
	Role, Organization string // empty = not said
	Identity           Identity
	Portal             Portal
	// Sessions are shared with the other checks of the process; nil = every
	// call of Session signs in anew.
	Sessions *Sessions
}

// Session returns the actor's session, which is opened once a process.
func (a Actor) Session(ctx context.Context, p Prober) (Session, error) {
	if a.Sessions == nil {
		return a.SignIn(ctx, p)
	}
	return a.Sessions.get(ctx, a.Name, Session{}, func() (Session, error) { return a.SignIn(ctx, p) })
}

// Renew returns a session in the place of one that was seen to be dead. Of many
// that see it, one signs in.
func (a Actor) Renew(ctx context.Context, p Prober, dead Session) (Session, error) {
	if a.Sessions == nil {
		return a.SignIn(ctx, p)
	}
	return a.Sessions.get(ctx, a.Name, dead, func() (Session, error) { return a.SignIn(ctx, p) })
}

// SignIn opens a session that nobody else uses, for what ends or spoils it.
func (a Actor) SignIn(ctx context.Context, p Prober) (Session, error) {
	a.unseen()
	defer a.unseen()
	return options{codes: a.codes()}.signIn(ctx, p, a.Portal, a.Identity)
}

// unseen notes that the shared session may be dead: many a portal ends it where
// somebody signs in or out. It is called before that and after.
func (a Actor) unseen() {
	if a.Sessions != nil {
		a.Sessions.of(a.Name).unsee()
	}
}

// soon is how long what follows a sign-in may take while its code is that of the moment.
const soon = 5 * time.Second

// SignInByCode is SignIn for whom only the code of the second factor matters: the
// session that others use will do as long as its code is that of the moment, for
// there is no other code before the next half minute (RFC 6238 section 5.2).
func (a Actor) SignInByCode(ctx context.Context, p Prober) (Session, error) {
	if a.Sessions != nil {
		if s := a.Sessions.kept(a.Name); s.record != nil && s.record.code != "" && time.Until(s.record.codeEnd) > soon {
			if alive, known := a.Alive(ctx, p, s); alive && known {
				return s, nil
			}
		}
	}
	return a.SignIn(ctx, p)
}

// codes knows which codes of the second factor were sent.
func (a Actor) codes() *codeBook {
	if a.Sessions == nil {
		return &spentCodes
	}
	return &a.Sessions.codes
}

// SignInWith opens a session as a visitor who has cookies already.
func (a Actor) SignInWith(ctx context.Context, p Prober, cookies map[string]string) (Session, error) {
	a.unseen()
	defer a.unseen()
	return options{cookies: cookies, codes: a.codes()}.signIn(ctx, p, a.Portal, a.Identity)
}

// FirstFactor gives the password and nothing more, and returns all that this
// alone gave: cookies, and a token if the answer holds one. Whether it is a
// session is for the caller to find out.
func (a Actor) FirstFactor(ctx context.Context, p Prober) (Session, error) {
	a.unseen()
	defer a.unseen()
	return options{half: true, codes: a.codes()}.signIn(ctx, p, a.Portal, a.Identity)
}

// ErrNoCode says that a session was opened without a second factor.
var ErrNoCode = errors.New("the session was opened without a code")

// ReplayCode signs in once more with the code of the second factor that a
// session was opened with. No error says that the code was taken again.
func (a Actor) ReplayCode(ctx context.Context, p Prober, s Session) (Session, error) {
	if s.record == nil || s.record.code == "" {
		return Session{}, ErrNoCode
	}
	a.unseen()
	defer a.unseen()
	return options{code: s.record.code, codes: a.codes()}.signIn(ctx, p, a.Portal, a.Identity)
}

// Alive asks the portal whether a session lives. known is false where the portal
// has no request that tells, or gave no answer that does.
func (a Actor) Alive(ctx context.Context, p Prober, s Session) (alive, known bool) {
	if a.Portal.WhoAmI == "" || a.Portal.BaseURL == "" {
		return false, false
	}
	alive, x := a.Portal.whoAmI(ctx, p, s.header)
	return alive, alive || x.Status >= 200 && x.Status < 500 && !x.Throttled() && !x.Challenged()
}

// lately is how long a session that was seen alive is taken to be so.
const lately = 2 * time.Second

// Live returns the actor's session, renewed where it is seen to be dead.
func (a Actor) Live(ctx context.Context, p Prober) (Session, error) {
	s, err := a.Session(ctx, p)
	if err != nil {
		return s, err
	}
	k := new(kept)
	if a.Sessions != nil {
		k = a.Sessions.of(a.Name)
	}
	seen, doubts := k.seenLately()
	if seen {
		return s, nil
	}
	switch alive, known := a.Alive(ctx, p, s); {
	case known && !alive:
		return a.Renew(ctx, p, s)
	case alive:
		k.see(doubts)
	}
	return s, nil
}

// WriteHeader returns the headers of one request of a session that changes
// something; see Portal.WriteHeader.
func (a Actor) WriteHeader(ctx context.Context, p Prober, s Session) (http.Header, error) {
	return a.Portal.WriteHeader(ctx, p, s)
}

// ErrNoSignOut says that it is not configured how one signs out.
var ErrNoSignOut = errors.New("portal.sign_out is not set")

// SignOut ends a session. An error says that the portal did not take it; whether
// the session is dead is another question.
func (a Actor) SignOut(ctx context.Context, p Prober, s Session) error {
	a.unseen()
	defer a.unseen()
	out := a.Portal.SignOut
	if out.Path == "" || a.Portal.BaseURL == "" {
		return ErrNoSignOut
	}
	method := cmp.Or(out.Method, http.MethodPost)
	r := Request{Method: method, URL: a.Portal.at(out.Path), Intent: Active}
	if method == http.MethodPost { // a button of a page, with a token as a field
		r.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	}
	r, err := a.Portal.Complete(ctx, p, s, r, "", a.Portal.pages()...)
	if err != nil {
		return fmt.Errorf("the sign-out: %w", err)
	}
	if len(r.Body) == 0 {
		r.Body = nil
		r.Header.Del("Content-Type")
	}
	x := p.Fetch(ctx, r)
	switch {
	case x.Status == 0:
		return because(ErrNoAnswer, "the sign-out had no answer: %s", x.Detail)
	case x.Status == 419 || x.Status >= 400 && x.Status < 500 && csrfWords().Match(visible(x.Body)):
		return because(ErrRefused, "the sign-out was refused with %d: it wants a CSRF token; name where it comes from in portal.csrf", x.Status)
	case x.Status == http.StatusMethodNotAllowed:
		return because(ErrRefused, "the sign-out was refused with 405: portal.sign_out.method is another one than %s", method)
	case x.Status >= 400 || x.SaysError():
		return because(ErrRefused, "the sign-out was refused with %d", x.Status)
	case method == http.MethodGet && asksToConfirm(x):
		return because(ErrRefused, "the answer to the sign-out is a page that asks to confirm it: set portal.sign_out.method to POST")
	}
	return nil
}

// pages are those that may hold the button that signs out.
func (p Portal) pages() []string {
	var out []string
	for _, path := range []string{p.CSRF.Path, p.WhoAmI} {
		if path != "" && !slices.Contains(out, path) {
			out = append(out, path)
		}
	}
	return out
}

// asksToConfirm reports whether a page has a form that does no more than send
// its own address once again, as Django's allauth has it before it signs out.
func asksToConfirm(x Exchange) bool {
	here, err := url.Parse(x.FinalURL)
	if err != nil || x.Status != http.StatusOK {
		return false
	}
	all, _ := forms(x.Body)
	return slices.ContainsFunc(all, func(f form) bool {
		to, err := here.Parse(f.action)
		if err != nil || to.Path != here.Path || !f.posts {
			return false
		}
		return !slices.ContainsFunc(f.fields, func(one field) bool { return one.typed() || one.kind == "password" })
	})
}

// Sessions are the sign-ins of a process, one an identity. One that failed is
// not tried again: every attempt counts against the account. The zero value is
// ready.
type Sessions struct {
	mu    sync.Mutex
	all   map[string]*kept
	codes codeBook
}

// kept is the session of one identity.
type kept struct {
	mu      sync.Mutex
	done    bool
	session Session
	err     error

	state  sync.Mutex
	seen   time.Time // when the portal last took the session; zero = it may be dead since
	doubts int       // how often something may have ended it
}

func (k *kept) unsee() {
	k.state.Lock()
	defer k.state.Unlock()
	k.seen = time.Time{}
	k.doubts++
}

// see notes that the portal takes the session, if nothing may have ended it since
// there were so many doubts.
func (k *kept) see(doubts int) {
	k.state.Lock()
	defer k.state.Unlock()
	if k.doubts == doubts {
		k.seen = time.Now()
	}
}

func (k *kept) seenLately() (seen bool, doubts int) {
	k.state.Lock()
	defer k.state.Unlock()
	return time.Since(k.seen) < lately, k.doubts
}

func (s *Sessions) of(name string) *kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]*kept{}
	}
	if s.all[name] == nil {
		s.all[name] = new(kept)
	}
	return s.all[name]
}

// kept is the session of an identity that was opened already; the zero value if none was.
func (s *Sessions) kept(name string) Session {
	k := s.of(name)
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.done || k.err != nil {
		return Session{}
	}
	return k.session
}

// get signs in the first time, and where the session that is kept is the dead one.
func (s *Sessions) get(ctx context.Context, name string, dead Session, signIn func() (Session, error)) (Session, error) {
	k := s.of(name)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.done && (k.err != nil || dead.serial == 0 || k.session.serial != dead.serial) {
		return k.session, k.err
	}
	session, err := signIn()
	if ctx.Err() == nil { // one that was interrupted says nothing of the identity
		k.done, k.session, k.err = true, session, err
	}
	if err == nil {
		_, doubts := k.seenLately()
		k.see(doubts)
	}
	return session, err
}
