package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// counted is a listener that counts what it accepts, and may drop it at once.
type counted struct {
	net.Listener
	accepted atomic.Int64
	dropped  atomic.Int64 // of the first connections, how many to drop
}

func (l *counted) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.accepted.Add(1) > l.dropped.Load() {
			return conn, nil
		}
		// Closed with a reset, so that it cannot be taken for an answer.
		_ = conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}
}

func listen(t *testing.T) *counted {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return &counted{Listener: l}
}

func serveHTTP(t *testing.T, l net.Listener, handler http.HandlerFunc) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Listener.Close()
	server.Listener = l
	server.Start()
	t.Cleanup(server.Close)
}

// Two requests of a host are under way at once, never three; another host has
// a limit of its own. The server holds every request until it has seen that.
func TestHostConcurrency(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now, most := map[string]int{}, map[string]int{}
	arrived, hold := make(chan string, 64), make(chan struct{})
	l := listen(t)
	serveHTTP(t, l, func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		now[r.Host]++
		most[r.Host] = max(most[r.Host], now[r.Host])
		mu.Unlock()
		arrived <- r.Host
		<-hold
		mu.Lock()
		now[r.Host]--
		mu.Unlock()
	})
	c := newClient(t, Config{Timeout: 30 * time.Second, ConnectTo: map[string]string{"a.example:80": l.Addr().String(), "b.example:80": l.Addr().String()}})
	var all sync.WaitGroup
	for range 6 {
		for _, host := range []string{"a.example", "b.example"} {
			all.Go(func() {
				if x := c.Fetch(t.Context(), Request{URL: "http://" + host + "/"}); x.Failure != FailNone {
					t.Errorf("%s: %s", host, x.Detail)
				}
			})
		}
	}
	for range 2 * hostConcurrency { // all that may arrive before the first answer
		<-arrived
	}
	close(hold)
	all.Wait()
	for host, n := range most {
		if n != hostConcurrency {
			t.Errorf("%s: %d requests at once, want %d", host, n, hostConcurrency)
		}
	}
}

// Every request, repetition and handshake takes its share of the host's rate;
// where none is left, nothing is sent. A rate of 0 leaves the burst alone.
func TestHostRate(t *testing.T) {
	t.Parallel()
	l := listen(t)
	l.dropped.Store(100)
	serveHTTP(t, l, func(http.ResponseWriter, *http.Request) {})
	c := newClient(t, Config{ConnectTo: map[string]string{"*:*": l.Addr().String()}, Timeout: 30 * time.Second})
	limit := c.limit("127.0.0.2")
	limit.rate.SetLimit(0)
	left := func() int64 { return int64(limit.rate.Tokens()) }
	if x := c.Fetch(t.Context(), Request{URL: "http://127.0.0.2/", Retry: true}); x.Failure != FailReset {
		t.Fatalf("fetch: %s (%s)", x.Failure, x.Detail)
	}
	if taken, seen := hostBurst-left(), l.accepted.Load(); taken != seen || seen != 1+maxRetries {
		t.Errorf("%d taken for %d connections, want %d", taken, seen, 1+maxRetries)
	}
	c.Handshake(t.Context(), TLSTarget{Host: "127.0.0.2", Versions: []uint16{tls.VersionTLS10, tls.VersionTLS13}})
	if taken, seen := hostBurst-left(), l.accepted.Load(); taken != seen || seen <= 1+maxRetries {
		t.Errorf("%d taken for %d connections", taken, seen)
	}
	limit.rate.AllowN(time.Now(), int(left()))
	before := l.accepted.Load()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	x := c.Fetch(ctx, Request{URL: "http://127.0.0.2/"})
	f := c.Handshake(ctx, TLSTarget{Host: "127.0.0.2"})
	if x.Failure != FailTimeout || f.Failure != FailTimeout || l.accepted.Load() != before {
		t.Errorf("with nothing left: %s, %s, %d connections", x.Failure, f.Failure, l.accepted.Load()-before)
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		retry   bool
		dropped int64 // connections reset before one is answered
		status  int
		want    FailureKind
		seen    int64
	}{
		"no retry unless asked for":   {false, 1, 200, FailReset, 1},
		"network failures are":        {true, 2, 200, FailNone, 3},
		"at most twice":               {true, 9, 200, FailReset, 3},
		"an error of the server's":    {true, 0, 503, FailNone, 1},
		"too many requests":           {true, 0, 429, FailNone, 1},
		"not found":                   {true, 0, 404, FailNone, 1},
		"a body does not go twice":    {false, 1, 201, FailReset, 1},
		"an answer after one failure": {true, 1, 404, FailNone, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := listen(t)
			l.dropped.Store(tt.dropped)
			serveHTTP(t, l, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(tt.status) })
			c := newClient(t, Config{ConnectTo: map[string]string{"a.example:80": l.Addr().String()}, Timeout: 30 * time.Second})
			req := Request{URL: "http://a.example/", Retry: tt.retry}
			if tt.status == 201 {
				req.Method, req.Body = http.MethodPost, []byte("once")
			}
			if x := c.Fetch(t.Context(), req); x.Failure != tt.want || l.accepted.Load() != tt.seen {
				t.Errorf("%s (%s) after %d connections, want %s after %d", x.Failure, x.Detail, l.accepted.Load(), tt.want, tt.seen)
			}
		})
	}
}

