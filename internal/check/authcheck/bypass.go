package authcheck

import (
	"net/http"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// bypass tries to get at what is protected without a session that was earned.
func (w *way) bypass() {
	paths := []string{}
	for _, path := range append([]string{w.actor.Portal.WhoAmI}, w.spec.ProtectedPaths...) {
		if path != "" && !contains(paths, path) {
			paths = append(paths, path)
		}
	}
	for _, path := range paths {
		t, why, public := w.study(path, w.session, w.marker(), w.actor.Identity.Username)
		switch {
		case public:
			w.none(ruleBypass, t.subject, why)
		case why != "":
			w.unclear(ruleBypass, t.subject, why)
		default:
			w.bypassAt(t)
		}
	}
}

// forged is a credential that nobody was given.
type forged struct {
	what   string // completes "the path lets in"
	header http.Header
}

func (w *way) bypassAt(t target) {
	if t.isOpen() {
		w.fail(ruleBypass, t.subject, "the path lets in who shows no credential at all")
		return
	}
	doubt, why := false, "an answer to a made-up credential can neither be taken for a refusal nor for a success: give a marker"
	for _, f := range w.forgeries() {
		x := w.look(t.url, f.header)
		switch t.judge(x) {
		case granted:
			w.fail(ruleBypass, t.subject, "the path lets in "+f.what)
			return
		case unclear:
			doubt = true
			if said := unusable(x); said != "" {
				why = "to a made-up credential: " + said
			}
		}
	}
	switch {
	case doubt:
		w.unclear(ruleBypass, t.subject, why)
	case t.judge(w.look(t.url, w.session.Header())) != granted:
		w.unclear(ruleBypass, t.subject, "the session did not live to the end of the test")
	default:
		w.pass(ruleBypass, t.subject, "the path lets the identity in, and neither strangers nor made-up credentials")
	}
}

func (w *way) forgeries() []forged {
	out := []forged{
		{"an empty bearer token", http.Header{"Authorization": {"Bearer"}}},
		{"any bearer token", http.Header{"Authorization": {"Bearer " + drawn() + drawn()}}},
	}
	for _, c := range w.credentials(w.session) {
		what := "a session token with one character changed"
		if c.cookie != "" {
			what = "a session cookie with one character changed"
			out = append(out, forged{"any session cookie", http.Header{"Cookie": {c.cookie + "=" + drawn() + drawn()}}})
		}
		for _, value := range alterations(c.value) {
			out = append(out, forged{what, w.with(c, value)})
		}
	}
	return out
}

// shortestPart is from which length on a part of a value is taken for a secret:
// shorter ones may say which server keeps the session, as Tomcat's .node1, and
// nobody need look at them.
const shortestPart = 16

// alterations are values with one character changed: one in each part that
// dots, colons and the like divide a value into, in the middle, where no bits
// are unused (RFC 4648 section 3.5).
func alterations(value string) []string {
	var out []string
	start := 0
	for i := 0; i <= len(value); i++ {
		if i < len(value) && !strings.ContainsRune(".:|~-", rune(value[i])) {
			continue
		}
		if i-start >= shortestPart {
			middle := start + (i-start)/2
			out = append(out, value[:middle]+string(other(value[middle]))+value[middle+1:])
		}
		start = i + 1
	}
	if len(out) == 0 && len(value) > 0 {
		middle := len(value) / 2
		return []string{value[:middle] + string(other(value[middle])) + value[middle+1:]}
	}
	const most = 5
	return out[:min(len(out), most)]
}

// other is another character of the same kind, far enough to change every bit
// that counts.
func other(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return '0' + (c-'0'+5)%10
	case c >= 'a' && c <= 'f':
		return 'a' + (c-'a'+3)%6
	case c >= 'a' && c <= 'z':
		return 'a' + (c-'a'+13)%26
	case c >= 'A' && c <= 'F':
		return 'A' + (c-'A'+3)%6
	case c >= 'A' && c <= 'Z':
		return 'A' + (c-'A'+13)%26
	}
	return 'x'
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

// holdsSecret reports whether a text shows a credential of a session.
func (w *way) holdsSecret(text string, s probe.Session) bool {
	for _, c := range w.credentials(s) {
		if len(c.value) >= 8 && strings.Contains(text, c.value) {
			return true
		}
	}
	return false
}
