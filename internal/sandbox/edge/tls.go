package edge

import (
	"crypto/tls"
	"strings"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/pki"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// Fault is something wrong with the edge itself, which no zone setting says.
type Fault string

const (
	CertificateExpired    Fault = "certificate_expired"     // ended yesterday
	CertificateExpiring   Fault = "certificate_expiring"    // two days of ninety left
	CertificateWrongName  Fault = "certificate_wrong_name"  // of another site
	CertificateSelfSigned Fault = "certificate_self_signed" // signed by its own key
	CertificateUntrusted  Fault = "certificate_untrusted"   // of an authority nobody trusts
	CertificateLeafOnly   Fault = "certificate_leaf_only"   // the leaf alone is served
	Unreachable           Fault = "unreachable"             // nothing listens on 443
	// TraceEchoed answers TRACE with the request, as RFC 9110 9.3.8 has it and
	// Cloudflare does not.
	TraceEchoed Fault = "trace_echoed"
	// CacheKeyNarrow leaves the headers out of the cache's key that applications
	// build addresses from, as caches do that were not made with care.
	CacheKeyNarrow Fault = "cache_key_narrow"
	// StagingOldTLS takes TLS 1.0 for the host staging, as a setting for one host
	// can have it.
	StagingOldTLS   Fault = "staging_old_tls"
	day                   = 24 * time.Hour
	certificateLife       = 90 * day
	strangersName         = "shared.hosting.example"
)

// certificateKey tells the certificates apart: one a zone, and one for each
// way in which it can be broken.
type certificateKey struct {
	zone  string
	fault Fault
}

// certificateEntry is minted at its first use: most runs need one of them.
type certificateEntry struct {
	once sync.Once
	cert *tls.Certificate
	err  error
}

// tlsConfig returns the configuration of the TLS port. The version limits and
// the certificate are those of the zone at the time of the handshake.
func (s *Server) tlsConfig() *tls.Config {
	return &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		host := canonicalHost(hello.ServerName)
		z := s.zoneOf(host)
		if z == nil || !covered(z.Name, host) {
			// No certificate: the handshake ends with an alert.
			return &tls.Config{MinVersion: tls.VersionTLS12}, nil
		}
		cert, err := s.certificate(z)
		if err != nil {
			return nil, err
		}
		set := readSettings(z)
		lowest := set.minVersion
		if strings.HasPrefix(host, "staging.") && s.faulty(StagingOldTLS) {
			lowest = tls.VersionTLS10
		}
		config := &tls.Config{
			Certificates: []tls.Certificate{*cert},
			MinVersion:   lowest,
			NextProtos:   []string{"h2", "http/1.1"},
		}
		if !set.tls13 && set.minVersion < tls.VersionTLS13 {
			config.MaxVersion = tls.VersionTLS12
		}
		return config, nil
	}}
}

// covered reports whether the zone's certificate is for the host: the apex and
// names one label below, as with Universal SSL.
func covered(apex, host string) bool {
	label, below := strings.CutSuffix(host, "."+apex)
	return host == apex || below && label != "" && !strings.Contains(label, ".")
}

// certificate returns what the zone's visitors are shown at the moment.
func (s *Server) certificate(z *zone.Zone) (*tls.Certificate, error) {
	key := certificateKey{zone: z.Name}
	s.mu.Lock()
	for _, f := range []Fault{
		CertificateExpired, CertificateExpiring, CertificateWrongName,
		CertificateSelfSigned, CertificateUntrusted, CertificateLeafOnly,
	} {
		if s.faults[f] {
			key.fault = f
			break
		}
	}
	entry := s.certificates[key]
	if entry == nil {
		entry = &certificateEntry{}
		s.certificates[key] = entry
	}
	s.mu.Unlock()
	entry.once.Do(func() { entry.cert, entry.err = s.mint(key) })
	return entry.cert, entry.err
}

func (s *Server) mint(key certificateKey) (*tls.Certificate, error) {
	leaf := pki.Leaf{Names: []string{key.zone, "*." + key.zone}}
	issuer := s.authority
	ending := func(left time.Duration) {
		leaf.NotAfter = time.Now().Add(left)
		leaf.NotBefore = leaf.NotAfter.Add(-certificateLife)
	}
	switch key.fault {
	case CertificateExpired:
		ending(-day)
	case CertificateExpiring:
		ending(2*day + day/2)
	case CertificateWrongName:
		leaf.Names = []string{strangersName}
	case CertificateSelfSigned:
		leaf.SelfSigned = true
	case CertificateUntrusted:
		issuer = s.stranger
	case CertificateLeafOnly:
		leaf.WithoutIntermediate = true
	}
	return issuer.Issue(leaf)
}
