package emailauth

import (
	"cmp"
	"crypto/rsa"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dkim"
	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/senders"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// dkimOfKey are the rules about what stands at one selector.
var dkimOfKey = []string{
	"dkim.multiple", "dkim.syntax", "dkim.revoked", "dkim.key_size", "dkim.test_flag", "dkim.restricted", "dkim.private_key", "dkim.cname_dangling",
}

// keyState is what was seen at a selector.
type keyState int

const (
	keyUndecided keyState = iota // the DNS did not answer
	keyAbsent                    // nothing there, or only what a wildcard answers
	keyDangling                  // a CNAME that leads to no TXT
	keyFound
)

// selector is one DKIM selector and what stands at it.
type selector struct {
	name     string // without the domain
	fqdn     string
	declared bool   // by the user
	optional bool   // a sender's default, which the account may have changed
	sender   string // key of the sender that has it by default or always; may be empty
	form     senders.Form

	state keyState
	texts []string
	chain []string // CNAME targets followed
	why   string   // for keyUndecided and keyDangling
	key   *dkim.Key
	err   error // of dkim.ParseKey
}

// works reports whether receivers can verify signatures with the key.
func (k *selector) works() bool {
	return k.state == keyFound && len(k.texts) == 1 && k.err == nil && k.key.PublicKey != nil && (k.key.Type != dkim.RSA || k.key.Bits() >= dkim.MinimumBits)
}

// looksUsed reports whether a selector that nobody declared holds a key that
// was not retired.
func (k *selector) looksUsed() bool {
	return k.state == keyFound && slices.ContainsFunc(k.texts, dkim.IsKey) && (k.key == nil || k.err != nil || !k.key.Revoked)
}

func (s *session) newSelector(name string) *selector {
	return &selector{name: name, fqdn: name + "._domainkey." + s.domain}
}

// dkim decides the rules of DKIM. Selectors cannot be listed: those that are
// declared, and those that declared senders always have, are judged strictly;
// without any, well-known names are tried, which can prove a key but not its absence.
func (s *session) dkim() {
	var list []*selector
	for _, name := range s.selector {
		if !slices.ContainsFunc(list, func(k *selector) bool { return k.name == name }) {
			k := s.newSelector(name)
			k.declared = true
			list = append(list, k)
		}
	}
	for _, sender := range s.senders {
		for _, fixed := range sender.FixedSelectors() {
			i := slices.IndexFunc(list, func(k *selector) bool { return k.name == fixed.Name })
			if i < 0 {
				i, list = len(list), append(list, s.newSelector(fixed.Name))
			}
			list[i].sender, list[i].form = sender.Key, fixed.Form
		}
	}
	if len(list) == 0 {
		s.dkimByProbing()
		return
	}
	// A selector that an account of a declared sender has by default is judged
	// if it is there; that it is not says nothing.
	for _, sender := range s.senders {
		for _, usual := range sender.Selectors {
			if !slices.ContainsFunc(list, func(k *selector) bool { return k.name == usual.Name }) {
				k := s.newSelector(usual.Name)
				k.optional, k.sender = true, sender.Key
				list = append(list, k)
			}
		}
	}
	wild := s.readKeys(list)
	list = s.keysBelow(list)
	s.weighKeys(list)
	// A CNAME without a key behind it was put there for the sender all the same.
	list = slices.DeleteFunc(list, func(k *selector) bool { return k.optional && !k.looksUsed() && k.state != keyDangling })
	for _, k := range list {
		if open := s.siblingOpen(list, k); !k.declared && k.state != keyFound && open != "" {
			k.state, k.why = keyUndecided, open
		}
		switch {
		case !k.declared && k.state == keyDangling && s.spare(list, k):
			// That there is no key yet is normal; that somebody else may put one there is not.
			s.judgeAlias(k)
		case !k.declared && k.state != keyFound && s.senderSigns(list, k.sender):
			// One of the sender's selectors works: the others are for rotation.
		case !k.declared && k.state == keyFound && k.key != nil && k.key.Revoked && s.senderSigns(list, k.sender):
		default:
			s.judgeKey(k)
		}
	}
	s.keys = list
	s.ed25519Only(list)
	s.observeKeys(list, wild)
}

// siblingOpen says why it is not known whether another selector of the same sender
// signs; empty if that is known, or if one does.
func (s *session) siblingOpen(list []*selector, k *selector) string {
	open := ""
	for _, other := range list {
		if other != k && k.sender != "" && other.sender == k.sender {
			if other.works() {
				return ""
			}
			if other.state == keyUndecided {
				open = cmp.Or(open, other.why)
			}
		}
	}
	return open
}

// weighKeys notes what the keys are worth to DMARC: whether one can be used,
// whether one is faulty, and why more cannot be known.
func (s *session) weighKeys(list []*selector) {
	for _, k := range list {
		switch {
		case k.works():
			s.keysWork = true
		case k.state == keyUndecided:
			s.keysOpen = cmp.Or(s.keysOpen, k.why)
		case !k.optional:
			s.keysFailed = true
		}
	}
	for _, sender := range s.senders {
		if len(s.selector) == 0 && len(sender.FixedSelectors()) == 0 {
			s.keysOpen = cmp.Or(s.keysOpen, "the selectors of "+sender.Title+" are not declared")
		}
	}
}

// keysBelow looks for the selectors below the other names that mail is sent from.
// Those that are there are judged there; a selector that is missing at the domain
// is missed only if it is at none of them.
func (s *session) keysBelow(list []*selector) []*selector {
	var out []*selector
	for _, k := range list {
		var there []*selector
		open := ""
		for _, name := range s.sub {
			if k.optional || k.state == keyUndecided {
				continue
			}
			below := *k
			below.fqdn = k.name + "._domainkey." + name
			below.state, below.texts, below.chain, below.why, below.key, below.err = keyUndecided, nil, nil, "", nil, nil
			s.readKey(&below, wildcard{})
			switch {
			case below.state == keyFound && slices.ContainsFunc(below.texts, dkim.IsKey):
				there = append(there, &below)
			case below.state == keyUndecided:
				open = cmp.Or(open, below.why)
			}
		}
		missing := k.state == keyAbsent || k.state == keyDangling
		switch {
		case missing && len(there) > 0:
		case missing && open != "":
			k.state, k.why = keyUndecided, open
			out = append(out, k)
		default:
			out = append(out, k)
		}
		out = append(out, there...)
	}
	return out
}

// senderSigns reports whether any selector of a sender works.
func (s *session) senderSigns(list []*selector, sender string) bool {
	return sender != "" && slices.ContainsFunc(list, func(k *selector) bool { return k.sender == sender && k.works() })
}

// spare reports whether another selector of the same sender or service works.
func (s *session) spare(list []*selector, k *selector) bool {
	return s.senderSigns(list, k.sender) || slices.ContainsFunc(list, func(other *selector) bool {
		return other.works() && len(other.chain) > 0 && sameService(other.chain[len(other.chain)-1], k.chain[len(k.chain)-1])
	})
}

// dkimByProbing tries well-known selectors when none is known.
func (s *session) dkimByProbing() {
	under := "_domainkey." + s.domain
	var names []string
	for _, sender := range s.senders {
		for _, usual := range sender.Selectors {
			names = append(names, usual.Name)
		}
	}
	var list []*selector
	for _, name := range append(names, senders.WellKnownSelectors()...) {
		if !slices.ContainsFunc(list, func(k *selector) bool { return k.name == name }) {
			list = append(list, s.newSelector(name))
		}
	}
	wild := s.readKeys(list)
	open := ""
	var found []*selector
	for _, k := range list {
		switch {
		case k.state == keyUndecided:
			open = cmp.Or(open, k.why)
		case k.looksUsed() && !slices.Equal(k.texts, wild.texts):
			found = append(found, k)
		}
	}
	for _, k := range list {
		sibling := func(other *selector) bool {
			return other.works() && len(other.chain) > 0 && sameService(other.chain[len(other.chain)-1], k.chain[len(k.chain)-1])
		}
		if k.state == keyDangling && open == "" && !slices.ContainsFunc(found, sibling) {
			found = append(found, k)
		}
	}
	s.keys = found
	s.observeKeys(found, wild)
	works := slices.ContainsFunc(found, (*selector).works)
	s.weighKeys(found)
	s.keysOpen = cmp.Or(s.keysOpen, open)
	for _, k := range found {
		s.judgeKey(k)
	}
	if works {
		s.report.Pass("dkim.missing", under, "keys were found by trying well-known selectors; name those in use in dkim_selectors to have them all checked")
		s.ed25519Only(found)
		return
	}
	why := "no selector is known, and none of the well-known names has a key: selectors cannot be listed"
	switch {
	case open != "":
	case s.silent && !s.declares && len(found) == 0:
		parked, problem := s.parked(wild)
		if parked != "" {
			each(slices.Concat([]string{"dkim.missing", "dkim.ed25519_only"}, dkimOfKey, dkimOfAlias), func(rule string) { s.report.NotApplicable(rule, under, parked) })
			return
		}
		open = problem
	}
	if open != "" {
		s.report.Inconclusive("dkim.missing", under, open)
	} else {
		s.report.Undecided("dkim.missing", under, why)
	}
	s.ed25519Only(found)
	if len(found) == 0 {
		s.keysOpen = cmp.Or(s.keysOpen, "no selector is known: see dkim.missing")
		each(slices.Concat(dkimOfKey, dkimOfAlias), func(rule string) { s.report.NotApplicable(rule, under, "no selector is known: see dkim.missing") })
	}
}

// parked says what shows that a domain whose SPF record authorises nobody sends
// no mail; empty if nothing does. Then the problem is why it could not be asked.
func (s *session) parked(wild wildcard) (because, problem string) {
	const silent = "the domain declares that it sends no mail: SPF is -all alone"
	if len(wild.texts) == 1 && revokesAll(wild.texts[0]) {
		return silent + " and every key is revoked", ""
	}
	switch mx := s.prober.Lookup(s.ctx, s.domain, probe.TypeMX); {
	case !mx.Status.Decided():
		return "", undecided(mx)
	case len(mx.Records) == 0:
		return silent + ", and it has no MX", ""
	case nullMX(mx):
		return silent + ", and its MX is null", ""
	}
	return "", ""
}

func revokesAll(text string) bool {
	key, err := dkim.ParseKey(text)
	return err == nil && key.Revoked
}

// sameService reports whether two CNAME targets are of one service.
func sameService(a, b string) bool {
	return dmarc.OrganizationalDomain(a) == dmarc.OrganizationalDomain(b)
}

// ed25519Only decides whether receivers that know RSA alone are served. It
// speaks of all selectors together.
func (s *session) ed25519Only(list []*selector) {
	const rule = "dkim.ed25519_only"
	under := "_domainkey." + s.domain
	var ed []*selector
	open := ""
	for _, k := range list {
		if k.state == keyUndecided {
			open = cmp.Or(open, k.why)
		}
		if !k.works() {
			continue
		}
		if _, ok := k.key.PublicKey.(*rsa.PublicKey); ok {
			s.report.Pass(rule, under, "an RSA key is published")
			return
		}
		ed = append(ed, k)
	}
	switch {
	case open != "":
		s.report.Inconclusive(rule, under, open)
	case len(ed) == 0:
		s.report.NotApplicable(rule, under, "no usable key is known")
	}
	for _, k := range ed {
		if open == "" {
			s.report.Fail(rule, k.fqdn, "the key is Ed25519 and no RSA key is published beside it")
		}
	}
}
