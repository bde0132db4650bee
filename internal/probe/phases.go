package probe

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// Phases are where the time of an answer went. Those of a connection are zero
// where one was there already.
type Phases struct {
	Reused    bool          // the connection had been there before
	DNS       time.Duration // until the addresses were known
	Connect   time.Duration // TCP: one round trip
	TLS       time.Duration
	FirstByte time.Duration // from the request sent to the first byte of the answer
}

// phases measures the last hop of one request.
type phases struct {
	mu                                         sync.Mutex
	out                                        Phases
	dialing, looked, connected, shaking, wrote time.Time
}

type phasesKey struct{}

// phasesOf returns what measures the phases of a request; nil if nothing does.
func phasesOf(ctx context.Context) *phases {
	p, _ := ctx.Value(phasesKey{}).(*phases)
	return p
}

// set writes under the lock: a dial may outlive the request that began it.
func (p *phases) set(f func(now time.Time)) {
	if p == nil {
		return
	}
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	f(now)
}

// dials, resolved and dialed are told by those who make the connection:
// net/http does not see what the probe's own dialer does.
func (p *phases) dials()    { p.set(func(now time.Time) { p.dialing = now }) }
func (p *phases) resolved() { p.set(func(now time.Time) { p.looked = now }) }
func (p *phases) dialed()   { p.set(func(now time.Time) { p.connected = now }) }

func (p *phases) result() Phases {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out
}

// watch returns a context whose request is measured.
func (p *phases) watch(ctx context.Context) context.Context {
	ctx = context.WithValue(ctx, phasesKey{}, p)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart: func() { p.set(func(now time.Time) { p.shaking = now }) },
		TLSHandshakeDone: func(tls.ConnectionState, error) {
			p.set(func(now time.Time) { p.out.TLS = now.Sub(p.shaking) })
		},
		GotConn: func(info httptrace.GotConnInfo) {
			p.set(func(time.Time) {
				p.out.Reused = info.Reused
				if info.Reused {
					p.out.DNS, p.out.Connect, p.out.TLS = 0, 0, 0
				} else if !p.looked.IsZero() && !p.connected.IsZero() {
					p.out.DNS, p.out.Connect = p.looked.Sub(p.dialing), p.connected.Sub(p.looked)
				}
			})
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { p.set(func(now time.Time) { p.wrote = now }) },
		GotFirstResponseByte: func() { p.set(func(now time.Time) { p.out.FirstByte = max(now.Sub(p.wrote), 0) }) },
	})
}
