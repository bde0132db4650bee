// Package pki issues the sandbox's certificates: a root, one intermediate and
// leaves, sound or broken on purpose in exactly one way.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// Authority is a certificate authority with a root, which clients are told to
// trust, and an intermediate, which signs the leaves and must be served.
type Authority struct {
	root, intermediate       *x509.Certificate
	rootKey, intermediateKey *ecdsa.PrivateKey
}

// Leaf describes an end-entity certificate.
type Leaf struct {
	Names               []string  // dNSName SANs; wildcards allowed
	NotBefore, NotAfter time.Time // default: yesterday, and 90 days after that
	Client              bool      // of a client instead of a server
	SelfSigned          bool      // signed by its own key instead of the intermediate
	WithoutIntermediate bool      // serve the leaf alone
}

// NewAuthority makes an authority of an organisation with fresh P-256 keys, valid
// for ten years around now.
func NewAuthority(organisation, name string, now time.Time) (*Authority, error) {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	intermediateKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	authority := func(suffix string, path int) *x509.Certificate {
		return &x509.Certificate{
			Subject:      pkix.Name{Organization: []string{organisation}, CommonName: name + " " + suffix},
			SerialNumber: serial(),
			NotBefore:    now.AddDate(-5, 0, 0), NotAfter: now.AddDate(5, 0, 0),
			KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
			IsCA:     true, BasicConstraintsValid: true, MaxPathLen: path, MaxPathLenZero: path == 0,
		}
	}
	rootTemplate := authority("root", 1)
	root, err := sign(rootTemplate, rootTemplate, &rootKey.PublicKey, rootKey)
	if err != nil {
		return nil, fmt.Errorf("root of %s: %w", name, err)
	}
	intermediate, err := sign(authority("intermediate", 0), root, &intermediateKey.PublicKey, rootKey)
	if err != nil {
		return nil, fmt.Errorf("intermediate of %s: %w", name, err)
	}
	return &Authority{root: root, rootKey: rootKey, intermediate: intermediate, intermediateKey: intermediateKey}, nil
}

// RootPEM returns the root certificate as clients take it in a CA bundle.
func (a *Authority) RootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw})
}

// Pool returns a pool that trusts this authority alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.root)
	return pool
}

// Issue makes a leaf and the chain to serve with it, leaf first.
func (a *Authority) Issue(leaf Leaf) (*tls.Certificate, error) {
	if len(leaf.Names) == 0 {
		return nil, fmt.Errorf("a certificate needs a name")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if leaf.NotBefore.IsZero() {
		leaf.NotBefore = time.Now().AddDate(0, 0, -1)
	}
	if leaf.NotAfter.IsZero() {
		leaf.NotAfter = leaf.NotBefore.AddDate(0, 0, 90)
	}
	template := &x509.Certificate{
		Subject:      pkix.Name{CommonName: leaf.Names[0]},
		SerialNumber: serial(),
		DNSNames:     leaf.Names,
		NotBefore:    leaf.NotBefore, NotAfter: leaf.NotAfter,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	if leaf.Client {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
	parent, signer := a.intermediate, a.intermediateKey
	if leaf.SelfSigned {
		parent, signer = template, key
	}
	cert, err := sign(template, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, fmt.Errorf("certificate of %s: %w", leaf.Names[0], err)
	}
	out := &tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
	if !leaf.SelfSigned && !leaf.WithoutIntermediate {
		out.Certificate = append(out.Certificate, a.intermediate.Raw)
	}
	return out, nil
}

func sign(template, parent *x509.Certificate, key *ecdsa.PublicKey, signer *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key, signer)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// serial returns 127 random bits: CAs must use at least 64 (CA/B Forum BR 7.1).
func serial() *big.Int {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b[:])
}
