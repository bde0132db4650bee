package authcheck

import (
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

func TestGuessable(t *testing.T) {
	random := func(n int) string { b := make([]byte, n); _, _ = rand.Read(b); return hex.EncodeToString(b) }
	for range 200 {
		if why := guessable(random(16), random(16), random(16)); why != "" {
			t.Fatal("128 random bits: " + why)
		}
	}
	uuid := func() string {
		r := random(16)
		return r[:8] + "-" + r[8:12] + "-4" + r[13:16] + "-a" + r[17:20] + "-" + r[20:32]
	}
	if why := guessable(uuid(), uuid(), uuid()); why != "" {
		t.Error("a random UUID: " + why)
	}
	for _, ids := range [][]string{{"sess-000000000000000000000000000101", "sess-000000000000000000000000000102", "sess-000000000000000000000000000103"}, {random(4), random(4), random(4)}, {"a", "a", "b"}} {
		if guessable(ids...) == "" {
			t.Errorf("%v can be guessed", ids)
		}
	}
}

// A change of one character changes what is verified: never unused bits, never
// the name of the server that keeps a session.
func TestAlterations(t *testing.T) {
	sticky := "ABCDEF0123456789ABCDEF0123456789.node1"
	for _, altered := range alterations(sticky) {
		if !strings.HasSuffix(altered, ".node1") || altered == sticky {
			t.Errorf("%s", altered)
		}
	}
	if n := len(alterations("abcdefghij0123456789.abcdefghij0123456789")); n != 2 {
		t.Errorf("%d parts of two", n)
	}
	tok, _ := parseJWT(signed(segment(map[string]any{"alg": "HS256"})+"."+segment(map[string]any{"sub": "x"}), "HS256", []byte("s")))
	for _, one := range tok.flipped() {
		if again, ok := parseJWT(one); ok && again.parts[2] == tok.parts[2] {
			t.Error("the signature is the same")
		}
	}
}

func TestTokenOf(t *testing.T) {
	for address, want := range map[string]string{
		"https://p.example/reset/ABCDEFGHIJKLMNOPQRSTUVWXYZ":                "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		"https://p.example/reset?token=a1b2c3d4e5f6a7b8c9d0&email=m@x.test": "a1b2c3d4e5f6a7b8c9d0",
		"https://p.example/#/reset?token=a1b2c3d4e5f6a7b8c9d0":              "a1b2c3d4e5f6a7b8c9d0",
		"https://p.example/accounts/reset/MQ/c1x2y3-0123456789abcdef0123/":  "c1x2y3-0123456789abcdef0123",
		"https://p.example/unsubscribe/notifications":                       "",
	} {
		u, _ := url.Parse(address)
		if got := tokenOf(u); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

// Known and unknown addresses are told apart by what differs each time, not by
// what differs by itself.
func TestTells(t *testing.T) {
	group := func(status int, bodies ...string) []sample {
		var out []sample
		for _, b := range bodies {
			out = append(out, sampleOf(told{answer: probe.Exchange{Status: status, Body: []byte(b)}}, "m@x.test"))
		}
		return out
	}
	for name, test := range map[string]struct {
		known, unknown []sample
		tells, sure    bool
	}{
		"alike":            {group(401, "no for m@x.test", "no for m@x.test", "no for m@x.test"), group(401, "no for m@x.test", "no", "no for"), false, true},
		"by words":         {group(401, "wrong password", "wrong password", "wrong password"), group(401, "no account", "no account", "no account"), true, true},
		"by status":        {group(401, "no", "no", "no"), group(404, "no", "no", "no"), true, true},
		"tips and numbers": {group(401, "no 17 tip apple", "no 18 tip pear", "no 19 tip plum"), group(401, "no 20 tip pear", "no 21 tip fig", "no 22 tip fig"), false, true},
	} {
		what, sure := tells(test.known, test.unknown)
		if (what != "") != test.tells || test.tells && sure != test.sure {
			t.Errorf("%s: %q, %v", name, what, sure)
		}
	}
}

func TestSensitiveClaims(t *testing.T) {
	if got := sensitiveClaims(map[string]any{"sub": "1", "email": "m@x.test", "role": "member", "iat": 1.7e9, "jti": "4111"}); len(got) != 0 {
		t.Errorf("an ordinary token: %v", got)
	}
	got := sensitiveClaims(map[string]any{"h": "$2b$10$abcdefghijklmnopqrstuv", "user": map[string]any{"card": "4111 1111 1111 1111"}})
	if !slices.Equal(got, []string{"a card number", "a password hash"}) {
		t.Errorf("%v", got)
	}
}

// FuzzJWT holds that no text and no key set crashes what reads them.
func FuzzJWT(f *testing.F) {
	f.Add("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", []byte(`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`))
	f.Fuzz(func(t *testing.T, text string, document []byte) {
		publicKeys(document, "")
		tokensIn(document)
		tok, ok := parseJWT(text)
		if !ok {
			return
		}
		tok.unsigned()
		tok.flipped()
		tok.life()
		sensitiveClaims(tok.claims)
	})
}

// FuzzPage holds that no page and no letter crashes what reads them.
func FuzzPage(f *testing.F) {
	f.Add([]byte(`<meta name=referrer content=no-referrer><script src="https://x.test/a.js">`), "https://p.example/reset/x")
	f.Fuzz(func(t *testing.T, page []byte, address string) {
		policyOf(probe.Exchange{Body: page})
		linksOf(page)
		linkOf(&probe.Letter{Raw: page})
		if u, err := url.Parse(address); err == nil {
			foreign(page, u)
			tokenOf(u)
		}
	})
}
