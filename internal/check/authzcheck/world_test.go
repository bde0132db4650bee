package authzcheck

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// person is an account of the test portals. It signs in with its name as token.
type person struct{ name, role, org, mail string }

var people = []person{
	{"ann", "member", "north", "ann@north.test"},
	{"bob", "member", "south", "bob@south.test"},
	{"cat", "member", "north", "cat@north.test"},
	{"root", "admin", "", "root@portal.test"},
}

// who is the person of a request; nil for a stranger.
func who(r *http.Request) *person {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer token-of-")
	for i := range people {
		if people[i].name == token {
			return &people[i]
		}
	}
	return nil
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

type object map[string]any

// world is a portal and what is asked of it.
type world struct {
	handler http.Handler
	spec    func(*Spec)
	latency time.Duration

	mu       sync.Mutex
	requests []string
}

// whoami answers /me for any portal of the tests.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.requests = append(w.requests, r.Method+" "+r.URL.Path)
	w.mu.Unlock()
	if w.latency > 0 {
		time.Sleep(w.latency)
	}
	if r.URL.Path == "/me" {
		p := who(r)
		if p == nil {
			writeJSON(rw, 401, object{"error": "sign in"})
			return
		}
		writeJSON(rw, 200, object{"id": "acc_" + p.name + "77", "email": p.mail, "org": p.org, "role": p.role, "name": map[string]string{"ann": "Ann Northern"}[p.name]})
		return
	}
	w.handler.ServeHTTP(rw, r)
}

// start serves the world and returns a prober and a spec for it.
func (w *world) start(t *testing.T) (*probe.Client, Spec) {
	t.Helper()
	srv := httptest.NewTLSServer(w)
	t.Cleanup(srv.Close)
	return w.at(t, srv)
}

func (w *world) at(t *testing.T, srv *httptest.Server) (*probe.Client, Spec) {
	t.Helper()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	if _, err := x509.ParseCertificate(srv.Certificate().Raw); err != nil {
		t.Fatal(err)
	}
	p, err := probe.New(probe.Config{AllowedHosts: []string{"127.0.0.1"}, CABundle: ca, Timeout: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	spec := Spec{BaseURL: srv.URL}
	sessions := new(probe.Sessions)
	for _, one := range people {
		spec.Actors = append(spec.Actors, probe.Actor{
			Name: one.name, Role: one.role, Organization: one.org, Sessions: sessions,
			Identity: probe.Identity{Username: one.mail, BearerToken: "token-of-" + one.name},
			Portal:   probe.Portal{BaseURL: srv.URL, WhoAmI: "/me"},
		})
	}
	if w.spec != nil {
		w.spec(&spec)
	}
	return p, spec
}

// check runs the check and returns what violates, by rule and subject, and the result.
func (w *world) check(t *testing.T) (map[string]readiness.Status, readiness.Result) {
	t.Helper()
	p, spec := w.start(t)
	result, err := Definition.Execute(t.Context(), p, spec)
	if err != nil {
		t.Fatal(err)
	}
	return violating(result), result
}

func violating(result readiness.Result) map[string]readiness.Status {
	out := map[string]readiness.Status{}
	for _, f := range result.Findings {
		if f.Status.Violates() {
			out[f.Rule+" "+f.Subject] = f.Status
		}
	}
	return out
}

func explain(result readiness.Result) string {
	var b strings.Builder
	for _, f := range result.Findings {
		fmt.Fprintf(&b, "%s %s: %s: %s\n", f.Status, f.Rule, f.Subject, f.Message)
	}
	for name, value := range result.Observed {
		fmt.Fprintf(&b, "%s = %s\n", name, value)
	}
	return b.String()
}
