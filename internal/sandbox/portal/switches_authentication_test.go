package portal

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// sight is how a switch shows: what is seen with it and without.
type sight struct {
	look        func(t *testing.T, p *Portal, pass func(time.Duration)) string
	sick, sound string
}

// seen runs every switch's look on a portal of its own with the switch on, on a
// healthy one, and on one where it was on.
func seen(t *testing.T, sights map[Switch]sight) {
	for name, s := range sights {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			for _, step := range []struct {
				set  []bool
				want string
			}{{nil, s.sound}, {[]bool{true}, s.sick}, {[]bool{true, false}, s.sound}} {
				p, pass := clockPortal(t)
				for _, on := range step.set {
					p.Set(name, on)
				}
				if got := s.look(t, p, pass); got != step.want {
					t.Errorf("switched %v: %q, want %q", step.set, got, step.want)
				}
			}
		})
	}
}

// get asks for a path with headers.
func get(p *Portal, path string, header http.Header) response {
	req := httptest.NewRequest("GET", "https://portal.acme.example"+path, nil)
	if header != nil {
		req.Header = header
	}
	return send(p, req)
}

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// whoever says whom a request is taken for.
func whoever(p *Portal, header http.Header) string {
	got := get(p, "/api/me", header)
	if got.StatusCode != 200 {
		return fmt.Sprint(got.StatusCode)
	}
	var out struct{ Email string }
	_ = json.Unmarshal([]byte(got.body), &out)
	return strings.TrimSuffix(out.Email, "@acme.example")
}

// signIn returns the answer to a sign-in by JSON and its session cookie.
func signIn(t *testing.T, p *Portal, name string, header http.Header) (response, *http.Cookie) {
	t.Helper()
	got := post(p, "/api/login", credentials(p, name), header)
	for _, c := range got.Cookies() {
		if strings.HasSuffix(c.Name, "session") {
			return got, c
		}
	}
	return got, &http.Cookie{Name: "none"}
}

// cookieSight looks at the session's cookie.
func cookieSight(look func(*http.Cookie) any, sick, sound any) sight {
	return sight{func(t *testing.T, p *Portal, _ func(time.Duration)) string {
		_, c := signIn(t, p, "member_a", nil)
		return fmt.Sprint(look(c))
	}, fmt.Sprint(sick), fmt.Sprint(sound)}
}

// forgedSight sends an access token that was made of a good one.
func forgedSight(forge func(t *testing.T, good string) string) sight {
	return sight{func(t *testing.T, p *Portal, _ func(time.Duration)) string {
		return whoever(p, bearer(forge(t, tokensOf(t, p, "member_a", nil).Access)))
	}, "member-a", "401"}
}

