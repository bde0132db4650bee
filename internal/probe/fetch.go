package probe

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/net/publicsuffix"
)

const (
	maxRedirects   = 10
	maxRetries     = 2
	maxHeaderBytes = 256 << 10
	defaultMaxBody = 1 << 20
)

// Fetch implements Prober. Each call has connections and cookies of its own:
// what one probe sees owes nothing to another. Cookies that a server sets live
// from hop to hop, as in a browser, and are forgotten at the end.
func (c *Client) Fetch(ctx context.Context, req Request) Exchange {
	start := time.Now()
	var x Exchange
	if f, err := c.newFetch(req); err != nil {
		x.Failure, x.Detail = classify(err)
	} else {
		defer f.transport.CloseIdleConnections()
		f.run(ctx, &x)
		c.config.Log(ctx, "http request", map[string]any{
			"method": f.method, "host": f.url.Host, "path": f.url.Path, "status": x.Status, "hops": len(x.Hops), "failure": string(x.Failure),
		})
	}
	x.Duration = time.Since(start)
	return x
}

// fetch is one call of Fetch under way.
type fetch struct {
	client    *Client
	req       Request
	method    string
	url       *url.URL
	header    http.Header
	body      []byte
	firstHost string
	maxBody   int64
	transport *http.Transport
	jar       http.CookieJar
}

func (c *Client) newFetch(req Request) (*fetch, error) {
	u, err := parseURL(req.URL)
	if err != nil {
		return nil, err
	}
	if err := c.InScope(u.Hostname(), req.Intent); err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	if err != nil {
		return nil, err
	}
	f := &fetch{
		client: c, req: req, method: req.Method, url: u, header: req.Header.Clone(), body: req.Body,
		firstHost: u.Hostname(), maxBody: req.MaxBody, jar: jar,
	}
	if f.method == "" {
		f.method = http.MethodGet
	}
	if f.maxBody <= 0 {
		f.maxBody = defaultMaxBody
	}
	if f.header == nil {
		f.header = http.Header{}
	}
	f.transport = &http.Transport{
		DialContext:            f.dial,
		TLSClientConfig:        c.tlsConfig(req.TrustAnyCert),
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // decoded by readBody, under its own cap
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
	return f, nil
}

func (c *Client) tlsConfig(trustAny bool) *tls.Config {
	return &tls.Config{
		RootCAs: c.roots(), Time: c.config.Clock, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: trustAny, //nolint:gosec // asked for where the certificate's faults are another rule's business
	}
}

func (f *fetch) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, port, err := splitAddress(address)
	if err != nil {
		return nil, err
	}
	// The chosen address belongs to the first host, not to where it redirects.
	at := f.req.Address
	if host != f.firstHost {
		at = Request{}.Address
	}
	conn, _, err := f.client.dial(ctx, host, port, at)
	return conn, err
}

// run sends the request and follows redirects.
func (f *fetch) run(ctx context.Context, x *Exchange) {
	seen := map[string]bool{}
	for {
		seen[f.state()] = true
		if !f.hop(ctx, x) {
			return
		}
		if len(x.Hops) > maxRedirects {
			x.Failure, x.Detail = FailRedirects, "more than 10 redirects"
			return
		}
		if seen[f.state()] {
			x.Failure, x.Detail = FailRedirects, "the redirects form a loop"
			return
		}
	}
}

// state is what makes a request the same as an earlier one: a server that sets
// a cookie and sends the visitor back is no loop.
func (f *fetch) state() string {
	var b strings.Builder
	b.WriteString(f.method + " " + f.url.String())
	for _, cookie := range f.jar.Cookies(f.url) {
		b.WriteString(" " + cookie.String())
	}
	return b.String()
}

