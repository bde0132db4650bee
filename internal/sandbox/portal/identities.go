package portal

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
	"sync"
)

// Roles of the portal.
const (
	roleMember = "member"
	roleAdmin  = "admin"
	roleAPI    = "api"
)

// Identity is a test account as the provider's configuration takes it.
type Identity struct {
	Username     string `json:"username,omitempty"`
	Password     string `json:"password,omitempty"`
	Role         string `json:"role,omitempty"`
	Organization string `json:"organization,omitempty"`
	TOTPSecret   string `json:"totp_secret,omitempty"`
	BearerToken  string `json:"bearer_token,omitempty"`
}

// seed is an account apart from its address and secrets.
type seed struct{ identity, id, name, role, organization, phone, marker string }

// seeds are the accounts by identity name. A marker is a word of no meaning that
// is in what the account owns, and nowhere else: where it shows, the account's
// data show.
var seeds = []seed{
	{"member_a", "usr_7k2m", "Mira Ahlberg", roleMember, "north", "+1 202 555 0101", "lr-marker-quillfern-7f3a"},
	{"member_b", "usr_9x4q", "Bruno Costa", roleMember, "south", "+1 202 555 0102", "lr-marker-dapplewick-2c9e"},
	{"member_c", "usr_4d7n", "Clara Lind", roleMember, "north", "+1 202 555 0103", "lr-marker-ostrelbay-b614"},
	{"disposable", "usr_8w2k", "Dora Vega", roleMember, "south", "+1 202 555 0104", "lr-marker-fennimoor-50d8"},
	{"admin", "usr_1c8w", "Ada Operator", roleAdmin, "", "+1 202 555 0105", "lr-marker-thistlegap-e3b7"},
	{"robot", "usr_5r0b", "Nightly export", roleAPI, "", "", "lr-marker-corbinhythe-91ac"},
}

// mailTester is the account whose mail the launch test reads. Nobody signs in
// as it: it is no identity.
var mailTester = user{
	ID: "usr_3t1m", Name: "Launch Test", Email: "launch-test@inbox.example", Role: roleMember, Organization: "north",
}

// Marker is the word that the objects of an identity hold, such as a text of its
// messages and the reference of its invoice; empty for a name that is none.
func Marker(identity string) string {
	for _, s := range seeds {
		if s.identity == identity {
			return s.marker
		}
	}
	return ""
}

// markerOf is Marker by the account's id.
func markerOf(userID string) string {
	for _, s := range seeds {
		if s.id == userID {
			return s.marker
		}
	}
	return ""
}

// secret is the password or token of one identity with its hash, and the key of
// its second factor.
type secret struct {
	text, totp string
	hash       passwordHash
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
	text, key := rand.Text(), make([]byte, 20) // as long as RFC 4226 4 wants keys
	rand.Read(key)                             // never fails (crypto/rand)
	return secret{text: text, totp: base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(key), hash: hashPassword(text)}
}

// address is where mail to an identity goes, and what it signs in with.
func (s seed) address(domain string) string {
	return strings.ReplaceAll(s.identity, "_", "-") + "@" + domain
}

// Identities returns the test accounts by name, with the secrets they start with.
func (p *Portal) Identities() map[string]Identity {
	out := map[string]Identity{}
	for _, s := range seeds {
		id, own := Identity{Role: s.role, Organization: s.organization}, secrets()[s.identity]
		switch s.role {
		case roleAPI:
			id.BearerToken = own.text
		case roleAdmin:
			id.TOTPSecret = own.totp
			fallthrough
		default:
			id.Username, id.Password = s.address(p.options.Domain), own.text
		}
		out[s.identity] = id
	}
	return out
}
