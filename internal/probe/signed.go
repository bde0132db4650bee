package probe

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// askedAgain reports whether the answer is the form once more: a refusal that
// is told with 200. A page that a member is led to may ask for a password too,
// to change it: it asks for the current one at another address.
func (s *signIn) askedAgain(x Exchange) bool {
	last, err := url.Parse(x.FinalURL)
	if err != nil {
		return false
	}
	if len(x.Hops) > 1 && last.Path == s.home.Path {
		return true
	}
	f, ok := signInForm(x.Body)
	if !ok {
		return false
	}
	if len(s.page.fields) == 0 {
		return true
	}
	user, password := f.names()
	ownUser, ownPassword := s.page.names()
	return user == ownUser && password == ownPassword
}

// shownAgain says why the form is shown again, as far as the page tells.
func (s *signIn) shownAgain(x Exchange) error {
	if !s.warns && lockWords().Match(visible(x.Body)) {
		return because(ErrLocked, "the account is locked or disabled: the portal shows its form again and says so")
	}
	return because(ErrRefused, "the sign-in was refused: the form is shown again; the user name or the password is wrong, or the account may not sign in")
}

// confirm asks who is signed in, where the portal can tell.
func (s *signIn) confirm(header http.Header) error {
	if s.portal.WhoAmI == "" {
		return nil
	}
	alive, x := s.portal.whoAmI(s.ctx, s.prober, header)
	switch {
	case alive:
		return nil
	case x.Status == 0 || x.Status >= http.StatusInternalServerError || x.Challenged() || x.Throttled():
		return because(ErrNoAnswer, "whether the session lives cannot be told: %v", refused(x))
	}
	if x.Status == http.StatusNotFound || x.Status == http.StatusMethodNotAllowed || x.Status == http.StatusGone {
		return because(ErrRefused, "the sign-in went through, but portal.whoami answers %d with its session: its path is wrong, or the session is not taken there", x.Status)
	}
	return because(ErrRefused, "the sign-in went through, but portal.whoami answers %d with its session, as to a stranger", x.Status)
}

// whoAmI reports whether a session lives, and the answer that tells.
func (p Portal) whoAmI(ctx context.Context, prober Prober, header http.Header) (alive bool, x Exchange) {
	x = prober.Fetch(ctx, Request{URL: p.at(p.WhoAmI), Header: header.Clone(), Intent: Active, Retry: true})
	_, form := signInForm(x.Body)
	return x.Failure == FailNone && x.Status >= 200 && x.Status <= 299 && !x.SaysError() && !x.SaysNobody() && !form, x
}

// tells reports whether portal.whoami answers a session otherwise than a stranger:
// proof that somebody is signed in where nothing else of a sign-in is.
func (p Portal) tells(ctx context.Context, prober Prober, header http.Header) bool {
	if p.WhoAmI == "" {
		return false
	}
	alive, x := p.whoAmI(ctx, prober, header)
	if !alive {
		return false
	}
	strangers, other := p.whoAmI(ctx, prober, http.Header{})
	return !strangers && other.Status != 0 || strangers && Similarity(x.Body, other.Body) < soft404Similarity
}

// AsksForCode reports whether an answer asks for a second factor.
func (x Exchange) AsksForCode() bool { return asksForCode(x) }

// asksForCode reports whether an answer asks for a second factor.
func asksForCode(x Exchange) bool {
	if _, _, ok := codeForm(x.Body); ok {
		return true
	}
	var said map[string]json.RawMessage
	if json.Unmarshal(x.Body, &said) != nil {
		return false
	}
	return slices.ContainsFunc(slices.Collect(maps.Keys(said)), func(name string) bool {
		name = strings.ToLower(name)
		value := string(said[name])
		return value != "false" && value != "null" && (strings.Contains(name, "mfa") || strings.Contains(name, "totp") ||
			strings.Contains(name, "otp") || strings.Contains(name, "two_factor") || strings.Contains(name, "twofactor") || strings.Contains(name, "2fa"))
	})
}
