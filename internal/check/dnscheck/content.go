package dnscheck

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// judgeSurvey decides the rules about what is on the wire of each name.
func (s *session) judgeSurvey() {
	conflict, private, ttl := map[string]verdict{}, map[string]verdict{}, map[string]verdict{}
	conflicts, found := make([]verdict, len(s.names)), make([]bool, len(s.names))
	parallel(len(s.names), atOnce, func(i int) { conflicts[i], found[i] = s.conflictAt(s.names[i]) })
	for i, name := range s.names {
		if found[i] {
			conflict[name] = conflicts[i]
		}
		if v, ok := s.privateAt(name); ok {
			private[name] = v
		}
		for _, typ := range s.typesAt(name) {
			if v, ok := s.ttlAt(name, typ); ok {
				ttl[name+" "+string(typ)] = v
			}
		}
	}
	none := inapplicable("no record of the kind was found")
	switch {
	case s.delegation.absent != "":
		none = inapplicable("%s", s.delegation.absent)
		conflict, private, ttl = nil, nil, nil
	case len(s.alive) == 0:
		none = unclear("no name server answers for the zone")
		conflict, private, ttl = nil, nil, nil
	}
	s.sayAll(ruleCNAMEConflict, conflict, none)
	s.sayAll(rulePrivate, private, none)
	s.sayAll(ruleTTL, ttl, none)
}

// conflictAt decides whether a CNAME stands beside other data. Servers that
// flatten CNAMEs answer with addresses of the target and with the CNAME where
// it is asked for: addresses count only where both are in one answer.
func (s *session) conflictAt(name string) (verdict, bool) {
	has := func(typ probe.RecordType) bool { return len(s.ask(name, typ).Of(name, typ)) > 0 }
	if !s.mayHaveAddress(name) {
		return verdict{}, false
	}
	alias := false
	for _, typ := range []probe.RecordType{probe.TypeA, probe.TypeAAAA} {
		answer := s.ask(name, typ)
		if len(answer.Of(name, probe.TypeCNAME)) == 0 {
			continue
		}
		alias = true
		if len(answer.Of(name, typ)) > 0 {
			return fail("the name has a CNAME and %s records", typ), true
		}
	}
	if name == s.zone() {
		switch answer := s.ask(name, probe.TypeCNAME); {
		case has(probe.TypeCNAME) || alias:
			return fail("the apex of the zone has a CNAME"), true
		case !answer.Status.Decided():
			return unclear("%s", detailOf(answer)), true
		}
		return pass("the apex of the zone has no CNAME"), true
	}
	if !alias && !slices.Contains(s.typesAt(name), probe.TypeCNAME) {
		return verdict{}, false
	}
	if !alias && !has(probe.TypeCNAME) {
		return pass("no CNAME is served at the name"), true
	}
	for _, typ := range append([]probe.RecordType{probe.TypeMX, probe.TypeTXT}, s.typesAt(name)...) {
		isAddress := typ == probe.TypeA || typ == probe.TypeAAAA
		if typ != probe.TypeCNAME && !isAddress && has(typ) {
			return fail("the name has a CNAME and %s records", typ), true
		}
	}
	return pass("the CNAME stands alone"), true
}

// privateAt decides whether a name leads to addresses that are not public.
func (s *session) privateAt(name string) (verdict, bool) {
	var bad []string
	doubt, seen := "", false
	if !s.mayHaveAddress(name) {
		return verdict{}, false
	}
	for _, typ := range []probe.RecordType{probe.TypeA, probe.TypeAAAA} {
		answer := s.ask(name, typ)
		if cut, _ := answer.Referral(); cut != "" {
			continue
		}
		if !answer.Status.Decided() {
			doubt = detailOf(answer)
		}
		for _, r := range answer.Answer {
			if !r.Address.IsValid() {
				continue
			}
			seen = true
			if purpose := specialPurpose(r.Address); purpose != "" {
				bad = append(bad, fmt.Sprintf("%s (%s)", r.Address, purpose))
			}
		}
	}
	switch {
	case len(bad) > 0:
		return fail("it publishes %s", enumerate(sorted(bad))), true
	case doubt != "":
		return unclear("%s", doubt), true
	default:
		return pass("its addresses are public"), seen
	}
}

const (
	minTTL        = time.Minute
	maxAddressTTL = 24 * time.Hour
	maxOtherTTL   = 7 * 24 * time.Hour
)

// ttlAt decides whether the records of a name and type are kept for a sane time.
func (s *session) ttlAt(name string, typ probe.RecordType) (verdict, bool) {
	answer := s.ask(name, typ)
	records := answer.Of(name, typ)
	if len(records) == 0 && typ == probe.TypeA {
		records = answer.Of(name, probe.TypeCNAME)
	}
	switch {
	case !answer.Status.Decided():
		return unclear("%s", detailOf(answer)), true
	case len(records) == 0:
		return verdict{}, false
	}
	limit := maxOtherTTL
	switch typ {
	case probe.TypeA, probe.TypeAAAA, probe.TypeCNAME:
		limit = maxAddressTTL
	case probe.TypeSOA, probe.TypeDNSKEY:
		return verdict{}, false // for the operator of the zone to say
	}
	for _, r := range records {
		switch {
		case r.TTL == 0:
			return fail("the TTL is 0: every visitor waits for the name server"), true
		case r.TTL < minTTL && !s.flattened(name, typ):
			return fail("the TTL is below a minute"), true
		case r.TTL > limit:
			return fail("the TTL is above %s", map[time.Duration]string{maxAddressTTL: "a day", maxOtherTTL: "a week"}[limit]), true
		}
	}
	return pass("the TTL is neither absurdly short nor long"), true
}

// flattened reports whether addresses of a name may be those of a CNAME's
// target, whose TTL is not the zone's to choose: by the listing, or, without
// one, because Cloudflare, which flattens, takes no shorter TTL otherwise.
func (s *session) flattened(name string, typ probe.RecordType) bool {
	if typ != probe.TypeA && typ != probe.TypeAAAA {
		return false
	}
	if s.spec.Listed {
		return slices.ContainsFunc(s.entries, func(e entry) bool { return e.name == name && e.typ == probe.TypeCNAME })
	}
	return slices.ContainsFunc(s.servers, func(v *server) bool { return strings.HasSuffix(v.host, ".ns.cloudflare.com") })
}

// judgeDuplicates looks for the same record twice, in the listing and in
// answers.
func (s *session) judgeDuplicates() {
	all := map[string]verdict{}
	count := map[string]int{}
	for _, e := range s.entries {
		subject := e.name + " " + string(e.typ)
		if all[subject].message == "" {
			all[subject] = pass("every record is there once")
		}
		if key := subject + " " + e.value; count[key] > 0 {
			all[subject] = fail("the listing has the same record twice")
		} else {
			count[key]++
		}
	}
	for _, q := range s.pairs() {
		subject := q.name + " " + string(q.typ)
		seen := map[string]bool{}
		for _, r := range s.ask(q.name, q.typ).Of(q.name, q.typ) {
			if all[subject].message == "" {
				all[subject] = pass("every record is there once")
			}
			if v := value(r); seen[v] {
				all[subject] = fail("the name servers answer with the same record twice")
			} else {
				seen[v] = true
			}
		}
	}
	none := inapplicable("no record was found")
	if len(s.alive) == 0 && s.delegation.absent == "" {
		none = unclear("no name server answers for the zone, and no records are given")
	}
	s.sayAll(ruleDuplicate, all, none)
}
