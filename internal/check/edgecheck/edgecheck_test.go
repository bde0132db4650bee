package edgecheck

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
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

// changed is the healthy portal with some headers of some paths changed.
func changed(change func(path string, h http.Header)) func(*world) {
	return func(w *world) { w.app = portal(change) }
}

func set(name, value string) func(*world) {
	return changed(func(_ string, h http.Header) { h.Set(name, value) })
}

// always answers every path alike.
func always(status int, kind, body string) func(*world) {
	return func(w *world) {
		w.app = func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", kind)
			rw.Header().Set("X-Content-Type-Options", "nosniff")
			rw.WriteHeader(status)
			_, _ = io.WriteString(rw, body)
		}
		w.spec = func(s *Spec) { s.PrivatePaths, s.StaticPaths = nil, nil }
	}
}

// sloppy lets the account be answered at addresses that begin so, whatever follows.
func sloppy(w *world) {
	inner := w.app
	w.app = func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.EscapedPath(), "/account") || strings.HasPrefix(r.URL.EscapedPath(), "/api/me") {
			r = r.Clone(r.Context())
			r.URL.Path, r.URL.RawPath = map[bool]string{true: "/account", false: "/api/me"}[strings.HasPrefix(r.URL.Path, "/account")], ""
		}
		inner(rw, r)
	}
}

// guarded is an origin that refuses who is not the edge.
func guarded(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", status) }
}

const page200 = "text/html"

