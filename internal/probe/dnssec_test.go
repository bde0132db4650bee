package probe

import (
	"crypto"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// signing is a zone key with which tests sign.
type signing struct {
	key     *dns.DNSKEY
	private crypto.Signer
}

func newSigning(t *testing.T, flags uint16, algorithm uint8, bits int) signing {
	t.Helper()
	key := &dns.DNSKEY{Hdr: dns.RR_Header{Name: "acme.example.", Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 3600}, Flags: flags, Protocol: 3, Algorithm: algorithm}
	private, err := key.Generate(bits)
	if err != nil {
		t.Fatal(err)
	}
	return signing{key, private.(crypto.Signer)}
}

func (s signing) sign(t *testing.T, set []dns.RR, from, to time.Time) *dns.RRSIG {
	t.Helper()
	h := set[0].Header()
	sig := &dns.RRSIG{
		Hdr:       dns.RR_Header{Name: h.Name, Rrtype: dns.TypeRRSIG, Class: dns.ClassINET, Ttl: h.Ttl},
		Algorithm: s.key.Algorithm, KeyTag: s.key.KeyTag(), SignerName: "acme.example.", OrigTtl: h.Ttl,
		Inception: uint32(from.Unix()), Expiration: uint32(to.Unix()),
	}
	if err := sig.Sign(s.private, set); err != nil {
		t.Fatal(err)
	}
	return sig
}

func TestZoneSecurity(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	from, to := now.Add(-time.Hour), now.Add(time.Hour)
	for name, algorithm := range map[string]struct {
		code uint8
		bits int
	}{"RSA": {dns.RSASHA256, 1024}, "ECDSA": {dns.ECDSAP256SHA256, 256}, "Ed25519": {dns.ED25519, 256}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ksk, zsk := newSigning(t, dns.ZONE|dns.SEP, algorithm.code, algorithm.bits), newSigning(t, dns.ZONE, algorithm.code, algorithm.bits)
			stranger := newSigning(t, dns.ZONE, algorithm.code, algorithm.bits)
			keys := []dns.RR{ksk.key, zsk.key}
			a := []dns.RR{record(t, "a.acme.example. 60 A 192.0.2.1"), record(t, "a.acme.example. 60 A 192.0.2.2")}
			soa := []dns.RR{record(t, "acme.example. 60 SOA ns1.acme.example. mail.acme.example. 7 1 1 1 60")}
			nsec := []dns.RR{record(t, "gone.acme.example. 60 NSEC \\000.gone.acme.example. RRSIG NSEC")}
			wild := []dns.RR{record(t, "*.acme.example. 60 A 192.0.2.9")}
			expanded := dns.Copy(wild[0])
			expanded.Header().Name = "any.acme.example."
			wildSig := zsk.sign(t, wild, from, to)
			wildSig.Hdr.Name = "any.acme.example."
			below := []dns.RR{record(t, "x.sub.acme.example. 60 A 192.0.2.1")}
			type answer struct {
				records, authority []dns.RR
				referral           bool
			}
			answers := map[string]answer{ // by the first label
				"good":     {records: append(rename(a, "good"), rename1(zsk.sign(t, rename(a, "good"), from, to)))},
				"old":      {records: append(rename(a, "old"), zsk.sign(t, rename(a, "old"), from, now.Add(-time.Second)))},
				"early":    {records: append(rename(a, "early"), zsk.sign(t, rename(a, "early"), now.Add(time.Second), to))},
				"forged":   {records: append(rename(a, "forged")[:1], zsk.sign(t, rename(a, "forged"), from, to))},
				"stranger": {records: append(rename(a, "stranger"), stranger.sign(t, rename(a, "stranger"), from, to))},
				"bare":     {records: rename(a, "bare")},
				"two":      {records: append(rename(a, "two"), zsk.sign(t, rename(a, "two"), from, now.Add(-time.Second)), zsk.sign(t, rename(a, "two"), from, to))},
				"later":    {records: append(rename(a, "later"), later(zsk.sign(t, rename(a, "later"), from, to)))},
				"any":      {records: []dns.RR{expanded, wildSig}},
				"gone":     {authority: append(slices.Concat(soa, nsec), zsk.sign(t, soa, from, to), zsk.sign(t, nsec, from, to))},
				"undenied": {authority: soa},
				"alias":    {records: append([]dns.RR{record(t, "alias.acme.example. 60 CNAME x.host.test."), record(t, "x.host.test. 60 A 192.0.2.1")}, zsk.sign(t, []dns.RR{record(t, "alias.acme.example. 60 CNAME x.host.test.")}, from, to))},
				"x":        {records: below}, // of a zone below that is not signed
				"cut":      {referral: true, authority: []dns.RR{record(t, "cut.acme.example. 60 NS ns.host.test.")}},
			}
			at := dnsServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
				m := new(dns.Msg).SetReply(q)
				m.Authoritative = true
				label, _, _ := strings.Cut(q.Question[0].Name, ".")
				found := answers[label]
				switch {
				case q.Question[0].Qtype == dns.TypeDNSKEY:
					m.Answer = append(slices.Clone(keys), ksk.sign(t, keys, from, to))
				case q.Question[0].Qtype == dns.TypeSOA && strings.HasPrefix(q.Question[0].Name, "sub."):
					m.Answer = []dns.RR{record(t, "sub.acme.example. 60 SOA ns1.acme.example. mail.acme.example. 1 1 1 1 60")}
				case q.Question[0].Qtype == dns.TypeSOA:
				default:
					m.Answer, m.Ns, m.Authoritative = found.records, found.authority, !found.referral
				}
				_ = w.WriteMsg(m)
			})
			server, config := nameServerAt(t, at)
			config.Clock, config.Timeout = func() time.Time { return now }, 5*time.Second
			c := newClient(t, config)
			ds := func(k signing, digest uint8) Record { return toRecord(k.key.ToDS(digest)) }
			unknownDigest := ds(ksk, dns.SHA256)
			unknownDigest.Value = strings.Replace(unknownDigest.Value, " 2 ", " 99 ", 1)
			var questions []ServerQuestion
			want := map[string]SignatureOutcome{
				"good.acme.example": SignatureValid, "old.acme.example": SignatureExpired, "early.acme.example": SignatureNotYet, "forged.acme.example": SignatureBogus,
				"stranger.acme.example": SignatureBogus, "bare.acme.example": SignatureMissing, "two.acme.example": SignatureValid, "later.acme.example": SignatureUnsupported,
				"any.acme.example": SignatureValid, "gone.acme.example": SignatureValid, "undenied.acme.example": SignatureMissing, "alias.acme.example": SignatureValid,
				"x.sub.acme.example": SignatureUnknown, "cut.acme.example": SignatureUnknown,
			}
			for name := range want {
				questions = append(questions, ServerQuestion{Name: name, Type: TypeA})
			}
			z := c.ZoneSecurity(t.Context(), server, "acme.example", []Record{ds(ksk, dns.SHA256), ds(stranger, dns.SHA256), unknownDigest}, questions)
			if z.Keys != 2 || len(z.DS) != 3 || !z.DS[0].Matched || z.DS[1].Matched || !z.DS[1].Supported || z.DS[2].Supported || z.Sets[0].Outcome != SignatureValid {
				t.Errorf("%+v", z)
			}
			for _, set := range z.Sets[1:] {
				if set.Outcome != want[set.Name] {
					t.Errorf("%s: %s, want %s", set.Name, set.Outcome, want[set.Name])
				}
			}
			// The keys must be signed by the one that the parent vouches for.
			if z := c.ZoneSecurity(t.Context(), server, "acme.example", []Record{ds(zsk, dns.SHA1)}, nil); !z.DS[0].Matched || z.Sets[0].Outcome != SignatureBogus {
				t.Errorf("the DS of a key that does not sign the keys: %+v", z)
			}
		})
	}
}

