package emailauth

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// dkimOfAlias are the rules about how a name leads to its key.
var dkimOfAlias = []string{"dkim.cname_takeover", "dkim.cname_wrong", "dkim.proxied"}

// judgeAlias reports the rules of dkimOfAlias, and names the one that explains
// why there is no key; empty if none does. Open is why that could not be told.
func (s *session) judgeAlias(k *selector) (because, open string) {
	if k.state == keyUndecided {
		each(dkimOfAlias, func(rule string) { s.report.Inconclusive(rule, k.fqdn, k.why) })
		return "", k.why
	}
	if s.keyTakeover(k) {
		because = "dkim.cname_takeover"
	}
	if s.wrongTarget(k) && k.state != keyFound {
		because = "dkim.cname_wrong"
	}
	proxied, open := s.proxiedKey(k)
	if proxied {
		because = "dkim.proxied"
	}
	return because, open
}

// wrongTarget decides whether a CNAME that a sender fixes leads to that sender.
func (s *session) wrongTarget(k *selector) bool {
	const rule = "dkim.cname_wrong"
	sender, ok := senders.Lookup(k.sender)
	if !ok || len(k.chain) == 0 {
		s.report.NotApplicable(rule, k.fqdn, "no declared sender says where the selector leads")
		return false
	}
	var suffixes []string
	for _, fixed := range sender.FixedSelectors() {
		if fixed.Name == k.name {
			suffixes = append(suffixes, fixed.Targets...)
		}
	}
	led := slices.ContainsFunc(k.chain, func(target string) bool {
		return slices.ContainsFunc(suffixes, func(suffix string) bool { return senders.Under(target, suffix) })
	})
	if led || len(suffixes) == 0 {
		s.report.Pass(rule, k.fqdn, "the CNAME leads to the sender")
		return false
	}
	s.report.FailAs(rule, k.fqdn, "", fmt.Sprintf("the CNAME leads to %s, but the keys of %s are below %s", k.chain[0], sender.Title, strings.Join(suffixes, " or ")),
		fmt.Sprintf("Copy the target that %s shows into launchready_dkim_record.target.", sender.Title))
	return true
}

// proxiedKey finds a selector whose record is proxied at Cloudflare: in place of
// the CNAME, and so of the key, the name answers with addresses.
func (s *session) proxiedKey(k *selector) (proxied bool, open string) {
	const rule = "dkim.proxied"
	if k.state != keyAbsent || len(k.chain) > 0 {
		s.report.Pass(rule, k.fqdn, "the name leads to a record")
		return false, ""
	}
	addresses := s.prober.Lookup(s.ctx, k.fqdn, probe.TypeA)
	if !addresses.Status.Decided() {
		s.report.Inconclusive(rule, k.fqdn, undecided(addresses))
		return false, undecided(addresses)
	}
	if len(addresses.Records) == 0 {
		s.report.NotApplicable(rule, k.fqdn, "nothing stands at the selector")
		return false, ""
	}
	wild := s.prober.Lookup(s.ctx, control+"._domainkey."+s.domain, probe.TypeA)
	if !wild.Status.Decided() {
		s.report.Inconclusive(rule, k.fqdn, undecided(wild))
		return false, undecided(wild)
	}
	if slices.EqualFunc(addresses.Records, wild.Records, func(a, b probe.Record) bool { return a.Address == b.Address }) {
		s.report.NotApplicable(rule, k.fqdn, "what stands at the selector is a wildcard's")
		return false, ""
	}
	s.report.Fail(rule, k.fqdn, "the name answers with addresses and no key: its CNAME is proxied, so that nobody sees where it leads")
	return true, ""
}

// noAddress lets the prober resolve a host itself.
var noAddress netip.Addr
