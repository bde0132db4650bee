package portal

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// browser keeps cookies, as a person's does.
type browser struct {
	p       *Portal
	cookies map[string]string
}

func newBrowser(p *Portal) *browser { return &browser{p, map[string]string{}} }

// open asks for a page, or sends a form.
func (b *browser) open(method, path string, form url.Values) response {
	req := httptest.NewRequest(method, "https://portal.acme.example"+path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	got := send(b.p, req)
	for _, c := range got.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return got
}

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// submit opens the page of a form and sends it with its hidden field.
func (b *browser) submit(path string, form url.Values) response {
	page := b.open("GET", path, nil)
	if found := csrfField.FindStringSubmatch(page.body); found != nil {
		form.Set("csrf", found[1])
	}
	return b.open("POST", path, form)
}

func TestSecondFactorForm(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	b := newBrowser(p)
	id := p.Identities()["admin"]
	got := b.submit("/login", url.Values{"email": {id.Username}, "password": {id.Password}})
	if got.Header.Get("Location") != "/login/totp" || b.cookies[sessionCookie] != "" {
		t.Fatalf("password: %d to %q, cookies %v", got.StatusCode, got.Header.Get("Location"), b.cookies)
	}
	if page := b.open("GET", "/admin", nil); page.StatusCode != http.StatusSeeOther {
		t.Errorf("administrators' page before the code: %d", page.StatusCode)
	}
	if got := b.submit("/login/totp", url.Values{"code": {"000000"}}); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("wrong code: %d", got.StatusCode)
	}
	if got := b.submit("/login/totp", url.Values{"code": {code(t, p, "admin")}}); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("code: %d %s", got.StatusCode, got.body)
	}
	if page := b.open("GET", "/admin", nil); page.StatusCode != 200 || b.cookies[ticketCookie] != "" {
		t.Errorf("administrators' page: %d, cookies %v", page.StatusCode, b.cookies)
	}
}

// TestReset is the life of the token in a letter.
func TestReset(t *testing.T) {
	t.Parallel()
	p, pass := clockPortal(t)
	const owner = "usr_8w2k" // disposable
	issue := func() string { return p.letters.issue(resetPurpose, owner, true) }
	signedIn := as(t, p, "disposable")

	token := issue()
	page := get(p, "/reset/"+token, nil)
	if page.StatusCode != 200 || page.Header.Get("Referrer-Policy") != "no-referrer" || page.Header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("page: %d %v", page.StatusCode, page.Header)
	}
	weak := post(p, "/api/password-reset/confirm", map[string]string{"token": token, "password": "password1"}, nil)
	if weak.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a password that everyone has: %d", weak.StatusCode)
	}
	if one, two := confirmStatus(p, token), confirmStatus(p, token); one != 204 || two != 410 {
		t.Errorf("confirmed %d, then %d", one, two)
	}
	if got := whoever(p, bearer(signedIn.token)); got != "401" {
		t.Errorf("a session from before: %s", got)
	}
	again := post(p, "/api/login", map[string]string{"email": "disposable@acme.example", "password": "another-password"}, nil)
	if again.StatusCode != 200 {
		t.Errorf("the new password: %d", again.StatusCode)
	}
	old, newer := issue(), issue()
	if got := confirmStatus(p, old); got != 410 {
		t.Errorf("a token with a newer one: %d", got)
	}
	pass(letterLife + time.Second)
	if got := confirmStatus(p, newer); got != 410 {
		t.Errorf("a token of yesterday: %d", got)
	}
	if got := newBrowser(p).submit("/reset/"+issue(), url.Values{"password": {"a-third-password"}}); got.Header.Get("Location") != "/login" {
		t.Errorf("by the form: %d %s", got.StatusCode, got.body)
	}
	// What belongs to a sign-up is no token of a reset.
	if got := confirmStatus(p, p.letters.issue(confirmPurpose, owner, true)); got != 410 {
		t.Errorf("a token of another purpose: %d", got)
	}
}

