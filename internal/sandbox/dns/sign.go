package dns

import (
	"slices"
	"strings"
	"sync"
	"time"

	wire "github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// How long the signatures of Cloudflare's name servers are good: from a day and
// an hour ago, for clocks that are slow, until two days from now.
const (
	signedSince = 25 * time.Hour
	signedUntil = 48 * time.Hour
	// resign is the age at which a signature that is kept is made anew.
	resign = time.Hour
	keyTTL = 3600
)

// signer signs the answers of one zone at the moment they are asked for, and
// keeps the signatures as long as the zone stands as it is.
type signer struct {
	apex string
	key  *zone.Key
	now  func() time.Time

	mu   sync.Mutex
	kept map[string]signature // by what is signed
}

type signature struct {
	rr *wire.RRSIG
	at time.Time
}

func newSigner(apex string, key *zone.Key) *signer {
	return &signer{apex: apex, key: key, now: time.Now, kept: map[string]signature{}}
}

// dnskey is the record that the zone publishes its key with.
func (s *signer) dnskey() *wire.DNSKEY {
	return &wire.DNSKEY{
		Hdr: header(s.apex, wire.TypeDNSKEY, keyTTL), Flags: zone.KeyFlags, Protocol: 3, Algorithm: zone.Algorithm, PublicKey: s.key.Public,
	}
}

// sign returns the signature of a set. source is the name that holds the set:
// where it is a wildcard, the signature says so by its number of labels
// (RFC 4034 3.1.3) and has the name of the answer.
func (s *signer) sign(set []wire.RR, source string, f ZoneFault) *wire.RRSIG {
	var id strings.Builder
	id.WriteString(source)
	for _, rr := range set {
		id.WriteString("\n" + rr.String())
	}
	id.WriteString(string(f))
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if have, ok := s.kept[id.String()]; ok && now.Sub(have.at) < resign {
		return have.rr
	}
	from, until := now.Add(-signedSince), now.Add(signedUntil)
	if f == SignatureExpired {
		from, until = from.Add(-7*24*time.Hour), until.Add(-7*24*time.Hour)
	}
	rr := &wire.RRSIG{
		Hdr: header(source, wire.TypeRRSIG, set[0].Header().Ttl), Algorithm: zone.Algorithm, KeyTag: s.key.Tag,
		SignerName: wire.Fqdn(s.apex), Inception: uint32(from.Unix()), Expiration: uint32(until.Unix()),
	}
	if err := rr.Sign(s.key.Private, owned(set, source)); err != nil {
		panic(err) // the key fits the algorithm, and the set is not empty
	}
	rr.Hdr.Name = set[0].Header().Name
	if f == SignatureBogus {
		rr.Signature = "AAAA" + rr.Signature[4:]
	}
	s.kept[id.String()] = signature{rr, now}
	return rr
}

// noData is the NSEC record that a compact denial consists of (RFC 9824 3): at
// the name itself, with the types that it has; next to it the name that comes
// first after it. One that does not exist has the type NXNAME.
func (s *signer) noData(name string, n *node, typ uint16, ttl uint32) *wire.NSEC {
	types := []uint16{wire.TypeRRSIG, wire.TypeNSEC}
	if n == nil {
		types = append(types, wire.TypeNXNAME)
	} else {
		for has := range n.sets {
			types = append(types, has)
		}
		if n.flatten != "" {
			types = append(types, wire.TypeA, wire.TypeAAAA)
		}
		// What is denied here is neither there nor under another name.
		types = slices.DeleteFunc(types, func(has uint16) bool { return has == typ && has != wire.TypeNSEC || has == wire.TypeCNAME })
	}
	slices.Sort(types)
	return &wire.NSEC{Hdr: header(name, wire.TypeNSEC, ttl), NextDomain: `\000.` + wire.Fqdn(name), TypeBitMap: slices.Compact(types)}
}

// noCloser is the NSEC record that stands beside an answer out of a wildcard:
// it covers the name that, one label longer than the wildcard's parent, would
// have kept the wildcard from answering (RFC 4035 3.1.3.3), and as little more
// as can be (RFC 4470).
func (s *signer) noCloser(name, wildcard string, ttl uint32) *wire.NSEC {
	above := strings.TrimPrefix(wildcard, "*.")
	labels := strings.Split(strings.TrimSuffix(name, "."+above), ".")
	closer := labels[len(labels)-1]
	before, after := `\000`, `\255` // of a label that cannot be spelt a little smaller and greater
	if len(closer) < 62 && !strings.Contains(closer, `\`) {
		end := len(closer) - 1
		before, after = closer[:end]+string(closer[end]-1)+"~", closer+`\000`
	}
	return &wire.NSEC{
		Hdr: header(before+"."+above, wire.TypeNSEC, ttl), NextDomain: after + "." + wire.Fqdn(above),
		TypeBitMap: []uint16{wire.TypeRRSIG, wire.TypeNSEC},
	}
}
