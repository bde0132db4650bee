package dmarc

import (
	"context"
	"errors"
	"net"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Resolver answers TXT questions: one slice of character-strings per record.
// The error is a *net.DNSError, IsNotFound if the name has no TXT record.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([][]string, error)
}

// Step is one name that was asked for a record.
type Step struct {
	Domain  string   // without "_dmarc."
	TXT     []string // all TXT values there
	Records []string // of these, the policy records
	Record  *Record  // nil unless exactly one counts
	Err     error    // the DNS did not answer
}

// Discovery is the policy record that applies to a domain, and how it was found.
type Discovery struct {
	Domain         string
	Dialect        Dialect
	Steps          []Step
	Record         *Record // nil if none applies
	Found          string  // the domain that it stands at
	Organizational string  // empty if it could not be decided
	Err            error   // the DNS did not answer where it mattered: Record is not to be trusted
}

// Scope is whose policy applies to the domain, given whether it exists.
func (d Discovery) Scope(exists bool) Scope {
	switch {
	case d.Found == d.Domain:
		return OwnName
	case exists:
		return ExistingSubname
	}
	return MissingSubname
}

// Effective is the policy that receivers apply to the domain.
func (d Discovery) Effective(exists bool) (Policy, string) {
	if d.Record == nil {
		return None, "no record"
	}
	return d.Record.Effective(d.Scope(exists), d.Dialect)
}

// Ask reads the record at one domain.
func Ask(ctx context.Context, r Resolver, domain string) Step {
	s := Step{Domain: domain}
	txt, err := r.LookupTXT(ctx, "_dmarc."+domain)
	var dnsErr *net.DNSError
	if err != nil && !(errors.As(err, &dnsErr) && dnsErr.IsNotFound) {
		s.Err = err
		return s
	}
	for _, strs := range txt {
		text := strings.Join(strs, "")
		s.TXT = append(s.TXT, text)
		if IsDMARC(text) {
			s.Records = append(s.Records, text)
		}
	}
	if len(s.Records) == 1 {
		// More than one are all discarded, and so is one without any effect.
		if record, _ := Parse(s.Records[0]); record.Applies() {
			s.Record = record
		}
	}
	return s
}

// Walk finds the record by the tree walk of RFC 9989 section 4.10.
func Walk(ctx context.Context, r Resolver, domain string) Discovery {
	d := Discovery{Domain: domain, Dialect: RFC9989}
	undecided := false
	for _, name := range walkNames(domain) {
		s := Ask(ctx, r, name)
		d.Steps = append(d.Steps, s)
		switch {
		case s.Err != nil && name == domain:
			d.Err = s.Err
			return d
		case s.Err != nil && !isPublicSuffix(name):
			// A registry that does not answer for its own name is left out:
			// hardly any has a record, and clients have theirs below it.
			undecided = true
			if d.Err == nil {
				d.Err = s.Err
			}
		}
		if s.Record != nil && s.Record.PublicSuffix != "u" {
			break
		}
	}
	if !undecided {
		d.Organizational = d.organizational()
	}
	if own := d.Steps[0].Record; own != nil {
		d.Record, d.Found, d.Err = own, domain, nil
		return d
	}
	if d.Err != nil {
		return d
	}
	for _, s := range d.Steps[1:] {
		if s.Record != nil && s.Domain == d.Organizational {
			d.Record, d.Found = s.Record, s.Domain
			return d
		}
	}
	// The organizational domain has none: the registry's applies.
	if last := d.Steps[len(d.Steps)-1]; last.Record != nil && last.Record.PublicSuffix == "y" {
		d.Record, d.Found = last.Record, last.Domain
	}
	return d
}

// walkNames are the names to ask: the domain, then its ancestors, of at most
// seven labels, down to the top label.
func walkNames(domain string) []string {
	labels := strings.Split(domain, ".")
	names := []string{domain}
	rest := labels[1:]
	if len(labels) > 8 {
		rest = labels[len(labels)-7:]
	}
	for ; len(rest) > 0; rest = rest[1:] {
		names = append(names, strings.Join(rest, "."))
	}
	return names
}

// organizational chooses the organizational domain from the records found.
func (d Discovery) organizational() string {
	best := ""
	for i, s := range d.Steps {
		switch {
		case s.Record == nil:
		case s.Record.PublicSuffix == "n":
			return s.Domain
		case s.Record.PublicSuffix == "y" && i > 0:
			labels := strings.Split(d.Domain, ".")
			return strings.Join(labels[len(labels)-strings.Count(s.Domain, ".")-2:], ".")
		default:
			best = s.Domain // the walk goes upward: the last has the fewest labels
		}
	}
	if best == "" {
		return d.Domain
	}
	return best
}

// ByPublicSuffix finds the record by RFC 7489: the domain itself, else the
// organizational domain by the public suffix list.
func ByPublicSuffix(ctx context.Context, r Resolver, domain string) Discovery {
	d := Discovery{Domain: domain, Dialect: RFC7489, Organizational: OrganizationalDomain(domain)}
	for _, name := range []string{domain, d.Organizational} {
		if len(d.Steps) > 0 && name == domain {
			break
		}
		s := Ask(ctx, r, name)
		d.Steps = append(d.Steps, s)
		if s.Err != nil {
			d.Err = s.Err
			return d
		}
		if s.Record != nil {
			d.Record, d.Found = s.Record, name
			return d
		}
	}
	return d
}

// OrganizationalDomain is the name one label below the public suffix, by the
// list as of the module's release; the domain itself if it is a suffix.
func OrganizationalDomain(domain string) string {
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	if org, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return org
	}
	return domain
}

// isPublicSuffix reports whether registrations happen directly below the name.
func isPublicSuffix(name string) bool {
	suffix, _ := publicsuffix.PublicSuffix(name)
	return suffix == name
}

// IsRegistry reports whether the name is on the public suffix list, so that
// psd=y has a meaning there.
func IsRegistry(name string) bool {
	suffix, icann := publicsuffix.PublicSuffix(name)
	return suffix == name && (icann || strings.Contains(name, "."))
}

// ReportAuthorization returns the name whose TXT record lets a foreign host
// receive the reports about a policy domain (RFC 9990), and false if none is
// needed because both belong to one organizational domain.
func ReportAuthorization(policyDomain, host string) (name string, needed bool) {
	if host == "" || OrganizationalDomain(policyDomain) == OrganizationalDomain(host) {
		return "", false
	}
	return policyDomain + "._report._dmarc." + host, true
}

// Authorizes reports whether the TXT values at that name give consent: any
// record that begins as a DMARC record does.
func Authorizes(txt []string) bool {
	for _, text := range txt {
		if IsDMARC(text) {
			return true
		}
	}
	return false
}
