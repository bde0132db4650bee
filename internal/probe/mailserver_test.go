package probe

import (
	"bufio"
	"crypto/tls"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// talker is a server that answers each connection with a function.
func talker(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { defer conn.Close(); talk(conn) }()
		}
	}()
	return listener.Addr().String()
}

// noMail takes none.
type noMail struct{ smtp.Session }

func (noMail) NewSession(*smtp.Conn) (smtp.Session, error) { return noMail{}, nil }
func (noMail) Logout() error                               { return nil }
func (noMail) Reset()                                      {}

// greeter is a real server, with STARTTLS if it has a certificate.
func greeter(t *testing.T, certificates ...tls.Certificate) string {
	t.Helper()
	server := smtp.NewServer(noMail{})
	server.Domain = "mx.acme.example"
	if len(certificates) > 0 {
		server.TLSConfig = &tls.Config{Certificates: certificates}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

func TestMailServer(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	issue := func(name string) tls.Certificate {
		return tls.Certificate{Certificate: rawChain(a.leaf(t, name, -time.Hour, time.Hour), a.intermediate), PrivateKey: a.key}
	}
	trusted, foreign := greeter(t, issue("mx.acme.example")), greeter(t, issue("other.example"))
	plain := greeter(t)
	stalls := talker(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) })
	refuses := talker(t, func(c net.Conn) { _, _ = c.Write([]byte("554 no 192.0.2.1 at 12:00\r\n")) })
	hangsUp := talker(t, func(net.Conn) {})
	garbage := talker(t, func(c net.Conn) {
		_, _ = c.Write([]byte("220 hello\r\n"))
		_, _ = bufio.NewReader(c).ReadString('\n')
		_, _ = c.Write([]byte("250-" + strings.Repeat("x", 2000) + "\r\n250 STARTTLS\r\n"))
		_, _ = bufio.NewReader(c).ReadString('\n')
		_, _ = c.Write([]byte("220 go\r\nnot tls at all\r\n"))
	})
	client, err := New(Config{
		CABundle: pemOf(a.root), Timeout: time.Second,
		ConnectTo: map[string]string{
			"mx.acme.example:25": trusted, "foreign.acme.example:25": foreign, "plain.acme.example:25": plain, "stalls.acme.example:25": stalls,
			"refuses.acme.example:25": refuses, "hangsup.acme.example:25": hangsUp, "garbage.acme.example:25": garbage, "closed.acme.example:25": "127.0.0.1:1",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]struct {
		failure           FailureKind
		greeted, startTLS bool
	}{
		"mx": {FailNone, true, true}, "foreign": {FailNone, true, true}, "plain": {FailOther, true, false}, "stalls": {FailTimeout, false, false},
		"refuses": {FailOther, false, false}, "hangsup": {FailReset, false, false}, "garbage": {FailReset, true, true}, "closed": {FailRefused, false, false},
	} {
		facts := client.MailServer(t.Context(), host+".acme.example", netip.Addr{})
		if facts.Failure != want.failure || facts.Greeted != want.greeted || facts.StartTLS != want.startTLS {
			t.Errorf("%s: %s (%s), greeted %v, STARTTLS %v", host, facts.Failure, facts.Detail, facts.Greeted, facts.StartTLS)
		}
		if strings.ContainsAny(facts.Detail, "0123456789") {
			t.Errorf("%s: the detail varies: %q", host, facts.Detail)
		}
		if name := facts.NameError != nil; want.failure == FailNone && (name != (host == "foreign") || facts.ChainError != nil) {
			t.Errorf("%s: name %v, chain %v", host, facts.NameError, facts.ChainError)
		}
	}
	narrow, err := New(Config{AllowedHosts: []string{"portal.acme.example"}, ConnectTo: map[string]string{"mx.acme.example:25": trusted}})
	if err != nil {
		t.Fatal(err)
	}
	if facts := narrow.MailServer(t.Context(), "mx.acme.example", netip.Addr{}); facts.Failure != FailScope {
		t.Errorf("a host out of scope was greeted: %+v", facts)
	}
}
