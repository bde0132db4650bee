package probe

import (
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// nameServerAt is a server at an address of the world, led to a handler here.
func nameServerAt(t *testing.T, address string) (NameServer, Config) {
	t.Helper()
	return NameServer{Host: "ns1.acme.example", Address: netip.MustParseAddr("192.0.2.53")},
		Config{ConnectTo: map[string]string{"192.0.2.53:53": address}, Timeout: time.Second}
}

// tcpOnly serves DNS over TCP at an address where UDP is refused.
func tcpOnly(t *testing.T, handler dns.HandlerFunc) string {
	t.Helper()
	stream, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{Listener: stream, Handler: handler}
	started := make(chan struct{})
	server.NotifyStartedFunc = func() { close(started) }
	go func() { _ = server.ActivateAndServe() }()
	<-started
	t.Cleanup(func() { _ = server.Shutdown() })
	return stream.Addr().String()
}

func TestAskServer(t *testing.T) {
	t.Parallel()
	reply := func(change func(m *dns.Msg)) dns.HandlerFunc {
		return func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetReply(q)
			if q.RecursionDesired {
				m.Rcode = dns.RcodeNotImplemented // a name server is asked for what it has
			}
			change(m)
			_ = w.WriteMsg(m)
		}
	}
	soa := "acme.example. 3600 SOA ns1.acme.example. mail.acme.example. 7 1 1 1 1"
	for name, tt := range map[string]struct {
		handler   dns.HandlerFunc
		transport Transport
		tcp       bool // UDP is closed
		status    LookupStatus
		failure   FailureKind
		detail    string
		aa        bool
		serial    uint32
	}{
		"authoritative": {handler: reply(func(m *dns.Msg) { m.Authoritative = true; m.Answer = []dns.RR{record(t, soa)} }), status: Found, aa: true, serial: 7},
		"over TCP":      {handler: reply(func(m *dns.Msg) { m.Authoritative = true; m.Answer = []dns.RR{record(t, soa)} }), transport: TCP, status: Found, aa: true, serial: 7},
		"no UDP":        {handler: reply(func(m *dns.Msg) { m.Answer = []dns.RR{record(t, soa)} }), tcp: true, status: Found, serial: 7},
		"UDP alone":     {handler: reply(func(*dns.Msg) {}), tcp: true, transport: UDP, status: NotReached, failure: FailRefused, detail: "connection refused"},
		"refused":       {handler: reply(func(m *dns.Msg) { m.Rcode = dns.RcodeRefused }), status: Refused, detail: "the server answered REFUSED"},
		"failed":        {handler: reply(func(m *dns.Msg) { m.Rcode = dns.RcodeServerFailure }), status: ServFail, detail: "the server answered SERVFAIL"},
		"no such name":  {handler: reply(func(m *dns.Msg) { m.Rcode = dns.RcodeNameError; m.Authoritative = true }), status: NXDomain, aa: true},
		"nothing":       {handler: reply(func(m *dns.Msg) { m.Authoritative = true }), status: NoData, aa: true},
		"silent":        {handler: func(dns.ResponseWriter, *dns.Msg) {}, status: TimedOut, failure: FailTimeout, detail: "no answer in time"},
		"without EDNS": {handler: func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetReply(q)
			if q.IsEdns0() != nil {
				m.Rcode = dns.RcodeFormatError
			} else {
				m.Answer = []dns.RR{record(t, soa)}
			}
			_ = w.WriteMsg(m)
		}, status: Found, serial: 7},
		"truncated": {handler: func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetReply(q)
			if m.Truncated = w.RemoteAddr().Network() == "udp"; !m.Truncated {
				m.Answer = []dns.RR{record(t, soa)}
			}
			_ = w.WriteMsg(m)
		}, status: Found, serial: 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := ""
			if tt.tcp {
				at = tcpOnly(t, tt.handler)
			} else {
				at = dnsServer(t, tt.handler)
			}
			server, config := nameServerAt(t, at)
			a := newClient(t, config).AskServer(t.Context(), server, ServerQuestion{Name: "Acme.example.", Type: TypeSOA, Transport: tt.transport})
			if a.Status != tt.status || a.Failure != tt.failure || a.Detail != tt.detail || a.Authoritative != tt.aa {
				t.Errorf("%+v", a)
			}
			if got := a.Of("acme.example", TypeSOA); tt.serial != 0 && (len(got) != 1 || got[0].Serial != tt.serial) {
				t.Errorf("%+v", a.Answer)
			}
		})
	}
}

