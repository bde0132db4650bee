package dnscheck

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// maxWebNames is how many names are visited to see whether they are alive.
const maxWebNames = 60

// judgeDead decides which web names do not answer any more.
func (s *session) judgeDead() {
	var names []string
	for _, name := range s.names {
		if s.isWeb(name) && s.hasWebRecord(name) {
			names = append(names, name)
		}
	}
	left := max(0, len(names)-maxWebNames)
	names = names[:len(names)-left]
	outcomes := make([]verdict, len(names))
	parallel(len(names), 12, func(i int) { outcomes[i] = s.judgeWebName(names[i]) })
	control := slices.ContainsFunc(outcomes, func(v verdict) bool { return v.status == readiness.Pass })
	all := map[string]verdict{}
	for i, name := range names {
		v := outcomes[i]
		// That an address cannot be reached counts where another could be.
		if v.status == readiness.Fail && !control && !strings.HasPrefix(v.message, "the edge") {
			v = unclear("%s; no other web name answers here either", v.message)
		}
		all[name] = v
	}
	if left > 0 {
		s.report.Observe("dead names", fmt.Sprintf("%d web names were not visited", left))
		all[s.domain] = worst([]verdict{unclear("%d web names of the zone were not visited", left), all[s.domain]})
	}
	s.sayAll(ruleDeadName, all, s.nothingFound("there is no web name"))
}

// hasWebRecord reports whether a browser gets somewhere by a name.
func (s *session) hasWebRecord(name string) bool {
	return slices.ContainsFunc(s.entries, func(e entry) bool {
		return e.name == name && (e.typ == probe.TypeA || e.typ == probe.TypeAAAA || e.typ == probe.TypeCNAME)
	}) || s.mayHaveAddress(name) && len(webValues(s.ask(name, probe.TypeA)))+len(webValues(s.ask(name, probe.TypeAAAA))) > 0
}

// edgeFailures are the statuses by which Cloudflare says that the origin does
// not answer, is refused, or does not exist.
func edgeFailures() []int { return []int{521, 522, 523, 525, 526, 530} }

func (s *session) judgeWebName(name string) verdict {
	found := s.targetOf(name)
	switch found.state {
	case noSuchName, noAddress:
		return inapplicable("the name has no address that a browser could go to")
	case unknown:
		return unclear("%s", found.doubt)
	}
	if !slices.ContainsFunc(found.addresses, func(a netip.Addr) bool { return specialPurpose(a) == "" }) {
		return inapplicable("its addresses cannot be reached from outside: see dns.private_address")
	}
	if len(found.chain) > 0 && name != s.domain && s.hasMail(name) {
		return inapplicable("the name receives mail for a sending service")
	}
	answer := s.fetch(name)
	if answer.scope != "" {
		return unclear("%s", answer.scope)
	}
	var dead, doubts []string
	for _, x := range answer.exchanges {
		switch {
		case slices.Contains(edgeFailures(), x.Status):
			dead = append(dead, fmt.Sprintf("the edge answers %d: the origin does not answer it", x.Status))
		case x.Status/100 == 3 && len(dead) > 0 && strings.HasPrefix(dead[0], "the edge"):
			// The edge sends plain HTTP on by itself.
		case x.Status != 0, x.Failure == probe.FailTLS, x.Failure == probe.FailUnverified:
			return pass("it answers")
		case x.Failure == probe.FailRefused, x.Failure == probe.FailTimeout, x.Failure == probe.FailNoRoute:
			dead = append(dead, x.Detail)
		default:
			doubts = append(doubts, x.Detail)
		}
	}
	edge := slices.IndexFunc(dead, func(text string) bool { return strings.HasPrefix(text, "the edge") })
	switch {
	case edge >= 0:
		return fail("%s", dead[edge])
	case len(doubts) > 0:
		return unclear("%s", enumerate(sorted(doubts)))
	default:
		return fail("neither https nor http answers: %s", enumerate(sorted(dead)))
	}
}

// hasMail reports whether a name, or what it is a CNAME of, receives mail.
func (s *session) hasMail(name string) bool {
	return s.prober.Lookup(s.ctx, name, probe.TypeMX).Status == probe.Found
}
