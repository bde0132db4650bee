package latencycheck

import (
	"flag"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// site is a portal that answers /action as the test says. Every other path is
// not found, but for the baseline.
type site struct {
	*httptest.Server
	mu       sync.Mutex
	took     []time.Duration // what each answer to /action took, in the order they came
	requests atomic.Int64    // all of them
}

const host = "portal.acme.example"

// serve starts a site. The handler is told the number of the request, from 0.
func serve(t *testing.T, handle func(w http.ResponseWriter, r *http.Request, i int)) *site {
	t.Helper()
	s := &site{}
	mux := http.NewServeMux()
	mux.HandleFunc("/still", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("still")) })
	mux.HandleFunc("/login", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<form method="post"><input name="email"><input name="password" type="password"></form>`))
	})
	mux.HandleFunc("/action", func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		s.mu.Lock()
		i := len(s.took)
		s.took = append(s.took, 0)
		s.mu.Unlock()
		handle(w, r, i)
		s.mu.Lock()
		s.took[i] = time.Since(began)
		s.mu.Unlock()
	})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// pause waits, unless the visitor goes.
func pause(r *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

func ok(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"display_name":"Mira"}`))
}

// prober reaches the site under a client's name.
func (s *site) prober(t *testing.T) *probe.Client {
	t.Helper()
	p, err := probe.New(probe.Config{
		AllowedHosts: []string{host}, UserAgent: "launchready/test",
		ConnectTo: map[string]string{host + ":80": s.Listener.Addr().(*net.TCPAddr).String()},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// quick is a spec that is decided within a second.
func quick() Spec {
	return Spec{
		Actions: []Action{{Name: "profile", URL: "http://" + host + "/action"}},
		Limit:   2 * time.Second, Rate: 100, Duration: 8 * time.Second, Baseline: "http://" + host + "/still", MaximumBaseline: 2 * time.Second,
	}
}

func measured(t *testing.T, s *site, spec Spec) readiness.Result {
	t.Helper()
	result, err := Definition.Execute(t.Context(), s.prober(t), spec)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// says is the status and message of a rule on the action.
func says(r readiness.Result, rule string) string {
	var out []string
	for _, f := range r.Findings {
		if f.Rule == rule {
			out = append(out, string(f.Status)+": "+f.Message)
		}
	}
	return strings.Join(out, "; ")
}

// The tests wait for most of their time: more of them run at once than there are
// processors.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "12"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
