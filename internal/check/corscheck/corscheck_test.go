package corscheck

import (
	ordered "cmp"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// The certificate of httptest is for example.com.
const (
	testHost = "api.example.com"
	app      = "https://app.example.com"
)

func TestDefinition(t *testing.T) {
	t.Parallel()
	if err := Definition.Validate(); err != nil {
		t.Error(err)
	}
	if _, err := readiness.NewCatalogue(Definition.Rules); err != nil {
		t.Error(err)
	}
}

// world is an API and what is asked of it.
type world struct {
	policy    func(h http.Header, origin string) // CORS headers of answers, and of preflights unless preflight is set
	preflight http.HandlerFunc
	status    int // of every answer; 0 = 200, or 401 to strangers where it is private
	public    bool
	answer    func() string // what is given; default one and the same
	cache     string        // Cache-Control; default private, no-store
	header    http.Header
	method    string
	trusted   []string
	latency   time.Duration
	stumbles  bool // the first request of each origin fails
	stumbled  sync.Map
	served    atomic.Int64
}

// exactly allows some origins with credentials, and tells caches.
func exactly(origins ...string) func(http.Header, string) {
	return when(func(o string) bool { return slices.Contains(origins, o) })
}

// when allows origins by a condition.
func when(accept func(string) bool) func(http.Header, string) {
	return func(h http.Header, origin string) {
		h.Add("Vary", "Origin")
		if origin != "" && accept(origin) {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Allow-Credentials", "true")
		}
	}
}

func bearer() http.Header { return http.Header{"Authorization": {"Bearer t0ken"}} }
func cookie() http.Header { return http.Header{"Cookie": {"session=t0ken"}} }

// sound is an API that allows the portal's pages alone.
func sound() *world {
	return &world{policy: exactly(app), header: bearer(), trusted: []string{app}}
}

func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	w.served.Add(1)
	time.Sleep(w.latency)
	origin := r.Header.Get("Origin")
	if r.Method == http.MethodOptions {
		if w.preflight != nil {
			w.preflight(rw, r)
			return
		}
		w.policy(rw.Header(), origin)
		if rw.Header().Get("Access-Control-Allow-Origin") != "" {
			rw.Header().Set("Access-Control-Allow-Methods", "GET, POST, PATCH")
			rw.Header().Set("Access-Control-Allow-Headers", "authorization, content-type")
		}
		if rw.Header().Get("Access-Control-Allow-Origin") == "*" {
			rw.Header().Set("Access-Control-Allow-Methods", "GET, POST")
			rw.Header().Set("Access-Control-Allow-Headers", "content-type")
		}
		rw.WriteHeader(http.StatusNoContent)
		return
	}
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Cache-Control", ordered.Or(w.cache, "private, no-store"))
	if _, again := w.stumbled.LoadOrStore(origin, true); w.stumbles && origin != "" && !again {
		http.Error(rw, "Internal Server Error", http.StatusInternalServerError)
		return
	}
	w.policy(rw.Header(), origin)
	member := r.Header.Get("Authorization") == "Bearer t0ken" || strings.Contains(r.Header.Get("Cookie"), "t0ken")
	switch {
	case w.status != 0:
		rw.WriteHeader(w.status)
	case !member && !w.public:
		rw.WriteHeader(http.StatusUnauthorized)
	case w.answer != nil:
		_, _ = io.WriteString(rw, w.answer())
	default:
		_, _ = io.WriteString(rw, `{"email":"member-a@example.com","name":"Mira"}`)
	}
}