// What another implementation has signed verifies: within its time, and no longer.
func TestZoneSecurityOfBIND(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"rsa", "ecdsa", "ed25519"} {
		f, err := os.Open("testdata/signed-" + name + ".zone")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var zone []dns.RR
		var ds []Record
		parser := dns.NewZoneParser(f, "acme.example.", "")
		for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
			if rr.Header().Rrtype == dns.TypeDS {
				ds = append(ds, toRecord(rr))
			} else {
				zone = append(zone, rr)
			}
		}
		if err := parser.Err(); err != nil {
			t.Fatal(err)
		}
		var questions []ServerQuestion
		for _, rr := range zone {
			q := ServerQuestion{Name: plainName(rr.Header().Name), Type: RecordType(dns.TypeToString[rr.Header().Rrtype])}
			if q.Type != "RRSIG" && q.Type != TypeDNSKEY && !strings.HasPrefix(q.Name, "*") && !slices.Contains(questions, q) {
				questions = append(questions, q)
			}
		}
		questions = append(questions, ServerQuestion{Name: "any.cust.acme.example", Type: TypeA}) // by the wildcard
		at := dnsServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetReply(q)
			m.Authoritative = true
			asked := strings.ToLower(q.Question[0].Name)
			owner := strings.Replace(asked, "any.cust.", "*.cust.", 1)
			for _, rr := range zone {
				sig, isSig := rr.(*dns.RRSIG)
				if strings.EqualFold(rr.Header().Name, owner) && (rr.Header().Rrtype == q.Question[0].Qtype || isSig && sig.TypeCovered == q.Question[0].Qtype) {
					rr = dns.Copy(rr)
					if owner != asked {
						rr.Header().Name = q.Question[0].Name
					}
					m.Answer = append(m.Answer, rr)
				}
			}
			_ = w.WriteMsg(m)
		})
		for date, want := range map[string]SignatureOutcome{"2026-12-31": SignatureNotYet, "2027-01-15": SignatureValid, "2027-02-02": SignatureExpired} {
			now, err := time.Parse(time.DateOnly, date)
			if err != nil {
				t.Fatal(err)
			}
			server, config := nameServerAt(t, at)
			config.Clock, config.Timeout = func() time.Time { return now }, 5*time.Second
			z := newClient(t, config).ZoneSecurity(t.Context(), server, "acme.example", ds, questions)
			if z.Keys != 2 || len(ds) == 0 || !z.DS[0].Matched || len(z.Sets) < 12 {
				t.Errorf("%s: %+v", name, z)
			}
			for _, set := range z.Sets {
				if set.Outcome != want {
					t.Errorf("%s on %s: %s %s is %s, want %s", name, date, set.Name, set.Type, set.Outcome, want)
				}
			}
		}
	}
}

