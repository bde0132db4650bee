package deploycheck

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// throughTheWall is what lets the check see a staging portal.
const throughTheWall = "Give staging.identity an identity that comes through: for Cloudflare Access one with headers = { CF-Access-Client-Id = ..., CF-Access-Client-Secret = ... } of a service token, else its user name, password or token."

// look finds out whether the check comes to the portal at all.
func (s *session) look() {
	front := s.get(s.production, "/")
	if reason := unseen(front); reason != "" && front.Status == 0 {
		s.production.walled = reason
	}
	if front.Status != 0 { // a site that says nothing costs a long wait each time
		s.ahead(s.production, append([]string{nowhere}, s.production.Paths...)...)
	}
	if s.staging != nil {
		if s.get(s.staging, "/").Status != 0 {
			s.ahead(s.staging, append([]string{nowhere}, s.staging.Paths...)...)
		}
		s.staging.walled = s.wallBefore(s.staging, s.get)
	}
}

// wallBefore says what stands before staging: something that answers everywhere
// in the place of the portal, as it does not in production. A page of the portal
// itself that asks for a sign-in is none.
func (s *session) wallBefore(at *site, get func(*site, string) probe.Exchange) string {
	if x := get(at, "/"); x.Status == 0 || x.Challenged() {
		return unseen(x)
	}
	// A path that there is not tells a wall from a portal.
	reason := s.wall(get(at, nowhere), s.get(s.production, nowhere), at.host)
	if reason == "" {
		return ""
	}
	for _, path := range append([]string{"/"}, at.Paths...) {
		theirs, ours := s.get(s.production, path), get(at, path)
		if s.wall(ours, theirs, at.host) != "" || sameRefusal(ours, get(at, nowhere)) {
			return reason
		}
	}
	return ""
}

// nowhere is a path that no portal has.
const nowhere = "/launchready-no-such-page"

// sameRefusal reports whether a path answers as one that there is not.
func sameRefusal(x, other probe.Exchange) bool {
	return x.Status == other.Status && x.Status >= 300 && hostOf(x.Redirect) == hostOf(other.Redirect)
}

// wall says by what an answer stands for a wall, seen beside production's answer
// to the same path; "" if it does not.
func (s *session) wall(x, production probe.Exchange, host string) string {
	page := bytes.ToLower(x.Body[:min(len(x.Body), 256<<10)])
	switch {
	case x.Status == http.StatusUnauthorized && production.Status != http.StatusUnauthorized:
		return "staging asks strangers for a password"
	case x.Status == http.StatusForbidden && production.Status != http.StatusForbidden:
		return "staging refuses strangers"
	case x.Redirect != "":
		u, err := url.Parse(x.Redirect)
		if err != nil {
			return ""
		}
		to := check.CanonicalHost(u.Hostname())
		theirs := hostOf(production.Redirect)
		switch {
		case to == "cloudflareaccess.com" || strings.HasSuffix(to, ".cloudflareaccess.com") || strings.HasPrefix(u.Path, "/cdn-cgi/access/"):
			return "staging is behind Cloudflare Access"
		case to == s.production.host && to != host: // sent on to production: a wrong turn
			return ""
		case to != host && production.Redirect == "":
			return "staging sends strangers to sign in elsewhere"
		case to != host && to != theirs && probe.Classify(x, probe.Reference{}) == probe.Denied:
			return "staging sends strangers to sign in elsewhere"
		case to == host && probe.Classify(x, probe.Reference{}) == probe.Denied && probe.Classify(production, probe.Reference{}) != probe.Denied:
			return "staging sends strangers to a sign-in"
		case to == host && probe.Classify(x, probe.Reference{}) == probe.Denied && production.Status == http.StatusNotFound:
			return "staging sends strangers to a sign-in"
		}
	case x.Status >= 200 && x.Status <= 299 && passwordField().Match(page) && !passwordField().Match(bytes.ToLower(production.Body)):
		return "staging shows strangers a sign-in"
	}
	return ""
}

var passwordField = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`<input[^>]+type\s*=\s*["']?password`)
})
