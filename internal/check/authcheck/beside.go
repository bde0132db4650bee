package authcheck

import (
	"slices"
	"strings"
	"sync"
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
	var others []*way
	for _, w := range ways {
		other := *w
		other.bench = own
		others = append(others, &other)
	}
	var waiting sync.WaitGroup
	waiting.Go(func() { own.expire(others) })
	rest()
	waiting.Wait()
	if own.doubted.Load() && b.ctx.Err() == nil {
		b.expire(ways) // the rest may have been in the way
		return
	}
	b.report.Take(own.report)
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
	mine, mutable, recovery := b.spec.Actor.Identity.Username, b.spec.Mutable, b.spec.Recovery
	if mutable == nil || len(mutable.Identity.Direct()) > 0 {
		return false // wrong passwords go to the identity itself
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
	return !slices.ContainsFunc(append(others, ""), func(name string) bool { return accountOf(name) == accountOf(mine) })
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
