package deploycheck

import (
	"crypto/tls"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/edgeranges"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// compared are the versions that both are asked for.
var compared = []uint16{tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13}

// tlsParity compares versions, certificates and what plain HTTP leads to.
func (s *session) tlsParity() {
	if !strings.HasPrefix(s.production.URL, "https://") || !strings.HasPrefix(s.staging.URL, "https://") {
		s.report.NotApplicable(ruleTLSParity, s.staging.host, "one of the two is not reached by https")
		return
	}
	both := []*site{s.production, s.staging}
	seen, lost := make([]classes, len(both)), make([]string, len(both))
	check.Beside(len(both), len(both), func(i int) { seen[i], lost[i] = s.transport(both[i]) })
	for i, at := range both {
		if lost[i] != "" {
			s.report.Inconclusive(ruleTLSParity, s.staging.host, at.name+": "+lost[i])
			return
		}
	}
	s.tell(ruleTLSParity, seen[0], seen[1], "both are alike in TLS")
}

// tell reports what differs, each class by itself.
func (s *session) tell(rule string, was, is classes, alike string) {
	wrong := unlike(was, is)
	for _, name := range wrong {
		s.report.Fail(rule, s.staging.host+" "+name, fmt.Sprintf("%s: in production %s, on staging %s", name, was[name], is[name]))
	}
	if len(wrong) == 0 {
		s.report.Pass(rule, s.staging.host, alike)
	}
}

func (s *session) transport(at *site) (out classes, lost string) {
	target := probe.TLSTarget{Host: at.host, Versions: compared}
	if u, err := url.Parse(at.URL); err == nil && u.Port() != "" {
		if port, err := strconv.ParseUint(u.Port(), 10, 16); err == nil {
			target.Port = uint16(port)
		}
	}
	facts := s.prober.Handshake(s.ctx, target)
	if facts.Failure != probe.FailNone {
		return nil, facts.Detail
	}
	out = classes{"certificate": "one that browsers trust"}
	switch {
	case facts.NameError != nil:
		out["certificate"] = "one of another name"
	case facts.ChainError != nil:
		out["certificate"] = "one that browsers do not trust"
	}
	for version, outcome := range facts.Versions {
		if outcome != probe.VersionInconclusive {
			out[tls.VersionName(version)] = string(outcome)
		}
	}
	if target.Port == 0 || target.Port == 443 {
		out["plain HTTP"] = s.inTheClear(at)
	}
	return out, ""
}

// inTheClear is what plain HTTP leads to.
func (s *session) inTheClear(at *site) string {
	x := s.prober.Fetch(s.ctx, probe.Request{URL: "http://" + at.host + "/", Retry: true})
	switch {
	case x.Status == 0:
		return "gets no answer"
	case strings.HasPrefix(x.Redirect, "https://"+at.host+"/"), x.Redirect == "https://"+at.host:
		return "is sent to https"
	case x.Redirect != "":
		return "is sent elsewhere"
	}
	return "is answered"
}

// dnsParity compares how both names are reached.
func (s *session) dnsParity() {
	if isAddress(s.production.host) || isAddress(s.staging.host) {
		s.report.NotApplicable(ruleDNSParity, s.staging.host, "one of the two has no name")
		return
	}
	was, lost := s.reached(s.production.host)
	if lost != "" {
		s.report.Inconclusive(ruleDNSParity, s.staging.host, "production: "+lost)
		return
	}
	is, lost := s.reached(s.staging.host)
	if lost != "" {
		s.report.Inconclusive(ruleDNSParity, s.staging.host, "staging: "+lost)
		return
	}
	s.tell(ruleDNSParity, was, is, "both names are reached alike")
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(check.CanonicalHost(host), "[]"))
	return err == nil
}

func (s *session) reached(host string) (out classes, lost string) {
	out = classes{}
	inside, outside := 0, 0
	for typ, name := range map[probe.RecordType]string{probe.TypeA: "IPv4", probe.TypeAAAA: "IPv6"} {
		answer := s.prober.Lookup(s.ctx, host, typ)
		if !answer.Status.Decided() {
			return nil, host + " could not be looked up: " + answer.Detail
		}
		out[name] = "not reached"
		for _, r := range answer.Records {
			out[name] = "reached"
			if edgeranges.Contains(r.Address) {
				inside++
			} else {
				outside++
			}
		}
	}
	switch {
	case inside > 0 && outside == 0:
		out["Cloudflare's edge"] = "in front"
	case inside > 0:
		out["Cloudflare's edge"] = "in front of some addresses"
	case outside > 0:
		out["Cloudflare's edge"] = "not in front"
	default:
		return nil, host + " has no address"
	}
	return out, ""
}
