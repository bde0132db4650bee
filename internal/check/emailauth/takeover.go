package emailauth

import (
	"fmt"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// forSale reports whether the registered domain of a name does not exist, so that
// whoever registers it speaks for the client. Names of the client's own domain
// and of registries never are.
func (s *session) forSale(name string) (org string, gone bool, open string) {
	org = dmarc.OrganizationalDomain(name)
	if org == dmarc.OrganizationalDomain(s.domain) || dmarc.IsRegistry(org) {
		return org, false, ""
	}
	answer := s.prober.Lookup(s.ctx, org, probe.TypeSOA)
	if !answer.Status.Decided() {
		return org, false, undecided(answer)
	}
	return org, answer.Status == probe.NXDomain, ""
}

// spfTakeover decides whether a name that the record trusts can be bought.
func (s *session) spfTakeover(name string, tree *spf.Tree) {
	const rule = "spf.takeover"
	found, open := false, ""
	judged := map[string]bool{}
	for n := range tree.Nodes() {
		for _, b := range n.Branches {
			follows := b.Term.Mechanism == spf.Include || b.Term.Modifier == spf.Redirect
			if b.Dead || b.Target == "" || !follows && b.Void != spf.Void || follows && b.Child == nil {
				continue
			}
			typ := probe.TypeTXT
			if !follows {
				typ = probe.TypeA
			}
			answer := s.prober.Lookup(s.ctx, b.Target, typ)
			if !answer.Status.Decided() {
				open = undecided(answer)
				continue
			}
			if answer.Status != probe.NXDomain {
				continue
			}
			org, gone, unanswered := s.forSale(b.Target)
			if judged[org] {
				continue
			}
			judged[org] = true
			if unanswered != "" {
				open = unanswered
			}
			if gone {
				found = true
				s.report.Fail(rule, name, fmt.Sprintf("%s trusts %s, which nobody has registered: whoever does may send as %s%s", b.Term.Text, org, name, where(n, name)))
			}
		}
	}
	switch {
	case found:
	case open != "":
		s.report.Inconclusive(rule, name, open)
	default:
		s.report.Pass(rule, name, "no name that the record trusts is for sale")
	}
}

// keyTakeover decides the same for the target of a selector's CNAME, and reports
// whether it is so.
func (s *session) keyTakeover(k *selector) bool {
	const rule = "dkim.cname_takeover"
	if len(k.chain) == 0 {
		s.report.NotApplicable(rule, k.fqdn, "the selector is not a CNAME")
		return false
	}
	if k.state == keyFound {
		s.report.Pass(rule, k.fqdn, "the CNAME leads to a name that exists")
		return false
	}
	for _, target := range k.chain {
		org, gone, open := s.forSale(target)
		switch {
		case open != "":
			s.report.Inconclusive(rule, k.fqdn, open)
			return false
		case gone:
			s.report.Fail(rule, k.fqdn, fmt.Sprintf("the CNAME leads to %s, and nobody has registered %s: whoever does may sign as %s", target, org, s.domain))
			return true
		}
	}
	s.report.Pass(rule, k.fqdn, "the domain that the CNAME leads to is registered")
	return false
}
