package portal

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// verifyJWT returns the claims of an access token that is sound (RFC 8725): of
// our key by the one algorithm that the key is for, of our issuer, for our API,
// and not expired.
func (p *Portal) verifyJWT(text string) (accessClaims, bool) {
	methods, options := []string{jwt.SigningMethodRS256.Alg()}, p.claimRules()
	switch {
	case p.On(JWTWeakSecret):
		methods = []string{"HS256"}
	case p.On(JWTConfusion), p.On(JWTKeyFromPath):
		methods = append(methods, "HS256", "HS384", "HS512")
	}
	var claims accessClaims
	token, err := jwt.NewParser(append(options, jwt.WithValidMethods(methods))...).ParseWithClaims(text, &claims, p.verificationKey)
	if err == nil && token.Valid {
		return claims, true
	}
	if p.On(JWTUnverified) || p.On(JWTNone) && unsigned(text) {
		return p.unverified(text, options)
	}
	return accessClaims{}, false
}

// claimRules are what must hold of the claims.
func (p *Portal) claimRules() []jwt.ParserOption {
	now := p.options.Now
	if p.On(JWTExpiredAccepted) {
		now = func() time.Time { return time.Unix(0, 0) } // nothing had expired then
	}
	out := []jwt.ParserOption{jwt.WithIssuer(p.origin()), jwt.WithExpirationRequired(), jwt.WithTimeFunc(now)}
	if !p.On(JWTAudienceIgnored) {
		out = append(out, jwt.WithAudience(p.audience()))
	}
	return out
}

// verificationKey finds the key of a token: ours, whatever the token says of it.
func (p *Portal) verificationKey(t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	_, symmetric := t.Method.(*jwt.SigningMethodHMAC)
	switch {
	case p.On(JWTWeakSecret):
		return []byte(weakSecret), nil
	case p.On(JWTConfusion) && symmetric: // one key for whatever the token asks for
		return jwtPublicPEM(), nil
	case p.On(JWTKeyFromPath) && symmetric:
		return keyFile(kid)
	case p.On(JWTKeyEmbedded) && t.Header["jwk"] != nil:
		return embeddedKey(t.Header["jwk"])
	case kid != jwtKeyID():
		return nil, errors.New("unknown key")
	}
	return &jwtKey().PublicKey, nil
}

// keyFile reads a key from the file that a token names.
func keyFile(kid string) ([]byte, error) {
	f, err := os.Open(filepath.Join(jwtKeyPlace, kid)) // goes wherever kid leads
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 4096))
}

// embeddedKey takes the key that the token brings along (RFC 7515 4.1.3).
func embeddedKey(header any) (*rsa.PublicKey, error) {
	raw, err := json.Marshal(header)
	if err != nil {
		return nil, err
	}
	var in struct{ Kty, N, E string }
	if err := json.Unmarshal(raw, &in); err != nil || in.Kty != "RSA" {
		return nil, errors.New("not an RSA key")
	}
	n, nErr := base64.RawURLEncoding.DecodeString(in.N)
	e, eErr := base64.RawURLEncoding.DecodeString(in.E)
	if err := errors.Join(nErr, eErr); err != nil || len(e) > 4 {
		return nil, errors.New("not an RSA key")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, nil
}

// unsigned reports whether a token says that it is not signed, in any spelling
// of none (RFC 7515 A.5), and is not.
func unsigned(text string) bool {
	parts := strings.Split(text, ".")
	raw, err := base64.RawURLEncoding.DecodeString(parts[0])
	var header struct{ Alg string }
	return err == nil && json.Unmarshal(raw, &header) == nil && strings.EqualFold(header.Alg, "none") && parts[len(parts)-1] == ""
}

// unverified decodes a token without a look at its signature.
func (p *Portal) unverified(text string, options []jwt.ParserOption) (accessClaims, bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return accessClaims{}, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims accessClaims
	if err != nil || json.Unmarshal(raw, &claims) != nil || jwt.NewValidator(options...).Validate(claims) != nil {
		return accessClaims{}, false
	}
	return claims, true
}
