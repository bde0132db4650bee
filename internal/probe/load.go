package probe

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
	"golang.org/x/time/rate"
)

// loadBody is how much of an answer is read under load: all of what a page has.
const loadBody = 16 << 20

// LoadRequest is one request that is made by a schedule, on connections that are
// kept open. Its Intent is always Active, and nothing is retried.
type LoadRequest struct {
	Request
	PerSecond float64     // pace
	Count     int         // requests at most
	Take      func() bool // asked before each request; false ends the load. May be nil.
}

// Load is a load under way.
type Load struct {
	// Samples tells of every request twice, as it begins and as it ends, and is
	// closed after the last one. It need not be read in time.
	Samples <-chan Sample
	Failure FailureKind // why nothing is sent, such as FailScope
	Detail  string
}

// Sample is one request of a load.
type Sample struct {
	Seq     int       // from 0, in the order of the schedule
	Start   time.Time // when it was sent
	Late    time.Duration
	Ended   bool // false: it was sent a moment ago, and nothing below is known
	Cut     bool // it was given up because the load ended: it took longer than Latency
	Latency time.Duration
	Phases  Phases
	Answer  Exchange
}

// load is one call of Load under way.
type load struct {
	client    *Client
	ctx       context.Context
	req       LoadRequest
	transport *http.Transport
	limit     *hostLimit
	attacker  *vegeta.Attacker
	out       chan Sample
	began     atomic.Pointer[time.Time] // when the first request is due
	running   sync.Map                  // by sequence number: *hit
}

// hit is one request under way.
type hit struct {
	answer Exchange
	phases phases
	cut    bool
}

// Load implements Prober. The pace is that of an open loop: a request is sent
// when it is due, whether or not those before it have an answer, so that a stall
// shows in all requests that fall into it (vegeta's attack). Each request keeps
// the rules of Fetch, redirects too; cookies that are set last until its end.
// After ctx what is under way is given up and told as cut.
func (c *Client) Load(ctx context.Context, req LoadRequest) Load {
	req.Intent, req.Retry, req.Reuse = Active, false, false
	if req.MaxBody <= 0 {
		req.MaxBody = loadBody
	}
	first, err := c.newFetch(req.Request)
	if err == nil && (req.PerSecond <= 0 || req.Count <= 0) {
		err = fmt.Errorf("a load needs a pace and a count")
	}
	if err != nil {
		nothing := make(chan Sample)
		close(nothing)
		out := Load{Samples: nothing}
		out.Failure, out.Detail = classify(err)
		return out
	}
	l := &load{client: c, ctx: ctx, req: req, out: make(chan Sample, 2*req.Count), limit: &hostLimit{slots: make(chan struct{}, req.Count), rate: rate.NewLimiter(rate.Inf, 1)}}
	l.transport = first.newTransport(l.dial)
	l.transport.TLSClientConfig.GetClientCertificate = nil // a flag of one fetch
	l.transport.MaxIdleConnsPerHost, l.transport.IdleConnTimeout = req.Count, time.Minute
	// As many workers as can be at work within the time that an answer may take:
	// no request ever waits for one before it.
	most := uint64(math.Ceil(req.PerSecond*c.config.Timeout.Seconds()*(maxRedirects+1))) + 2
	l.attacker = vegeta.NewAttacker(
		vegeta.Client(&http.Client{Transport: l, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}),
		vegeta.Workers(min(most, 4)), vegeta.MaxWorkers(most),
	)
	c.config.Log(ctx, "http load", map[string]any{"method": first.method, "host": first.url.Host, "path": plainPath(first.url.Path), "per second": req.PerSecond, "at most": req.Count})
	go l.run(first.method, first.url.String())
	return Load{Samples: l.out}
}