// resigned is a token with another header and signature.
func resigned(t *testing.T, good string, header map[string]any, method jwt.SigningMethod, key any) string {
	t.Helper()
	raw, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString(raw) + "." + strings.Split(good, ".")[1]
	if method == nil {
		return text + "."
	}
	signature, err := method.Sign(text, key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// resetAnswer asks for a letter.
func resetAnswer(p *Portal, address string) response {
	return post(p, "/api/password-reset", map[string]string{"email": address}, nil)
}

// confirmReset sets a password by a token and returns the status.
func confirmStatus(p *Portal, token string) int {
	return post(p, "/api/password-reset/confirm", map[string]string{"token": token, "password": "another-password"}, nil).StatusCode
}

// linkIn is the link of the letter that a reset would send.
func linkIn(p *Portal, header http.Header, host string) string {
	req := httptest.NewRequest("POST", "https://portal.acme.example/api/password-reset", nil)
	req.Header = header
	req.Host = host
	l := resetLetter("x@acme.example")
	l.host, l.token = p.linkHost(req), "TOKEN"
	p.mu.RLock()
	_, raw := p.compose(l)
	p.mu.RUnlock()
	return regexp.MustCompile(`https?://[^/\s]+/reset/TOKEN`).FindString(string(raw))
}

// slower reports whether one request takes at least 15 ms longer than another.
func slower(one, other func()) string {
	took := func(f func()) time.Duration {
		best := time.Hour
		for range 3 {
			start := time.Now()
			f()
			best = min(best, time.Since(start))
		}
		return best
	}
	return fmt.Sprint(took(one)-took(other) > 15*time.Millisecond)
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
		JWTNone: forgedSight(func(t *testing.T, good string) string {
			return resigned(t, good, map[string]any{"alg": "nOnE", "typ": "JWT"}, nil, nil)
		}),
		JWTUnverified: forgedSight(func(t *testing.T, good string) string {
			return good[:len(good)-20] + strings.Repeat("A", 20)
		}),
		JWTWeakSecret: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			_, err := jwt.Parse(tokensOf(t, p, "member_a", nil).Access, func(*jwt.Token) (any, error) { return []byte("secret"), nil }, jwt.WithTimeFunc(p.options.Now))
			return fmt.Sprint(err == nil)
		}, "true", "false"},
		JWTConfusion: forgedSight(func(t *testing.T, good string) string {
			return resigned(t, good, map[string]any{"alg": "HS256", "kid": jwtKeyID()}, jwt.SigningMethodHS256, jwtPublicPEM())
		}),
		JWTKeyFromPath: forgedSight(func(t *testing.T, good string) string {
			return resigned(t, good, map[string]any{"alg": "HS256", "kid": "../../dev/null"}, jwt.SigningMethodHS256, []byte{})
		}),
		JWTKeyEmbedded: forgedSight(func(t *testing.T, good string) string {
			key := foreignKey()
			jwk := map[string]string{"kty": "RSA", "n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": "AQAB"}
			return resigned(t, good, map[string]any{"alg": "RS256", "jwk": jwk}, jwt.SigningMethodRS256, key)
		}),
		JWTExpiredAccepted: {func(t *testing.T, p *Portal, pass func(time.Duration)) string {
			pair := tokensOf(t, p, "member_a", http.Header{TestSessionHeader: {"life=2s"}})
			pass(3 * time.Minute)
			return whoever(p, bearer(pair.Access))
		}, "member-a", "401"},
		JWTAudienceIgnored: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			return whoever(p, bearer(tokensOf(t, p, "member_a", nil).ID))
		}, "member-a", "401"},
		SensitiveClaims: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			claims, _ := base64.RawURLEncoding.DecodeString(strings.Split(tokensOf(t, p, "member_a", nil).Access, ".")[1])
			return fmt.Sprint(strings.Contains(string(claims), "argon2id"), strings.Contains(string(claims), "@"), strings.Contains(string(claims), "555"))
		}, "true true true", "false false false"},
		LoginBodyTells: {func(_ *testing.T, p *Portal, _ func(time.Duration)) string {
			return fmt.Sprint(wrong(p, "member-a").body == wrong(p, "stranger").body)
		}, "false", "true"},
		LoginStatusTells: {func(_ *testing.T, p *Portal, _ func(time.Duration)) string {
			return fmt.Sprint(wrong(p, "member-a").StatusCode, wrong(p, "stranger").StatusCode)
		}, "401 404", "401 401"},
		LoginTimingTells: {func(_ *testing.T, p *Portal, _ func(time.Duration)) string {
			return slower(func() { wrong(p, "member-a") }, func() { wrong(p, "stranger") })
		}, "true", "false"},
		ResetBodyTells: {func(_ *testing.T, p *Portal, _ func(time.Duration)) string {
			return fmt.Sprint(resetAnswer(p, "member-a@acme.example").body == resetAnswer(p, "stranger@acme.example").body)
		}, "false", "true"},
		ResetTimingTells: {func(_ *testing.T, p *Portal, _ func(time.Duration)) string {
			return slower(func() { resetAnswer(p, "member-a@acme.example") }, func() { resetAnswer(p, "stranger@acme.example") })
		}, "true", "false"},
		SignupTells: {func(_ *testing.T, p *Portal, _ func(time.Duration)) string {
			form := map[string]string{"email": "member-a@acme.example", "password": "long-enough", "name": "M"}
			other := maps.Clone(form)
			other["email"] = "stranger@acme.example"
			return fmt.Sprint(post(p, "/api/signup", form, nil).StatusCode, post(p, "/api/signup", other, nil).StatusCode)
		}, "409 202", "202 202"},
		ResetHostForwarded: {func(_ *testing.T, p *Portal, _ func(time.Duration)) string {
			return linkIn(p, http.Header{"X-Forwarded-Host": {"evil.test"}}, "portal.acme.example")
		}, "https://evil.test/reset/TOKEN", "https://portal.acme.example/reset/TOKEN"},
		ResetHostAsked: {func(_ *testing.T, p *Portal, _ func(time.Duration)) string {
			return linkIn(p, http.Header{}, "portal.acme.example:1337")
		}, "https://portal.acme.example:1337/reset/TOKEN", "https://portal.acme.example/reset/TOKEN"},
		ResetTokenReused: {func(_ *testing.T, p *Portal, _ func(time.Duration)) string {
			token := p.letters.issue(resetPurpose, "usr_3t1m", true)
			return fmt.Sprint(confirmStatus(p, token), confirmStatus(p, token))
		}, "204 204", "204 410"},
		OldResetValid: {func(_ *testing.T, p *Portal, _ func(time.Duration)) string {
			old := p.letters.issue(resetPurpose, "usr_3t1m", !p.On(OldResetValid))
			resetAnswer(p, "launch-test+b@inbox.example")
			return fmt.Sprint(confirmStatus(p, old))
		}, "204", "410"},
		ResetTokenAnswered: {func(t *testing.T, p *Portal, _ func(time.Duration)) string {
			out := into[map[string]string](t, resetAnswer(p, "launch-test@inbox.example"))
			return fmt.Sprint(confirmStatus(p, out["reset_token"]), " ", len(into[map[string]string](t, resetAnswer(p, "stranger@acme.example"))))
		}, "204 2", "410 1"},
		ResetPageThirdParty: {func(_ *testing.T, p *Portal, _ func(time.Duration)) string {
			page := get(p, "/reset/"+p.letters.issue(resetPurpose, "usr_3t1m", true), nil)
			return fmt.Sprint(page.StatusCode, " ", page.Header.Get("Referrer-Policy"), " ", strings.Contains(page.body, "cdn.partner.example"))
		}, "200 unsafe-url true", "200 no-referrer false"},
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

// wrong signs in with a wrong password.
func wrong(p *Portal, name string) response {
	return post(p, "/api/login", map[string]string{"email": name + "@acme.example", "password": "wrong"}, nil)
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
