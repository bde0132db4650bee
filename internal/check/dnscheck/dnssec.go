package dnscheck

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// How many sets of records have their signatures verified at each server, and
// at each further address of it.
const (
	maxSigned = 60
	fewSigned = 3
)

// judgeSecurity decides whether the zone is signed, anchored in its parent, and
// would be believed by a validating resolver now.
func (s *session) judgeSecurity() {
	zone := s.zone()
	say := func(bogus, unsigned verdict) {
		if slices.Contains(s.spec.Requirements, RequireDNSSEC) && unsigned.status == readiness.Fail {
			unsigned.severity = readiness.High
		}
		s.say(ruleBogus, zone, bogus)
		s.say(ruleUnsigned, zone, unsigned)
	}
	if s.delegation.absent != "" {
		say(inapplicable("%s", s.delegation.absent), inapplicable("%s", s.delegation.absent))
		return
	}
	ds, doubt := s.delegatedSigners()
	if doubt != "" {
		v := unclear("the DS records at the parent are not known: %s", doubt)
		say(v, v)
		return
	}
	if len(s.alive) == 0 {
		v := unclear("no name server answers for the zone")
		if len(ds) == 0 {
			say(v, fail("there is no DS record at the parent"))
			return
		}
		say(v, v)
		return
	}
	facts := make([]probe.ZoneSecurity, len(s.alive))
	questions := s.signedQuestions()
	parallel(len(facts), atOnce, func(i int) {
		ask := questions
		if i > 0 && s.alive[i].Host == s.alive[i-1].Host {
			ask = questions[:min(len(questions), fewSigned)] // the other addresses of a server show whether it is the same
		}
		facts[i] = s.prober.ZoneSecurity(s.ctx, s.alive[i].NameServer, zone, ds, ask)
	})
	for i, p := range s.alive {
		s.report.Observe("dnssec at "+p.Host, fmt.Sprintf("%d DS records at the parent, %d keys", len(ds), facts[i].Keys))
	}
	say(judgeBogus(len(ds), s.alive, facts), judgeUnsigned(len(ds), facts))
}

// delegatedSigners returns the DS records of the zone: as the parent's servers
// give them, else as the resolver does.
func (s *session) delegatedSigners() (ds []probe.Record, doubt string) {
	for _, ns := range s.delegation.at {
		answer := s.prober.AskServer(s.ctx, ns, probe.ServerQuestion{Name: s.zone(), Type: probe.TypeDS})
		if answer.Authoritative && (answer.Status == probe.Found || answer.Status.Decided() && !s.delegation.shared) {
			return answer.Of(s.zone(), probe.TypeDS), ""
		}
	}
	answer := s.prober.Lookup(s.ctx, s.zone(), probe.TypeDS)
	if !answer.Status.Decided() {
		return nil, answer.Undecided()
	}
	return answer.Records, ""
}

// signedQuestions are the sets whose signatures are verified: those that mail
// and visitors need first.
func (s *session) signedQuestions() []probe.ServerQuestion {
	var out []probe.ServerQuestion
	add := func(name string, typ probe.RecordType) {
		q := probe.ServerQuestion{Name: name, Type: typ}
		if len(out) < maxSigned && !slices.Contains(out, q) {
			out = append(out, q)
		}
	}
	for _, typ := range []probe.RecordType{probe.TypeSOA, probe.TypeNS, probe.TypeA, probe.TypeMX, probe.TypeTXT} {
		add(s.zone(), typ)
	}
	for _, e := range s.spec.Expected {
		if name := canonical(e.Name); within(name, s.zone()) {
			add(name, e.recordType())
		}
	}
	for _, q := range s.pairs() {
		if q.typ == probe.TypeA && len(s.ask(q.name, q.typ).Answer) == 0 {
			continue // what does not exist comes last
		}
		add(q.name, q.typ)
	}
	return out
}

// judgeBogus decides whether a validating resolver would refuse the zone. What
// is wrong at some servers alone is told with their names.
func judgeBogus(ds int, points []*point, facts []probe.ZoneSecurity) verdict {
	if ds == 0 {
		return inapplicable("there is no DS record at the parent: nothing is validated")
	}
	var all []verdict
	sound := false
	for _, z := range facts {
		v := judgeBogusAt(z)
		sound = sound || v.status == readiness.Pass
		all = append(all, v)
	}
	for i := range all {
		if sound && all[i].status != readiness.Pass {
			all[i].message = points[i].Host + ": " + all[i].message
		}
	}
	return worst(all)
}

func judgeBogusAt(z probe.ZoneSecurity) verdict {
	if !z.Status.Decided() {
		return unclear("the zone's keys could not be read: %s", z.Detail)
	}
	supported, matched := false, false
	for _, d := range z.DS {
		supported, matched = supported || d.Supported, matched || d.Matched
	}
	switch {
	case !supported:
		return unclear("the DS records at the parent are of algorithms that are not known here")
	case z.Keys == 0:
		return fail("the parent has a DS record and the zone no key")
	case !matched:
		return fail("no key of the zone answers to a DS record of the parent")
	}
	sets := map[probe.SignatureOutcome][]string{}
	for _, set := range z.Sets {
		sets[set.Outcome] = append(sets[set.Outcome], set.Name+" "+string(set.Type))
	}
	all := []verdict{pass("the signatures verify up to the parent's DS record")}
	for _, outcome := range slices.Sorted(maps.Keys(sets)) {
		what := few(sets[outcome])
		switch outcome {
		case probe.SignatureExpired:
			all = append(all, fail("signatures have expired: %s", what))
		case probe.SignatureNotYet:
			all = append(all, fail("signatures are not valid yet: %s", what))
		case probe.SignatureBogus:
			all = append(all, fail("signatures do not verify: %s", what))
		case probe.SignatureMissing:
			all = append(all, fail("there is no signature: %s", what))
		case probe.SignatureUnsupported:
			all = append(all, unclear("signatures are of an algorithm that is not known here: %s", what))
		}
	}
	// A key says nothing of what it signs: the zone's own record must have been seen.
	if !slices.ContainsFunc(z.Sets, func(set probe.SignedSet) bool {
		return set.Type == probe.TypeSOA && set.Outcome != probe.SignatureUnknown
	}) {
		all = append(all, unclear("the zone's SOA record and its signature could not be had"))
	}
	return worst(all)
}

// few lists the first of many sets of records.
func few(sets []string) string {
	const most = 4
	if len(sets) <= most {
		return enumerate(sets)
	}
	return fmt.Sprintf("%s and %d more", strings.Join(sets[:most], ", "), len(sets)-most)
}

// judgeUnsigned decides whether the zone is secured at all.
func judgeUnsigned(ds int, servers []probe.ZoneSecurity) verdict {
	if ds > 0 {
		return pass("the parent has a DS record for the zone")
	}
	for _, z := range servers {
		if z.Keys > 0 {
			return fail("the zone is signed and its parent has no DS record for it: nobody validates")
		}
	}
	return fail("the zone is not signed")
}