// Nothing is said against these.
func TestHealthy(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*world){
		"portal":    func(*world) {},
		"by cookie": func(w *world) { w.spec = func(s *Spec) { s.Session.Header = http.Header{"Cookie": {"session=t0ken"}} } },
		"a marker": func(w *world) {
			w.spec = func(s *Spec) {
				s.Session.Username, s.Session.Marker = "", "Mira"
				s.PrivatePaths = []string{"/account"}
			}
		},
		"no marker":                func(w *world) { w.spec = func(s *Spec) { s.Session.Username = "" } },
		"no identity":              func(w *world) { w.spec = func(s *Spec) { s.Session = Session{} } },
		"no paths":                 func(w *world) { w.spec = func(s *Spec) { s.PrivatePaths, s.StaticPaths = nil, nil } },
		"no probe of the firewall": func(w *world) { w.edge.noWAF = true; w.spec = func(s *Spec) { s.WAFProbe = false } },
		"no trace":                 func(w *world) { w.edge.trace = "-" },
		"no port 80":               func(w *world) { w.clear = nil },
		"trace alone":              func(w *world) { w.edge.trace = strings.ToUpper(testHost) },
		"pages in the cache":       func(w *world) { w.edge.cachePath = "/login" },
		"origin refuses":           func(w *world) { w.origin = guarded(403) },
		"origin misdirected":       func(w *world) { w.origin = guarded(421) },
		"origin's default page": func(w *world) {
			w.origin = func(rw http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(rw, "<title>Welcome to nginx!</title><p>If you see this page, the web server is installed")
			}
		},
		"origin redirects to the edge": func(w *world) {
			w.origin = http.RedirectHandler("https://"+testHost+"/", http.StatusMovedPermanently).ServeHTTP
		},
		"origin hangs up": func(w *world) { w.origin = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) } },
		"origin by a proxied name": func(w *world) {
			w.lookups["direct.acme.example"] = []string{edgeAt}
			w.spec = func(s *Spec) { s.Origins = []string{"direct.acme.example"} }
		},
		"origin by a name that is gone": func(w *world) { w.spec = func(s *Spec) { s.Origins = []string{"old.acme.example"} } },
		"JSON at every path":            always(200, "application/json", `{"service":"api","status":"ok"}`),
		"404 at the root":               always(404, "application/json", `{"title":"Not Found"}`),
		"401 at the root":               always(401, "application/json", `{"title":"Unauthorized"}`),
		"API that refuses http": func(w *world) {
			always(404, "application/json", `{}`)(w)
			w.clear = guarded(403)
		},
		"behind a login": func(w *world) {
			inner := w.app
			w.app = func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					http.Redirect(rw, r, "/login?next=/", http.StatusFound)
					return
				}
				inner(rw, r)
			}
		},
		"sign-in at another site": func(w *world) {
			inner := w.app
			w.app = func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					http.Redirect(rw, r, "https://id.elsewhere.example/authorize?x=1", http.StatusFound)
					return
				}
				inner(rw, r)
			}
		},
		"a shell for every path": func(w *world) {
			inner := w.app
			w.app = func(rw http.ResponseWriter, r *http.Request) {
				if !strings.HasPrefix(r.URL.Path, "/api/") && !strings.HasPrefix(r.URL.Path, "/static/") && r.Method == "GET" {
					r = r.Clone(r.Context())
					r.URL.Path = "/"
				}
				inner(rw, r)
			}
			w.edge.cachePath = "/account"
		},
		"an application that answers below its paths": sloppy,
		"cached errors":        func(w *world) { w.edge.cachePath = ".css" },
		"no-store alone":       changed(func(p string, h http.Header) { atPrivate(p, h, "no-store") }),
		"private alone":        changed(func(p string, h http.Header) { atPrivate(p, h, "private") }),
		"asked anew each time": changed(func(p string, h http.Header) { atPrivate(p, h, "no-cache") }),
		"max-age=0":            changed(func(p string, h http.Header) { atPrivate(p, h, "max-age=0, must-revalidate") }),
		"the edge is told so, too": changed(func(p string, h http.Header) {
			if atPrivate(p, h, "private, no-store") {
				h.Set("CDN-Cache-Control", "no-store")
				h.Set("Cloudflare-CDN-Cache-Control", "max-age=0")
			}
		}),
		"a cookie for each":         drawing("/"),
		"a cookie for each, cached": func(w *world) { drawing("/login")(w); w.edge.cachePath = "/static" },
		"one cookie that says nothing": func(w *world) {
			changed(func(_ string, h http.Header) {
				h.Add("Set-Cookie", "language=english-british; Path=/")
				h.Add("Set-Cookie", "seen="+time.Now().Format(time.RFC3339Nano))
			})(w)
			w.edge.cachePath = "/static"
		},
		"a cookie that says where one came from": func(w *world) {
			w.app = func(rw http.ResponseWriter, r *http.Request) {
				portal(func(_ string, h http.Header) {
					h.Add("Set-Cookie", "return_to="+url.QueryEscape("https://portal.acme.example"+r.URL.RequestURI()))
					h.Add("Set-Cookie", "back="+base64.URLEncoding.EncodeToString([]byte("to "+r.URL.RequestURI())))
				})(rw, r)
			}
		},
		"Expires that is over": changed(func(p string, h http.Header) {
			if atPrivate(p, h, "") {
				h.Set("Expires", "0")
			}
		}),
		"framed by frame-ancestors of one site": set("Content-Security-Policy", "script-src 'self'; frame-ancestors https://partner.example"),
		"framed by X-Frame-Options": changed(func(_ string, h http.Header) {
			h.Set("Content-Security-Policy", "script-src 'none'")
			h.Set("X-Frame-Options", "sameorigin")
		}),
		"a policy with a nonce":  set("Content-Security-Policy", "script-src 'nonce-x' 'strict-dynamic' https: 'unsafe-inline'; frame-ancestors 'self'"),
		"a policy with a digest": set("Content-Security-Policy", "script-src 'self' 'sha256-abc' 'unsafe-inline'; frame-ancestors 'self'"),
		"a policy of a domain":   set("Content-Security-Policy", "script-src 'self' https://*.acme.example *.acme.example:443; script-src-attr 'none'; frame-ancestors https://*.acme.example"),
		"two policies": changed(func(_ string, h http.Header) {
			h.Set("Content-Security-Policy", "upgrade-insecure-requests, default-src 'self'; frame-ancestors 'none'")
		}),
		"versions of protocols": changed(func(_ string, h http.Header) {
			h.Set("Via", "1.1 varnish, HTTP/2 proxy.acme.example (CloudFront)")
			h.Set("X-Powered-By", "Express")
		}),
		"the site's own meta policies": func(w *world) {
			always(200, page200, `<meta http-equiv="Content-Security-Policy" content="script-src 'self'"><meta name="referrer" content="same-origin"><p>hello`)(w)
			inner := w.app
			w.app = func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("X-Frame-Options", "DENY")
				inner(rw, r)
			}
		},
		"a header in the page, no cache": reflected,
		"framed by X-Frame-Options, sent twice": changed(func(_ string, h http.Header) {
			h.Set("Content-Security-Policy", "script-src 'none'")
			h["X-Frame-Options"] = []string{"DENY", "deny"}
		}),
		"a firewall with words of its own": func(w *world) { w.edge.ownWords = true },
		"nosniff in capitals":              set("X-Content-Type-Options", "NoSniff"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := healthy()
			change(w)
			if _, got := w.violations(t); len(got) > 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

// atPrivate gives the private paths another Cache-Control.
func atPrivate(path string, h http.Header, value string) bool {
	if path != "/account" && path != "/api/me" {
		return false
	}
	h.Del("Cache-Control")
	if value != "" {
		h.Set("Cache-Control", value)
	}
	return true
}

// reflected builds its page from a header.
func reflected(w *world) {
	inner := w.app
	w.app = func(rw http.ResponseWriter, r *http.Request) {
		inner(rw, r)
		fmt.Fprintf(rw, `<link rel="canonical" href="https://%s/">`, cmp.Or(r.Header.Get("X-Forwarded-Host"), r.Host))
	}
}

// Of a host that is not found, or not in scope, nothing is known.
func TestUnresolved(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*world){
		func(w *world) { w.lookups, w.status = nil, probe.NXDomain },
		func(w *world) { w.lookups, w.status = nil, probe.TimedOut },
		func(w *world) { w.spec = func(s *Spec) { s.Hosts = []string{"portal.elsewhere.example"} } },
	} {
		w := healthy()
		change(w)
		w.spec = func(spec func(*Spec)) func(*Spec) {
			return func(s *Spec) { spec(s); s.PrivatePaths, s.StaticPaths = nil, nil }
		}(w.spec)
		got, _ := w.violations(t)
		for _, rule := range hostRules() {
			if got[rule] != readiness.Inconclusive {
				t.Errorf("%s: %s", rule, got[rule])
			}
		}
	}
}

