package dns

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// signed is a zone with DNSSEC whose parent knows its key.
func signed(t *testing.T, z *zone.Zone) *zone.Zone {
	t.Helper()
	if err := errors.Join(z.SetDNSSEC(true), z.PublishDS(true)); err != nil {
		t.Fatal(err)
	}
	return z
}

// question is one query, with all that a server may be sent.
type question struct {
	name    string
	typ     uint16
	network string // default udp
	do, co  bool
}

// query asks a host, or with "" the resolver.
func query(t *testing.T, s *Server, host Host, q question) (*wire.Msg, error) {
	t.Helper()
	m := new(wire.Msg)
	m.SetQuestion(wire.Fqdn(q.name), q.typ)
	m.RecursionDesired = false
	m.SetEdns0(1232, q.do)
	m.IsEdns0().SetCo(q.co)
	addr := s.Addr()
	if host != "" {
		addr = s.hosts[host]
	}
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	reply, _, err := (&wire.Client{Net: q.network}).ExchangeContext(ctx, m, addr)
	return reply, err
}

// lines are records without TTL, signatures and the data of SOA.
func lines(sets ...[]wire.RR) string {
	var out []string
	for _, rr := range slices.Concat(sets...) {
		switch rr.Header().Rrtype {
		case wire.TypeOPT, wire.TypeRRSIG:
		case wire.TypeSOA:
			out = append(out, rr.Header().Name+" SOA")
		default:
			out = append(out, rr.Header().Name+" "+wire.TypeToString[rr.Header().Rrtype]+" "+strings.TrimPrefix(rr.String(), rr.Header().String()))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

// TestAuthority holds what each server says of what is its own, and that it
// says nothing of the rest.
func TestAuthority(t *testing.T) {
	t.Parallel()
	z := signed(t, acme())
	pending := zone.New("z2", "new.co.uk", "a1", "free")
	pending.SetStatus(zone.Pending)
	put(pending, zone.Record{Type: "A", Name: "new.co.uk", Content: "192.0.2.9"})
	s := start(t, z, pending)
	const glue = "ada.ns.cloudflare.com. A 173.245.58.100; bob.ns.cloudflare.com. A 173.245.59.100"
	delegation := "acme.example. NS ada.ns.cloudflare.com.; acme.example. NS bob.ns.cloudflare.com."
	ds := strings.TrimPrefix(z.DNSSEC().Key.DS("acme.example"), "acme.example. 3600 IN DS ")
	for _, tc := range []struct {
		host Host
		name string
		typ  uint16
		do   bool
		want string
	}{
		{Parent, "portal.acme.example", wire.TypeA, false, "NOERROR authority " + delegation + " glue " + glue},
		{Parent, "acme.example", wire.TypeNS, false, "NOERROR authority " + delegation + " glue " + glue},
		{Parent, "acme.example", wire.TypeA, true, "NOERROR authority acme.example. DS " + ds + "; " + delegation + " glue " + glue},
		{Parent, "acme.example", wire.TypeDS, false, "NOERROR AA answer acme.example. DS " + ds},
		{Parent, "example", wire.TypeNS, false, "NOERROR AA answer example. NS ns1.nic.example."},
		{Parent, "ns1.nic.co.uk", wire.TypeA, false, "NOERROR AA answer ns1.nic.co.uk. A 192.5.6.30"},
		{Parent, "new.co.uk", wire.TypeA, false, "NXDOMAIN AA authority co.uk. SOA"},
		{Parent, "x.partner.example", wire.TypeA, false, "NOERROR authority partner.example. NS ns1.partner.example."},
		{Parent, "google.com", wire.TypeA, false, "REFUSED"},
		{Primary, "host.acme.example", wire.TypeA, false, "NOERROR AA answer host.acme.example. A 192.0.2.1"},
		{Secondary, "acme.example", wire.TypeNS, false, "NOERROR AA answer " + delegation + ""},
		{Secondary, "none.acme.example", wire.TypeA, false, "NXDOMAIN AA authority acme.example. SOA"},
		{Primary, "none.acme.example", wire.TypeA, true, `NOERROR AA authority acme.example. SOA; none.acme.example. NSEC \000.none.acme.example. RRSIG NSEC NXNAME`},
		{Primary, "out.acme.example", wire.TypeA, false, "NOERROR AA answer out.acme.example. CNAME cdn.partner.example."},
		{Primary, "flat.acme.example", wire.TypeA, false, "NOERROR AA answer flat.acme.example. A 203.0.113.80"},
		{Primary, "x.sub.acme.example", wire.TypeA, false, "NOERROR authority sub.acme.example. NS ns.elsewhere.example."},
		{Primary, "sub.acme.example", wire.TypeNS, true, `NOERROR authority sub.acme.example. NS ns.elsewhere.example.; sub.acme.example. NSEC \000.sub.acme.example. NS RRSIG NSEC`},
		{Primary, "acme.example", wire.TypeDS, false, "NOERROR AA authority acme.example. SOA"},
		{Primary, "example", wire.TypeNS, false, "REFUSED"},
		{Primary, "cdn.partner.example", wire.TypeA, false, "REFUSED"},
		{Secondary, "new.co.uk", wire.TypeA, false, "NOERROR AA answer new.co.uk. A 192.0.2.9"},
		{"", "new.co.uk", wire.TypeA, false, "NXDOMAIN authority co.uk. SOA"},
		{"", "acme.example", wire.TypeDS, false, "NOERROR answer acme.example. DS " + ds},
		{"", "bob.ns.cloudflare.com", wire.TypeA, false, "NOERROR answer bob.ns.cloudflare.com. A 173.245.59.100"},
	} {
		for _, network := range []string{"udp", "tcp"} {
			m, err := query(t, s, tc.host, question{tc.name, tc.typ, network, tc.do, false})
			if err != nil {
				t.Errorf("%s %s: %v", tc.host, tc.name, err)
				continue
			}
			got := wire.RcodeToString[m.Rcode]
			if m.Authoritative {
				got += " AA"
			}
			for i, section := range [][]wire.RR{m.Answer, m.Ns, m.Extra} {
				if text := lines(section); text != "" {
					got += []string{" answer ", " authority ", " glue "}[i] + text
				}
			}
			if got != tc.want {
				t.Errorf("%s %s %s over %s:\n%s, want\n%s", tc.host, tc.name, wire.TypeToString[tc.typ], network, got, tc.want)
			}
			if m.RecursionAvailable != (tc.host == "") {
				t.Errorf("%s %s: RA is %v", tc.host, tc.name, m.RecursionAvailable)
			}
		}
	}
	for _, want := range []string{
		"ada.ns.cloudflare.com 173.245.58.100", "bob.ns.cloudflare.com 173.245.59.100", "ns1.nic.example 192.5.6.30", "ns1.nic.co.uk 192.5.6.30",
	} {
		if !slices.ContainsFunc(s.NameServers(), func(ns NameServer) bool { return ns.Name+" "+ns.Address == want && ns.Listens != "" }) {
			t.Errorf("%s is not among %+v", want, s.NameServers())
		}
	}
}

// TestHostFaults plays every fault of one server, sees it there, and nothing
// of it at the other nor after its end.
func TestHostFaults(t *testing.T) {
	t.Parallel()
	s := start(t, acme())
	ask := func(host Host, network string, typ uint16) string {
		m, err := query(t, s, host, question{name: "host.acme.example", typ: typ, network: network})
		var timeout net.Error
		switch {
		case errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, os.ErrDeadlineExceeded):
			return "silent"
		case err != nil:
			return "closed"
		}
		return show(m)
	}
	serial := func(host Host) uint32 {
		m, err := query(t, s, host, question{name: "acme.example", typ: wire.TypeSOA})
		if err != nil || len(m.Answer) != 1 {
			return 0
		}
		return m.Answer[0].(*wire.SOA).Serial
	}
	transfer := func(host Host) int {
		q := new(wire.Msg)
		q.SetAxfr("acme.example.")
		messages, err := new(wire.Transfer).In(q, s.hosts[host])
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for m := range messages {
			n += len(m.RR)
		}
		return n
	}
	look := func(host Host) string {
		out := []string{ask(host, "udp", wire.TypeA), ask(host, "tcp", wire.TypeA)}
		if got := serial(host); got != 0 && got != serial(Primary) {
			out = append(out, "old")
		}
		if !strings.Contains(out[1], "silent") && transfer(host) > 20 {
			out = append(out, "transfer")
		}
		return strings.Join(out, ", ")
	}
	const fine = "NOERROR; host.acme.example A 192.0.2.1"
	healthy := fine + ", " + fine
	for _, tc := range []struct {
		set  func(bool)
		want string
	}{
		{func(on bool) { s.SetHostFault(Secondary, Lame, on) }, "REFUSED, REFUSED"},
		{func(on bool) { s.SetHostFault(Secondary, WithoutTCP, on) }, fine + ", closed"},
		{func(on bool) { s.SetHostFault(Secondary, Silent, on) }, "silent, silent"},
		{func(on bool) { s.SetHostFault(Secondary, Stale, on) }, healthy + ", old"},
		{func(on bool) { s.SetHostFault(Secondary, OpenTransfer, on) }, healthy + ", transfer"},
		{func(on bool) { s.Hide(Secondary, map[bool]string{true: "host.acme.example"}[on]) }, "NXDOMAIN; SOA of acme.example., NXDOMAIN; SOA of acme.example."},
	} {
		tc.set(true)
		if got := look(Secondary); got != tc.want {
			t.Errorf("%s, want %s", got, tc.want)
		}
		if got := ask(Primary, "udp", wire.TypeA) + ", " + ask("", "udp", wire.TypeA); got != healthy {
			t.Errorf("with %s: the others say %s", tc.want, got)
		}
		tc.set(false)
		if got := look(Secondary); got != healthy {
			t.Errorf("after %s: %s", tc.want, got)
		}
	}
}
