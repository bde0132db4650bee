package probe

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// patience is the longest that a throttled sign-in is waited for.
const patience = time.Minute

// signIn is one sign-in under way.
type signIn struct {
	ctx    context.Context
	prober Prober
	portal Portal
	id     Identity
	home   *url.URL // of portal.sign_in.path
	jar    jar
	codes  *codeBook
	half   bool // it ends after the password
	record *SignInRecord
	skew   time.Duration // by how much the portal's clock is ahead of this machine's
	dated  bool          // the portal's clock was seen
	page   form          // of the sign-in, if one was found
	warns  bool          // that page speaks of locked accounts, whoever comes
}

// step is one request of a sign-in: the password, or the second factor.
type step struct {
	address *url.URL
	form    bool // sent as a form, else as JSON
	fields  map[string]string
	csrf    string
	second  bool
}

func (s *signIn) run() (Session, error) {
	in := s.portal.SignIn
	if err := s.cookieTokens(); err != nil {
		return Session{}, err
	}
	first := step{address: s.home, form: in.Format == "form", fields: in.Fields, csrf: in.CSRF}
	x, err := s.take(first, nil)
	if err != nil {
		return Session{}, err
	}
	s.record.Answer = x
	pointer := in.TokenPointer
	if s.half {
		session := newSession(s.halfway(x, pointer))
		session.record = s.record
		return session, nil
	}
	if next, ok, err := s.second(x); err != nil {
		return Session{}, err
	} else if ok {
		sent := s.record.Before
		if x, err = s.take(next, &x); err != nil {
			return Session{}, secondRefused(err)
		}
		s.record.Answer, s.record.Before = x, sent
		if second := in.SecondFactor.TokenPointer; second != "" {
			pointer = second
		}
		if _, _, again := codeForm(x.Body); again {
			return Session{}, because(ErrSecondFactor, "the code of the second factor was refused: its form is shown again")
		}
	}
	return s.finish(x, pointer)
}

// finish makes a session of what the sign-in gave, and sees that it lives.
func (s *signIn) finish(x Exchange, pointer string) (Session, error) {
	header, err := s.header(x, pointer)
	if err != nil {
		switch {
		case asksForCode(x) && s.id.TOTPSecret == "":
			return Session{}, because(ErrSecondFactor, "the account has a second factor: give the identity totp_secret")
		case asksForCode(x):
			return Session{}, because(ErrSecondFactor, "the portal asks for a second factor: set portal.sign_in.second_factor")
		case s.askedAgain(x):
			return Session{}, s.shownAgain(x)
		case x.Redirect != "":
			return Session{}, because(ErrChanged, "the sign-in leads to another host, which is not followed")
		}
		return Session{}, err
	}
	session := newSession(header)
	session.record = s.record
	err = s.confirm(header)
	if errors.Is(err, ErrRefused) && pointer == "" && header.Get("Cookie") != "" {
		// The cookie may be what renews the token that the answer holds.
		if token, none := tokenAt(x, ""); none == nil {
			bearer := newSession(http.Header{"Authorization": {"Bearer " + token}})
			bearer.record = s.record
			if s.confirm(bearer.header) == nil {
				return bearer, nil
			}
		}
	}
	if err == nil && s.portal.WhoAmI == "" && pointer == "" && s.askedAgain(x) {
		err = s.shownAgain(x)
	}
	if err != nil {
		if errors.Is(err, ErrRefused) && asksForCode(x) {
			err = because(ErrSecondFactor, "the account has a second factor: give the identity totp_secret, and set portal.sign_in.second_factor")
		} else if errors.Is(err, ErrRefused) && s.askedAgain(x) {
			err = s.shownAgain(x)
		}
		return Session{}, err
	}
	return session, nil
}

// header makes requests those of the session that an answer opened.
func (s *signIn) header(x Exchange, pointer string) (http.Header, error) {
	cookies := http.Header{"Cookie": {s.jar.header()}}
	fresh := len(s.jar) > 0 && !maps.Equal(s.record.Before, map[string]string(s.jar))
	if pointer == "" && fresh {
		return cookies, nil
	}
	token, err := tokenAt(x, pointer)
	if err != nil {
		// Some portals keep the cookie that the visitor had (session fixation).
		if pointer == "" && len(s.jar) > 0 && s.portal.tells(s.ctx, s.prober, cookies) {
			return cookies, nil
		}
		return nil, err
	}
	return http.Header{"Authorization": {"Bearer " + token}}, nil
}

