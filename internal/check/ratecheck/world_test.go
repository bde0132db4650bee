package ratecheck

import (
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// The tests wait far more than they work.
func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", "10")
	m.Run()
}

// window counts events by key in the last while.
type window struct {
	limit int
	span  time.Duration
	mu    sync.Mutex
	seen  map[string][]time.Time
}

func newWindow(limit int, span time.Duration) *window {
	return &window{limit: limit, span: span, seen: map[string][]time.Time{}}
}

// over reports whether a key is over the limit, and when it no longer is.
func (w *window) over(key string) (time.Duration, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	w.seen[key] = slices.DeleteFunc(w.seen[key], func(t time.Time) bool { return now.Sub(t) > w.span })
	if len(w.seen[key]) < w.limit {
		return 0, false
	}
	return w.span - now.Sub(w.seen[key][0]), true
}

func (w *window) count(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen[key] = append(w.seen[key], time.Now())
}

// attempt is a request as the fake portal reads it.
type attempt struct {
	*http.Request
	email, password string
	address         string // of the visitor
	n               int    // of all requests
}

// account is the account that an address signs in to.
func (a attempt) account() string { return strings.ToLower(strings.TrimSpace(a.email)) }
func (a attempt) right() bool     { return a.password == "right-"+a.account() }

// login answers an attempt as a portal without a limiter does.
func login(w http.ResponseWriter, a attempt) {
	if a.right() {
		fmt.Fprint(w, `{"token":"t"}`)
		return
	}
	w.WriteHeader(http.StatusUnauthorized)
	fmt.Fprint(w, `{"error":"address or password is not right"}`)
}

func tooMany(w http.ResponseWriter, after time.Duration) {
	w.Header().Set("Retry-After", fmt.Sprint(int(after/time.Second)+1))
	w.WriteHeader(http.StatusTooManyRequests)
	fmt.Fprint(w, `{"error":"too many requests"}`)
}

// handler answers attempts at an endpoint.
type handler func(w http.ResponseWriter, a attempt)

// limited puts a window before a handler. key says what is counted by; which
// attempts count is said by counts.
func limited(limit int, span time.Duration, key func(attempt) string, counts func(attempt) bool, then handler) handler {
	win := newWindow(limit, span)
	return func(w http.ResponseWriter, a attempt) {
		if after, over := win.over(key(a)); over {
			tooMany(w, after)
			return
		}
		if counts(a) {
			win.count(key(a))
		}
		then(w, a)
	}
}

// anew bears so many requests of all visitors in a window of fixed length, and
// none for as long once there are more, as an edge does.
func anew(limit int, span time.Duration, then handler) handler {
	var mu sync.Mutex
	var began, until time.Time
	n := 0
	over := func() (time.Duration, bool) {
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		if now.Before(until) {
			return until.Sub(now), true
		}
		if !until.IsZero() || now.Sub(began) > span {
			began, until, n = now, time.Time{}, 0
		}
		if n++; n <= limit {
			return 0, false
		}
		until = now.Add(span)
		return span, true
	}
	return func(w http.ResponseWriter, a attempt) {
		if after, held := over(); held {
			tooMany(w, after)
			return
		}
		then(w, a)
	}
}

// slowly takes as long for an answer as a portal that has much to do.
func slowly(then handler) handler {
	return func(w http.ResponseWriter, a attempt) {
		time.Sleep(150*time.Millisecond + rand.N(250*time.Millisecond))
		then(w, a)
	}
}

// begun is limited by account, for an account at which there were some failures
// before the first attempt.
func begun(failed, limit int, span time.Duration, counts func(attempt) bool, then handler) handler {
	win := newWindow(limit, span)
	var once sync.Once
	return func(w http.ResponseWriter, a attempt) {
		once.Do(func() {
			for range failed {
				win.count(byAccountOf(a))
			}
		})
		if after, over := win.over(byAccountOf(a)); over {
			tooMany(w, after)
			return
		}
		if counts(a) {
			win.count(byAccountOf(a))
		}
		then(w, a)
	}
}

func byIP(a attempt) string         { return a.address }
func byAccountOf(a attempt) string  { return a.account() }
func byRawAddress(a attempt) string { return a.email }
func always(attempt) bool           { return true }
func failures(a attempt) bool       { return !a.right() }

// world is a portal behind TLS and HTTP/2.
type world struct {
	*probe.Client
	mu       sync.Mutex
	requests int
}

// newWorld serves the endpoint at every spelling of its path that route takes;
// nil = exactly /api/login.
func newWorld(t *testing.T, h handler, route func(path string) bool) *world {
	t.Helper()
	w := &world{}
	if route == nil {
		route = func(path string) bool { return path == "/api/login" }
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.requests++
		n := w.requests
		w.mu.Unlock()
		switch {
		case r.URL.Path == "/api/me" && r.Header.Get("Authorization") == "Bearer member":
			return
		case !route(r.URL.EscapedPath()):
			rw.WriteHeader(http.StatusNotFound)
			return
		}
		var in struct{ Email, Password string }
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &in)
		h(rw, attempt{Request: r, email: in.Email, password: in.Password, address: "127.0.0.1", n: n})
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	at, _ := url.Parse(server.URL)
	client, err := probe.New(probe.Config{
		AllowedHosts: []string{"portal.example.com"}, Timeout: 5 * time.Second, ConnectTo: map[string]string{"portal.example.com:443": at.Host},
		CABundle: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Client = client
	return w
}

// endpoint is the sign-in of the world with two test accounts whose passwords are known.
func endpoint() Endpoint {
	return Endpoint{
		URL: "https://portal.example.com/api/login", Body: `{"email":"{{account}}","password":"{{password}}"}`,
		Requests: 20, Within: time.Second,
		Accounts: []Account{{"member-a@example.com", "right-member-a@example.com"}, {"member-b@example.com", ""}},
		Control:  &Control{URL: "https://portal.example.com/api/me", Header: http.Header{"Authorization": {"Bearer member"}}},
	}
}

// strangers is the sign-in without test accounts.
func strangers() Endpoint {
	e := endpoint()
	e.Accounts = nil
	return e
}

// plain is an endpoint whose request names no account.
func plain() Endpoint {
	e := endpoint()
	e.Accounts, e.Body = nil, `{"email":"x@example.com","password":"no"}`
	return e
}

func (w *world) run(t *testing.T, e Endpoint) readiness.Result {
	t.Helper()
	result, err := Definition.Execute(t.Context(), w, Spec{Endpoints: []Endpoint{e}, MaximumLockout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if w.requests > probe.MaxBurst {
		t.Errorf("%d requests were sent", w.requests)
	}
	return result
}

// verdicts are the rules that are failed and those that could not be tested.
func verdicts(r readiness.Result) (failed, unclear []string) {
	for _, f := range r.Findings {
		switch f.Status {
		case readiness.Fail:
			failed = append(failed, strings.TrimPrefix(f.Rule, "rate."))
		case readiness.Inconclusive:
			unclear = append(unclear, strings.TrimPrefix(f.Rule, "rate."))
		}
	}
	return failed, unclear
}

func explain(r readiness.Result) string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s: %s\n", f.Status, f.Rule, f.Message)
	}
	fmt.Fprintln(&b, r.Observed)
	return b.String()
}