// Where the time runs out between two attempts, what the first one saw counts.
func TestRetryOutOfTime(t *testing.T) {
	t.Parallel()
	c := newClient(t, Config{ConnectTo: map[string]string{"a.example:80": "127.0.0.1:1"}, Timeout: 50 * time.Millisecond})
	if x := c.Fetch(t.Context(), Request{URL: "http://a.example/", Retry: true}); x.Failure != FailRefused {
		t.Errorf("%s (%s)", x.Failure, x.Detail)
	}
}

func TestBody(t *testing.T) {
	t.Parallel()
	l := listen(t)
	serveHTTP(t, l, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "this is no gzip")
		default:
			_, _ = w.Write(bytes.Repeat([]byte("x"), 1000))
		}
	})
	c := newClient(t, Config{ConnectTo: map[string]string{"a.example:80": l.Addr().String()}})
	for name, tt := range map[string]struct {
		req       Request
		size      int
		truncated bool
		failure   FailureKind
	}{
		"shorter than the cap": {Request{MaxBody: 1001}, 1000, false, FailNone},
		"exactly the cap":      {Request{MaxBody: 1000}, 1000, false, FailNone},
		"longer than the cap":  {Request{MaxBody: 999}, 999, true, FailNone},
		"HEAD":                 {Request{Method: http.MethodHead}, 0, false, FailNone},
		"cut short":            {Request{URL: "/cut"}, 4, false, FailReset},
		"broken encoding":      {Request{URL: "/gzip"}, 0, false, FailOther},
		"HEAD of gzip":         {Request{URL: "/gzip", Method: http.MethodHead}, 0, false, FailNone},
		"undecoded if asked":   {Request{URL: "/gzip", Header: http.Header{"Accept-Encoding": {"identity"}}}, 15, false, FailNone},
	} {
		t.Run(name, func(t *testing.T) {
			tt.req.URL = "http://a.example" + tt.req.URL
			x := c.Fetch(t.Context(), tt.req)
			if len(x.Body) != tt.size || x.Truncated != tt.truncated || x.Failure != tt.failure || x.Status != 200 {
				t.Errorf("%d octets, truncated %t, %s (%s)", len(x.Body), x.Truncated, x.Failure, x.Detail)
			}
		})
	}
}

