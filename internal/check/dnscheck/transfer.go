package dnscheck

import "github.com/launchready/terraform-provider-launchready/internal/probe"

// stillTalks reports whether a server answers over TCP just now, so that its
// silence to another request is an answer.
func (s *session) stillTalks(p *point) bool {
	return s.prober.AskServer(s.ctx, p.NameServer, probe.ServerQuestion{Name: s.zone(), Type: probe.TypeSOA, Transport: probe.TCP}).Rcode != ""
}

// judgeTransfers asks every server for the whole zone.
func (s *session) judgeTransfers() {
	all := make([]verdict, len(s.servers))
	parallel(len(s.servers), atOnce, func(i int) {
		var at []verdict
		for _, p := range s.servers[i].points {
			switch {
			case p.answersTCP():
				facts := s.prober.Transfer(s.ctx, p.NameServer, s.zone())
				switch {
				case facts.Outcome == probe.TransferGranted:
					at = append(at, fail("%s to anyone who asks (%s)", facts.Detail, p.Address))
				case facts.Outcome == probe.TransferRefused:
					at = append(at, pass("a zone transfer is refused"))
				case s.stillTalks(p):
					at = append(at, pass("a request for a zone transfer is not answered"))
				default:
					at = append(at, unclear("%s (%s)", facts.Detail, p.Address))
				}
			case p.answersUDP():
				at = append(at, pass("the server does not answer over TCP, which transfers need"))
			case !s.unrouted(p):
				at = append(at, unclear("%s (%s)", p.best().Detail, p.Address))
			}
		}
		all[i] = unclear("no address of the server could be asked")
		if len(at) > 0 {
			all[i] = worst(at)
		} else if len(s.servers[i].points) == 0 && s.servers[i].doubt == "" {
			all[i] = inapplicable("the server has no address")
		}
	})
	for i, server := range s.servers {
		s.say(ruleTransfer, server.host, all[i])
	}
	if len(s.servers) == 0 {
		v := unclear("no name server of the domain is known: %s", s.delegation.doubt)
		if s.delegation.absent != "" {
			v = inapplicable("%s", s.delegation.absent)
		}
		s.say(ruleTransfer, s.domain, v)
	}
}
