package portal

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/http"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	accessLife  = 15 * time.Minute
	idAudience  = "members-app" // of ID tokens: the client, not the API
	weakSecret  = "secret"
	jwtKeyPlace = "/srv/keys" // where the fault of keys in files looks for them
)

// jwtKey signs access tokens. Made once a process: making one is slow.
var jwtKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // only where the machine has no randomness
	}
	return key
})

// jwtKeyID names the key: a hash of it, so that two never share a name.
var jwtKeyID = sync.OnceValue(func() string {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&jwtKey().PublicKey))
	return base64.RawURLEncoding.EncodeToString(sum[:8])
})

// jwtPublicPEM is the public key as people copy it.
var jwtPublicPEM = sync.OnceValue(func() []byte {
	der, err := x509.MarshalPKIXPublicKey(&jwtKey().PublicKey)
	if err != nil {
		panic(err) // an RSA key always marshals
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
})

// accessClaims are those of an access token (RFC 9068 2.2), and for the fault
// of it what has no business there.
type accessClaims struct {
	jwt.RegisteredClaims
	SessionID string `json:"sid,omitempty"`

	Email        string `json:"email,omitempty"`
	Phone        string `json:"phone,omitempty"`
	Role         string `json:"role,omitempty"`
	PasswordHash string `json:"password_hash,omitempty"`
}

// origin is the portal's own address.
func (p *Portal) origin() string { return "https://portal." + p.options.Domain }

// audience is who access tokens are for.
func (p *Portal) audience() string { return p.origin() + "/api" }

// accessToken makes the access token of a session.
func (p *Portal) accessToken(u user, sid string, life time.Duration) string {
	claims := accessClaims{RegisteredClaims: p.registered(u, p.audience(), life), SessionID: sid}
	if p.On(SensitiveClaims) {
		p.mu.RLock()
		claims.Email, claims.Phone, claims.Role, claims.PasswordHash = u.Email, p.profiles[u.ID].Phone, u.Role, u.password.String()
		p.mu.RUnlock()
	}
	return p.sign(claims, "at+jwt")
}

// idToken tells the client who has signed in (OpenID Connect Core 2). It is for
// the client alone: the API does not take it.
func (p *Portal) idToken(u user, sid string, life time.Duration) string {
	return p.sign(accessClaims{RegisteredClaims: p.registered(u, idAudience, life), SessionID: sid}, "JWT")
}

func (p *Portal) registered(u user, audience string, life time.Duration) jwt.RegisteredClaims {
	now := p.options.Now()
	return jwt.RegisteredClaims{
		Issuer: p.origin(), Subject: u.ID, Audience: jwt.ClaimStrings{audience}, ID: rand.Text(),
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(life)),
	}
}

func (p *Portal) sign(claims jwt.Claims, kind string) string {
	var method jwt.SigningMethod = jwt.SigningMethodRS256
	var key any = jwtKey()
	if p.On(JWTWeakSecret) {
		method, key = jwt.SigningMethodHS256, []byte(weakSecret)
	}
	token := jwt.NewWithClaims(method, claims)
	token.Header["typ"] = kind
	if !p.On(JWTWeakSecret) {
		token.Header["kid"] = jwtKeyID()
	}
	out, err := token.SignedString(key)
	if err != nil {
		panic(err) // the key is of the method's kind
	}
	return out
}

// jwks serves the public key (RFC 7517 5).
func (p *Portal) jwks(w http.ResponseWriter, _ *http.Request) {
	keys := []map[string]string{}
	if !p.On(JWTWeakSecret) {
		public, b64 := jwtKey().PublicKey, base64.RawURLEncoding.EncodeToString
		keys = append(keys, map[string]string{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": jwtKeyID(),
			"n": b64(public.N.Bytes()), "e": b64(big.NewInt(int64(public.E)).Bytes()),
		})
	}
	w.Header().Set("Cache-Control", "public, max-age=300")
	answer(w, http.StatusOK, map[string]any{"keys": keys})
}
