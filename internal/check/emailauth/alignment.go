package emailauth

import (
	"fmt"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
)

// alignment decides whether mail of the domain can pass DMARC at all: by a
// signature of the domain, or by a return path of it. It speaks after the rules
// of SPF, DKIM and bounces, whose findings it builds on.
func (s *session) alignment() {
	const rule, single = "dmarc.alignment", "dmarc.single_mechanism"
	s.strictKeys()
	switch {
	case s.policyOpen != "":
		each([]string{rule, single}, func(rule string) { s.report.Inconclusive(rule, s.domain, s.policyOpen) })
		return
	case s.policy == nil:
		each([]string{rule, single}, func(rule string) {
			s.report.NotApplicable(rule, s.domain, "no DMARC record applies: see dmarc.missing")
		})
		return
	case s.silent && !s.declares:
		each([]string{rule, single}, func(rule string) { s.report.NotApplicable(rule, s.domain, "the domain sends no mail") })
		return
	}
	signs := s.keysWork
	unaligned, byPath := s.unalignedSenders()
	switch {
	case signs:
		s.report.Pass(rule, s.domain, "a DKIM key of the domain is published, so that signatures can align")
	case len(unaligned) == 0 && byPath:
		s.report.Pass(rule, s.domain, "SPF aligns: a return path of the domain authorises the senders")
	case s.keysOpen != "":
		s.report.NotApplicable(rule, s.domain, "whether a signature can align is not known: "+s.keysOpen)
	case len(unaligned) == 0:
		s.report.NotApplicable(rule, s.domain, "no sender is declared whose return path could be judged")
	default:
		s.report.Fail(rule, s.domain, fmt.Sprintf("mail of %s cannot pass DMARC: no DKIM key of the domain is published, and its return path is not the domain's", titles(unaligned)))
	}
	switch {
	case signs:
		s.report.Pass(single, s.domain, "DKIM and SPF both count")
	case s.keysOpen != "" || s.keysFailed:
		s.report.NotApplicable(single, s.domain, "what DKIM lacks is told by the rules of DKIM")
	default:
		s.report.Fail(single, s.domain, "no DKIM key is published: with SPF alone, mail that is forwarded fails DMARC")
	}
}

// unalignedSenders are the declared senders whose return path does not count for
// DMARC. byPath is set if any return path does.
func (s *session) unalignedSenders() (unaligned []senders.Sender, byPath bool) {
	strict := s.policy != nil && s.policy.StrictSPF
	for _, sender := range s.senders {
		switch {
		case sender.Apex == senders.ApexNeeded && s.authorises, s.pathOf(sender, strict):
			byPath = true
		case sender.Apex == senders.ApexOptional:
			// How the account is set up decides: nothing is certain.
			byPath = byPath || s.authorises
		default:
			unaligned = append(unaligned, sender)
		}
	}
	if len(s.senders) == 0 {
		byPath = s.authorises
	}
	return unaligned, byPath
}

// pathOf reports whether a sender has a return path of the domain.
func (s *session) pathOf(sender senders.Sender, strict bool) bool {
	return slices.ContainsFunc(s.paths, func(p *returnPath) bool {
		own := p.there && (p.sender == nil || p.sender.Key == sender.Key)
		return own && sameOrganization(p.name, s.domain) && (!strict || p.name == s.domain)
	})
}

// strictKeys decides, for names below the domain that mail is sent from, whether
// adkim=s leaves them without a signature that counts.
func (s *session) strictKeys() {
	for _, name := range s.sub {
		walk := dmarc.Walk(s.ctx, s.policies, name)
		if walk.Record == nil || !walk.Record.StrictDKIM || !s.keysWork {
			continue
		}
		own := false
		for _, selector := range s.selector {
			texts, answer := s.texts(selector + "._domainkey." + name)
			own = own || len(texts) > 0 || !answer.Status.Decided()
		}
		if !own && len(s.selector) > 0 {
			s.report.FailAs("dmarc.single_mechanism", name, "", fmt.Sprintf("adkim=s wants a key of %s itself, and the declared selectors have one at %s alone: signatures do not count", name, s.domain),
				"Drop adkim=s from the DMARC record: launchready_dmarc_record without adkim; or publish keys below "+name+".")
		}
	}
}