// halfway is all that the password alone gave: cookies, and a token if there is one.
func (s *signIn) halfway(x Exchange, pointer string) http.Header {
	header := http.Header{}
	if len(s.jar) > 0 {
		header.Set("Cookie", s.jar.header())
	}
	if token, err := tokenAt(x, pointer); err == nil {
		header.Set("Authorization", "Bearer "+token)
	}
	return header
}

// take sends one step: it reads the form's page where there is one, fills the
// fields in, and follows where the answer leads on this host.
func (s *signIn) take(st step, before *Exchange) (Exchange, error) {
	f, err := s.formOf(&st, before)
	if err != nil {
		return Exchange{}, err
	}
	fields, err := s.fill(st, f, before)
	if err != nil {
		return Exchange{}, err
	}
	s.record.Before = maps.Clone(map[string]string(s.jar))
	x := s.follow(s.request(st, fields))
	return x, refused(x)
}

// request makes the request of a step.
func (s *signIn) request(st step, fields map[string]string) Request {
	header := s.portal.SignIn.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Origin", st.address.Scheme+"://"+st.address.Host)
	header.Set("Referer", s.home.String())
	for name, value := range s.jar.csrfHeaders() {
		header.Set(name, value)
	}
	if st.csrf != "" && fields[st.csrf] != "" {
		header.Set("X-CSRF-Token", fields[st.csrf]) // Rails and Laravel look here where the body is JSON
	}
	var body []byte
	if st.form {
		values := url.Values{}
		for name, value := range fields {
			values.Set(name, value)
		}
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
		body = []byte(values.Encode())
	} else {
		header.Set("Content-Type", "application/json")
		header.Set("Accept", "application/json")
		body, _ = json.Marshal(fields) // strings always marshal
	}
	return Request{Method: http.MethodPost, URL: st.address.String(), Header: header, Body: body, Intent: Active}
}

// get reads a page of the sign-in.
func (s *signIn) get(address string) Exchange {
	header := s.portal.SignIn.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Accept", "text/html,application/json;q=0.9,*/*;q=0.8")
	return s.follow(Request{URL: address, Header: header, Intent: Active})
}

// follow makes a request with the cookies of the moment and follows where it leads,
// never to another host and never into the clear: what travels is a password
// or a session.
func (s *signIn) follow(r Request) Exchange {
	own := r.Header
	var hops []Hop
	for range maxRedirects {
		r.Header = own.Clone()
		if len(s.jar) > 0 {
			r.Header.Set("Cookie", s.jar.header())
		}
		x := s.fetch(r)
		s.see(r.URL, x)
		hops = append(hops, x.Hops...)
		x.Hops = hops
		if x.Redirect == "" || isElsewhere(s.home, x.Redirect) {
			return x
		}
		r.URL = x.Redirect
		if x.Status != http.StatusTemporaryRedirect && x.Status != http.StatusPermanentRedirect {
			r.Method, r.Body = http.MethodGet, nil
			own.Del("Content-Type")
		}
	}
	return Exchange{Hops: hops, Failure: FailRedirects, Detail: "more than 10 redirects"}
}

// see notes what an answer shows of addresses, cookies and the time.
func (s *signIn) see(address string, x Exchange) {
	s.record.Addresses = append(s.record.Addresses, address)
	if x.Redirect != "" {
		s.record.Addresses = append(s.record.Addresses, x.Redirect)
	}
	s.record.Set = append(s.record.Set, s.jar.keep(x.Header, s.prober.Now())...)
	if at, ok := x.Clock(); ok {
		s.dated = true
		// Dates are told in whole seconds, and answers take time to arrive.
		if s.skew = time.Until(at); s.skew.Abs() < 3*time.Second {
			s.skew = 0
		}
	}
}

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