// run tells of each answer as it comes.
func (l *load) run(method, target string) {
	defer l.transport.CloseIdleConnections()
	defer close(l.out)
	targeter := vegeta.NewStaticTargeter(vegeta.Target{Method: method, URL: target})
	for r := range l.attacker.Attack(targeter, vegetaPacer(l.pace), 0, "") {
		s := Sample{Seq: int(r.Seq), Start: r.Timestamp, Ended: true, Latency: r.Latency, Late: l.late(r.Seq, r.Timestamp)} //nolint:gosec // counts up from 0 to Count
		v, _ := l.running.LoadAndDelete(r.Seq)
		if h, ok := v.(*hit); ok {
			s.Answer, s.Cut, s.Phases = h.answer, h.cut, h.phases.result()
		} else {
			s.Answer.Failure, s.Answer.Detail = FailOther, "the request could not be made"
		}
		s.Answer.Duration = s.Latency
		l.out <- s
	}
}

// vegetaPacer makes a schedule of a function.
type vegetaPacer func(elapsed time.Duration, hits uint64) (time.Duration, bool)

// Pace implements vegeta.Pacer.
func (f vegetaPacer) Pace(elapsed time.Duration, hits uint64) (time.Duration, bool) {
	return f(elapsed, hits)
}

// Rate implements vegeta.Pacer. An attack does not ask for it.
func (f vegetaPacer) Rate(time.Duration) float64 { return 0 }

// pace says how long to wait for the next request. vegeta's own pace knows whole
// numbers a unit of time alone, and sends the first request one interval late.
func (l *load) pace(elapsed time.Duration, hits uint64) (time.Duration, bool) {
	if l.began.Load() == nil {
		began := time.Now().Add(-elapsed)
		l.began.Store(&began)
	}
	if hits >= uint64(l.req.Count) || l.ctx.Err() != nil || l.req.Take != nil && !l.req.Take() { //nolint:gosec // a count
		return 0, true
	}
	return max(l.due(hits)-elapsed, 0), false
}

// due is when a request is to be sent, since the begin.
func (l *load) due(seq uint64) time.Duration {
	return time.Duration(float64(seq) / l.req.PerSecond * float64(time.Second))
}

// late is how far behind its schedule a request was sent: this machine's doing,
// never the target's, for no request waits for another.
func (l *load) late(seq uint64, start time.Time) time.Duration {
	return max(start.Sub(l.began.Load().Add(l.due(seq))), 0)
}

// RoundTrip implements http.RoundTripper for vegeta: it makes the request as
// Fetch does, with all its hops.
func (l *load) RoundTrip(r *http.Request) (*http.Response, error) {
	seq, err := strconv.ParseUint(r.Header.Get("X-Vegeta-Seq"), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("a request without number: %w", err)
	}
	now := time.Now()
	l.out <- Sample{Seq: int(seq), Start: now, Late: l.late(seq, now)} //nolint:gosec // counts up from 0 to Count
	h := new(hit)
	l.running.Store(seq, h)
	f, err := l.client.newFetch(l.req.Request)
	if err != nil {
		h.answer.Failure, h.answer.Detail = classify(err)
		return nil, err
	}
	f.transport, f.limit = l.transport, l.limit
	f.run(h.phases.watch(l.ctx), &h.answer)
	if h.answer.Failure != FailNone {
		h.cut = l.ctx.Err() != nil
		return nil, fmt.Errorf("%s", h.answer.Detail)
	}
	return &http.Response{
		StatusCode: h.answer.Status, Status: http.StatusText(h.answer.Status), Proto: r.Proto, Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader(nil)), Request: r,
	}, nil
}

func (l *load) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, port, err := splitAddress(address)
	if err != nil {
		return nil, err
	}
	at := l.req.Address
	if u, err := parseURL(l.req.URL); err != nil || u.Hostname() != host {
		at = Request{}.Address // it belongs to the first host, not to where that redirects
	}
	phasesOf(ctx).dials()
	conn, _, err := l.client.dial(ctx, host, port, at)
	phasesOf(ctx).dialed()
	return conn, err
}
