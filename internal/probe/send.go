package probe

import (
	"context"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const maxRetries = 2

// send makes one request. cancel ends the time that its answer, body included, may take.
func (f *fetch) send(ctx context.Context) (*http.Response, context.CancelFunc, error) {
	ctx, cancel := context.WithTimeout(f.watched(ctx), f.client.config.Timeout)
	var body any
	if len(f.body) > 0 {
		body = f.body
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, f.method, f.url.String(), body)
	if err != nil {
		return nil, cancel, err
	}
	req.Header = f.header.Clone()
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	setDefault(req.Header, "User-Agent", f.client.config.UserAgent)
	setDefault(req.Header, "Accept", "*/*")
	setDefault(req.Header, "Accept-Encoding", "gzip")
	for _, cookie := range f.jar.Cookies(f.url) {
		req.AddCookie(cookie)
	}
	sender := retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     limited{f.transport, f.hostLimit(), &f.waited},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryWaitMin: 100 * time.Millisecond, RetryWaitMax: 400 * time.Millisecond,
		CheckRetry: f.shouldRetry, Backoff: retryablehttp.LinearJitterBackoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	if f.req.Retry {
		sender.RetryMax = maxRetries
	}
	f.last = nil
	resp, err := sender.Do(req)
	if err != nil && f.last != nil {
		err = f.last // time that ran out between two attempts says nothing
	}
	return resp, cancel, err
}

// limited is a transport whose every attempt, retries too, waits for the host's rate.
type limited struct {
	http.RoundTripper
	limit  *hostLimit
	waited *time.Duration // grows by that wait
}

func (l limited) RoundTrip(req *http.Request) (*http.Response, error) {
	began := time.Now()
	err := l.limit.wait(req.Context())
	*l.waited += time.Since(began)
	if err != nil {
		return nil, err
	}
	return l.RoundTripper.RoundTrip(req)
}

// shouldRetry retries what may pass by itself: the network's failures, never an answer.
func (f *fetch) shouldRetry(ctx context.Context, _ *http.Response, err error) (bool, error) {
	f.last = err
	if err == nil || ctx.Err() != nil {
		return false, err
	}
	switch kind, _ := f.failure(err); kind {
	case FailRefused, FailReset, FailTimeout:
		return true, nil
	default:
		return false, err
	}
}

func setDefault(h http.Header, name, value string) {
	if h.Get(name) == "" {
		h.Set(name, value)
	}
}
