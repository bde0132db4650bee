package ratecheck

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// class is what an answer says of the brake.
type class int

const (
	odd       class = iota // neither: says nothing
	processed              // as the first, unhurried answer
	held                   // throttled, challenged or locked
	failed                 // 5xx
	lost                   // no answer
)

// brake is how an answer shows that it was held.
type brake int

const (
	none      brake = iota
	byStatus        // 429, 503 with Retry-After, 423
	byPage          // a challenge or CAPTCHA, or a text that the user declared
	byText          // a text that speaks of too many attempts, with a status of its own
	byRefusal       // 403 where the first answer had another status
	byAbsence       // 503 that does not say when to come back
	byDelay         // answers come slower and slower
	bySilence       // the same answer, but a right password is refused as well
)

// throttleText speaks of too many requests or of a lock. It counts only where
// the first answer does not hold it too.
var throttleText = regexp.MustCompile(`(?i)too[ _-]?many|rate.?limit|slow down|try again (later|in)|temporarily (locked|blocked|disabled|suspended)|(account|user|you) (is|has been|have been|are) (temporarily )?(locked|blocked|suspended|banned)|throttl|error code: 101[0-9]` +
	`|(attempts|retries|requests|limit|quota) exceeded|exceeded (the |your )?(maximum|max|limit|number|allowed|rate|quota)|(account|user)[_-]?(is[_-])?locked|locked[ _-]out` +
	`|zu viele|trop de (tentatives|requ)|demasiad[ao]s|troppi tentativi|te veel|muitas tentativas|zbyt wiele`)

var captchaText = regexp.MustCompile(`(?i)captcha|cf-turnstile|challenge-platform`)

// answers tells answers apart by the first one.
type answers struct {
	control  probe.Exchange // what a single request gets
	marker   string
	usual    time.Duration   // how long an answer takes
	delaying bool            // the brake is a delay
	slowFrom time.Duration   // from where an answer counts as delayed by it
	learnt   *probe.Exchange // what is said while a right password is refused, in words that are not known; nil = nothing
}

// slow is the time from which a burst seems to be delayed.
func (a answers) slow() time.Duration { return max(5*a.usual, 150*time.Millisecond) }

func (a answers) judge(x probe.Exchange) (class, brake) {
	switch {
	case x.Status == 0:
		return lost, none
	case a.marker != "" && holds(x, a.marker):
		return held, byPage
	case x.Throttled(), x.Status == http.StatusLocked:
		return held, byStatus
	case x.Challenged():
		return held, byPage
	case a.learnt != nil && repeats(x, *a.learnt):
		return held, byText
	}
	if a.news(x, captchaText) {
		return held, byPage
	}
	if a.news(x, throttleText) {
		return held, byText
	}
	switch {
	case x.Status == http.StatusServiceUnavailable:
		return held, byAbsence // what limiters of nginx and ASP.NET answer; outage tells it from a failure
	case x.Status >= 500:
		return failed, none
	case a.delaying && x.Duration >= a.slowFrom:
		return held, byDelay
	case a.same(x):
		return processed, none
	case x.Status == http.StatusForbidden:
		return held, byRefusal
	}
	return odd, none
}

// news reports whether an answer holds a text that the control does not.
func (a answers) news(x probe.Exchange, text *regexp.Regexp) bool {
	return text.MatchString(evident(x)) && !text.MatchString(evident(a.control))
}

// likely reports whether an answer may be the control's, one token or count apart.
func (a answers) likely(x probe.Exchange) bool {
	return probe.Similarity(x.Body, a.control.Body) >= 0.7
}

// nginxPage is how nginx itself says 503: its limiters do, an application behind
// it that fails gets 502 or 504.
var nginxPage = regexp.MustCompile(`<center><h1>503 [^<]*</h1></center>\s*<hr><center>(nginx|openresty)`)

// evident is the part of an answer that a text is looked for in.
func evident(x probe.Exchange) string {
	body := x.Body
	if len(body) > 16<<10 {
		body = body[:16<<10]
	}
	return string(body) + "\n" + x.Redirect
}

