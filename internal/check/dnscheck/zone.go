package dnscheck

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// delegation is where the domain's zone begins and what the parent says of it.
type delegation struct {
	zone    string   // empty if it could not be found
	parent  string   // the zone above; empty if not known
	servers []string // as the parent names them, sorted; empty if it does not tell
	glue    map[string][]netip.Addr
	at      []probe.NameServer // servers of the parent that answered
	// shared is set where the parent's servers answer for the zone themselves,
	// so that no referral is to be had.
	shared bool
	absent string // why the domain does not exist in its parent
	doubt  string // why the parent's view is not known
}

// maxParents is how many servers of the parent are asked.
const maxParents = 4

// findZone finds the zone that a name is in and how it is delegated. It begins
// at the parent: what is wrong with the zone itself, such as broken DNSSEC,
// keeps a resolver from saying anything about it.
func (s *session) findZone(name string) delegation {
	parent, doubt := s.enclosing(name)
	if parent == "" {
		return s.zoneByResolver(name, doubt)
	}
	d := delegation{parent: parent, glue: map[string][]netip.Addr{}}
	inside, missing := false, false
	servers := s.serversOf(parent)
	answers := make([]probe.ServerAnswer, len(servers))
	parallel(len(servers), maxParents, func(i int) {
		answers[i] = s.prober.AskServer(s.ctx, servers[i], probe.ServerQuestion{Name: name, Type: probe.TypeNS})
	})
	for i, answer := range answers {
		cut, hosts := answer.Referral()
		switch {
		case cut != "" && within(name, cut) && cut != parent && within(cut, parent):
			if d.zone == "" {
				d.zone, d.servers = cut, sorted(hosts)
				d.addGlue(answer)
			}
		case !answer.Authoritative || !answer.Status.Decided():
			doubt = detailOf(answer)
			continue
		case len(answer.Of(name, probe.TypeNS)) > 0:
			d.shared = true
		case answer.Status == probe.NXDomain && len(answer.Answer) == 0:
			missing = true
		default:
			inside = true
		}
		d.at = append(d.at, servers[i])
	}
	switch {
	case d.zone != "":
		d.shared = false
	case d.shared:
		d.zone = name
	case inside && !isSuffix(parent):
		up := s.findZone(parent)
		if up.zone == "" {
			up.zone = parent
		}
		return up
	case inside, missing:
		d.absent = fmt.Sprintf("the servers of %s know no such domain", parent)
	default:
		by := s.zoneByResolver(name, fmt.Sprintf("the servers of %s could not be asked: %s", parent, doubt))
		by.parent = parent
		return by
	}
	return d
}

// addGlue keeps the addresses that a referral brings along.
func (d *delegation) addGlue(answer probe.ServerAnswer) {
	for _, r := range answer.Additional {
		if slices.Contains(d.servers, r.Name) && r.Address.IsValid() {
			d.glue[r.Name] = append(d.glue[r.Name], r.Address)
		}
	}
}

// isSuffix reports whether registries delegate below a name.
func isSuffix(name string) bool {
	suffix, icann := publicsuffix.PublicSuffix(name)
	return name == "." || suffix == name && (icann || !strings.Contains(name, "."))
}

// enclosing returns the nearest zone above a name.
func (s *session) enclosing(name string) (zone, doubt string) {
	for up := name; up != "."; {
		up = parentOf(up)
		answer := s.prober.Lookup(s.ctx, up, probe.TypeNS)
		switch {
		case answer.Status == probe.Found && len(answer.Chain) == 0:
			return up, ""
		case answer.Status == probe.TimedOut || answer.Status == probe.NotReached:
			s.deaf = "the resolver does not answer: " + answer.Undecided() // every further question would be waited for, too
			return "", s.deaf
		case !answer.Status.Decided():
			doubt = answer.Undecided()
		}
	}
	return "", doubt
}

// zoneByResolver is what can be known of a zone without its parent.
func (s *session) zoneByResolver(name, doubt string) delegation {
	if doubt == "" {
		doubt = "no zone above it could be found"
	}
	for up := name; up != "."; up = parentOf(up) {
		answer := s.prober.Lookup(s.ctx, up, probe.TypeNS)
		if answer.Status.Decided() {
			s.deaf = "" // it was one question alone
		}
		if answer.Status == probe.Found && len(answer.Chain) == 0 {
			return delegation{zone: up, doubt: doubt}
		}
		if !answer.Status.Decided() {
			return delegation{doubt: doubt}
		}
	}
	return delegation{doubt: doubt}
}

