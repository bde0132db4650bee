package dnscheck

import (
	"crypto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// sign makes the client's zone a signed one, with a DS record at the parent.
func (w *world) sign() *signer {
	key := &dns.DNSKEY{
		Hdr:   dns.RR_Header{Name: w.domain + ".", Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 3600},
		Flags: dns.ZONE | dns.SEP, Protocol: 3, Algorithm: dns.ECDSAP256SHA256,
	}
	private, err := key.Generate(256)
	if err != nil {
		panic(err)
	}
	w.signed = &signer{key: key, private: private.(crypto.Signer), from: time.Now().Add(-time.Hour), to: time.Now().Add(time.Hour)}
	w.zones[0] += key.ToDS(dns.SHA256).String() + "\n"
	return w.signed
}

// sign puts the key, denials and signatures into an answer.
func (s *signer) sign(m *dns.Msg, name string, typ uint16, apex string) {
	if typ == dns.TypeDNSKEY && name == apex && m.Rcode == dns.RcodeSuccess {
		m.Answer, m.Ns = []dns.RR{s.key}, nil
	}
	if m.Authoritative && len(m.Answer) == 0 { // compact denial (RFC 9824)
		m.Rcode = dns.RcodeSuccess
		m.Ns = append(slices.Clone(m.Ns), &dns.NSEC{
			Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeNSEC, Class: dns.ClassINET, Ttl: 300}, NextDomain: `\000.` + name, TypeBitMap: []uint16{dns.TypeRRSIG, dns.TypeNSEC},
		})
	}
	if m.Authoritative {
		m.Answer = append(m.Answer, s.over(m.Answer, apex)...)
		m.Ns = append(m.Ns, s.over(m.Ns, apex)...)
	}
}

func (s *signer) over(section []dns.RR, apex string) []dns.RR {
	var out []dns.RR
	done := map[string]bool{}
	for _, rr := range section {
		h := rr.Header()
		id := strings.ToLower(h.Name) + dns.TypeToString[h.Rrtype]
		if done[id] || !dns.IsSubDomain(apex, h.Name) {
			continue
		}
		done[id] = true
		var set []dns.RR
		for _, other := range section {
			if other.Header().Rrtype == h.Rrtype && strings.EqualFold(other.Header().Name, h.Name) {
				set = append(set, other)
			}
		}
		sig := &dns.RRSIG{
			Hdr:       dns.RR_Header{Name: h.Name, Rrtype: dns.TypeRRSIG, Class: dns.ClassINET, Ttl: h.Ttl},
			Algorithm: s.key.Algorithm, KeyTag: s.key.KeyTag(), SignerName: apex, OrigTtl: h.Ttl,
			Inception: uint32(s.from.Unix()), Expiration: uint32(s.to.Unix()),
		}
		if err := sig.Sign(s.private, set); err != nil {
			panic(err)
		}
		if s.spoil != nil {
			if sig = s.spoil(sig, set); sig == nil {
				continue
			}
		}
		out = append(out, sig)
	}
	return out
}

