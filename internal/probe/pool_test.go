package probe

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
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
