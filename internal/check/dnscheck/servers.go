package dnscheck

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

const (
	maxServers         = 13 // as the root has
	maxServerAddresses = 8
	// serialPause is what a change of the zone is given to reach its last server.
	serialPause = 2 * time.Second
)

// server is a name server of the zone.
type server struct {
	host   string
	points []*point
	alias  bool   // its name is a CNAME
	doubt  string // why its addresses are not all known
}

// point is a name server at one of its addresses, and what it said when it was
// asked for the SOA record over each transport. A point that was silent over
// both is asked nothing else.
type point struct {
	probe.NameServer
	udp, tcp probe.ServerAnswer
	silences atomic.Int32 // questions in a row that were not answered
}

// patience is how many questions in a row a server may leave unanswered before
// it is asked nothing more.
const patience = 6

func (p *point) answersUDP() bool { return p.udp.Rcode != "" }
func (p *point) answersTCP() bool { return p.tcp.Rcode != "" }

// best is the answer that counts: that over UDP, if there was one, unless it
// sends on to TCP, as servers do that limit their rate or distrust addresses.
func (p *point) best() probe.ServerAnswer {
	if p.answersUDP() && !(p.udp.Truncated && p.answersTCP()) {
		return p.udp
	}
	return p.tcp
}

// authoritative reports whether an answer is that of a server of the zone. One
// that has a CNAME at the apex may answer with it in the place of the SOA record.
func authoritative(a probe.ServerAnswer, zone string) bool {
	return a.Authoritative && len(a.Of(zone, probe.TypeSOA))+len(a.Of(zone, probe.TypeCNAME)) > 0
}

// serialOf is the serial of the zone in an answer.
func serialOf(a probe.ServerAnswer, zone string) (serial uint32, ok bool) {
	soa := a.Of(zone, probe.TypeSOA)
	if len(soa) == 0 || !a.Authoritative {
		return 0, false
	}
	return soa[0].Serial, true
}

// meetServers gathers the servers that the parent, the resolver and the zone
// itself name, and asks each at each address whether it is there.
func (s *session) meetServers() {
	if s.delegation.zone == "" {
		return
	}
	hosts := slices.Clone(s.delegation.servers)
	if len(hosts) == 0 {
		for _, r := range s.prober.Lookup(s.ctx, s.zone(), probe.TypeNS).Records {
			hosts = append(hosts, r.Host)
		}
	}
	if len(hosts) == 0 { // the parent's servers are all that is known of
		for _, ns := range s.delegation.at {
			hosts = append(hosts, ns.Host)
		}
	}
	s.meet(sorted(hosts))
	var named []string
	for _, p := range s.alive {
		for _, r := range s.askAt(p, s.zone(), probe.TypeNS).Of(s.zone(), probe.TypeNS) {
			if !slices.Contains(hosts, r.Host) {
				named = append(named, r.Host)
			}
		}
	}
	s.meet(sorted(named))
	for _, server := range s.servers {
		for _, p := range server.points {
			s.report.Observe("name server "+server.host+" "+p.Address.String(), describePoint(p, s.zone()))
		}
	}
}

func describePoint(p *point, zone string) string {
	told := func(a probe.ServerAnswer) string {
		serial, ok := serialOf(a, zone)
		switch {
		case ok:
			return fmt.Sprintf("serial %d", serial)
		case a.Detail != "":
			return a.Detail
		case a.Truncated:
			return "to be asked over TCP"
		default:
			return a.Rcode + " without SOA or authority"
		}
	}
	return "UDP: " + told(p.udp) + "; TCP: " + told(p.tcp)
}

// meet asks the servers of these names, side by side.
func (s *session) meet(hosts []string) {
	hosts = hosts[:min(len(hosts), max(0, maxServers-len(s.servers)))]
	met := make([]*server, len(hosts))
	parallel(len(hosts), atOnce, func(i int) { met[i] = s.meetOne(hosts[i]) })
	s.servers = append(s.servers, met...)
	for _, server := range met {
		for _, p := range server.points {
			if authoritative(p.best(), s.zone()) {
				s.alive = append(s.alive, p)
			}
		}
	}
}

func (s *session) meetOne(host string) *server {
	out := &server{host: host}
	addresses, alias, doubt := s.addressesOf(host)
	out.alias = alias
	if doubt != "" && len(s.delegation.glue[host]) == 0 {
		out.doubt = "its addresses could not be looked up: " + doubt
	}
	for _, a := range s.delegation.glue[host] {
		// Resolvers that know nothing yet go by the glue.
		if !slices.Contains(addresses, a) && (len(addresses) == 0 || within(host, s.zone())) {
			addresses = append(addresses, a)
		}
	}
	for _, a := range addresses[:min(len(addresses), maxServerAddresses)] {
		out.points = append(out.points, &point{NameServer: probe.NameServer{Host: host, Address: a}})
	}
	parallel(len(out.points), maxServerAddresses, func(i int) { s.greet(out.points[i]) })
	return out
}

