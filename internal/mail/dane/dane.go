// Package dane judges TLSA records of mail servers (RFC 6698, RFC 7671) as
// senders use them for SMTP (RFC 7672). It is pure: records and certificates in,
// verdicts out.
package dane

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Prefix is where the records of a mail server stand below its name.
const Prefix = "_25._tcp"

// Certificate usages (RFC 6698 section 2.1.1, names of RFC 7218).
const (
	PKIXTA = 0 // unusable for SMTP
	PKIXEE = 1 // unusable for SMTP
	DANETA = 2
	DANEEE = 3
)

// TLSA is one record.
type TLSA struct {
	Usage, Selector, Matching uint8
	Data                      []byte
}

func (r TLSA) String() string {
	return fmt.Sprintf("%d %d %d %s", r.Usage, r.Selector, r.Matching, hex.EncodeToString(r.Data))
}

// Unusable says why senders skip a record; empty if they do not (RFC 7672
// section 3.1).
func (r TLSA) Unusable() string {
	switch {
	case r.Usage == PKIXTA || r.Usage == PKIXEE:
		return fmt.Sprintf("usage %d is not for SMTP: use 3, or 2", r.Usage)
	case r.Usage > DANEEE:
		return fmt.Sprintf("usage %d is not defined", r.Usage)
	case r.Selector > 1:
		return fmt.Sprintf("selector %d is not defined", r.Selector)
	case r.Matching > 2:
		return fmt.Sprintf("matching type %d is not defined", r.Matching)
	case r.Matching == 1 && len(r.Data) != sha256.Size:
		return fmt.Sprintf("matching type 1 is SHA-256, but the digest has %d octets in place of 32", len(r.Data))
	case r.Matching == 2 && len(r.Data) != sha512.Size:
		return fmt.Sprintf("matching type 2 is SHA-512, but the digest has %d octets in place of 64", len(r.Data))
	case len(r.Data) == 0:
		return "the record holds no data"
	}
	return ""
}

// fits reports whether the record describes a certificate.
func (r TLSA) fits(c *x509.Certificate) bool {
	data := c.Raw
	if r.Selector == 1 {
		data = c.RawSubjectPublicKeyInfo
	}
	switch r.Matching {
	case 1:
		sum := sha256.Sum256(data)
		data = sum[:]
	case 2:
		sum := sha512.Sum512(data)
		data = sum[:]
	}
	return bytes.Equal(data, r.Data)
}

// Matches reports whether a chain as served, leaf first, is what the record
// describes. For usage 3 names and dates do not count (RFC 7672 section 3.1.1);
// for usage 2 the chain must lead to the described certificate, be in date at
// the time of opts, and the leaf must carry one of names.
func (r TLSA) Matches(chain []*x509.Certificate, opts x509.VerifyOptions, names ...string) bool {
	if len(chain) == 0 || r.Unusable() != "" {
		return false
	}
	if r.Usage == DANEEE {
		return r.fits(chain[0])
	}
	if !slices.ContainsFunc(names, func(name string) bool { return chain[0].VerifyHostname(strings.TrimSuffix(name, ".")) == nil }) {
		return false
	}
	for i, anchor := range chain {
		if !r.fits(anchor) {
			continue
		}
		if i == 0 {
			return true // a leaf that is its own anchor
		}
		opts.Roots, opts.Intermediates = x509.NewCertPool(), x509.NewCertPool()
		opts.Roots.AddCert(anchor)
		for _, c := range chain[1:i] {
			opts.Intermediates.AddCert(c)
		}
		opts.DNSName, opts.KeyUsages = "", []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
		if _, err := chain[0].Verify(opts); err == nil {
			return true
		}
	}
	return false
}

// Recommended is the record to publish for a certificate: 3 1 1, the digest of
// its key, which outlives renewals that keep the key (RFC 7671 section 5.1).
func Recommended(leaf *x509.Certificate) TLSA {
	sum := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	return TLSA{Usage: DANEEE, Selector: 1, Matching: 1, Data: sum[:]}
}