// hop makes one request and notes it. It returns true if another is to follow,
// to what f then holds.
func (f *fetch) hop(ctx context.Context, x *Exchange) (more bool) {
	limit := f.client.limit(f.url.Hostname())
	release, err := limit.acquire(ctx)
	if err != nil {
		x.Failure, x.Detail = classify(err)
		return false
	}
	defer release()
	resp, cancel, err := f.send(ctx)
	defer cancel()
	if err != nil {
		x.Failure, x.Detail = classify(err)
		return false
	}
	defer resp.Body.Close()
	f.jar.SetCookies(f.url, resp.Cookies())

	here := f.url.String()
	hop := Hop{URL: here, Status: resp.StatusCode, Header: resp.Header}
	target, isRedirect := redirectTarget(f.url, resp)
	if isRedirect {
		hop.Location = target.String()
	}
	x.Hops = append(x.Hops, hop)
	x.FinalURL, x.Status, x.Header = here, resp.StatusCode, resp.Header
	if isRedirect {
		if f.mayFollow(target) {
			f.follow(target, resp.StatusCode)
			return true
		}
		x.Redirect = target.String()
	}
	var readErr error
	x.Body, x.Truncated, readErr = readBody(resp, f.header.Get("Accept-Encoding") == "", f.maxBody)
	x.Failure, x.Detail = classify(readErr)
	return false
}

func (f *fetch) mayFollow(target *url.URL) bool {
	if !f.req.FollowRedirects {
		return false
	}
	u, err := parseURL(target.String())
	return err == nil && f.client.scope.mayFollow(f.firstHost, u.Hostname(), f.req.Intent)
}

// send makes one request. cancel ends the time that its answer, body included, may take.
func (f *fetch) send(ctx context.Context) (*http.Response, context.CancelFunc, error) {
	ctx, cancel := context.WithTimeout(ctx, f.client.config.Timeout)
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
			Transport:     limited{f.transport, f.client.limit(f.url.Hostname())},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryWaitMin: 100 * time.Millisecond, RetryWaitMax: time.Second,
		CheckRetry: shouldRetry, Backoff: retryablehttp.LinearJitterBackoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	if f.req.Retry {
		sender.RetryMax = maxRetries
	}
	resp, err := sender.Do(req)
	return resp, cancel, err
}

// limited is a transport whose every attempt, retries too, waits for the host's rate.
type limited struct {
	http.RoundTripper
	limit *hostLimit
}

func (l limited) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := l.limit.wait(req.Context()); err != nil {
		return nil, err
	}
	return l.RoundTripper.RoundTrip(req)
}

// shouldRetry retries what may pass by itself: the network's failures, never an answer.
func shouldRetry(ctx context.Context, _ *http.Response, err error) (bool, error) {
	if err == nil || ctx.Err() != nil {
		return false, err
	}
	switch kind, _ := classify(err); kind {
	case FailRefused, FailReset, FailTimeout:
		return true, nil
	default:
		return false, err
	}
}

func redirectTarget(from *url.URL, resp *http.Response) (*url.URL, bool) {
	location := resp.Header.Get("Location")
	if location == "" || !slices.Contains([]int{301, 302, 303, 307, 308}, resp.StatusCode) {
		return nil, false
	}
	target, err := from.Parse(location)
	if err != nil {
		return nil, false
	}
	return target, true
}

// follow makes the redirect's target the next request (RFC 9110 15.4).
func (f *fetch) follow(target *url.URL, status int) {
	target, _ = parseURL(target.String()) // judged by mayFollow
	rewritten := status == http.StatusSeeOther && f.method != http.MethodHead ||
		(status == http.StatusMovedPermanently || status == http.StatusFound) && f.method == http.MethodPost
	if rewritten {
		f.method, f.body = http.MethodGet, nil
		f.header.Del("Content-Type")
	}
	if target.Hostname() != f.url.Hostname() || f.url.Scheme == "https" && target.Scheme == "http" {
		// Any header may be a credential: none goes to another host or into the clear.
		kept := http.Header{}
		for _, name := range []string{"Accept", "Accept-Encoding", "Accept-Language", "User-Agent"} {
			if v := f.header.Values(name); len(v) > 0 {
				kept[name] = v
			}
		}
		f.header = kept
	}
	target.Fragment = ""
	f.url = target
}

func setDefault(h http.Header, name, value string) {
	if h.Get(name) == "" {
		h.Set(name, value)
	}
}
