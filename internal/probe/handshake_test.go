package probe

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// serveTLS completes handshakes until the test ends, and returns the address.
func serveTLS(t *testing.T, config *tls.Config) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
			_ = conn.(*tls.Conn).Handshake()
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

func rawChain(chain ...*x509.Certificate) [][]byte {
	var raw [][]byte
	for _, c := range chain {
		raw = append(raw, c.Raw)
	}
	return raw
}

func pemOf(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

func TestHandshakeCertificates(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	day := 24 * time.Hour
	own := &x509.Certificate{Subject: pkix.Name{CommonName: "acme.example"}, DNSNames: []string{"acme.example"}, NotBefore: time.Now().Add(-day), NotAfter: time.Now().Add(day)}
	selfSigned := certificate(t, own, own, a.key, a.key)
	commonName := certificate(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "acme.example"}, NotBefore: time.Now().Add(-day), NotAfter: time.Now().Add(day),
	}, a.intermediate, a.key, a.key)
	client := certificate(t, &x509.Certificate{
		DNSNames: []string{"acme.example"}, NotBefore: time.Now().Add(-day), NotAfter: time.Now().Add(day), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, a.intermediate, a.key, a.key)
	address := certificate(t, &x509.Certificate{
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-day), NotAfter: time.Now().Add(day),
	}, a.intermediate, a.key, a.key)
	ca := func(from, to time.Duration) *x509.Certificate {
		return certificate(t, &x509.Certificate{
			Subject: pkix.Name{CommonName: "intermediate"}, NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(to),
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		}, a.root, a.key, a.key)
	}
	good, wild := a.leaf(t, "acme.example", -day, day), a.leaf(t, "*.example", -day, day)
	expired := func(err error) bool {
		var invalid x509.CertificateInvalidError
		return errors.As(err, &invalid) && invalid.Reason == x509.Expired
	}
	unknown := func(err error) bool { var e x509.UnknownAuthorityError; return errors.As(err, &e) }
	none := func(err error) bool { return err == nil }
	for name, tt := range map[string]struct {
		host     string
		chain    []*x509.Certificate
		chainErr func(error) bool
		covers   bool
	}{
		"sound":                         {"acme.example", []*x509.Certificate{good, a.intermediate}, none, true},
		"with the root":                 {"acme.example", []*x509.Certificate{good, a.intermediate, a.root}, none, true},
		"out of order":                  {"acme.example", []*x509.Certificate{good, a.root, a.intermediate}, none, true},
		"self-signed":                   {"acme.example", []*x509.Certificate{selfSigned}, unknown, true},
		"common name only":              {"acme.example", []*x509.Certificate{commonName, a.intermediate}, none, false},
		"for clients":                   {"acme.example", []*x509.Certificate{client, a.intermediate}, func(err error) bool { return err != nil }, true},
		"expired intermediate":          {"acme.example", []*x509.Certificate{good, ca(-9*day, -day)}, expired, true},
		"future intermediate":           {"acme.example", []*x509.Certificate{good, ca(day, 9*day)}, expired, true},
		"an expired one beside a sound": {"acme.example", []*x509.Certificate{good, ca(-9*day, -day), a.intermediate}, none, true},
		"not valid yet":                 {"acme.example", []*x509.Certificate{a.leaf(t, "acme.example", day, 2*day), a.intermediate}, none, true},
		"wildcard":                      {"acme.example", []*x509.Certificate{wild, a.intermediate}, none, true},
		"wildcard of two labels":        {"a.acme.example", []*x509.Certificate{wild, a.intermediate}, none, false},
		"wildcard and its base":         {"example", []*x509.Certificate{wild, a.intermediate}, none, false},
		"an address":                    {"127.0.0.1", []*x509.Certificate{address, a.intermediate}, none, true},
		"another address":               {"127.0.0.2", []*x509.Certificate{address, a.intermediate}, none, false},
		"capitals and a dot":            {"ACME.example.", []*x509.Certificate{good, a.intermediate}, none, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{{Certificate: rawChain(tt.chain...), PrivateKey: a.key}}})
			host, _ := canonicalHost(tt.host)
			c := newClient(t, Config{CABundle: pemOf(a.root), ConnectTo: map[string]string{net.JoinHostPort(host, "443"): at}})
			f := c.Handshake(t.Context(), TLSTarget{Host: tt.host})
			if f.Failure != FailNone || !tt.chainErr(f.ChainError) || (f.NameError == nil) != tt.covers || len(f.Chain) != len(tt.chain) {
				t.Errorf("%s (%s), chain %v, name %v", f.Failure, f.Detail, f.ChainError, f.NameError)
			}
		})
	}
}

