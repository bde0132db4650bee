package deploycheck

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// A client in order is not reported; what nobody has said is no pass.
func TestHealthy(t *testing.T) {
	t.Parallel()
	w, spec := healthyWorld()
	r := w.run(t, spec)
	if got := failures(r); len(got) > 0 {
		t.Errorf("%v\n%+v", got, r.Findings)
	}
	for _, rule := range []string{ruleVersionEndpoint, ruleVersionExpected, ruleVersionParity, ruleHeaderParity, ruleTLSParity, ruleDNSParity, ruleRouteParity, ruleStagingPublic, ruleRollback, ruleMigration, ruleAlertLink, ruleDrift, ruleMaintenance, ruleTestKeys, ruleDebug} {
		if len(said(r, rule, readiness.Pass)) == 0 || len(said(r, rule, readiness.Inconclusive)) > 0 {
			t.Errorf("%s does not pass: %s", rule, texts(r, rule))
		}
	}
	w, _ = healthyWorld()
	r = w.run(t, Spec{Production: Site{URL: "https://" + live}})
	for _, rule := range []string{ruleVersionExpected, ruleEnvParity, ruleEnvClient, ruleRollback, ruleAlertLink} {
		if len(said(r, rule, readiness.Inconclusive)) == 0 {
			t.Errorf("%s is decided without a word of the user: %s", rule, texts(r, rule))
		}
	}
	if got := failures(r); len(got) > 0 {
		t.Error(got)
	}
}

// Where nothing answers, nothing is decided.
func TestSilence(t *testing.T) {
	t.Parallel()
	w, spec := healthyWorld()
	w.hosts = nil
	r := w.run(t, spec)
	for _, f := range r.Findings {
		if f.Status == readiness.Fail || f.Status == readiness.Pass && f.Rule != ruleTLSParity && f.Rule != ruleDNSParity {
			t.Errorf("%s %s: %s", f.Status, f.Rule, f.Message)
		}
	}
}

// Each row hides from the check one thing of a client in order: it is no pass.
func TestUnseen(t *testing.T) {
	t.Parallel()
	page := strings.Replace(front, "<h1>Welcome</h1>", "<p>Mira Ahlberg</p>", 1)
	// throttles answers 429 to what it says, and is sound elsewhere.
	throttles := func(header map[string]string, when func(r *http.Request) bool) http.HandlerFunc {
		good := portal(with(sound(), answers{"/people": page}), header)
		return func(rw http.ResponseWriter, r *http.Request) {
			if when(r) {
				rw.WriteHeader(http.StatusTooManyRequests)
				return
			}
			good(rw, r)
		}
	}
	at := func(path string) func(r *http.Request) bool {
		return func(r *http.Request) bool { return r.URL.Path == path }
	}
	never := func(*http.Request) bool { return false }
	for name, tt := range map[string]struct {
		change        func(*world, *Spec)
		rule, subject string
	}{
		"a tool": {func(w *world, _ *Spec) { w.hosts[live] = throttles(nil, at("/docs")) }, ruleDebug, live},
		"a tool, by nginx": {func(w *world, _ *Spec) {
			good := throttles(nil, never)
			w.hosts[live] = func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/docs" {
					rw.WriteHeader(http.StatusServiceUnavailable)
					return
				}
				good.ServeHTTP(rw, r)
			}
		}, ruleDebug, live},
		"a page of staging": {func(w *world, s *Spec) {
			w.hosts[live], w.hosts[tried] = throttles(nil, never), throttles(noindex, at("/people"))
			s.Production.Paths = []string{"/", "/people"}
		}, ruleStagingPublic, tried},
		"where production's data would be": {func(w *world, s *Spec) {
			w.hosts[live], w.hosts[tried] = throttles(nil, never), throttles(noindex, at("/people"))
			s.Production.Paths, s.Staging.Restricted, s.Staging.Markers = []string{"/", "/people"}, true, []string{"Mira Ahlberg"}
		}, ruleStagingPublic, tried + " (data)"},
		"what strangers are told of health": {func(w *world, s *Spec) {
			w.hosts[live] = throttles(nil, func(r *http.Request) bool { return r.URL.Path == "/healthz" && r.Header.Get("Authorization") == "" })
			s.Production.Header = http.Header{"Authorization": {"Bearer t0ken"}}
		}, ruleHealth, live + "/healthz"},
	} {
		w, spec := healthyWorld()
		tt.change(w, &spec)
		if r := w.run(t, spec); !slices.Contains(said(r, tt.rule, readiness.Inconclusive), tt.subject) {
			t.Errorf("%s: %s", name, texts(r, tt.rule))
		}
	}
}

