package probe

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// What one host is asked to bear of requests that share connections.
const (
	reuseConnections = 8   // open at once, and requests under way at once
	reuseRate        = 400 // requests a second
	reuseIdle        = 10 * time.Second
)

// pool names connections that are shared. One whose certificate nobody verified
// serves no request that wants it verified, and one that a server may cut off for
// what is asked for on it serves no request that would be cut off beside.
type pool struct{ trustAnyCert, apart bool }

// shares reports whether a request may go on a connection that others use too:
// only one that asks for it and names no address of its own. Whose credentials
// open the connection instead of the request alone (RFC 4559) never does.
func (r Request) shares() bool {
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return r.Reuse && !r.Address.IsValid() && !strings.EqualFold(scheme, "Negotiate") && !strings.EqualFold(scheme, "NTLM")
}

// repeatable reports whether a request may be sent twice without a thought.
func (r Request) repeatable() bool {
	switch r.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions:
		return len(r.Body) == 0
	}
	return false
}

// doubtful reports whether a failure may be the shared connection's own, such as
// one that the server hung up on for what another request asked for.
func (f *fetch) doubtful(x Exchange) bool {
	if !f.req.shares() || !f.req.repeatable() {
		return false
	}
	// nginx refuses with 503 what comes too fast, and says nothing of when to come back.
	if x.Status == http.StatusServiceUnavailable {
		return true
	}
	switch x.Failure {
	case FailReset, FailTLS, FailOther:
		return true
	case FailTimeout:
		return f.reused.Load()
	}
	return false
}

// shared returns the transport of requests that share connections.
func (c *Client) shared(r Request) *http.Transport {
	name := pool{r.TrustAnyCert, r.Apart}
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.pools[name]
	if !ok {
		f := fetch{client: c, req: Request{TrustAnyCert: r.TrustAnyCert}}
		t = f.newTransport(func(ctx context.Context, _, address string) (net.Conn, error) {
			host, port, err := splitAddress(address)
			if err != nil {
				return nil, err
			}
			conn, _, err := c.dial(ctx, host, port, Request{}.Address)
			return conn, err
		})
		t.TLSClientConfig.GetClientCertificate = nil // a flag of one fetch
		t.MaxConnsPerHost, t.MaxIdleConnsPerHost, t.IdleConnTimeout = reuseConnections, reuseConnections, reuseIdle
		c.pools[name] = t
	}
	return t
}

// breathe lets a host rest that may have been asked too much.
func breathe(ctx context.Context) {
	rest := time.NewTimer(time.Second)
	defer rest.Stop()
	select {
	case <-rest.C:
	case <-ctx.Done():
	}
}

// slow notes that a host refuses what comes faster: from then on it gets every
// request at the pace of those that share no connection.
func (c *Client) slow(host string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slowed[host] = true
}

func (c *Client) isSlow(host string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.slowed[host]
}

// reuseLimit is the limit of requests that share connections: their own, for
// they cost the host less.
func (c *Client) reuseLimit(host string) *hostLimit {
	c.mu.Lock()
	defer c.mu.Unlock()
	l, ok := c.reused[host]
	if !ok {
		l = &hostLimit{slots: make(chan struct{}, reuseConnections), rate: rate.NewLimiter(reuseRate, reuseConnections)}
		c.reused[host] = l
	}
	return l
}

// watched notes on the fetch what its own connections would have told it.
func (f *fetch) watched(ctx context.Context) context.Context {
	if !f.req.shares() {
		return ctx
	}
	f.connected.Store(false)
	f.heard.Store(false)
	f.reused.Store(false)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(info httptrace.GotConnInfo) { f.connected.Store(true); f.reused.Store(info.Reused) },
		GotFirstResponseByte: func() { f.heard.Store(true) },
	})
}

// hostLimit is what the host of the next hop has to bear of this fetch.
func (f *fetch) hostLimit() *hostLimit {
	if f.limit != nil {
		return f.limit
	}
	if f.req.sink { // one that is slow keeps nobody from the others of its host
		return f.client.reuseLimit("sink " + f.url.Host)
	}
	if f.req.shares() {
		return f.client.reuseLimit(f.url.Hostname())
	}
	return f.client.limit(f.url.Hostname())
}

// done lets go of the connections that are the fetch's own.
func (f *fetch) done() {
	if !f.req.shares() && f.limit == nil {
		f.transport.CloseIdleConnections()
	}
}
