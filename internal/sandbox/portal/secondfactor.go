package portal

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"sync"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

const (
	ticketLife  = 5 * time.Minute
	ticketTries = 5
	maxTickets  = 10_000
	// totpPeriod and one period before and after are RFC 6238 5.2's.
	totpPeriod = 30 * time.Second
)

// ticket is a sign-in between password and code.
type ticket struct {
	userID  string
	expires time.Time
	tries   int
}

// tickets are the sign-ins that wait for their code, and the codes that were
// used, by the period of each account's last.
type tickets struct {
	now  func() time.Time
	mu   sync.Mutex
	all  map[sessionKey]ticket
	last map[string]int64
}

func newTickets(now func() time.Time) *tickets {
	return &tickets{now: now, all: map[sessionKey]ticket{}, last: map[string]int64{}}
}

func ticketKey(text string) sessionKey { return sha256.Sum256([]byte("ticket\x00" + text)) }

// issue makes a ticket for an account whose password was right.
func (t *tickets) issue(userID string) string {
	text := rand.Text()
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) >= maxTickets {
		clear(t.all)
	}
	t.all[ticketKey(text)] = ticket{userID: userID, expires: t.now().Add(ticketLife)}
	return text
}

// take returns whose ticket it is and counts the attempt.
func (t *tickets) take(text string) (userID string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := ticketKey(text)
	found, ok := t.all[key]
	if !ok || t.now().After(found.expires) || found.tries >= ticketTries {
		delete(t.all, key)
		return "", false
	}
	found.tries++
	t.all[key] = found
	return found.userID, true
}

// spend ends a ticket.
func (t *tickets) spend(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, ticketKey(text))
}

// code reports whether a code is one of the account's secret now, and was not
// used before: one that was looked at over the shoulder is worth nothing (RFC
// 6238 5.2). again lets it be used again.
func (t *tickets) code(u user, text string, again bool) bool {
	now := t.now()
	for _, at := range []time.Time{now, now.Add(-totpPeriod), now.Add(totpPeriod)} {
		want, err := totp.GenerateCodeCustom(u.totp, at, totp.ValidateOpts{Period: uint(totpPeriod / time.Second), Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil || subtle.ConstantTimeCompare([]byte(want), []byte(text)) != 1 {
			continue
		}
		period := at.Unix() / int64(totpPeriod/time.Second)
		t.mu.Lock()
		defer t.mu.Unlock()
		if period <= t.last[u.ID] {
			return again
		}
		t.last[u.ID] = period
		return true
	}
	return false
}

// secondFactor looks at a ticket and its code, with the brake on guesses that
// the password has. It answers itself, by refused, where they are not right.
func (p *Portal) secondFactor(w http.ResponseWriter, r *http.Request, ticket, code string, refused func(status int)) (user, bool) {
	id, ok := p.tickets.take(ticket)
	u, known := p.people.byID(id)
	if !ok || !known {
		p.signedInAs(r, "ticket", false) // guesses of tickets count together, and for the network
		refused(http.StatusUnauthorized)
		return user{}, false
	}
	if p.braked(w, r, u.Email, refused) {
		return user{}, false
	}
	ok = p.tickets.code(u, code, p.On(CodeReused))
	p.signedInAs(r, u.Email, ok)
	if !ok {
		refused(http.StatusUnauthorized)
		return user{}, false
	}
	p.tickets.spend(ticket)
	return u, true
}
