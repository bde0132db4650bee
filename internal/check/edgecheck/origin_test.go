package edgecheck

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// sitePage is a site of one sound page, at its root.
func sitePage(body func() string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "same-origin")
		w.Header().Set("Content-Type", "text/html")
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, body())
	}
}

func text(s string) func() string { return func() string { return s } }

// drawn writes another text each time, as a feed does.
func drawn() func() string {
	var n atomic.Int64
	return func() string {
		var b strings.Builder
		for i := range 200 {
			fmt.Fprintf(&b, "w%c%c%c ", 'a'+(int(n.Load())*7+i)%26, 'a'+(i*i+int(n.Load()))%26, 'a'+(i/26+3*int(n.Load()))%26)
		}
		n.Add(1)
		return "<title>News of Acme</title><p>" + b.String()
	}
}

// What an origin answers is told from the site, and the site from what the edge
// makes of it.
func TestOrigins(t *testing.T) {
	t.Parallel()
	const shell = `<!doctype html><title>Acme</title><script type="module" src="/assets/index-4f2a.js"></script><div id="root"></div>`
	const added = `<script>(function(){function c(){var b=a.contentDocument||a.contentWindow.document;if(b){var d=b.createElement('script');` +
		`d.innerHTML="window.__CF$cv$params={r:'8f',t:'MTc='};a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js';document.body.appendChild(a);"}}})();</script>` +
		`<script src="/cdn-cgi/scripts/5c5dd728/cloudflare-static/email-decode.min.js"></script>` +
		`<script defer src="https://static.cloudflareinsights.com/beacon.min.js/v1" data-cf-beacon='{"version":"2024.11.0","token":"ab"}'></script>`
	elsewhere := http.RedirectHandler("https://id.elsewhere.example/authorize?client_id=portal", http.StatusFound).ServeHTTP
	proto := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Forwarded-Proto") != "https" {
			http.Redirect(w, r, "https://"+testHost+r.URL.RequestURI(), http.StatusMovedPermanently)
			return
		}
		portal(nil)(w, r)
	}
	feed := sitePage(drawn())
	for name, tt := range map[string]struct {
		app, origin http.HandlerFunc
		want        readiness.Status
	}{
		"scripts of the edge in the page":              {sitePage(text(shell + added)), byHost(sitePage(text(shell))), readiness.Fail},
		"scripts of the edge in the page, any host":    {sitePage(text(shell + added)), sitePage(text(shell)), readiness.Fail},
		"another text each time":                       {feed, byHost(feed), readiness.Fail},
		"another text each time, any host":             {feed, feed, readiness.Inconclusive},
		"leads to a sign-in elsewhere":                 {elsewhere, byHost(elsewhere), readiness.Fail},
		"leads to a sign-in elsewhere, any host":       {elsewhere, elsewhere, readiness.Inconclusive},
		"leads elsewhere than the site":                {elsewhere, http.RedirectHandler("https://parked.example/", http.StatusFound).ServeHTTP, readiness.Pass},
		"https is a matter of X-Forwarded-Proto":       {portal(nil), byHost(proto), readiness.Fail},
		"the same, and it serves any host":             {portal(nil), proto, readiness.Fail},
		"https, and then another's page":               {portal(nil), http.RedirectHandler("https://"+testHost+"/", http.StatusMovedPermanently).ServeHTTP, readiness.Pass},
		"throttled":                                    {portal(nil), guarded(http.StatusTooManyRequests), readiness.Inconclusive},
		"no client certificate, in the words of nginx": {portal(nil), html400, readiness.Pass},
		"another tenant":                               {portal(nil), sitePage(text("<title>Flowers</title><p>Roses and tulips for every day of the week")), readiness.Pass},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := healthy()
			w.app, w.origin = tt.app, tt.origin
			w.spec = func(s *Spec) { s.PrivatePaths, s.StaticPaths = nil, nil }
			if got := w.finding(t, ruleOriginDirect); got.Status != tt.want {
				t.Errorf("%s: %s", got.Status, got.Message)
			}
		})
	}
}

// An origin is tried by IPv6 as by IPv4.
func TestOriginByIPv6(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		open bool
		want readiness.Status
	}{"open": {true, readiness.Fail}, "closed": {false, readiness.Pass}} {
		w := healthy()
		if tt.open {
			w.origin = byHost(portal(nil))
		}
		w.spec = func(s *Spec) { s.PrivatePaths, s.StaticPaths, s.Origins = nil, nil, []string{testOrigin6} }
		got := w.finding(t, ruleOriginDirect)
		if got.Status != tt.want || tt.open && !strings.Contains(got.Message, testOrigin6) {
			t.Errorf("%s: %s: %s", name, got.Status, got.Message)
		}
	}
}

func html400(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusBadRequest)
	_, _ = io.WriteString(w, "<title>400 No required SSL certificate was sent</title><center><h1>400 Bad Request</h1></center>")
}

// finding is what is said of one rule.
func (w *world) finding(t *testing.T, rule string) readiness.Finding {
	t.Helper()
	for _, f := range w.run(t).Findings {
		if f.Rule == rule {
			return f
		}
	}
	t.Fatalf("nothing is said of %s", rule)
	return readiness.Finding{}
}

// A firewall refuses in whatever words and with whatever status it is told to.
// A host that the edge itself leads away has nothing behind it to be attacked.
func TestFirewalls(t *testing.T) {
	t.Parallel()
	refusing := func(status int, fromOrigin bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if !strings.ContainsAny(r.URL.Query().Get("lr"), "<'$/") {
				portal(nil)(w, r)
				return
			}
			if !fromOrigin {
				w.Header().Del("Cf-Cache-Status")
			}
			w.WriteHeader(status)
		}
	}
	away := func(to string, byEdge bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if byEdge {
				w.Header().Del("Cf-Cache-Status")
			}
			http.Redirect(w, r, to, http.StatusMovedPermanently)
		}
	}
	for name, tt := range map[string]struct {
		app  http.HandlerFunc
		want readiness.Status
	}{
		"406":                             {refusing(406, false), readiness.Pass},
		"403 of the application":          {refusing(403, true), readiness.Inconclusive},
		"429":                             {refusing(429, false), readiness.Inconclusive},
		"the edge leads to another host":  {away("https://www.acme.example/", true), readiness.NotApplicable},
		"the origin leads to another":     {away("https://www.acme.example/", false), readiness.Fail},
		"the edge leads to the same host": {away("https://"+testHost+"/login", true), readiness.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := healthy()
			w.app, w.edge.noWAF = tt.app, true
			w.spec = func(s *Spec) { s.PrivatePaths, s.StaticPaths = nil, nil }
			if got := w.finding(t, ruleWAFAbsent); got.Status != tt.want {
				t.Errorf("%s: %s", got.Status, got.Message)
			}
		})
	}
}
