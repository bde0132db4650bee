package dns

import (
	"slices"

	wire "github.com/miekg/dns"
)

// maxChain is how many CNAME records are followed.
const maxChain = 16

// fill puts the answer to a question into a reply and returns the fault that
// the name, or one on the way, is to meet.
func (s *Server) fill(reply *wire.Msg, name string, typ uint16) Fault {
	trees := s.trees()
	if typ == wire.TypeANY { // RFC 8482
		reply.Answer = []wire.RR{&wire.HINFO{
			Hdr: header(name, wire.TypeHINFO, 3789), Cpu: "RFC8482",
		}}
		return s.faultOf(name)
	}
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
		a := s.ask(trees, name, typ)
		if hop == 0 {
			reply.Authoritative = a.authoritative
		}
		if a.failed {
			return ServFail
		}
		reply.Answer = append(reply.Answer, a.answer...)
		if a.next == "" {
			reply.Rcode, reply.Ns = a.rcode, a.authority
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
	next          string // target of a CNAME to follow
	authoritative bool
	failed        bool
}

// ask answers from the zone that is closest to the name.
func (s *Server) ask(trees []*tree, name string, typ uint16) result {
	t := closest(trees, name, typ)
	if t == nil {
		return nowhere(trees, name)
	}
	out := result{authoritative: t.own}
	negative := func(rcode int) result {
		out.rcode = rcode
		if soa := t.soa(); soa != nil {
			out.authority = []wire.RR{soa}
		}
		return out
	}
	n, cut := t.find(name)
	if cut != "" && (cut != name || typ != wire.TypeNS && typ != wire.TypeDS) {
		// Another's name servers would have to be asked; there are none.
		return result{failed: true}
	}
	if n == nil {
		return negative(wire.RcodeNameError)
	}
	if n.flatten != "" && (typ == wire.TypeA || typ == wire.TypeAAAA) {
		return s.flattened(trees, t, n, name, typ)
	}
	set := n.sets[typ]
	if len(set) == 0 && typ != wire.TypeCNAME {
		if alias := n.sets[wire.TypeCNAME]; len(alias) > 0 {
			set, out.next = alias, key(alias[0].(*wire.CNAME).Target)
		}
	}
	if len(set) == 0 {
		return negative(wire.RcodeSuccess)
	}
	out.answer = owned(set, name)
	return out
}

// flattened answers with the addresses of the host that the name stands for.
func (s *Server) flattened(trees []*tree, t *tree, n *node, name string, typ uint16) result {
	out := result{authoritative: t.own}
	target := n.flatten
	for range maxChain {
		if s.faultOf(target) != Fine {
			return result{failed: true}
		}
		a := s.ask(trees, target, typ)
		if a.failed {
			return a
		}
		for _, rr := range a.answer {
			if rr.Header().Rrtype == typ {
				c := wire.Copy(rr)
				c.Header().Ttl = min(c.Header().Ttl, n.flattenTTL)
				out.answer = append(out.answer, c)
			}
		}
		if a.next == "" {
			if out.answer = owned(out.answer, name); len(out.answer) == 0 {
				out.authority = []wire.RR{t.soa()}
			}
			return out
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