// TestSignup makes an account by its letter, and none without.
func TestSignup(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	form := map[string]string{"email": "new@acme.example", "password": "long-enough", "name": "New"}
	status := func() int { return post(p, "/api/login", form, nil).StatusCode }
	if got := post(p, "/api/signup", form, nil); got.StatusCode != 202 {
		t.Fatalf("sign-up: %d", got.StatusCode)
	}
	delete(form, "name") // which a sign-in does not take
	if got := status(); got != 401 {
		t.Errorf("before the letter: %d", got)
	}
	applicant := ""
	for id := range p.applicants {
		applicant = id
	}
	token := p.letters.issue(confirmPurpose, applicant, true)
	if get(p, "/confirm/"+token, nil).StatusCode != 200 || status() != 401 {
		t.Error("looking at the page made the account")
	}
	first := newBrowser(p).submit("/confirm/"+token, url.Values{})
	second := newBrowser(p).submit("/confirm/"+token, url.Values{})
	if first.StatusCode != 303 || status() != 200 {
		t.Errorf("confirmed: %d, sign-in %d", first.StatusCode, status())
	}
	if second.StatusCode == 303 {
		t.Errorf("confirmed again: %d", second.StatusCode)
	}
}

// TestAccountChanges holds what a change asks for and ends.
func TestAccountChanges(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	password := p.Identities()["disposable"].Password
	one, other := as(t, p, "disposable"), as(t, p, "disposable")
	pair := tokensOf(t, p, "disposable", nil)
	change := func(r *runner, path, current, field, value string) int {
		t.Helper()
		return r.do("POST", path, fmt.Sprintf(`{"current_password":%q,%q:%q}`, current, field, value)).StatusCode
	}
	for _, tc := range []struct {
		current, password string
		want              int
	}{{"wrong", "long-enough", 403}, {password, "short", 422}, {password, strings.Repeat("x", 64), 204}} {
		if got := change(one, "/api/password", tc.current, "password", tc.password); got != tc.want {
			t.Errorf("password %+v: %d", tc, got)
		}
	}
	if whoever(p, bearer(one.token)) != "disposable" || whoever(p, bearer(other.token)) != "401" || whoever(p, bearer(pair.Access)) != "401" {
		t.Error("the sessions after a new password are not right")
	}
	if got := post(p, "/api/token/refresh", map[string]string{"refresh_token": pair.Refresh}, nil); got.StatusCode != 401 {
		t.Errorf("the refresh token after a new password: %d", got.StatusCode)
	}
	password = strings.Repeat("x", 64)
	if got := change(one, "/api/password", password, "password", p.Identities()["disposable"].Password); got != 204 {
		t.Errorf("the password put back: %d", got)
	}
	password = p.Identities()["disposable"].Password
	for _, tc := range []struct {
		current, email string
		want           int
		then           string
	}{
		{"wrong", "moved@acme.example", 403, "disposable"}, {password, "nonsense", 422, "disposable"},
		{password, "member-a@acme.example", 204, "disposable"}, {password, "moved@acme.example", 204, "moved"}, {password, "disposable@acme.example", 204, "disposable"},
	} {
		if got := change(one, "/api/email", tc.current, "email", tc.email); got != tc.want || whoever(p, bearer(one.token)) != tc.then {
			t.Errorf("e-mail %+v: %d, now %s", tc, got, whoever(p, bearer(one.token)))
		}
	}
}

// TestSessionOfItsOwn holds that a sign-in never keeps what the browser brings.
func TestSessionOfItsOwn(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	_, first := signIn(t, p, "member_a", nil)
	_, second := signIn(t, p, "member_a", http.Header{"Cookie": {first.Name + "=" + first.Value}})
	cookie := func(c *http.Cookie) http.Header { return http.Header{"Cookie": {c.Name + "=" + c.Value}} }
	if first.Value == second.Value || whoever(p, cookie(first)) != "401" || whoever(p, cookie(second)) != "member-a" {
		t.Error("the session that the browser brought was kept")
	}
}

func TestSessionLimits(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]limits{
		"":                   {sessionIdle, sessionLife},
		"idle=2s, life=4s":   {2 * time.Second, 4 * time.Second},
		"life=4s":            {sessionIdle, 4 * time.Second},
		"idle=99h,life=99h":  {sessionIdle, sessionLife},
		"idle=-1s,life=0":    {sessionIdle, sessionLife},
		"idle,life=x,other=": {sessionIdle, sessionLife},
	} {
		r := httptest.NewRequest("POST", "/api/login", nil)
		r.Header.Set(TestSessionHeader, header)
		if got := sessionLimits(r); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}