// Two machines with two builds of a file are two builds however often they are
// asked; a file that is lost the second time tells nothing.
func TestTwoBuilds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer func(n int64) string
		want   readiness.Status
	}{
		"two builds":               {func(n int64) string { return []string{"one()", "other()"}[n%2] }, readiness.Fail},
		"a deploy in between":      {func(n int64) string { return map[bool]string{true: "one()", false: "other()"}[n < 5] }, readiness.Pass},
		"new each time":            {func(n int64) string { return fmt.Sprintf("at(%d)", n) }, readiness.Pass},
		"two builds, and then 404": {func(n int64) string { return append([]string{"one()", "other()"}, "404 gone")[min(n%2+2*(n/8), 2)] }, readiness.Inconclusive},
	} {
		w, spec := healthyWorld()
		good := portal(sound(), nil)
		var n atomic.Int64
		w.hosts[live] = func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/app.js" {
				portal(answers{"/app.js": tt.answer(n.Add(1))}, nil)(rw, r)
				return
			}
			good(rw, r)
		}
		if r := w.run(t, spec); len(said(r, ruleDrift, tt.want)) != 1 {
			t.Errorf("%s: %s", name, texts(r, ruleDrift))
		}
	}
}

// Each row spoils one thing of a client in order.
func TestFaults(t *testing.T) {
	t.Parallel()
	page := func(body string) string { return strings.Replace(front, "<h1>Welcome</h1>", body, 1) }
	production := func(more answers) func(*world, *Spec) {
		return func(w *world, _ *Spec) {
			w.hosts[live], w.hosts[tried] = portal(with(sound(), more), nil), portal(with(sound(), more), noindex)
		}
	}
	staging := func(more answers, header map[string]string) func(*world, *Spec) {
		return func(w *world, _ *Spec) { w.hosts[tried] = portal(with(sound(), more), header) }
	}
	script := func(text string) func(*world, *Spec) { return production(answers{"/app.js": text}) }
	for name, tt := range map[string]struct {
		change func(*world, *Spec)
		want   []string // rules that fail
	}{
		"a commit": {func(w *world, s *Spec) {
			production(answers{"/version": `{"commit":"3ef1094a5b6c7d8e9f0a1b2c3d4e5f6071829304"}`})(w, s)
			s.ExpectedVersion, s.Rollback, w.entries = "3ef1094", nil, []string{"deployed 3ef1094a"}
		}, nil},
		"a meta tag": {func(w *world, s *Spec) {
			production(answers{"/version": "", "/": strings.Replace(front, "<title>", `<meta name="release" content="v1.4.2"><title>`, 1)})(w, s)
			s.Rollback = nil
		}, nil},
		"an API's number is no release": {func(w *world, s *Spec) {
			production(answers{"/version": `{"version":"v1"}`})(w, s)
			s.Rollback = nil
		}, []string{ruleVersionEndpoint}},
		"another release": {func(_ *world, s *Spec) { s.ExpectedVersion = "1.5.0" }, []string{ruleVersionExpected}},
		"older staging":   {staging(answers{"/version": `{"version":"1.4.1"}`}, noindex), []string{ruleVersionParity}},
		"newer staging":   {staging(answers{"/version": `{"version":"1.5.0"}`}, noindex), nil},

		"no noindex":         {staging(nil, nil), []string{ruleStagingPublic}},
		"noindex in a tag":   {staging(answers{"/": strings.Replace(front, "<title>", `<meta name="ROBOTS" content="noindex, nofollow"><title>`, 1)}, nil), nil},
		"for one robot":      {staging(nil, map[string]string{"X-Robots-Tag": "googlebot: noindex"}), []string{ruleStagingPublic}},
		"must be restricted": {func(_ *world, s *Spec) { s.Staging.Restricted = true }, []string{ruleStagingPublic}},
		"production's data": {func(w *world, s *Spec) {
			production(answers{"/": page("<p>Mira Ahlberg</p>")})(w, s)
			s.Staging.Markers = []string{"Mira Ahlberg"}
		}, []string{ruleStagingPublic}},
		"another header": {staging(nil, map[string]string{"X-Robots-Tag": "noindex", "X-Content-Type-Options": "nosniff"}), []string{ruleHeaderParity}},
		"another nonce": {func(w *world, _ *Spec) {
			w.hosts[live], w.hosts[tried] = portal(sound(), csp("abc")), portal(sound(), csp("def"))
		}, nil},
		"another status":        {staging(answers{"/": "401 {}", "/other": "x"}, noindex), []string{ruleRouteParity}},
		"sent on to production": {staging(answers{"/": "-> https://" + live + "/", "*": "-> https://" + live + "/"}, noindex), []string{ruleRouteParity}},
		"old TLS":               {func(w *world, _ *Spec) { w.old = map[string]bool{tried: true} }, []string{ruleTLSParity}},
		"past the edge":         {func(w *world, _ *Spec) { w.addresses = map[string][]string{tried: {"198.51.100.10", "2001:db8::1"}} }, []string{ruleDNSParity}},
		"without IPv6":          {func(w *world, _ *Spec) { w.addresses = map[string][]string{tried: {"104.16.1.1"}} }, []string{ruleDNSParity}},

		"a test key":             {script(`Stripe("pk_test_` + `51NcT4rBx7QwZ2mKv9LpJ3sYd8FhG6uEa")`), []string{ruleTestKeys}},
		"a placeholder":          {script(`Stripe("pk_test_xxxxxxxxxxxxxxxxxxxxxxxx"); /^pk_test_/.test(k)`), nil},
		"Turnstile for tests":    {production(answers{"/": page(`<div class="cf-turnstile" data-sitekey="1x00000000000000000000AA"></div>`)}), []string{ruleTestKeys}},
		"axios":                  {script(`const o=e&&window.location.href||"http://localhost";"localhost"===location.hostname`), nil},
		"next-auth":              {script(`let t=new URL("http://localhost:3000/api/auth")`), nil},
		"Supabase":               {script(`const GOTRUE_URL="http://localhost:9999"`), nil},
		"OpenTelemetry":          {script(`const baseUrl="http://localhost:4318/"`), nil},
		"a developer's API":      {script(`const env={VITE_API_URL:"http://localhost:3000/api"}`), []string{ruleTestKeys}},
		"calls home":             {script("fetch(`http://127.0.0.1:8000/x`)"), []string{ruleTestKeys}},
		"a link home":            {production(answers{"/": page(`<a href="http://localhost:3000/x">x</a>`)}), []string{ruleTestKeys}},
		"speaks of localhost":    {production(answers{"/": page(`<p>Open http://localhost:3000 in your browser.</p><!-- http://localhost:1 -->`)}), nil},
		"staging in production":  {script(`const a="https://` + tried + `/api"`), []string{ruleTestKeys}},
		"a host that ends so":    {script(`const a="https://not-` + tried + `/api","ops@` + tried + `"`), nil},
		"a trace on 404":         {production(answers{"*": "404 Traceback (most recent call last):\n"}), []string{ruleDebug}},
		"an article on traces":   {production(answers{"/": page("<pre>Traceback (most recent call last):</pre>")}), nil},
		"Vite":                   {production(answers{"/": page(`<script type="module" src="/@vite/client"></script>`)}), []string{ruleDebug}},
		"GraphiQL":               {production(answers{"/graphql": "<!DOCTYPE html><title>GraphiQL</title>"}), []string{ruleDebug}},
		"every path is the app":  {production(answers{"*": `<!DOCTYPE html><title>Swagger UI for members</title>`}), nil},
		"a banner":               {production(answers{"/": page(`<div role="alert">We are currently undergoing scheduled maintenance.</div>`)}), []string{ruleMaintenance}},
		"a banner for later":     {production(answers{"/": page(`<div role="status">Scheduled maintenance on Sunday from 2 to 3.</div>`)}), nil},
		"a business of its kind": {production(answers{"/": page(`<h1>Property maintenance</h1><p>The building is under maintenance by Acme.</p>`)}), nil},
		"a hidden banner":        {production(answers{"/": page(`<div class="banner hidden">The site is under maintenance.</div>`)}), nil},
		"503":                    {production(answers{"/": "503 <!DOCTYPE html><h1>Down for maintenance</h1>"}), []string{ruleMaintenance}},

		"pending":              {production(answers{"/readyz": `{"status":"ready","pending_migrations":["0042"]}`}), []string{ruleMigration}},
		"pending, by a word":   {production(answers{"/readyz": `{"status":"ready","checks":{"migrations":"pending"}}`}), []string{ruleMigration}},
		"not applied":          {production(answers{"/readyz": `{"status":"ready","migrations_applied":false}`}), []string{ruleMigration}},
		"down at 200":          {production(answers{"/readyz": `{"status":"ok","checks":{"database":{"status":"down"}},"migrations":{"pending":0}}`}), []string{ruleHealth}},
		"not ready":            {production(answers{"/readyz": `503 {"status":"unavailable","migrations":{"pending":0}}`}), []string{ruleHealth}},
		"an address":           {production(answers{"/healthz": `{"status":"ok","database":"postgres://portal:hunter22@10.0.0.5/x"}`}), []string{ruleHealth}},
		"a masked secret":      {production(answers{"/healthz": `{"status":"ok","database":"postgres://portal:***@10.0.0.5/x","api_key":"********"}`}), nil},
		"versions":             {production(answers{"/healthz": `{"status":"ok","version":"1.4.2","postgres_version":"15.3"}`}), []string{ruleHealth}},
		"no release before":    {production(answers{"/version": `{"version":"1.4.2","rollback":{"drilled_at":"2026-11-10","restored_in":"4m"}}`}), []string{ruleRollback}},
		"one that is the same": {production(answers{"/version": `{"version":"1.4.2","previous":{"version":"v1.4.2"},"rollback":{"drilled_at":"2026-11-10","restored_in":"4m"}}`}), []string{ruleRollback}},
		"a drill of old":       {func(_ *world, s *Spec) { s.Rollback.Drilled = &Drilled{Date: now.AddDate(0, -6, 0), RestoredIn: "4m"} }, []string{ruleRollback}},
		"a drill to come":      {func(_ *world, s *Spec) { s.Rollback.Drilled = &Drilled{Date: now.AddDate(0, 1, 0), RestoredIn: "4m"} }, []string{ruleRollback}},
		"a drill without time": {func(_ *world, s *Spec) { s.Rollback.Drilled = &Drilled{Date: now.AddDate(0, 0, -1)} }, []string{ruleRollback}},
		"no marker":            {func(w *world, _ *Spec) { w.entries = w.entries[:1] }, []string{ruleAlertLink}},
		"a plan with changes":  {func(_ *world, s *Spec) { s.DriftPlan = &Plan{Changes: []string{"a.b"}, Made: now} }, []string{ruleDrift}},
		"a plan without":       {func(_ *world, s *Spec) { s.DriftPlan = &Plan{Made: now.Add(-time.Hour)} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, spec := healthyWorld()
			tt.change(w, &spec)
			r := w.run(t, spec)
			if diff := cmp.Diff(tt.want, failures(r)); diff != "" {
				var why []string
				for _, rule := range failures(r) {
					why = append(why, texts(r, rule))
				}
				t.Errorf("%s\n%s", diff, strings.Join(why, "\n"))
			}
		})
	}
}

