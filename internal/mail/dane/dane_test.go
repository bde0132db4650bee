package dane

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"
)

var now = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

// issue makes a certificate; parent nil means self-signed.
func issue(t *testing.T, name string, ca bool, notAfter time.Time, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: notAfter,
		IsCA: ca, BasicConstraintsValid: true,
	}
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c, key
}

func TestMatches(t *testing.T) {
	t.Parallel()
	root, rootKey := issue(t, "root", true, now.AddDate(1, 0, 0), nil, nil)
	leaf, _ := issue(t, "mx.acme.example", false, now.AddDate(1, 0, 0), root, rootKey)
	old, _ := issue(t, "mx.acme.example", false, now.AddDate(0, 0, -1), root, rootKey)
	stranger, _ := issue(t, "mx.acme.example", false, now.AddDate(1, 0, 0), nil, nil)
	digest := func(b []byte) []byte { s := sha256.Sum256(b); return s[:] }
	long := sha512.Sum512(leaf.Raw)
	for _, c := range []struct {
		name  string
		r     TLSA
		chain []*x509.Certificate
		host  string
		want  bool
	}{
		{"3 1 1", Recommended(leaf), []*x509.Certificate{leaf, root}, "mx.acme.example", true},
		{"3 1 1 for any name", Recommended(leaf), []*x509.Certificate{leaf}, "other.example", true},
		{"3 1 1 expired", Recommended(old), []*x509.Certificate{old}, "mx.acme.example", true},
		{"3 0 1", TLSA{3, 0, 1, digest(leaf.Raw)}, []*x509.Certificate{leaf}, "mx.acme.example", true},
		{"3 0 2", TLSA{3, 0, 2, long[:]}, []*x509.Certificate{leaf}, "mx.acme.example", true},
		{"3 0 0", TLSA{3, 0, 0, leaf.Raw}, []*x509.Certificate{leaf}, "mx.acme.example", true},
		{"another key", Recommended(leaf), []*x509.Certificate{stranger}, "mx.acme.example", false},
		{"the anchor is no leaf", TLSA{3, 1, 1, digest(root.RawSubjectPublicKeyInfo)}, []*x509.Certificate{leaf, root}, "mx.acme.example", false},
		{"2 1 1", TLSA{2, 1, 1, digest(root.RawSubjectPublicKeyInfo)}, []*x509.Certificate{leaf, root}, "mx.acme.example", true},
		{"2 1 1 without the anchor", TLSA{2, 1, 1, digest(root.RawSubjectPublicKeyInfo)}, []*x509.Certificate{leaf}, "mx.acme.example", false},
		{"2 1 1 for another name", TLSA{2, 1, 1, digest(root.RawSubjectPublicKeyInfo)}, []*x509.Certificate{leaf, root}, "other.example", false},
		{"2 1 1 expired", TLSA{2, 1, 1, digest(root.RawSubjectPublicKeyInfo)}, []*x509.Certificate{old, root}, "mx.acme.example", false},
		{"2 1 1 not signed by it", TLSA{2, 1, 1, digest(root.RawSubjectPublicKeyInfo)}, []*x509.Certificate{stranger, root}, "mx.acme.example", false},
		{"1 1 1", TLSA{1, 1, 1, digest(leaf.RawSubjectPublicKeyInfo)}, []*x509.Certificate{leaf}, "mx.acme.example", false},
		{"nothing served", Recommended(leaf), nil, "mx.acme.example", false},
	} {
		if got := c.r.Matches(c.chain, x509.VerifyOptions{CurrentTime: now}, c.host); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestUnusable(t *testing.T) {
	t.Parallel()
	digest := make([]byte, 32)
	for _, c := range []struct {
		r    TLSA
		want bool
	}{
		{TLSA{3, 1, 1, digest}, false}, {TLSA{2, 0, 1, digest}, false}, {TLSA{0, 1, 1, digest}, true}, {TLSA{1, 1, 1, digest}, true}, {TLSA{4, 1, 1, digest}, true},
		{TLSA{3, 2, 1, digest}, true}, {TLSA{3, 1, 3, digest}, true}, {TLSA{3, 1, 2, digest}, true}, {TLSA{3, 1, 1, digest[:31]}, true}, {TLSA{3, 1, 0, nil}, true},
	} {
		if got := c.r.Unusable(); (got != "") != c.want {
			t.Errorf("%s: %q", c.r, got)
		}
	}
}