// rename gives records another first label.
func rename(set []dns.RR, label string) []dns.RR {
	var out []dns.RR
	for _, rr := range set {
		rr = dns.Copy(rr)
		rr.Header().Name = label + ".acme.example."
		out = append(out, rr)
	}
	return out
}

// rename1 writes the owner of a signature in capitals, which means nothing.
func rename1(sig *dns.RRSIG) *dns.RRSIG {
	sig.Hdr.Name = strings.ToUpper(sig.Hdr.Name)
	return sig
}

// later makes a signature one of an algorithm that nobody knows yet.
func later(sig *dns.RRSIG) *dns.RRSIG {
	sig.Algorithm = 200
	return sig
}

// A server that drops what is signed is waited for a few times, not for every
// question.
func TestZoneSecurityOfSilence(t *testing.T) {
	t.Parallel()
	key := newSigning(t, dns.ZONE|dns.SEP, dns.ECDSAP256SHA256, 256)
	now := time.Now()
	at := dnsServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.Authoritative = true
		if q.Question[0].Qtype != dns.TypeDNSKEY {
			return
		}
		keys := []dns.RR{key.key}
		m.Answer = append(keys, key.sign(t, keys, now.Add(-time.Hour), now.Add(time.Hour)))
		_ = w.WriteMsg(m)
	})
	server, config := nameServerAt(t, at)
	config.Timeout = 200 * time.Millisecond
	questions := make([]ServerQuestion, 60)
	for i := range questions {
		questions[i] = ServerQuestion{Name: strings.Repeat("x", i+1) + ".acme.example", Type: TypeA}
	}
	began := time.Now()
	z := newClient(t, config).ZoneSecurity(t.Context(), server, "acme.example", []Record{toRecord(key.key.ToDS(dns.SHA256))}, questions)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %s", took)
	}
	if len(z.Sets) != 61 || z.Sets[0].Outcome != SignatureValid || z.Sets[60].Outcome != SignatureUnknown {
		t.Errorf("%+v", z)
	}
}
