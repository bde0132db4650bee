package authcheck

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// signedToken is a JWT that makes a session.
type signedToken struct {
	*way
	token
	credential credential
	secret     []byte // that it is signed with, where that was found
}

// judgeTokens tests the JWTs of the ways to sign in.
func judgeTokens(ways ...*way) {
	found := false
	var b *bench
	for _, w := range ways {
		if w == nil {
			continue
		}
		b = w.bench
		for _, c := range w.credentials(w.session) {
			if t, ok := parseJWT(c.value); ok {
				found = true
				(&signedToken{way: w, token: t, credential: c}).judge()
				break
			}
		}
	}
	if !found {
		for _, rule := range jwtRules {
			b.none(rule, b.host, "no session is a JWT; where programs sign in another way, name it in token_sign_in")
		}
	}
}

func (t *signedToken) judge() {
	t.waits.Wait() // for the token before this one
	if !t.living() {
		for _, rule := range jwtRules {
			t.unclear(rule, t.name, "no session lives that could be tested")
		}
		return
	}
	if c := t.credentials(t.session); len(c) > 0 { // it may have been renewed
		if fresh, ok := parseJWT(c[0].value); ok {
			t.token, t.credential = fresh, c[0]
		}
	}
	if why := t.credulous(); why != "" {
		for _, rule := range jwtRules {
			t.unclear(rule, t.name, why)
		}
		return
	}
	t.weak()
	if t.try(ruleSignature, t.flipped(), "a token with a wrong or missing signature is taken", "tokens with a wrong or missing signature are refused") == granted {
		for _, rule := range []string{ruleNone, ruleKeyID, ruleConfusion} {
			t.none(rule, t.name, "no signature is verified at all: see "+ruleSignature)
		}
	} else {
		t.try(ruleNone, t.unsigned(), "a token that says alg none, without signature, is taken", "tokens that say they are not signed are refused")
		t.try(ruleKeyID, t.choosing(), "a token is verified with a key that it chose itself", "tokens that choose their own key are refused")
		t.confusion()
	}
	t.audience()
	t.sensitive()
	own, way := *t, *t.way // of its own: see side
	own.way = &way
	t.side()(own.expired)
}

// try replays forged tokens, and the real one after them. It returns granted
// where one was taken.
func (t *signedToken) try(rule string, forged []string, bad, good string) outcome {
	doubt := false
	for _, one := range forged {
		switch t.me.judge(t.look(t.me.url, t.with(t.credential, one))) {
		case granted:
			t.fail(rule, t.name, bad)
			return granted
		case unclear:
			doubt = true
		}
	}
	switch {
	case doubt:
		t.unclear(rule, t.name, "an answer to a forged token is neither a refusal nor a success")
	case t.lives(t.session) != granted:
		t.unclear(rule, t.name, "the session did not live to the end of the test")
	default:
		t.pass(rule, t.name, good)
		return refused
	}
	return unclear
}

// weak looks for the secret among well-known ones, which needs no request.
func (t *signedToken) weak() {
	if !t.symmetric() || hashes[t.algorithm()] == nil {
		t.none(ruleSecret, t.name, "the token is not signed with a shared secret")
		return
	}
	for _, secret := range wellKnown(t.host, t.claims) {
		if signed(t.parts[0]+"."+t.parts[1], t.algorithm(), []byte(secret)) == t.text() {
			t.secret = []byte(secret)
			t.fail(ruleSecret, t.name, "the token is signed with a well-known secret: anybody can make tokens for anybody")
			return
		}
	}
	t.pass(ruleSecret, t.name, "the token is signed with none of the well-known secrets")
}

// keyPlaces are where portals publish the keys that verify their tokens.
var keyPlaces = []string{"/.well-known/jwks.json", "/.well-known/jwks", "/jwks.json", "/oauth/jwks", "/oauth2/jwks", "/oauth/discovery/keys", "/auth/v1/.well-known/jwks.json"}

func (t *signedToken) confusion() {
	if t.symmetric() {
		t.none(ruleConfusion, t.name, "the token is not signed with a key pair")
		return
	}
	kid, _ := t.header["kid"].(string)
	var keys []any
	for _, place := range append(t.discovered(), keyPlaces...) {
		x := t.prober.Fetch(t.ctx, probe.Request{URL: t.at(place), Intent: probe.Active, Retry: true})
		if keys = publicKeys(x.Body, kid); x.Status == 200 && len(keys) > 0 {
			break
		}
	}
	if len(keys) == 0 {
		t.none(ruleConfusion, t.name, "the portal publishes no key that could be taken for a secret")
		return
	}
	t.try(ruleConfusion, t.confused(keys[0]), "a token that is signed with the public key as a shared secret is taken", "tokens that are signed with the public key as a shared secret are refused")
}

// discovered is the path that OpenID Connect Discovery names, on the portal itself.
func (t *signedToken) discovered() []string {
	x := t.prober.Fetch(t.ctx, probe.Request{URL: t.at("/.well-known/openid-configuration"), Intent: probe.Active, Retry: true})
	var document struct {
		URI string `json:"jwks_uri"`
	}
	if json.Unmarshal(x.Body, &document) != nil || hostOf(document.URI) != t.host {
		return nil
	}
	_, rest, _ := strings.Cut(document.URI, "://")
	_, path, ok := strings.Cut(rest, "/")
	if !ok {
		return nil
	}
	return []string{"/" + path}
}

// audience replays what the sign-in gave for other purposes: an ID token, a
// refresh token. With the secret known, it makes a token for another audience.
func (t *signedToken) audience() {
	const bad, good = "a token that is for another purpose is taken for an access token", "tokens of the sign-in that are for another purpose are refused"
	var others []string
	for _, other := range tokensIn(t.session.Record().Answer.Body) {
		if other.text() != t.text() && other.parts[1] != t.parts[1] && differs(t.claims, other) {
			others = append(others, other.text())
		}
	}
	if t.secret != nil && t.claims["aud"] != nil {
		claims := maps.Clone(t.claims)
		claims["aud"] = "launchready-other-audience"
		others = append(others, signed(t.parts[0]+"."+segment(claims), t.algorithm(), t.secret))
	}
	if len(others) == 0 {
		t.none(ruleAudience, t.name, "the sign-in gives no token for another purpose")
		return
	}
	t.try(ruleAudience, others, bad, good)
}

// differs reports whether a token is for another purpose by what it says.
func differs(claims map[string]any, other token) bool {
	for _, name := range []string{"aud", "token_type", "token_use", "type", "typ", "scope"} {
		if fmt.Sprint(claims[name]) != fmt.Sprint(other.claims[name]) {
			return true
		}
	}
	return false
}

// tokensIn finds the JWTs in an answer, whatever their names.
func tokensIn(body []byte) []token {
	var document any
	if json.Unmarshal(body, &document) != nil {
		return nil
	}
	var out []token
	for _, text := range texts(document, nil) {
		if t, ok := parseJWT(text); ok && len(out) < 5 {
			out = append(out, t)
		}
	}
	return out
}

// texts are all texts of a document, in a stable order.
func texts(node any, out []string) []string {
	switch n := node.(type) {
	case string:
		return append(out, n)
	case []any:
		for _, one := range n {
			out = texts(one, out)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(n)) {
			out = texts(n[name], out)
		}
	}
	return out
}
