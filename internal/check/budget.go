package check

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

const (
	maxRequests = 500 // that one run of a check may send, unless it says how many
	maxRepeats  = 10  // of those that had no answer in time, or came too soon
	longestWait = 5 * time.Second
)

// Budget is a Prober that counts requests and handshakes, and sends none past a
// bound: what is left then fails, and so is inconclusive. Of a host that has
// answered before, one silence may be a lost packet: a request that may be
// retried is sent once more.
type Budget struct {
	probe.Prober
	most          int64
	sent, repeats atomic.Int64
	answered      sync.Map // hosts
}

// NewBudget begins to count, up to what most checks need.
func NewBudget(p probe.Prober) *Budget { return NewBudgetOf(p, maxRequests) }

// NewBudgetOf begins to count, up to most requests.
func NewBudgetOf(p probe.Prober, most int) *Budget { return &Budget{Prober: p, most: int64(most)} }

// Sent is how many requests were sent so far.
func (b *Budget) Sent() int { return int(b.sent.Load()) }

const overBudget = "the check has sent all the requests that it may: test fewer hosts, paths or endpoints at once"

// Fetch implements Prober. Each hop counts as a request.
func (b *Budget) Fetch(ctx context.Context, req probe.Request) probe.Exchange {
	x := b.fetch(ctx, req)
	host := ""
	if u, err := url.Parse(req.URL); err == nil {
		host = u.Host + req.Address.String()
	}
	if len(x.Hops) > 0 {
		b.answered.Store(host, true)
	}
	if _, alive := b.answered.Load(host); alive && req.Retry && x.Failure == probe.FailTimeout && ctx.Err() == nil && b.repeats.Add(1) <= maxRepeats {
		x = b.fetch(ctx, req)
	}
	if wait, ok := b.tooSoon(req, x); ok && b.repeats.Add(1) <= maxRepeats {
		select {
		case <-ctx.Done():
		case <-time.After(wait):
			x = b.fetch(ctx, req)
		}
	}
	return x
}

// tooSoon reports whether a host refuses a request that shares a connection as one
// too many, and how long to wait: such requests come in quick succession, which the
// prober then leaves off, so that the refusal says nothing of the host.
func (b *Budget) tooSoon(req probe.Request, x probe.Exchange) (wait time.Duration, ok bool) {
	if !req.Reuse || len(req.Body) > 0 || req.Method != "" && req.Method != http.MethodGet && req.Method != http.MethodOptions || x.Status != http.StatusTooManyRequests {
		return 0, false
	}
	wait, known := x.RetryAfter(b.Now())
	if !known {
		wait = time.Second
	}
	return wait + 100*time.Millisecond, wait <= longestWait
}

func (b *Budget) fetch(ctx context.Context, req probe.Request) probe.Exchange {
	if b.sent.Add(1) > b.most {
		b.sent.Add(-1)
		return probe.Exchange{Failure: probe.FailOther, Detail: overBudget}
	}
	x := b.Prober.Fetch(ctx, req)
	b.sent.Add(int64(max(len(x.Hops), 1) - 1))
	return x
}

// Handshake implements Prober.
func (b *Budget) Handshake(ctx context.Context, target probe.TLSTarget) probe.TLSFacts {
	if b.sent.Add(1) > b.most {
		b.sent.Add(-1)
		return probe.TLSFacts{Host: target.Host, Address: target.Address, Failure: probe.FailOther, Detail: overBudget, Now: b.Now()}
	}
	return b.Prober.Handshake(ctx, target)
}

// Tell writes what was sent into a check's observations.
func (b *Budget) Tell(report *readiness.Recorder) {
	report.Observe("requests", strconv.FormatInt(b.sent.Load(), 10))
}
