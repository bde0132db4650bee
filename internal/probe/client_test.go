package probe

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dnsServer serves UDP and TCP on one loopback port until the test ends.
func dnsServer(t *testing.T, handler dns.HandlerFunc) string {
	t.Helper()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", packets.LocalAddr().String())
	if err != nil {
		t.Skip("the port is taken for TCP:", err)
	}
	for _, s := range []*dns.Server{{PacketConn: packets, Handler: handler}, {Listener: listener, Handler: handler}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go func() { _ = s.ActivateAndServe() }()
		<-started
		t.Cleanup(func() { _ = s.Shutdown() })
	}
	return packets.LocalAddr().String()
}

func record(t *testing.T, text string) dns.RR {
	t.Helper()
	rr, err := dns.NewRR(text)
	if err != nil {
		t.Fatal(err)
	}
	return rr
}

func newClient(t *testing.T, c Config) *Client {
	t.Helper()
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Second
	}
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestLookup(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := dnsServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
		asked.Add(1)
		m := new(dns.Msg)
		m.SetReply(q)
		overTCP := w.RemoteAddr().Network() == "tcp"
		switch name := strings.TrimSuffix(q.Question[0].Name, ".acme.example."); name {
		case "found", "end":
			m.Answer = append(m.Answer, record(t, q.Question[0].Name+" 60 A 192.0.2.1"))
		case "nodata":
		case "missing":
			m.Rcode = dns.RcodeNameError
		case "broken":
			m.Rcode = dns.RcodeServerFailure
		case "refused":
			m.Rcode = dns.RcodeRefused
		case "silent":
			return
		case "big":
			if m.Truncated = !overTCP; overTCP {
				m.Answer = append(m.Answer, record(t, "big.acme.example. 60 A 192.0.2.1"))
			}
		case "cname":
			m.Answer = append(m.Answer, record(t, "cname.acme.example. 60 CNAME end.acme.example."))
		case "loop":
			m.Answer = append(m.Answer, record(t, "loop.acme.example. 60 CNAME pool.acme.example."))
		case "pool":
			m.Answer = append(m.Answer, record(t, "pool.acme.example. 60 CNAME loop.acme.example."))
		case "forged":
			bad := m.Copy()
			bad.Id++
			bad.Answer = append(bad.Answer, record(t, "forged.acme.example. 60 A 203.0.113.9"))
			_ = w.WriteMsg(bad)
			m.Answer = append(m.Answer, record(t, "forged.acme.example. 60 A 192.0.2.1"))
		case "oldserver":
			if q.IsEdns0() != nil {
				m.Rcode = dns.RcodeFormatError
				break
			}
			m.Answer = append(m.Answer, record(t, "oldserver.acme.example. 60 A 192.0.2.1"))
		}
		_ = w.WriteMsg(m)
	})
	closed, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := closed.LocalAddr().String()
	closed.Close()
	c := newClient(t, Config{Resolvers: []string{dead, server}, Timeout: 2 * time.Second})
	for name, want := range map[string]LookupStatus{
		"found": Found, "nodata": NoData, "missing": NXDomain, "broken": ServFail, "refused": Refused, "silent": TimedOut,
		"big": Found, "cname": Found, "loop": BadAnswer, "forged": Found, "oldserver": Found,
	} {
		t.Run(name, func(t *testing.T) {
			a := c.Lookup(t.Context(), name+".Acme.Example.", TypeA)
			if a.Status != want {
				t.Fatalf("status %s (%s), want %s", a.Status, a.Detail, want)
			}
			if want == Found && (len(a.Records) != 1 || a.Records[0].Address != netip.MustParseAddr("192.0.2.1")) {
				t.Errorf("records %+v", a.Records)
			}
		})
	}
	before := asked.Load()
	c.Lookup(t.Context(), "found.acme.example", TypeA)
	if asked.Load() != before {
		t.Error("a cached answer was asked again")
	}
	c.Lookup(Fresh(t.Context()), "found.acme.example", TypeA)
	c.Flush()
	c.Lookup(t.Context(), "found.acme.example", TypeA)
	if got := asked.Load() - before; got != 2 {
		t.Errorf("%d queries after Fresh and Flush, want 2", got)
	}
	if a := newClient(t, Config{Resolvers: []string{dead}}).Lookup(t.Context(), "x.example", TypeA); a.Status != NotReached {
		t.Errorf("dead resolver: %s", a.Status)
	}
}

