package dnscheck

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// targetState is what is known of a name that records point to.
type targetState int

const (
	unknown    targetState = iota
	alive                  // it has an address
	noAddress              // it exists, and has none
	noSuchName             // NXDOMAIN, twice
)

// target is a name that records point to.
type target struct {
	state     targetState
	chain     []string // CNAMEs on the way
	addresses []netip.Addr
	doubt     string
}

// targetOf looks a name up, once a run.
func (s *session) targetOf(name string) target {
	return once(s, s.targets, name, func() target { return s.lookTarget(name) })
}

func (s *session) lookTarget(name string) target {
	out := target{doubt: s.deaf}
	if s.deaf != "" {
		return out
	}
	silent := len(s.alive) == 0 && within(name, s.zone()) // the resolver will not do better for long
	if silent && s.mute.Load() >= patience {
		out.doubt = nobodyAnswers(name)
		return out
	}
	for _, typ := range []probe.RecordType{probe.TypeA, probe.TypeAAAA} {
		answer := s.prober.Lookup(s.ctx, name, typ)
		if answer.Status == probe.NXDomain {
			answer = s.prober.Lookup(probe.Fresh(s.ctx), name, typ) // it may flap
		}
		out.chain = answer.Chain
		if answer.Status == probe.NXDomain {
			end := name
			if len(answer.Chain) > 0 {
				end = answer.Chain[len(answer.Chain)-1]
			}
			if s.exists(end) {
				out.doubt = fmt.Sprintf("%s does not exist for the resolver, and does for its own name servers", end)
				return out
			}
			out.state = noSuchName
			return out
		}
		if !answer.Status.Decided() && out.doubt == "" {
			out.doubt = fmt.Sprintf("%s could not be looked up: %s", name, answer.Undecided())
		}
		switch {
		case silent && answer.Status == probe.TimedOut:
			s.mute.Add(1)
			out.doubt = nobodyAnswers(name)
			return out
		case silent:
			s.mute.Store(0)
		}
		for _, r := range answer.Records {
			out.addresses = append(out.addresses, r.Address)
		}
	}
	switch {
	case len(out.addresses) > 0 && s.invents():
		out.doubt = "the resolver answers for names that do not exist"
	case len(out.addresses) > 0:
		out.state = alive
	case out.doubt == "":
		out.state = noAddress
	}
	return out
}

// nobodyAnswers is the doubt about a name of a zone whose servers are silent: the
// same whether it was waited for or not.
func nobodyAnswers(name string) string {
	return fmt.Sprintf("%s could not be looked up: neither the name servers of the zone nor the resolver answer in time", name)
}

// exists reports whether the name servers of a name's own zone have an answer
// for it. A resolver that filters says NXDOMAIN of what it does not like.
func (s *session) exists(name string) bool {
	for up := name; up != "."; up = parentOf(up) {
		answer := s.prober.Lookup(s.ctx, up, probe.TypeNS)
		if answer.Status != probe.Found || len(answer.Chain) > 0 {
			continue
		}
		for _, ns := range s.serversOf(up) {
			if a := s.prober.AskServer(s.ctx, ns, probe.ServerQuestion{Name: name, Type: probe.TypeA}); a.Status.Decided() {
				return a.Authoritative && len(a.Answer) > 0 // compact denial (RFC 9824) has no NXDOMAIN
			}
		}
		return false // nobody contradicts
	}
	return false
}

// invents reports whether the resolver has an address for a domain that nobody
// has: some send visitors of typing errors to a page of theirs.
func (s *session) invents() bool {
	const nobody = "nobody's domain"
	return once(s, s.targets, nobody, func() target {
		if s.prober.Lookup(s.ctx, randomLabel()+".com", probe.TypeA).Status == probe.Found {
			return target{state: alive}
		}
		return target{}
	}).state == alive
}

// pointer is a record that points to a name.
type pointer struct {
	owner  string
	typ    probe.RecordType
	target string
}

// pointers are those of the listing and of the wire, sorted.
func (s *session) pointers() []pointer {
	var out []pointer
	for _, e := range s.entries {
		if e.target != "" {
			out = append(out, pointer{e.name, e.typ, e.target})
		}
	}
	for _, name := range s.names {
		for _, typ := range s.typesAt(name) {
			answer := s.ask(name, typ)
			for _, r := range answer.Answer {
				if r.Name == name && r.Host != "" {
					out = append(out, pointer{name, r.Type, r.Host})
				}
			}
			if cut, servers := answer.Referral(); cut == name {
				for _, host := range servers {
					out = append(out, pointer{name, probe.TypeNS, host})
				}
			}
		}
	}
	// The zone's own servers are for dns.lame to judge.
	out = slices.DeleteFunc(out, func(p pointer) bool { return p.typ == probe.TypeNS && p.owner == s.zone() })
	slices.SortFunc(out, func(a, b pointer) int {
		return strings.Compare(a.owner+" "+string(a.typ)+" "+a.target, b.owner+" "+string(b.typ)+" "+b.target)
	})
	return slices.Compact(out)
}

