package latencycheck

import (
	"flag"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
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
func serve(t testing.TB, handle func(w http.ResponseWriter, r *http.Request, i int)) *site {
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
		if i < len(s.took) { // not of a run that is over
			s.took[i] = time.Since(began)
		}
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
func (s *site) prober(t testing.TB) *probe.Client {
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

// quick is a spec that is decided within a few seconds.
func quick() Spec {
	return Spec{
		Actions: []Action{{Name: "profile", URL: "http://" + host + "/action"}},
		Limit:   2 * time.Second, Rate: 60, Duration: 8 * time.Second, Baseline: "http://" + host + "/still", MaximumBaseline: 2 * time.Second,
	}
}

// measured runs the check. What a busy machine leaves undecided is measured again,
// from the first request on.
func measured(t *testing.T, s *site, spec Spec) readiness.Result {
	t.Helper()
	for again := 2; ; again-- {
		result, err := Definition.Execute(t.Context(), s.prober(t), spec)
		if err != nil {
			t.Fatal(err)
		}
		if again == 0 || !slices.ContainsFunc(result.Findings, disturbed) {
			return result
		}
		t.Logf("once more: %s", says(result, ruleP95))
		s.mu.Lock()
		s.took = nil
		s.mu.Unlock()
		s.requests.Store(0)
	}
}

// disturbed reports whether a finding says that the machine was in the way.
func disturbed(f readiness.Finding) bool {
	return f.Status == readiness.Inconclusive && slices.ContainsFunc([]string{
		"the way to the site", "this machine was too busy", "p95 is too near", "too few answers", "no request could be measured", "all slow answers came within",
		"some answers are errors, but", "the time was over before",
	}, func(reason string) bool { return strings.HasPrefix(f.Message, reason) })
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
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