// A host that is out of scope gets not one connection, however it is reached.
func TestOutOfScopeIsNotContacted(t *testing.T) {
	t.Parallel()
	stranger, home := listen(t), listen(t)
	serveHTTP(t, stranger, func(http.ResponseWriter, *http.Request) {})
	serveHTTP(t, home, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(http.StatusFound)
	})
	to := map[string]string{"acme.example:80": home.Addr().String(), "*:*": stranger.Addr().String()}
	scoped := newClient(t, Config{AllowedHosts: []string{"acme.example", "*.acme.example"}, ConnectTo: to})
	open := newClient(t, Config{ConnectTo: to})
	nothing := newClient(t, Config{AllowedHosts: []string{}, ConnectTo: to})
	address := netip.MustParseAddr("127.0.0.1")
	for _, target := range []string{
		"http://stranger.example/", "https://stranger.example/", "//stranger.example", "http://xacme.example/", "http://acme.example.stranger.example/",
		"http://acme.example@stranger.example/", "http://127.0.0.1:" + port(t, stranger) + "/", "http://[::1]/", "file:///etc/passwd", `http:\\stranger.example`,
	} {
		for name, c := range map[string]*Client{"scope set": scoped, "scope unset": open} {
			x := c.Fetch(t.Context(), Request{URL: "http://acme.example/?to=" + queryEscape(target), FollowRedirects: true, Retry: true})
			if len(x.Hops) != 1 || x.Failure != FailNone {
				t.Errorf("%s: redirect to %s: %d hops, %s", name, target, len(x.Hops), x.Failure)
			}
		}
		x := scoped.Fetch(t.Context(), Request{URL: target, Address: address})
		if x.Failure == FailNone {
			t.Errorf("%s was fetched", target)
		}
	}
	for _, c := range []*Client{scoped, nothing} {
		for _, host := range []string{"stranger.example", "127.0.0.1", "::1"} {
			if f := c.Handshake(t.Context(), TLSTarget{Host: host, Address: address}); f.Failure != FailScope {
				t.Errorf("handshake with %s: %s", host, f.Failure)
			}
		}
	}
	if x := open.Fetch(t.Context(), Request{URL: "http://acme.example/", Intent: Active}); x.Failure != FailScope {
		t.Errorf("active without a scope: %s", x.Failure)
	}
	if n := stranger.accepted.Load(); n != 0 {
		t.Errorf("%d connections to hosts out of scope", n)
	}
}

// Headers may be credentials: a redirect takes none to another host.
func TestHeadersStayAtTheirHost(t *testing.T) {
	t.Parallel()
	got := make(chan http.Header, 2)
	l := listen(t)
	serveHTTP(t, l, func(w http.ResponseWriter, r *http.Request) {
		got <- r.Header
		if r.Host == "acme.example" {
			http.Redirect(w, r, "http://cdn.acme.example/", http.StatusTemporaryRedirect)
		}
	})
	c := newClient(t, Config{ConnectTo: map[string]string{"acme.example:80": l.Addr().String(), "cdn.acme.example:80": l.Addr().String()}})
	x := c.Fetch(t.Context(), Request{URL: "http://acme.example/", FollowRedirects: true, Header: http.Header{"Authorization": {"Bearer x"}, "X-Api-Key": {"x"}, "Accept-Language": {"de"}}})
	if len(x.Hops) != 2 {
		t.Fatalf("%d hops, %s", len(x.Hops), x.Detail)
	}
	first, second := <-got, <-got
	if first.Get("Authorization") == "" || second.Get("Authorization") != "" || second.Get("X-Api-Key") != "" || second.Get("Accept-Language") != "de" {
		t.Errorf("first %v, second %v", first, second)
	}
}

func TestStalledServer(t *testing.T) {
	t.Parallel()
	l := listen(t)
	var held []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			held = append(held, conn)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
		for _, conn := range held {
			conn.Close()
		}
	})
	c := newClient(t, Config{ConnectTo: map[string]string{"a.example:*": l.Addr().String()}, Timeout: 100 * time.Millisecond})
	f := c.Handshake(t.Context(), TLSTarget{Host: "a.example", Versions: []uint16{tls.VersionTLS10}, Suites: [][]uint16{{tls.TLS_RSA_WITH_RC4_128_SHA}}})
	if f.Failure != FailTimeout || f.Versions[tls.VersionTLS10] != VersionInconclusive || f.Suites[0].Outcome != VersionInconclusive {
		t.Errorf("%s (%s), %v, %v", f.Failure, f.Detail, f.Versions, f.Suites)
	}
	if n := l.accepted.Load(); n != 1 {
		t.Errorf("%d connections to a server that does not talk, want 1", n)
	}
	if x := c.Fetch(t.Context(), Request{URL: "http://a.example/"}); x.Failure != FailTimeout {
		t.Errorf("fetch: %s (%s)", x.Failure, x.Detail)
	}
}
