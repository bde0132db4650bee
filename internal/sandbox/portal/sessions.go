package portal

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// The __Host- prefix binds a cookie to this host, to HTTPS and to the root
	// path (RFC 6265bis 4.1.3.2).
	sessionCookie = "__Host-session"
	sessionIdle   = 30 * time.Minute
	sessionLife   = 12 * time.Hour
)

// session is one sign-in.
type session struct {
	userID           string
	started, touched time.Time
}

// sessions are the live sign-ins, by the hash of their token: the store of a
// sound portal is of no use to one who steals it.
type sessions struct {
	now func() time.Time
	mu  sync.Mutex
	all map[[32]byte]session
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, all: map[[32]byte]session{}}
}

// start opens a session and returns its token.
func (s *sessions) start(userID string) string {
	token := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[sha256.Sum256([]byte(token))] = session{userID: userID, started: s.now(), touched: s.now()}
	return token
}

// user returns whose live session the token is.
func (s *sessions) user(token string) (id string, ok bool) {
	key := sha256.Sum256([]byte(token))
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.all[key]
	if !ok {
		return "", false
	}
	now := s.now()
	if now.Sub(found.touched) > sessionIdle || now.Sub(found.started) > sessionLife {
		delete(s.all, key)
		return "", false
	}
	found.touched = now
	s.all[key] = found
	return found.userID, true
}

// end kills a session: its token is worth nothing from now on.
func (s *sessions) end(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, sha256.Sum256([]byte(token)))
}

// tokenOf returns the session token or API token of a request: bearer first,
// then the cookie.
func tokenOf(r *http.Request) string {
	if kind, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(kind, "Bearer") {
		return strings.TrimSpace(token)
	}
	if c, err := r.Cookie(sessionCookie); err == nil {
		return c.Value
	}
	return ""
}

// current returns who makes the request.
func (p *Portal) current(r *http.Request) (user, bool) {
	token := tokenOf(r)
	if token == "" {
		return user{}, false
	}
	if u, ok := p.people.byBearer(token); ok {
		return u, true
	}
	id, ok := p.sessions.user(token)
	if !ok {
		return user{}, false
	}
	return p.people.byID(id)
}

func setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life.Seconds()),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}
