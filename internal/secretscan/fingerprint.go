package secretscan

import (
	"encoding/hex"
	"sync"

	"golang.org/x/crypto/argon2"
)

// printer makes fingerprints. A finding's fingerprint stands in the state and in
// reports, and is the same on every machine, so that a user can name it in a
// configuration. Then whoever reads the state could try passwords against it,
// were it a plain digest. Two things are against that: the salt, which is the
// first commit of the repository and so known only to who could read the secret
// itself, and Argon2id (RFC 9106), which makes each attempt dear where there is
// no repository.
type printer struct {
	salt []byte
	mu   sync.Mutex
	done map[string]*print
}

type print struct {
	once sync.Once
	text string
}

// Costs of Argon2id: one pass over 8 MiB, some milliseconds.
const (
	argonPasses = 1
	argonKiB    = 8 << 10
	printBytes  = 8
)

// FingerprintPrefix is how every fingerprint begins.
const FingerprintPrefix = "fp:"

func newPrinter(salt string) *printer {
	return &printer{salt: []byte("launchready secret fingerprint " + salt), done: map[string]*print{}}
}

// of returns the fingerprint of a secret. Each is computed once.
func (p *printer) of(secret string) string {
	p.mu.Lock()
	one := p.done[secret]
	if one == nil {
		one = new(print)
		p.done[secret] = one
	}
	p.mu.Unlock()
	one.once.Do(func() {
		one.text = FingerprintPrefix + hex.EncodeToString(argon2.IDKey([]byte(secret), p.salt, argonPasses, argonKiB, 1, printBytes))
	})
	return one.text
}
