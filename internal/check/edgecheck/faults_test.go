package edgecheck

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// drawing sets a new cookie at a path each time.
func drawing(path string) func(*world) {
	return changed(func(p string, h http.Header) {
		if p == path {
			h.Add("Set-Cookie", "sid="+random()+"; Secure; HttpOnly")
		}
	})
}

func TestFaults(t *testing.T) {
	t.Parallel()
	inconclusive := func(rules ...string) map[string]readiness.Status {
		out := map[string]readiness.Status{}
		for _, r := range rules {
			out[r] = readiness.Inconclusive
		}
		return out
	}
	failed := func(rules ...string) map[string]readiness.Status {
		out := map[string]readiness.Status{}
		for _, r := range rules {
			out[r] = readiness.Fail
		}
		return out
	}
	untouched := []string{ruleOriginDirect, ruleOriginCertificate, ruleCachePoison, ruleWAFAbsent, ruleCSP, ruleNosniff, ruleFrame, ruleReferrer, ruleServerVersion}
	all := append([]string{ruleTrace, rulePrivateCached, rulePrivateCacheable, ruleCacheDeception, ruleStaticUncached}, untouched...)
	for name, tt := range map[string]struct {
		change func(*world)
		want   map[string]readiness.Status
	}{
		"not proxied":            {func(w *world) { w.lookups[testHost] = []string{testOrigin} }, failed(ruleNotProxied)},
		"IPv6 not proxied":       {func(w *world) { w.lookups[testHost] = []string{edgeAt, "2001:db8::1"} }, failed(ruleNotProxied)},
		"not by way of the edge": {func(w *world) { w.edge.noRay, w.edge.trace = true, "-" }, failed(ruleNotProxied)},
		"another host there":     {func(w *world) { w.edge.trace = "www.acme.example" }, failed(ruleNotProxied)},

		"origin open":             {func(w *world) { w.origin = w.app }, failed(ruleOriginDirect)},
		"origin open to one name": {func(w *world) { w.origin = byHost(w.app) }, failed(ruleOriginDirect)},
		"origin of little text, open to one name": {func(w *world) {
			always(200, page200, "ok")(w)
			w.origin = byHost(w.app)
		}, failed(ruleOriginDirect, ruleCSP, ruleFrame, ruleReferrer)},
		"origin of little text": {func(w *world) {
			always(200, "application/json", "{}")(w)
			w.origin = w.app
		}, inconclusive(ruleOriginDirect)},
		"origin names the host": {func(w *world) { w.origin = guarded(403); w.names = []string{"*.acme.example"} }, failed(ruleOriginCertificate)},
		"origin hangs":          {func(w *world) { w.silent = true; w.timeout = 700 * time.Millisecond }, inconclusive(ruleOriginDirect, ruleOriginCertificate)},
		"origin broken":         {func(w *world) { w.origin = guarded(502) }, inconclusive(ruleOriginDirect)},
		"origin in the ranges":  {func(w *world) { w.spec = func(s *Spec) { s.Origins = []string{edgeAt} } }, inconclusive(ruleOriginDirect, ruleOriginCertificate)},
		"login at the origin": {func(w *world) {
			inner := w.app
			w.app = func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					http.Redirect(rw, r, "/login", http.StatusFound)
					return
				}
				inner(rw, r)
			}
			w.origin = byHost(w.app)
		}, failed(ruleOriginDirect)},

		"private answers cached": {func(w *world) { w.edge.cacheAll = true }, failed(rulePrivateCached)},
		"without regard to the query": {func(w *world) {
			w.edge.cacheAll, w.edge.ignoreQuery = true, true
			w.spec = func(s *Spec) { s.StaticPaths = nil }
		}, map[string]readiness.Status{rulePrivateCached: readiness.Fail, ruleCachePoison: readiness.Inconclusive}},
		"a cache behind the edge": {changed(func(p string, h http.Header) {
			if atPrivate(p, h, "private") {
				h.Set("Age", "17")
			}
		}), failed(rulePrivateCached)},
		"no Cache-Control":  {changed(func(p string, h http.Header) { atPrivate(p, h, "") }), failed(rulePrivateCacheable)},
		"public":            {changed(func(p string, h http.Header) { atPrivate(p, h, "public, max-age=60") }), failed(rulePrivateCacheable)},
		"a shared lifetime": {changed(func(p string, h http.Header) { atPrivate(p, h, "max-age=0, s-maxage=60") }), failed(rulePrivateCacheable)},
		"public for the edge alone": {changed(func(p string, h http.Header) {
			if atPrivate(p, h, "private, no-store") {
				h.Set("CDN-Cache-Control", "max-age=300")
			}
		}), failed(rulePrivateCacheable)},
		"one cookie for all":                   {func(w *world) { w.edge.cachePath = "/"; drawing("/")(w) }, failed(rulePrivateCached)},
		"one cookie for all, by a static file": {drawing("/static/site.css"), failed(rulePrivateCached)},
		"one cookie, whatever the query is": {func(w *world) {
			drawing("/")(w)
			w.edge.cacheAll, w.edge.ignoreQuery = true, true
			w.spec = func(s *Spec) { s.PrivatePaths, s.StaticPaths = nil, nil }
		}, map[string]readiness.Status{rulePrivateCached: readiness.Fail, ruleCachePoison: readiness.Inconclusive}},
		"must-revalidate alone": {changed(func(p string, h http.Header) { atPrivate(p, h, "must-revalidate") }), failed(rulePrivateCacheable)},
		"cache deception":       {func(w *world) { sloppy(w); w.edge.cachePath = ".css" }, failed(ruleCacheDeception)},
		"cache poisoned":        {func(w *world) { reflected(w); w.edge.cacheAll = true; w.spec = func(s *Spec) { s.PrivatePaths = nil } }, failed(ruleCachePoison)},
		"redirect poisoned": {func(w *world) {
			inner := w.app
			w.app = func(rw http.ResponseWriter, r *http.Request) {
				if r.Header.Get("X-Forwarded-Proto") == "http" {
					rw.Header().Set("X-Content-Type-Options", "nosniff")
					return
				}
				if r.URL.Path == "/" {
					http.Redirect(rw, r, "/login", http.StatusFound)
					return
				}
				inner(rw, r)
			}
			w.edge.cacheAll = true
			w.spec = func(s *Spec) { s.PrivatePaths = nil }
		}, failed(ruleCachePoison)},
		"sometimes elsewhere": {func(w *world) {
			inner := w.app
			var n atomic.Int64
			w.app = func(rw http.ResponseWriter, r *http.Request) {
				// The header changes nothing: what comes after the front page, the
				// control and each header is drawn.
				if r.URL.Query().Get("lrcb") != "" && r.Header.Get("X-Forwarded-Scheme") == "" && n.Add(1) > 1 && n.Load()%3 != 0 {
					http.Redirect(rw, r, "/login", http.StatusFound)
					return
				}
				inner(rw, r)
			}
			w.spec = func(s *Spec) { s.PrivatePaths = nil }
		}, inconclusive(ruleCachePoison)},
		"static files not cached": {func(w *world) { w.edge.noCache = true }, failed(ruleStaticUncached)},
		"cached behind the edge alone": {func(w *world) {
			w.edge.noCache = true
			changed(func(p string, h http.Header) {
				if strings.HasPrefix(p, "/static/") {
					h.Set("Age", "7")
				}
			})(w)
		}, failed(ruleStaticUncached)},
		"static file elsewhere": {func(w *world) {
			w.spec = func(s *Spec) { s.StaticPaths = []string{"/account"} }
		}, inconclusive(ruleStaticUncached)},
		"static file missing": {func(w *world) { w.spec = func(s *Spec) { s.StaticPaths = []string{"/gone.css"} } }, inconclusive(ruleStaticUncached)},
		"wrong identity": {func(w *world) {
			w.spec = func(s *Spec) { s.Session.Header = http.Header{"Authorization": {"Bearer x"}} }
		}, inconclusive(rulePrivateCached, rulePrivateCacheable, ruleCacheDeception)},
		"wrong marker": {func(w *world) { w.spec = func(s *Spec) { s.Session.Marker = "nobody" } }, inconclusive(rulePrivateCached, rulePrivateCacheable, ruleCacheDeception)},

		"no firewall": {func(w *world) { w.edge.noWAF = true }, failed(ruleWAFAbsent)},
		"the application refuses": {func(w *world) {
			w.edge.noWAF = true
			inner := w.app
			w.app = func(rw http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Query().Get("lr"), "<") {
					http.Error(rw, "bad", http.StatusBadRequest)
					return
				}
				inner(rw, r)
			}
		}, inconclusive(ruleWAFAbsent)},

		"http answered": {func(w *world) { w.clear = w.app }, failed(ruleHTTPSRedirect)},
		"http to www": {func(w *world) {
			w.clear = http.RedirectHandler("https://www.acme.example/", http.StatusMovedPermanently).ServeHTTP
		}, failed(ruleHTTPSRedirect)},
		"http to http": {func(w *world) {
			w.clear = http.RedirectHandler("http://"+testHost+"/start", http.StatusMovedPermanently).ServeHTTP
		}, failed(ruleHTTPSRedirect)},
		"http to https by the origin": {func(w *world) {
			w.clear = func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("Cf-Cache-Status", "DYNAMIC")
				http.Redirect(rw, r, "https://"+testHost+"/", http.StatusMovedPermanently)
			}
		}, failed(ruleHTTPSRedirect)},
		"http broken":        {func(w *world) { w.clear = guarded(503) }, inconclusive(ruleHTTPSRedirect)},
		"http past the edge": {func(w *world) { w.pastEdge = true }, failed(ruleHTTPSRedirect)},

		"no policy":                            {changed(func(_ string, h http.Header) { h.Del("Content-Security-Policy"); h.Set("X-Frame-Options", "DENY") }), failed(ruleCSP)},
		"a policy of inline":                   {set("Content-Security-Policy", "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'"), failed(ruleCSP)},
		"a policy for anywhere":                {set("Content-Security-Policy", "script-src https:; frame-ancestors 'none'"), failed(ruleCSP)},
		"a policy for any host":                {set("Content-Security-Policy", "script-src https://*; frame-ancestors 'none'"), failed(ruleCSP)},
		"a policy for any port":                {set("Content-Security-Policy", "script-src *:*; frame-ancestors 'none'"), failed(ruleCSP)},
		"a policy of inline handlers":          {set("Content-Security-Policy", "script-src 'self'; script-src-attr 'unsafe-inline'; frame-ancestors 'none'"), failed(ruleCSP)},
		"a policy of inline, but for elements": {set("Content-Security-Policy", "script-src 'unsafe-inline'; script-src-elem 'self'; frame-ancestors 'none'"), failed(ruleCSP)},
		"a policy of elements alone":           {set("Content-Security-Policy", "script-src-elem 'self'; frame-ancestors 'none'"), failed(ruleCSP)},
		"framed by any host":                   {set("Content-Security-Policy", "default-src 'self'; frame-ancestors https://*"), failed(ruleFrame)},
		"Jetty":                                {set("Server", "Jetty(9.4.43.v20210629)"), failed(ruleServerVersion)},
		"Passenger":                            {set("X-Powered-By", "Phusion Passenger(R) 6.0.18"), failed(ruleServerVersion)},
		"a policy without hosts":               {set("Content-Security-Policy", "frame-ancestors 'none'"), failed(ruleCSP)},
		"a policy that reports": {changed(func(_ string, h http.Header) {
			h.Set("Content-Security-Policy-Report-Only", h.Get("Content-Security-Policy"))
			h.Del("Content-Security-Policy")
		}), failed(ruleCSP, ruleFrame)},
		"no nosniff": {changed(func(_ string, h http.Header) { h.Del("X-Content-Type-Options") }), failed(ruleNosniff)},
		"no nosniff on files": {changed(func(p string, h http.Header) {
			if strings.HasPrefix(p, "/static/") {
				h.Del("X-Content-Type-Options")
			}
		}), failed(ruleNosniff)},
		"framed by anyone": {changed(func(_ string, h http.Header) {
			h.Set("Content-Security-Policy", "default-src 'self'; frame-ancestors *")
			h.Set("X-Frame-Options", "DENY")
		}), failed(ruleFrame)},
		"framed by an old value": {changed(func(_ string, h http.Header) {
			h.Set("Content-Security-Policy", "default-src 'self'")
			h.Set("X-Frame-Options", "ALLOW-FROM https://a.example")
		}), failed(ruleFrame)},
		"no referrer policy": {changed(func(_ string, h http.Header) { h.Del("Referrer-Policy") }), failed(ruleReferrer)},
		"unsafe-url":         {set("Referrer-Policy", "no-referrer, unsafe-url"), failed(ruleReferrer)},
		"X-Powered-By":       {set("X-Powered-By", "PHP/8.1.2"), failed(ruleServerVersion)},
		"Server":             {set("Server", "nginx/1.18.0 (Ubuntu)"), failed(ruleServerVersion)},
		"X-AspNet-Version":   {set("X-AspNet-Version", "4.0.30319"), failed(ruleServerVersion)},
		"Via":                {set("Via", "1.1 varnish (Varnish/6.0)"), failed(ruleServerVersion)},
		"X-Generator":        {set("X-Generator", "Drupal 10 (https://www.drupal.org)"), failed(ruleServerVersion)},
		"TRACE": {func(w *world) {
			inner := w.app
			w.app = func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodTrace {
					_ = r.Header.Write(rw)
					return
				}
				inner(rw, r)
			}
		}, failed(ruleTrace)},

		"5xx everywhere": {func(w *world) { w.app = guarded(500) }, inconclusive(all...)},
		"throttled":      {func(w *world) { w.app = guarded(429); w.edge.noWAF = true }, inconclusive(all...)},
		"challenged":     {func(w *world) { w.edge.challenge = true }, inconclusive(all...)},
		"a loop": {func(w *world) { w.app = http.RedirectHandler("/", http.StatusFound).ServeHTTP },
			inconclusive(ruleOriginDirect, ruleOriginCertificate, rulePrivateCached, rulePrivateCacheable, ruleCacheDeception, ruleStaticUncached, ruleCSP, ruleNosniff, ruleFrame, ruleReferrer, ruleServerVersion)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := healthy()
			tt.change(w)
			got, findings := w.violations(t)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s%+v", diff, findings)
			}
		})
	}
}
