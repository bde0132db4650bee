package dnscheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

const (
	maxHosts = 10
	// maxNamesOfCertificate bounds the names of a certificate that are climbed from.
	maxNamesOfCertificate = 20
)

// caaSet is the set of CAA records that counts for a name.
type caaSet struct {
	at      string // where it was found; empty if there is none
	records []probe.Record
	doubt   string
}

// climb finds the CAA set of a name: at the name itself or the nearest above
// it that has one (RFC 8659 3). The resolver follows CNAMEs; the climb goes on
// from the name that was asked for.
func (s *session) climb(name string) caaSet {
	if s.deaf != "" {
		return caaSet{doubt: s.deaf}
	}
	for up := strings.TrimPrefix(name, "*."); up != "."; up = parentOf(up) {
		answer := s.prober.Lookup(s.ctx, up, probe.TypeCAA)
		if !answer.Status.Decided() {
			return caaSet{doubt: fmt.Sprintf("the CAA records of %s could not be looked up: %s", up, answer.Undecided())}
		}
		if answer.Status == probe.Found {
			return caaSet{at: up, records: answer.Records}
		}
	}
	return caaSet{}
}

// judgeCAA decides whether the domain says who may issue for it, and whether
// the authorities of the live certificates are among them.
func (s *session) judgeCAA() {
	set := s.climb(s.domain)
	missing := pass("CAA records are published at %s", set.at)
	switch {
	case s.delegation.absent != "":
		missing = inapplicable("%s", s.delegation.absent)
	case set.doubt != "":
		missing = unclear("%s", set.doubt)
	case set.at == "":
		missing = fail("any authority may issue certificates for the domain")
		if slices.Contains(s.spec.Requirements, RequireCAA) {
			missing.severity = readiness.High
		}
	}
	s.say(ruleCAAMissing, s.domain, missing)

	hosts := s.caaHosts()
	all := make([]verdict, len(hosts))
	parallel(len(hosts), 4, func(i int) { all[i] = s.judgeIssuer(hosts[i]) })
	for i, host := range hosts {
		s.say(ruleCAAMismatch, host, all[i])
	}
}

// caaHosts are the hosts whose certificates are looked at.
func (s *session) caaHosts() []string {
	var out []string
	for _, host := range s.spec.Hosts {
		out = append(out, canonical(host))
	}
	if len(out) == 0 {
		out = append([]string{s.domain}, s.owners(func(e entry) bool {
			return (e.typ == probe.TypeA || e.typ == probe.TypeAAAA || e.typ == probe.TypeCNAME) && s.isWeb(e.name) && within(e.name, s.domain) && e.name != s.domain
		})...)
		if len(out) > maxHosts {
			s.report.Observe("hosts", fmt.Sprintf("the certificates of the first %d of %d web names are looked at; name others in hosts", maxHosts, len(out)))
			out = out[:maxHosts]
		}
	}
	return sorted(out)
}

func (s *session) judgeIssuer(host string) verdict {
	if err := s.prober.InScope(host, probe.Passive); err != nil {
		return unclear("%s", err)
	}
	if s.deaf != "" {
		return unclear("%s", s.deaf)
	}
	if found := s.targetOf(host); found.state == unknown && s.mute.Load() >= patience {
		return unclear("%s", found.doubt)
	}
	target := probe.TLSTarget{Host: host}
	facts := s.prober.Handshake(s.ctx, target)
	if facts.Failure == probe.FailTimeout && s.ctx.Err() == nil {
		facts = s.prober.Handshake(s.ctx, target)
	}
	leaf := facts.Leaf()
	switch {
	case leaf != nil:
	case facts.Failure == probe.FailRefused, facts.Failure == probe.FailTLS, facts.Failure == probe.FailReset:
		return inapplicable("there is no certificate to look at: %s", facts.Detail)
	case facts.Failure == probe.FailDNS && s.targetOf(host).state != unknown:
		return inapplicable("there is no certificate to look at: %s", facts.Detail)
	default:
		return unclear("the certificate could not be seen: %s", facts.Detail)
	}
	// All names of the certificate are renewed together.
	var names []string
	for _, name := range leaf.DNSNames {
		name = canonical(name)
		if base := strings.TrimPrefix(name, "*."); (within(base, s.zone()) || within(host, base)) && len(names) < maxNamesOfCertificate {
			names = append(names, name)
		}
	}
	issuer := issuerOf(leaf.Issuer.Organization, leaf.Issuer.CommonName)
	var all []verdict
	for _, name := range sorted(names) {
		set := s.climb(name)
		if set.doubt != "" {
			all = append(all, unclear("%s", set.doubt))
			continue
		}
		all = append(all, judgeCAASet(set, strings.HasPrefix(name, "*."), issuer, facts.ChainError == nil))
	}
	if len(all) == 0 {
		return inapplicable("the certificate is for no name of the domain")
	}
	return worst(all)
}

// judgeCAASet decides whether an issuer may issue by the CAA set of a name
// (RFC 8659 4). public is whether the certificate is of an authority that is
// trusted: others are not bound by CAA.
func judgeCAASet(set caaSet, wildcard bool, by issuer, public bool) verdict {
	if set.at == "" {
		return pass("no CAA record restricts who may issue")
	}
	var issue, issueWild []string
	hasIssue, hasWild := false, false
	for _, r := range set.records {
		domain, _, _ := strings.Cut(r.CAAValue, ";")
		domain = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(domain), "."))
		switch strings.ToLower(r.CAATag) {
		case "issue":
			hasIssue, issue = true, append(issue, domain)
		case "issuewild":
			hasWild, issueWild = true, append(issueWild, domain)
		case "iodef", "contactemail", "contactphone", "issuemail", "issuevmc":
		default:
			if r.CAAFlag&128 != 0 {
				return fail("the CAA record with the critical tag %s at %s keeps every authority from issuing", quote(r.CAATag), set.at)
			}
		}
	}
	allowed, restricted, what := issue, hasIssue, ""
	if wildcard && hasWild {
		allowed, restricted, what = issueWild, true, " to issue wildcards"
	}
	allowed = slices.DeleteFunc(sorted(allowed), func(d string) bool { return d == "" })
	switch {
	case !restricted:
		return pass("the CAA records do not restrict who may issue")
	case len(by.domains) == 0 && !public:
		return inapplicable("the certificate is of no public authority, which CAA could bind")
	case len(allowed) == 0:
		return fail("the CAA records at %s allow nobody%s, and the certificate is of %s", set.at, what, by.name)
	case len(by.domains) == 0:
		return unclear("the certificate's authority is not known here: %s", by.name)
	case slices.ContainsFunc(by.domains, func(d string) bool { return slices.Contains(allowed, d) }):
		return pass("the certificate's authority is allowed by the CAA records")
	default:
		return fail("the CAA records at %s allow %s%s, and the certificate is of %s (%s)", set.at, enumerate(allowed), what, by.name, by.domains[0])
	}
}