func TestDNSSEC(t *testing.T) {
	t.Parallel()
	const bogus = "dns.dnssec_bogus acme.example "
	for name, tt := range map[string]struct {
		change func(w *world, s *signer)
		want   []string
	}{
		"expired":       {func(_ *world, s *signer) { s.to = time.Now().Add(-time.Minute) }, []string{bogus + "fail"}},
		"not yet valid": {func(_ *world, s *signer) { s.from, s.to = time.Now().Add(time.Hour), time.Now().Add(2*time.Hour) }, []string{bogus + "fail"}},
		"one expired": {func(_ *world, s *signer) {
			s.spoil = func(sig *dns.RRSIG, set []dns.RR) *dns.RRSIG {
				if sig.TypeCovered == dns.TypeMX {
					sig.Inception, sig.Expiration = 1, 2
					_ = sig.Sign(s.private, set)
				}
				return sig
			}
		}, []string{bogus + "fail"}},
		"forged": {func(_ *world, s *signer) {
			s.spoil = func(sig *dns.RRSIG, _ []dns.RR) *dns.RRSIG {
				if sig.TypeCovered == dns.TypeA {
					sig.OrigTtl++
				}
				return sig
			}
		}, []string{bogus + "fail"}},
		"missing": {func(_ *world, s *signer) {
			s.spoil = func(sig *dns.RRSIG, _ []dns.RR) *dns.RRSIG {
				if sig.TypeCovered == dns.TypeSOA {
					return nil
				}
				return sig
			}
		}, []string{bogus + "fail"}},
		"denied without proof": {func(w *world, _ *signer) {
			w.servers["45.0.0.2"].finish = func(m *dns.Msg, _ string) {
				m.Ns = slices.DeleteFunc(m.Ns, func(rr dns.RR) bool {
					sig, ok := rr.(*dns.RRSIG)
					return rr.Header().Rrtype == dns.TypeNSEC || ok && sig.TypeCovered == dns.TypeNSEC
				})
			}
		}, []string{bogus + "fail"}},
		"made from a DNAME": {func(w *world, s *signer) {
			w.add("old.acme.example. 300 DNAME acme.example.\n")
			w.spec.Records = append(w.spec.Records, Record{Name: "www.old.acme.example", Type: "CNAME", Content: "www.acme.example"})
			for _, address := range []string{"45.0.0.1", "45.0.0.2"} {
				w.servers[address].finish = func(m *dns.Msg, _ string) {
					if m.Question[0].Name == "www.old.acme.example." {
						dname := parse("old.acme.example. 300 DNAME acme.example.\n")
						m.Rcode, m.Ns = dns.RcodeSuccess, nil
						m.Answer = slices.Concat(dname, s.over(dname, "acme.example."), parse("www.old.acme.example. 300 CNAME www.acme.example.\n"))
					}
				}
			}
		}, []string{}},
		"owners in other letters": {func(w *world, _ *signer) {
			w.servers["45.0.0.2"].finish = func(m *dns.Msg, _ string) {
				for i := 0; i < len(m.Answer); i += 2 {
					m.Answer[i] = dns.Copy(m.Answer[i])
					m.Answer[i].Header().Name = strings.ToUpper(m.Answer[i].Header().Name)
				}
			}
		}, []string{}},
		"another key": {func(w *world, _ *signer) { w.sign() }, []string{}}, // two DS records, one of them of the key: sound
		"DS of another key": {func(w *world, s *signer) {
			w.replace(0, s.key.ToDS(dns.SHA256).String(), "acme.example. 3600 DS 1 13 2 0000000000000000000000000000000000000000000000000000000000000000")
		}, []string{bogus + "fail"}},
		"DS without keys":       {func(w *world, _ *signer) { w.signed = nil }, []string{bogus + "fail"}},
		"keys without DS":       {func(w *world, s *signer) { w.replace(0, s.key.ToDS(dns.SHA256).String(), "") }, []string{unsigned}},
		"an algorithm of later": {func(w *world, s *signer) { w.replace(0, " 13 2 ", " 200 2 ") }, []string{bogus + "inconclusive"}},
		"a resolver that refuses": {func(w *world, s *signer) {
			w.sick["acme.example"] = dns.RcodeServerFailure
			s.to = time.Now().Add(-time.Minute)
		}, []string{bogus + "fail", "tls.caa_mismatch acme.example inconclusive", "tls.caa_missing acme.example inconclusive"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.spec.Hosts = []string{"acme.example"}
			w.spec.Expected = nil
			tt.change(w, w.sign())
			result := execute(t, w.start(t), w.spec)
			var got []string
			for _, line := range against(result) {
				if strings.HasPrefix(line, "dns.dnssec") || strings.HasPrefix(line, "tls.") {
					got = append(got, line)
				}
			}
			if diff := cmp.Diff(tt.want, append([]string{}, got...)); diff != "" {
				t.Errorf("(-want +got)\n%s%s", diff, explain(result))
			}
		})
	}
}
