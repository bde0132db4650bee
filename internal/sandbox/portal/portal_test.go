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
