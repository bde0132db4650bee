package emailauth

import (
	"fmt"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dkim"
	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
	"github.com/launchready/terraform-provider-launchready/internal/mail/spf"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// unsignedSenders names the declared senders of which nothing shows that their mail
// can pass DMARC: nothing says that the return path is the domain's, so that SPF
// does not count, and no key that may be theirs is known. Selectors cannot be listed, so that there
// may be one: what is not known is no pass.
func (s *session) unsignedSenders() {
	const rule = "dkim.missing"
	under := "_domainkey." + s.domain
	if !slices.ContainsFunc(s.keys, (*selector).works) || slices.ContainsFunc(s.keys, func(k *selector) bool { return k.state == keyUndecided }) {
		return // the findings of the keys say so already
	}
	strict := s.policy != nil && s.policy.StrictSPF
	// A return path that is declared and missing, or that could not be asked, has findings of its own.
	judged := func(sender senders.Sender) bool {
		return slices.ContainsFunc(s.paths, func(p *returnPath) bool {
			return (p.open || p.declared && !p.there) && (p.sender == nil || p.sender.Key == sender.Key)
		})
	}
	var unsigned []senders.Sender
	for _, sender := range s.senders {
		if sender.Apex == senders.ApexNeeded || sender.Forwards || len(sender.FixedSelectors()) > 0 || s.pathOf(sender, strict) || judged(sender) {
			continue
		}
		if sender.Apex == senders.ApexOptional && s.includes(s.domain, sender) {
			continue // the domain itself may be its return path
		}
		if !slices.ContainsFunc(s.keys, func(k *selector) bool { return s.mayBeOf(k, sender) }) && !s.sendsBelow(sender) {
			unsigned = append(unsigned, sender)
		}
	}
	if len(unsigned) > 0 {
		// A sound zone may have keys that nobody has named: it is told so, and not blocked.
		s.report.InconclusiveAt(rule, under, readiness.Medium, fmt.Sprintf("nothing shows that mail of %s passes DMARC: no key that may be its is known, and no return path of the domain leads to it", titles(unsigned)),
			fmt.Sprintf("Name the selectors that %s shows for the domain in the check's dkim_selectors, or its return path in return_paths. If there are none yet, publish them: launchready_dkim_record.", titles(unsigned)))
	}
}

// mayBeOf reports whether a sender may sign with a key. A CNAME says whose key it
// is; the name of a selector does where it is one of a declared sender. What says
// nothing may be anybody's.
func (s *session) mayBeOf(k *selector, sender senders.Sender) bool {
	if !k.declared && !k.looksUsed() && k.state != keyDangling {
		return false // what is declared and faulty has findings of its own
	}
	named := func(sender senders.Sender) bool {
		return slices.ContainsFunc(sender.Selectors, func(usual senders.Selector) bool { return usual.Name == k.name })
	}
	if named(sender) {
		return true
	}
	leads := func(sender senders.Sender) bool {
		return slices.ContainsFunc(k.chain, func(target string) bool {
			return slices.ContainsFunc(sender.Names(), func(name string) bool { return sameService(target, name) })
		})
	}
	if len(k.chain) > 0 && !leads(sender) {
		return !slices.ContainsFunc(senders.All(), leads)
	}
	return len(k.chain) > 0 || !slices.ContainsFunc(s.senders, named)
}

// sendsBelow reports whether a sender is set up at another name that mail is sent
// from: with one of its usual selectors there, or authorised by SPF there.
func (s *session) sendsBelow(sender senders.Sender) bool {
	for _, name := range s.sub {
		for _, usual := range sender.Selectors {
			if texts, _ := s.texts(usual.Name + "._domainkey." + name); slices.ContainsFunc(texts, dkim.IsKey) {
				return true
			}
		}
		if s.includes(name, sender) {
			return true
		}
	}
	return false
}

// includes reports whether the SPF record of a name authorises a sender, or may do so
// for all that is known: what the record lacks is for the rules of SPF to tell.
func (s *session) includes(name string, sender senders.Sender) bool {
	tree := spf.Walk(s.ctx, s.resolver, name)
	if firstProblem(tree, spf.Unknown) != "" || slices.ContainsFunc(ownIncludes(name, tree), sender.Owns) {
		return true
	}
	flat, open := s.flattened(sender, tree)
	return flat || open != ""
}
