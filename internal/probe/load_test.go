package probe

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// loadClient reaches a server under a client's name.
func loadClient(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	c, err := New(Config{AllowedHosts: []string{"portal.acme.example"}, ConnectTo: map[string]string{"*:80": s.Listener.Addr().(*net.TCPAddr).String(), "portal.acme.example:80": s.Listener.Addr().(*net.TCPAddr).String()}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every request is told twice, in the open loop's schedule, and keeps the rules
// of the prober: what leads out of the scope is not followed.
func TestLoad(t *testing.T) {
	var sent atomic.Int64
	c := loadClient(t, func(w http.ResponseWriter, r *http.Request) {
		sent.Add(1)
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "http://www.other.example/", http.StatusFound)
			return
		}
		_, _ = w.Write([]byte("ok"))
	})
	for path, redirect := range map[string]string{"/": "", "/away": "http://www.other.example/"} {
		sent.Store(0)
		began, ended := map[int]bool{}, map[int]Sample{}
		l := c.Load(t.Context(), LoadRequest{Request: Request{URL: "http://portal.acme.example" + path, FollowRedirects: true}, PerSecond: 200, Count: 20})
		for s := range l.Samples {
			if !s.Ended {
				began[s.Seq] = true
				continue
			}
			ended[s.Seq] = s
		}
		if len(began) != 20 || len(ended) != 20 || sent.Load() != 20 {
			t.Errorf("%s: %d began, %d ended, %d were sent", path, len(began), len(ended), sent.Load())
		}
		for i, s := range ended {
			if s.Answer.Failure != FailNone || s.Answer.Redirect != redirect || s.Latency <= 0 || i == 0 && s.Phases.Reused || i == 0 && s.Phases.Connect <= 0 {
				t.Errorf("%s: %d: %+v", path, i, s)
			}
		}
	}
}

func TestLoadBounds(t *testing.T) {
	var sent atomic.Int64
	hang := make(chan struct{})
	c := loadClient(t, func(_ http.ResponseWriter, r *http.Request) {
		sent.Add(1)
		select {
		case <-r.Context().Done():
		case <-hang:
		}
	})
	defer close(hang)
	out := c.Load(t.Context(), LoadRequest{Request: Request{URL: "http://www.other.example/"}, PerSecond: 10, Count: 5})
	if _, open := <-out.Samples; open || out.Failure != FailScope {
		t.Errorf("out of scope: %+v", out)
	}
	none := c.Load(t.Context(), LoadRequest{Request: Request{URL: "http://portal.acme.example/"}})
	if _, open := <-none.Samples; open || none.Failure == FailNone {
		t.Errorf("no count: %+v", none)
	}
	// Answers that do not come hold nobody up, and are cut when the load ends.
	ctx, cancel := context.WithCancel(t.Context())
	left := 8
	take := func() bool { left--; return left >= 0 }
	l := c.Load(ctx, LoadRequest{Request: Request{URL: "http://portal.acme.example/"}, PerSecond: 100, Count: 50, Take: take})
	began, cut := 0, 0
	for s := range l.Samples {
		switch {
		case !s.Ended:
			if began++; began == 8 {
				time.AfterFunc(50*time.Millisecond, cancel)
			}
		case s.Cut:
			cut++
		}
	}
	cancel()
	if began != 8 || cut != 8 || sent.Load() > 8 {
		t.Errorf("%d began, %d were cut, %d were sent", began, cut, sent.Load())
	}
}