// A referral is told from an empty answer, and glue comes along; duplicates in
// an answer stay.
func TestAskServerSections(t *testing.T) {
	t.Parallel()
	at := dnsServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		switch q.Question[0].Qtype {
		case dns.TypeNS:
			m.Ns = []dns.RR{record(t, "Acme.Example. 60 NS NS1.acme.example."), record(t, "acme.example. 60 NS ns2.host.test.")}
			m.Extra = []dns.RR{record(t, "ns1.acme.example. 60 A 192.0.2.1")}
		case dns.TypeTXT:
			m.Authoritative = true
			m.Ns = []dns.RR{record(t, "acme.example. 60 NS ns1.acme.example.")}
		default:
			m.Answer = []dns.RR{record(t, "acme.example. 60 A 192.0.2.1"), record(t, "acme.example. 60 A 192.0.2.1")}
		}
		_ = w.WriteMsg(m)
	})
	server, config := nameServerAt(t, at)
	c := newClient(t, config)
	a := c.AskServer(t.Context(), server, ServerQuestion{Name: "acme.example", Type: TypeNS})
	cut, hosts := a.Referral()
	if cut != "acme.example" || strings.Join(hosts, " ") != "ns1.acme.example ns2.host.test" || len(a.Additional) != 1 || a.Additional[0].Address.String() != "192.0.2.1" {
		t.Errorf("%q %q %+v", cut, hosts, a.Additional)
	}
	if cut, _ := c.AskServer(t.Context(), server, ServerQuestion{Name: "acme.example", Type: TypeTXT}).Referral(); cut != "" {
		t.Errorf("an answer with authority is taken for a referral to %s", cut)
	}
	if a := c.AskServer(t.Context(), server, ServerQuestion{Name: "acme.example", Type: TypeA}); len(a.Of("acme.example", TypeA)) != 2 {
		t.Errorf("%+v", a.Answer)
	}
}

// Where a name server is reached: its address goes before its name, and that
// before any.
func TestAskServerConnectTo(t *testing.T) {
	t.Parallel()
	right := dnsServer(t, func(w dns.ResponseWriter, q *dns.Msg) { _ = w.WriteMsg(new(dns.Msg).SetReply(q)) })
	server := NameServer{Host: "ns1.acme.example", Address: netip.MustParseAddr("192.0.2.53")}
	const wrong = "127.0.0.1:1"
	for name, to := range map[string]map[string]string{
		"address":                     {"192.0.2.53:53": right, "ns1.acme.example:53": wrong, "*:53": wrong},
		"name":                        {"ns1.acme.example:53": right, "*:53": wrong},
		"any":                         {"*:53": right},
		"the IPv6 address of another": {"[2001:db8::53]:53": wrong, "*:*": right},
	} {
		if a := newClient(t, Config{ConnectTo: to, Timeout: time.Second}).AskServer(t.Context(), server, ServerQuestion{Name: "acme.example", Type: TypeA}); a.Status != NoData {
			t.Errorf("%s: %s (%s)", name, a.Status, a.Detail)
		}
	}
}

// One server is asked a few questions at once, never more.
func TestServerConcurrency(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int64
	at := dnsServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(20 * time.Millisecond)
		now.Add(-1)
		_ = w.WriteMsg(new(dns.Msg).SetReply(q))
	})
	server, config := nameServerAt(t, at)
	config.Timeout = 10 * time.Second
	c := newClient(t, config)
	done := make(chan LookupStatus)
	for range 20 {
		go func() {
			done <- c.AskServer(t.Context(), server, ServerQuestion{Name: "acme.example", Type: TypeA}).Status
		}()
	}
	for range 20 {
		if status := <-done; status != NoData {
			t.Error(status)
		}
	}
	if most.Load() > serverConcurrency {
		t.Errorf("%d questions at once", most.Load())
	}
}

func TestTransfer(t *testing.T) {
	t.Parallel()
	soa := "acme.example. 3600 SOA ns1.acme.example. mail.acme.example. 7 1 1 1 1"
	answer := func(records ...string) dns.HandlerFunc {
		return func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetReply(q)
			for _, text := range records {
				m.Answer = append(m.Answer, record(t, text))
			}
			_ = w.WriteMsg(m)
		}
	}
	for name, tt := range map[string]struct {
		handler dns.HandlerFunc
		want    TransferOutcome
	}{
		"granted": {answer(soa, "www.acme.example. 60 A 192.0.2.1"), TransferGranted},
		"one record a message": {func(w dns.ResponseWriter, q *dns.Msg) {
			answer(soa)(w, q)
			answer("www.acme.example. 60 A 192.0.2.1")(w, q)
		}, TransferGranted},
		"the SOA alone": {func(w dns.ResponseWriter, q *dns.Msg) { answer(soa)(w, q); w.Close() }, TransferRefused},
		"nothing":       {answer(), TransferRefused},
		"hangs up":      {func(w dns.ResponseWriter, _ *dns.Msg) { w.Close() }, TransferRefused},
		"refused": {func(w dns.ResponseWriter, q *dns.Msg) {
			_ = w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeRefused))
		}, TransferRefused},
		"silent": {func(dns.ResponseWriter, *dns.Msg) {}, TransferUndecided},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, config := nameServerAt(t, tcpOnly(t, tt.handler))
			if facts := newClient(t, config).Transfer(t.Context(), server, "acme.example"); facts.Outcome != tt.want {
				t.Errorf("%+v, want %s", facts, tt.want)
			}
		})
	}
	server, config := nameServerAt(t, udpOnly(t, answer()))
	if facts := newClient(t, config).Transfer(t.Context(), server, "acme.example"); facts.Outcome != TransferRefused {
		t.Errorf("no TCP: %+v", facts)
	}
}
