package api

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Limit is how many calls may be made in a window of time.
type Limit struct {
	Calls  int
	Window time.Duration
}

// limiter counts the calls of the account's user over all tokens, in windows
// that begin with their first call. One who exceeds the limit is refused
// everything for a whole window from then on.
type limiter struct {
	limit Limit

	mu      sync.Mutex
	ends    time.Time // of the window
	used    int
	blocked bool // until ends
}

func newLimiter(l Limit) *limiter {
	if l.Calls <= 0 || l.Window <= 0 {
		l = Limit{Calls: 1200, Window: 5 * time.Minute}
	}
	return &limiter{limit: l}
}

// take counts a call and reports whether it may go on, and if not, how long
// to wait.
func (l *limiter) take(now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.roll(now)
	if l.used == 0 {
		l.ends = now.Add(l.limit.Window)
	}
	if l.used < l.limit.Calls {
		l.used++
		return 0, true
	}
	if !l.blocked {
		l.blocked, l.ends = true, now.Add(l.limit.Window)
	}
	return l.ends.Sub(now), false
}

// roll begins a new window when the last one is over.
func (l *limiter) roll(now time.Time) {
	if l.used > 0 && !now.Before(l.ends) {
		l.used, l.blocked = 0, false
	}
}

// describe writes the headers that tell what is left.
func (l *limiter) describe(h http.Header, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.roll(now)
	reset := l.limit.Window
	if l.used > 0 {
		reset = l.ends.Sub(now)
	}
	h.Set("Ratelimit", fmt.Sprintf(`"default";r=%d;t=%s`, l.limit.Calls-l.used, seconds(reset)))
	h.Set("Ratelimit-Policy", fmt.Sprintf(`"default";q=%d;w=%s`, l.limit.Calls, seconds(l.limit.Window)))
}
