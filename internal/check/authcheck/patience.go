package authcheck

import (
	"context"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// mostWaiting is how long a check waits in all for a portal that brakes sign-ins.
// Five sign-ins a minute, which is a sound limit, let the check finish in this.
const mostWaiting = 6 * time.Minute

// patient is a Prober that takes the time away that a throttled answer says to
// wait, once the check has waited long enough: what is left is then undecided.
type patient struct {
	probe.Prober
	mu   sync.Mutex
	left time.Duration
}

// another has the same patience left, for somebody who waits at the same time.
func (p *patient) another() *patient {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &patient{Prober: p.Prober, left: p.left}
}

// Fetch implements Prober.
func (p *patient) Fetch(ctx context.Context, req probe.Request) probe.Exchange {
	x := p.Prober.Fetch(ctx, req)
	wait, told := x.RetryAfter(p.Now())
	if !x.Throttled() || !told || wait > longestBrake { // nobody waits that long
		return x
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left -= wait; p.left < 0 {
		x.Header = x.Header.Clone()
		x.Header.Del("Retry-After")
	}
	return x
}
