package cloudflare

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ratePolicy is how many requests a window of time takes. A quota of 0 means unknown.
type ratePolicy struct {
	quota  int
	window time.Duration
}

// rateLeft is what is left of the current window.
type rateLeft struct {
	known     bool
	remaining int
	reset     time.Duration
}

// rateLimits reads what an answer says about limits, from
//
//	Ratelimit-Policy: "default";q=1200;w=300
//	Ratelimit: "default";r=50;t=30
//
// (draft-ietf-httpapi-ratelimit-headers) or the older X-RateLimit-* fields. Of
// several it takes the tightest. What it cannot read it takes for absent.
func rateLimits(h http.Header, now time.Time) (ratePolicy, rateLeft) {
	var policy ratePolicy
	for _, p := range rateItems(h.Values("Ratelimit-Policy")) {
		q, w := p["q"], time.Duration(p["w"])*time.Second
		if q <= 0 || w <= 0 {
			continue
		}
		// Compare q/w without division.
		if policy.quota == 0 || float64(q)*policy.window.Seconds() < float64(policy.quota)*w.Seconds() {
			policy = ratePolicy{q, w}
		}
	}
	var left rateLeft
	for _, p := range rateItems(h.Values("Ratelimit")) {
		r, hasR := p["r"]
		t, hasT := p["t"]
		if hasR && hasT && (!left.known || r < left.remaining) {
			left = rateLeft{true, r, time.Duration(t) * time.Second}
		}
	}
	if left.known {
		return policy, left
	}
	remaining, err := wholeNumber(h.Get("X-RateLimit-Remaining"))
	reset, resetErr := wholeNumber(h.Get("X-RateLimit-Reset"))
	if err == nil && resetErr == nil {
		left = rateLeft{true, remaining, resetIn(reset, now)}
	}
	return policy, left
}

// resetIn takes a number of seconds or a Unix time: servers differ.
func resetIn(n int, now time.Time) time.Duration {
	const aMonth = 31 * 24 * 3600
	if n > aMonth {
		return max(0, time.Unix(int64(n), 0).Sub(now))
	}
	return time.Duration(n) * time.Second
}

// rateItems reads the whole-number parameters of each item of a structured list
// (RFC 9651). Other parameters are skipped.
func rateItems(values []string) []map[string]int {
	var out []map[string]int
	for _, item := range splitUnquoted(strings.Join(values, ","), ',') {
		params := map[string]int{}
		for _, part := range splitUnquoted(item, ';') {
			key, value, ok := strings.Cut(part, "=")
			if n, err := wholeNumber(value); ok && err == nil {
				params[strings.ToLower(strings.TrimSpace(key))] = n
			}
		}
		if len(params) > 0 {
			out = append(out, params)
		}
	}
	return out
}

// wholeNumber reads a number of up to 31 bits: enough for counts, seconds and
// Unix times, and small enough that durations made of it do not overflow.
func wholeNumber(s string) (int, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31)
	return int(n), err
}

// splitUnquoted splits at a separator outside double quotes.
func splitUnquoted(s string, sep byte) []string {
	var out []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

// retryAfter reads Retry-After (RFC 9110, section 10.2.3): seconds or a date.
// ok is false if there is none that can be read.
func retryAfter(h http.Header, now time.Time) (wait time.Duration, ok bool) {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := wholeNumber(value); err == nil {
		return time.Duration(n) * time.Second, true
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now)), true
	}
	return 0, false
}
