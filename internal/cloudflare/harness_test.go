package cloudflare

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// canary is a token that must not show up anywhere.
const canary = "cfut_CANARYcanaryCANARYcanaryCANARYcanaryCANARY0123456789"

const zoneID = "0123456789abcdef0123456789abcdef"

var epoch = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// fakeClock moves when someone sleeps.
type fakeClock struct {
	mu    sync.Mutex
	t     time.Time
	slept []time.Duration
}

func (f *fakeClock) now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.t
}

func (f *fakeClock) sleep(ctx context.Context, d time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slept = append(f.slept, d)
	f.t = f.t.Add(d)
	return ctx.Err()
}

func (f *fakeClock) clock() *clock { return &clock{stopped: true, now: f.now, sleep: f.sleep} }

// api is a server with what it was asked and a client of it.
type api struct {
	*Client
	clock  *fakeClock
	server *httptest.Server

	mu   sync.Mutex
	seen []string // "METHOD path?query body"
	logs []string

	changes atomic.Int64 // calls of Changed
}

func (a *api) requests() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string{}, a.seen...)
}

// count counts the requests that begin with a prefix.
func (a *api) count(prefix string) int {
	n := 0
	for _, r := range a.requests() {
		if strings.HasPrefix(r, prefix) {
			n++
		}
	}
	return n
}

func (a *api) log() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return strings.Join(a.logs, "\n")
}

func serve(t *testing.T, handler http.HandlerFunc) *api {
	t.Helper()
	a := &api{clock: &fakeClock{t: epoch}}
	a.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body json.RawMessage
		_ = json.NewDecoder(r.Body).Decode(&body)
		a.mu.Lock()
		a.seen = append(a.seen, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Method, strings.TrimPrefix(r.URL.RequestURI(), "/v4"), body)))
		a.mu.Unlock()
		if got := r.Header.Get("Authorization"); got != "Bearer "+canary {
			t.Errorf("Authorization = %q", got)
		}
		for name := range r.Header {
			if strings.HasPrefix(name, "X-Stainless") {
				t.Errorf("header %s was sent", name)
			}
		}
		handler(w, r)
	}))
	t.Cleanup(a.server.Close)
	a.Client = a.client(t, nil)
	return a
}

// serveRaw is serve for a handler that reads the body itself.
func serveRaw(t *testing.T, handler http.Handler) *api {
	t.Helper()
	a := &api{clock: &fakeClock{t: epoch}}
	a.server = httptest.NewServer(handler)
	t.Cleanup(a.server.Close)
	a.Client = a.client(t, nil)
	return a
}

func (a *api) client(t *testing.T, base http.RoundTripper) *Client {
	t.Helper()
	cfg := Config{
		Changed: func() { a.changes.Add(1) },
		Token:   canary, BaseURL: a.server.URL + "/v4", UserAgent: "test/1", clock: a.clock.clock(), random: func() float64 { return 0.5 },
		Log: func(_ context.Context, msg string, fields map[string]any) {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.logs = append(a.logs, fmt.Sprint(msg, fields))
		},
	}
	if base == nil {
		base = a.server.Client().Transport
	}
	cfg.HTTPClient = &http.Client{Transport: base}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func send(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Cf-Ray", "8f00ba5500000001-AMS")
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func ok(result string) string {
	return `{"success":true,"errors":[],"messages":[],"result":` + result + `}`
}

func page(results ...string) string {
	return fmt.Sprintf(`{"success":true,"errors":null,"messages":null,"result":[%s],"result_info":{"page":1,"per_page":5000,"count":%d,"total_count":%[2]d,"total_pages":1}}`,
		strings.Join(results, ","), len(results))
}

func refuse(code int, message string) string {
	return fmt.Sprintf(`{"success":false,"errors":[{"code":%d,"message":%q}],"messages":[],"result":null}`, code, message)
}

func record(id, name, kind, content string) string {
	return fmt.Sprintf(`{"id":%q,"name":%q,"type":%q,"content":%q,"ttl":1,"proxied":false,"proxiable":true,"comment":null,"tags":[],"created_on":"2026-07-01T11:59:59Z"}`,
		id, name, kind, content)
}

// drop cuts the connection.
func drop(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}
