package probe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/net/idna"
)

// Reasons for which nobody can sign in, whatever the credentials are.
var (
	ErrNoSignIn      = errors.New("the portal does not say how to sign in")
	ErrNoCredentials = errors.New("the identity has neither username and password nor a token or headers")
)

// Reasons for which a sign-in failed; errors.Is tells them.
var (
	ErrRefused      = errors.New("the sign-in was refused")                    // by what a wrong password gets
	ErrLocked       = errors.New("the account is locked")                      // or disabled
	ErrThrottled    = errors.New("sign-ins are throttled")                     // for the time being
	ErrChanged      = errors.New("the sign-in is not what it is taken to be")  // its form, its path, its answer
	ErrSecondFactor = errors.New("the code of the second factor was refused")  // or none could be given
	ErrNoAnswer     = errors.New("whether one can sign in could not be tried") // the network, the edge, a broken portal
)

// signInError is a reason with words of its own.
type signInError struct {
	kind error
	text string
}

func (e *signInError) Error() string { return e.text }
func (e *signInError) Unwrap() error { return e.kind }

func because(kind error, format string, values ...any) error {
	return &signInError{kind, fmt.Sprintf(format, values...)}
}

// refused says why an answer is no sign-in; nil if it may be one.
func refused(x Exchange) error {
	switch {
	case x.Failure == FailRedirects:
		return because(ErrNoAnswer, "%s", x.Detail)
	case x.Status == 0:
		return because(ErrNoAnswer, "no answer: %s", x.Detail)
	case x.Challenged():
		return because(ErrNoAnswer, "the edge answers in place of the portal: exempt this machine from its challenge")
	case x.Throttled():
		return because(ErrThrottled, "sign-ins are throttled: try again later")
	case x.Status == http.StatusLocked:
		return because(ErrLocked, "the account is locked: the portal answered 423")
	case (x.Status >= 400 && x.Status < 500 || x.SaysError()) && lockWords().Match(visible(x.Body)):
		return because(ErrLocked, "the account is locked or disabled: the portal says so with %d", x.Status)
	case x.Status == 419 || x.Status == http.StatusForbidden && csrfWords().Match(visible(x.Body)):
		return because(ErrChanged, "the portal answered %d: it wants a CSRF token with the sign-in; name its field in portal.sign_in.csrf, or where it comes from in portal.csrf", x.Status)
	case x.Status == http.StatusUnauthorized, x.Status == http.StatusForbidden, x.Status == http.StatusBadRequest, x.Status == http.StatusUnprocessableEntity:
		return because(ErrRefused, "the sign-in was refused with %d: the user name or the password is wrong, or the portal expects other fields", x.Status)
	case x.Status == http.StatusNotFound, x.Status == http.StatusMethodNotAllowed, x.Status == http.StatusGone:
		return because(ErrChanged, "the portal answered %d: portal.sign_in.path is not where one signs in", x.Status)
	case x.Status >= 500:
		return because(ErrNoAnswer, "the portal answered %d", x.Status)
	case x.Status >= 400:
		return because(ErrRefused, "the portal answered %d", x.Status)
	case x.SaysError():
		return because(ErrRefused, "the sign-in was refused: the portal answered %d with an error", x.Status)
	}
	return nil
}

// lockWords finds what portals say of accounts that nobody may sign in to.
var lockWords = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(account|user|profile|login)\b[^.<>]{0,40}\b(locked|disabled|suspended|blocked|deactivated|inactive|frozen)\b|\blocked[ _-]?out\b|account[_-](locked|disabled|suspended)|too many (failed|invalid|unsuccessful|login|log-in|sign-?in)`)
})

var csrfWords = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)csrf|xsrf|authenticity.?token|request.?verification|page expired`)
})

// visible is how much of a body is searched for words.
func visible(body []byte) []byte { return body[:min(len(body), 64<<10)] }

// SaysError reports whether an answer of 2xx is an error in the body's words:
// JSON whose status, code or error says so (and RFC 9457), or GraphQL's errors
// without data.
func (x Exchange) SaysError() bool {
	if x.Status < 200 || x.Status > 299 {
		return false
	}
	body := bytes.TrimSpace(x.Body)
	if len(body) == 0 || body[0] != '{' {
		return false
	}
	var said map[string]json.RawMessage
	if json.Unmarshal(body, &said) != nil {
		return false
	}
	for name, raw := range said {
		value := strings.ToLower(strings.Trim(string(raw), `" `))
		empty := value == "" || value == "null" || value == "false" || value == "[]" || value == "{}" || value == "0"
		switch strings.ToLower(name) {
		case "error", "errors", "error_code", "errorcode":
			if data := strings.TrimSpace(string(said["data"])); !empty && (data == "" || data == "null" || data == "{}" || data == "[]") {
				return true
			}
		case "success", "ok", "succeeded", "authenticated", "isauthenticated", "loggedin", "logged_in":
			if value == "false" || value == "0" {
				return true
			}
		case "status", "code", "statuscode", "status_code":
			switch value {
			case "error", "fail", "failed", "failure", "unauthorized", "unauthenticated", "forbidden", "denied", "not_found":
				return true
			}
			if len(value) == 3 && (value[0] == '4' || value[0] == '5') && isDigits(value) {
				return true
			}
		}
	}
	return false
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

func isElsewhere(from *url.URL, target string) bool {
	to, err := url.Parse(target)
	if err != nil {
		return true
	}
	a, _ := idna.Lookup.ToASCII(from.Hostname())
	b, _ := idna.Lookup.ToASCII(to.Hostname())
	return a != b || from.Scheme == "https" && to.Scheme != "https" || portOf(from.Scheme, from.Port()) != portOf(to.Scheme, to.Port())
}
