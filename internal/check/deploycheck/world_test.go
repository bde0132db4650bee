package deploycheck

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// world is a network of two portals, without one.
type world struct {
	probe.Prober
	hosts     map[string]http.HandlerFunc // by host; a host that is missing does not answer
	addresses map[string][]string         // by host; default: Cloudflare's edge
	old       map[string]bool             // hosts that take TLS 1.0
	entries   []string                    // of the sink
	live      bool                        // the sink shows that it is the right one
	deaf      bool                        // the sink cannot be read

	mu   sync.Mutex
	sent []string
}

var now = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func (w *world) Now() time.Time                     { return now }
func (w *world) InScope(string, probe.Intent) error { return nil }
func (w *world) Sink(c probe.SinkConfig) probe.Sink { return sink{w, c.Kind} }

type sink struct {
	*world
	kind probe.SinkKind
}

func (s sink) Kind() probe.SinkKind { return s.kind }
func (s sink) Close()               {}
func (s sink) Look(_ context.Context, q probe.SinkQuery) probe.SinkReading {
	if s.deaf {
		return probe.SinkReading{Failure: probe.FailRefused, Detail: "connection refused"}
	}
	out := probe.SinkReading{Live: s.live}
	for _, e := range s.entries {
		if strings.Contains(e, q.Text) && (!s.kind.Counts() || strings.Contains(e, q.Query)) {
			out.Entries = append(out.Entries, e)
			out.Series++
		}
	}
	return out
}

func (w *world) Fetch(_ context.Context, r probe.Request) probe.Exchange {
	u, err := url.Parse(r.URL)
	if err != nil {
		return probe.Exchange{Failure: probe.FailOther, Detail: "no address"}
	}
	method := r.Method
	if method == "" {
		method = http.MethodGet
	}
	w.mu.Lock()
	w.sent = append(w.sent, method+" "+u.Host+u.Path)
	w.mu.Unlock()
	if u.Scheme == "http" {
		return answerOf(u, http.RedirectHandler("https://"+u.Host+u.Path, http.StatusMovedPermanently).ServeHTTP, httptest.NewRequest(method, r.URL, nil))
	}
	handler := w.hosts[u.Host]
	if handler == nil {
		return probe.Exchange{Failure: probe.FailTimeout, Detail: "no answer in time"}
	}
	req := httptest.NewRequest(method, r.URL, strings.NewReader(string(r.Body)))
	for name, values := range r.Header {
		req.Header[name] = values
	}
	return answerOf(u, handler, req)
}

func answerOf(u *url.URL, handler http.HandlerFunc, req *http.Request) probe.Exchange {
	recorder := httptest.NewRecorder()
	handler(recorder, req)
	x := probe.Exchange{Status: recorder.Code, Header: recorder.Header(), Body: recorder.Body.Bytes(), FinalURL: u.String(), Hops: make([]probe.Hop, 1)}
	if location := x.Header.Get("Location"); location != "" && x.Status >= 300 && x.Status < 400 {
		if to, err := u.Parse(location); err == nil {
			x.Redirect = to.String()
		}
	}
	return x
}

func (w *world) Lookup(_ context.Context, name string, typ probe.RecordType) probe.Answer {
	out := probe.Answer{Name: name, Type: typ, Status: probe.NoData}
	all, ok := w.addresses[name]
	if !ok {
		all = []string{"104.16.1.1", "2606:4700::1"}
	}
	for _, text := range all {
		if ip := netip.MustParseAddr(text); ip.Is4() == (typ == probe.TypeA) {
			out.Status = probe.Found
			out.Records = append(out.Records, probe.Record{Address: ip})
		}
	}
	return out
}

func (w *world) Handshake(_ context.Context, target probe.TLSTarget) probe.TLSFacts {
	facts := probe.TLSFacts{Host: target.Host, Versions: map[uint16]probe.VersionOutcome{
		tls.VersionTLS10: probe.VersionRefused, tls.VersionTLS11: probe.VersionRefused, tls.VersionTLS12: probe.VersionAccepted, tls.VersionTLS13: probe.VersionAccepted,
	}}
	if w.old[target.Host] {
		facts.Versions[tls.VersionTLS10] = probe.VersionAccepted
	}
	return facts
}

