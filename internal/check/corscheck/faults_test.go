package corscheck

import (
	ordered "cmp"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	suffix := func(end string) func(*world) {
		return func(w *world) {
			w.policy = when(func(o string) bool { return strings.HasPrefix(o, "https://") && strings.HasSuffix(o, end) })
		}
	}
	also := func(others ...string) func(*world) {
		return func(w *world) { w.policy = exactly(append(others, app)...) }
	}
	every := func(status string) map[string]string {
		out := map[string]string{}
		for _, r := range rules() {
			out[r.ID] = status
		}
		return out
	}
	without := func(m map[string]string, names ...string) map[string]string {
		for _, n := range names {
			delete(m, n)
		}
		return m
	}
	type want = map[string]string
	for name, tt := range map[string]struct {
		change func(*world)
		want   want
	}{
		"echo, by cookie":         {func(w *world) { w.policy, w.header = when(func(string) bool { return true }), cookie() }, want{ruleReflects: "critical"}},
		"echo, by token":          {func(w *world) { w.policy = when(func(string) bool { return true }) }, want{ruleReflects: "high"}},
		"echo, of what is public": {func(w *world) { w.policy, w.public = when(func(string) bool { return true }), true }, want{ruleReflects: "medium"}},
		"echo without credentials": {func(w *world) {
			w.policy = func(h http.Header, o string) { h.Set("Access-Control-Allow-Origin", o); h.Set("Vary", "origin") }
		}, want{ruleReflects: "medium"}},
		"null, of a portal that stumbles": {func(w *world) { also("null")(w); w.stumbles = true }, want{ruleNull: "high"}},
		"echo on a POST":                  {func(w *world) { w.method, w.policy = "POST", when(func(string) bool { return true }) }, want{ruleReflects: "high"}},
		"echo on an error": {func(w *world) { w.header, w.policy, w.trusted = nil, when(func(string) bool { return true }), nil },
			want{ruleReflects: "info", ruleVary: "inconclusive"}},
		"null":                  {also("null"), want{ruleNull: "high"}},
		"endings of the domain": {suffix("example.com"), want{ruleSuffix: "high"}},
		"endings of the host":   {suffix("app.example.com"), want{ruleSuffix: "high"}},
		"names below":           {suffix(".example.com"), want{ruleSubdomain: "medium"}},
		"beginnings":            {func(w *world) { w.policy = when(func(o string) bool { return strings.HasPrefix(o, app) }) }, want{rulePrefix: "high"}},
		"beginnings of the domain": {func(w *world) {
			w.policy = when(func(o string) bool { return o == app || strings.HasPrefix(o, "https://example.com") })
		}, want{rulePrefix: "high"}},
		"anywhere": {func(w *world) {
			w.policy = when(func(o string) bool { return strings.HasPrefix(o, "https://") && strings.Contains(o, "app.example.com") })
		}, want{ruleContains: "high"}},
		"an expression with bare dots": {func(w *world) { w.policy = when(regexp.MustCompile(`^https://app.example.com$`).MatchString) }, want{ruleContains: "high"}},
		"a bare dot before the domain": {func(w *world) {
			w.trusted = []string{"https://app.eu.example.com"}
			w.policy = when(regexp.MustCompile(`^https://app\.eu.example\.com$`).MatchString)
		}, want{ruleContains: "high"}},
		"Vite":                       {also("http://localhost:5173"), want{ruleThirdParty: "low"}},
		"the machine by its address": {also("http://127.0.0.1:3000"), want{ruleThirdParty: "low"}},
		"plain HTTP":                 {also("http://app.example.com"), want{ruleHTTP: "high"}},
		"a backtick":                 {func(w *world) { w.policy = when(regexp.MustCompile(`^https://app\.example\.com($|%60)`).MatchString) }, want{ruleSpecial: "high"}},
		"an underscore": {func(w *world) {
			w.policy = when(func(o string) bool { return o == app || strings.HasPrefix(o, app+"_") })
		}, want{ruleSpecial: "high"}},
		"localhost": {also("http://localhost:3000"), want{ruleThirdParty: "low"}},
		"previews": {func(w *world) {
			w.policy = when(func(o string) bool { return o == app || strings.HasSuffix(o, ".vercel.app") })
		}, want{ruleThirdParty: "low"}},
		"staging":    {also("https://staging.example.com"), want{ruleThirdParty: "low"}},
		"two faults": {also("null", "http://app.example.com"), want{ruleNull: "high", ruleHTTP: "high"}},
		"wildcard with credentials": {func(w *world) {
			w.public, w.header, w.trusted = true, nil, nil
			w.policy = func(h http.Header, _ string) {
				h.Set("Access-Control-Allow-Origin", "*")
				h.Set("Access-Control-Allow-Credentials", "true")
			}
			w.preflight = func(rw http.ResponseWriter, _ *http.Request) {}
		}, want{ruleWildcardCredentials: "high"}},
		"wildcard on what is private": {func(w *world) {
			w.policy = func(h http.Header, _ string) { h.Set("Access-Control-Allow-Origin", "*") }
			w.preflight = func(rw http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Origin") == app {
					rw.Header().Set("Access-Control-Allow-Origin", app)
					rw.Header().Set("Access-Control-Allow-Headers", "authorization")
				}
			}
		}, want{ruleWildcardPrivate: "high"}},
		"broad preflight": {func(w *world) {
			w.preflight = func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
				rw.Header().Set("Access-Control-Allow-Methods", "GET, DELETE")
				rw.Header().Set("Access-Control-Allow-Headers", "authorization")
			}
		}, want{rulePreflight: "medium"}},
		"not told to caches": {func(w *world) {
			w.cache = "public, max-age=60"
			w.policy = func(h http.Header, o string) { exactly(app)(h, o); h.Del("Vary") }
		}, want{ruleVary: "medium"}},
		"told only to who is allowed": {func(w *world) {
			w.cache, w.header, w.public = "max-age=60", nil, true
			w.policy = func(h http.Header, o string) {
				exactly(app)(h, o)
				if o != app {
					h.Del("Vary")
				}
			}
		}, want{ruleVary: "medium"}},
		"trusted one missing": {func(w *world) { w.policy = exactly("https://old.example.com") }, want{ruleTrusted: "high"}},
		"trusted one without cookies": {func(w *world) {
			w.header = cookie()
			w.policy = func(h http.Header, o string) { exactly(app)(h, o); h.Del("Access-Control-Allow-Credentials") }
		}, want{ruleTrusted: "high"}},
		"trusted one's preflight is refused": {func(w *world) {
			w.preflight = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusMethodNotAllowed) }
		}, want{ruleTrusted: "high"}},
		"trusted one's preflight lacks the header": {func(w *world) {
			w.preflight = func(rw http.ResponseWriter, r *http.Request) {
				exactly(app)(rw.Header(), r.Header.Get("Origin"))
				rw.Header().Set("Access-Control-Allow-Headers", "*")
			}
		}, want{ruleTrusted: "high"}},
		"trusted one's preflight lacks the method": {func(w *world) { w.method = "PUT" }, want{ruleTrusted: "high"}},
		"wildcard where cookies are sent": {func(w *world) {
			w.header = cookie()
			w.policy = func(h http.Header, _ string) { h.Set("Access-Control-Allow-Origin", "*") }
		}, want{ruleTrusted: "high"}},

		"5xx everywhere": {func(w *world) { w.status = 500 }, every("inconclusive")},
		"throttled":      {func(w *world) { w.status = 429 }, every("inconclusive")},
		"the identity is not let in": {func(w *world) { w.header = http.Header{"Authorization": {"Bearer x"}} },
			without(every("inconclusive"), ruleWildcardCredentials, rulePreflight)},
		"404": {func(w *world) { w.status, w.header, w.trusted = 404, nil, nil },
			without(every("inconclusive"), ruleWildcardCredentials, rulePreflight, ruleWildcardPrivate, ruleTrusted)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := sound()
			tt.change(w)
			got, findings := w.violations(t)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s%+v", diff, findings)
			}
			for _, f := range findings {
				if f.Subject != strings.ToUpper(ordered.Or(w.method, "GET"))+" "+testHost+"/me" {
					t.Errorf("subject %q", f.Subject)
				}
			}
		})
	}
}
