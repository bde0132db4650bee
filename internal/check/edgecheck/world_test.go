package edgecheck

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

const (
	testHost   = "portal.acme.example"
	testOrigin = "198.51.100.10"
	// The same origin by IPv6.
	testOrigin6 = "2001:db8::10"
	edgeAt      = "104.16.1.1"
	// nobody listens here (tcpmux, RFC 1078).
	nobody = "127.0.0.1:1"
)

// world is one host behind an edge, its origin, and what is asked.
type world struct {
	app      http.HandlerFunc // the site
	edge     edgeFaults
	clear    http.HandlerFunc // port 80 of the edge; nil: nothing listens
	pastEdge bool             // port 80 is not the edge's
	origin   http.HandlerFunc // both ports of the origin; nil: nothing listens
	silent   bool             // the origin takes connections and says nothing
	names    []string         // of the origin's certificate
	lookups  map[string][]string
	status   probe.LookupStatus // of look-ups without addresses; default NODATA
	spec     func(*Spec)
	noScope  bool // allowed_hosts is not set
	timeout  time.Duration
	latency  time.Duration

	served atomic.Int64 // requests
}

// edgeFaults are what an edge does that it should not.
type edgeFaults struct {
	noWAF, noRay, challenge bool
	ownWords                bool   // the firewall answers in JSON
	cacheAll                bool   // every GET that is answered with 200
	cachePath               string // answers of addresses that hold this
	ignoreQuery             bool   // in the key of the cache
	noCache                 bool
	trace                   string // h= of /cdn-cgi/trace; "-": there is none
}

// healthy is a portal as it should be.
func healthy() *world {
	return &world{
		app:   portal(nil),
		clear: http.RedirectHandler("https://"+testHost+"/", http.StatusMovedPermanently).ServeHTTP,
		names: []string{"origin.invalid"},
		lookups: map[string][]string{
			testHost: {edgeAt, "2606:4700::1"},
		},
		spec: func(*Spec) {},
	}
}

const frontPage = `<!DOCTYPE html><title>Acme members</title><link rel="stylesheet" href="/static/site.css"><script src="/static/site.js"></script>
<h1>Welcome to the members of Acme</h1><p>We clean up the harbour, walk the vineyards and elect a board in spring. Join us.`

