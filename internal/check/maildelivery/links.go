package maildelivery

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/message"
)

// maxSubjects bounds the findings about links.
const maxSubjects = 20

// links wants every link to be https and to lead to the portal. Addresses are
// never shown: those of a password reset are as good as the password.
func (s *session) links(m *message.Message, o order) {
	const rule = "delivery.links"
	links, incomplete := m.Links()
	allowed := s.linkHosts(o)
	faults := map[string]string{} // by host; the first fault of each
	judged := 0
	for _, link := range links {
		host, fault := judgeLink(link, allowed)
		if fault == "" && host == "" {
			continue // mailto and the like
		}
		judged++
		if host == "" {
			host = s.domain
		}
		if fault != "" && (faults[host] == "" || fault < faults[host]) {
			faults[host] = fault
		}
	}
	for i, host := range slices.Sorted(maps.Keys(faults)) {
		if i < maxSubjects {
			s.report.Fail(rule, host, faults[host])
		}
	}
	switch {
	case len(faults) > 0:
	case incomplete:
		s.report.Inconclusive(rule, s.domain, "a part of the message cannot be read")
	case judged == 0:
		s.report.NotApplicable(rule, s.domain, "the message holds no link")
	default:
		s.report.Pass(rule, s.domain, "every link is https and leads to the portal")
	}
}

// linkHosts are the hosts that links may lead to.
func (s *session) linkHosts(o order) []string {
	if len(s.spec.LinkHosts) > 0 {
		return s.spec.LinkHosts
	}
	if r := o.trigger.Request; r != nil {
		if host, err := hostOf(r.URL); err == nil {
			return []string{host}
		}
	}
	return nil
}

// judgeLink returns the host of a link and what is wrong with it. Neither means
// that it is no link to a site.
func judgeLink(link string, allowed []string) (host, fault string) {
	u, err := url.Parse(link)
	if err != nil {
		return "", "a link is not an address"
	}
	switch strings.ToLower(u.Scheme) {
	case "mailto", "tel", "sms", "cid", "mid":
		return "", ""
	case "":
		return canonical(u.Hostname()), "a link has no scheme: it leads nowhere from a mailbox"
	case "https":
	case "http":
		return canonical(u.Hostname()), "a link is http, not https"
	default:
		return canonical(u.Hostname()), "a link is neither https nor an address of mail or telephone"
	}
	if host = canonical(u.Hostname()); host == "" {
		return "", "a link is not an address"
	}
	for _, a := range allowed {
		base, wild := strings.CutPrefix(canonical(a), "*.")
		if host == base && !wild || wild && strings.HasSuffix(host, "."+base) {
			return host, ""
		}
	}
	return host, "a link leads to another host than the portal's"
}
