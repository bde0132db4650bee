package cloudflare

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

const (
	maxTries       = 4               // of a request that failed on the way or in the server
	maxLimitTries  = 12              // of a request that was answered 429
	firstBackoff   = time.Second / 2 // doubled each try, full jitter
	maxBackoff     = 8 * time.Second
	attemptTimeout = 90 * time.Second // a list of 5,000 records takes a while
	maxBody        = 64 << 20         // bytes; 5,000 records are about 4 MB
)

// transport sends the SDK's requests: under the limiter, with retries that fit
// the method, whole bodies, and one log line an attempt.
//
//	                                 GET PUT DELETE   POST PATCH
//	failed before a byte was sent    retried          retried
//	connection lost after that       retried          not: the caller reads back
//	429                              after the wait   after the wait: it was not executed
//	5xx, or no API answer with 2xx   retried          not: the caller reads back
//	other 4xx                        not              not
type transport struct {
	base     http.RoundTripper
	limiter  *limiter
	clock    *clock
	random   func() float64
	redactor redactor
	log      func(ctx context.Context, msg string, fields map[string]any)
	changed  func()
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	writes := t.changed != nil && req.Method != http.MethodGet
	if writes {
		defer t.changed()
	}
	ctx := req.Context()
	seen, _ := ctx.Value(sentKey{}).(*atomic.Bool)
	idempotent := req.Method != http.MethodPost && req.Method != http.MethodPatch
	var limited time.Duration
	limitTries := 0
	for try, attempt := 1, 1; ; attempt++ {
		if err := t.limiter.acquire(ctx); err != nil {
			return nil, err
		}
		if writes { // this process may not live to say it afterwards
			t.changed()
		}
		resp, sent, err := t.once(req, attempt)
		t.limiter.release()
		if sent && seen != nil {
			seen.Store(true)
		}
		if err != nil && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil && resp.StatusCode == http.StatusTooManyRequests {
			wait := t.freeze(resp)
			limited += wait
			limitTries++
			if limited > maxWait || limitTries >= maxLimitTries {
				return resp, nil
			}
			continue
		}
		failed := err != nil || serverFailed(req.Method, resp)
		again := failed && try < maxTries && (idempotent || (err != nil && !sent))
		wait := t.backoff(try, resp)
		if deadline, ok := ctx.Deadline(); ok && t.clock.now().Add(wait).After(deadline) {
			again = false
		}
		switch {
		case !again && err != nil:
			return nil, err
		case !again:
			return resp, nil
		}
		try++
		if err := t.clock.sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// freeze stops all requests for as long as a 429 asks.
func (t *transport) freeze(resp *http.Response) time.Duration {
	now := t.clock.now()
	wait, ok := retryAfter(resp.Header, now)
	if !ok {
		wait = defaultRetryAfter
	}
	wait = max(wait, time.Second) // "0" would make a busy loop
	t.limiter.freeze(now.Add(wait))
	return wait
}

// serverFailed reports an answer that says nothing about the request: a server
// error, or a success that is no API answer.
func serverFailed(method string, resp *http.Response) bool {
	if retryableStatus(resp.StatusCode) {
		return true
	}
	body, ok := resp.Body.(*wholeBody)
	if resp.StatusCode >= 300 || !ok {
		return false
	}
	if method == http.MethodDelete && len(bytes.TrimSpace(body.bytes)) == 0 {
		return false
	}
	return !complete(body.bytes)
}

func retryableStatus(status int) bool {
	return slices.Contains([]int{500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 530}, status)
}

// backoff doubles from firstBackoff to maxBackoff with full jitter, so that
// requests that failed together do not come back together. Retry-After wins.
func (t *transport) backoff(try int, resp *http.Response) time.Duration {
	if resp != nil {
		if wait, ok := retryAfter(resp.Header, t.clock.now()); ok && wait <= maxWait {
			return wait
		}
	}
	return time.Duration(t.random() * float64(min(firstBackoff<<(try-1), maxBackoff)))
}

// wholeBody is a body that has been read.
type wholeBody struct {
	*bytes.Reader
	bytes []byte
}

func (*wholeBody) Close() error { return nil }

// once makes one attempt and reads the whole answer, so that a body cut short
// counts as a lost answer. sent reports whether the server may have seen the request.
func (t *transport) once(original *http.Request, attempt int) (resp *http.Response, sent bool, err error) {
	ctx, cancel := context.WithTimeout(original.Context(), attemptTimeout)
	defer cancel()
	var wrote atomic.Bool // set by a goroutine of net/http
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})
	req := original.Clone(ctx)
	for name := range req.Header {
		if strings.HasPrefix(name, "X-Stainless-") { // the SDK's telemetry on OS and runtime
			req.Header.Del(name)
		}
	}
	if original.GetBody != nil {
		if req.Body, err = original.GetBody(); err != nil {
			return nil, false, err
		}
	}
	began := t.clock.now()
	resp, err = t.base.RoundTrip(req)
	var body []byte
	if err == nil {
		wrote.Store(true)
		t.limiter.observe(resp.Header)
		body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
		_ = resp.Body.Close() // nothing is left to lose
		if err == nil && len(body) > maxBody {
			err = fmt.Errorf("answer of more than %d bytes", maxBody)
		}
		resp.Body = &wholeBody{bytes.NewReader(body), body}
	}
	t.report(original, resp, err, attempt, len(body), t.clock.now().Sub(began))
	if err != nil {
		return nil, wrote.Load(), err
	}
	return resp, true, nil
}

func (t *transport) report(req *http.Request, resp *http.Response, err error, attempt, size int, took time.Duration) {
	if t.log == nil {
		return
	}
	fields := map[string]any{
		"method": req.Method, "path": t.redactor.text(req.URL.Path), "attempt": attempt, "duration_ms": took.Milliseconds(),
	}
	if req.URL.RawQuery != "" {
		fields["query"] = t.redactor.text(req.URL.RawQuery)
	}
	if err != nil {
		fields["error"] = t.redactor.text(err.Error())
	}
	if resp != nil {
		fields["status"], fields["bytes"] = resp.StatusCode, size
		for field, header := range map[string]string{"cf_ray": "Cf-Ray", "ratelimit": "Ratelimit", "retry_after": "Retry-After"} {
			if value := resp.Header.Get(header); value != "" {
				fields[field] = t.redactor.text(value)
			}
		}
	}
	t.log(req.Context(), "Cloudflare API request", fields)
}

// Uncertain reports whether a failure leaves open if Cloudflare did what it was asked.
func Uncertain(err error) bool { return uncertain(err) }

func uncertain(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.uncertain
}
