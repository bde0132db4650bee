package portal

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

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

// Cost of Argon2id as production has it: some tens of milliseconds, which shows
// to a visitor who gets an answer without.
const (
	fullTime   = 3
	fullMemory = 16 * 1024 // KiB
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

// spend does the work of a hash at full cost.
func (h passwordHash) spend(text string) {
	argon2.IDKey([]byte(text), h.salt[:], fullTime, fullMemory, argonThreads, 32)
}

// String is the hash in PHC form, as a database holds it.
func (h passwordHash) String() string {
	b64 := base64.RawStdEncoding.EncodeToString
	return "$argon2id$v=19$m=1024,t=1,p=1$" + b64(h.salt[:]) + "$" + b64(h.sum[:])
}

// guessed are the passwords of 8 characters and more that are tried first (ASVS
// 5.0 6.2.4); shorter ones are refused anyway.
var guessed = []string{
	"password", "password1", "password12", "password123", "passw0rd", "p@ssw0rd", "12345678", "123456789", "1234567890", "11111111",
	"00000000", "88888888", "87654321", "qwertyuiop", "qwerty123", "1q2w3e4r", "1qaz2wsx", "iloveyou", "sunshine", "princess",
	"football", "baseball", "superman", "trustno1", "welcome1", "letmein1", "changeme", "admin123", "asdfghjk", "abcd1234",
}

// soundPassword reports whether a new password is taken: at least 8 characters
// (ASVS 5.0 6.2.1), as many as anyone would type (6.2.9), and none of those that
// everyone has.
func soundPassword(password string) bool {
	n := utf8.RuneCountInString(password)
	return n >= 8 && n <= 128 && !slices.Contains(guessed, strings.ToLower(password))
}
