package supportcheck

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

// maxDomains is how many domains of addresses are looked up.
const maxDomains = 50

// instance finds lines whose addresses are examples.
var instance = lazy(`(?i)\b(?:typo|typing error|mistyp\w*|misspel\w*|for example|e\.g\.|such as|instead of|looks? like|zum beispiel|z\.\s?b\.|par exemple|por ejemplo)`)

// contacts judges whether mail to the contacts can be delivered.
func (s *session) contacts() {
	all, wrong := s.addresses()
	for _, text := range wrong {
		s.report.Fail(ruleContact, text, "the link is no address of mail")
	}
	failed, unknown, more := len(wrong) > 0, false, 0
	answers := map[string]seen{}
	for _, address := range all {
		domain := address[strings.LastIndexByte(address, '@')+1:]
		answer, known := answers[domain]
		if !known && len(answers) == maxDomains {
			more++
			continue
		}
		if !known {
			answer = s.takesMail(domain)
			answers[domain] = answer
		}
		switch answer.fate {
		case dead:
			failed = true
			s.report.Fail(ruleContact, address, answer.reason)
		case unsure:
			unknown = true
			s.report.Inconclusive(ruleContact, address, answer.reason)
		}
	}
	switch {
	case more > 0:
		s.report.InconclusiveAs(ruleContact, whole, fmt.Sprintf("the addresses have more than %d domains: %d addresses were not looked up", maxDomains, more),
			"Look the others up by hand, and waive the rule with a reason; or check parts of the runbook by themselves.")
	case failed || unknown:
	case len(all) == 0:
		s.report.NotApplicable(ruleContact, whole, "the runbook names no address of mail")
	default:
		s.free(ruleContact, "the domains of all contacts take mail")
	}
}

// addresses are the contacts of the runbook in lower case, sorted, and links to
// mail that are none. Code and quotations are left out, and so is what placeholders are.
func (s *session) addresses() (all, wrong []string) {
	add := func(address string) {
		address = strings.ToLower(strings.Trim(address, ".'"))
		if !noReply().MatchString(address) && !invented().MatchString(address) && !slices.Contains(all, address) {
			all = append(all, address)
		}
	}
	for _, f := range s.book.Files {
		for _, b := range f.Blocks {
			if b.Kind == runbook.Code || b.Quote {
				continue
			}
			for line := range strings.SplitSeq(b.Prose, "\n") {
				if !instance().MatchString(mailAddress().ReplaceAllString(line, " ")) {
					for _, m := range mailAddress().FindAllString(line, -1) {
						add(m)
					}
				}
			}
			for _, l := range b.Links {
				rest, ok := cutFold(l.Target, "mailto:")
				if !ok || mailAddress().FindString(l.Text) == rest && rest != "" {
					continue // an address that stands in the text itself
				}
				to, _, _ := strings.Cut(rest, "?")
				if decoded, err := url.PathUnescape(to); err == nil {
					to = decoded
				}
				for one := range strings.SplitSeq(to, ",") {
					switch one = strings.TrimSpace(one); {
					case mailAddress().FindString(one) == one && one != "":
						add(one)
					case one != "" && !strings.ContainsAny(one, "{}<>"):
						wrong = append(wrong, f.Name+" -> mailto:"+one)
					}
				}
			}
		}
	}
	slices.Sort(all)
	return all, wrong
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// takesMail asks whether mail to a domain can be delivered: it has an MX record
// that is no null MX (RFC 7505), or an address (RFC 5321 section 5.1).
func (s *session) takesMail(domain string) seen {
	domain = check.CanonicalHost(domain)
	mx := s.prober.Lookup(s.ctx, domain, probe.TypeMX)
	switch mx.Status {
	case probe.Found:
		if slices.ContainsFunc(mx.Records, func(r probe.Record) bool { return r.Host != "." }) {
			return seen{fate: alive}
		}
		return seen{fate: dead, reason: "its domain says that it takes no mail (a null MX)"}
	case probe.NXDomain:
		return seen{fate: dead, reason: "its domain does not exist"}
	case probe.NoData:
	default:
		return seen{fate: unsure, reason: "the records of its domain could not be looked up: " + string(mx.Status)}
	}
	none := true
	for _, typ := range []probe.RecordType{probe.TypeA, probe.TypeAAAA} {
		switch answer := s.prober.Lookup(s.ctx, domain, typ); {
		case answer.Status == probe.Found:
			return seen{fate: alive}
		case !answer.Status.Decided():
			none = false
		}
	}
	if !none {
		return seen{fate: unsure, reason: "the addresses of its domain could not be looked up"}
	}
	return seen{fate: dead, reason: "its domain has neither an MX record nor an address"}
}
