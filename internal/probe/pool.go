package probe

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"time"

	"golang.org/x/time/rate"
)

// What one host is asked to bear of requests that share connections.
const (
	reuseConnections = 8   // open at once, and requests under way at once
	reuseRate        = 400 // requests a second
	reuseIdle        = 10 * time.Second
)

// shares reports whether a request may go on a connection that others use too:
// only one that asks for it and names no address of its own.
func (r Request) shares() bool { return r.Reuse && !r.Address.IsValid() }

// shared returns the transport of requests that share connections. There are
// two: a connection whose certificate nobody verified serves no request that
// wants it verified.
func (c *Client) shared(trustAnyCert bool) *http.Transport {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.pools[trustAnyCert]
	if !ok {
		f := fetch{client: c, req: Request{TrustAnyCert: trustAnyCert}}
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
		c.pools[trustAnyCert] = t
	}
	return t
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
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(httptrace.GotConnInfo) { f.connected.Store(true) },
		GotFirstResponseByte: func() { f.heard.Store(true) },
	})
}

// hostLimit is what the host of the next hop has to bear of this fetch.
func (f *fetch) hostLimit() *hostLimit {
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
	if !f.req.shares() {
		f.transport.CloseIdleConnections()
	}
}
