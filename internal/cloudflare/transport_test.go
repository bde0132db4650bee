package cloudflare

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// step is one answer of a script.
type step struct {
	status int // 0 cuts the connection
	body   string
	header string // "Name: value"
}

func script(steps []step) http.HandlerFunc {
	var n atomic.Int64
	return func(w http.ResponseWriter, _ *http.Request) {
		s := steps[min(int(n.Add(1)), len(steps))-1]
		if s.status == 0 {
			drop(w)
			return
		}
		if name, value, found := strings.Cut(s.header, ": "); found {
			w.Header().Set(name, value)
		}
		send(w, s.status, s.body)
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	setting := step{200, ok(`{"id":"ssl","value":"strict","editable":true}`), ""}
	html := "Content-Type: text/html"
	get := func(c *Client) error { _, err := c.readSetting(context.Background(), zoneID, "ssl"); return err }
	remove := func(c *Client) error { return c.DeleteRecord(context.Background(), zoneID, Record{ID: "r1"}) }
	quarter, half := time.Second/4, time.Second/2
	for name, tc := range map[string]struct {
		call     func(*Client) error
		steps    []step
		requests int
		status   int // of the error; -1 for none
		slept    []time.Duration
	}{
		"get, connection lost":       {get, []step{{}, setting}, 2, -1, []time.Duration{quarter}},
		"get, 502 page":              {get, []step{{502, "<html>", html}, setting}, 2, -1, []time.Duration{quarter}},
		"get, empty 500":             {get, []step{{500, "", ""}, setting}, 2, -1, []time.Duration{quarter}},
		"get, 520, 4 tries":          {get, []step{{520, "", ""}}, 4, 520, []time.Duration{quarter, half, time.Second}},
		"get, truncated 200":         {get, []step{{200, `{"success":true,"result":{"id":"ss`, ""}, setting}, 2, -1, []time.Duration{quarter}},
		"get, page with 200":         {get, []step{{200, "<html>", html}}, 4, 200, []time.Duration{quarter, half, time.Second}},
		"get, 503 with Retry-After":  {get, []step{{503, "", "Retry-After: 7"}, setting}, 2, -1, []time.Duration{7 * time.Second}},
		"get, 429":                   {get, []step{{429, refuse(971, "slow"), "Retry-After: 12"}, setting}, 2, -1, []time.Duration{12 * time.Second}},
		"get, 429 without a time":    {get, []step{{429, "", ""}, setting}, 2, -1, []time.Duration{30 * time.Second}},
		"get, 429 for too long":      {get, []step{{429, "", "Retry-After: 3600"}}, 1, 429, nil},
		"get, 403":                   {get, []step{{403, refuse(10000, "Authentication error"), ""}}, 1, 403, nil},
		"get, page with 403":         {get, []step{{403, "<html>", html}}, 1, 403, nil},
		"get, 200 without success":   {get, []step{{200, refuse(10000, "Authentication error"), ""}}, 1, 200, nil},
		"delete, connection lost":    {remove, []step{{}, {200, ok(`{"id":"r1"}`), ""}}, 2, -1, []time.Duration{quarter}},
		"delete, lost and then gone": {remove, []step{{}, {404, refuse(81044, "not there"), ""}}, 2, -1, []time.Duration{quarter}},
		"delete, empty answer":       {remove, []step{{200, "", ""}}, 1, -1, nil},
		"delete, 204":                {remove, []step{{204, "", ""}}, 1, -1, nil},
		"delete, 403":                {remove, []step{{403, refuse(10000, "no"), ""}}, 1, 403, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, script(tc.steps))
			err := tc.call(a.Client)
			status := -1
			var e *Error
			if errors.As(err, &e) {
				status = e.Status
			} else if err != nil {
				t.Fatalf("error is a %T", err)
			}
			if status != tc.status {
				t.Errorf("error %v, want status %d", err, tc.status)
			}
			if got := len(a.requests()); got != tc.requests {
				t.Errorf("%d requests, want %d", got, tc.requests)
			}
			if diff := cmp.Diff(tc.slept, a.clock.slept); diff != "" {
				t.Error("waits:", diff)
			}
		})
	}
}

// failFirst fails without a connection.
type failFirst struct {
	left atomic.Int64
	base http.RoundTripper
}

func (f *failFirst) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.left.Add(-1) >= 0 {
		return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
	}
	return f.base.RoundTrip(r)
}

func TestWriteIsRetriedWhenNothingWasSent(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		send(w, 200, ok(record("r1", "www.acme.example", "A", "192.0.2.1")))
	})
	base := &failFirst{base: a.server.Client().Transport}
	base.left.Store(3)
	wanted := Record{Name: "www.acme.example", Type: "A", Content: "192.0.2.1", TTL: 1}
	if _, err := a.client(t, base).CreateRecord(context.Background(), zoneID, wanted); err != nil {
		t.Fatal(err)
	}
	base.left.Store(100)
	_, err := a.client(t, base).CreateRecord(context.Background(), zoneID, wanted)
	e, isError := asError(err)
	if !isError || e.Status != 0 || e.uncertain || !e.Retryable || !strings.Contains(e.Advice(), "could not be reached") {
		t.Errorf("error %+v", err)
	}
	if left := 100 - base.left.Load(); left != maxTries {
		t.Errorf("%d tries", left)
	}
}

