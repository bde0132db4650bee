package probe

import (
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// clock is a time that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

// How long an answer is kept: to the smallest TTL, a negative one to the SOA's
// minimum and five minutes at most, an undecided one not at all.
func TestCacheTimes(t *testing.T) {
	t.Parallel()
	soa := func(ttl, minimum string) string {
		return "acme.example. " + ttl + " SOA ns.acme.example. mail.acme.example. 1 2 3 4 " + minimum
	}
	cname := func(ttl string) string { return "x.acme.example. " + ttl + " CNAME end.acme.example." }
	for name, tt := range map[string]struct {
		rcode   int
		answer  []string
		soa     string
		fresh   time.Duration // still cached after this; 0 = never cached
		expired time.Duration // and not after this
	}{
		"TTL":                            {dns.RcodeSuccess, []string{"x.acme.example. 60 A 192.0.2.1", "x.acme.example. 30 A 192.0.2.2"}, "", 29 * time.Second, 30 * time.Second},
		"TTL of a day":                   {dns.RcodeSuccess, []string{"x.acme.example. 86400 A 192.0.2.1"}, "", time.Hour - time.Second, time.Hour},
		"TTL 0":                          {dns.RcodeSuccess, []string{"x.acme.example. 0 A 192.0.2.1"}, "", 0, 0},
		"TTL 0 of one record":            {dns.RcodeSuccess, []string{"x.acme.example. 60 A 192.0.2.1", "x.acme.example. 0 A 192.0.2.2"}, "", 0, 0},
		"CNAME of TTL 0":                 {dns.RcodeSuccess, []string{cname("0"), "end.acme.example. 60 A 192.0.2.1"}, "", 0, 0},
		"NXDOMAIN, SOA minimum":          {dns.RcodeNameError, nil, soa("3600", "20"), 19 * time.Second, 20 * time.Second},
		"NXDOMAIN, TTL of the SOA":       {dns.RcodeNameError, nil, soa("10", "3600"), 9 * time.Second, 10 * time.Second},
		"NXDOMAIN, cap":                  {dns.RcodeNameError, nil, soa("86400", "86400"), 5*time.Minute - time.Second, 5 * time.Minute},
		"NXDOMAIN, minimum 0":            {dns.RcodeNameError, nil, soa("3600", "0"), 0, 0},
		"NXDOMAIN without SOA":           {dns.RcodeNameError, nil, "", 0, 0},
		"NODATA, cap":                    {dns.RcodeSuccess, nil, soa("86400", "86400"), 5*time.Minute - time.Second, 5 * time.Minute},
		"NODATA without SOA":             {dns.RcodeSuccess, nil, "", 0, 0},
		"CNAME to NXDOMAIN":              {dns.RcodeNameError, []string{cname("3600")}, soa("3600", "20"), 19 * time.Second, 20 * time.Second},
		"short-lived CNAME to NXDOMAIN":  {dns.RcodeNameError, []string{cname("5")}, soa("3600", "3600"), 4 * time.Second, 5 * time.Second},
		"CNAME of a day to NXDOMAIN":     {dns.RcodeNameError, []string{cname("86400")}, soa("86400", "86400"), 5*time.Minute - time.Second, 5 * time.Minute},
		"SERVFAIL":                       {dns.RcodeServerFailure, nil, soa("3600", "3600"), 0, 0},
		"REFUSED":                        {dns.RcodeRefused, nil, soa("3600", "3600"), 0, 0},
		"SERVFAIL with a stale record":   {dns.RcodeServerFailure, []string{"x.acme.example. 60 A 192.0.2.1"}, "", 0, 0},
		"another RCODE":                  {dns.RcodeNotAuth, nil, "", 0, 0},
		"CNAME alone":                    {dns.RcodeSuccess, []string{cname("60")}, "", 59 * time.Second, 60 * time.Second},
		"CNAME to NODATA, SOA's minimum": {dns.RcodeSuccess, []string{cname("3600")}, soa("3600", "20"), 19 * time.Second, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			server := dnsServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
				m := new(dns.Msg)
				m.SetRcode(q, tt.rcode)
				if q.Question[0].Name == "x.acme.example." {
					asked.Add(1)
					for _, text := range tt.answer {
						m.Answer = append(m.Answer, record(t, text))
					}
				}
				if tt.soa != "" {
					m.Ns = append(m.Ns, record(t, tt.soa))
				}
				_ = w.WriteMsg(m)
			})
			now := &clock{now: time.Now()}
			c := newClient(t, Config{Resolvers: []string{server}, Clock: now.Now})
			first := c.Lookup(t.Context(), "x.acme.example", TypeA)
			ask := func() bool {
				before := asked.Load()
				again := c.Lookup(t.Context(), "x.acme.example", TypeA)
				if again.Status != first.Status {
					t.Errorf("%s, then %s", first.Status, again.Status)
				}
				return asked.Load() > before
			}
			if tt.fresh == 0 {
				if !ask() {
					t.Error("an answer that must not be kept was kept")
				}
				return
			}
			now.add(tt.fresh)
			if ask() {
				t.Errorf("asked again after %s", tt.fresh)
			}
			now.add(tt.expired - tt.fresh)
			if !ask() {
				t.Errorf("kept for %s", tt.expired)
			}
		})
	}
}

