package portal

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

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

func TestJWTSwitches(t *testing.T) {
	t.Parallel()
	seen(t, map[Switch]sight{
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
	})
}
