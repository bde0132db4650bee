package portal

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// runner sends requests as one identity, whose session it keeps.
type runner struct {
	t      *testing.T
	portal *Portal
	token  string
}

// response is an answer with its body read.
type response struct {
	*http.Response
	body string
}

// as signs an identity in through the front door; "anonymous" stays outside.
func as(t *testing.T, p *Portal, name string) *runner {
	t.Helper()
	r := &runner{t: t, portal: p}
	id := p.Identities()[name]
	switch {
	case id.BearerToken != "":
		r.token = id.BearerToken
	case id.Username != "":
		in, _ := json.Marshal(map[string]string{"email": id.Username, "password": id.Password})
		resp := r.do("POST", "/api/login", string(in))
		var out struct{ Token, Ticket string }
		if json.Unmarshal([]byte(resp.body), &out) == nil && out.Ticket != "" {
			in, _ := json.Marshal(map[string]string{"ticket": out.Ticket, "code": code(t, p, name)})
			resp = r.do("POST", "/api/login/totp", string(in))
		}
		if err := json.Unmarshal([]byte(resp.body), &out); err != nil || out.Token == "" {
			t.Fatalf("sign in %s: %d %s", name, resp.StatusCode, resp.body)
		}
		r.token = out.Token
	case name != "anonymous":
		t.Fatalf("no identity %s", name)
	}
	return r
}

