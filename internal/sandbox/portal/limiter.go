package portal

import (
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What the portal bears. Failed sign-ins are counted by account and network
// together, so that nobody can lock a member out from elsewhere, and by network
// for those who try one password at many accounts.
const (
	failuresByAccount = 10
	failuresByNetwork = 40
	failureWindow     = time.Minute
	lockTime          = time.Minute
	letterPause       = time.Minute // between two letters to one address
	// breakAfter failed sign-ins in the window the portal fails, with the switch for it.
	breakAfter = 8
	// lateFailures lock an account, with the switch for it.
	lateFailures = 50
	maxKeys      = 100_000 // beyond that the limiter forgets
)

// limiter counts failed sign-ins and letters.
type limiter struct {
	now   func() time.Time
	speed float64

	mu       sync.Mutex
	failures map[string][]time.Time
	locked   map[string]time.Time // until when
	letters  map[string]time.Time // to whom the last one went when
}

func newLimiter(now func() time.Time, speed float64) *limiter {
	if speed <= 0 {
		speed = 1
	}
	return &limiter{now: now, speed: speed, failures: map[string][]time.Time{}, locked: map[string]time.Time{}, letters: map[string]time.Time{}}
}

// scaled is a time as it passes here.
func (l *limiter) scaled(d time.Duration) time.Duration { //nolint:unparam // all of these last a minute so far
	return time.Duration(float64(d) / l.speed)
}

// wait returns how long a key is still locked.
func (l *limiter) wait(key string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(l.locked[key].Sub(l.now()), 0)
}

// fail counts a failure and locks the key if there are as many as the limit.
func (l *limiter) fail(key string, limit int, lock time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.failures) > maxKeys {
		clear(l.failures)
	}
	now, kept := l.now(), l.failures[key][:0]
	for _, at := range l.failures[key] {
		if now.Sub(at) < l.scaled(failureWindow) {
			kept = append(kept, at)
		}
	}
	kept = append(kept, now)
	l.failures[key] = kept
	if len(kept) >= limit {
		l.locked[key] = now.Add(lock)
		delete(l.failures, key)
	}
}

// forget lets a key begin anew.
func (l *limiter) forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.failures, key)
}

// mayWrite reports whether an address may get a letter now, and counts it.
func (l *limiter) mayWrite(address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.letters) > maxKeys {
		clear(l.letters)
	}
	now := l.now()
	if last, ok := l.letters[address]; ok && now.Sub(last) < l.scaled(letterPause) {
		return false
	}
	l.letters[address] = now
	return true
}

// network is where a visitor comes from: what the edge says, or the socket.
func (p *Portal) network(r *http.Request) string {
	if first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ","); p.On(TrustsForwardedFor) && first != "" {
		return strings.TrimSpace(first)
	}
	if address := r.Header.Get("Cf-Connecting-Ip"); address != "" {
		return address
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// signInKeys are what a sign-in is counted by.
func (p *Portal) signInKeys(r *http.Request, email string) (account, network string) {
	network = p.network(r)
	if !p.On(LimiterCaseSensitive) {
		email = canonicalAddress(email)
	}
	return email + "\x00" + network, "\x00" + network
}

// braked answers a sign-in that comes too soon, and returns true. Whether the
// password is right is not looked at. show writes the answer.
func (p *Portal) braked(w http.ResponseWriter, r *http.Request, email string, show func(status int)) bool {
	account, network := p.signInKeys(r, email)
	wait := max(p.limiter.wait(account), p.limiter.wait(network))
	switch {
	case p.On(BurstBreaks) && wait > 0:
		show(http.StatusInternalServerError)
	case wait == 0:
		return false
	case p.On(LockoutPermanent) && p.limiter.wait(account) > 0:
		show(http.StatusLocked)
	case p.On(ThrottleAs200):
		answer(w, http.StatusOK, map[string]string{"error": "Too many attempts. Please wait."})
	default:
		if !p.On(RetryAfterMissing) {
			if p.On(RetryAfterShort) {
				wait = time.Second
			}
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		}
		show(http.StatusTooManyRequests)
	}
	return true
}

// signedInAs counts what came of a sign-in.
func (p *Portal) signedInAs(r *http.Request, email string, ok bool) {
	account, network := p.signInKeys(r, email)
	if ok {
		p.limiter.forget(account)
		return
	}
	lock, limit := p.limiter.scaled(lockTime), failuresByAccount
	if p.On(RetryAfterShort) { // so long that waiting thrice as said is not enough
		lock = lock * 5 / 2
	}
	if p.On(LockoutPermanent) {
		lock = 10 * 365 * 24 * time.Hour
	}
	if p.On(BurstBreaks) {
		limit = breakAfter
	}
	byNetwork := failuresByNetwork
	if p.On(LimiterLate) {
		limit, byNetwork = lateFailures, lateFailures
	}
	if !p.On(LimiterMissing) {
		p.limiter.fail(account, limit, lock)
	}
	if p.On(LockShutsOut) {
		p.limiter.fail(shut+network, limit, lock)
	}
	if !p.On(NetworkUncounted) {
		p.limiter.fail(network, byNetwork, p.limiter.scaled(lockTime))
	}
}

// shut begins the keys of networks that are shut out altogether.
const shut = "shut\x00"

// shutOut reports whether a request is refused because somebody of its network
// has been guessing.
func (p *Portal) shutOut(r *http.Request) bool {
	_, network := p.signInKeys(r, "")
	return p.On(LockShutsOut) && strings.HasPrefix(r.URL.Path, "/api/") && r.Method == http.MethodGet && p.limiter.wait(shut+network) > 0
}
