package dnscheck

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// maxNames is how many names of the zone are asked about on the wire.
const maxNames = 500

// survey finds the names of interest and asks the zone's own servers about
// them: a resolver's TTLs run down, and it follows what should be seen.
func (s *session) survey() {
	names := []string{s.zone(), s.domain}
	for _, e := range s.entries {
		names = append(names, e.name)
	}
	for _, e := range s.spec.Expected {
		names = append(names, canonical(e.Name))
	}
	for _, host := range s.spec.Hosts {
		names = append(names, canonical(host))
	}
	how := fmt.Sprintf("%d records given; names that the listing does not hold are not known", len(s.entries))
	if !s.spec.Listed {
		found := s.guess()
		names = append(names, found...)
		how = fmt.Sprintf("no records given: %d common names tried at the zone's servers, %d found; other names are not known "+
			"(no certificate transparency logs or passive DNS were asked)", len(commonLabels())+len(commonServices()), len(found))
	}
	names = slices.DeleteFunc(sorted(names), func(n string) bool { return !within(n, s.zone()) })
	if len(names) > maxNames {
		how += fmt.Sprintf("; the first %d of %d names are asked about", maxNames, len(names))
		names = names[:maxNames]
	}
	s.names = names
	s.report.Observe("discovery", how)
	pairs := s.pairs()
	parallel(len(pairs), atOnce, func(i int) { s.ask(pairs[i].name, pairs[i].typ) })
}

// pairs are the questions of the survey.
func (s *session) pairs() []question {
	var out []question
	for _, name := range s.names {
		for _, typ := range s.typesAt(name) {
			out = append(out, question{name, typ})
		}
	}
	return out
}

// typesAt returns the types that a name is asked about, sorted.
func (s *session) typesAt(name string) []probe.RecordType {
	types := []probe.RecordType{probe.TypeA, probe.TypeAAAA}
	if name == s.zone() {
		types = append(types, probe.TypeCNAME, probe.TypeNS)
	}
	if name == s.zone() || name == s.domain {
		types = append(types, probe.TypeMX, probe.TypeTXT, probe.TypeCAA)
	}
	for _, e := range s.entries {
		if e.name == name {
			types = append(types, e.typ)
		}
	}
	if strings.HasPrefix(name, "_") && !s.spec.Listed {
		types = append(types, probe.TypeSRV)
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// guess tries common names at the zone's servers. What a wildcard answers for
// is not found by it.
func (s *session) guess() []string {
	under := s.domain
	s.wild, _ = s.wildcard(under)
	labels := append(commonLabels(), commonServices()...)
	found := make([]bool, len(labels))
	parallel(len(labels), atOnce, func(i int) {
		name, typ := labels[i]+"."+under, probe.TypeA
		if strings.HasPrefix(name, "_") {
			typ = probe.TypeSRV
		}
		answer := s.ask(name, typ)
		if cut, _ := answer.Referral(); cut == name {
			found[i] = true
			return
		}
		values := webValues(answer)
		if typ == probe.TypeA && len(values) == 0 && answer.Status == probe.NoData {
			values = webValues(s.ask(name, probe.TypeAAAA))
		}
		if typ == probe.TypeSRV {
			found[i] = answer.Status == probe.Found
			return
		}
		found[i] = len(values) > 0 && !slices.Equal(values, s.wild)
	})
	var out []string
	for i, yes := range found {
		if yes {
			out = append(out, labels[i]+"."+under)
		}
	}
	return out
}

// webValues are what an answer says to a browser: addresses, or the CNAME.
func webValues(a probe.ServerAnswer) []string {
	var out []string
	for _, r := range a.Answer {
		if r.Type == probe.TypeCNAME {
			return []string{r.Host}
		}
		if r.Address.IsValid() {
			out = append(out, r.Address.String())
		}
	}
	return sorted(out)
}

// wildcard asks for two names that nobody can have declared. It returns what
// both are answered with, or why that is not known.
func (s *session) wildcard(under string) (values []string, doubt string) {
	for i := range 2 {
		var label [10]byte
		_, _ = rand.Read(label[:]) // never fails (Go 1.24)
		name := "launchready-" + hex.EncodeToString(label[:]) + "." + under
		var got []string
		for _, typ := range []probe.RecordType{probe.TypeA, probe.TypeAAAA} {
			answer := s.ask(name, typ)
			if !answer.Status.Decided() || !answer.Authoritative {
				return nil, detailOf(answer)
			}
			got = append(got, webValues(answer)...)
		}
		got = sorted(got)
		if i == 1 && (len(got) > 0) != (len(values) > 0) {
			return nil, "of two names that nobody declared, one was answered"
		}
		values = got
	}
	return values, ""
}

// detailOf is why an answer decides nothing.
func detailOf(a probe.ServerAnswer) string {
	switch {
	case a.Detail != "":
		return a.Detail
	case !a.Authoritative:
		return "the answer is not authoritative"
	default:
		return string(a.Status)
	}
}

// judgeWildcards tries the domain, the zone, and wherever the listing has a wildcard.
func (s *session) judgeWildcards() {
	places := []string{s.domain, s.zone()}
	for _, e := range s.entries {
		if under, ok := strings.CutPrefix(e.name, "*."); ok && within(under, s.zone()) {
			places = append(places, under)
		}
	}
	if s.delegation.absent != "" {
		s.say(ruleWildcard, "*."+s.domain, inapplicable("%s", s.delegation.absent))
		return
	}
	for _, under := range sorted(places) {
		values, doubt := s.wildcard(under)
		switch {
		case doubt != "":
			s.say(ruleWildcard, "*."+under, unclear("%s", doubt))
		case len(values) > 0:
			s.say(ruleWildcard, "*."+under, fail("names that nobody declared are answered with an address"))
		default:
			s.say(ruleWildcard, "*."+under, pass("names that nobody declared do not exist"))
		}
	}
}

// judgeSurvey decides the rules about what is on the wire of each name.
func (s *session) judgeSurvey() {
	conflict, private, ttl := map[string]verdict{}, map[string]verdict{}, map[string]verdict{}
	for _, name := range s.names {
		if v, ok := s.conflictAt(name); ok {
			conflict[name] = v
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
		none = unclear("no name server of the zone answers")
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
	for _, typ := range []probe.RecordType{probe.TypeMX, probe.TypeTXT, probe.TypeNS, probe.TypeCAA, probe.TypeSRV} {
		if has(typ) {
			return fail("the name has a CNAME and %s records", typ), true
		}
	}
	return pass("the CNAME stands alone"), true
}

// privateAt decides whether a name leads to addresses that are not public.
func (s *session) privateAt(name string) (verdict, bool) {
	var bad []string
	doubt, seen := "", false
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
	if len(records) == 0 {
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
		none = unclear("no name server of the zone answers, and no records are given")
	}
	s.sayAll(ruleDuplicate, all, none)
}

// wireAddresses returns the addresses that a name is answered with, sorted.
func (s *session) wireAddresses(name string) []netip.Addr {
	var out []netip.Addr
	for _, typ := range []probe.RecordType{probe.TypeA, probe.TypeAAAA} {
		for _, r := range s.ask(name, typ).Answer {
			if r.Address.IsValid() {
				out = append(out, r.Address)
			}
		}
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return slices.Compact(out)
}
