package probe

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// MaxBurst is the most that one endpoint is sent, over all bursts at it.
const MaxBurst = 200

const (
	defaultInFlight  = 5 // more at once, and all of them pass before a counter acts
	defaultPerSecond = 10
	burstBody        = 64 << 10 // bytes kept of each answer
)

// Budget bounds what one endpoint is sent. It is safe for concurrent use.
type Budget struct {
	mu          sync.Mutex
	left, spent int
}

// NewBudget allows n requests, MaxBurst at most.
func NewBudget(n int) *Budget { return &Budget{left: max(min(n, MaxBurst), 0)} }

// Left is how many requests may still be sent.
func (b *Budget) Left() int { b.mu.Lock(); defer b.mu.Unlock(); return b.left }

// Spent is how many requests were sent.
func (b *Budget) Spent() int { b.mu.Lock(); defer b.mu.Unlock(); return b.spent }

func (b *Budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left == 0 {
		return false
	}
	b.left, b.spent = b.left-1, b.spent+1
	return true
}

// Protocol is a version of HTTP to insist on.
type Protocol string

const (
	AnyProtocol Protocol = ""         // what ALPN agrees on
	HTTP1       Protocol = "HTTP/1.1" // HTTP/2 is not offered
	HTTP2       Protocol = "HTTP/2.0" // nothing else is offered; https only
)

// BurstRequest is one request that is made again and again, on connections that
// are kept open. Its Intent is always Active, and redirects are not followed.
type BurstRequest struct {
	Request
	Count     int     // requests
	PerSecond float64 // pace; default 10
	InFlight  int     // requests under way at once; default 5
	Protocol  Protocol
	Budget    *Budget // shared by all bursts at an endpoint; nil = one of MaxBurst
	// Vary changes the i-th request before it is sent, but not its host. May be nil.
	Vary func(i int, r *Request)
	// Stop is told each answer, one at a time, and returns true to send no more.
	// What is under way is still waited for. May be nil.
	Stop func(i int, x Exchange) bool
}

// BurstResult is what came of a burst.
type BurstResult struct {
	Exchanges []Exchange      // of the requests that were sent, in that order
	Sent      []time.Duration // when each was sent, since the start
	Protocol  Protocol        // that the last answer came in; empty if there was none
	Exhausted bool            // the budget ended before the count
	Failure   FailureKind     // why nothing was sent, such as FailScope
	Detail    string
}

// Last is the exchange of the last request, the zero value if none was sent.
func (r BurstResult) Last() Exchange {
	if len(r.Exchanges) == 0 {
		return Exchange{Failure: r.Failure, Detail: r.Detail}
	}
	return r.Exchanges[len(r.Exchanges)-1]
}

// burst is one call of Burst under way.
type burst struct {
	client    *Client
	req       BurstRequest
	host      string
	transport *http.Transport
	started   time.Time
	stopped   chan struct{} // closed when no more is to be sent
	stopOnce  sync.Once

	mu     sync.Mutex
	result BurstResult
}

// Burst implements Prober.
func (c *Client) Burst(ctx context.Context, req BurstRequest) BurstResult {
	req.Intent, req.FollowRedirects, req.Retry, req.Reuse = Active, false, false, false
	if req.MaxBody <= 0 {
		req.MaxBody = burstBody
	}
	if req.PerSecond <= 0 {
		req.PerSecond = defaultPerSecond
	}
	if req.InFlight <= 0 {
		req.InFlight = defaultInFlight
	}
	if req.Budget == nil {
		req.Budget = NewBudget(MaxBurst)
	}
	f, err := c.newFetch(req.Request)
	if err != nil {
		var out BurstResult
		out.Failure, out.Detail = classify(err)
		return out
	}
	defer f.transport.CloseIdleConnections()
	f.transport.MaxConnsPerHost, f.transport.MaxIdleConnsPerHost = req.InFlight, req.InFlight
	if req.Protocol != AnyProtocol {
		f.transport.ForceAttemptHTTP2, f.transport.Protocols = false, new(http.Protocols)
		f.transport.Protocols.SetHTTP1(req.Protocol == HTTP1)
		f.transport.Protocols.SetHTTP2(req.Protocol == HTTP2)
	}
	b := &burst{client: c, req: req, host: f.firstHost, transport: f.transport, started: time.Now(), stopped: make(chan struct{})}
	b.run(ctx)
	c.config.Log(ctx, "http burst", map[string]any{"method": f.method, "host": f.url.Host, "path": plainPath(f.url.Path), "sent": len(b.result.Exchanges)})
	return b.result
}

