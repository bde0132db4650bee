package cloudflare

import (
	"regexp"
	"strings"
	"sync"
)

const redacted = "[redacted]"

// credentials matches Cloudflare's scannable credentials: global keys, user
// tokens and account tokens.
var credentials = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`cf(k|ut|at)_[A-Za-z0-9]{40,}`)
})

// redactor removes credentials from text that people see.
type redactor struct{ token string }

func newRedactor(token string) redactor { return redactor{token} }

func (r redactor) text(s string) string {
	if len(r.token) >= 6 { // shorter ones would garble every text
		s = strings.ReplaceAll(s, r.token, redacted)
	}
	if !strings.Contains(s, "cf") {
		return s
	}
	return credentials().ReplaceAllString(s, redacted)
}