func csp(nonce string) map[string]string {
	return map[string]string{"X-Robots-Tag": "noindex", "Content-Security-Policy": "script-src 'self' 'nonce-" + nonce + "'; report-uri /" + nonce}
}

// What stands before staging keeps it from being compared, and is no fault of it.
func TestWalls(t *testing.T) {
	t.Parallel()
	login := `<!DOCTYPE html><title>Protected</title><form><input name="p" type="password"></form>`
	for name, tt := range map[string]struct {
		staging, production answers
		walled              bool
	}{
		"a password":                   {answers{"*": "401 <p>no"}, sound(), true},
		"refused":                      {answers{"*": "403 <p>no"}, sound(), true},
		"Access":                       {answers{"*": "-> https://acme.cloudflareaccess.com/cdn-cgi/access/login/x"}, sound(), true},
		"a sign-in elsewhere":          {answers{"*": "-> https://id.acme.example/authorize?x"}, sound(), true},
		"a sign-in of its own":         {answers{"*": "-> /login", "/login": login}, sound(), true},
		"200":                          {answers{"*": login}, sound(), true},
		"both sign in first":           {with(sound(), answers{"/": "-> /login", "/login": login}), with(sound(), answers{"/": "-> /login", "/login": login}), false},
		"both send all to sign in":     {with(sound(), answers{"*": "-> /login", "/": "-> /login"}), with(sound(), answers{"*": "-> /login", "/": "-> /login"}), false},
		"no wall":                      {sound(), sound(), false},
		"a front page of its own kind": {with(sound(), answers{"/": login}), sound(), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, spec := healthyWorld()
			w.hosts[live], w.hosts[tried] = portal(tt.production, nil), portal(tt.staging, noindex)
			r := w.run(t, spec)
			walled := len(said(r, ruleRouteParity, readiness.Inconclusive)) > 0
			if walled != tt.walled {
				t.Errorf("walled: %v\n%s", walled, texts(r, ruleRouteParity))
			}
			if tt.walled && (!strings.Contains(texts(r, ruleRouteParity), "service token") || len(said(r, ruleStagingPublic, readiness.Pass)) == 0 || len(failures(r)) > 0) {
				t.Errorf("%v\n%s\n%s", failures(r), texts(r, ruleRouteParity), texts(r, ruleStagingPublic))
			}
		})
	}
}

