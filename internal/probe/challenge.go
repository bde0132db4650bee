package probe

import (
	"bytes"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Challenged reports whether an edge answered in place of the site: a challenge
// or a block page. Nothing of such an answer is evidence about the site.
func (x Exchange) Challenged() bool {
	if strings.EqualFold(x.Header.Get("Cf-Mitigated"), "challenge") {
		return true
	}
	if x.Status != http.StatusForbidden && x.Status != http.StatusServiceUnavailable || !strings.EqualFold(x.Header.Get("Server"), "cloudflare") {
		return false
	}
	body := bytes.ToLower(x.Body)
	for _, mark := range []string{"<title>just a moment", "<title>attention required", "error code: 10"} {
		if bytes.Contains(body, []byte(mark)) {
			return true
		}
	}
	return edgeError().Match(body)
}

// edgeError finds Cloudflare's own errors 1000 to 1099 in a title, such as
// "1020: Access denied".
var edgeError = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`<title>[^<]*\b10[0-9]{2}\b|<title>access denied[^<]*cloudflare`)
})

// FromEdge reports whether Cloudflare answers in the origin's place, since it
// cannot reach it (520 to 530), or had no answer in time.
func (x Exchange) FromEdge() bool {
	if x.Status >= 520 && x.Status <= 530 {
		return true
	}
	return x.Status >= 502 && x.Status <= 504 && strings.EqualFold(x.Header.Get("Server"), "cloudflare") &&
		(bytes.HasPrefix(bytes.TrimSpace(x.Body), []byte("error code: 50")) || bytes.Contains(bytes.ToLower(x.Body), []byte("cf-error-details")))
}

// Throttled reports whether the answer says that there were too many requests:
// 429 (RFC 6585 section 4), or 503 with the time to come back (RFC 9110 section 10.2.3).
func (x Exchange) Throttled() bool {
	return x.Status == http.StatusTooManyRequests || x.Status == http.StatusServiceUnavailable && x.Header.Get("Retry-After") != ""
}

// RetryAfter returns how long the answer asks to stay away, at a given time:
// seconds or a date (RFC 9110 section 10.2.3). ok is false where it does not
// say so, or not so that it can be read.
func (x Exchange) RetryAfter(now time.Time) (wait time.Duration, ok bool) {
	text := strings.TrimSpace(x.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	return max(date.Sub(now), 0), true
}
