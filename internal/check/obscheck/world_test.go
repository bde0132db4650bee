package obscheck

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// world is a portal and its sinks in memory.
type world struct {
	probe.Prober
	mu       sync.Mutex
	requests []probe.Request
	answer   func(n int, r probe.Request) probe.Exchange
	sinks    map[string]*fakeSink // by URL
	rules    probe.AlertRules
	rulesOf  map[string]probe.AlertRules // by URL, where there are several
	routing  probe.AlertRouting
}

// fakeSink answers as it is told, by how often it was looked at.
type fakeSink struct {
	world *world
	kind  probe.SinkKind
	look  func(w *world, looks int, q probe.SinkQuery) probe.SinkReading
	mu    sync.Mutex
	looks int
}

func (s *fakeSink) Kind() probe.SinkKind { return s.kind }
func (s *fakeSink) Close()               {}
func (s *fakeSink) Look(_ context.Context, q probe.SinkQuery) probe.SinkReading {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks++
	return s.look(s.world, s.looks, q)
}

func (w *world) Sink(c probe.SinkConfig) probe.Sink { return w.sinks[c.URL] }
func (w *world) Now() time.Time                     { return time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC) }
func (w *world) AlertRules(_ context.Context, c probe.SinkConfig) probe.AlertRules {
	if rules, ok := w.rulesOf[c.URL]; ok {
		return rules
	}
	return w.rules
}

func (w *world) AlertRouting(context.Context, probe.SinkConfig) probe.AlertRouting {
	return w.routing
}

func (w *world) Fetch(_ context.Context, r probe.Request) probe.Exchange {
	w.mu.Lock()
	defer w.mu.Unlock()
	if strings.HasSuffix(r.URL, "/cdn-cgi/trace") {
		return probe.Exchange{Status: 404}
	}
	w.requests = append(w.requests, r)
	return w.answer(len(w.requests), r)
}

// sent are the bodies of the requests so far.
func (w *world) sent() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, r := range w.requests {
		out = append(out, string(r.Body))
	}
	return out
}

// mark is that of the first request.
func (w *world) mark() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.requests) == 0 {
		return ""
	}
	return w.requests[0].Header.Get("X-Request-Id")
}

func status(code int) func(int, probe.Request) probe.Exchange {
	return func(int, probe.Request) probe.Exchange { return probe.Exchange{Status: code, Header: http.Header{}} }
}

// numbers is a counter that shows them one after the other, and then the last.
func numbers(values ...float64) func(*world, int, probe.SinkQuery) probe.SinkReading {
	return func(_ *world, looks int, q probe.SinkQuery) probe.SinkReading {
		if !q.At.IsZero() {
			return probe.SinkReading{}
		}
		return probe.SinkReading{Value: values[min(looks, len(values))-1], Series: 1, Live: true}
	}
}

// entries shows a log once the drill was made: lines in which MARK and PASSWORD
// stand for what was sent.
func entries(live bool, lines ...string) func(*world, int, probe.SinkQuery) probe.SinkReading {
	return func(w *world, _ int, q probe.SinkQuery) probe.SinkReading {
		out := probe.SinkReading{Live: live}
		mark := w.mark()
		if mark == "" {
			return out
		}
		_, password, _ := strings.Cut(w.sent()[0], `"password":"`)
		password, _, _ = strings.Cut(password, `"`)
		for _, line := range lines {
			out.Around = append(out.Around, strings.NewReplacer("MARK", mark, "PASSWORD", password).Replace(line))
		}
		for _, line := range out.Around {
			if strings.Contains(line, q.Text) {
				out.Entries = append(out.Entries, line)
			}
		}
		return out
	}
}

const soundLine = `{"time":"2026-11-29T12:00:00Z","event":"login_failed","outcome":"failure","user":"MARK@acme.example","source_ip":"203.0.113.9","request_id":"MARK"}`

// signIn is a drill of failed sign-ins.
func signIn(signals ...Signal) Drill {
	return Drill{
		Name: "sign_in", Within: 30 * time.Millisecond, Signals: signals, SkipInjection: true,
		Request: Request{URL: "https://portal.acme.example/api/login", Body: `{"email":"{{mark}}@acme.example","password":"{{password}}"}`, Repeat: 3},
	}
}

func signal(name string, kind probe.SinkKind) Signal {
	s := Signal{Name: name, Source: name, Config: probe.SinkConfig{Kind: kind, URL: name}}
	if kind.Counts() {
		s.Query = "x"
	}
	return s
}

// judge runs the check and returns what was found, by rule and subject.
func judge(t *testing.T, w *world, spec Spec) map[string]string {
	t.Helper()
	for _, s := range w.sinks {
		s.world = w
	}
	if w.answer == nil {
		w.answer = status(401)
	}
	result, err := Definition.Execute(t.Context(), w, spec)
	if err != nil {
		t.Fatal(err)
	}
	reported := map[string]bool{}
	out := map[string]string{}
	for _, f := range result.Findings {
		reported[f.Rule] = true
		if f.Message == "the check came to no verdict on this rule" {
			t.Errorf("%s is never reported", f.Rule)
		}
		out[f.Rule+" "+f.Subject] = string(f.Status) + " " + f.Message
	}
	for _, r := range rules() {
		if !reported[r.ID] {
			t.Errorf("%s is not reported", r.ID)
		}
	}
	return out
}

// faults are the findings that are neither a pass nor out of scope.
func faults(found map[string]string) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(found)) {
		if s := found[key]; !strings.HasPrefix(s, string(readiness.Pass)) && !strings.HasPrefix(s, string(readiness.NotApplicable)) {
			out = append(out, key+": "+s)
		}
	}
	return out
}
