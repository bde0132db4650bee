package portal

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	sessionIdle = 30 * time.Minute
	sessionLife = 12 * time.Hour
)

// limits are how long a session lives without use, and at most.
type limits struct{ idle, life time.Duration }

// session is one sign-in.
type session struct {
	userID           string
	started, touched time.Time
	limits           limits
	half             bool // the second factor is still to come
}

// sessionKey is what a session is found by: the hash of its token. The store of
// a sound portal is of no use to one who steals it.
type sessionKey [32]byte

// sessions are the live sign-ins.
type sessions struct {
	now func() time.Time
	on  func(Switch) bool
	mu  sync.Mutex
	all map[sessionKey]session
	// count numbers the sessions, for the fault that makes tokens of it.
	count int
}

func newSessions(now func() time.Time, on func(Switch) bool) *sessions {
	return &sessions{now: now, on: on, all: map[sessionKey]session{}}
}

// key is that of an opaque token.
func (s *sessions) key(token string) sessionKey {
	if s.on(CookieUnverified) { // the number alone is looked at, not the secret behind it
		token, _, _ = strings.Cut(token, ".")
	}
	return sha256.Sum256([]byte(token))
}

// keyOfID is that of the session which a JWT names. Its id is no token: it
// never gets past the NUL.
func keyOfID(sid string) sessionKey { return sha256.Sum256([]byte("sid\x00" + sid)) }

// token makes up a token: 130 bits.
func (s *sessions) token() string {
	switch {
	case s.on(WeakSessionIDs):
		s.mu.Lock()
		defer s.mu.Unlock()
		s.count++
		return fmt.Sprintf("%024d", 41087300+s.count)
	case s.on(CookieUnverified):
		return rand.Text()[:12] + "." + rand.Text()
	}
	return rand.Text()
}

// start opens a session.
func (s *sessions) start(key sessionKey, userID string, l limits, half bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[key] = session{userID: userID, started: s.now(), touched: s.now(), limits: l, half: half}
}

// live returns a session that has not ended, and counts that it was used.
func (s *sessions) live(key sessionKey) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.all[key]
	if !ok {
		return session{}, false
	}
	now := s.now()
	idle := now.Sub(found.touched) > found.limits.idle && !s.on(NoIdleLimit)
	old := now.Sub(found.started) > found.limits.life && !s.on(NoAbsoluteLimit)
	if idle || old {
		delete(s.all, key)
		return session{}, false
	}
	found.touched = now
	s.all[key] = found
	return found, true
}

// known returns a session that nobody has ended, however old it is.
func (s *sessions) known(key sessionKey) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.all[key]
	return found, ok
}

// end kills a session: its token is worth nothing from now on.
func (s *sessions) end(key sessionKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, key)
}

// endAll kills the sessions of an account but one, which is the zero key if
// none is to stay.
func (s *sessions) endAll(userID string, but sessionKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, one := range s.all {
		if one.userID == userID && key != but {
			delete(s.all, key)
		}
	}
}
