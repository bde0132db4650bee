package authcheck

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// beside waits for sessions to end by themselves and does the rest, which locks
// accounts and ends all sessions of some: side by side where those are accounts of
// others, for most of the rest is waiting too, for letters and for brakes.
func (b *bench) beside(ways []*way, rest func()) {
	if !b.apart() {
		b.expire(ways)
		rest()
		return
	}
	own := b.another()
	own.report = b.report.Aside()
	ctx, stop := context.WithCancel(b.ctx)
	defer stop()
	own.ctx, own.prober = ctx, &timid{own.prober, own, stop}
	var others []*way
	for _, w := range ways {
		other := *w
		other.bench = own
		other.me.bench = own
		others = append(others, &other)
	}
	var waiting sync.WaitGroup
	waiting.Go(func() { own.expire(others) })
	b.waits.Wait() // for tokens to expire, which is not tried twice
	alone := b.prober
	b.prober = &stubborn{alone, b}
	rest()
	b.prober = alone
	waiting.Wait()
	if own.doubted.Load() && b.ctx.Err() == nil { // the rest may have been in the way
		for _, w := range ways {
			w.calm()
		}
		b.expire(ways)
		return
	}
	b.report.Take(own.report)
}

// calm waits until the portal takes the identity again, which it may have locked out
// for a moment for what was tried on others.
func (w *way) calm() {
	pauses := check.Pauses{Most: 8 * time.Second}
	for end := time.Now().Add(w.spec.Patience); !w.living() && time.Now().Before(end) && w.ctx.Err() == nil; {
		w.sleep(max(pauses.Next(), 500*time.Millisecond))
	}
}

// timid is a Prober of who gives up where looks are braked: to look again may make
// the brake last, and the rest would be in its way.
type timid struct {
	probe.Prober
	bench *bench
	stop  func()
}

// Fetch implements Prober.
func (t *timid) Fetch(ctx context.Context, req probe.Request) probe.Exchange {
	x := t.Prober.Fetch(ctx, req)
	if x.Throttled() && cmp.Or(req.Method, http.MethodGet) == http.MethodGet {
		t.bench.doubted.Store(true)
		t.stop()
	}
	return x
}

// mostBrakes is how often in a row a request is sent again that a brake has stopped,
// while somebody beside counts for it too.
const mostBrakes = 3

// stubborn is a Prober of who has somebody beside: one wait for a brake is not
// enough where that one was let through in the meantime.
type stubborn struct {
	probe.Prober
	bench *bench
}

// Fetch implements Prober. What a brake has stopped was not done, and may be sent
// again.
func (s *stubborn) Fetch(ctx context.Context, req probe.Request) probe.Exchange {
	x := s.Prober.Fetch(ctx, req)
	for range mostBrakes {
		wait, told := x.RetryAfter(s.Now())
		if !x.Throttled() || !told || wait > longestBrake || ctx.Err() != nil {
			break
		}
		s.bench.sleep(wait + brakeSlack)
		x = s.Prober.Fetch(ctx, req)
	}
	return x
}

// another is a bench for somebody who works beside.
func (b *bench) another() *bench {
	own := &bench{ctx: b.ctx, prober: b.prober, spec: b.spec, report: b.report, host: b.host}
	if p, ok := b.prober.(*patient); ok {
		own.prober = p.another()
	}
	return own
}

// expire sees that the sessions of each way end. Nothing may sign out meanwhile:
// some portals end all sessions then.
func (b *bench) expire(ways []*way) {
	for _, w := range ways {
		w.judgeExpiry()
		b.waits.Wait()
	}
	b.waits.Wait()
}

// apart reports whether all that is tried on accounts leaves the one alone whose
// sessions are looked at.
func (b *bench) apart() bool {
	mine, mutable, recovery := accountOf(b.spec.Actor.Identity.Username), b.spec.Mutable, b.spec.Recovery
	if b.spec.Short == nil || mine == "" || mutable == nil || len(mutable.Identity.Direct()) > 0 {
		return false // nothing is waited for, or wrong passwords go to the identity itself
	}
	others := []string{mutable.Identity.Username}
	if b.spec.Admin != nil {
		others = append(others, b.spec.Admin.Identity.Username)
	}
	if recovery != nil && recovery.Mailbox.Server != "" {
		if !strings.Contains(mine, "@") {
			return false // whose account the address is shows nowhere
		}
		others = append(others, recovery.Address)
	}
	return !slices.ContainsFunc(others, func(name string) bool { return accountOf(name) == "" || accountOf(name) == mine })
}

// accountOf is a user name as most portals compare it, without what makes a
// sub-address of it (RFC 5233).
func accountOf(username string) string {
	name := strings.ToLower(strings.TrimSpace(username))
	local, domain, ok := strings.Cut(name, "@")
	if !ok {
		return name
	}
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}
