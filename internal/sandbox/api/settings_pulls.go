package api

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"slices"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// pullCertificate is a certificate that the edge shows the origins of one zone
// (https://developers.cloudflare.com/ssl/origin-configuration/authenticated-origin-pull/set-up/zone-level/).
// Its private key is not kept: nothing gives it back.
type pullCertificate struct {
	ID          string    `json:"id"`
	Certificate string    `json:"certificate"`
	Issuer      string    `json:"issuer"`
	Signature   string    `json:"signature"`
	Status      string    `json:"status"`
	ExpiresOn   time.Time `json:"expires_on"`
	UploadedOn  time.Time `json:"uploaded_on"`
	Enabled     bool      `json:"enabled"` // of the zone
}

// pullCertificates returns a copy of the zone's, newest last.
func (s *Server) pullCertificates(z *zone.Zone) []pullCertificate {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]pullCertificate, 0, len(s.pulls[z]))
	for _, p := range s.pulls[z] {
		p.Enabled = pullsOf(z).Enabled
		out = append(out, p)
	}
	return out
}

func listPullCertificates(c *call) (*envelope, *Error) {
	p, err := readPaging(c, 20, 5, 50)
	if err != nil {
		return nil, err
	}
	return pageOf(c.server.pullCertificates(c.zone), p), nil
}

func createPullCertificate(c *call) (*envelope, *Error) {
	var in struct {
		Certificate string `json:"certificate"`
		PrivateKey  string `json:"private_key"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair([]byte(in.Certificate), []byte(in.PrivateKey))
	if err != nil {
		return nil, badRequest(codePullCertificate, "Invalid certificate or private key.")
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil || c.server.now().After(leaf.NotAfter) {
		return nil, badRequest(codePullCertificate, "Certificate is invalid or has expired.")
	}
	made := pullCertificate{
		ID: NewID(), Certificate: in.Certificate, Issuer: leaf.Issuer.String(), Signature: leaf.SignatureAlgorithm.String(),
		Status: "active", ExpiresOn: leaf.NotAfter, UploadedOn: now(), Enabled: pullsOf(c.zone).Enabled,
	}
	c.server.mu.Lock()
	c.server.pulls[c.zone] = append(c.server.pulls[c.zone], made)
	c.server.mu.Unlock()
	return success(made), nil
}

func getPullCertificate(c *call) (*envelope, *Error) {
	for _, p := range c.server.pullCertificates(c.zone) {
		if p.ID == c.params["certificate_id"] {
			return success(p), nil
		}
	}
	return nil, noSuchCertificate()
}

func deletePullCertificate(c *call) (*envelope, *Error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	all := c.server.pulls[c.zone]
	i := slices.IndexFunc(all, func(p pullCertificate) bool { return p.ID == c.params["certificate_id"] })
	if i < 0 {
		return nil, noSuchCertificate()
	}
	gone := all[i]
	gone.Status = "deleted"
	c.server.pulls[c.zone] = slices.Delete(slices.Clone(all), i, i+1)
	return success(gone), nil
}

func noSuchCertificate() *Error {
	return &Error{Status: http.StatusNotFound, Code: codePullMissing, Message: "Certificate was not found."}
}