// greet asks a point for the SOA record over UDP and TCP.
func (s *session) greet(p *point) {
	ask := func(transport probe.Transport) probe.ServerAnswer {
		q := probe.ServerQuestion{Name: s.zone(), Type: probe.TypeSOA, Transport: transport}
		answer := s.prober.AskServer(s.ctx, p.NameServer, q)
		if transport == probe.TCP && answer.Failure != probe.FailNone && answer.Failure != probe.FailNoRoute && s.ctx.Err() == nil {
			answer = s.prober.AskServer(s.ctx, p.NameServer, q) // UDP is repeated by the prober
		}
		return answer
	}
	var both sync.WaitGroup
	both.Go(func() { p.udp = ask(probe.UDP) })
	both.Go(func() { p.tcp = ask(probe.TCP) })
	both.Wait()
}

// askAt puts a question to one point, over what it answers over.
func (s *session) askAt(p *point, name string, typ probe.RecordType) probe.ServerAnswer {
	q := probe.ServerQuestion{Name: name, Type: typ}
	switch {
	case !p.answersUDP():
		q.Transport = probe.TCP
	case !p.answersTCP():
		q.Transport = probe.UDP
	}
	if p.silences.Load() >= patience {
		return probe.ServerAnswer{Status: probe.TimedOut, Failure: probe.FailTimeout, Detail: "the server has stopped answering"}
	}
	answer := s.prober.AskServer(s.ctx, p.NameServer, q)
	if answer.Failure == probe.FailTimeout {
		p.silences.Add(1)
	} else {
		p.silences.Store(0)
	}
	return answer
}

// ask puts a question to the zone, once a run: to the first of its servers, or
// the next where that one fails.
func (s *session) ask(name string, typ probe.RecordType) probe.ServerAnswer {
	return once(s, s.asked, question{name, typ}, func() probe.ServerAnswer {
		answer := probe.ServerAnswer{Status: probe.NotReached, Detail: "no name server answers for the zone"}
		for _, p := range s.alive[:min(len(s.alive), 2)] {
			if answer = s.askAt(p, name, typ); answer.Status.Decided() {
				break
			}
		}
		return answer
	})
}

// judgeServers decides what is a matter of each server: whether it answers for
// the zone, over both transports, and the same version as the others.
func (s *session) judgeServers() {
	if len(s.servers) == 0 {
		v := unclear("no name server of the domain is known: %s", s.delegation.doubt)
		if s.delegation.absent != "" {
			v = inapplicable("%s", s.delegation.absent)
		}
		for _, rule := range []string{ruleLame, ruleTransport, ruleSerial} {
			s.say(rule, s.domain, v)
		}
		return
	}
	odd := s.oddSerials()
	for _, server := range s.servers {
		s.say(ruleLame, server.host, s.judgeLame(server))
		s.say(ruleTransport, server.host, s.judgeTransport(server))
		s.say(ruleSerial, server.host, s.judgeSerial(server, odd))
	}
}

// judgeLame decides whether a server answers for the zone at all its addresses.
// That a server refuses connections counts only where another one can be
// reached from here; silence proves nothing either way.
func (s *session) judgeLame(server *server) verdict {
	var all []verdict
	for _, p := range server.points {
		answer := p.best()
		at := " (" + p.Address.String() + ")"
		switch {
		case authoritative(answer, s.zone()):
			all = append(all, pass("it answers with authority at every address"))
		case answer.Rcode != "" && answer.Detail != "":
			all = append(all, fail("%s%s", answer.Detail, at))
		case answer.Rcode != "" && answer.Recursive && !answer.Authoritative && len(s.alive) == 0:
			all = append(all, unclear("a resolver seems to answer in the place of the servers%s", at))
		case answer.Rcode != "" && !answer.Authoritative:
			all = append(all, fail("the server answers without authority%s", at))
		case answer.Rcode != "":
			all = append(all, fail("the server has no SOA record of the zone%s", at))
		case s.unrouted(p):
			all = append(all, inapplicable("IPv6 addresses cannot be reached from here%s", at))
		case p.udp.Failure == probe.FailRefused && p.tcp.Failure == probe.FailRefused && len(s.alive) > 0:
			all = append(all, fail("nothing listens on port 53%s", at))
		default:
			all = append(all, unclear("%s%s", answer.Detail, at))
		}
	}
	if server.doubt != "" {
		all = append(all, unclear("%s", server.doubt))
	}
	if server.alias {
		all = append(all, fail("the server's name is a CNAME, by which resolvers do not go"))
	}
	if len(all) == 0 {
		return fail("the server's name has no address")
	}
	out := worst(all)
	if out.status == readiness.NotApplicable {
		out.status = readiness.Inconclusive // no address of it could be tried
	}
	return out
}