// meetTargets looks all targets up, side by side.
func (s *session) meetTargets(pointers []pointer) {
	parallel(len(pointers), atOnce, func(i int) { s.targetOf(pointers[i].target) })
}

// judgeDangling decides whether what records point to is there.
func (s *session) judgeDangling() {
	pointers := s.pointers()
	outcomes := make([]verdict, len(pointers))
	parallel(len(pointers), atOnce, func(i int) { outcomes[i] = s.judgePointer(pointers[i], pointers) })
	byOwner, all := map[string][]verdict{}, map[string]verdict{}
	for i, p := range pointers {
		byOwner[p.owner] = append(byOwner[p.owner], outcomes[i])
	}
	for owner, list := range byOwner {
		all[owner] = worst(list)
	}
	s.sayAll(ruleDangling, all, s.nothingFound("no record points to another name"))
}

// nothingFound is what is said of a rule that found nothing to judge: it does
// not apply, unless nothing could be seen.
func (s *session) nothingFound(text string) verdict {
	switch {
	case s.delegation.absent != "":
		return inapplicable("%s", s.delegation.absent)
	case len(s.alive) == 0 && !s.spec.Listed:
		return unclear("no name server answers for the zone, and no records are given")
	default:
		return inapplicable("%s", text)
	}
}

func (s *session) judgePointer(p pointer, all []pointer) verdict {
	what := fmt.Sprintf("the %s target %s", p.typ, p.target)
	if p.target == "." {
		return pass("the %s record says that there is no such service", p.typ)
	}
	if _, err := netip.ParseAddr(p.target); err == nil {
		return inapplicable("the %s record names an address", p.typ) // see dns.mx_target
	}
	if v, ok := s.claimed[p.owner]; ok && p.typ == probe.TypeCNAME {
		return v
	}
	if p.typ == probe.TypeCNAME && s.isTunnel(p) {
		return pass("the CNAME leads to a tunnel, which the edge finds by itself")
	}
	if p.typ == probe.TypeCNAME {
		if circle := s.circle(p); circle != "" {
			return fail("the CNAMEs of the name lead in a circle: %s", circle)
		}
	}
	found := s.targetOf(p.target)
	end := ""
	if len(found.chain) > 0 {
		end = " (by way of " + found.chain[len(found.chain)-1] + ")"
	}
	service := strings.HasPrefix(p.owner, "_") || strings.Contains(p.owner, "._")
	switch found.state {
	case unknown:
		return unclear("%s", found.doubt)
	case noSuchName:
		if p.typ == probe.TypeCNAME && isValidation(p.owner, p.target) {
			return s.judgeValidation(p)
		}
		return fail("%s does not exist%s", what, end)
	case noAddress:
		if p.typ == probe.TypeCNAME && service {
			return pass("the %s target exists", p.typ) // it leads to text or keys
		}
		if p.typ == probe.TypeCNAME && s.hasOther(p.target) {
			return pass("the %s target has mail or text records", p.typ)
		}
		return fail("%s has no address%s", what, end)
	}
	if p.typ == probe.TypeNS {
		return s.judgeSubzone(p, all)
	}
	return pass("the %s target exists", p.typ)
}

// longestWay is how many CNAMEs are followed within the zone.
const longestWay = 16

// circle tells how the CNAMEs of the zone lead from a name back to one that they
// came by; empty if they do not. The zone's own servers are asked: a resolver
// says of a circle that something failed.
func (s *session) circle(p pointer) string {
	way := []string{p.owner}
	for next := p.target; within(next, s.zone()) && len(way) <= longestWay; {
		way = append(way, next)
		if slices.Contains(way[:len(way)-1], next) {
			return strings.Join(way, " -> ")
		}
		aliases := s.ask(next, probe.TypeCNAME).Of(next, probe.TypeCNAME)
		if len(aliases) == 0 {
			return ""
		}
		next = aliases[0].Host
	}
	return ""
}

// isTunnel reports whether a proxied record leads to a Cloudflare Tunnel: its
// name is known within the edge alone.
func (s *session) isTunnel(p pointer) bool {
	return strings.HasSuffix(p.target, ".cfargotunnel.com") &&
		slices.ContainsFunc(s.entries, func(e entry) bool { return e.name == p.owner && e.proxied })
}

