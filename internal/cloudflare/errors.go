package cloudflare

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Error is a call that did not succeed: refused, failed, or not answered.
type Error struct {
	Operation string   // what was tried, such as "create DNS record"
	Method    string   // of HTTP
	Path      string   // below the base URL
	Status    int      // of HTTP; 0 if there was no answer
	Code      int      // Cloudflare's, of the root cause; 0 if there was none
	Message   string   // Cloudflare's, of the root cause; or what went wrong on the way
	Chain     []Detail // all that Cloudflare said, each cause after what it caused
	RayID     string   // the cf-ray header, which Cloudflare's support asks for

	Permission string    // of the token that is missing, when that is likely
	Zone       string    // name of the zone, when known
	Plan       string    // the zone's plan, when it is known and likely the reason
	RecordID   string    // the record in the way, when known
	Rule       string    // ref of the rule that Cloudflare points at, when known
	RetryAt    time.Time // when the rate limit lets requests through again, or zero
	Retryable  bool      // whether the same call may succeed later

	uncertain bool // whether the call may have been carried out all the same
	html      bool // whether the answer was a page for people
	cause     error
}

// Error says what was tried and what Cloudflare answered, in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Operation + ": ")
	switch {
	case e.Status == 0, e.cause != nil:
		b.WriteString(e.Message)
	default:
		fmt.Fprintf(&b, "Cloudflare answered %d: %s", e.Status, e.Message)

		if e.Code != 0 {
			fmt.Fprintf(&b, " (code %d)", e.Code)
		}
		for _, d := range e.Chain {
			if d.Code != e.Code || d.Message != e.Message {
				fmt.Fprintf(&b, "; %s", d.Message)
				if d.Code != 0 {
					fmt.Fprintf(&b, " (code %d)", d.Code)
				}
			}
		}
	}
	fmt.Fprintf(&b, " [%s %s", e.Method, e.Path)
	if e.RayID != "" {
		b.WriteString(", cf-ray " + e.RayID)
	}
	b.WriteString("]")
	return b.String()
}

// Unwrap gives the cause of a call that was not answered, such as context.Canceled.
func (e *Error) Unwrap() error { return e.cause }

// NotFound reports whether the object of the call is not there, or not visible.
func (e *Error) NotFound() bool { return e.Status == http.StatusNotFound || e.has(codeRecordNotFound) }

// has reports whether one of the codes is anywhere in the answer.
func (e *Error) has(codes ...int) bool {
	return slices.Contains(codes, e.Code) || slices.ContainsFunc(e.Chain, func(d Detail) bool { return slices.Contains(codes, d.Code) })
}

// says reports whether a message contains a text, whatever the case.
func (e *Error) says(text string) bool {
	contains := func(s string) bool { return strings.Contains(strings.ToLower(s), text) }
	return contains(e.Message) || slices.ContainsFunc(e.Chain, func(d Detail) bool { return contains(d.Message) })
}

// NotFoundError says that no zone of a name or id can be seen.
type NotFoundError struct{ Name string }

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("zone %s is not there or not visible to the token. Check the name; "+
		"if the zone exists, add it to the token's zone resources and give the token Zone Read.", e.Name)
}

// AmbiguousZoneError says that several accounts hold a zone of one name.
type AmbiguousZoneError struct {
	Name       string
	Candidates []Zone
}

func (e *AmbiguousZoneError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d zones are named %s, and which one is meant cannot be told. Name the zone by its id:", len(e.Candidates), e.Name)
	for _, z := range e.Candidates {
		fmt.Fprintf(&b, "\n  %s  account %s, status %s", z.ID, z.AccountID, z.Status)
	}
	return b.String()
}

// failure makes an Error of a call that was not answered.
// sent tells whether the server may have seen it.
func (c *Client) failure(op operation, err error, sent bool) *Error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the address, which the error gives anyway
	}
	e := &Error{Operation: op.name, Method: op.method, Path: op.path, Message: c.redactor.text(err.Error()), cause: err, Retryable: true}
	var limited *limitError
	var input *inputError
	switch {
	case errors.As(err, &input):
		e.Retryable = false
	case errors.As(err, &limited):
		e.Status, e.RetryAt, e.Message = http.StatusTooManyRequests, limited.retryAt, limited.Error()
	case sent && op.writes():
		e.uncertain = true
		e.Message = "the answer was lost: " + e.Message
	}
	return e
}

// refusal makes an Error of an answer that is not a success.
func (c *Client) refusal(op operation, resp *http.Response, body []byte) *Error {
	e := &Error{Operation: op.name, Method: op.method, Path: op.path, Status: resp.StatusCode, RayID: c.redactor.text(resp.Header.Get("Cf-Ray"))}
	env, err := parseEnvelope(body)
	if err == nil || complete(body) {
		root := rootCause(env.Errors)
		e.Code, e.Message, e.Chain = root.Code, c.redactor.text(root.Message), env.errors
		for i := range e.Chain {
			e.Chain[i].Message = c.redactor.text(e.Chain[i].Message)
		}
	}
	e.html = strings.Contains(resp.Header.Get("Content-Type"), "html")
	if e.Message == "" {
		e.Message = emptyMessage(resp.StatusCode, body, e.html)
	}
	e.uncertain = retryableStatus(e.Status) || (err != nil && e.Status < 300)
	e.Retryable = e.uncertain || e.Status == http.StatusTooManyRequests
	if e.Status == http.StatusTooManyRequests {
		e.RetryAt = c.limiter.frozenUntil()
	}
	if zone, ok := c.zoneCache.known(op.zoneID); ok {
		e.Zone = zone.Name
		if e.planForbids() {
			e.Plan = zone.Plan
		}
	}
	if e.lacksPermission() {
		e.Permission = op.permission
	}
	return e
}

// unreadable makes an Error of a success whose result has an unknown form.
func (c *Client) unreadable(op operation, resp *http.Response) *Error {
	e := c.refusal(op, resp, nil)
	e.Message = "a success whose result cannot be read"
	return e
}

func emptyMessage(status int, body []byte, html bool) string {
	switch {
	case html:
		return "a web page instead of an API answer"
	case len(body) == 0:
		return "nothing but the status"
	case status < 300 && !complete(body):
		return "a body that is cut short or no JSON"
	case status < 300:
		return "no success and no reason"
	}
	return strings.ToLower(http.StatusText(status))
}