func (b *burst) run(ctx context.Context) {
	var flying sync.WaitGroup
	defer flying.Wait()
	slots := make(chan struct{}, b.req.InFlight)
	for i := range b.req.Count {
		due := b.started.Add(time.Duration(float64(i) / b.req.PerSecond * float64(time.Second)))
		if !b.await(ctx, due) {
			return
		}
		select {
		case slots <- struct{}{}:
		case <-b.stopped:
			return
		case <-ctx.Done():
			return
		}
		select {
		case <-b.stopped: // while it waited for a slot
			return
		default:
		}
		if !b.req.Budget.take() {
			b.mu.Lock()
			b.result.Exhausted = true
			b.mu.Unlock()
			return
		}
		b.mu.Lock()
		b.result.Exchanges = append(b.result.Exchanges, Exchange{Failure: FailTimeout, Detail: "the probe was cut short"})
		b.result.Sent = append(b.result.Sent, time.Since(b.started))
		b.mu.Unlock()
		flying.Go(func() {
			defer func() { <-slots }()
			b.land(i, b.one(ctx, i))
		})
	}
}

// await waits until a request is due; false if there is to be none.
func (b *burst) await(ctx context.Context, due time.Time) bool {
	wait := time.NewTimer(time.Until(due))
	defer wait.Stop()
	select {
	case <-wait.C:
		return true
	case <-b.stopped:
		return false
	case <-ctx.Done():
		return false
	}
}

func (b *burst) land(i int, x Exchange) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.result.Exchanges[i] = x
	if b.req.Stop != nil && b.req.Stop(i, x) {
		b.stopOnce.Do(func() { close(b.stopped) })
	}
}

var errAnotherHost = errors.New("a burst stays at one host")

// one makes one request.
func (b *burst) one(ctx context.Context, i int) (x Exchange) {
	start := time.Now()
	defer func() { x.Duration = time.Since(start) }()
	req := b.req.Request
	req.Header = req.Header.Clone()
	if req.Header == nil {
		req.Header = http.Header{}
	}
	if b.req.Vary != nil {
		b.req.Vary(i, &req)
	}
	u, err := parseURL(req.URL)
	if err == nil && u.Hostname() != b.host {
		err = errAnotherHost
	}
	if err != nil {
		x.Failure, x.Detail = classify(err)
		return x
	}
	ctx, cancel := context.WithTimeout(ctx, b.client.config.Timeout)
	defer cancel()
	resp, err := b.transport.RoundTrip(b.build(ctx, req, u))
	if err != nil {
		x.Failure, x.Detail = classify(err)
		return x
	}
	defer resp.Body.Close()
	hop := Hop{URL: u.String(), Status: resp.StatusCode, Header: resp.Header}
	if target, ok := redirectTarget(u, resp); ok {
		hop.Location = target.String()
		x.Redirect = hop.Location
	}
	x.Hops, x.FinalURL, x.Status, x.Header = []Hop{hop}, u.String(), resp.StatusCode, resp.Header
	x.Body, x.Truncated, err = readBody(resp, req.Header.Get("Accept-Encoding") == "", req.MaxBody)
	x.Failure, x.Detail = classify(err)
	b.mu.Lock()
	b.result.Protocol = Protocol(resp.Proto)
	b.mu.Unlock()
	return x
}

func (b *burst) build(ctx context.Context, req Request, u *url.URL) *http.Request {
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	out := (&http.Request{Method: method, URL: u, Header: req.Header.Clone(), Host: req.Header.Get("Host")}).WithContext(ctx)
	if len(req.Body) > 0 {
		out.ContentLength = int64(len(req.Body))
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(req.Body)), nil }
		out.Body, _ = out.GetBody()
	}
	setDefault(out.Header, "User-Agent", b.client.config.UserAgent)
	setDefault(out.Header, "Accept", "*/*")
	setDefault(out.Header, "Accept-Encoding", "gzip")
	return out
}

// Alone implements Prober.
func (c *Client) Alone(ctx context.Context, host string) (release func(), err error) {
	if name, err := canonicalHost(host); err == nil {
		host = name
	}
	c.mu.Lock()
	turn, ok := c.bursts[host]
	if !ok {
		turn = make(chan struct{}, 1)
		c.bursts[host] = turn
	}
	c.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
