package edgecheck

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// drawnLength is from how many characters on a cookie may be one of a session.
const drawnLength = 8

// momentsLetters are those that times are written with: when somebody came is no
// session.
const momentsLetters = "0123456789-+:.TZ%/"

// judgeCookies looks whether a cache hands one visitor's cookie to the next: then
// all of them are in one session. Nothing is said where it does not. x is the
// first answer of a public address.
func (h *hostCheck) judgeCookies(ctx context.Context, u *url.URL, subject string, x probe.Exchange) {
	first := cookiesOf(x)
	if len(first) == 0 || !succeeded(x) {
		return
	}
	// Two visitors whom no cache can serve come in between, so that a cookie that
	// holds the time is not the same in the end.
	addresses := []string{busted(u), busted(u)}
	one, two := h.get(ctx, addresses[0]), h.get(ctx, addresses[1])
	last := h.get(ctx, u.String())
	a, b, again := cookiesOf(one), cookiesOf(two), cookiesOf(last)
	var shared []string
	for name, value := range first {
		if mentions(a[name], addresses[0]) || mentions(b[name], addresses[1]) {
			continue // it says where somebody was, and so is the same at one address
		}
		drawn := a[name] != "" && b[name] != "" && a[name] != b[name] && a[name] != value && b[name] != value
		if _, kept := stored(last); kept && !drawn {
			_, unkeyed := stored(two) // the cache has but one answer, whatever the query is
			drawn = unkeyed && looksDrawn(value)
		}
		if drawn && again[name] == value && len(value) >= drawnLength && strings.Trim(value, momentsLetters) != "" {
			shared = append(shared, name)
		}
	}
	if len(shared) == 0 {
		return
	}
	slices.Sort(shared)
	h.report.FailAs(rulePrivateCached, subject, "", "a cache gives every visitor the same cookie, which the site draws for each: "+shorten(strings.Join(shared, ", ")),
		"Send no Set-Cookie with what caches may keep, or Cache-Control: private with what sets one; and let no cache rule override it (launchready_zone_cache).")
}

// cookiesOf are the cookies that an answer of the site sets, but for those that the
// edge itself puts into answers, kept ones too.
func cookiesOf(x probe.Exchange) map[string]string {
	out := map[string]string{}
	for _, c := range (&http.Response{Header: x.Header}).Cookies() {
		if c.Value != "" && c.MaxAge >= 0 && !strings.HasPrefix(c.Name, "__cf") && !strings.HasPrefix(c.Name, "_cf") && !strings.HasPrefix(c.Name, "cf_") {
			out[c.Name] = c.Value
		}
	}
	return out
}

// looksDrawn reports whether a value is none that people write.
func looksDrawn(value string) bool {
	return len(value) >= 2*drawnLength && strings.ContainsFunc(value, unicode.IsDigit) && strings.ContainsFunc(value, unicode.IsLetter)
}

// mentions reports whether a cookie holds the query of the address that set it.
func mentions(cookie, address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	plain, err := url.QueryUnescape(cookie)
	if err != nil {
		plain = cookie
	}
	decoded, _ := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(plain), "="))
	for _, values := range u.Query() {
		for _, value := range values {
			if len(value) >= drawnLength && (strings.Contains(plain, value) || strings.Contains(string(decoded), value)) {
				return true
			}
		}
	}
	return false
}