// serversOf returns the first servers of a zone, at one address each.
func (s *session) serversOf(zone string) []probe.NameServer {
	var out []probe.NameServer
	for _, r := range s.prober.Lookup(s.ctx, zone, probe.TypeNS).Records {
		if len(out) == maxParents {
			break
		}
		if addresses, _, _ := s.addressesOf(r.Host); len(addresses) > 0 {
			out = append(out, probe.NameServer{Host: r.Host, Address: addresses[0]})
		}
	}
	return out
}

// addressesOf returns the addresses of a host as the resolver has them, IPv4
// first, whether a CNAME leads to them, and why they are not all known.
func (s *session) addressesOf(host string) (out []netip.Addr, alias bool, doubt string) {
	for _, typ := range []probe.RecordType{probe.TypeA, probe.TypeAAAA} {
		answer := s.prober.Lookup(s.ctx, host, typ)
		if !answer.Status.Decided() && doubt == "" {
			doubt = answer.Undecided()
		}
		alias = alias || len(answer.Chain) > 0
		for _, r := range answer.Records {
			out = append(out, r.Address)
		}
	}
	return out, alias, doubt
}

// judgeDelegation compares what the parent and the zone say (RFC 1034 4.2.2).
func (s *session) judgeDelegation() {
	d := s.delegation
	v := pass("the parent %s and the zone name the same servers", d.parent)
	var views [][]string
	for _, p := range s.alive {
		answer := s.askAt(p, s.zone(), probe.TypeNS)
		var hosts []string
		for _, r := range answer.Of(s.zone(), probe.TypeNS) {
			hosts = append(hosts, r.Host)
		}
		if len(hosts) > 0 {
			views = append(views, sorted(hosts))
		}
	}
	switch {
	case d.absent != "":
		v = fail("%s", d.absent)
		v.severity = readiness.Critical
	case d.doubt != "":
		v = unclear("%s", d.doubt)
	case len(views) == 0:
		v = unclear("no name server of the zone told its NS records")
	default:
		v = worst(append([]verdict{v}, s.compareServers(views)...))
	}
	subject := s.zone()
	if subject != s.domain && d.absent == "" {
		s.report.Observe("zone", fmt.Sprintf("%s is a name in the zone %s, which is judged", s.domain, subject))
	}
	s.say(ruleDelegation, subject, v)
}

func (s *session) compareServers(views [][]string) []verdict {
	d := s.delegation
	var out []verdict
	only := func(in, other []string) (left []string) {
		for _, host := range in {
			if !slices.Contains(other, host) {
				left = append(left, host)
			}
		}
		return left
	}
	var above, below []string
	for _, view := range views {
		if d.shared {
			below = append(below, only(view, views[0])...)
			above = append(above, only(views[0], view)...)
			continue
		}
		above, below = append(above, only(d.servers, view)...), append(below, only(view, d.servers)...)
	}
	side := "the parent " + d.parent
	if d.shared {
		side = "one server of the zone"
	}
	if len(above) > 0 {
		out = append(out, fail("named by %s and not by the zone: %s", side, enumerate(sorted(above))))
	}
	if len(below) > 0 {
		out = append(out, fail("named by the zone and not by %s: %s", side, enumerate(sorted(below))))
	}
	for _, host := range slices.Sorted(maps.Keys(d.glue)) {
		if !within(host, s.zone()) {
			continue // such addresses are not the parent's to give
		}
		if stale := s.staleGlue(host); len(stale) > 0 {
			out = append(out, fail("the parent's glue for %s is %s, which the zone does not have", host, enumerate(stale)))
		}
	}
	return out
}

// staleGlue returns the addresses that the parent gives for a host of the zone
// and the zone does not. Addresses that the parent leaves out do no harm.
func (s *session) staleGlue(host string) []string {
	var own []netip.Addr
	for _, typ := range []probe.RecordType{probe.TypeA, probe.TypeAAAA} {
		answer := s.ask(host, typ)
		if !answer.Authoritative || !answer.Status.Decided() {
			return nil // a zone below has it, or nobody can say
		}
		for _, r := range answer.Of(host, typ) {
			own = append(own, r.Address)
		}
	}
	var out []netip.Addr
	for _, a := range s.delegation.glue[host] {
		if !slices.Contains(own, a) {
			out = append(out, a)
		}
	}
	return texts(out)
}
