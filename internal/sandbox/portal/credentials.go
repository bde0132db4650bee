package portal

import (
	"net/http"
	"strings"
)

// bearerOf returns the token of the Authorization header (RFC 6750 2.1); ok is
// that there is one, be it empty.
func bearerOf(r *http.Request) (token string, ok bool) {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(kind, "Bearer")
}

// tokenOf returns the session token or API token of a request: bearer first,
// then the cookie.
func (p *Portal) tokenOf(r *http.Request) string {
	if token, ok := bearerOf(r); ok {
		return token
	}
	if c, err := r.Cookie(p.sessionCookieName()); err == nil {
		return c.Value
	}
	if p.On(TokenInURL) {
		return r.URL.Query().Get("session")
	}
	return ""
}

// isJWT tells a JWT from an opaque token by its form alone (RFC 7515 3.1).
func isJWT(token string) bool { return strings.Count(token, ".") == 2 }

// keyOf returns the key of the session that a request is of. Whether that
// session lives is another matter.
func (p *Portal) keyOf(r *http.Request) (sessionKey, bool) {
	token := p.tokenOf(r)
	switch {
	case token == "":
		return sessionKey{}, false
	case isJWT(token):
		claims, ok := p.verifyJWT(token)
		return keyOfID(claims.SessionID), ok
	}
	return p.sessions.key(token), true
}

// current returns who makes the request.
func (p *Portal) current(r *http.Request) (user, bool) {
	u, half, ok := p.credential(r)
	return u, ok && !half
}

// credential returns whose credential a request bears, and whether the second
// factor is still to come.
func (p *Portal) credential(r *http.Request) (u user, half, ok bool) {
	token := p.tokenOf(r)
	if token == "" {
		if _, bearer := bearerOf(r); !bearer && p.On(AnonymousPasses) { // a developer's default, left in
			u, ok = p.people.byID(seeds[0].id)
		}
		return u, false, ok
	}
	if u, ok = p.people.byBearer(token); ok {
		return u, false, true
	}
	if isJWT(token) {
		if u, ok = p.byJWT(token); ok {
			return u, false, true
		}
	} else if found, live := p.sessions.live(p.sessions.key(token)); live {
		u, ok = p.accountOf(found.userID)
		return u, found.half, ok
	}
	if _, bearer := bearerOf(r); bearer && p.On(AnyBearerPasses) { // as if the edge had looked at it
		u, ok = p.people.byID(seeds[0].id)
	}
	return u, false, ok
}

// accountOf returns the account of a session.
func (p *Portal) accountOf(id string) (user, bool) {
	if id == leftover.ID && p.On(DefaultCredentials) {
		return leftover, true
	}
	return p.people.byID(id)
}

// byJWT returns the account of an access token. It is worth nothing once its
// session has ended, although it has not expired.
func (p *Portal) byJWT(token string) (user, bool) {
	claims, ok := p.verifyJWT(token)
	if !ok {
		return user{}, false
	}
	switch key := keyOfID(claims.SessionID); {
	case p.On(JWTSurvivesLogout):
	case p.On(JWTExpiredAccepted): // nor is the session's own time looked at
		if _, ok = p.sessions.known(key); !ok {
			return user{}, false
		}
	default:
		if _, ok = p.sessions.live(key); !ok {
			return user{}, false
		}
	}
	return p.accountOf(claims.Subject)
}