func TestWriteIsRetriedAfter429(t *testing.T) {
	t.Parallel()
	a := serve(t, script([]step{{429, refuse(10100, "limit"), "Retry-After: 5"}, {200, ok(record("r1", "www.acme.example", "A", "192.0.2.1")), ""}}))
	if _, err := a.CreateRecord(context.Background(), zoneID, Record{Name: "www.acme.example", Type: "A", Content: "192.0.2.1"}); err != nil {
		t.Fatal(err)
	}
	if got := a.count("POST"); got != 2 {
		t.Errorf("%d POSTs", got)
	}
}

func TestLimitPastDeadlineFailsAtOnce(t *testing.T) {
	t.Parallel()
	a := serve(t, script([]step{{429, "", "Retry-After: 100"}}))
	a.clock.t = time.Now() // a deadline is in real time
	ctx, cancel := context.WithDeadline(context.Background(), a.clock.t.Add(time.Minute))
	defer cancel()
	at := a.clock.t.Add(100 * time.Second)
	for range 2 { // the second is not even sent
		_, err := a.readSetting(ctx, zoneID, "ssl")
		e, isError := asError(err)
		if !isError || e.Status != 429 || !e.RetryAt.Equal(at) || !strings.Contains(e.Advice(), at.UTC().Format(time.RFC3339)) {
			t.Fatalf("error %+v", err)
		}
	}
	if _, err := a.Records(ctx, zoneID); err == nil {
		t.Error("a list was not refused")
	}
	if got := len(a.requests()); got != 1 {
		t.Errorf("%d requests", got)
	}
}

func TestFreezeStopsEveryRequest(t *testing.T) {
	t.Parallel()
	var limited atomic.Bool
	limited.Store(true)
	a := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if limited.Swap(false) {
			w.Header().Set("Retry-After", "60")
			send(w, 429, "")
			return
		}
		send(w, 200, ok(`{"id":"ssl","value":"full"}`))
	})
	if _, err := a.readSetting(context.Background(), zoneID, "ssl"); err != nil {
		t.Fatal(err)
	}
	if got := a.clock.now().Sub(epoch); got != time.Minute {
		t.Errorf("waited %v", got)
	}
	a.limiter.freeze(a.clock.now().Add(20 * time.Second))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := a.readSetting(context.Background(), zoneID, "ssl"); err != nil {
				t.Error(err)
			}
			if a.clock.now().Sub(epoch) < 80*time.Second {
				t.Error("a request went out during the freeze")
			}
		})
	}
	all.Wait()
}

func TestNoSecretInLogsAndErrors(t *testing.T) {
	t.Parallel()
	other := "cfat_" + strings.Repeat("a1B2", 12)
	a := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Ratelimit", `"`+canary+`";r=900;t=30`)
		send(w, 400, refuse(6003, "Invalid header "+r.Header.Get("Authorization")+" and "+other))
	})
	_, err := a.readSetting(context.Background(), zoneID, "ssl")
	_, zoneErr := a.Zone(context.Background(), "acme.example")
	_, lostErr := a.client(t, secretError{}).Zone(context.Background(), "acme.example")
	for _, text := range []string{err.Error(), zoneErr.Error(), lostErr.Error(), a.log()} {
		if text == "" || strings.Contains(text, "CANARY") || strings.Contains(text, other) {
			t.Errorf("secret or nothing in %q", text)
		}
	}
	for _, want := range []string{"method:GET", "status:400", "attempt:1", "cf_ray:8f00ba5500000001-AMS", "path:/v4/zones/" + zoneID + "/settings/ssl"} {
		if !strings.Contains(a.log(), want) {
			t.Errorf("log lacks %s: %s", want, a.log())
		}
	}
}

type secretError struct{}

func (secretError) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, errors.New("cannot send " + r.Header.Get("Authorization"))
}

func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	a := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) })
	_, err := a.readSetting(context.Background(), zoneID, "ssl")
	if e, isError := asError(err); !isError || e.Status != 302 {
		t.Errorf("error %v", err)
	}
	if got := len(a.requests()); got != 1 {
		t.Errorf("%d requests", got)
	}
}

// What may change something is told before it is sent and after its answer, and
// what only reads never.
func TestChanged(t *testing.T) {
	t.Parallel()
	var a *api
	var before []int64
	answer := script([]step{{502, "<html>", "Content-Type: text/html"}, {200, ok(`{"id":"r1"}`), ""}})
	a = serve(t, func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		before = append(before, a.changes.Load())
		a.mu.Unlock()
		answer(w, r)
	})
	if _, err := a.readSetting(context.Background(), zoneID, "ssl"); err != nil && !strings.Contains(err.Error(), "ssl") {
		t.Fatal(err)
	}
	if err := a.DeleteRecord(context.Background(), zoneID, Record{ID: "r1"}); err != nil {
		t.Fatal(err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if diff := cmp.Diff([]int64{0, 0, 1}, before); diff != "" {
		t.Errorf("told before each request (-want +got):\n%s", diff)
	}
	if n := a.changes.Load(); n != 2 {
		t.Errorf("told %d times, want 2", n)
	}
}