// hasOther reports whether a name without address is there for mail or text:
// return paths and verification names are.
func (s *session) hasOther(name string) bool {
	for _, typ := range []probe.RecordType{probe.TypeMX, probe.TypeTXT} {
		if s.prober.Lookup(s.ctx, name, typ).Status == probe.Found {
			return true
		}
	}
	return false
}

// isValidation reports whether a CNAME is for an authority or a host to validate
// the name by: its target has records only for that time, or none at all.
func isValidation(owner, target string) bool {
	has := func(match func(s, part string) bool, s string, parts ...string) bool {
		return slices.ContainsFunc(parts, func(part string) bool { return match(s, part) })
	}
	return isAzureProof(owner, target) || has(strings.HasPrefix, owner, "_acme-challenge.", "_dnsauth.", "_cf-custom-hostname.") ||
		has(strings.HasSuffix, target, ".acm-validations.aws", ".dv.googlehosted.com") ||
		has(strings.Contains, "."+target, ".dcv.", "dcv-delegation") ||
		strings.HasPrefix(owner, "_") && has(strings.HasSuffix, target, ".comodoca.com", ".sectigo.com")
}

// isAzureProof reports whether a CNAME proves to Microsoft Azure who owns a
// name: asverify.www leads to asverify.account.blob.core.windows.net.
func isAzureProof(owner, target string) bool {
	return slices.ContainsFunc([]string{"asverify.", "awverify.", "cdnverify.", "afdverify."}, func(label string) bool {
		return strings.HasPrefix(owner, label) && strings.HasPrefix(target, label)
	})
}

// judgeValidation decides by the domain of the target, which a stranger could
// register where it does not exist.
func (s *session) judgeValidation(p pointer) verdict {
	domain, err := publicsuffix.EffectiveTLDPlusOne(p.target)
	if err != nil {
		domain = p.target
	}
	switch answer := s.prober.Lookup(s.ctx, domain, probe.TypeSOA); {
	case answer.Status == probe.NXDomain:
		return fail("the CNAME target %s is of a domain that does not exist", p.target)
	case !answer.Status.Decided():
		return unclear("%s could not be looked up: %s", domain, answer.Undecided())
	default:
		return pass("the target is for validation, and its domain exists")
	}
}

// judgeSubzone decides whether one of the servers of a zone below answers for it.
func (s *session) judgeSubzone(p pointer, all []pointer) verdict {
	doubt, said := "", ""
	for _, other := range all {
		if other.owner != p.owner || other.typ != probe.TypeNS {
			continue
		}
		for _, address := range s.targetOf(other.target).addresses {
			answer := s.prober.AskServer(s.ctx, probe.NameServer{Host: other.target, Address: address}, probe.ServerQuestion{Name: p.owner, Type: probe.TypeSOA})
			switch {
			case authoritative(answer, p.owner):
				return pass("a server that the zone below is delegated to answers for it")
			case answer.Rcode == "":
				doubt = fmt.Sprintf("%s: %s", other.target, answer.Detail)
			default:
				said = "none of its name servers answers for the delegated zone"
			}
			break // one address of a server is enough
		}
	}
	if doubt != "" {
		return unclear("%s", doubt)
	}
	return fail("%s", said)
}

// judgeMX decides whether MX records name hosts, rather than aliases of hosts
// or addresses (RFC 2181 10.3).
func (s *session) judgeMX() {
	all := map[string][]verdict{}
	for _, p := range s.pointers() {
		if p.typ != probe.TypeMX {
			continue
		}
		v := pass("the MX records name hosts")
		found := s.targetOf(p.target)
		_, err := netip.ParseAddr(p.target)
		switch {
		case p.target == ".":
			v = inapplicable("the domain accepts no mail")
		case err == nil:
			v = fail("the MX record names the address %s in the place of a host", p.target)
		case found.state == unknown:
			v = unclear("%s", found.doubt)
		case len(found.chain) > 0:
			v = fail("the MX host %s is a CNAME of %s", p.target, found.chain[0])
		case found.state != alive:
			v = inapplicable("the MX host has no address: see dns.dangling")
		case s.prober.Lookup(s.ctx, p.target, probe.TypeCNAME).Status == probe.Found:
			v = fail("the MX host %s is a CNAME", p.target)
		}
		all[p.owner] = append(all[p.owner], v)
	}
	out := map[string]verdict{}
	for owner, list := range all {
		out[owner] = worst(list)
	}
	s.sayAll(ruleMXTarget, out, s.nothingFound("there is no MX record"))
}