// One caller who gives up takes nothing from the others, and one query serves all.
func TestLookupShared(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	arrived, release := make(chan struct{}, 9), make(chan struct{})
	server := dnsServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
		asked.Add(1)
		arrived <- struct{}{}
		<-release
		m := new(dns.Msg)
		m.SetReply(q)
		m.Answer = append(m.Answer, record(t, "a.example. 60 A 192.0.2.1"))
		_ = w.WriteMsg(m)
	})
	c := newClient(t, Config{Resolvers: []string{server}, Timeout: 30 * time.Second})
	ctx, cancel := context.WithCancel(t.Context())
	first, second := make(chan Answer, 1), make(chan Answer, 1)
	go func() { first <- c.Lookup(ctx, "a.example", TypeA) }()
	<-arrived
	go func() { second <- c.Lookup(t.Context(), "a.example", TypeA) }()
	for waiting := 0; waiting < 2; { // until the second has joined
		c.cache.mu.Lock()
		for _, f := range c.cache.flights {
			waiting = f.waiting
		}
		c.cache.mu.Unlock()
	}
	cancel()
	if a := <-first; a.Status != TimedOut {
		t.Errorf("cancelled caller got %s", a.Status)
	}
	close(release)
	if a := <-second; a.Status != Found || asked.Load() != 1 {
		t.Errorf("other caller got %s after %d queries", a.Status, asked.Load())
	}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	var hits atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host) })
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://stranger.test/", http.StatusFound)
	})
	mux.HandleFunc("/cookie", func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("seen"); err != nil {
			http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
			http.Redirect(w, r, "/cookie", http.StatusFound)
		}
	})
	mux.HandleFunc("/bomb", func(w http.ResponseWriter, _ *http.Request) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(make([]byte, 4<<20))
		_ = z.Close()
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(b.Bytes())
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hits.Add(1); mux.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()
	c := newClient(t, Config{AllowedHosts: []string{"acme.example", "*.acme.example"}, ConnectTo: map[string]string{
		"acme.example:80": address, "stranger.test:80": address, "dead.acme.example:80": "127.0.0.1:1",
	}})
	tests := map[string]struct {
		url     string
		failure FailureKind
		status  int
		check   func(x Exchange) bool
	}{
		"plain":   {"http://acme.example/", FailNone, 200, func(x Exchange) bool { return string(x.Body) == "acme.example" }},
		"loop":    {"http://acme.example/loop", FailRedirects, 302, func(x Exchange) bool { return len(x.Hops) == 1 }},
		"cookie":  {"http://acme.example/cookie", FailNone, 200, func(x Exchange) bool { return len(x.Hops) == 2 }},
		"away":    {"http://acme.example/away", FailNone, 302, func(x Exchange) bool { return x.Redirect == "http://stranger.test/" }},
		"bomb":    {"http://acme.example/bomb", FailNone, 200, func(x Exchange) bool { return x.Truncated && len(x.Body) == defaultMaxBody }},
		"refused": {"http://dead.acme.example/", FailRefused, 0, nil},
		"scheme":  {"ftp://acme.example/", FailOther, 0, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			x := c.Fetch(t.Context(), Request{URL: tt.url, FollowRedirects: true})
			if x.Failure != tt.failure || x.Status != tt.status || tt.check != nil && !tt.check(x) {
				t.Errorf("got %s (%s), status %d, %d hops, redirect %q", x.Failure, x.Detail, x.Status, len(x.Hops), x.Redirect)
			}
		})
	}
	before := hits.Load()
	if x := c.Fetch(t.Context(), Request{URL: "http://stranger.test/"}); x.Failure != FailScope || hits.Load() != before {
		t.Errorf("out of scope: %s, %d requests", x.Failure, hits.Load()-before)
	}
	open := newClient(t, Config{})
	var scopeErr *ScopeError
	if err := open.InScope("acme.example", Active); !errors.As(err, &scopeErr) || !strings.Contains(err.Error(), "probe.allowed_hosts") {
		t.Errorf("active without allowed_hosts: %v", err)
	}
}

// authority issues leaves by an intermediate.
type authority struct {
	root, intermediate *x509.Certificate
	key                *ecdsa.PrivateKey
}

func certificate(t *testing.T, template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := func(name string) *x509.Certificate {
		return &x509.Certificate{
			Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-9000 * time.Hour), NotAfter: time.Now().Add(9000 * time.Hour),
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		}
	}
	rootTemplate := ca("root")
	root := certificate(t, rootTemplate, rootTemplate, key, key)
	return authority{root, certificate(t, ca("intermediate"), root, key, key), key}
}

func (a authority) leaf(t *testing.T, name string, from, to time.Duration) *x509.Certificate {
	t.Helper()
	return certificate(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(to),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.intermediate, a.key, a.key)
}

