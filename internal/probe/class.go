package probe

import (
	"bytes"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// Class is what an answer means to a check that asks "was this let through?".
type Class string

const (
	Granted   Class = "granted"    // 2xx with the marker of what was asked for
	Denied    Class = "denied"     // a refusal: by status, by a way to the login page, by the login page itself
	EdgeBlock Class = "edge_block" // the edge answered in place of the site
	Throttled Class = "throttled"  // too many requests
	Soft404   Class = "soft_404"   // 2xx, and the same as for a path that does not exist
	Failed    Class = "broken"     // 5xx, or no whole answer
	Odd       Class = "odd"        // anything else: neither a pass nor a failure
)

// Reference is what is known of a site, for its answers to be told apart. Each
// field may be empty: then it decides nothing.
type Reference struct {
	Marker    string    // a text that only the owner's answer holds
	LoginPath string    // such as /login
	LoginPage *Exchange // as strangers see it
	Sibling   *Exchange // the answer for a random path beside the one asked for
}

// soft404Similarity is from where on two answers are one page.
const soft404Similarity = 0.95

// Classify tells what an answer means. Without a marker a 2xx that is nothing
// else counts as granted: whether it holds what it should is not known.
func Classify(x Exchange, ref Reference) Class {
	marked := ref.Marker != "" && x.Holds(ref.Marker)
	success := x.Status >= 200 && x.Status <= 299
	switch {
	case x.Status == 0 || x.Failure != FailNone && x.Failure != FailRedirects:
		return Failed
	case x.Challenged():
		return EdgeBlock
	case x.Throttled():
		return Throttled
	case x.Failure == FailRedirects:
		return Odd
	case x.Status >= http.StatusInternalServerError:
		return Failed
	case marked && x.Status < 400: // a redirect's body may show it too
		return Granted
	case x.Status == http.StatusUnauthorized, x.Status == http.StatusForbidden, x.Status == http.StatusNotFound, x.Status == http.StatusGone:
		if marked {
			return Odd
		}
		return Denied
	case x.Redirect != "" && leadsTo(x.Redirect, ref.LoginPath):
		return Denied
	case !success:
		return Odd
	case x.SaysError(): // a refusal that is told with 200
		return Denied
	case ref.LoginPage != nil && samePage(x, *ref.LoginPage):
		return Denied
	case ref.Sibling != nil && ref.Sibling.Status == x.Status && Similarity(x.Body, ref.Sibling.Body) >= soft404Similarity:
		return Soft404
	case ref.Marker == "":
		return Granted
	default:
		return Odd
	}
}

// Holds reports whether an answer shows a text, in its body or in its headers
// but for those that say who asked.
func (x Exchange) Holds(text string) bool {
	if bytes.Contains(x.Body, []byte(text)) || strings.Contains(text, "@") && holdsHidden(x.Body, text) {
		return true
	}
	for name, values := range x.Header {
		if name != "Report-To" && strings.Contains(strings.Join(values, "\n"), text) {
			return true
		}
	}
	return false
}

// hiddenAddress finds e-mail addresses as Cloudflare's obfuscation writes them,
// which is on unless it is turned off.
var hiddenAddress = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:data-cfemail="|/cdn-cgi/l/email-protection#)([0-9a-f]{4,600})`)
})

// holdsHidden reports whether an obfuscated address of a body holds a text: the
// first byte is what all others are combined with.
func holdsHidden(body []byte, text string) bool {
	for _, found := range hiddenAddress().FindAllSubmatch(body, -1) {
		raw, err := hex.DecodeString(string(found[1]))
		if err != nil {
			continue
		}
		for i := range raw[1:] {
			raw[i+1] ^= raw[0]
		}
		if bytes.Contains(raw[1:], []byte(text)) {
			return true
		}
	}
	return false
}

// leadsTo reports whether a redirect goes to the login page, wherever that is.
func leadsTo(target, login string) bool {
	u, err := url.Parse(target)
	if err != nil {
		return false
	}
	if login != "" {
		return u.Path == login || strings.HasPrefix(u.Path, strings.TrimSuffix(login, "/")+"/")
	}
	path := strings.ToLower(strings.TrimSuffix(u.Path, "/"))
	last, _, _ := strings.Cut(path[strings.LastIndexByte(path, '/')+1:], ".") // login.php
	for _, word := range []string{"login", "log-in", "log_in", "wp-login", "signin", "sign-in", "sign_in", "auth", "authorize", "sso"} {
		if last == word {
			return true
		}
	}
	return false
}

// samePage reports whether two answers are one page that asks for a password.
func samePage(x, login Exchange) bool {
	return hasPasswordField(x.Body) && hasPasswordField(login.Body) && Similarity(x.Body, login.Body) >= soft404Similarity
}
