package check

import (
	"context"
	"strconv"
	"sync/atomic"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// maxRequests is how much one run of a check may ask of its targets.
const maxRequests = 500

// Budget is a Prober that counts requests and handshakes, and sends none past a
// bound: what is left then fails, and so is inconclusive.
type Budget struct {
	probe.Prober
	sent atomic.Int64
}

// NewBudget begins to count.
func NewBudget(p probe.Prober) *Budget { return &Budget{Prober: p} }

const overBudget = "the check has sent all the requests that it may: test fewer hosts, paths or endpoints at once"

// Fetch implements Prober. Each hop counts as a request.
func (b *Budget) Fetch(ctx context.Context, req probe.Request) probe.Exchange {
	if b.sent.Add(1) > maxRequests {
		b.sent.Add(-1)
		return probe.Exchange{Failure: probe.FailOther, Detail: overBudget}
	}
	x := b.Prober.Fetch(ctx, req)
	b.sent.Add(int64(max(len(x.Hops), 1) - 1))
	return x
}

// Handshake implements Prober.
func (b *Budget) Handshake(ctx context.Context, target probe.TLSTarget) probe.TLSFacts {
	if b.sent.Add(1) > maxRequests {
		b.sent.Add(-1)
		return probe.TLSFacts{Host: target.Host, Address: target.Address, Failure: probe.FailOther, Detail: overBudget, Now: b.Now()}
	}
	return b.Prober.Handshake(ctx, target)
}

// Tell writes what was sent into a check's observations.
func (b *Budget) Tell(report *readiness.Recorder) {
	report.Observe("requests", strconv.FormatInt(b.sent.Load(), 10))
}
