package portal

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

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

// TestTellingSwitches has what tells who is known, and the faults of resets.
func TestTellingSwitches(t *testing.T) {
	t.Parallel()
	seen(t, map[Switch]sight{
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
	})
}

// wrong signs in with a wrong password.
func wrong(p *Portal, name string) response {
	return post(p, "/api/login", map[string]string{"email": name + "@acme.example", "password": "wrong"}, nil)
}