const (
	live  = "portal.acme.example"
	tried = "staging.acme.example"
)

// answers are bodies by path; a status may stand before one, and headers are for
// all.
type answers map[string]string

// portal answers as a portal does, 404 to what it does not know.
func portal(all answers, header map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for name, value := range header {
			w.Header().Set(name, value)
		}
		body, ok := all[r.URL.Path]
		status := http.StatusOK
		if !ok {
			if body, ok = all["*"]; !ok {
				status, body = http.StatusNotFound, "<!DOCTYPE html><title>Not found</title>"
			}
		}
		if to, moved := strings.CutPrefix(body, "-> "); moved {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		if n, rest, ok := strings.Cut(body, " "); ok && len(n) == 3 {
			if _, err := fmt.Sscan(n, &status); err == nil {
				body = rest
			}
		}
		switch {
		case strings.HasPrefix(body, "{"):
			w.Header().Set("Content-Type", "application/json")
		case strings.HasPrefix(body, "<"):
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
		default:
			w.Header().Set("Content-Type", "text/javascript")
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

const front = `<!DOCTYPE html><html><head><title>Acme members</title><script src="/app.js"></script></head><body><h1>Welcome</h1></body></html>`

// sound are the answers of a portal in order.
func sound() answers {
	return answers{
		"/": front, "/app.js": "console.log(1)", "/version": `{"version":"1.4.2","previous":{"version":"1.4.1","released_at":"2026-11-01"},"rollback":{"drilled_at":"2026-11-10","restored_in":"4m"}}`,
		"/healthz": `{"status":"ok"}`, "/readyz": `{"status":"ready","checks":{"database":"up"},"migrations":{"pending":0}}`,
	}
}

func with(all answers, more answers) answers {
	for path, body := range more {
		if body == "" {
			delete(all, path)
			continue
		}
		all[path] = body
	}
	return all
}

var noindex = map[string]string{"X-Robots-Tag": "noindex"}

// healthyWorld is a client in order, with staging.
func healthyWorld() (*world, Spec) {
	return &world{hosts: map[string]http.HandlerFunc{live: portal(sound(), nil), tried: portal(sound(), noindex)}, entries: []string{"deployed 1.4.1", "deployed 1.4.2"}},
		Spec{
			Production: Site{URL: "https://" + live}, Staging: &Staging{Site: Site{URL: "https://" + tried}}, ExpectedVersion: "1.4.2",
			Rollback: &Rollback{Endpoint: &ReleaseList{Path: "/version"}},
			Alerts:   AlertLink{Marker: &Marker{Name: "log", Sink: probe.SinkConfig{Kind: probe.SinkFile, Path: "x"}}},
		}
}

func (w *world) run(t *testing.T, spec Spec) readiness.Result {
	t.Helper()
	result, err := Definition.Execute(t.Context(), w, spec)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// said are the findings of a rule that are of a status: subjects, sorted.
func said(r readiness.Result, rule string, status readiness.Status) []string {
	var out []string
	for _, f := range r.Findings {
		if f.Rule == rule && f.Status == status {
			out = append(out, f.Subject)
		}
	}
	slices.Sort(out)
	return out
}

// failures are all rules that report a violation.
func failures(r readiness.Result) []string {
	var out []string
	for _, f := range r.Findings {
		if f.Status == readiness.Fail {
			out = append(out, f.Rule)
		}
	}
	return slices.Compact(out)
}

func texts(r readiness.Result, rule string) string {
	var out []string
	for _, f := range r.Findings {
		if f.Rule == rule {
			out = append(out, fmt.Sprintf("%s %s: %s (%s)", f.Status, f.Subject, f.Message, f.Remedy))
		}
	}
	return strings.Join(out, "\n")
}
