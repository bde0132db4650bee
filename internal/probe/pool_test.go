package probe

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// countingServer is a TLS server that counts connections.
func countingServer(t *testing.T, http2 bool) (c *Client, url string, opened *atomic.Int64) {
	t.Helper()
	opened = new(atomic.Int64)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
		_, err := r.Cookie("seen")
		w.Header().Set("X-Cookie", map[bool]string{true: "no", false: "yes"}[err != nil])
	}))
	srv.EnableHTTP2 = http2
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	c, err := New(Config{AllowedHosts: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	return c, srv.URL, opened
}

func TestReuse(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		http2 bool
		req   Request
		most  int64
		least int64
	}{
		"shared":           {req: Request{Reuse: true, TrustAnyCert: true}, most: reuseConnections, least: 1},
		"shared by HTTP/2": {http2: true, req: Request{Reuse: true, TrustAnyCert: true}, most: reuseConnections, least: 1},
		"fresh":            {req: Request{TrustAnyCert: true}, most: 30, least: 30},
		"tied to one":      {req: Request{Reuse: true, TrustAnyCert: true, Header: http.Header{"Authorization": {"Negotiate YII="}}}, most: 30, least: 30},
		"an address":       {req: Request{Reuse: true, TrustAnyCert: true, Address: netip.MustParseAddr("127.0.0.1")}, most: 30, least: 30},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, url, opened := countingServer(t, tt.http2)
			var all sync.WaitGroup
			for range 30 {
				all.Go(func() {
					req := tt.req
					req.URL = url
					x := c.Fetch(t.Context(), req)
					if x.Status != http.StatusOK || !x.Connected || x.Header.Get("X-Cookie") != "no" {
						t.Errorf("%d %s %s, connected %v, cookie %s", x.Status, x.Failure, x.Detail, x.Connected, x.Header.Get("X-Cookie"))
					}
				})
			}
			all.Wait()
			if n := opened.Load(); n < tt.least || n > tt.most {
				t.Errorf("%d connections, want %d to %d", n, tt.least, tt.most)
			}
		})
	}
}

// A connection that nobody verified serves no request that wants it verified.
func TestReuseVerifies(t *testing.T) {
	t.Parallel()
	c, url, _ := countingServer(t, false)
	if x := c.Fetch(t.Context(), Request{URL: url, Reuse: true, TrustAnyCert: true}); x.Status != http.StatusOK {
		t.Fatal(x.Failure, x.Detail)
	}
	if x := c.Fetch(t.Context(), Request{URL: url, Reuse: true}); x.Failure != FailUnverified {
		t.Errorf("got %d %q, want unverified", x.Status, x.Failure)
	}
}

// moody is a server that does something else with every request but the first of a
// connection.
func moody(t *testing.T, then http.HandlerFunc) (c *Client, url string, opened *atomic.Int64) {
	t.Helper()
	opened = new(atomic.Int64)
	type counterKey struct{}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n, _ := r.Context().Value(counterKey{}).(*atomic.Int64); n.Add(1) > 1 {
			then(w, r)
		}
	}))
	srv.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		opened.Add(1)
		return context.WithValue(ctx, counterKey{}, new(atomic.Int64))
	}
	srv.Start()
	t.Cleanup(srv.Close)
	c, err := New(Config{AllowedHosts: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	return c, srv.URL, opened
}

// What breaks off on a shared connection counts only if it does on another too; what
// may change something is never sent again.
func TestReuseOfABrokenConnection(t *testing.T) {
	t.Parallel()
	var cut atomic.Int64
	c, url, _ := moody(t, func(w http.ResponseWriter, _ *http.Request) {
		cut.Add(1)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"))
		_ = conn.Close()
	})
	for range 4 {
		if x := c.Fetch(t.Context(), Request{URL: url, Reuse: true}); x.Failure != FailNone {
			t.Errorf("%d %s %s", x.Status, x.Failure, x.Detail)
		}
	}
	if cut.Load() == 0 {
		t.Error("no connection was shared")
	}
	c.Flush()
	before := cut.Load()
	c.Fetch(t.Context(), Request{URL: url, Reuse: true})
	if x := c.Fetch(t.Context(), Request{Method: http.MethodPost, URL: url, Body: []byte("{}"), Intent: Active, Reuse: true}); x.Failure != FailReset || cut.Load() != before+1 {
		t.Errorf("POST: %d %q, cut off %d times", x.Status, x.Failure, cut.Load()-before)
	}
}

// A host that refuses quick requests gets them as all others.
func TestReuseThrottled(t *testing.T) {
	t.Parallel()
	c, url, opened := moody(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) })
	var statuses []int
	for range 6 {
		statuses = append(statuses, c.Fetch(t.Context(), Request{URL: url, Reuse: true}).Status)
	}
	if want := []int{200, 429, 200, 200, 200, 200}; !slices.Equal(statuses, want) || opened.Load() != 5 {
		t.Errorf("%v on %d connections, want %v on 5", statuses, opened.Load(), want)
	}
}

// Connections are not shared with what a server may hang up on, nor kept where the
// zone has changed or may have.
func TestReuseApart(t *testing.T) {
	t.Parallel()
	c, url, opened := countingServer(t, false)
	req := Request{URL: url, Reuse: true, TrustAnyCert: true}
	apart := req
	apart.Apart = true
	for i, step := range []func(){
		func() { c.Fetch(t.Context(), req) },
		func() { c.Fetch(t.Context(), apart) },
		func() { c.Fetch(Fresh(t.Context()), req) },
		func() { c.Flush(); c.Fetch(t.Context(), req) },
	} {
		if step(); opened.Load() != int64(i+1) {
			t.Fatalf("step %d: %d connections, want %d", i, opened.Load(), i+1)
		}
	}
	if c.Fetch(t.Context(), req); opened.Load() != 4 {
		t.Errorf("%d connections, want 4", opened.Load())
	}
}

// A host that refuses quick requests with 503 and says no more, as nginx does, is
// asked again at the pace of others, once it has had a rest.
func TestReuseRefusedAsBusy(t *testing.T) {
	t.Parallel()
	c, url, opened := moody(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	for i := range 4 {
		if x := c.Fetch(t.Context(), Request{URL: url, Reuse: true}); x.Status != http.StatusOK {
			t.Errorf("request %d: %d", i, x.Status)
		}
	}
	if opened.Load() != 4 { // one shared, and one each for the others
		t.Errorf("%d connections", opened.Load())
	}
}
