package probe

import (
	"crypto/x509"
	"errors"
	"time"
)

// verify judges a chain as served: does it lead to the roots, and does the leaf
// cover the host? Expiry of the leaf is neither's business, so the chain is
// judged at a time within the leaf's life; expiry of an intermediate is the chain's.
func verify(chain []*x509.Certificate, host string, roots *x509.CertPool, now time.Time) (verified [][]*x509.Certificate, chainErr, nameErr error) {
	if len(chain) == 0 {
		err := errors.New("the server sent no certificate")
		return nil, err, err
	}
	leaf := chain[0]
	intermediates := x509.NewCertPool()
	for _, c := range chain[1:] {
		intermediates.AddCert(c)
	}
	at := now
	switch {
	case now.After(leaf.NotAfter):
		at = leaf.NotAfter
	case now.Before(leaf.NotBefore):
		at = leaf.NotBefore
	}
	verified, chainErr = leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: intermediates, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	return verified, chainErr, leaf.VerifyHostname(host)
}
