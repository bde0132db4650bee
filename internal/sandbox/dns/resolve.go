package dns

import (
	"slices"

	wire "github.com/miekg/dns"
)

// maxChain is how many CNAME records are followed.
const maxChain = 16

// view is what one server, asked by one client, knows and how it answers.
type view struct {
	trees []*tree // it answers from
	all   []*tree // it resolves the targets of flattened names with
	host  Host    // "" for the resolver, which answers from all and knows no referral
	do    bool    // signatures are wanted (RFC 4035 3.2.1)
	co    bool    // a compact denial may say that the name does not exist (RFC 9824 5.1)
}

// fill puts the answer to a question into a reply and returns the fault that
// the name, or one on the way, is to meet.
func (s *Server) fill(reply *wire.Msg, v view, name string, typ uint16) Fault {
	for hop := 0; ; hop++ {
		if f := s.faultOf(name); f != Fine {
			if hop > 0 && f == Refused {
				return ServFail // a resolver does not hand on what it was refused
			}
			return f
		}
		if hop == maxChain {
			return ServFail
		}
		a := s.ask(v, name, typ)
		if hop == 0 {
			reply.Authoritative = a.authoritative
		}
		switch {
		case a.failed:
			return ServFail
		case a.refused && hop == 0:
			return Refused
		case a.refused: // another server has to be asked for the target
			return Fine
		}
		reply.Answer = append(reply.Answer, a.answer...)
		reply.Ns = append(reply.Ns, a.authority...)
		reply.Extra = append(reply.Extra, a.extra...)
		if a.next == "" {
			reply.Rcode = a.rcode
			return Fine
		}
		name = a.next
	}
}

// result is what one zone says to one question.
type result struct {
	rcode         int
	answer        []wire.RR
	authority     []wire.RR
	extra         []wire.RR
	next          string // target of a CNAME to follow
	authoritative bool
	failed        bool
	refused       bool // not a name of the server's
}

// ask answers from the zone that is closest to the name.
func (s *Server) ask(v view, name string, typ uint16) result {
	t := closest(v.trees, name, typ)
	if t == nil {
		if v.host != "" {
			return result{refused: true}
		}
		return nowhere(v.trees, name)
	}
	out := result{authoritative: t.own || v.host != ""}
	n, source, cut := t.find(name)
	if cut != "" && (cut != name || typ != wire.TypeDS && (typ != wire.TypeNS || v.host != "")) {
		if v.host == "" {
			return result{failed: true} // another's name servers would have to be asked; there are none
		}
		return s.referral(v, t, cut)
	}
	if n != nil && s.hides(v.host, name) {
		n, source = nil, name
	}
	switch {
	case typ == wire.TypeANY: // RFC 8482
		out.answer = s.sign(v, t, name, []wire.RR{&wire.HINFO{Hdr: header(name, wire.TypeHINFO, 3789), Cpu: "RFC8482"}})
		return out
	case n == nil:
		return s.deny(v, t, out, name, nil, typ)
	case name == t.apex && s.zoneFault(t.apex, ApexAlias) && (typ == wire.TypeA || typ == wire.TypeAAAA || typ == wire.TypeCNAME):
		n = &node{sets: map[uint16][]wire.RR{wire.TypeCNAME: {&wire.CNAME{Hdr: header(name, wire.TypeCNAME, autoTTL), Target: wire.Fqdn(apexTarget)}}}}
	case n.flatten != "" && (typ == wire.TypeA || typ == wire.TypeAAAA):
		return s.flattened(v, t, n, name, source, typ)
	case typ == wire.TypeNSEC && t.signer != nil:
		out.answer = s.sign(v, t, name, []wire.RR{t.signer.noData(name, n, typ, autoTTL)})
		return out
	}
	set := n.sets[typ]
	if len(set) == 0 && typ != wire.TypeCNAME {
		if alias := n.sets[wire.TypeCNAME]; len(alias) > 0 {
			set, out.next = alias, key(alias[0].(*wire.CNAME).Target)
		}
	}
	if len(set) == 0 {
		return s.deny(v, t, out, name, n, typ)
	}
	return s.grant(v, t, out, s.asServed(v, owned(set, name)), source)
}

