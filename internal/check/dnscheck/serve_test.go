package dnscheck

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// start brings the world up and returns the client that sees it.
func (w *world) start(t *testing.T) probe.Prober {
	t.Helper()
	zones := w.apexes()
	to := map[string]string{}
	for address, s := range w.servers {
		to[address+":53"] = serve(t, s, func(rw dns.ResponseWriter, q *dns.Msg) { w.authority(rw, q, s, zones) })
	}
	resolver := serve(t, &nsServer{silent: w.deaf}, func(rw dns.ResponseWriter, q *dns.Msg) { w.recurse(rw, q, zones) })
	plain := httptest.NewServer(http.HandlerFunc(w.web))
	t.Cleanup(plain.Close)
	ca, certificate := w.certificate(t)
	secure := httptest.NewUnstartedServer(http.HandlerFunc(w.web))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that are broken off
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	secure.StartTLS()
	t.Cleanup(secure.Close)
	to["*:80"], to["*:443"] = plain.Listener.Addr().String(), secure.Listener.Addr().String()
	to["45.66.66.66:80"], to["45.66.66.66:443"] = "127.0.0.1:1", "127.0.0.1:1" // nothing listens
	client, err := probe.New(probe.Config{Resolvers: []string{resolver}, ConnectTo: to, CABundle: ca, Timeout: w.patience(), AllowedHosts: w.allowed})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// patience is short where a silence has to be waited for.
func (w *world) patience() time.Duration {
	silent := w.deaf
	for _, s := range w.servers {
		silent = silent || s.silent || s.muteAXFR
	}
	if silent {
		return time.Second
	}
	return 10 * time.Second
}

func (w *world) authority(rw dns.ResponseWriter, q *dns.Msg, s *nsServer, zones map[string][]dns.RR) {
	m := new(dns.Msg).SetReply(q)
	name, typ := strings.ToLower(q.Question[0].Name), q.Question[0].Qtype
	apex := ""
	for _, a := range s.zones {
		if dns.IsSubDomain(a, name) && len(a) > len(apex) {
			apex = a
		}
	}
	switch {
	case s.rcode != 0:
		m.Rcode = s.rcode
	case apex == "":
		m.Rcode = dns.RcodeRefused
	case typ == dns.TypeAXFR && s.muteAXFR:
		return
	case typ == dns.TypeAXFR && !s.transfer:
		m.Rcode = dns.RcodeRefused
	case typ == dns.TypeAXFR:
		m.Answer = append(slices.Clone(zones[apex]), zones[apex][0])
	default:
		m.Answer, m.Ns, m.Extra, m.Rcode, m.Authoritative = find(zones[apex], apex, name, typ, true)
		if s.edit != nil {
			for i := range m.Answer {
				m.Answer[i] = dns.Copy(m.Answer[i])
			}
			m.Answer = s.edit(m.Answer)
			for i := range m.Ns {
				m.Ns[i] = dns.Copy(m.Ns[i])
			}
		}
		if w.signed != nil && apex == w.domain+"." {
			w.signed.sign(m, name, typ, apex)
		}
		if s.recursor {
			m.Authoritative, m.RecursionAvailable = false, true
		}
	}
	if s.finish != nil {
		s.finish(m, rw.RemoteAddr().Network())
	}
	reply(rw, q, m)
}

func reply(rw dns.ResponseWriter, q, m *dns.Msg) {
	if opt := q.IsEdns0(); opt != nil {
		m.SetEdns0(1232, opt.Do())
	}
	if rw.RemoteAddr().Network() == "udp" {
		m.Truncate(1232)
	}
	_ = rw.WriteMsg(m)
}

// recurse answers what the zones hold, following CNAMEs; signed zones are not validated.
func (w *world) recurse(rw dns.ResponseWriter, q *dns.Msg, zones map[string][]dns.RR) {
	m := new(dns.Msg).SetReply(q)
	m.RecursionAvailable = true
	name, typ := strings.ToLower(q.Question[0].Name), q.Question[0].Qtype
	for range 8 {
		if rcode, ok := w.sick[strings.TrimSuffix(name, ".")]; ok {
			if rcode < 0 {
				return
			}
			m.Rcode = rcode
			break
		}
		apex := ""
		for a := range zones {
			if dns.IsSubDomain(a, name) && len(a) > len(apex) && (typ != dns.TypeDS || a != name) {
				apex = a
			}
		}
		var answer []dns.RR
		switch {
		case apex != "":
			answer, m.Ns, _, m.Rcode, _ = find(zones[apex], apex, name, typ, false)
		default: // names of services without a zone of their own
			answer, m.Ns, _, m.Rcode, _ = find(zones["services."], "services.", name, typ, false)
		}
		m.Answer = append(m.Answer, answer...)
		if len(answer) == 0 {
			break
		}
		alias, ok := answer[len(answer)-1].(*dns.CNAME)
		if !ok || typ == dns.TypeCNAME {
			break
		}
		name = strings.ToLower(alias.Target)
	}
	reply(rw, q, m)
}

// serve starts a handler over what the server speaks, on one port.
func serve(t *testing.T, s *nsServer, handler dns.HandlerFunc) string {
	t.Helper()
	answer := handler
	if s.silent {
		answer = func(dns.ResponseWriter, *dns.Msg) {}
	}
	for range 20 {
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := packets.LocalAddr().String()
		stream, err := net.Listen("tcp", address)
		if err != nil {
			packets.Close()
			continue
		}
		if s.noUDP {
			packets.Close()
		} else {
			launch(t, &dns.Server{PacketConn: packets, Handler: answer})
		}
		if s.noTCP {
			stream.Close()
		} else {
			launch(t, &dns.Server{Listener: stream, Handler: answer})
		}
		return address
	}
	t.Fatal("no port is free for UDP and TCP")
	return ""
}

func launch(t *testing.T, s *dns.Server) {
	started := make(chan struct{})
	s.NotifyStartedFunc = func() { close(started) }
	go func() { _ = s.ActivateAndServe() }()
	<-started
	t.Cleanup(func() { _ = s.Shutdown() })
}

// certificate is one of the world's authority, with its root.
func (w *world) certificate(t *testing.T) (root []byte, _ tls.Certificate) {
	t.Helper()
	make1 := func(template, parent *x509.Certificate, key *ecdsa.PrivateKey, by crypto.Signer) []byte {
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	rootKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{w.issuer}}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	rootDER := make1(ca, ca, rootKey, rootKey)
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: w.sans, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der := make1(leaf, ca, key, rootKey)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}), tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