func TestLookupChains(t *testing.T) {
	t.Parallel()
	zone := map[string][]string{ // each answer holds one step, as of servers of several zones
		"one.a.example.":            {"one.a.example. 60 CNAME two.b.example."},
		"two.b.example.":            {"two.b.example. 60 CNAME Three.C.example."},
		"three.c.example.":          {"three.c.example. 60 A 192.0.2.1", "other.example. 60 A 203.0.113.1"},
		"empty.example.":            {"empty.example. 60 CNAME nodata.example."},
		"dead.example.":             {"dead.example. 60 CNAME gone.example."},
		"sick.example.":             {"sick.example. 60 CNAME broken.example."},
		"self.example.":             {"self.example. 60 CNAME self.example."},
		"stray.example.":            {"other.example. 60 A 203.0.113.1"},
		"xn--bcher-kva.example.":    {"xn--bcher-kva.example. 60 A 192.0.2.7"},
		"_dmarc.xn--fa-hia.example": nil,
	}
	for i := range 20 {
		n := func(i int) string { return "long" + strings.Repeat("g", i) + ".example." }
		zone[n(i)] = []string{n(i) + " 60 CNAME " + n(i+1)}
	}
	server := dnsServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(q)
		name := strings.ToLower(q.Question[0].Name)
		switch name {
		case "gone.example.":
			m.Rcode = dns.RcodeNameError
		case "broken.example.":
			m.Rcode = dns.RcodeServerFailure
		}
		for _, text := range zone[name] {
			m.Answer = append(m.Answer, record(t, text))
		}
		_ = w.WriteMsg(m)
	})
	c := newClient(t, Config{Resolvers: []string{server}})
	for name, tt := range map[string]struct {
		status LookupStatus
		chain  []string
		value  string
	}{
		"one.a.example":                  {Found, []string{"two.b.example", "three.c.example"}, "192.0.2.1"},
		"empty.example":                  {NoData, []string{"nodata.example"}, ""},
		"dead.example":                   {NXDomain, []string{"gone.example"}, ""},
		"sick.example":                   {ServFail, []string{"broken.example"}, ""},
		"self.example":                   {BadAnswer, []string{"self.example"}, ""},
		"stray.example":                  {NoData, nil, ""},
		"BÜCHER.example.":                {Found, nil, "192.0.2.7"},
		"bücher。example":                 {Found, nil, "192.0.2.7"},
		"xn--bcher-kva.example":          {Found, nil, "192.0.2.7"},
		"a..example":                     {BadAnswer, nil, ""},
		"":                               {BadAnswer, nil, ""},
		strings.Repeat("a", 64) + ".com": {BadAnswer, nil, ""},
	} {
		a := c.Lookup(t.Context(), name, TypeA)
		value := ""
		if len(a.Records) == 1 {
			value = a.Records[0].Value
		}
		if a.Status != tt.status || value != tt.value || cmp.Diff(tt.chain, a.Chain) != "" || len(a.Records) > 1 {
			t.Errorf("%s: %s (%s), chain %v, records %v", name, a.Status, a.Detail, a.Chain, a.Records)
		}
		if a.Status.Decided() != (a.Detail == "") {
			t.Errorf("%s: %s says %q", name, a.Status, a.Detail)
		}
	}
	if a := c.Lookup(t.Context(), "long.example", TypeA); a.Status != BadAnswer || len(a.Chain) > maxChain+1 {
		t.Errorf("long chain: %s after %d", a.Status, len(a.Chain))
	}
	if a := c.Lookup(t.Context(), "one.a.example", TypeCNAME); a.Status != Found || a.Records[0].Host != "two.b.example" || a.Chain != nil {
		t.Errorf("CNAME itself: %+v", a)
	}
}

