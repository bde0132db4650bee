package portal

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"
)

// Purposes of the tokens in letters: one is of no use for another.
const (
	resetPurpose   = "reset"
	confirmPurpose = "confirm"
)

const (
	letterLife      = time.Hour // as the letter says
	maxLetterTokens = 100_000
)

// letterToken is the token of one letter.
type letterToken struct {
	owner   string // user id
	purpose string
	expires time.Time
}

// letterTokens are the tokens that letters hold, by hash.
type letterTokens struct {
	now func() time.Time
	mu  sync.Mutex
	all map[sessionKey]letterToken
}

func newLetterTokens(now func() time.Time) *letterTokens {
	return &letterTokens{now: now, all: map[sessionKey]letterToken{}}
}

func newLetterToken() string { return rand.Text() }

func letterKey(purpose, text string) sessionKey {
	return sha256.Sum256([]byte(purpose + "\x00" + text))
}

// issue makes a token. A newer one voids the older ones of its owner, if voiding.
func (l *letterTokens) issue(purpose, owner string, voiding bool) string {
	text := newLetterToken()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) >= maxLetterTokens {
		clear(l.all)
	}
	if voiding {
		l.void(purpose, owner)
	}
	l.all[letterKey(purpose, text)] = letterToken{owner: owner, purpose: purpose, expires: l.now().Add(letterLife)}
	return text
}

// voidAll ends the tokens of an owner.
func (l *letterTokens) voidAll(purpose, owner string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.void(purpose, owner)
}

// void ends the tokens of an owner. The caller holds l.mu.
func (l *letterTokens) void(purpose, owner string) {
	for key, t := range l.all {
		if t.owner == owner && t.purpose == purpose {
			delete(l.all, key)
		}
	}
}

// owner returns whose token it is, and leaves it: scanners of mail look at links
// before people do.
func (l *letterTokens) owner(purpose, text string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t, ok := l.all[letterKey(purpose, text)]
	if !ok || l.now().After(t.expires) {
		return "", false
	}
	return t.owner, true
}

// take uses a token up, unless kept.
func (l *letterTokens) take(purpose, text string, kept bool) (string, bool) {
	owner, ok := l.owner(purpose, text)
	l.mu.Lock()
	defer l.mu.Unlock()
	key := letterKey(purpose, text)
	if _, still := l.all[key]; !ok || !still {
		return "", false
	}
	if !kept {
		delete(l.all, key)
	}
	return owner, true
}