// Without a scope nothing is attacked, and what that leaves open says which
// argument is missing.
func TestNoScope(t *testing.T) {
	t.Parallel()
	w := healthy()
	w.noScope = true
	w.spec = func(s *Spec) { s.PrivatePaths = nil }
	got, findings := w.violations(t)
	if len(got) != 2 || got[ruleWAFAbsent] != readiness.Inconclusive || got[ruleCachePoison] != readiness.Inconclusive {
		t.Errorf("%+v", findings)
	}
	for _, f := range findings {
		if !strings.Contains(f.Message, "probe.allowed_hosts") {
			t.Errorf("%s: %s", f.Rule, f.Message)
		}
	}
}

// byHost serves a site to who asks for it, and a default page to all others.
func byHost(app http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Host != testHost {
			http.NotFound(w, r)
			return
		}
		app(w, r)
	}
}

// A run is bounded, tells how much it sent, and shows no credential.
func TestBounds(t *testing.T) {
	t.Parallel()
	w := healthy()
	w.latency = 50 * time.Millisecond
	big := strings.Repeat("<p>a page of a hundred megabytes</p>", 1<<20/36+1)
	inner := w.app
	w.app = func(rw http.ResponseWriter, r *http.Request) {
		inner(rw, r)
		if r.URL.Path == "/" && r.URL.RawQuery == "" {
			for range 100 {
				if _, err := io.WriteString(rw, big); err != nil {
					return
				}
			}
		}
	}
	w.spec = func(s *Spec) { s.PrivatePaths = append(s.PrivatePaths, "/account?tab=SECRET") }
	start := time.Now()
	result := w.run(t)
	if took := time.Since(start); took > 8*time.Second {
		t.Errorf("took %v", took)
	}
	sent := result.Observed["requests"]
	if n := fmt.Sprint(w.served.Load()); sent == "" || len(sent) > 2 || len(n) > 2 {
		t.Errorf("%s requests are told, %s were served", sent, n)
	}
	if text := fmt.Sprintf("%+v %v", result.Findings, result.Observed); strings.Contains(text, "t0ken") || strings.Contains(text, "SECRET") {
		t.Errorf("a secret is shown: %s", text)
	}
	for _, f := range result.Findings {
		if f.Status != readiness.Pass && f.Status != readiness.NotApplicable {
			t.Errorf("%+v", f)
		}
	}
}

func FuzzReadPage(f *testing.F) {
	f.Add([]byte(`<title>a</title><meta http-equiv=content-security-policy content="script-src 'self'"><script src=/a?b>`), "default-src *; script-src 'nonce-a', x")
	f.Fuzz(func(_ *testing.T, body []byte, policy string) {
		p := readPage(probe.Exchange{Body: body})
		for _, text := range append(p.policies, policy) {
			parsePolicy(text).weakness()
			parsePolicy(text).framing()
		}
		cacheDirectives(http.Header{"Cache-Control": {policy}}, "Cache-Control")
		stripVia(policy)
		tracedHost(probe.Exchange{Status: 200, Body: body})
	})
}
