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
	"sync/atomic"
	"time"

	"golang.org/x/net/publicsuffix"
)

const (
	maxRedirects   = 10
	maxHeaderBytes = 256 << 10
	defaultMaxBody = 1 << 20
)

// Fetch implements Prober. Each call has cookies of its own and, unless the
// request says Reuse, connections of its own: what one probe sees owes nothing
// to another. Cookies that a server sets live from hop to hop, as in a browser,
// and are forgotten at the end.
func (c *Client) Fetch(ctx context.Context, req Request) Exchange {
	req.Reuse = req.Reuse && (req.sink || !isFresh(ctx))
	x, doubtful := c.fetch(ctx, req)
	if doubtful && ctx.Err() == nil {
		if x.Status == http.StatusServiceUnavailable {
			breathe(ctx)
		}
		req.Reuse = false
		x, _ = c.fetch(ctx, req)
	}
	return x
}

// fetch is Fetch once. doubtful says that a failure may be another request's doing.
func (c *Client) fetch(ctx context.Context, req Request) (x Exchange, doubtful bool) {
	start := time.Now()
	if f, err := c.newFetch(req); err != nil {
		x.Failure, x.Detail = classify(err)
	} else {
		defer f.done()
		f.run(ctx, &x)
		x.Duration = time.Since(start) - f.waited
		if doubtful = f.doubtful(x); f.req.shares() && (x.Status == http.StatusTooManyRequests || x.Status == http.StatusServiceUnavailable) {
			c.slow(f.url.Hostname())
		}
		c.config.Log(ctx, "http request", map[string]any{
			"method": f.method, "host": f.url.Host, "path": plainPath(f.url.Path), "status": x.Status, "hops": len(x.Hops), "failure": string(x.Failure),
		})
	}
	return x, doubtful
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
	wanted    atomic.Bool   // in this hop the server asked for a client certificate
	last      error         // of the hop's last attempt
	heard     atomic.Bool   // on the hop's last connection the server sent something
	connected atomic.Bool   // the hop's last connection was made
	reused    atomic.Bool   // it had served others before
	waited    time.Duration // for a turn at the host, which is no doing of the host's
	limit     *hostLimit    // of a load, which has its own pace and connections; nil = the host's
}

// listener is a connection that notes whether the server says anything.
type listener struct {
	net.Conn
	heard *atomic.Bool
}

func (l listener) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if n > 0 {
		l.heard.Store(true)
	}
	return n, err
}

func (c *Client) newFetch(req Request) (*fetch, error) {
	u, err := parseURL(req.URL)
	if err != nil {
		return nil, err
	}
	if err := c.InScope(u.Hostname(), req.Intent); err != nil && !req.sink {
		return nil, err
	}
	req.Reuse = req.Reuse && (req.sink || !c.isSlow(u.Hostname()))
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
	if req.shares() {
		f.transport = c.shared(req)
	} else {
		f.transport = f.newTransport(f.dial)
	}
	return f, nil
}

func (f *fetch) newTransport(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Transport {
	return &http.Transport{
		DialContext:            dial,
		TLSClientConfig:        f.tlsConfig(),
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // decoded by readBody, under its own cap
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

func (f *fetch) tlsConfig() *tls.Config {
	return &tls.Config{
		RootCAs: f.client.roots(), Time: f.client.config.Clock, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: f.req.TrustAnyCert, //nolint:gosec // asked for where the certificate's faults are another rule's business
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			f.wanted.Store(true)
			return new(tls.Certificate), nil
		},
	}
}

// failure is classify, but for a server that wants a client certificate and
// gets none: how its refusal arrives, by alert, reset or HTTP/2, is a matter of chance.
func (f *fetch) failure(err error) (FailureKind, string) {
	kind, detail := classify(err)
	if f.wanted.Load() && (kind == FailTLS || kind == FailReset || kind == FailOther) {
		return FailTLS, "the server asks for a client certificate and refuses who has none"
	}
	return kind, detail
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
	f.connected.Store(false)
	conn, _, err := f.client.dial(ctx, host, port, at)
	if err != nil {
		return nil, err
	}
	f.connected.Store(true)
	f.heard.Store(false)
	return listener{conn, &f.heard}, nil
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
	began := time.Now()
	release, err := f.hostLimit().acquire(ctx)
	f.waited += time.Since(began)
	if err != nil {
		x.Failure, x.Detail = classify(err)
		return false
	}
	defer release()
	f.wanted.Store(false)
	resp, cancel, err := f.send(ctx)
	defer cancel()
	x.Connected = f.connected.Load()
	if err != nil {
		x.Failure, x.Detail = f.failure(err)
		x.Speechless = x.Failure == FailReset && f.url.Scheme == "http" && !f.heard.Load()
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
	x.Failure, x.Detail = f.failure(readErr)
	return false
}

func (f *fetch) mayFollow(target *url.URL) bool {
	if !f.req.FollowRedirects {
		return false
	}
	u, err := parseURL(target.String())
	return err == nil && f.client.scope.mayFollow(f.firstHost, u.Hostname(), f.req.Intent)
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
