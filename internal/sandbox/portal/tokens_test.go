package portal

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// tokenPair is the answer of a sign-in for tokens.
type tokenPair struct {
	Access  string `json:"access_token"`
	ID      string `json:"id_token"`
	Refresh string `json:"refresh_token"`
	Expires int    `json:"expires_in"`
}

// post sends JSON with headers, as nobody.
func post(p *Portal, path string, body any, header http.Header) response {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	req := httptest.NewRequest("POST", "https://portal.acme.example"+path, strings.NewReader(string(raw)))
	req.Header = header.Clone()
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Set("Content-Type", "application/json")
	return send(p, req)
}

// into decodes an answer.
func into[T any](t *testing.T, r response) T {
	t.Helper()
	var out T
	if err := json.Unmarshal([]byte(r.body), &out); err != nil {
		t.Fatalf("%d %s: %v", r.StatusCode, r.body, err)
	}
	return out
}

func credentials(p *Portal, name string) map[string]string {
	id := p.Identities()[name]
	return map[string]string{"email": id.Username, "password": id.Password}
}

func tokensOf(t *testing.T, p *Portal, name string, header http.Header) tokenPair {
	t.Helper()
	return into[tokenPair](t, post(p, "/api/token", credentials(p, name), header))
}

func statusWith(t *testing.T, p *Portal, token string) int {
	t.Helper()
	return (&runner{t: t, portal: p, token: token}).do("GET", "/api/me", "").StatusCode
}

