package edge

import (
	"crypto/tls"
	"crypto/x509"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/pki"
)

// HostCertificate returns a certificate for a host outside of the account, such
// as a mail exchanger, of the authority that the edge's visitors trust: in the
// sandbox there is one for all. It is minted at its first use.
func (s *Server) HostCertificate(name string) (*tls.Certificate, error) {
	name = canonicalHost(name)
	s.mu.Lock()
	entry := s.hosts[name]
	if entry == nil {
		entry = &certificateEntry{}
		s.hosts[name] = entry
	}
	s.mu.Unlock()
	entry.once.Do(func() { entry.cert, entry.err = s.authority.Issue(pki.Leaf{Names: []string{name}}) })
	return entry.cert, entry.err
}

// Roots trusts the authority of the edge and of those hosts.
func (s *Server) Roots() *x509.CertPool { return s.authority.Pool() }

// PullRoots trusts the certificate that the edge shows to origins while a
// zone's Authenticated Origin Pulls are on.
func (s *Server) PullRoots() *x509.CertPool { return s.pullRoots }

// pullCertificate is what an origin is shown that asks for a certificate.
func (s *Server) pullCertificate(asked *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	if !visitOf(asked.Context()).settings.originPull {
		return &tls.Certificate{}, nil // none
	}
	return s.pull, nil
}
