package dnscheck

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// maxNames is how many names of the zone are asked about on the wire.
const maxNames = 4000

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
		if len(s.wild) > 0 {
			names = append(names, "*."+s.domain) // where it leads to is to be seen, too
		}
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
	var types []probe.RecordType
	if s.mayHaveAddress(name) {
		types = append(types, probe.TypeA, probe.TypeAAAA)
	}
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

// mayHaveAddress reports whether a name is worth asking for addresses: one that
// the listing has only text or the like for is not.
func (s *session) mayHaveAddress(name string) bool {
	listed := false
	for _, e := range s.entries {
		if e.name == name {
			listed = true
			if e.address.IsValid() || e.typ == probe.TypeCNAME || e.typ == probe.TypeNS {
				return true
			}
		}
	}
	return !listed || name == s.zone() || name == s.domain
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
		found[i] = len(values) > 0 && !s.isWild(values)
	})
	var out []string
	for i, yes := range found {
		if yes {
			out = append(out, labels[i]+"."+under)
		}
	}
	return out
}

// isWild reports whether values are the wildcard's: the same, or of Cloudflare's
// edge as those are, which has other addresses for each name at times.
func (s *session) isWild(values []string) bool {
	atEdge := func(list []string) bool {
		return len(list) > 0 && !slices.ContainsFunc(list, func(v string) bool { return !isCloudflare(v) })
	}
	return slices.Equal(values, s.wild) || atEdge(values) && atEdge(s.wild)
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

// randomLabel is one that nobody has.
func randomLabel() string {
	var label [10]byte
	_, _ = rand.Read(label[:]) // never fails (Go 1.24)
	return "launchready-" + hex.EncodeToString(label[:])
}

// wildcard asks for two names that nobody can have declared. It returns what
// both are answered with, or why that is not known.
func (s *session) wildcard(under string) (values []string, doubt string) {
	for i := range 2 {
		name := randomLabel() + "." + under
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

// wireAddresses returns the addresses that a name is answered with, sorted.
func (s *session) wireAddresses(name string) []netip.Addr {
	var out []netip.Addr
	if !s.mayHaveAddress(name) {
		return nil
	}
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