// Who is known in one place and not in the other is no difference of the two.
func TestIdentities(t *testing.T) {
	t.Parallel()
	member := http.Header{"Authorization": {"Bearer t0ken"}}
	private := func(header map[string]string) http.HandlerFunc {
		stranger, known := portal(with(sound(), answers{"/account": "-> /login"}), header), portal(with(sound(), answers{"/account": front}), header)
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "Bearer t0ken" {
				known(w, r)
				return
			}
			stranger(w, r)
		}
	}
	for name, who := range map[string][2]http.Header{"nobody": {}, "production": {member, nil}, "staging": {nil, member}, "both": {member, member}} {
		w, spec := healthyWorld()
		w.hosts[live], w.hosts[tried] = private(nil), private(noindex)
		spec.Production.Paths = []string{"/", "/account"}
		spec.Production.Header, spec.Staging.Header = who[0], who[1]
		if r := w.run(t, spec); len(failures(r)) > 0 || len(said(r, ruleRouteParity, readiness.Pass)) != 2 {
			t.Errorf("%s: %v %s", name, failures(r), texts(r, ruleRouteParity))
		}
	}
}

// Every second machine has another release; while the roll-out lasts that is right.
func TestTwoReleases(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		until time.Time
		want  []string
	}{
		"a split": {time.Time{}, []string{ruleVersionEndpoint, ruleVersionExpected}}, "a roll-out": {now.Add(time.Hour), nil}, "one that is over": {now.Add(-time.Hour), []string{ruleVersionEndpoint, ruleVersionExpected}},
	} {
		w, spec := healthyWorld()
		var n atomic.Int64
		one, other := portal(with(sound(), answers{"/version": `{"version":"1.4.2"}`}), nil), portal(with(sound(), answers{"/version": `{"version":"1.4.1"}`}), nil)
		w.hosts[live] = func(rw http.ResponseWriter, r *http.Request) {
			if n.Add(1)%2 == 0 {
				one(rw, r)
				return
			}
			other(rw, r)
		}
		spec.Rollback, spec.RolloutUntil = nil, tt.until
		if diff := cmp.Diff(tt.want, failures(w.run(t, spec))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// A drill breaks, sees, and mends; what could not be broken is no pass.
func TestDrill(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		broken  string // what /readyz answers meanwhile
		refuses int    // status of the request that breaks
		stays   bool   // it cannot be mended
		want    readiness.Status
		says    string
	}{
		"truthful":         {"503 {\"status\":\"down\"}", 204, false, readiness.Pass, ""},
		"shallow":          {`{"status":"ok"}`, 204, false, readiness.Fail, "database"},
		"throttled":        {"429 {}", 204, false, readiness.Inconclusive, "nothing told"},
		"no such drill":    {"", 404, false, readiness.Inconclusive, "404"},
		"cannot be mended": {"503 {\"status\":\"down\"}", 204, true, readiness.Inconclusive, "could not be mended"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, spec := healthyWorld()
			var down atomic.Bool
			good, bad := portal(sound(), noindex), portal(with(sound(), answers{"/readyz": tt.broken}), noindex)
			w.hosts[tried] = func(rw http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/break":
					down.Store(tt.refuses < 300)
					rw.WriteHeader(tt.refuses)
				case r.URL.Path == "/restore" && tt.stays:
					rw.WriteHeader(500)
				case r.URL.Path == "/restore":
					down.Store(false)
				case down.Load():
					bad(rw, r)
				default:
					good(rw, r)
				}
			}
			spec.Staging.Drill = &Drill{Dependency: "database", Break: Request{Path: "/break"}, Restore: Request{Path: "/restore"}, Within: 50 * time.Millisecond}
			spec.Memory = new(Memory)
			for range 2 { // the second run remembers
				r := w.run(t, spec)
				if got := said(r, ruleHealth, tt.want); !strings.Contains(strings.Join(got, " "), "(dependencies)") || !strings.Contains(texts(r, ruleHealth), tt.says) {
					t.Errorf("%s", texts(r, ruleHealth))
				}
			}
			broken := 0
			for _, sent := range w.sent {
				if sent == "POST "+tried+"/break" {
					broken++
				}
			}
			if broken != 1 || down.Load() && !tt.stays {
				t.Errorf("broken %d times, left down: %v", broken, down.Load())
			}
		})
	}
}

