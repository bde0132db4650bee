package portal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// cookieSight looks at the session's cookie.
func cookieSight(look func(*http.Cookie) any, sick, sound any) sight {
	return sight{func(t *testing.T, p *Portal, _ func(time.Duration)) string {
		_, c := signIn(t, p, "member_a", nil)
		return fmt.Sprint(look(c))
	}, fmt.Sprint(sick), fmt.Sprint(sound)}
}

func TestAuthenticationSwitches(t *testing.T) {
	t.Parallel()
	seen(t, map[Switch]sight{
		AnonymousPasses: {func(_ *testing.T, p *Portal, _ func(time.Duration)) string { return whoever(p, nil) }, "member-a", "401"},
		AnyBearerPasses: {func(_ *testing.T, p *Portal, _ func(time.Duration)) string { return whoever(p, bearer("made-up")) }, "member-a", "401"},
		CookieUnverified: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			_, c := signIn(t, p, "member_b", nil)
			flipped := []byte(c.Value)
			flipped[len(flipped)/2] ^= 1
			return whoever(p, http.Header{"Cookie": {c.Name + "=" + string(flipped)}})
		}, "member-b", "401"},
		LoginBroken: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			got, _ := signIn(t, p, "member_a", nil)
			return fmt.Sprint(got.StatusCode, strings.Contains(got.body, "token"), strings.Contains(got.body, "error"))
		}, "200 false true", "200 true false"},
		LogoutForgetsCookie: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			r := as(t, p, "member_a")
			r.do("POST", "/api/logout", "")
			return whoever(p, bearer(r.token))
		}, "member-a", "401"},
		JWTSurvivesLogout: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			r := &runner{t: t, portal: p, token: tokensOf(t, p, "member_a", nil).Access}
			r.do("POST", "/api/logout", "")
			return whoever(p, bearer(r.token))
		}, "member-a", "401"},
		RefreshSurvivesLogout: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			pair := tokensOf(t, p, "member_a", nil)
			(&runner{t: t, portal: p, token: pair.Access}).do("POST", "/api/logout", "")
			return whoever(p, bearer(pair.Access)) + fmt.Sprint(" ", post(p, "/api/token/refresh", map[string]string{"refresh_token": pair.Refresh}, nil).StatusCode)
		}, "401 200", "401 401"},
		SurvivesPasswordChange: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			old, one := as(t, p, "disposable"), as(t, p, "disposable")
			body, _ := json.Marshal(map[string]string{"current_password": p.Identities()["disposable"].Password, "password": "another-password"})
			changed := one.do("POST", "/api/password", string(body))
			return fmt.Sprint(changed.StatusCode, " ", whoever(p, bearer(one.token)), " ", whoever(p, bearer(old.token)))
		}, "204 disposable disposable", "204 disposable 401"},
		SessionFixed: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			chosen := p.sessionCookieName() + "=CHOSENBYANOTHER"
			signIn(t, p, "member_a", http.Header{"Cookie": {chosen}})
			page := get(p, "/login", nil)
			return whoever(p, http.Header{"Cookie": {chosen}}) + fmt.Sprint(" ", len(page.Cookies()))
		}, "member-a 2", "401 1"},
		NoIdleLimit: {func(t *testing.T, p *Portal, pass func(time.Duration)) string {
			got, _ := signIn(t, p, "member_a", http.Header{TestSessionHeader: {"idle=2s"}})
			token := into[struct{ Token string }](t, got).Token
			pass(3 * time.Second)
			return whoever(p, bearer(token))
		}, "member-a", "401"},
		NoAbsoluteLimit: {func(t *testing.T, p *Portal, pass func(time.Duration)) string {
			got, _ := signIn(t, p, "member_a", http.Header{TestSessionHeader: {"life=2s"}})
			token := into[struct{ Token string }](t, got).Token
			pass(3 * time.Second)
			return whoever(p, bearer(token))
		}, "member-a", "401"},
		CookieInsecure:      cookieSight(func(c *http.Cookie) any { return c.Secure }, false, true),
		CookieReadable:      cookieSight(func(c *http.Cookie) any { return c.HttpOnly }, false, true),
		CookieCrossSite:     cookieSight(func(c *http.Cookie) any { return c.SameSite == http.SameSiteNoneMode }, true, false),
		CookieDomainWide:    cookieSight(func(c *http.Cookie) any { return c.Domain }, "acme.example", ""),
		CookiePrefixMissing: cookieSight(func(c *http.Cookie) any { return c.Name }, "session", "__Host-session"),
		TokenInURL: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			got, c := signIn(t, p, "member_a", nil)
			return fmt.Sprint(strings.Contains(got.body, "?session="+c.Value), " ", get(p, "/account?session="+c.Value, nil).StatusCode)
		}, "true 200", "false 303"},
		WeakSessionIDs: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			_, one := signIn(t, p, "member_a", nil)
			_, two := signIn(t, p, "member_a", nil)
			same := 0
			for i := range one.Value {
				if one.Value[i] == two.Value[i] {
					same++
				}
			}
			return fmt.Sprint(same > len(one.Value)/2)
		}, "true", "false"},
		SessionBeforeCode: {func(t *testing.T, p *Portal, _ func(time.Duration)) string { return halfway(t, p) }, "200 200", "401 401"},
		AdminHalfway:      {func(t *testing.T, p *Portal, _ func(time.Duration)) string { return halfway(t, p) }, "401 200", "401 401"},
		CodeReused: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			with := credentials(p, "admin")
			with["code"] = code(t, p, "admin")
			return fmt.Sprint(post(p, "/api/token", with, nil).StatusCode, post(p, "/api/token", with, nil).StatusCode)
		}, "200 200", "200 401"},
		DefaultCredentials: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			got := post(p, "/api/login", map[string]string{"email": "admin", "password": "admin"}, nil)
			if got.StatusCode != 200 {
				return fmt.Sprint(got.StatusCode)
			}
			return fmt.Sprint(get(p, "/api/admin/users", bearer(into[struct{ Token string }](t, got).Token)).StatusCode)
		}, "200", "401"},
		NoReauthForPassword: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			return fmt.Sprint(as(t, p, "disposable").do("POST", "/api/password", `{"password":"another-password"}`).StatusCode)
		}, "204", "403"},
		NoReauthForEmail: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			r := as(t, p, "disposable")
			return fmt.Sprint(r.do("POST", "/api/email", `{"email":"other@acme.example"}`).StatusCode, " ", whoever(p, bearer(r.token)))
		}, "204 other", "403 disposable"},
		CSRFOpen: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			_, c := signIn(t, p, "member_a", nil)
			req := httptest.NewRequest("POST", "https://portal.acme.example/api/messages", strings.NewReader(`{"text":"hi"}`))
			req.Header = http.Header{"Cookie": {c.Name + "=" + c.Value}, "Content-Type": {"text/plain"}, "Origin": {"https://evil.test"}}
			return fmt.Sprint(send(p, req).StatusCode)
		}, "201", "403"},
	})
}

// halfway gives the administrator's password, by JSON and by the form, and tries
// what that opens: the API, and the administrators' part of it.
func halfway(t *testing.T, p *Portal) string {
	t.Helper()
	_, c := signIn(t, p, "admin", nil)
	page := get(p, "/login", nil)
	csrf := regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(page.body)[1]
	form := url.Values{"csrf": {csrf}, "email": {"admin@acme.example"}, "password": {p.Identities()["admin"].Password}}
	req := httptest.NewRequest("POST", "https://portal.acme.example/login", strings.NewReader(form.Encode()))
	req.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Cookie": {csrfCookie + "=" + csrf}}
	if got := send(p, req); got.Header.Get("Location") != "/login/totp" {
		t.Errorf("the form leads to %q", got.Header.Get("Location"))
	}
	cookie := func() http.Header { return http.Header{"Cookie": {c.Name + "=" + c.Value}} }
	return fmt.Sprint(get(p, "/api/me", cookie()).StatusCode, get(p, "/api/admin/users", cookie()).StatusCode)
}
