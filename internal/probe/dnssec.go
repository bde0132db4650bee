package probe

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// SignatureOutcome is what the signatures over one set of records are worth.
type SignatureOutcome string

const (
	SignatureValid       SignatureOutcome = "valid"
	SignatureExpired     SignatureOutcome = "expired"
	SignatureNotYet      SignatureOutcome = "not_yet_valid"
	SignatureBogus       SignatureOutcome = "bogus"       // it does not verify by any key of the zone
	SignatureMissing     SignatureOutcome = "missing"     // there is none
	SignatureUnsupported SignatureOutcome = "unsupported" // of an algorithm that is not known here
	SignatureUnknown     SignatureOutcome = "unknown"     // the server did not answer, or not for this zone
)

// ZoneSecurity is the DNSSEC of a zone as one of its servers shows it (RFC 4035 5).
type ZoneSecurity struct {
	Status LookupStatus // of the question for DNSKEY
	Detail string       // where it is not decided
	Keys   int          // keys of the zone
	DS     []DSFact     // of each DS record, in the order given
	Sets   []SignedSet  // the DNSKEY set first, then those of the questions
}

// DSFact is a DS record of the parent and whether a key answers to it.
type DSFact struct {
	Supported bool // algorithm and digest are known here
	Matched   bool
}

// SignedSet is one set of records and its signatures' worth. A negative answer
// is the set of the records that deny it.
type SignedSet struct {
	Name    string
	Type    RecordType
	Outcome SignatureOutcome
}

// ZoneSecurity implements NameServerProber.
func (c *Client) ZoneSecurity(ctx context.Context, server NameServer, zone string, ds []Record, questions []ServerQuestion) ZoneSecurity {
	m, err := c.askServer(ctx, server, ServerQuestion{Name: zone, Type: TypeDNSKEY}, true)
	answer := toServerAnswer(m, err, dns.TypeDNSKEY)
	out := ZoneSecurity{Status: answer.Status, Detail: answer.Detail}
	if !answer.Status.Decided() {
		return out
	}
	z := zoneKeys{zone: plainName(zone), now: c.config.Clock()}
	for _, rr := range m.Answer {
		if key, ok := rr.(*dns.DNSKEY); ok && plainName(key.Hdr.Name) == z.zone && key.Flags&dns.ZONE != 0 && key.Flags&dns.REVOKE == 0 {
			z.keys = append(z.keys, key)
		}
	}
	out.Keys = len(z.keys)
	entry := z.keys // the keys that may sign the key set
	if len(ds) > 0 {
		out.DS, entry = z.match(ds)
	}
	if out.Keys > 0 {
		out.Sets = append(out.Sets, SignedSet{z.zone, TypeDNSKEY, z.judge(m.Answer, entry, z.zone, dns.TypeDNSKEY)})
	}
	silences := 0
	for _, q := range questions {
		outcome := SignatureUnknown
		if silences < securityPatience {
			var silent bool
			if outcome, silent = c.signedSet(ctx, server, z, q); silent {
				silences++
			} else {
				silences = 0
			}
		}
		out.Sets = append(out.Sets, SignedSet{plainName(q.Name), q.Type, outcome})
	}
	return out
}

// securityPatience is how many questions in a row a server may leave unanswered
// before it is asked for no more signatures.
const securityPatience = 3

// zoneKeys are the keys of a zone, to verify by.
type zoneKeys struct {
	zone string
	keys []*dns.DNSKEY
	now  time.Time
}

// match finds the keys that DS records stand for (RFC 4035 5.2).
func (z zoneKeys) match(ds []Record) (facts []DSFact, entry []*dns.DNSKEY) {
	for _, record := range ds {
		var fact DSFact
		rr, err := dns.NewRR(dns.Fqdn(z.zone) + " 0 IN DS " + record.Value)
		if d, ok := rr.(*dns.DS); err == nil && ok {
			fact.Supported = supportedAlgorithm(d.Algorithm) && (d.DigestType == dns.SHA1 || d.DigestType == dns.SHA256 || d.DigestType == dns.SHA384)
			for _, key := range z.keys {
				if !fact.Supported || key.KeyTag() != d.KeyTag || key.Algorithm != d.Algorithm {
					continue
				}
				if made := key.ToDS(d.DigestType); made != nil && strings.EqualFold(made.Digest, d.Digest) {
					fact.Matched = true
					entry = append(entry, key)
				}
			}
		}
		facts = append(facts, fact)
	}
	return facts, entry
}

// signedSet asks a question with signatures and judges those of every set in
// the answer that the zone itself must have signed; the worst counts.
func (c *Client) signedSet(ctx context.Context, server NameServer, z zoneKeys, q ServerQuestion) (worst SignatureOutcome, silent bool) {
	m, err := c.askServer(ctx, server, q, true)
	if err != nil || !m.Authoritative || m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
		kind, _ := classify(err)
		return SignatureUnknown, err != nil && kind == FailTimeout // a referral, or no answer
	}
	section := m.Answer
	if len(section) == 0 {
		section = m.Ns // what denies the name or type
		if z.unproven(section) {
			return SignatureMissing, false
		}
	}
	type set struct {
		name string
		typ  uint16
	}
	worst = SignatureUnknown
	seen := map[set]bool{}
	for _, rr := range section {
		s := set{plainName(rr.Header().Name), rr.Header().Rrtype}
		if s.typ == dns.TypeRRSIG || seen[s] || s.name != z.zone && !strings.HasSuffix(s.name, "."+z.zone) || z.foreign(section, s.name, s.typ) || made(section, s.name, s.typ) {
			continue
		}
		seen[s] = true
		o := z.judge(section, z.keys, s.name, s.typ)
		if o == SignatureMissing && c.belowCut(ctx, server, z.zone, s.name) {
			continue
		}
		if worst == SignatureUnknown || outcomeRank(o) > outcomeRank(worst) {
			worst = o
		}
	}
	return worst, false
}

