package authcheck

import (
	"net/http"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/check"
)

// judgeCookies looks at the attributes of the cookies that are the session, and
// of no others: what counts visitors may be read by scripts.
func (w *way) judgeCookies() {
	if w.unknown {
		for _, rule := range cookieRules {
			w.unclear(rule, w.host, unlearned)
		}
		return
	}
	if len(w.cookies) == 0 {
		why := "the session is no cookie"
		if w.direct() {
			why = "the identity does not sign in"
		}
		for _, rule := range cookieRules {
			w.none(rule, w.host, why)
		}
		return
	}
	for _, name := range w.cookies {
		subject := w.host + " cookie " + name
		set := lastOf(w.session.Record().Set, name)
		if set == nil {
			for _, rule := range cookieRules {
				w.none(rule, subject, "the cookie was not set by the sign-in")
			}
			continue
		}
		w.cookie(subject, set)
	}
}

func lastOf(set []*http.Cookie, name string) *http.Cookie {
	for i := len(set) - 1; i >= 0; i-- {
		if set[i].Name == name && set[i].Value != "" {
			return set[i]
		}
	}
	return nil
}

func (w *way) cookie(subject string, c *http.Cookie) {
	say := func(rule string, ok bool, good, bad string) {
		if ok {
			w.pass(rule, subject, good)
		} else {
			w.fail(rule, subject, bad)
		}
	}
	say(ruleSecure, c.Secure, "the session's cookie is Secure", "the session's cookie is not Secure")
	say(ruleHTTPOnly, c.HttpOnly, "the session's cookie is HttpOnly", "the session's cookie is not HttpOnly")
	switch c.SameSite {
	case http.SameSiteLaxMode, http.SameSiteStrictMode:
		w.pass(ruleSameSite, subject, "the session's cookie is SameSite")
	case http.SameSiteNoneMode:
		w.fail(ruleSameSite, subject, "the session's cookie is SameSite=None")
	default:
		w.fail(ruleSameSite, subject, "the session's cookie has no SameSite: not every browser takes that for Lax")
	}
	domain := check.CanonicalHost(strings.TrimPrefix(c.Domain, "."))
	say(ruleDomain, domain == "" || domain == w.host, "the session's cookie is sent to the portal's host alone", "the session's cookie is sent to every host of "+domain)
	say(rulePrefix, strings.HasPrefix(c.Name, "__Host-") || strings.HasPrefix(c.Name, "__Secure-"),
		"the name of the session's cookie begins with a prefix that browsers guard", "the name of the session's cookie begins with neither __Host- nor __Secure-")
}