// clockPortal is a portal whose time the test moves.
func clockPortal(t *testing.T) (*Portal, func(time.Duration)) {
	t.Helper()
	now := time.Now()
	p, err := New(Options{Domain: "acme.example", Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return p, func(d time.Duration) { now = now.Add(d) }
}

// TestTokens is the life of access and refresh tokens.
func TestTokens(t *testing.T) {
	t.Parallel()
	p, pass := clockPortal(t)
	pair := tokensOf(t, p, "member_a", nil)
	if pair.Expires != 900 || statusWith(t, p, pair.Access) != 200 {
		t.Fatalf("access token: %d s, %d", pair.Expires, statusWith(t, p, pair.Access))
	}
	for name, token := range map[string]string{"ID token": pair.ID, "refresh token": pair.Refresh, "cut": pair.Access[:len(pair.Access)-6]} {
		if got := statusWith(t, p, token); got != 401 {
			t.Errorf("%s as access token: %d", name, got)
		}
	}
	claims := jwt.MapClaims{}
	token, _, err := jwt.NewParser().ParseUnverified(pair.Access, claims)
	if err != nil || token.Method.Alg() != "RS256" || token.Header["kid"] != jwtKeyID() {
		t.Fatalf("header %v: %v", token.Header, err)
	}
	for _, name := range []string{"iss", "aud", "sub", "sid", "iat", "exp"} {
		if claims[name] == nil {
			t.Errorf("no claim %s", name)
		}
	}
	pass(accessLife + time.Second)
	if got := statusWith(t, p, pair.Access); got != 401 {
		t.Errorf("expired: %d", got)
	}
	next := into[tokenPair](t, post(p, "/api/token/refresh", map[string]string{"refresh_token": pair.Refresh}, nil))
	if statusWith(t, p, next.Access) != 200 {
		t.Error("refreshed token is refused")
	}
	// A refresh token that comes again ends its family.
	if got := post(p, "/api/token/refresh", map[string]string{"refresh_token": pair.Refresh}, nil); got.StatusCode != 401 {
		t.Errorf("spent refresh token: %d", got.StatusCode)
	}
	if got := post(p, "/api/token/refresh", map[string]string{"refresh_token": next.Refresh}, nil); got.StatusCode != 401 || statusWith(t, p, next.Access) != 401 {
		t.Errorf("family of a replayed refresh token: %d", got.StatusCode)
	}
	// Sign-out ends the session of the token at once, and its refresh token.
	out, other := tokensOf(t, p, "member_a", nil), tokensOf(t, p, "member_a", nil)
	if got := (&runner{t: t, portal: p, token: out.Access}).do("POST", "/api/logout", ""); got.StatusCode != 204 {
		t.Fatalf("sign-out: %d", got.StatusCode)
	}
	refreshed := post(p, "/api/token/refresh", map[string]string{"refresh_token": out.Refresh}, nil).StatusCode
	if statusWith(t, p, out.Access) != 401 || refreshed != 401 || statusWith(t, p, other.Access) != 200 {
		t.Errorf("after sign-out: %d, refresh %d, other session %d", statusWith(t, p, out.Access), refreshed, statusWith(t, p, other.Access))
	}
	// Administrators need their code.
	if got := post(p, "/api/token", credentials(p, "admin"), nil); got.StatusCode != 401 {
		t.Errorf("administrator without a code: %d", got.StatusCode)
	}
	with := credentials(p, "admin")
	with["code"] = code(t, p, "admin")
	if got := post(p, "/api/token", with, nil); got.StatusCode != 200 {
		t.Errorf("administrator with a code: %d", got.StatusCode)
	}
	// Sessions that a test asks to end early.
	early := http.Header{TestSessionHeader: {"idle=2s, life=4s"}}
	short := tokensOf(t, p, "member_a", early)
	if short.Expires != 4 {
		t.Errorf("expires in %d", short.Expires)
	}
	pass(3 * time.Second)
	if got := statusWith(t, p, short.Access); got != 401 {
		t.Errorf("idle: %d", got)
	}
	if long := tokensOf(t, p, "member_a", http.Header{TestSessionHeader: {"life=999h"}}); long.Expires != 900 {
		t.Errorf("a longer life was given: %d", long.Expires)
	}
}

// TestSecondFactor signs in with a code, once.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	p, pass := clockPortal(t)
	type step struct {
		Token, Ticket string
		MFA           bool `json:"mfa_required"`
	}
	first := func() step {
		t.Helper()
		resp := post(p, "/api/login", credentials(p, "admin"), nil)
		got := into[step](t, resp)
		if !got.MFA || got.Ticket == "" || got.Token != "" || len(resp.Cookies()) > 0 {
			t.Fatalf("first step: %d %s %v", resp.StatusCode, resp.body, resp.Cookies())
		}
		return got
	}
	second := func(ticket, code string) response {
		return post(p, "/api/login/totp", map[string]string{"ticket": ticket, "code": code}, nil)
	}
	now := code(t, p, "admin")
	one := first()
	if got := statusWith(t, p, one.Ticket); got != 401 {
		t.Errorf("the ticket as a token: %d", got)
	}
	if got := second(one.Ticket, "000000"); got.StatusCode != 401 {
		t.Errorf("wrong code: %d", got.StatusCode)
	}
	done := second(one.Ticket, now)
	if token := into[step](t, done).Token; done.StatusCode != 200 || statusWith(t, p, token) != 200 {
		t.Fatalf("right code: %d %s", done.StatusCode, done.body)
	}
	if got := second(first().Ticket, now); got.StatusCode != 401 {
		t.Errorf("the same code again: %d", got.StatusCode)
	}
	pass(totpPeriod)
	if got := second(one.Ticket, code(t, p, "admin")); got.StatusCode != 401 {
		t.Errorf("a spent ticket: %d", got.StatusCode)
	}
	late := first()
	pass(ticketLife + time.Second)
	if got := second(late.Ticket, code(t, p, "admin")); got.StatusCode != 401 {
		t.Errorf("an old ticket: %d", got.StatusCode)
	}
	// Guesses are braked.
	guess := 0
	for range 3 {
		ticket := first().Ticket
		for range ticketTries {
			guess = second(ticket, "111111").StatusCode
		}
		if resp := post(p, "/api/login", credentials(p, "admin"), nil); resp.StatusCode == 429 {
			return
		}
	}
	t.Errorf("guesses are not braked: %d", guess)
}

// foreignKey is a key that is not the portal's.
var foreignKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})
