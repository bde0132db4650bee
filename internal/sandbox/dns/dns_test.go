package dns

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	wire "github.com/miekg/dns"
	"go.uber.org/goleak"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func put(z *zone.Zone, records ...zone.Record) {
	_ = z.Update(func(all map[string]zone.Record) error {
		for _, r := range records {
			r.ID = fmt.Sprint(len(all))
			if r.TTL == 0 {
				r.TTL = 1
			}
			all[r.ID] = r
		}
		return nil
	})
}

func start(t *testing.T, zones ...*zone.Zone) *Server {
	t.Helper()
	s, err := Start(Options{Zones: func() []*zone.Zone { return zones }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func exchange(t *testing.T, s *Server, network, name string, typ uint16, edns uint16) (*wire.Msg, error) {
	t.Helper()
	q := new(wire.Msg)
	q.SetQuestion(wire.Fqdn(name), typ)
	if edns > 0 {
		q.SetEdns0(edns, false)
	}
	c := &wire.Client{Net: network, Timeout: 5 * time.Second}
	m, _, err := c.ExchangeContext(t.Context(), q, s.Addr())
	return m, err
}

// show writes an answer as text: rcode, records without TTL, and the owner of
// the SOA record in the authority section.
func show(m *wire.Msg) string {
	out := []string{wire.RcodeToString[m.Rcode]}
	for _, rr := range m.Answer {
		h := rr.Header()
		data := strings.TrimPrefix(rr.String(), h.String())
		out = append(out, strings.TrimSuffix(h.Name, ".")+" "+wire.TypeToString[h.Rrtype]+" "+data)
	}
	slices.Sort(out[1:])
	for _, rr := range m.Ns {
		out = append(out, "SOA of "+rr.Header().Name)
	}
	return strings.Join(out, "; ")
}

// TestEdge holds that proxied names have addresses of Cloudflare's ranges, the
// same ones always, and a TTL of 300 seconds.
func TestEdge(t *testing.T) {
	t.Parallel()
	s := start(t, acme())
	for typ, within := range map[uint16]string{wire.TypeA: "104.16.0.0/13", wire.TypeAAAA: "2606:4700::/32"} {
		seen := map[string]bool{}
		for _, name := range []string{"portal.acme.example", "app.acme.example", "portal.acme.example"} {
			m, err := exchange(t, s, "udp", name, typ, 0)
			if err != nil || len(m.Answer) != 2 {
				t.Fatalf("%s: %v %v", name, m, err)
			}
			for _, rr := range m.Answer {
				text := strings.TrimPrefix(rr.String(), rr.Header().String())
				if !netip.MustParsePrefix(within).Contains(netip.MustParseAddr(text)) || rr.Header().Ttl != 300 {
					t.Errorf("%s: %s", name, rr)
				}
				seen[text] = true
			}
		}
		if len(seen) != 4 {
			t.Errorf("two hosts have %d addresses", len(seen))
		}
	}
	m, err := exchange(t, s, "udp", "portal.acme.example", wire.TypeHTTPS, 0)
	if err != nil || len(m.Answer) != 1 || !strings.Contains(m.Answer[0].String(), "ipv6hint") {
		t.Errorf("generated HTTPS record: %v (%v)", m, err)
	}
}

// TestLive holds that a change of the zone is seen at once.
func TestLive(t *testing.T) {
	t.Parallel()
	z := zone.New("z1", "acme.example", "a1", "free")
	s := start(t, z)
	ask := func() string {
		m, err := exchange(t, s, "udp", "new.acme.example", wire.TypeA, 0)
		if err != nil {
			t.Fatal(err)
		}
		return show(m)
	}
	steps := []string{ask()}
	put(z, zone.Record{Type: "A", Name: "new.acme.example", Content: "192.0.2.1", TTL: 120})
	steps = append(steps, ask())
	_ = z.Update(func(all map[string]zone.Record) error { clear(all); return nil })
	steps = append(steps, ask())
	want := []string{"NXDOMAIN; SOA of acme.example.", "NOERROR; new.acme.example A 192.0.2.1", "NXDOMAIN; SOA of acme.example."}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Error(diff)
	}
}

func TestTruncation(t *testing.T) {
	t.Parallel()
	z := zone.New("z1", "acme.example", "a1", "free")
	for i := range 4 {
		put(z, zone.Record{Type: "TXT", Name: "big.acme.example", Content: fmt.Sprint(i, strings.Repeat("x", 400))})
	}
	put(z, zone.Record{Type: "TXT", Name: "middle.acme.example", Content: strings.Repeat("y", 900)})
	s := start(t, z)
	for _, tc := range []struct {
		network, name string
		edns          uint16
		truncated     bool
		answers       int
	}{
		{"udp", "middle.acme.example", 0, true, 0},
		{"udp", "middle.acme.example", 1232, false, 1},
		{"udp", "big.acme.example", 4096, true, 2}, // 1232 bytes are the most
		{"tcp", "big.acme.example", 0, false, 4},
	} {
		m, err := exchange(t, s, tc.network, tc.name, wire.TypeTXT, tc.edns)
		if err != nil {
			t.Errorf("%+v: %v", tc, err)
			continue
		}
		if m.Truncated != tc.truncated || len(m.Answer) != tc.answers {
			t.Errorf("%+v: truncated %v with %d answers", tc, m.Truncated, len(m.Answer))
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	z := acme()
	s := start(t, z)
	rcode := func(name string, fault Fault) string {
		s.ClearFaults()
		s.SetFault(name, fault)
		m, err := exchange(t, s, "udp", "out.acme.example", wire.TypeA, 0)
		if err != nil {
			return "error"
		}
		if m.Truncated {
			return "truncated"
		}
		return show(m)
	}
	for _, tc := range []struct {
		name  string
		fault Fault
		want  string
	}{
		{"out.acme.example", ServFail, "SERVFAIL"},
		{"OUT.acme.example.", Refused, "REFUSED"},
		{"cdn.partner.example", Refused, "SERVFAIL"},
		{EveryName, ServFail, "SERVFAIL"},
		{"out.acme.example", Truncated, "truncated"},
		{"host.acme.example", ServFail, "NOERROR; cdn.partner.example A 203.0.113.80; out.acme.example CNAME cdn.partner.example."},
	} {
		if got := rcode(tc.name, tc.fault); got != tc.want {
			t.Errorf("%s %s: %s, want %s", tc.name, tc.fault, got, tc.want)
		}
	}
	s.ClearFaults()
	s.SetFault("out.acme.example", Truncated)
	if m, err := exchange(t, s, "tcp", "out.acme.example", wire.TypeA, 0); !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("TCP after truncation: %v %v", m, err)
	}
	s.SetFault("out.acme.example", Timeout)
	for _, network := range []string{"udp", "tcp"} {
		q := new(wire.Msg)
		q.SetQuestion("out.acme.example.", wire.TypeA)
		var timeout net.Error
		c := &wire.Client{Net: network, Timeout: 100 * time.Millisecond}
		if _, _, err := c.ExchangeContext(t.Context(), q, s.Addr()); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%s: %v, want a time-out", network, err)
		}
	}
	s.SetFault("out.acme.example", Fine)
	if m, err := exchange(t, s, "udp", "out.acme.example", wire.TypeA, 0); err != nil || m.Rcode != wire.RcodeSuccess {
		t.Errorf("after the fault: %v %v", m, err)
	}
}

func TestBadQueries(t *testing.T) {
	t.Parallel()
	s := start(t, acme())
	for name, tc := range map[string]struct {
		change func(*wire.Msg)
		rcode  int
	}{
		"another class": {func(q *wire.Msg) { q.Question[0].Qclass = wire.ClassCHAOS }, wire.RcodeRefused},
		"notify":        {func(q *wire.Msg) { q.Opcode = wire.OpcodeNotify }, wire.RcodeNotImplemented},
		"EDNS 1":        {func(q *wire.Msg) { q.SetEdns0(1232, false); q.IsEdns0().SetVersion(1) }, wire.RcodeBadVers},
	} {
		q := new(wire.Msg)
		q.SetQuestion("acme.example.", wire.TypeA)
		tc.change(q)
		m, err := wire.ExchangeContext(t.Context(), q, s.Addr())
		if err != nil || m.Rcode != tc.rcode {
			t.Errorf("%s: %v %v, want %s", name, m, err, wire.RcodeToString[tc.rcode])
		}
	}
}