func TestHandshake(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	bundle := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw})
	day := 24 * time.Hour
	good := a.leaf(t, "acme.example", -day, 30*day)
	old := []VersionOutcome{VersionRefused, VersionAccepted, VersionAccepted}
	tests := map[string]struct {
		chain                []*x509.Certificate
		lowest, highest      uint16
		chainFault, nameFlaw bool
		want                 []VersionOutcome // 1.0, 1.2, 1.3
	}{
		"sound":                {chain: []*x509.Certificate{good, a.intermediate}, want: old},
		"expired":              {chain: []*x509.Certificate{a.leaf(t, "acme.example", -9*day, -day), a.intermediate}, want: old},
		"wrong name":           {chain: []*x509.Certificate{a.leaf(t, "other.example", -day, day), a.intermediate}, nameFlaw: true, want: old},
		"missing intermediate": {chain: []*x509.Certificate{good}, chainFault: true, want: old},
		"only 1.0":             {chain: []*x509.Certificate{good, a.intermediate}, lowest: tls.VersionTLS10, highest: tls.VersionTLS10, want: []VersionOutcome{VersionAccepted, VersionRefused, VersionRefused}},
		"only 1.3":             {chain: []*x509.Certificate{good, a.intermediate}, lowest: tls.VersionTLS13, want: []VersionOutcome{VersionRefused, VersionRefused, VersionAccepted}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var raw [][]byte
			for _, c := range tt.chain {
				raw = append(raw, c.Raw)
			}
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: raw, PrivateKey: a.key}}, MinVersion: tt.lowest, MaxVersion: tt.highest}
			server.StartTLS()
			t.Cleanup(server.Close)
			c := newClient(t, Config{CABundle: bundle, ConnectTo: map[string]string{"acme.example:443": server.Listener.Addr().String()}})
			versions := []uint16{tls.VersionTLS10, tls.VersionTLS12, tls.VersionTLS13}
			f := c.Handshake(t.Context(), TLSTarget{Host: "acme.example", Versions: versions})
			if f.Failure != FailNone || (f.ChainError != nil) != tt.chainFault || (f.NameError != nil) != tt.nameFlaw {
				t.Fatalf("failure %q %s, chain %v, name %v", f.Failure, f.Detail, f.ChainError, f.NameError)
			}
			for i, v := range versions {
				if f.Versions[v] != tt.want[i] {
					t.Errorf("%s: %s, want %s", tls.VersionName(v), f.Versions[v], tt.want[i])
				}
			}
		})
	}
	t.Run("reset", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
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
				conn.Close()
			}
		}()
		t.Cleanup(func() { l.Close(); <-done })
		c := newClient(t, Config{ConnectTo: map[string]string{"acme.example:443": l.Addr().String()}})
		f := c.Handshake(t.Context(), TLSTarget{Host: "acme.example", Versions: []uint16{tls.VersionTLS10}})
		if f.Failure != FailReset || f.Versions[tls.VersionTLS10] != VersionInconclusive {
			t.Errorf("%s, %v", f.Failure, f.Versions)
		}
	})
}

func TestConfigErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		config     Config
		field, key string
	}{
		{Config{ConnectTo: map[string]string{"acme:443": "127.0.0.1"}}, "connect_to", "acme:443"},
		{Config{ConnectTo: map[string]string{"acme": "127.0.0.1:1"}}, "connect_to", "acme"},
		{Config{AllowedHosts: []string{"https://acme.example"}}, "allowed_hosts", "https://acme.example"},
		{Config{Resolvers: []string{"127.0.0.1:x"}}, "resolvers", "127.0.0.1:x"},
		{Config{CABundle: []byte("nothing")}, "ca_bundle", ""},
	} {
		_, err := New(tt.config)
		var bad *ConfigError
		if !errors.As(err, &bad) || bad.Field != tt.field || bad.Key != tt.key {
			t.Errorf("%+v: %v", tt.config, err)
		}
	}
}

// Segments of a path that look like tokens are not logged.
func TestPlainPath(t *testing.T) {
	for path, want := range map[string]string{
		"/api/login":                                      "/api/login",
		"/reset/JBSWY3DPEHPK3PXPJBSWY3DPEH":               "/reset/...",
		"/accounts/password-reset-confirm/":               "/accounts/password-reset-confirm/",
		"/x/0f8fad5b-d9cb-469f-a165-70867728":             "/x/...",
		"/invite/abcdefghijklmnopqrstuvwxyzabcdef/accept": "/invite/.../accept",
	} {
		if got := plainPath(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
