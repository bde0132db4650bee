package probe

import (
	"context"
	"sync"
	"time"
)

// Bounds of the cache. The process lives for one plan or apply; an hour is as
// good as for ever, and a negative answer must not outlive a person's patience.
const (
	maxPositiveTTL  = time.Hour
	maxNegativeTTL  = 5 * time.Minute
	maxCacheEntries = 10_000
)

// dnsCache keeps decided answers for their TTL and lets one query a question
// be under way.
type dnsCache struct {
	now func() time.Time

	mu         sync.Mutex
	entries    map[question]cacheEntry
	flights    map[question]*flight
	generation int // grows with each flush; answers of an older one are not kept
}

type cacheEntry struct {
	reply reply
	until time.Time
}

// flight is a query under way and those who wait for it. It is cancelled when
// the last one leaves; one who leaves early takes nothing from the others.
type flight struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int
	reply   reply
}

func newDNSCache(now func() time.Time) *dnsCache {
	c := &dnsCache{now: now}
	c.flush()
	return c
}

func (c *dnsCache) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries, c.flights = map[question]cacheEntry{}, map[question]*flight{}
	c.generation++
}

// get answers from the cache, or waits for a query that is under way, or
// starts one with ask. ask's context ends when nobody waits any more.
func (c *dnsCache) get(ctx context.Context, q question, ask func(context.Context) reply) reply {
	c.mu.Lock()
	if e, ok := c.entries[q]; ok && !isFresh(ctx) && c.now().Before(e.until) {
		c.mu.Unlock()
		return e.reply
	}
	f, ok := c.flights[q]
	if !ok {
		// The flight outlives the caller that happened to come first.
		flightCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		f = &flight{done: make(chan struct{}), cancel: cancel}
		c.flights[q] = f
		generation := c.generation
		go func() {
			defer cancel()
			r := ask(flightCtx)
			c.land(q, f, r, generation)
		}()
	}
	f.waiting++
	c.mu.Unlock()

	select {
	case <-f.done:
		return f.reply
	case <-ctx.Done():
		c.leave(q, f)
		return reply{status: TimedOut, detail: "the look-up was cut short"}
	}
}

func (c *dnsCache) land(q question, f *flight, r reply, generation int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flights[q] == f {
		delete(c.flights, q)
	}
	if r.ttl > 0 && generation == c.generation {
		if len(c.entries) >= maxCacheEntries {
			clear(c.entries)
		}
		c.entries[q] = cacheEntry{reply: r, until: c.now().Add(r.ttl)}
	}
	f.reply = r
	close(f.done)
}

func (c *dnsCache) leave(q question, f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f.waiting--
	if f.waiting == 0 {
		f.cancel()
		if c.flights[q] == f {
			delete(c.flights, q) // whoever comes next starts anew
		}
	}
}