// portal answers as a sound application does; change sees the headers before
// they are written, with the path.
func portal(change func(path string, h http.Header)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Content-Type", "text/html; charset=utf-8")
		status, body := http.StatusOK, frontPage
		member := r.Header.Get("Authorization") == "Bearer t0ken" || strings.Contains(r.Header.Get("Cookie"), "session=t0ken")
		switch path := r.URL.Path; {
		case r.Method == http.MethodTrace:
			status = http.StatusMethodNotAllowed
		case path == "/":
			h.Set("Cache-Control", "public, max-age=300")
		case path == "/account":
			h.Set("Cache-Control", "private, no-store")
			body = "<title>Your account</title><p>Mira, member-a@acme.example"
			if !member {
				h.Set("Location", "/login")
				status, body = http.StatusSeeOther, ""
			}
		case path == "/api/me":
			h.Set("Cache-Control", "private, no-store")
			h.Set("Content-Type", "application/json")
			body = `{"email":"member-a@acme.example"}`
			if !member {
				status, body = http.StatusUnauthorized, `{"title":"Unauthorized"}`
			}
		case path == "/login":
			body = `<title>Sign in</title><form method="post"><input type="password" name="password"></form>`
		case strings.HasPrefix(path, "/static/"):
			h.Set("Content-Type", "text/css")
			h.Set("Cache-Control", "public, max-age=86400")
			body = "body { color: black }"
		default:
			status, body = http.StatusNotFound, "<title>Not found</title>"
		}
		if change != nil {
			change(r.URL.Path, h)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// recorded is an answer in a cache.
type recorded struct {
	status int
	header http.Header
	body   string
}

// front is the edge before an application.
func (f edgeFaults) front(app http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	cache := map[string]recorded{}
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		if !f.noRay {
			h.Set("Cf-Ray", "7d1f1c2e3b4a5968-FRA")
			h.Set("Server", "cloudflare")
		}
		query, _ := http.NewRequest(http.MethodGet, r.URL.String(), nil)
		word := query.URL.Query().Get("lr")
		switch {
		case f.challenge:
			h.Set("Cf-Mitigated", "challenge")
			w.WriteHeader(http.StatusForbidden)
			return
		case r.URL.Path == "/cdn-cgi/trace" && f.trace != "-":
			fmt.Fprintf(w, "fl=1f1\nh=%s\nip=192.0.2.1\ncolo=FRA\n", cmp.Or(f.trace, testHost))
			return
		case !f.noWAF && strings.ContainsAny(word, "<'$/"):
			w.WriteHeader(http.StatusForbidden)
			if f.ownWords {
				fmt.Fprint(w, `{"error":"blocked"}`)
				return
			}
			fmt.Fprint(w, "<title>Attention Required! | Cloudflare</title>")
			return
		}
		key := r.URL.EscapedPath()
		if !f.ignoreQuery {
			key += "?" + r.URL.RawQuery
		}
		cacheable := !f.noCache && (f.cacheAll || strings.HasPrefix(r.URL.Path, "/static/") || f.cachePath != "" && strings.Contains(r.URL.EscapedPath(), f.cachePath))
		if r.Method == http.MethodGet && cacheable {
			mu.Lock()
			defer mu.Unlock()
			kept, hit := cache[key]
			if !hit {
				rec := httptest.NewRecorder()
				app(rec, r)
				kept = recorded{rec.Code, rec.Header(), rec.Body.String()}
				if rec.Code == http.StatusOK {
					cache[key] = kept
				}
			}
			for name, values := range kept.header {
				h[name] = values
			}
			h.Set("Cf-Cache-Status", map[bool]string{true: "HIT", false: "MISS"}[hit])
			w.WriteHeader(kept.status)
			_, _ = io.WriteString(w, kept.body)
			return
		}
		h.Set("Cf-Cache-Status", "DYNAMIC")
		app(w, r)
	}
}

// resolver answers look-ups itself.
type resolver struct {
	*probe.Client
	world *world
}

func (r resolver) Lookup(_ context.Context, name string, typ probe.RecordType) probe.Answer {
	a := probe.Answer{Name: name, Type: typ, Status: probe.NoData}
	if r.world.status != "" {
		a.Status, a.Detail = r.world.status, string(r.world.status)
	}
	for _, text := range r.world.lookups[name] {
		if ip := netip.MustParseAddr(text); ip.Is4() == (typ == probe.TypeA) {
			a.Status = probe.Found
			a.Records = append(a.Records, probe.Record{Address: ip})
		}
	}
	return a
}

// session is the identity that private paths are fetched with.
func session(s *Spec) {
	s.Session = Session{Identity: "member_a", Header: http.Header{"Authorization": {"Bearer t0ken"}}, Username: "member-a@acme.example"}
	s.PrivatePaths = []string{"/account", "/api/me"}
	s.StaticPaths = []string{"/static/site.css"}
	s.Origins = []string{testOrigin}
}

func (w *world) run(t *testing.T) readiness.Result {
	t.Helper()
	chain, key, root := certificate(t, testHost)
	serve := func(handler http.HandlerFunc, chain [][]byte) string {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			w.served.Add(1)
			time.Sleep(w.latency)
			handler(rw, r)
		}))
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		if chain != nil {
			s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: chain, PrivateKey: key}}}
			s.StartTLS()
		} else {
			s.Start()
		}
		t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
		return s.Listener.Addr().String()
	}
	at443 := serve(w.edge.front(w.app), chain)
	at80, origin443, origin80 := nobody, nobody, nobody
	if w.clear != nil {
		at80 = serve(func(rw http.ResponseWriter, r *http.Request) {
			if !w.edge.noRay && !w.pastEdge {
				rw.Header().Set("Cf-Ray", "7d1f1c2e3b4a5968-FRA")
			}
			w.clear(rw, r)
		}, nil)
	}
	if w.origin != nil {
		served, servedKey, _ := certificate(t, w.names...)
		key = servedKey
		origin443, origin80 = serve(w.origin, served), serve(w.origin, nil)
	}
	if w.silent {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		origin443, origin80 = listener.Addr().String(), listener.Addr().String()
	}
	timeout := w.timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	allowed := []string{"acme.example", "*.acme.example"}
	if w.noScope {
		allowed = nil
	}
	client, err := probe.New(probe.Config{
		CABundle: root, Timeout: timeout, AllowedHosts: allowed, Resolvers: []string{nobody},
		ConnectTo: map[string]string{
			testHost + ":443": at443, testHost + ":80": at80, testOrigin + ":443": origin443, testOrigin + ":80": origin80,
			"[" + testOrigin6 + "]:443": origin443, "[" + testOrigin6 + "]:80": origin80,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	spec := DefaultSpec(testHost)
	session(&spec)
	w.spec(&spec)
	result, err := Definition.Execute(t.Context(), resolver{client, w}, spec)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// violations are the rules that neither pass nor are not applicable, and what is said of them.
func (w *world) violations(t *testing.T) (status map[string]readiness.Status, findings map[string]readiness.Finding) {
	t.Helper()
	status, findings = map[string]readiness.Status{}, map[string]readiness.Finding{}
	for _, f := range w.run(t).Findings {
		if f.Status != readiness.Pass && f.Status != readiness.NotApplicable {
			if _, worse := findings[f.Rule]; worse && f.Status != readiness.Fail {
				continue
			}
			status[f.Rule], findings[f.Rule] = f.Status, f
		}
	}
	return status, findings
}

func certificate(t *testing.T, names ...string) (chain [][]byte, key *ecdsa.PrivateKey, root []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	ca.Subject.CommonName = "test root"
	rootDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 0, 60), DNSNames: names}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return [][]byte{leafDER}, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER})
}