func (w *world) run(t *testing.T) readiness.Result {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(w.serve))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	client, err := probe.New(probe.Config{
		AllowedHosts: []string{"*.example.com"}, Resolvers: []string{"127.0.0.1:1"},
		CABundle:  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
		ConnectTo: map[string]string{testHost + ":443": server.Listener.Addr().String()},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := Endpoint{URL: "https://" + testHost + "/me", Method: w.method, Header: w.header}
	if w.header != nil {
		e.Identity = "member_a"
	}
	result, err := Definition.Execute(t.Context(), client, Spec{Endpoints: map[string]Endpoint{"me": e}, TrustedOrigins: w.trusted})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// violations are the findings that neither pass nor are not applicable, as
// "status severity".
func (w *world) violations(t *testing.T) (short map[string]string, findings []readiness.Finding) {
	t.Helper()
	short = map[string]string{}
	for _, f := range w.run(t).Findings {
		if f.Status == readiness.Pass || f.Status == readiness.NotApplicable {
			continue
		}
		short[f.Rule] = string(f.Status)
		if f.Status == readiness.Fail {
			short[f.Rule] = string(f.Severity)
		}
		findings = append(findings, f)
	}
	return short, findings
}

// Nothing is said against these.
func TestHealthy(t *testing.T) {
	t.Parallel()
	none := func(http.Header, string) {}
	fixed := func(h http.Header, _ string) {
		h.Set("Access-Control-Allow-Origin", app)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	star := func(h http.Header, _ string) { h.Set("Access-Control-Allow-Origin", "*") }
	for name, change := range map[string]func(*world){
		"exact, by token":                        func(*world) {},
		"exact, by cookie":                       func(w *world) { w.header = cookie() },
		"exact, of a portal that stumbles":       func(w *world) { w.stumbles = true },
		"exact, public":                          func(w *world) { w.header, w.public = nil, true },
		"no CORS at all":                         func(w *world) { w.policy, w.trusted = none, nil },
		"no CORS, public":                        func(w *world) { w.policy, w.trusted, w.header, w.public = none, nil, nil, true },
		"no CORS, cacheable":                     func(w *world) { w.policy, w.trusted, w.cache = none, nil, "public, max-age=60" },
		"no CORS, own origin is trusted":         func(w *world) { w.policy, w.trusted = none, []string{"https://" + testHost} },
		"always the trusted one":                 func(w *world) { w.policy = fixed },
		"always the trusted one, cacheable":      func(w *world) { w.policy, w.cache = fixed, "public, max-age=60" },
		"always the trusted one, by cookie":      func(w *world) { w.policy, w.header = fixed, cookie() },
		"wildcard on what is public":             func(w *world) { w.policy, w.header, w.public = star, nil, true },
		"wildcard, given with and without token": func(w *world) { w.policy, w.public, w.trusted = star, true, nil },
		"wildcard by cookie, nothing trusted":    func(w *world) { w.policy, w.header, w.trusted = star, cookie(), nil },
		"two trusted ones": func(w *world) {
			w.trusted = []string{app, "https://admin.example.org:8443"}
			w.policy = exactly(w.trusted...)
		},
		"names below are declared": func(w *world) {
			w.trusted = []string{"https://*.example.com"}
			w.policy = when(func(o string) bool { return strings.HasPrefix(o, "https://") && strings.HasSuffix(o, ".example.com") })
		},
		"localhost is declared": func(w *world) {
			w.trusted = []string{app, "http://localhost:3000"}
			w.policy = exactly(w.trusted...)
		},
		"an anchored expression": func(w *world) {
			w.policy = when(regexp.MustCompile(`^https://app\.example\.com$`).MatchString)
		},
		"strangers are refused with 403": func(w *world) {
			w.policy = func(h http.Header, o string) { exactly(app)(h, o) }
			w.preflight = func(rw http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Origin") != app {
					rw.WriteHeader(http.StatusForbidden)
					return
				}
				exactly(app)(rw.Header(), app)
				rw.Header().Set("Access-Control-Allow-Headers", "Authorization")
			}
		},
		"preflights unknown to the server, nothing trusted": func(w *world) {
			w.trusted, w.policy = nil, none
			w.preflight = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusMethodNotAllowed) }
		},
		"preflights that fail, nothing trusted": func(w *world) {
			w.trusted, w.policy = nil, none
			w.preflight = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusInternalServerError) }
		},
		"strangers' preflights are approved for reading": func(w *world) {
			w.policy, w.header, w.public, w.trusted = star, nil, true, nil
			w.preflight = func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Access-Control-Allow-Origin", "*")
				rw.Header().Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
				rw.Header().Set("Access-Control-Allow-Headers", "*")
			}
		},
		"by origin, told to caches": func(w *world) { w.cache = "public, max-age=60" },
		"by origin, not told, for tokens alone": func(w *world) {
			w.cache = "max-age=60"
			w.policy = func(h http.Header, o string) { exactly(app)(h, o); h.Del("Vary") }
		},
		"Vary: *": func(w *world) {
			w.cache = "public"
			w.policy = func(h http.Header, o string) { exactly(app)(h, o); h.Set("Vary", "*") }
		},
		"a POST":                    func(w *world) { w.method = "POST" },
		"a PATCH":                   func(w *world) { w.method = "patch" },
		"a HEAD":                    func(w *world) { w.method = "HEAD"; w.public, w.header = true, nil },
		"every form of a host name": func(w *world) { w.trusted = []string{"HTTPS://App.example.com:443/"}; w.policy = exactly(app) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := sound()
			change(w)
			if got, findings := w.violations(t); len(got) > 0 {
				t.Errorf("%+v", findings)
			}
		})
	}
}

// Two runs say the same, show no credential and are bounded.
func TestStableAndBounded(t *testing.T) {
	t.Parallel()
	w := sound()
	w.policy = when(func(o string) bool {
		return o == "null" || strings.HasSuffix(o, ".vercel.app") || strings.HasPrefix(o, "https://example.com")
	})
	w.latency = 50 * time.Millisecond
	start := time.Now()
	first := w.run(t)
	took := time.Since(start)
	n := w.served.Load()
	if took > 4*time.Second || n > 40 || first.Observed["requests"] != fmt.Sprint(n) {
		t.Errorf("took %v, %d requests, told %s", took, n, first.Observed["requests"])
	}
	second := w.run(t)
	if diff := cmp.Diff(first.Findings, second.Findings); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(fmt.Sprintf("%+v", first), "t0ken") {
		t.Error("a credential is shown")
	}
}

// Whatever is declared, hostile origins are none of the declared ones.
func FuzzFamily(f *testing.F) {
	f.Add("https://portal.acme.example/api/me", "https://app.acme.example", "https://*.acme.example")
	f.Add("https://[2001:db8::1]/x", "http://localhost:3000", "null")
	f.Fuzz(func(t *testing.T, endpoint, a, b string) {
		u, err := url.Parse(endpoint)
		if err != nil {
			return
		}
		o := family(u, []string{a, b})
		for _, h := range o.hostile() {
			if slices.Contains(o.trusted, h) && !slices.Contains(o.strangers, h) {
				t.Errorf("%q is hostile and trusted", h)
			}
		}
	})
}
