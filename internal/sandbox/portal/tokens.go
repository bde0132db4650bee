package portal

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"
)

// refresh is one refresh token.
type refresh struct {
	userID, sid string
	expires     time.Time
	limits      limits
	spent       bool
}

// maxRefreshes bounds the store.
const maxRefreshes = 100_000

// refreshes are the refresh tokens, by hash. Those of one sign-in are a family.
type refreshes struct {
	now func() time.Time
	mu  sync.Mutex
	all map[sessionKey]refresh
}

func newRefreshes(now func() time.Time) *refreshes {
	return &refreshes{now: now, all: map[sessionKey]refresh{}}
}

func refreshKey(text string) sessionKey { return sha256.Sum256([]byte("refresh\x00" + text)) }

// issue makes a refresh token.
func (s *refreshes) issue(r refresh) string {
	text := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) >= maxRefreshes {
		clear(s.all)
	}
	s.all[refreshKey(text)] = r
	return text
}

// spend takes a refresh token, which works once. replayed is that it was spent
// before: thief and owner both have it (RFC 9700 4.14.2).
func (s *refreshes) spend(text string) (r refresh, ok, replayed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := refreshKey(text)
	r, ok = s.all[key]
	if !ok || s.now().After(r.expires) {
		return refresh{}, false, false
	}
	if r.spent {
		return r, false, true
	}
	r.spent = true
	s.all[key] = r
	return r, true, false
}

// endFamily ends the refresh tokens of a session.
func (s *refreshes) endFamily(key sessionKey) {
	s.endIf(func(r refresh) bool { return keyOfID(r.sid) == key })
}

func (s *refreshes) endIf(gone func(refresh) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, r := range s.all {
		if gone(r) {
			delete(s.all, key)
		}
	}
}

// token signs in for JWTs: {"email","password"}, and "code" for accounts with a
// second factor.
func (p *Portal) token(w http.ResponseWriter, r *http.Request) {
	var in struct{ Email, Password, Code string }
	if !decode(w, r, &in) {
		return
	}
	u, ok := p.firstFactor(w, r, in.Email, in.Password, func(status int, reason string) { explain(w, status, reason) })
	if !ok {
		return
	}
	if u.totp != "" {
		right := in.Code != "" && p.tickets.code(u, in.Code, p.On(CodeReused))
		if in.Code != "" {
			p.signedInAs(r, in.Email, right)
		}
		if !right {
			explain(w, http.StatusUnauthorized, "A code of the second factor is needed.")
			return
		}
	}
	l, sid := sessionLimits(r), rand.Text()
	p.sessions.start(keyOfID(sid), u.ID, l, false)
	p.answerTokens(w, u, refresh{userID: u.ID, sid: sid, expires: p.options.Now().Add(l.life), limits: l})
}

// refreshToken takes {"refresh_token"} for new tokens. It works once; one that
// comes again ends its whole family.
func (p *Portal) refreshToken(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Token string `json:"refresh_token"`
	}
	if !decode(w, r, &in) {
		return
	}
	old, ok, replayed := p.refreshes.spend(in.Token)
	key := keyOfID(old.sid)
	if replayed {
		p.sessions.end(key)
		p.refreshes.endFamily(key)
	}
	u, known := p.accountOf(old.userID)
	if !ok || !known {
		refuse(w, http.StatusUnauthorized)
		return
	}
	if _, live := p.sessions.live(key); !live {
		if !p.On(RefreshSurvivesLogout) {
			refuse(w, http.StatusUnauthorized)
			return
		}
		p.sessions.start(key, u.ID, old.limits, false)
	}
	p.answerTokens(w, u, refresh{userID: u.ID, sid: old.sid, expires: old.expires, limits: old.limits})
}

// answerTokens writes the tokens of a session (RFC 6749 5.1).
func (p *Portal) answerTokens(w http.ResponseWriter, u user, next refresh) {
	life := min(accessLife, next.limits.life)
	if left := next.expires.Sub(p.options.Now()); !p.On(NoAbsoluteLimit) {
		life = min(life, left)
	}
	if p.On(LoginBroken) {
		answer(w, http.StatusOK, map[string]string{"error": "Something went wrong. Please try again later."})
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"access_token": p.accessToken(u, next.sid, life), "id_token": p.idToken(u, next.sid, life),
		"refresh_token": p.refreshes.issue(next), "expires_in": int(life.Seconds()), "token_type": "Bearer",
	})
}
