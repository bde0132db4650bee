package dns

import (
	"strings"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// verify checks every set of an answer by the key that the zone publishes and
// returns what is wrong first, or how many sets were right.
func verify(m *wire.Msg, k *wire.DNSKEY) (sets int, problem string) {
	for _, section := range [][]wire.RR{m.Answer, m.Ns} {
		type id struct {
			name string
			typ  uint16
		}
		bySet, signatures := map[id][]wire.RR{}, map[id]*wire.RRSIG{}
		for _, rr := range section {
			h := rr.Header()
			if sig, ok := rr.(*wire.RRSIG); ok {
				signatures[id{h.Name, sig.TypeCovered}] = sig
			} else if h.Rrtype != wire.TypeNS || strings.Count(h.Name, ".") < 3 { // of a delegation: not signed
				bySet[id{h.Name, h.Rrtype}] = append(bySet[id{h.Name, h.Rrtype}], rr)
			}
		}
		for which, set := range bySet {
			sig := signatures[which]
			switch {
			case sig == nil:
				return sets, "no signature of " + which.name + " " + wire.TypeToString[which.typ]
			case !sig.ValidityPeriod(time.Now()):
				return sets, "expired"
			case sig.OrigTtl != set[0].Header().Ttl || sig.SignerName != "acme.example.":
				return sets, "wrong " + sig.String()
			}
			if err := sig.Verify(k, set); err != nil {
				return sets, err.Error()
			}
			sets++
		}
	}
	return sets, ""
}

// TestSignatures verifies answers of every kind with nothing but the DS record
// that the parent has.
func TestSignatures(t *testing.T) {
	t.Parallel()
	z := acme()
	s := start(t, z)
	keys := func() []wire.RR {
		m, err := query(t, s, Primary, question{name: "acme.example", typ: wire.TypeDNSKEY, do: true})
		if err != nil {
			t.Fatal(err)
		}
		return m.Answer
	}
	if got := keys(); len(got) != 0 {
		t.Fatalf("an unsigned zone has %v", got)
	}
	signed(t, z)
	k := keys()[0].(*wire.DNSKEY)
	m, err := query(t, s, Parent, question{name: "acme.example", typ: wire.TypeDS, do: true})
	if err != nil || len(m.Answer) != 1 {
		t.Fatalf("%v %v", m, err)
	}
	if got, want := m.Answer[0].(*wire.DS), k.ToDS(wire.SHA256); !strings.EqualFold(got.Digest, want.Digest) || got.KeyTag != want.KeyTag || got.Algorithm != 13 {
		t.Errorf("DS: %s, of the key: %s", got, want)
	}
	for _, host := range []Host{"", Primary, Secondary} {
		for _, tc := range []struct {
			name string
			typ  uint16
			co   bool
			sets int
			in   string // of the whole answer
		}{
			{"acme.example", wire.TypeDNSKEY, false, 1, ""},
			{"acme.example", wire.TypeSOA, false, 1, ""},
			{"acme.example", wire.TypeTXT, false, 1, ""},
			{"acme.example", wire.TypeANY, false, 1, "RFC8482"},
			{"portal.acme.example", wire.TypeA, false, 1, ""},
			{"portal.acme.example", wire.TypeHTTPS, false, 1, ""},
			{"flat.acme.example", wire.TypeA, false, 1, ""},
			{"in.acme.example", wire.TypeA, false, 1, ""},
			{"any.wild.acme.example", wire.TypeA, false, 2, `anx~.wild.acme.example.	1800	IN	NSEC	any\000.wild.acme.example.`},
			{"two.labels.wild.acme.example", wire.TypeA, false, 2, `labelr~.wild.acme.example.	1800	IN	NSEC	labels\000.wild.acme.example.`},
			{strings.Repeat("x", 63) + ".wild.acme.example", wire.TypeA, false, 2, `\000.wild.acme.example.`},
			{"*.wild.acme.example", wire.TypeA, false, 1, ""},
			{"any.wild.acme.example", wire.TypeTXT, false, 2, "A RRSIG NSEC"},
			{"host.acme.example", wire.TypeMX, false, 2, "A AAAA RRSIG NSEC"},
			{"deep.acme.example", wire.TypeA, false, 2, "NSEC	\\000.deep.acme.example. RRSIG NSEC\n"},
			{"none.acme.example", wire.TypeA, false, 2, "RRSIG NSEC NXNAME"},
			{"none.acme.example", wire.TypeA, true, 2, "status: NXDOMAIN"},
			{"none.acme.example", wire.TypeNSEC, false, 2, "NXNAME"},
			{"host.acme.example", wire.TypeNSEC, false, 1, "A AAAA RRSIG NSEC"},
		} {
			m, err := query(t, s, host, question{name: tc.name, typ: tc.typ, do: true, co: tc.co})
			if err != nil {
				t.Errorf("%s at %s: %v", tc.name, host, err)
				continue
			}
			if sets, problem := verify(m, k); problem != "" || sets != tc.sets || !strings.Contains(m.String(), tc.in) {
				t.Errorf("%s %s at %q: %d sets are right, want %d with %q; %s\n%s", tc.name, wire.TypeToString[tc.typ], host, sets, tc.sets, tc.in, problem, m)
			}
		}
	}
	m, err = query(t, s, "", question{name: "any.wild.acme.example", typ: wire.TypeA, do: true})
	if err != nil || m.Answer[1].(*wire.RRSIG).Labels != 3 {
		t.Errorf("labels of a wildcard's signature: %v %v", m, err)
	}
	if m, err = query(t, s, Primary, question{name: "host.acme.example", typ: wire.TypeA}); err != nil || len(m.Answer) != 1 {
		t.Errorf("signatures that nobody asked for: %v %v", m, err)
	}
}

// TestZoneFaults plays what can be wrong with a zone.
func TestZoneFaults(t *testing.T) {
	t.Parallel()
	z := signed(t, acme())
	s := start(t, z)
	ask := func(host Host, name string, typ uint16) *wire.Msg {
		m, err := query(t, s, host, question{name: name, typ: typ, do: true})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	k := ask(Primary, "acme.example", wire.TypeDNSKEY).Answer[0].(*wire.DNSKEY)
	look := func() string {
		var out []string
		for _, host := range []Host{Primary, Secondary} {
			if _, problem := verify(ask(host, "host.acme.example", wire.TypeA), k); problem != "" {
				out = append(out, problem)
			}
		}
		ds := ask(Parent, "acme.example", wire.TypeDS).Answer[0].(*wire.DS)
		if ds.KeyTag != k.KeyTag() || !strings.EqualFold(ds.Digest, k.ToDS(wire.SHA256).Digest) {
			out = append(out, "foreign")
		}
		if strings.Contains(lines(ask(Parent, "acme.example", wire.TypeNS).Ns), extraHost) {
			out = append(out, "extra")
		}
		if strings.Contains(lines(ask(Secondary, "acme.example", wire.TypeA).Answer), "CNAME") {
			out = append(out, "alias")
		}
		return strings.Join(out, ", ")
	}
	for f, want := range map[ZoneFault]string{
		SignatureExpired: "expired, expired",
		SignatureBogus:   "dns: bad signature, dns: bad signature",
		ForeignDS:        "foreign",
		ExtraServer:      "extra",
		ApexAlias:        "alias",
	} {
		s.SetZoneFault("acme.example", f, true)
		if got := look(); got != want {
			t.Errorf("%s: %q, want %q", f, got, want)
		}
		s.SetZoneFault("acme.example", f, false)
		if got := look(); got != "" {
			t.Errorf("%s left %q behind", f, got)
		}
	}
}

// TestSignaturesAreKept holds that an answer is signed once while its zone
// stands, and again before the signature is old.
func TestSignaturesAreKept(t *testing.T) {
	t.Parallel()
	key, err := zone.NewKey("acme.example")
	if err != nil {
		t.Fatal(err)
	}
	s, now := newSigner("acme.example", key), time.Now()
	s.now = func() time.Time { return now }
	set := []wire.RR{s.dnskey()}
	first := s.sign(set, "acme.example", "")
	if s.sign(set, "acme.example", "") != first || s.sign(set, "acme.example", SignatureBogus) == first {
		t.Error("a signature was not kept, or kept for another")
	}
	now = now.Add(2 * time.Hour)
	if again := s.sign(set, "acme.example", ""); again.Expiration <= first.Expiration {
		t.Error("an old signature was not renewed")
	}
}
