package authcheck

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"time"
)

// token is a JWT (RFC 7519) in its compact form (RFC 7515 section 3.1), decoded
// and not verified.
type token struct {
	header, claims map[string]any
	parts          [3]string // as they stand in the token: header, claims, signature
}

// maxToken bounds what is decoded.
const maxToken = 64 << 10

// parseJWT decodes a text that has the form of a signed JWT. Cookies may have it
// escaped.
func parseJWT(text string) (token, bool) {
	if plain, err := url.QueryUnescape(text); err == nil && strings.Contains(text, "%") {
		text = plain
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 || len(text) > maxToken {
		return token{}, false
	}
	t := token{parts: [3]string(parts)}
	for _, part := range []struct {
		text string
		into *map[string]any
	}{{parts[0], &t.header}, {parts[1], &t.claims}} {
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part.text, "="))
		if err != nil || json.Unmarshal(raw, part.into) != nil {
			return token{}, false
		}
	}
	_, ok := t.header["alg"].(string)
	return t, ok && t.claims != nil
}

func (t token) text() string { return strings.Join(t.parts[:], ".") }

// algorithm is what the header says (RFC 7518 section 3.1).
func (t token) algorithm() string { alg, _ := t.header["alg"].(string); return alg }

// symmetric reports whether the token is signed with a shared secret.
func (t token) symmetric() bool { return strings.HasPrefix(t.algorithm(), "HS") }

// moment is a claim that is a time, in seconds since 1970.
func (t token) moment(claim string) (time.Time, bool) {
	seconds, ok := t.claims[claim].(float64)
	if !ok || seconds <= 0 || seconds > 1<<40 {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

// life is how long the token is good: from iat, or nbf, to exp.
func (t token) life() (time.Duration, bool) {
	end, ok := t.moment("exp")
	if !ok {
		return 0, false
	}
	start, ok := t.moment("iat")
	if !ok {
		start, ok = t.moment("nbf")
	}
	if !ok {
		start = time.Now()
	}
	return end.Sub(start), true
}

// segment writes a part of a token.
func segment(value any) string {
	raw, _ := json.Marshal(value) // what was decoded from JSON always marshals
	return base64.RawURLEncoding.EncodeToString(raw)
}

// withHeader is the token's beginning with other header fields: nil takes one away.
func (t token) withHeader(change map[string]any) (input string) {
	header := map[string]any{}
	for name, value := range t.header {
		header[name] = value
	}
	for name, value := range change {
		if value == nil {
			delete(header, name)
			continue
		}
		header[name] = value
	}
	return segment(header) + "." + t.parts[1]
}
