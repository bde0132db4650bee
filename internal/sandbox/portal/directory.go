package portal

import (
	"crypto/subtle"
	"slices"
	"strings"
	"sync"
)

// user is one account.
type user struct {
	ID, Name, Email, Role string
	Organization          string // "north", "south", or none: the operator's own people
	bearer                string // for a machine instead of a password
	totp                  string // key of the second factor, base32 (RFC 6238); empty = none
	password              passwordHash
}

// maxAccounts bounds what sign-ups add.
const maxAccounts = 1000

// directory is the portal's list of accounts.
type directory struct {
	mu    sync.RWMutex
	users []user
}

func newDirectory(domain string) *directory {
	d := new(directory)
	for _, s := range seeds {
		u := user{ID: s.id, Name: s.name, Role: s.role, Organization: s.organization, Email: s.address(domain)}
		own := secrets()[s.identity]
		if s.role == roleAPI {
			u.bearer = own.text
		} else {
			u.password = own.hash
		}
		if s.role == roleAdmin {
			u.totp = own.totp
		}
		d.users = append(d.users, u)
	}
	tester := mailTester
	tester.password = secrets()[""].hash // of a password that was never told
	d.users = append(d.users, tester)
	return d
}

// all returns every account.
func (d *directory) all() []user {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Clone(d.users)
}

// find returns the first account that fits.
func (d *directory) find(fits func(user) bool) (user, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if i := slices.IndexFunc(d.users, fits); i >= 0 {
		return d.users[i], true
	}
	return user{}, false
}

// byEmail returns the account that signs in with an address. Machines do not.
func (d *directory) byEmail(email string) (user, bool) {
	email = canonicalAddress(email)
	return d.find(func(u user) bool { return u.bearer == "" && canonicalAddress(u.Email) == email })
}

// byAddress returns the account that mail to an address is for. A detail behind
// a plus leads to the same mailbox (RFC 5233), and so to the same account.
func (d *directory) byAddress(address string) (user, bool) {
	if u, ok := d.byEmail(address); ok {
		return u, true
	}
	local, domain, _ := strings.Cut(canonicalAddress(address), "@")
	base, _, _ := strings.Cut(local, "+")
	return d.byEmail(base + "@" + domain)
}

// byID returns the account of an id.
func (d *directory) byID(id string) (user, bool) {
	return d.find(func(u user) bool { return u.ID == id })
}

// byBearer returns the machine account of a token.
func (d *directory) byBearer(token string) (user, bool) {
	return d.find(func(u user) bool {
		return u.bearer != "" && subtle.ConstantTimeCompare([]byte(u.bearer), []byte(token)) == 1
	})
}

// change edits one account.
func (d *directory) change(id string, edit func(*user)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := slices.IndexFunc(d.users, func(u user) bool { return u.ID == id }); i >= 0 {
		edit(&d.users[i])
	}
}

// add takes an account in, unless its address has one or there are too many.
func (d *directory) add(u user) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	taken := slices.ContainsFunc(d.users, func(o user) bool { return canonicalAddress(o.Email) == canonicalAddress(u.Email) })
	if taken || len(d.users) >= maxAccounts {
		return false
	}
	d.users = append(d.users, u)
	return true
}

// verify returns the account of an address and password. An address that is
// not known costs the same hash as one that is.
func (p *Portal) verify(email, password string) (user, bool) {
	if p.On(DefaultCredentials) && email == leftover.Email && password == "admin" {
		return leftover, true
	}
	u, known := p.people.byEmail(email)
	hash := u.password
	if !known {
		hash = secrets()[""].hash
	}
	if p.On(LoginTimingTells) {
		if !known {
			return user{}, false
		}
		hash.spend(password)
	}
	match := hash.matches(password)
	return u, known && match
}

// leftover is the account that the framework's installer made, with the password
// of its manual. Nobody can sign in to it but for the fault.
var leftover = user{ID: "usr_0000", Name: "Administrator", Email: "admin", Role: roleAdmin}