// unrouted reports whether a point was silent because this machine has no way
// to IPv6 addresses: there is no route, or not one of them answers.
func (s *session) unrouted(p *point) bool {
	if p.Address.Is4() || p.best().Rcode != "" {
		return false
	}
	return p.best().Failure == probe.FailNoRoute || len(s.alive) > 0 && !slices.ContainsFunc(s.servers, func(v *server) bool {
		return slices.ContainsFunc(v.points, func(o *point) bool { return !o.Address.Is4() && o.best().Rcode != "" })
	})
}

// judgeTransport decides whether a server answers over UDP and TCP alike. That
// one of them is dead counts only where another server, of the zone or of its
// parent, answers over it: else the way out of here may be closed.
func (s *session) judgeTransport(server *server) verdict {
	var all []verdict
	for _, p := range server.points {
		at := " (" + p.Address.String() + ")"
		missing, detail, control := "", "", false
		switch {
		case p.answersUDP() == p.answersTCP():
			if p.answersUDP() {
				all = append(all, pass("it answers over UDP and TCP"))
			}
			continue
		case p.answersUDP():
			missing, detail, control = "TCP", p.tcp.Detail, s.reaches(probe.TCP)
		default:
			missing, detail, control = "UDP", p.udp.Detail, s.reaches(probe.UDP)
		}
		if control {
			all = append(all, fail("no answer over %s%s: %s", missing, at, detail))
		} else {
			all = append(all, unclear("no answer over %s%s, nor from any other server", missing, at))
		}
	}
	switch {
	case len(all) > 0:
		return worst(all)
	case len(server.points) == 0:
		return inapplicable("the server has no address that is known")
	default:
		return unclear("it answers over neither UDP nor TCP")
	}
}

// reaches reports whether any server answers over a transport.
func (s *session) reaches(transport probe.Transport) bool {
	for _, server := range s.servers {
		for _, p := range server.points {
			if transport == probe.UDP && p.answersUDP() || transport == probe.TCP && p.answersTCP() {
				return true
			}
		}
	}
	return slices.ContainsFunc(s.delegation.at, func(ns probe.NameServer) bool {
		return s.prober.AskServer(s.ctx, ns, probe.ServerQuestion{Name: s.delegation.parent, Type: probe.TypeSOA, Transport: transport}).Rcode != ""
	})
}

// oddSerials returns the points whose serial is behind the newest, and still is
// when they are asked once more after a pause: a change takes a moment to spread.
func (s *session) oddSerials() map[*point]bool {
	serials := map[*point]uint32{}
	var newest uint32
	for _, p := range s.alive {
		if n, ok := serialOf(p.best(), s.zone()); ok {
			if len(serials) == 0 || older(newest, n) {
				newest = n
			}
			serials[p] = n
		}
	}
	odd := map[*point]bool{}
	for p, n := range serials {
		if n != newest {
			odd[p] = true
		}
	}
	if len(odd) == 0 {
		return odd
	}
	select {
	case <-time.After(serialPause):
	case <-s.ctx.Done():
	}
	for p := range odd {
		if n, ok := serialOf(s.askAt(p, s.zone(), probe.TypeSOA), s.zone()); ok && !older(n, newest) {
			delete(odd, p)
		}
	}
	return odd
}

// older reports whether a comes before b (RFC 1982 3.2).
func older(a, b uint32) bool { return a != b && int32(b-a) > 0 }

func (s *session) judgeSerial(server *server, odd map[*point]bool) verdict {
	counted := 0
	var stale []netip.Addr
	for _, p := range server.points {
		if slices.Contains(s.alive, p) {
			counted++
		}
		if odd[p] {
			stale = append(stale, p.Address)
		}
	}
	switch {
	case len(stale) > 0:
		return fail("its version of the zone is behind that of the others")
	case counted == 0 && len(server.points) == 0:
		return inapplicable("the server has no address that is known")
	case counted == 0 && server.points[0].best().Rcode != "":
		return inapplicable("the server does not answer for the zone")
	case counted == 0:
		return unclear("the server did not answer")
	case len(s.alive) < 2:
		return inapplicable("no other server is there to compare with")
	default:
		return pass("its version of the zone is that of the others")
	}
}
