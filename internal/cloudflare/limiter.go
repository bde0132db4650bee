package cloudflare

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Limits of the client API, per user over all tokens together
// (https://developers.cloudflare.com/fundamentals/api/reference/limits/).
const (
	windowQuota  = 1200
	windowLength = 5 * time.Minute
	// reserveShare of the quota, a twelfth, is left to other programs of the
	// same user; when the server says that no more is left, requests are spread.
	reserveShare = 12

	maxInFlight       = 8
	defaultRetryAfter = 30 * time.Second
	maxWait           = 5 * time.Minute
)

// limiter keeps the requests of one token under the API's limit.
//
// It respects the window rather than a sustained rate: at most 1,100 requests
// in any 5 minutes, as fast as they come. A steady 4 a second would make a usual
// apply of 300 records take over a minute for nothing. What the server says of
// its own count comes on top.
type limiter struct {
	clock *clock
	slots chan struct{} // one per request in flight

	mu       sync.Mutex
	sent     []time.Time // starts of requests within the window, oldest first
	quota    int
	window   time.Duration
	frozen   time.Time     // no request before this: a 429 was answered
	next     time.Time     // no request before this while paced
	interval time.Duration // between requests while paced
	paced    time.Time     // until when: the server's window ends
}

func newLimiter(c *clock) *limiter {
	return &limiter{clock: c, slots: make(chan struct{}, maxInFlight), quota: usable(windowQuota), window: windowLength}
}

func usable(quota int) int { return max(1, quota-quota/reserveShare) }

var limiters struct {
	sync.Mutex
	of map[[sha256.Size]byte]*limiter
}

// sharedLimiter returns the process's limiter for an API and token: several
// provider instances count as one user. The token itself is not kept.
func sharedLimiter(base, token string) *limiter {
	key := sha256.Sum256([]byte(base + "\x00" + token))
	limiters.Lock()
	defer limiters.Unlock()
	l := limiters.of[key]
	if l == nil {
		l = newLimiter(realClock())
		if limiters.of == nil {
			limiters.of = map[[sha256.Size]byte]*limiter{}
		}
		limiters.of[key] = l
	}
	return l
}

// limitError says that a request was not sent because of the limit.
type limitError struct{ retryAt time.Time }

func (e *limitError) Error() string {
	return fmt.Sprintf("the API's rate limit is used up until %s", e.retryAt.UTC().Format(time.RFC3339))
}

// acquire waits for leave to send one request. It fails at once, with a
// *limitError, if the wait would pass the context's deadline or maxWait.
// Each success needs one release.
func (l *limiter) acquire(ctx context.Context) error {
	for {
		if err := l.reject(ctx); err != nil {
			return err
		}
		select {
		case l.slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		wait := l.take()
		if wait <= 0 {
			return nil
		}
		l.release()
		if err := l.reject(ctx); err != nil {
			return err
		}
		if err := l.clock.sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func (l *limiter) release() { <-l.slots }

// reject fails if the wait now ahead is too long for the caller.
func (l *limiter) reject(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now := l.clock.now()
	l.mu.Lock()
	ready := l.ready(now)
	l.mu.Unlock()
	deadline, ok := ctx.Deadline()
	if ready.Sub(now) > maxWait || (ok && ready.After(now) && ready.After(deadline)) {
		return &limitError{ready}
	}
	return nil
}

// take counts a request, or returns how long to wait.
func (l *limiter) take() time.Duration {
	now := l.clock.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait := l.ready(now).Sub(now); wait > 0 {
		return wait
	}
	l.sent = append(l.sent, now)
	if now.Before(l.paced) {
		l.next = now.Add(l.interval)
	}
	return 0
}

// ready is the earliest time for the next request. The caller holds mu.
func (l *limiter) ready(now time.Time) time.Time {
	old := 0
	for old < len(l.sent) && now.Sub(l.sent[old]) >= l.window {
		old++
	}
	l.sent = l.sent[old:]
	at := now
	if over := len(l.sent) - l.quota; over >= 0 {
		at = later(at, l.sent[over].Add(l.window))
	}
	if now.Before(l.paced) {
		at = later(at, l.next)
	}
	return later(at, l.frozen)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// freeze stops every request until a time.
func (l *limiter) freeze(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.frozen = later(l.frozen, until)
}

// frozenUntil is zero unless requests are stopped now.
func (l *limiter) frozenUntil() time.Time {
	now := l.clock.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.frozen.After(now) {
		return l.frozen
	}
	return time.Time{}
}

// observe follows what an answer says of the server's own count.
func (l *limiter) observe(h http.Header) {
	now := l.clock.now()
	policy, left := rateLimits(h, now)
	l.mu.Lock()
	defer l.mu.Unlock()
	if policy.quota > 0 {
		l.quota, l.window = usable(policy.quota), policy.window
	}
	if !left.known {
		return
	}
	// l.quota is 11/12 of the server's, so this is its last twelfth.
	if left.reset <= 0 || left.remaining*(reserveShare-1) >= l.quota {
		l.paced = time.Time{}
		return
	}
	l.paced = now.Add(left.reset)
	if left.remaining == 0 {
		l.interval = left.reset
		l.next = later(l.next, l.paced)
		return
	}
	l.interval = left.reset / time.Duration(left.remaining)
	if !l.next.After(now) {
		l.next = now.Add(l.interval)
	}
}
