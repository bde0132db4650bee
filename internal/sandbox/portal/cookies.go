package portal

import (
	"net/http"
	"time"
)

const (
	// The __Host- prefix binds a cookie to this host, to HTTPS and to the root
	// path (RFC 6265bis 4.1.3.2).
	sessionCookie = "__Host-session"
	csrfCookie    = "__Host-csrf"
	ticketCookie  = "__Host-ticket" // between password and code, in the form

	plainSessionCookie = "session" // where a fault takes away what the prefix asks for
	rememberedFor      = 400 * 24 * time.Hour
)

// sessionCookieName is what the session's cookie is called.
func (p *Portal) sessionCookieName() string {
	if p.On(CookiePrefixMissing) || p.On(CookieInsecure) || p.On(CookieDomainWide) {
		return plainSessionCookie // browsers refuse __Host- without Secure or with Domain
	}
	return sessionCookie
}

// setSession gives the browser its session; no token takes it away.
func (p *Portal) setSession(w http.ResponseWriter, token string, life time.Duration) {
	c := newCookie(p.sessionCookieName(), token, life)
	c.Secure, c.HttpOnly = !p.On(CookieInsecure), !p.On(CookieReadable)
	switch {
	case p.On(CookieDomainWide):
		c.Domain = p.options.Domain
	case p.On(CookieCrossSite), p.On(CSRFOpen):
		c.SameSite = http.SameSiteNoneMode
	}
	if p.On(NoAbsoluteLimit) && token != "" {
		c.MaxAge = int(rememberedFor.Seconds())
	}
	http.SetCookie(w, c)
}

// setCookie gives the browser another cookie; no value takes it away.
func setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, newCookie(name, value, life))
}

func newCookie(name, value string, life time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: max(int(life.Seconds()), 1),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}