// Servers that browsers cannot use still show what they have.
func TestHandshakeWeakServers(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"acme.example"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	own := []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	groups := [][]uint16{
		{tls.TLS_RSA_WITH_RC4_128_SHA, tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA},
		{tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_128_GCM_SHA256},
		{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256},
	}
	yes, no := VersionAccepted, VersionRefused
	for name, tt := range map[string]struct {
		config *tls.Config
		suites []VersionOutcome
		tls10  VersionOutcome
	}{
		"RC4 alone":       {&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA}}, []VersionOutcome{yes, no, no}, no},
		"3DES alone":      {&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA}}, []VersionOutcome{yes, no, no}, no},
		"RSA with CBC":    {&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}}, []VersionOutcome{no, yes, no}, no},
		"beside TLS 1.3":  {&tls.Config{CipherSuites: []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}}, []VersionOutcome{yes, no, yes}, no},
		"TLS 1.0 and RC4": {&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10, CipherSuites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA}}, []VersionOutcome{yes, no, no}, yes},
		"modern":          {&tls.Config{MinVersion: tls.VersionTLS12}, []VersionOutcome{no, no, yes}, no},
		"TLS 1.3 alone":   {&tls.Config{MinVersion: tls.VersionTLS13}, []VersionOutcome{no, no, no}, no},
		// A certificate of the client's is wanted: what the server has shown until then counts.
		"client certificate":          {&tls.Config{ClientAuth: tls.RequireAnyClientCert}, []VersionOutcome{no, no, yes}, no},
		"client certificate, TLS 1.2": {&tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}, []VersionOutcome{no, no, yes}, no},
		"client certificate, TLS 1.0": {&tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS10, CipherSuites: groups[1]}, []VersionOutcome{no, yes, no}, yes},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.config.Certificates = own
			c := newClient(t, Config{ConnectTo: map[string]string{"acme.example:443": serveTLS(t, tt.config)}})
			f := c.Handshake(t.Context(), TLSTarget{Host: "acme.example", Versions: []uint16{tls.VersionTLS10}, Suites: groups})
			if f.Failure != FailNone || f.Leaf() == nil || f.Version == 0 || f.Suite == 0 || f.ChainError == nil || f.NameError != nil {
				t.Fatalf("%s (%s), version %x, suite %x, chain %v, name %v", f.Failure, f.Detail, f.Version, f.Suite, f.ChainError, f.NameError)
			}
			if f.Versions[tls.VersionTLS10] != tt.tls10 {
				t.Errorf("TLS 1.0: %s, want %s", f.Versions[tls.VersionTLS10], tt.tls10)
			}
			for i, want := range tt.suites {
				if got := f.Suites[i]; got.Outcome != want || (got.Suite != 0) != (want == VersionAccepted) {
					t.Errorf("suites %d: %+v, want %s", i, got, want)
				}
			}
		})
	}
}

// What is no TLS at all, and what has no certificate to show, is told as such.
func TestHandshakeFailures(t *testing.T) {
	t.Parallel()
	refuses := serveTLS(t, &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		return nil, errors.New("no certificate for this name")
	}})
	plain := listen(t)
	serveHTTP(t, plain, nil)
	for name, tt := range map[string]struct {
		at      string
		failure FailureKind
		says    string
	}{
		"plain HTTP":     {plain.Addr().String(), FailTLS, "does not speak TLS"},
		"unknown name":   {refuses, FailTLS, "refused the handshake"},
		"nobody listens": {"127.0.0.1:1", FailRefused, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, Config{ConnectTo: map[string]string{"acme.example:443": tt.at}})
			f := c.Handshake(t.Context(), TLSTarget{Host: "acme.example", Versions: []uint16{tls.VersionTLS10}})
			if f.Failure != tt.failure || !strings.Contains(f.Detail, tt.says) || f.Leaf() != nil || f.Versions[tls.VersionTLS10] == VersionAccepted {
				t.Errorf("%s (%s), %v", f.Failure, f.Detail, f.Versions)
			}
			if strings.ContainsAny(f.Detail, "0123456789") {
				t.Errorf("%q may vary from run to run", f.Detail)
			}
		})
	}
}