// unproven reports whether the zone denies a name or type without a record that
// proves it (RFC 4035 3.1.3): the signed SOA record alone is believed by nobody.
func (z zoneKeys) unproven(authority []dns.RR) bool {
	denied := false
	for _, rr := range authority {
		switch rr.(type) {
		case *dns.NSEC, *dns.NSEC3:
			return false
		case *dns.SOA:
			denied = denied || plainName(rr.Header().Name) == z.zone
		}
	}
	return denied && len(z.keys) > 0
}

// made reports whether a CNAME was made from a DNAME above it, whose signature
// stands for both (RFC 6672 5.3.1).
func made(section []dns.RR, name string, typ uint16) bool {
	for _, rr := range section {
		if typ == dns.TypeCNAME && rr.Header().Rrtype == dns.TypeDNAME && strings.HasSuffix(name, "."+plainName(rr.Header().Name)) {
			return true
		}
	}
	return false
}

// belowCut reports whether a name is in a zone below that the same server
// serves: one that is not signed shows in no other way.
func (c *Client) belowCut(ctx context.Context, server NameServer, zone, name string) bool {
	for up := name; up != zone && up != ""; _, up, _ = strings.Cut(up, ".") {
		m, err := c.askServer(ctx, server, ServerQuestion{Name: up, Type: TypeSOA}, false)
		if a := toServerAnswer(m, err, dns.TypeSOA); len(a.Of(up, TypeSOA)) > 0 || !a.Authoritative {
			return true
		}
	}
	return false
}

// foreign reports whether a set is signed by a zone below, which the same
// server serves, or belongs to one that is not signed.
func (z zoneKeys) foreign(section []dns.RR, name string, typ uint16) bool {
	for _, rr := range section {
		switch rr := rr.(type) {
		case *dns.RRSIG:
			if signer := plainName(rr.SignerName); plainName(rr.Hdr.Name) == name && rr.TypeCovered == typ {
				return strings.HasSuffix(signer, "."+z.zone)
			}
		case *dns.SOA:
			if apex := plainName(rr.Hdr.Name); apex == name && apex != z.zone {
				return true
			}
		}
	}
	return false
}

// judge returns what the signatures over one set are worth: the best counts, as
// a validator needs one that holds (RFC 4035 5.3.3).
func (z zoneKeys) judge(section []dns.RR, keys []*dns.DNSKEY, name string, typ uint16) SignatureOutcome {
	var set []dns.RR
	var signatures []*dns.RRSIG
	for _, rr := range section {
		if plainName(rr.Header().Name) != name {
			continue
		}
		if sig, ok := rr.(*dns.RRSIG); ok && sig.TypeCovered == typ {
			signatures = append(signatures, sig)
		} else if rr.Header().Rrtype == typ {
			rr = dns.Copy(rr)
			rr.Header().Name = dns.CanonicalName(rr.Header().Name) // the library compares as written
			set = append(set, rr)
		}
	}
	best := SignatureMissing
	for i, sig := range signatures {
		if o := z.judgeOne(sig, keys, set); i == 0 || outcomeRank(o) < outcomeRank(best) {
			best = o
		}
	}
	return best
}

func (z zoneKeys) judgeOne(sig *dns.RRSIG, keys []*dns.DNSKEY, set []dns.RR) SignatureOutcome {
	if !supportedAlgorithm(sig.Algorithm) {
		return SignatureUnsupported
	}
	verified := false
	for _, key := range keys {
		if key.KeyTag() != sig.KeyTag || key.Algorithm != sig.Algorithm {
			continue
		}
		if shortRSA(key) {
			return SignatureUnsupported
		}
		verified = verified || sig.Verify(key, set) == nil
	}
	switch {
	case !verified:
		return SignatureBogus
	case sig.ValidityPeriod(z.now):
		return SignatureValid
	case int32(uint32(z.now.Unix())-sig.Inception) < 0: // RFC 4034 3.1.5: serial number arithmetic
		return SignatureNotYet
	default:
		return SignatureExpired
	}
}

// outcomeRank orders outcomes from the best to the worst. One that cannot be
// judged may be good, so it stands before those that are known to be bad.
func outcomeRank(o SignatureOutcome) int {
	for i, known := range []SignatureOutcome{SignatureValid, SignatureUnsupported, SignatureUnknown, SignatureExpired, SignatureNotYet, SignatureBogus} {
		if o == known {
			return i
		}
	}
	return 6
}

// supportedAlgorithm reports whether signatures of an algorithm can be verified.
func supportedAlgorithm(algorithm uint8) bool {
	switch algorithm {
	case dns.RSASHA1, dns.RSASHA1NSEC3SHA1, dns.RSASHA256, dns.RSASHA512, dns.ECDSAP256SHA256, dns.ECDSAP384SHA384, dns.ED25519:
		return true
	}
	return false
}

// shortRSA reports whether a key is of RSA with less than 1024 bits, which
// crypto/rsa refuses to verify by.
func shortRSA(key *dns.DNSKEY) bool {
	switch key.Algorithm {
	case dns.RSASHA1, dns.RSASHA1NSEC3SHA1, dns.RSASHA256, dns.RSASHA512:
		return base64.StdEncoding.DecodedLen(len(key.PublicKey)) < 128
	}
	return false
}