func holds(x probe.Exchange, marker string) bool {
	if bytes.Contains(x.Body, []byte(marker)) || strings.Contains(x.Redirect, marker) {
		return true
	}
	for _, values := range x.Header {
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, marker) }) {
			return true
		}
	}
	return false
}

// same reports whether an answer is of the control's kind: its status, and where
// it leads to.
func (a answers) same(x probe.Exchange) bool { return sameKind(x, a.control) }

func sameKind(x, y probe.Exchange) bool {
	return x.Status == y.Status && locationPath(x) == locationPath(y)
}

func locationPath(x probe.Exchange) string {
	u, err := url.Parse(x.Redirect)
	if err != nil {
		return x.Redirect
	}
	return u.Host + u.Path
}

// alike reports whether two bodies say the same, apart from what varies.
func alike(x, y probe.Exchange) bool { return probe.Similarity(x.Body, y.Body) >= 0.95 }

// repeats reports whether two answers say one and the same, and lead to one place.
func repeats(x, y probe.Exchange) bool {
	return x.Status == y.Status && x.Redirect == y.Redirect && alike(x, y)
}

// unusable says why the first answer shows that the endpoint does not process
// the request, so that nothing can be learnt from more of them.
func unusable(x probe.Exchange, e Endpoint) string {
	switch status := x.Status; {
	case status == 0:
		return "the endpoint does not answer: " + x.Detail
	case x.Challenged():
		return "the edge stops a single request already: exempt this machine from its challenge"
	case x.Throttled():
		return "a single request is throttled already, before the test: this machine is blocked for another reason"
	case e.Marker != "" && holds(x, e.Marker):
		return "the first answer holds throttle_marker already"
	case status >= 500:
		return "the endpoint fails at a single request"
	case status == 404 || status == 410:
		return "the endpoint does not exist at this address"
	case status == 405 || status == 501:
		return "the endpoint does not take this method"
	case status == 411 || status == 413 || status == 414 || status == 415 || status == 421 || status == 426 || status == 431:
		return "the endpoint does not take this request: check body and content type"
	case status == 403, status == 401 && e.Kind != Login && e.Kind != Code:
		return "the endpoint refuses a single request without looking at it: check the identity, the CSRF token and the content type"
	case status == 301 || status == 307 || status == 308:
		return "the endpoint is somewhere else: write the address that it redirects to"
	case status == 419, status >= 400 && forgery.MatchString(evident(x)):
		return "the endpoint refuses a single request for want of a CSRF token: test one that needs none, such as that of the API"
	case status >= 400 && len(x.Body) <= 1<<10 && captchaText.Match(x.Body):
		return "the endpoint asks for a CAPTCHA at a single request: exempt this machine from it"
	case x.Redirect != "" && signInPage(x.Redirect) && pathOf(x.Redirect) != pathOf(e.URL) && (e.Kind != Login || returns(x.Redirect, e)):
		return "the endpoint sends a single request to the sign-in page: name an identity"
	}
	return ""
}

// forgery is how frameworks say that a CSRF token is missing. A form that is
// shown again may speak of one too, so that the word alone is no sign.
var forgery = regexp.MustCompile(`(?i)(csrf|xsrf|authenticity|anti-?forgery)[ _-]?token (is |was )?(mismatch|missing|invalid|failed|not)|(invalid|missing|verify|bad|wrong) (the )?(csrf|xsrf|authenticity|anti-?forgery)|csrf (verification )?(failed|error)|InvalidAuthenticityToken|change you wanted was rejected|page expired`)

// returns reports whether a redirect names the endpoint as the place to come
// back to: that is a wall before it, not its own answer to a wrong password.
func returns(address string, e Endpoint) bool {
	u, err := url.Parse(address)
	if err != nil {
		return true
	}
	for _, values := range u.Query() {
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, pathOf(e.URL)) }) {
			return true
		}
	}
	return false
}

var signInPath = regexp.MustCompile(`(?i)log-?in|sign-?in|/auth|/sso`)

func signInPage(address string) bool { return signInPath.MatchString(pathOf(address)) }
