package dnscheck

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// Types returns the record types that an expected record may have.
func Types() []string {
	return []string{"A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "LOC", "MX", "NAPTR", "NS", "PTR", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI"}
}

// recordType is the type to ask for: proxied names have addresses, whatever
// their record.
func (e Expected) recordType() probe.RecordType {
	typ := probe.RecordType(strings.ToUpper(cmp.Or(e.Type, "A")))
	if e.Proxied && typ != probe.TypeAAAA {
		return probe.TypeA
	}
	return typ
}

// judgeExpected asks every server of the zone, at every address, for what is expected.
func (s *session) judgeExpected() {
	if len(s.spec.Expected) == 0 {
		s.say(ruleExpected, s.domain, inapplicable("no records are expected"))
		return
	}
	all := make([]verdict, len(s.spec.Expected))
	parallel(len(all), atOnce, func(i int) { all[i] = s.judgeExpectation(s.spec.Expected[i]) })
	for i, e := range s.spec.Expected {
		s.say(ruleExpected, canonical(e.Name)+" "+strings.ToUpper(cmp.Or(e.Type, "A")), all[i])
	}
}

func (s *session) judgeExpectation(e Expected) verdict {
	name, typ := canonical(e.Name), e.recordType()
	if s.delegation.absent != "" {
		return fail("%s", s.delegation.absent)
	}
	if !within(name, s.zone()) {
		values, doubt := s.resolved(name, typ)
		return e.compare(values, doubt, "the resolver")
	}
	if name == s.zone() && typ == probe.TypeDS { // the parent has it (RFC 4035 3.1.4.1)
		ds, doubt := s.delegatedSigners()
		var values []string
		for _, r := range ds {
			values = append(values, value(r))
		}
		return e.compare(sorted(values), doubt, "the parent")
	}
	if len(s.alive) == 0 {
		return unclear("no name server answers for the zone")
	}
	outcomes := make([]verdict, len(s.alive))
	parallel(len(s.alive), atOnce, func(i int) {
		p := s.alive[i]
		values, doubt := s.served(s.askAt(p, name, typ), name, typ)
		outcomes[i] = e.compare(values, doubt, p.Host)
	})
	return worst(outcomes)
}

// served returns the values that an answer of one server leads to: a CNAME out
// of the zone, or a zone below, is followed by the resolver.
func (s *session) served(answer probe.ServerAnswer, name string, typ probe.RecordType) (values []string, doubt string) {
	if cut, _ := answer.Referral(); cut != "" && cut != s.zone() && within(name, cut) {
		return s.resolved(name, typ)
	}
	if !answer.Status.Decided() || !answer.Authoritative {
		return nil, detailOf(answer)
	}
	owner := name
	for range len(answer.Answer) {
		alias := answer.Of(owner, probe.TypeCNAME)
		if typ == probe.TypeCNAME || len(alias) == 0 {
			break
		}
		owner = alias[0].Host
	}
	for _, r := range answer.Of(owner, typ) {
		values = append(values, value(r))
	}
	if len(values) == 0 && owner != name {
		return s.resolved(owner, typ)
	}
	return sorted(values), ""
}

func (s *session) resolved(name string, typ probe.RecordType) (values []string, doubt string) {
	answer := s.prober.Lookup(s.ctx, name, typ)
	if !answer.Status.Decided() {
		return nil, answer.Undecided()
	}
	for _, r := range answer.Records {
		values = append(values, value(r))
	}
	return sorted(values), ""
}

// compare holds what a server has against what is expected.
func (e Expected) compare(got []string, doubt, at string) verdict {
	if doubt != "" {
		return unclear("%s (%s)", doubt, at)
	}
	if e.Proxied {
		switch strange := slices.DeleteFunc(slices.Clone(got), isCloudflare); {
		case len(got) == 0:
			return fail("%s has no address", at)
		case len(strange) > 0:
			return fail("%s answers with %s, which is not Cloudflare's", at, enumerate(strange))
		default:
			return pass("every name server answers with Cloudflare's addresses")
		}
	}
	var want []string
	for _, v := range e.Values {
		want = append(want, normalise(e.recordType(), v))
	}
	var missing, extra []string
	for _, v := range sorted(want) {
		if !slices.Contains(got, v) {
			missing = append(missing, quote(v))
		}
	}
	for _, v := range got {
		if !e.AtLeast && !slices.Contains(want, v) {
			extra = append(extra, quote(v))
		}
	}
	var faults []string
	if len(missing) > 0 {
		faults = append(faults, "lacks "+enumerate(missing))
	}
	if len(extra) > 0 {
		faults = append(faults, "has "+enumerate(extra)+" beside what is expected")
	}
	if len(faults) > 0 {
		return fail("%s %s", at, strings.Join(faults, " and "))
	}
	return pass("every name server has what is expected")
}

// quote shows public record text in a message: on one line, of bounded length.
func quote(text string) string {
	const most = 120
	short := strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return '\u2423' // the open box stands for what cannot be seen
		}
		return r
	}, text)
	if runes := []rune(short); len(runes) > most {
		short = string(runes[:most]) + "..."
	}
	return fmt.Sprintf("\u201c%s\u201d", short)
}
