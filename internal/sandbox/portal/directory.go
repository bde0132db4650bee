package portal

import (
	"crypto/rand"
	"crypto/subtle"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"
)

// Roles of the portal.
const (
	roleMember = "member"
	roleAdmin  = "admin"
	roleAPI    = "api"
)

// user is one account.
type user struct {
	ID, Name, Email, Role string
	Organization          string // "north", "south", or none: the operator's own people
	bearer                string // for a machine instead of a password
	password              passwordHash
}

// Identity is a test account as the provider's configuration takes it.
type Identity struct {
	Username     string `json:"username,omitempty"`
	Password     string `json:"password,omitempty"`
	Role         string `json:"role,omitempty"`
	Organization string `json:"organization,omitempty"`
	BearerToken  string `json:"bearer_token,omitempty"`
}

// mailTester is the account whose mail the launch test reads. Nobody signs in
// as it: it is no identity.
var mailTester = user{
	ID: "usr_3t1m", Name: "Launch Test", Email: "launch-test@inbox.example", Role: roleMember, Organization: "north",
}

// seeds are the accounts by identity name, apart from address and secrets.
var seeds = []struct{ identity, id, name, role, organization string }{
	{"member_a", "usr_7k2m", "Mira Ahlberg", roleMember, "north"},
	{"member_b", "usr_9x4q", "Bruno Costa", roleMember, "south"},
	{"admin", "usr_1c8w", "Ada Operator", roleAdmin, ""},
	{"robot", "usr_5r0b", "Nightly export", roleAPI, ""},
}

// secret is the password or token of one identity with its hash.
type secret struct {
	text string
	hash passwordHash
}

// secrets are made up once a process: hashing is slow on purpose, and hundreds
// of tests each start a portal.
var secrets = sync.OnceValue(func() map[string]secret {
	out := map[string]secret{"": newSecret()} // "" stands in for accounts that do not exist
	for _, s := range seeds {
		out[s.identity] = newSecret()
	}
	return out
})

func newSecret() secret {
	text := rand.Text()
	return secret{text: text, hash: hashPassword(text)}
}

// directory is the portal's list of accounts; it does not change.
type directory struct {
	users   []user
	byEmail map[string]user
}

func newDirectory(domain string) *directory {
	d := &directory{byEmail: map[string]user{}}
	for _, s := range seeds {
		u := user{
			ID: s.id, Name: s.name, Role: s.role, Organization: s.organization,
			Email: strings.ReplaceAll(s.identity, "_", "-") + "@" + domain,
		}
		if s.role == roleAPI {
			u.bearer = secrets()[s.identity].text
		} else {
			u.password = secrets()[s.identity].hash
			d.byEmail[u.Email] = u
		}
		d.users = append(d.users, u)
	}
	tester := mailTester
	tester.password = secrets()[""].hash // of a password that was never told
	d.byEmail[tester.Email] = tester
	d.users = append(d.users, tester)
	return d
}

// Identities returns the test accounts by name, with their secrets.
func (p *Portal) Identities() map[string]Identity {
	out := map[string]Identity{}
	for i, s := range seeds {
		u := p.people.users[i]
		id := Identity{Role: u.Role, Organization: u.Organization}
		if u.bearer != "" {
			id.BearerToken = u.bearer
		} else {
			id.Username, id.Password = u.Email, secrets()[s.identity].text
		}
		out[s.identity] = id
	}
	return out
}

// verify returns the account of an address and password. An address that is
// not known costs the same hash as one that is.
func (d *directory) verify(email, password string) (user, bool) {
	u, known := d.byEmail[strings.ToLower(strings.TrimSpace(email))]
	hash := u.password
	if !known {
		hash = secrets()[""].hash
	}
	match := hash.matches(password)
	return u, known && match
}

// byAddress returns the account that mail to an address is for. A detail behind
// a plus leads to the same mailbox (RFC 5233), and so to the same account.
func (d *directory) byAddress(address string) (user, bool) {
	local, domain, _ := strings.Cut(canonicalAddress(address), "@")
	if u, ok := d.byEmail[local+"@"+domain]; ok {
		return u, true
	}
	base, _, _ := strings.Cut(local, "+")
	u, ok := d.byEmail[base+"@"+domain]
	return u, ok
}

// byID returns the account of an id.
func (d *directory) byID(id string) (user, bool) {
	for _, u := range d.users {
		if u.ID == id {
			return u, true
		}
	}
	return user{}, false
}

// byBearer returns the machine account of a token.
func (d *directory) byBearer(token string) (user, bool) {
	for _, u := range d.users {
		if u.bearer != "" && subtle.ConstantTimeCompare([]byte(u.bearer), []byte(token)) == 1 {
			return u, true
		}
	}
	return user{}, false
}

// passwordHash is an Argon2id hash (RFC 9106) with its salt.
type passwordHash struct {
	salt [16]byte
	sum  [32]byte
}

// Cost of Argon2id: far below what production needs, so that tests are quick,
// but real work all the same.
const (
	argonTime    = 1
	argonMemory  = 1024 // KiB
	argonThreads = 1
)

func hashPassword(password string) passwordHash {
	var h passwordHash
	rand.Read(h.salt[:]) // never fails (crypto/rand)
	h.sum = h.derive(password)
	return h
}

func (h passwordHash) derive(password string) [32]byte {
	return [32]byte(argon2.IDKey([]byte(password), h.salt[:], argonTime, argonMemory, argonThreads, 32))
}

func (h passwordHash) matches(password string) bool {
	got := h.derive(password)
	return subtle.ConstantTimeCompare(got[:], h.sum[:]) == 1
}
