package pki

import (
	"crypto/x509"
	"testing"
	"time"
)

func TestIssue(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ours, err := NewAuthority("Ours", "ours", now)
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewAuthority("Others", "other", now)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"acme.example", "*.acme.example"}
	for _, tc := range []struct {
		name   string
		issuer *Authority
		leaf   Leaf
		host   string
		wantOK bool
	}{
		{"sound", ours, Leaf{Names: names}, "portal.acme.example", true},
		{"wildcard covers one label", ours, Leaf{Names: names}, "a.b.acme.example", false},
		{"self-signed", ours, Leaf{Names: names, SelfSigned: true}, "acme.example", false},
		{"missing intermediate", ours, Leaf{Names: names, WithoutIntermediate: true}, "acme.example", false},
		{"untrusted issuer", other, Leaf{Names: names}, "acme.example", false},
		{"expired", ours, Leaf{Names: names, NotBefore: now.AddDate(0, 0, -90), NotAfter: now.AddDate(0, 0, -1)}, "acme.example", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			cert, err := tc.issuer.Issue(tc.leaf)
			if err != nil {
				t.Fatal(err)
			}
			intermediates := x509.NewCertPool()
			for _, der := range cert.Certificate[1:] {
				c, err := x509.ParseCertificate(der)
				if err != nil {
					t.Fatal(err)
				}
				intermediates.AddCert(c)
			}
			_, err = cert.Leaf.Verify(x509.VerifyOptions{DNSName: tc.host, Roots: ours.Pool(), Intermediates: intermediates})
			if (err == nil) != tc.wantOK {
				t.Errorf("verify: %v, want ok %v", err, tc.wantOK)
			}
		})
	}
	if _, err := ours.Issue(Leaf{}); err == nil {
		t.Error("a certificate without a name was issued")
	}
}