// grant answers with a set that is the name's own, or comes out of the wildcard
// that source names.
func (s *Server) grant(v view, t *tree, out result, set []wire.RR, source string) result {
	out.answer = s.sign(v, t, source, set)
	if name := key(set[0].Header().Name); source != name && v.do && t.signer != nil {
		out.authority = s.sign(v, t, "", []wire.RR{t.signer.noCloser(name, source, t.soa().Header().Ttl)})
	}
	return out
}

// deny answers that there is nothing of the type, or of the name: n is nil then.
func (s *Server) deny(v view, t *tree, out result, name string, n *node, typ uint16) result {
	if n == nil {
		out.rcode = wire.RcodeNameError
	}
	soa := t.soa()
	if soa == nil {
		return out
	}
	out.authority = s.sign(v, t, t.apex, s.asServed(v, []wire.RR{soa}))
	if v.do && t.signer != nil {
		if !v.co {
			out.rcode = wire.RcodeSuccess // the type NXNAME says it
		}
		nsec := t.signer.noData(name, n, typ, soa.Header().Ttl)
		out.authority = append(out.authority, s.sign(v, t, name, []wire.RR{nsec})...)
	}
	return out
}

// sign appends the signature to a set where one is wanted and the zone has
// any. source is the name that holds the set; "" is the set's own.
func (s *Server) sign(v view, t *tree, source string, set []wire.RR) []wire.RR {
	if !v.do || t.signer == nil {
		return set
	}
	if source == "" {
		source = key(set[0].Header().Name)
	}
	return append(set, t.signer.sign(set, source, s.signatureFault(t.apex)))
}

// flattened answers with the addresses of the host that the name stands for.
func (s *Server) flattened(v view, t *tree, n *node, name, source string, typ uint16) result {
	out := result{authoritative: t.own || v.host != ""}
	target := n.flatten
	var set []wire.RR
	for range maxChain {
		if s.faultOf(target) != Fine {
			return result{failed: true}
		}
		a := s.ask(view{trees: v.all, all: v.all}, target, typ)
		if a.failed {
			return a
		}
		for _, rr := range a.answer {
			if rr.Header().Rrtype == typ {
				c := wire.Copy(rr)
				c.Header().Ttl = min(c.Header().Ttl, n.flattenTTL)
				set = append(set, c)
			}
		}
		if a.next == "" {
			if len(set) == 0 {
				return s.deny(v, t, out, name, n, typ)
			}
			return s.grant(v, t, out, owned(set, name), source)
		}
		target = a.next
	}
	return result{failed: true}
}

// closest returns the zone with the longest name that holds this one. DS
// belongs to the parent's side (RFC 4035 3.1.4.1) where both are known.
func closest(trees []*tree, name string, typ uint16) *tree {
	var best *tree
	for _, t := range trees {
		if !t.holds(name) || best != nil && len(best.apex) >= len(t.apex) {
			continue
		}
		if typ == wire.TypeDS && t.apex == name && slices.ContainsFunc(trees, func(o *tree) bool { return o != t && o.holds(name) && o.apex != name }) {
			continue
		}
		best = t
	}
	return best
}

// nowhere answers for a name that no zone holds, as the root would: a name
// above a zone exists, all others do not.
func nowhere(trees []*tree, name string) result {
	out := result{rcode: wire.RcodeNameError}
	if slices.ContainsFunc(trees, func(t *tree) bool { return within(t.apex, name) }) {
		out.rcode = wire.RcodeSuccess
	}
	out.authority = []wire.RR{&wire.SOA{
		Hdr: wire.RR_Header{Name: ".", Rrtype: wire.TypeSOA, Class: wire.ClassINET, Ttl: 300},
		Ns:  "a.root-servers.net.", Mbox: "nstld.verisign-grs.com.",
		Serial: 2026010100, Refresh: 1800, Retry: 900, Expire: 604800, Minttl: 300,
	}}
	return out
}

// owned copies records and gives them the name asked for: a wildcard's records
// are the name's own (RFC 4592 3.3.3).
func owned(set []wire.RR, name string) []wire.RR {
	out := make([]wire.RR, 0, len(set))
	for _, rr := range set {
		c := wire.Copy(rr)
		c.Header().Name = wire.Fqdn(name)
		out = append(out, c)
	}
	return out
}

func header(name string, typ uint16, ttl uint32) wire.RR_Header {
	return wire.RR_Header{Name: wire.Fqdn(name), Rrtype: typ, Class: wire.ClassINET, Ttl: ttl}
}