// Markers: what cannot be read, or shows nothing, tells nothing.
func TestMarkers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*world, *Marker)
		want   readiness.Status
	}{
		"there":              {func(*world, *Marker) {}, readiness.Pass},
		"an older one":       {func(w *world, _ *Marker) { w.entries = w.entries[:1] }, readiness.Fail},
		"nothing at all":     {func(w *world, _ *Marker) { w.entries = nil }, readiness.Inconclusive},
		"nothing, but alive": {func(w *world, _ *Marker) { w.entries, w.live = nil, true }, readiness.Fail},
		"deaf":               {func(w *world, _ *Marker) { w.deaf = true }, readiness.Inconclusive},
		"any deploy":         {func(_ *world, m *Marker) { m.Contains = "deployed" }, readiness.Inconclusive},
		"a metric": {func(w *world, m *Marker) {
			m.Sink.Kind, m.Query, w.entries = probe.SinkPrometheus, `{v="{{release}}"}`, []string{`{v="1.4.2"}`}
		}, readiness.Pass},
		"a metric of before": {func(w *world, m *Marker) {
			m.Sink.Kind, m.Query, w.entries, w.live = probe.SinkPrometheus, `{v="{{release}}"}`, []string{`{v="1.4.1"}`}, true
		}, readiness.Fail},
		"a metric of no server": {func(w *world, m *Marker) {
			m.Sink.Kind, m.Query, w.entries = probe.SinkPrometheus, `{v="{{release}}"}`, nil
		}, readiness.Inconclusive},
	} {
		w, spec := healthyWorld()
		tt.change(w, spec.Alerts.Marker)
		if r := w.run(t, spec); len(said(r, ruleAlertLink, tt.want)) != 1 {
			t.Errorf("%s: %s", name, texts(r, ruleAlertLink))
		}
	}
}
