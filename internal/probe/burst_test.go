package probe

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// bursting is a server over TLS with HTTP/2 that notes what it is sent.
type bursting struct {
	*Client
	mu       sync.Mutex
	requests []*http.Request
	peers    map[string]bool
	under    atomic.Int32
	most     atomic.Int32
}

func newBursting(t *testing.T, handler http.HandlerFunc) *bursting {
	t.Helper()
	b := &bursting{peers: map[string]bool{}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := b.under.Add(1)
		defer b.under.Add(-1)
		for most := b.most.Load(); n > most && !b.most.CompareAndSwap(most, n); most = b.most.Load() {
		}
		b.mu.Lock()
		b.requests, b.peers[r.RemoteAddr] = append(b.requests, r), true
		b.mu.Unlock()
		handler(w, r)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	at, _ := url.Parse(server.URL)
	b.Client = newClient(t, Config{AllowedHosts: []string{"a.example.com", "b.example.com"}, CABundle: certificateOf(server), Timeout: 2 * time.Second, ConnectTo: map[string]string{"*:443": at.Host, "a.example.com:443": at.Host}})
	return b
}

func ok(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

var toA = Request{Method: http.MethodPost, URL: "https://a.example.com/login", Body: []byte("x")}

func TestBurst(t *testing.T) {
	t.Parallel()
	limitAt := func(n int32) http.HandlerFunc {
		var seen atomic.Int32
		return func(w http.ResponseWriter, _ *http.Request) {
			if seen.Add(1) > n {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}
	}
	throttled := func(_ int, x Exchange) bool { return x.Throttled() }
	for name, test := range map[string]struct {
		handler  http.HandlerFunc
		req      BurstRequest
		min, max int // requests
		protocol Protocol
	}{
		"all of them":        {handler: ok, req: BurstRequest{Request: toA, Count: 20, PerSecond: 1000}, min: 20, max: 20, protocol: HTTP2},
		"never more":         {handler: ok, req: BurstRequest{Request: toA, Count: 5000, PerSecond: 1e6}, min: MaxBurst, max: MaxBurst, protocol: HTTP2},
		"no budget is more":  {handler: ok, req: BurstRequest{Request: toA, Count: 5000, PerSecond: 1e6, Budget: NewBudget(1000)}, min: MaxBurst, max: MaxBurst, protocol: HTTP2},
		"within a budget":    {handler: ok, req: BurstRequest{Request: toA, Count: 20, PerSecond: 1000, Budget: NewBudget(3)}, min: 3, max: 3, protocol: HTTP2},
		"stops":              {handler: limitAt(5), req: BurstRequest{Request: toA, Count: 100, PerSecond: 200, InFlight: 2, Stop: throttled}, min: 6, max: 8, protocol: HTTP2},
		"another protocol":   {handler: ok, req: BurstRequest{Request: toA, Count: 6, PerSecond: 1000, InFlight: 2, Protocol: HTTP1}, min: 6, max: 6, protocol: HTTP1},
		"HTTP/2 alone":       {handler: ok, req: BurstRequest{Request: toA, Count: 2, Protocol: HTTP2}, min: 2, max: 2, protocol: HTTP2},
		"out of scope":       {handler: ok, req: BurstRequest{Request: Request{URL: "https://c.example.com/"}, Count: 3}},
		"no address":         {handler: ok, req: BurstRequest{Request: Request{URL: "login"}, Count: 3}},
		"no other host":      {handler: ok, req: BurstRequest{Request: toA, Count: 1, Vary: func(_ int, r *Request) { r.URL = "https://b.example.com/" }}},
		"redirects are kept": {handler: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusSeeOther) }, req: BurstRequest{Request: toA, Count: 1}, min: 1, max: 1, protocol: HTTP2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBursting(t, test.handler)
			result := b.Burst(t.Context(), test.req)
			if n := len(b.requests); n < test.min || n > test.max || n > 0 && n != len(result.Exchanges) {
				t.Errorf("%d requests came, %d answers: want %d to %d", n, len(result.Exchanges), test.min, test.max)
			}
			if len(b.peers) > max(test.req.InFlight, 1) {
				t.Errorf("%d connections", len(b.peers))
			}
			if most := b.most.Load(); int(most) > max(test.req.InFlight, defaultInFlight) {
				t.Errorf("%d requests at once", most)
			}
			if result.Protocol != test.protocol {
				t.Errorf("protocol %q, want %q", result.Protocol, test.protocol)
			}
			if test.max == 0 && result.Last().Failure == FailNone {
				t.Error("nothing was sent, and nothing is said of it")
			}
		})
	}
}

// Each request may differ, and the pace is kept.
func TestBurstVaries(t *testing.T) {
	t.Parallel()
	b := newBursting(t, ok)
	start := time.Now()
	result := b.Burst(t.Context(), BurstRequest{Request: toA, Count: 5, PerSecond: 20, InFlight: 1, Vary: func(i int, r *Request) {
		r.Header.Set("X-Forwarded-For", "203.0.113."+strconv.Itoa(i))
	}})
	if took := time.Since(start); took < 200*time.Millisecond {
		t.Errorf("five requests at 20 a second took %v", took)
	}
	seen := map[string]bool{}
	for _, r := range b.requests {
		seen[r.Header.Get("X-Forwarded-For")] = true
	}
	if len(seen) != 5 || len(result.Sent) != 5 || result.Sent[4] < 200*time.Millisecond {
		t.Errorf("headers %v, sent %v", seen, result.Sent)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"60": time.Minute, " 0 ": 0, "Sun, 01 Mar 2026 12:02:00 GMT": 2 * time.Minute, "Sun, 01 Mar 2026 11:00:00 GMT": 0,
		"": -1, "soon": -1, "-5": -1, "1.5": -1, "99999999999999999999": -1,
	} {
		got, ok := Exchange{Header: http.Header{"Retry-After": {text}}}.RetryAfter(now)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
