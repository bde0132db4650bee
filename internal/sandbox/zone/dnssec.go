package zone

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// What Cloudflare signs with: algorithm 13, ECDSA P-256 with SHA-256 (RFC
// 6605), one key for everything with the flags of a key-signing key (RFC 4034
// 2.1.1), and DS records with SHA-256 (RFC 4509).
const (
	Algorithm  = 13
	DigestType = 2
	KeyFlags   = 257
	dsTTL      = 3600
)

// signing is what a zone knows of its own DNSSEC.
type signing struct {
	on         bool
	parent     bool // the DS record is published
	key        *Key // nil until DNSSEC is turned on for the first time
	modifiedOn time.Time
}

// Key is what a zone is signed with.
type Key struct {
	Private *ecdsa.PrivateKey
	Tag     uint16 // RFC 4034 appendix B
	Digest  string // of the DS record, SHA-256, in upper case
	Public  string // as a DNSKEY record has it (RFC 6605 4)
}

// DNSSEC is how a zone stands with DNSSEC.
type DNSSEC struct {
	// Status is disabled, pending (signed, and waiting for the DS record at
	// the parent), active, or pending-disabled (still signed, until the DS
	// record is gone).
	Status     string
	Key        *Key // nil where the zone is not signed
	Published  bool // the DS record is at the parent
	ModifiedOn time.Time
}

// DNSSEC returns how the zone stands: what its owner wants, and what the
// parent has, decide.
func (z *Zone) DNSSEC() DNSSEC {
	z.mu.RLock()
	defer z.mu.RUnlock()
	s := z.signing
	out := DNSSEC{Status: "disabled", Published: s.parent, ModifiedOn: s.modifiedOn}
	switch {
	case s.on && s.parent:
		out.Status = "active"
	case s.on:
		out.Status = "pending"
	case s.parent:
		out.Status = "pending-disabled"
	}
	if s.on || s.parent {
		out.Key = s.key
	}
	return out
}

// SetDNSSEC turns DNSSEC on or off. The key is made at the first time, and kept.
func (z *Zone) SetDNSSEC(on bool) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	if on && z.signing.key == nil {
		key, err := NewKey(z.Name)
		if err != nil {
			return fmt.Errorf("key of %s: %w", z.Name, err)
		}
		z.signing.key = key
	}
	if on != z.signing.on {
		z.signing.on, z.signing.modifiedOn = on, now()
		z.serial++
	}
	return nil
}

// ForgetKey lets the next start of DNSSEC make another key. A zone that is
// signed keeps what it has.
func (z *Zone) ForgetKey() {
	z.mu.Lock()
	defer z.mu.Unlock()
	if !z.signing.on && !z.signing.parent {
		z.signing.key = nil
	}
}

// PublishDS puts the zone's DS record at the parent, as its owner would do at
// the registrar, or takes it away. There is none to publish before DNSSEC was
// turned on.
func (z *Zone) PublishDS(published bool) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	if published && z.signing.key == nil {
		return errors.New("there is no DS record to publish: DNSSEC was never turned on for " + z.Name)
	}
	if published != z.signing.parent {
		z.signing.parent, z.signing.modifiedOn = published, now()
		z.serial++
	}
	return nil
}

// NewKey makes a key for a zone.
func NewKey(zone string) (*Key, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	point, err := private.PublicKey.Bytes() // 0x04, X, Y
	if err != nil {
		return nil, err
	}
	rdata := append([]byte{KeyFlags >> 8, KeyFlags & 0xff, 3, Algorithm}, point[1:]...)
	digest := sha256.Sum256(append(wireName(zone), rdata...)) // RFC 4034 5.1.4
	return &Key{
		Private: private, Tag: keyTag(rdata), Public: base64.StdEncoding.EncodeToString(point[1:]),
		Digest: strings.ToUpper(hex.EncodeToString(digest[:])),
	}, nil
}

// DS is the zone's DS record in presentation form.
func (k *Key) DS(zone string) string {
	return fmt.Sprintf("%s. %d IN DS %d %d %d %s", zone, dsTTL, k.Tag, Algorithm, DigestType, k.Digest)
}

// keyTag is the checksum by which keys are told apart (RFC 4034 appendix B).
func keyTag(rdata []byte) uint16 {
	sum := uint32(0)
	for i, b := range rdata {
		if i%2 == 0 {
			sum += uint32(b) << 8
		} else {
			sum += uint32(b)
		}
	}
	return uint16(sum + sum>>16)
}

// wireName is a name without compression (RFC 1035 3.1).
func wireName(name string) []byte {
	var out []byte
	for label := range strings.SplitSeq(name, ".") {
		out = append(append(out, byte(len(label))), label...)
	}
	return append(out, 0)
}
