package monitor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Access is how the API of a service is reached. Only Token is required.
type Access struct {
	Token     string
	BaseURL   string // with its version path; the service's own if empty
	UserAgent string
	// Log receives one debug line a request and is never given a secret; nil for none.
	Log func(ctx context.Context, message string, fields map[string]any)
	// Patience is the longest wait for a rate limit to pass, and the longest that a
	// service with a fault may ask for; default 75 s, since they count by the minute.
	Patience time.Duration
	// Pause is how long the first repetition of a failed call waits; default 500 ms.
	Pause time.Duration
}

// CheckBaseURL says what is wrong with the address of an API, or nil. It does not
// repeat the address, which may hold a secret in the wrong place.
func CheckBaseURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return errors.New("the address cannot be parsed")
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "":
		return errors.New("it should be an absolute https URL")
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return errors.New("it should have no user, query or fragment")
	}
	return nil
}

const (
	attempts    = 3 // of a call that failed
	maxAnswer   = 8 << 20
	callTimeout = 30 * time.Second
)

// rest speaks JSON to one service.
type rest struct {
	backend string
	access  Access
	// explain reads the service's own form of an error; field is its word for
	// what it refuses, or empty.
	explain func(body []byte) (message, field string)
	fields  map[string]string // the service's words to those of the configuration
}

func newRest(backend, defaultURL string, a Access) rest {
	if a.BaseURL == "" {
		a.BaseURL = defaultURL
	}
	a.BaseURL = strings.TrimRight(a.BaseURL, "/")
	if a.Patience == 0 {
		a.Patience = 75 * time.Second
	}
	if a.Pause == 0 {
		a.Pause = 500 * time.Millisecond
	}
	return rest{backend: backend, access: a}
}

// call makes one call. in, unless nil, is sent as JSON; into, unless nil, receives
// the answer. A failure is an *Error.
func (r rest) call(ctx context.Context, operation, method, path string, in, into any) error {
	fail := &Error{Backend: r.backend, Operation: operation}
	var body any
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			fail.Message = "encode the request: " + err.Error()
			return fail
		}
		body = encoded
	}
	sent := false
	req, err := retryablehttp.NewRequestWithContext(ctx, method, r.access.BaseURL+path, body)
	if err != nil {
		fail.Message = "the address of the call is malformed"
		return fail
	}
	req.Header.Set("Authorization", "Bearer "+r.access.Token)
	req.Header.Set("Accept", "application/json")
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.access.UserAgent != "" {
		req.Header.Set("User-Agent", r.access.UserAgent)
	}
	began := time.Now()
	deadline := began.Add(r.access.Patience)
	client := retryablehttp.Client{
		HTTPClient: &http.Client{
			Timeout: callTimeout,
			// These APIs do not redirect; following one could carry the token elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax: 12, RetryWaitMin: r.access.Pause, RetryWaitMax: 5 * time.Second,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
		Backoff:      backoff,
	}
	failures := 0
	client.CheckRetry = func(ctx context.Context, resp *http.Response, err error) (bool, error) {
		r.log(ctx, method, path, resp, err)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		wait := backoff(client.RetryWaitMin, client.RetryWaitMax, failures, resp)
		if err != nil || resp.StatusCode >= http.StatusInternalServerError {
			// A POST that failed may have been carried out: it is not sent twice.
			failures++
			sent = sent || method == http.MethodPost
			return method != http.MethodPost && failures < attempts && wait <= r.access.Patience, nil
		}
		// What a rate limit refuses was not carried out.
		return resp.StatusCode == http.StatusTooManyRequests && time.Now().Add(wait).Before(deadline), nil
	}
	resp, err := client.Do(req)
	fail.Uncertain = sent
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		fail.Message, fail.cause = r.redact("no answer: "+err.Error()), err
		return fail
	}
	defer resp.Body.Close()
	return r.read(resp, fail, into)
}

// read judges an answer.
func (r rest) read(resp *http.Response, fail *Error, into any) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	fail.Status = resp.StatusCode
	writes := resp.Request.Method != http.MethodGet
	switch {
	case err != nil:
		fail.Message, fail.Uncertain = "the answer was cut short", writes
		return fail
	case len(body) > maxAnswer:
		fail.Message, fail.Uncertain = fmt.Sprintf("an answer of more than %d bytes", maxAnswer), writes
		return fail
	}
	text := bytes.TrimSpace(body)
	fail.HTML = strings.Contains(resp.Header.Get("Content-Type"), "html") || bytes.HasPrefix(text, []byte("<"))
	fail.RetryIn, _ = retryAfter(resp)
	switch {
	case fail.HTML:
		fail.Message = "a web page instead of an answer of the API"
		return fail
	case resp.StatusCode >= 300:
		message, field := r.explain(text)
		if message == "" {
			message = strings.ToLower(http.StatusText(resp.StatusCode))
		}
		fail.Message, fail.Field = r.redact(message), r.fields[field]
		return fail
	case into == nil:
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		fail.Message, fail.Uncertain = "a success whose answer cannot be read", writes
		return fail
	}
	return nil
}

// backoff waits as long as the service asks, or doubles.
func backoff(least, most time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if wait, ok := retryAfter(resp); ok {
			return wait
		}
	}
	return min(least<<attempt, most)
}

// retryAfter reads how long to wait: Retry-After in seconds, or UptimeRobot's
// X-RateLimit-Reset, a time in seconds since 1970.
func retryAfter(resp *http.Response) (time.Duration, bool) {
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s >= 0 {
		return time.Duration(s) * time.Second, true
	}
	if resp.StatusCode != http.StatusTooManyRequests {
		return 0, false
	}
	if at, err := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		if wait := time.Until(time.Unix(at, 0)); wait > 0 && wait < time.Hour {
			return wait.Round(time.Second) + time.Second, true
		}
	}
	return 0, false
}

func (r rest) redact(s string) string {
	if len(r.access.Token) < 6 {
		return s
	}
	return strings.ReplaceAll(s, r.access.Token, "[redacted]")
}

func (r rest) log(ctx context.Context, method, path string, resp *http.Response, err error) {
	if r.access.Log == nil {
		return
	}
	fields := map[string]any{"backend": r.backend, "method": method, "path": path}
	if resp != nil {
		fields["status"] = resp.StatusCode
	}
	if err != nil {
		fields["error"] = r.redact(err.Error())
	}
	r.access.Log(ctx, "Monitoring API request", fields)
}