// udpOnly serves one handler over UDP; nothing listens on the port for TCP.
func udpOnly(t *testing.T, handler dns.HandlerFunc) string {
	t.Helper()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	s := &dns.Server{PacketConn: packets, Handler: handler, NotifyStartedFunc: func() { close(started) }}
	go func() { _ = s.ActivateAndServe() }()
	<-started
	t.Cleanup(func() { _ = s.Shutdown() })
	return packets.LocalAddr().String()
}

// A truncated answer is none: part of a record set must not decide anything.
func TestTruncatedWithoutTCP(t *testing.T) {
	t.Parallel()
	server := udpOnly(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(q)
		m.Truncated = true
		m.Answer = append(m.Answer, record(t, q.Question[0].Name+" 60 A 192.0.2.1"))
		_ = w.WriteMsg(m)
	})
	a := newClient(t, Config{Resolvers: []string{server}, Timeout: time.Second}).Lookup(t.Context(), "big.example", TypeA)
	if a.Status.Decided() || len(a.Records) != 0 || !strings.Contains(a.Undecided(), "TCP") || strings.Contains(a.Undecided(), a.Name) {
		t.Errorf("%s (%s), %d records", a.Status, a.Undecided(), len(a.Records))
	}
}

// A resolver that says no for good does not take the second chance from one
// whose packet was lost.
func TestSecondRound(t *testing.T) {
	t.Parallel()
	refuses := udpOnly(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetRcode(q, dns.RcodeRefused)
		_ = w.WriteMsg(m)
	})
	var asked atomic.Int64
	forgets := udpOnly(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(q)
		m.Answer = append(m.Answer, record(t, q.Question[0].Name+" 60 A 192.0.2.1"))
		if asked.Add(1) > 1 {
			_ = w.WriteMsg(m)
		}
	})
	a := newClient(t, Config{Resolvers: []string{refuses, forgets}, Timeout: 2 * time.Second}).Lookup(t.Context(), "a.example", TypeA)
	if a.Status != Found || asked.Load() != 2 {
		t.Errorf("%s (%s) after %d queries", a.Status, a.Detail, asked.Load())
	}
}

// What callers put after a name does not say the name again.
func TestUndecided(t *testing.T) {
	t.Parallel()
	for status, want := range map[LookupStatus]string{
		ServFail: "SERVFAIL", Refused: "REFUSED", TimedOut: "no answer in time", NotReached: "no resolver could be reached",
	} {
		detail := "the resolver answered for a.example"
		if status == NotReached {
			detail = want
		}
		if got := (Answer{Name: "a.example", Status: status, Detail: detail}).Undecided(); got != want {
			t.Errorf("%s: %q, want %q", status, got, want)
		}
	}
}
