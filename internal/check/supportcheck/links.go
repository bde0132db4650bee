package supportcheck

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/runbook"
)

// link is an address that the runbook leads to, wherever it does.
type link struct {
	url    *url.URL // without fragment
	places []string // file and line
}

// subject is the address as findings show it.
func (l *link) subject() string { return shown(l.url) }

// shown is an address without what may be a secret: user, query, and segments
// that look like tokens.
func shown(u *url.URL) string {
	plain := *u
	segments := strings.Split(plain.Path, "/")
	for i, s := range segments {
		if len(s) >= 32 || len(s) >= 16 && strings.ContainsAny(s, "0123456789") && strings.ToLower(s) != s {
			segments[i] = "..."
		}
	}
	plain.Path, plain.RawPath = strings.Join(segments, "/"), ""
	return check.PlainURL(&plain)
}

// fate is what became of a link.
type fate int

const (
	alive   fate = iota
	dead         // it leads nowhere, for certain
	unsure       // it cannot be told
	outside      // of the scope: nothing was sent
	unasked      // there are too many
)

// seen is what was learnt of a link.
type seen struct {
	fate   fate
	reason string
	silent bool // nothing answered at all
}

const seeLink = "Open the link as somebody who is signed in. If its host does not answer programs, name it in link_hosts_ignored."

// isAddress reports whether a text is an address of the web.
func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (strings.EqualFold(u.Scheme, "https") || strings.EqualFold(u.Scheme, "http")) && u.Hostname() != ""
}

// links judges what the runbook leads to.
func (s *session) links() {
	remote, local, broken := s.gather()
	for _, subject := range broken {
		s.report.Fail(ruleLinkDead, subject.name, subject.reason)
	}
	s.insecure(remote)
	var asked []*link
	for _, l := range remote {
		switch host := strings.ToLower(l.url.Hostname()); {
		case covers(s.spec.IgnoredHosts, host):
			s.report.NotApplicable(ruleLinkDead, l.subject(), "its host is in link_hosts_ignored")
		case s.private(host):
			s.report.NotApplicable(ruleLinkDead, l.subject(), "its host is a private one")
		default:
			asked = append(asked, l)
		}
	}
	results := s.ask(asked)
	checked, failed := 0, len(broken) > 0
	for i, l := range asked {
		r := results[i]
		switch r.fate {
		case alive:
			checked++
		case dead:
			checked++
			failed = true
			s.report.Fail(ruleLinkDead, l.subject(), r.reason+", in "+strings.Join(l.places, ", "))
		case unsure:
			checked++
			s.report.InconclusiveAt(ruleLinkDead, l.subject(), readiness.Info, r.reason, seeLink)
		case outside:
			s.report.InconclusiveAt(ruleLinkDead, l.subject(), readiness.Info, r.reason, "Add its host to probe.allowed_hosts in provider \"launchready\" if it may be asked for, or name it in link_hosts_ignored.")
		case unasked:
			s.report.InconclusiveAt(ruleLinkDead, l.subject(), readiness.Info, r.reason, "Name hosts whose links need no look in link_hosts_ignored.")
		}
	}
	s.report.Observe("links", strconv.Itoa(len(remote)+local))
	s.report.Observe("links asked for", strconv.Itoa(checked))
	switch {
	case len(asked) > 0 && checked == 0:
		s.report.InconclusiveAs(ruleLinkDead, whole, "none of the links could be asked for", seeLink)
	case failed:
	case checked+local > 0:
		s.report.Pass(ruleLinkDead, whole, "no link that was followed leads nowhere")
	default:
		s.report.NotApplicable(ruleLinkDead, whole, "the runbook has no links that could be followed")
	}
}

// gone is a relative link that leads nowhere.
type gone struct{ name, reason string }

