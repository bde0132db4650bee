package obscheck

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/check"
)

// newMark makes the word that a drill is known by.
func newMark() string {
	b := make([]byte, 4)
	_, _ = rand.Read(b) // never fails
	return "lr-" + hex.EncodeToString(b)
}

// newPassword makes a password that nobody has. Its first characters are as
// random as the rest: a part of it in a log is found too.
func newPassword() string { return rand.Text()[:20] + "a7" }

func hostOf(raw string) string {
	u, err := url.Parse(plainAddress(raw))
	if err != nil {
		return ""
	}
	return check.CanonicalHost(u.Hostname())
}

func pathOf(raw string) string {
	u, err := url.Parse(plainAddress(raw))
	switch {
	case err != nil:
		return ""
	case u.Path == "":
		return "/"
	}
	return u.Path
}

func plainAddress(raw string) string {
	return strings.NewReplacer(MarkWord, "mark", PasswordWord, "password").Replace(raw)
}

// monitoredHost is the host of an entry of MonitoredHosts, which may be an address.
func monitoredHost(entry string) string {
	if strings.Contains(entry, "://") {
		return hostOf(entry)
	}
	return check.CanonicalHost(entry)
}

// uses reports whether a word stands anywhere in the request.
func (r Request) uses(word string) bool {
	if strings.Contains(r.URL, word) || strings.Contains(r.Body, word) {
		return true
	}
	for _, values := range r.Header {
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, word) }) {
			return true
		}
	}
	return false
}

// joined are the headers of both; those of the second win.
func joined(a, b http.Header) http.Header {
	out := http.Header{}
	for _, h := range []http.Header{a, b} {
		for name, values := range h {
			out[http.CanonicalHeaderKey(name)] = slices.Clone(values)
		}
	}
	return out
}
