package authcheck

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"hash"
	"math/big"
	"sync"
)

// hashes are those of the algorithms with a shared secret (RFC 7518 section 3.2).
var hashes = map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}

// signed signs the beginning of a token with a shared secret.
func signed(input, algorithm string, secret []byte) string {
	mac := hmac.New(hashes[algorithm], secret)
	mac.Write([]byte(input))
	return input + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// unsigned are spellings of a token that says it is not signed (RFC 7519 section 6).
func (t token) unsigned() []string {
	var out []string
	for _, none := range []string{"none", "None", "NONE", "nOnE"} {
		out = append(out, t.withHeader(map[string]any{"alg": none})+".")
	}
	return append(out, t.withHeader(map[string]any{"alg": "none", "kid": nil})+".")
}

// flipped are tokens whose signature is wrong, or not there, and whose header is
// as it was. The byte is changed in the middle: the last character may have bits
// that count for nothing.
func (t token) flipped() []string {
	out := []string{t.parts[0] + "." + t.parts[1] + "."}
	raw, err := base64.RawURLEncoding.DecodeString(t.parts[2])
	if err != nil || len(raw) == 0 {
		return out
	}
	raw[len(raw)/2] ^= 0xff
	return append(out, t.parts[0]+"."+t.parts[1]+"."+base64.RawURLEncoding.EncodeToString(raw))
}

// confused are tokens that are signed with the public key as if it were a shared
// secret, in each form that a program may hold it in.
func (t token) confused(key any) []string {
	var forms [][]byte
	if der, err := x509.MarshalPKIXPublicKey(key); err == nil {
		text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		forms = append(forms, text, text[:len(text)-1], der)
	}
	if rsaKey, ok := key.(*rsa.PublicKey); ok {
		der := x509.MarshalPKCS1PublicKey(rsaKey)
		text := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: der})
		forms = append(forms, text, text[:len(text)-1])
	}
	input := t.withHeader(map[string]any{"alg": "HS256"})
	var out []string
	for _, form := range forms {
		out = append(out, signed(input, "HS256", form))
	}
	return out
}

// ourKeys are made once a process: they sign tokens that bring their key along.
var ourKeys = sync.OnceValues(func() (*rsa.PrivateKey, *ecdsa.PrivateKey) {
	a, err := rsa.GenerateKey(rand.Reader, 2048)
	b, otherErr := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil || otherErr != nil {
		panic("no randomness") // crypto/rand does not fail
	}
	return a, b
})

// choosing are tokens that name the key they are to be verified with: a file that
// is empty, a row that an injection makes, a key of their own.
func (t token) choosing() []string {
	var out []string
	algorithm := "HS256"
	if t.symmetric() {
		algorithm = t.algorithm()
	}
	if hashes[algorithm] == nil {
		algorithm = "HS256"
	}
	for _, one := range []struct{ kid, secret string }{
		{"../../../../../../../../dev/null", ""}, {"/dev/null", ""},
		{"x' UNION SELECT 'launchready'-- ", "launchready"},
	} {
		out = append(out, signed(t.withHeader(map[string]any{"alg": algorithm, "kid": one.kid}), algorithm, []byte(one.secret)))
	}
	rsaKey, ecKey := ourKeys()
	b64 := base64.RawURLEncoding.EncodeToString
	jwk := map[string]any{"kty": "RSA", "kid": "launchready", "use": "sig", "alg": "RS256", "n": b64(rsaKey.N.Bytes()), "e": b64(big.NewInt(int64(rsaKey.E)).Bytes())}
	for _, kid := range []any{"launchready", t.header["kid"]} {
		if kid == nil {
			continue
		}
		input := t.withHeader(map[string]any{"alg": "RS256", "kid": kid, "jwk": jwk})
		sum := sha256.Sum256([]byte(input))
		if signature, err := rsa.SignPKCS1v15(rand.Reader, rsaKey, crypto.SHA256, sum[:]); err == nil {
			out = append(out, input+"."+b64(signature))
		}
	}
	if raw, err := ecKey.PublicKey.Bytes(); err == nil && len(raw) == 65 { // 4, X, Y (SEC 1 section 2.3.3)
		input := t.withHeader(map[string]any{"alg": "ES256", "kid": "launchready", "jwk": map[string]any{"kty": "EC", "crv": "P-256", "kid": "launchready", "x": b64(raw[1:33]), "y": b64(raw[33:])}})
		sum := sha256.Sum256([]byte(input))
		if r, s, err := ecdsa.Sign(rand.Reader, ecKey, sum[:]); err == nil {
			signature := make([]byte, 64)
			r.FillBytes(signature[:32])
			s.FillBytes(signature[32:])
			out = append(out, input+"."+b64(signature))
		}
	}
	return out
}

// publicKeys reads a set of keys (RFC 7517 section 5), those that signatures are
// verified with.
func publicKeys(document []byte, kid string) []any {
	var set struct {
		Keys []struct{ Kty, Use, Kid, N, E, Crv, X, Y string }
	}
	if json.Unmarshal(document, &set) != nil {
		return nil
	}
	number := func(text string) *big.Int {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || len(raw) > 1024 {
			return new(big.Int)
		}
		return new(big.Int).SetBytes(raw)
	}
	var out []any
	for _, k := range set.Keys[:min(len(set.Keys), 8)] {
		if k.Use == "enc" || kid != "" && k.Kid != "" && k.Kid != kid {
			continue
		}
		switch k.Kty {
		case "RSA":
			if n, e := number(k.N), number(k.E); n.BitLen() >= 512 && e.IsInt64() && e.Int64() > 1 && e.Int64() < 1<<31 {
				out = append(out, &rsa.PublicKey{N: n, E: int(e.Int64())})
			}
		case "EC":
			curve, ok := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[k.Crv]
			x, y := number(k.X), number(k.Y)
			size := 0
			if ok {
				size = (curve.Params().BitSize + 7) / 8
			}
			if !ok || x.BitLen() > 8*size || y.BitLen() > 8*size {
				continue
			}
			raw := append([]byte{4}, make([]byte, 2*size)...)
			x.FillBytes(raw[1 : 1+size])
			y.FillBytes(raw[1+size:])
			if key, err := ecdsa.ParseUncompressedPublicKey(curve, raw); err == nil {
				out = append(out, key)
			}
		}
	}
	return out
}