// gather collects the links of all files: those to the web, each once and in
// order, how many lead to files, and which of these lead nowhere.
func (s *session) gather() (remote []*link, local int, broken []gone) {
	byURL := map[string]*link{}
	for _, f := range s.book.Files {
		for _, b := range f.Blocks {
			for _, l := range b.Links {
				at := f.Name + ":" + strconv.Itoa(l.Line)
				u := s.resolve(l)
				if u == nil {
					if leads, known, is := s.relative(f.Name, l); is && known {
						if local++; !leads {
							broken = append(broken, gone{f.Name + " -> " + l.Target, fmt.Sprintf("the file, or the heading in it, does not exist (line %d)", l.Line)})
						}
					}
					continue
				}
				key := u.String()
				if byURL[key] == nil {
					byURL[key] = &link{url: u}
					remote = append(remote, byURL[key])
				}
				if !slices.Contains(byURL[key].places, at) {
					byURL[key].places = append(byURL[key].places, at)
				}
			}
		}
	}
	slices.SortStableFunc(remote, func(a, b *link) int { return strings.Compare(a.url.String(), b.url.String()) })
	return remote, local, broken
}

// resolve is the address of the web that a link leads to; nil if it is none, or a
// pattern of addresses.
func (s *session) resolve(l runbook.Link) *url.URL {
	target := strings.TrimSpace(l.Target)
	if strings.ContainsAny(target, "{}<>$*") || strings.Contains(target, "%7B") {
		return nil
	}
	u, err := url.Parse(target)
	if err != nil {
		return nil
	}
	if s.base != "" {
		if strings.HasPrefix(target, "#") {
			return nil
		}
		if base, err := url.Parse(s.base); err == nil {
			u = base.ResolveReference(u)
		}
	}
	if u.Scheme == "" && u.Host != "" {
		u.Scheme = "https"
	}
	if u.Scheme = strings.ToLower(u.Scheme); u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return nil
	}
	u.Fragment, u.RawFragment = "", ""
	return u
}

// relative reports whether a link leads to a file or a heading of the runbook, and
// whether that exists.
func (s *session) relative(from string, l runbook.Link) (leads, known, is bool) {
	target := strings.TrimSpace(l.Target)
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" || u.Host != "" || target == "" || strings.ContainsAny(target, "{}<>$*") {
		return false, false, false
	}
	leads, known = s.book.Leads(from, target)
	return leads, known, true
}

// covers reports whether a list of hosts has one; *.acme.example has all names
// below it.
func covers(list []string, host string) bool {
	host = check.CanonicalHost(host)
	return slices.ContainsFunc(list, func(entry string) bool {
		if base, ok := strings.CutPrefix(entry, "*."); ok {
			return strings.HasSuffix(host, "."+check.CanonicalHost(base))
		}
		return check.CanonicalHost(entry) == host
	})
}

// privateNames are of networks that nobody outside reaches.
var privateNames = []string{".internal", ".local", ".lan", ".corp", ".home", ".intranet", ".private", ".home.arpa", ".localhost", ".svc", ".cluster.local"}

// private reports whether a host is one that only some network knows, and that
// the user has not named as one to be tested.
func (s *session) private(host string) bool {
	if s.prober.InScope(host, probe.Active) == nil {
		return false
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return !ip.IsGlobalUnicast() || ip.IsPrivate()
	}
	return !strings.Contains(strings.TrimSuffix(host, "."), ".") || slices.ContainsFunc(privateNames, func(p string) bool { return strings.HasSuffix(strings.TrimSuffix(host, "."), p) })
}

// insecure reports links that are not encrypted.
func (s *session) insecure(remote []*link) {
	failed, any := false, false
	for _, l := range remote {
		host := strings.ToLower(l.url.Hostname())
		if ip, err := netip.ParseAddr(host); s.private(host) || err == nil && ip.IsLoopback() {
			continue
		}
		any = true
		if l.url.Scheme == "http" {
			failed = true
			s.report.Fail(ruleInsecure, l.subject(), "the link begins with http:, in "+strings.Join(l.places, ", "))
		}
	}
	switch {
	case failed:
	case any:
		s.free(ruleInsecure, "every link begins with https:")
	default:
		s.report.NotApplicable(ruleInsecure, whole, "the runbook has no links to the web")
	}
}