// code is the identity's code of the moment.
func code(t *testing.T, p *Portal, name string) string {
	t.Helper()
	out, err := totp.GenerateCode(p.Identities()[name].TOTPSecret, p.options.Now())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (r *runner) do(method, path, body string) response {
	r.t.Helper()
	req := httptest.NewRequest(method, "https://portal.acme.example"+path, strings.NewReader(body))
	req.Header.Set("X-Forwarded-Proto", "https")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	return send(r.portal, req)
}

func send(p *Portal, req *http.Request) response {
	w := httptest.NewRecorder()
	p.ServeHTTP(w, req)
	resp := w.Result()
	b, _ := io.ReadAll(resp.Body)
	return response{resp, string(b)}
}

func newPortal(t *testing.T) *Portal {
	t.Helper()
	p, err := New(Options{Domain: "acme.example"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestAPI is the contract of the healthy portal: who gets what.
func TestAPI(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		who, method, path, body string
		status                  int
		has                     string // in the body
	}{
		{"anonymous", "GET", "/healthz", "", 200, `"ok"`},
		{"anonymous", "GET", "/version", "", 200, `"version":"1.4.2"`},
		{"anonymous", "GET", "/", "", 200, "<h1>"},
		{"anonymous", "GET", "/welcome", "", 200, `src="/static/harbour.svg"`},
		{"anonymous", "GET", "/pricing", "", 200, "Membership"},
		{"anonymous", "GET", "/login", "", 200, `name="csrf"`},
		{"anonymous", "GET", "/static/site.js", "", 200, "use strict"},
		{"anonymous", "GET", "/static/", "", 404, ""},
		{"anonymous", "GET", "/nowhere", "", 404, ""},
		{"anonymous", "GET", "/api/nowhere", "", 404, "Not Found"},

		{"anonymous", "GET", "/api/me", "", 401, ""},
		{"anonymous", "GET", "/api/profile", "", 401, ""},
		{"anonymous", "GET", "/api/membership", "", 401, ""},
		{"anonymous", "GET", "/api/posts/101", "", 401, ""},
		{"anonymous", "GET", "/api/invoices/5001", "", 401, ""},
		{"anonymous", "GET", "/api/admin/users", "", 401, ""},
		{"anonymous", "POST", "/api/invites", `{"email":"x@y.example"}`, 401, ""},
		{"anonymous", "GET", "/account", "", 303, ""},
		{"anonymous", "GET", "/admin", "", 303, ""},

		{"anonymous", "POST", "/api/login", `{"email":"member-a@acme.example","password":"wrong"}`, 401, ""},
		{"anonymous", "POST", "/api/login", `{"email":"nobody@acme.example","password":"wrong"}`, 401, ""},
		{"anonymous", "POST", "/api/login", `{"email":`, 422, ""},
		{"anonymous", "POST", "/api/login", `{"email":"` + strings.Repeat("x", maxBody) + `"}`, 413, ""},
		{"anonymous", "POST", "/api/password-reset", `{"email":"member-a@acme.example"}`, 202, "message is on its way"},
		{"anonymous", "POST", "/api/password-reset", `{"email":"nobody@acme.example"}`, 202, "message is on its way"},
		{"anonymous", "POST", "/api/resend-code", `{"email":"nobody@acme.example"}`, 202, "message is on its way"},
		{"anonymous", "POST", "/api/password-reset", `{"email":"not an address"}`, 422, ""},

		{"member_a", "GET", "/api/me", "", 200, `"organization":"north"`},
		{"member_a", "GET", "/api/membership", "", 200, `"valid":true`},
		{"member_a", "GET", "/api/posts", "", 200, "north-only"},
		{"member_a", "GET", "/api/posts/101", "", 200, "north-only"},
		{"member_a", "GET", "/api/posts/201", "", 404, ""},
		{"member_b", "GET", "/api/posts/101", "", 404, ""},
		{"member_b", "GET", "/api/posts/201", "", 200, "south-only"},
		{"admin", "GET", "/api/posts/201", "", 200, "south-only"},
		{"robot", "GET", "/api/posts/201", "", 404, ""},
		{"member_a", "GET", "/api/invoices/5001", "", 200, "N-2026-0001"},
		{"member_b", "GET", "/api/invoices/5001", "", 404, ""},
		{"anonymous", "GET", "/community", "", 200, "Harbour of the north"},
		{"anonymous", "GET", "/api/public/events", "", 200, "Open harbour day"},
		{"anonymous", "GET", "/api/openapi.json", "", 200, `"3.1.0"`},
		{"anonymous", "GET", "/.well-known/jwks.json", "", 200, `"RS256"`},
		{"anonymous", "GET", "/login/totp", "", 303, ""},
		{"anonymous", "GET", "/reset/unknown", "", 410, "no longer valid"},
		{"anonymous", "POST", "/api/password-reset/confirm", `{"token":"x","password":"long-enough"}`, 410, ""},
		{"anonymous", "POST", "/api/signup", `{"email":"member-a@acme.example","password":"long-enough","name":"Mira"}`, 202, "message is on its way"},
		{"anonymous", "POST", "/api/signup", `{"email":"new@acme.example","password":"long-enough","name":"New"}`, 202, "message is on its way"},
		{"anonymous", "POST", "/api/signup", `{"email":"new@acme.example","password":"short","name":"New"}`, 422, ""},
		{"anonymous", "POST", "/api/signup", `{"email":"new@acme.example","password":"long-enough","name":"New","role":"admin"}`, 422, ""},
		{"anonymous", "GET", "/api/members/usr_7k2m", "", 401, ""},
		{"anonymous", "GET", "/api/invoice?id=5001", "", 401, ""},
		{"anonymous", "GET", "/api/messages", "", 401, ""},
		{"anonymous", "POST", "/api/token", `{"email":"admin@acme.example","password":"wrong"}`, 401, ""},
		{"anonymous", "POST", "/api/token/refresh", `{"refresh_token":"x"}`, 401, ""},

		{"member_a", "GET", "/api/members/usr_7k2m", "", 200, Marker("member_a")},
		{"member_c", "GET", "/api/members/usr_7k2m", "", 404, ""},
		{"admin", "GET", "/api/members/usr_7k2m", "", 200, Marker("member_a")},
		{"member_a", "PATCH", "/api/members/usr_7k2m", `{"phone":"+1 202 555 0199"}`, 200, "0199"},
		{"member_a", "PATCH", "/api/members/usr_7k2m", `{"role":"admin"}`, 422, ""},
		{"member_c", "PATCH", "/api/members/usr_7k2m", `{"phone":"+1 202 555 0199"}`, 404, ""},
		{"member_a", "GET", "/api/messages", "", 200, Marker("member_a")},
		{"member_a", "GET", "/api/messages/" + MessageOf("member_a"), "", 200, Marker("member_a")},
		{"member_c", "GET", "/api/messages/" + MessageOf("member_a"), "", 404, ""},
		{"admin", "GET", "/api/messages/" + MessageOf("member_a"), "", 404, ""},
		{"member_c", "DELETE", "/api/messages/" + MessageOf("member_a"), "", 404, ""},
		{"member_a", "DELETE", "/api/messages/" + MessageOf("member_a"), "", 204, ""},
		{"member_a", "POST", "/api/messages", `{"text":"hello"}`, 201, "hello"},
		{"member_a", "GET", "/api/invoices", "", 200, Marker("member_a")},
		{"member_c", "GET", "/api/invoices/5001", "", 404, ""},
		{"member_a", "GET", "/api/invoice?id=5001", "", 200, Marker("member_a")},
		{"member_b", "GET", "/api/invoice?id=5001", "", 404, ""},
		{"member_b", "GET", "/api/invoice?id=5002&id=5001", "", 200, Marker("member_b")},
		{"member_b", "GET", "/api/invoices/5002?id=5001", "", 200, Marker("member_b")},
		{"member_a", "POST", "/api/invoices/lookup", `{"id":"5001"}`, 200, Marker("member_a")},
		{"member_b", "POST", "/api/invoices/lookup", `{"id":"5001"}`, 404, ""},
		{"member_b", "POST", "/api/invoices/lookup?id=5002", `{"id":"5001"}`, 404, ""},
		{"member_a", "GET", "/api/admin/members/usr_7k2m/note", "", 403, ""},
		{"admin", "GET", "/api/admin/members/usr_7k2m/note", "", 200, Marker("admin")},
		{"member_a", "POST", "/api/admin/members/usr_7k2m/note", `{"text":"x"}`, 403, ""},
		{"admin", "POST", "/api/admin/members/usr_7k2m/note", `{"text":"called"}`, 200, "called"},
		{"member_a", "GET", "/Admin", "", 404, ""},
		{"member_a", "GET", "/admin/", "", 404, ""},
		{"member_a", "POST", "/api/password", `{"current_password":"wrong","password":"long-enough"}`, 403, ""},
		{"member_a", "POST", "/api/email", `{"current_password":"","email":"m@acme.example"}`, 403, ""},
		{"member_a", "GET", "/api/reports/weekly", "", 404, ""},
		{"member_a", "PATCH", "/api/profile", `{"display_name":"Mira"}`, 200, `"display_name":"Mira"`},
		{"member_a", "PATCH", "/api/profile", `{"role":"admin"}`, 422, ""},
		{"member_a", "PATCH", "/api/profile", `{"display_name":" "}`, 422, ""},
		{"member_a", "POST", "/api/invites", `{"email":"friend@partner.example"}`, 202, ""},
		{"robot", "POST", "/api/invites", `{"email":"friend@partner.example"}`, 202, ""},
		{"robot", "GET", "/api/me", "", 200, `"role":"api"`},
		{"member_a", "GET", "/account", "", 200, "Mira Ahlberg"},
		{"member_a", "GET", "/admin", "", 403, "administrators"},
		{"member_a", "GET", "/api/admin/users", "", 403, ""},
		{"admin", "GET", "/admin", "", 200, "member-b@acme.example"},
		{"admin", "GET", "/api/admin/users", "", 200, "member-b@acme.example"},
	} {
		t.Run(tc.who+" "+tc.method+" "+tc.path, func(t *testing.T) {
			t.Parallel()
			got := as(t, newPortal(t), tc.who).do(tc.method, tc.path, tc.body)
			if got.StatusCode != tc.status || !strings.Contains(got.body, tc.has) {
				t.Errorf("got %d %.300s\nwant %d with %q", got.StatusCode, got.body, tc.status, tc.has)
			}
			if got.Header.Get("Content-Security-Policy") == "" || got.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("security headers missing: %v", got.Header)
			}
			private := strings.HasPrefix(tc.path, "/api/") || tc.path == "/account" || tc.path == "/admin" || tc.path == "/login"
			if private && got.Header.Get("Cache-Control") != "private, no-store" {
				t.Errorf("Cache-Control of a private answer: %q", got.Header.Get("Cache-Control"))
			}
		})
	}
}

func TestAnswersDoNotTellWhoIsKnown(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	r := as(t, p, "anonymous")
	for _, path := range []string{"/api/password-reset", "/api/resend-code"} {
		known := r.do("POST", path, `{"email":"member-a@acme.example"}`)
		unknown := r.do("POST", path, `{"email":"stranger@acme.example"}`)
		if known.StatusCode != unknown.StatusCode || known.body != unknown.body {
			t.Errorf("%s: %d %s but %d %s", path, known.StatusCode, known.body, unknown.StatusCode, unknown.body)
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	now := time.Now()
	p, err := New(Options{Domain: "acme.example", Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	status := func(r *runner) int { return r.do("GET", "/api/me", "").StatusCode }

	out := as(t, p, "member_a")
	if got := out.do("POST", "/api/logout", ""); got.StatusCode != 204 || status(out) != 401 {
		t.Errorf("after sign-out: %d, then %d", got.StatusCode, status(out))
	}
	idle := as(t, p, "member_a")
	now = now.Add(sessionIdle - time.Minute)
	if status(idle) != 200 {
		t.Error("the session ended before it was idle for long")
	}
	now = now.Add(sessionIdle + time.Minute)
	if status(idle) != 401 {
		t.Error("the session outlived idleness")
	}
	busy := as(t, p, "member_a")
	for end := now.Add(sessionLife); now.Before(end); now = now.Add(sessionIdle - time.Minute) {
		status(busy)
	}
	if status(busy) != 401 {
		t.Error("the session outlived its longest life")
	}
}

// TestLoginForm signs in as a browser does: cookies, a hidden field, a redirect.
func TestLoginForm(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	page := send(p, httptest.NewRequest("GET", "https://portal.acme.example/login", nil))
	csrf := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(page.body)
	if csrf == nil {
		t.Fatalf("no csrf field: %s", page.body)
	}
	id := p.Identities()["member_a"]
	post := func(token, origin string) response {
		form := url.Values{"csrf": {token}, "email": {id.Username}, "password": {id.Password}}
		req := httptest.NewRequest("POST", "https://portal.acme.example/login", strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", origin)
		for _, c := range page.Cookies() {
			req.AddCookie(c)
		}
		return send(p, req)
	}
	if got := post("made-up", "https://portal.acme.example"); got.StatusCode != http.StatusForbidden {
		t.Errorf("with a made-up token: %d", got.StatusCode)
	}
	if got := post(csrf[1], "https://evil.example"); got.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %d", got.StatusCode)
	}
	got := post(csrf[1], "https://portal.acme.example")
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/account" {
		t.Fatalf("sign in: %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	account := httptest.NewRequest("GET", "https://portal.acme.example/account", nil)
	for _, c := range got.Cookies() {
		if c.Name == sessionCookie {
			if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("session cookie: %s", c)
			}
			account.AddCookie(c)
		}
	}
	if page := send(p, account); page.StatusCode != 200 || !strings.Contains(page.body, "Mira") {
		t.Errorf("account by cookie: %d %s", page.StatusCode, page.body)
	}
}

// TestSwitches sees each fault come and go on the page or redirect it breaks.
func TestSwitches(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	for _, tc := range []struct {
		on           Switch
		scheme, path string
		want         string // in the body, or the redirect's target
	}{
		{MixedScript, "https", "/welcome", `<script src="http://cdn.partner.example/app.js">`},
		{MixedStylesheet, "https", "/welcome", `<link rel="stylesheet" href="http://cdn.partner.example/theme.css">`},
		{MixedFrame, "https", "/welcome", `<iframe src="http://cdn.partner.example/tour.html"`},
		{MixedImage, "https", "/welcome", `<img src="http://cdn.partner.example/harbour.svg"`},
		{MixedForm, "https", "/welcome", `action="http://cdn.partner.example/subscribe"`},
		{ForceBySocket, "https", "/pricing", "https://portal.acme.example/pricing"},
		{RedirectElsewhere, "http", "/pricing", "https://www.acme.example/pricing"},
		{DowngradeHop, "https", "/", "http://portal.acme.example/welcome"},
	} {
		seen := func() bool {
			req := httptest.NewRequest("GET", "http://portal.acme.example"+tc.path, nil) // as the edge asks in clear text
			req.Header.Set("X-Forwarded-Proto", tc.scheme)
			resp := send(p, req)
			return strings.Contains(resp.body, tc.want) || resp.Header.Get("Location") == tc.want
		}
		before := seen()
		p.Set(tc.on, true)
		during := seen()
		p.Set(tc.on, false)
		if after := seen(); before || !during || after {
			t.Errorf("%s: seen before %v, during %v, after %v; want only during", tc.on, before, during, after)
		}
	}
}
