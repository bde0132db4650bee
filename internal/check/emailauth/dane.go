package emailauth

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dane"
	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

var daneRules = []string{"dane.missing", "dane.unusable", "dane.broken"}

// dane decides the rules of DANE for SMTP, for each MX host that has TLSA records.
func (s *session) dane() {
	hosts := s.exchangeHosts()
	if s.mxOpen != "" {
		each(daneRules, func(rule string) { s.report.Inconclusive(rule, s.domain, s.mxOpen) })
		return
	}
	if !s.receives() {
		each(daneRules, func(rule string) { s.report.NotApplicable(rule, s.domain, "no MX takes mail for the domain") })
		return
	}
	answers := make([]probe.Answer, len(hosts))
	parallel(len(hosts), func(i int) { answers[i] = s.prober.Lookup(s.ctx, dane.Prefix+"."+hosts[i], probe.TypeTLSA) })
	on := false
	for i, host := range hosts {
		switch answer := answers[i]; {
		case !answer.Status.Decided() && s.surelyUnsigned(host):
			// Senders ask for TLSA records in signed zones alone (RFC 7672 section
			// 2.2.1), and some servers of others do not answer the question.
			each(daneRules, func(rule string) {
				if rule == "dane.missing" && s.requires("dane") {
					s.report.Fail(rule, host, "DANE is required, but the zone of the MX is not signed")
				} else {
					s.report.NotApplicable(rule, host, "the zone of the MX is not signed, so that no sender asks for its TLSA record")
				}
			})
		case !answer.Status.Decided():
			each(daneRules, func(rule string) {
				s.report.Inconclusive(rule, host, undecided(answer)+": senders that know DANE keep mail back until it is answered")
			})
		case answer.Status != probe.Found:
			each(daneRules[1:], func(rule string) { s.report.NotApplicable(rule, host, "the MX has no TLSA record") })
			if s.requires("dane") {
				s.report.Fail("dane.missing", host, "DANE is required, but there is no TLSA record at "+dane.Prefix+"."+host)
			} else {
				s.report.NotApplicable("dane.missing", host, "the MX has no TLSA record, and none is required")
			}
		default:
			on = true
			s.report.Pass("dane.missing", host, "TLSA records are published")
			s.daneHost(host, answer)
		}
	}
	s.transport = s.transport || on
}

func (s *session) daneHost(host string, answer probe.Answer) {
	const unusable, broken = "dane.unusable", "dane.broken"
	var usable []dane.TLSA
	failed := false
	for _, r := range answer.Records {
		t := dane.TLSA{Usage: r.Usage, Selector: r.Selector, Matching: r.Matching, Data: r.Data}
		if why := t.Unusable(); why != "" {
			failed = true
			s.report.Fail(unusable, host, fmt.Sprintf("senders skip the record %s: %s", quote(t.String()), why))
			continue
		}
		usable = append(usable, t)
	}
	signed, open := s.signed(host, answer)
	if own, unanswered := s.signed(s.domain, probe.Answer{}); s.requires("dane") && !own {
		if unanswered != "" {
			s.report.Inconclusive(unusable, host, unanswered)
		} else {
			failed = true
			s.report.Fail(unusable, host, "the MX records of "+s.domain+" are not signed, so that senders do not use DANE for it")
		}
	}
	switch {
	case open != "":
		s.report.Inconclusive(unusable, host, open)
	case !signed:
		s.report.Fail(unusable, host, "the zone of the MX is not signed by DNSSEC, so that senders do not use its TLSA records")
	case !failed:
		s.report.Pass(unusable, host, "senders can use every TLSA record")
	}
	if len(usable) == 0 || open == "" && !signed {
		s.report.NotApplicable(broken, host, "no TLSA record can be used: see dane.unusable")
		return
	}
	facts := s.server(host)
	switch {
	case facts.Greeted && !facts.StartTLS:
		s.report.Fail(broken, host, "the MX has TLSA records but does not offer STARTTLS: senders that know DANE do not deliver")
		return
	case facts.Failure == probe.FailScope || !facts.Greeted:
		// Port 25 is closed to most machines that are no mail servers, and a hosted
		// MX is not the client's to test: that must not keep a launch back unless
		// the user asks for it.
		why := "port 25 of the MX does not answer this machine, so that its certificate is not seen"
		if s.requires("dane") {
			s.report.Inconclusive(broken, host, why)
		} else {
			s.report.NotApplicable(broken, host, why)
		}
		return
	case facts.Failure != probe.FailNone:
		s.report.Inconclusive(broken, host, facts.Detail)
		return
	}
	options := x509.VerifyOptions{CurrentTime: facts.Now}
	for _, t := range usable {
		if t.Matches(facts.Chain, options, host, s.domain) {
			s.report.Pass(broken, host, "a TLSA record matches the certificate")
			return
		}
	}
	s.report.FailAs(broken, host, "", "no TLSA record matches the certificate that the MX shows: senders that know DANE do not deliver",
		"Publish "+zoneLine(dane.Prefix+"."+host, "TLSA", dane.Recommended(facts.Leaf()).String())+", and the next key's before it is used.")
}

// signed reports whether the records of a host are in a signed zone: the
// resolver vouches for them, or the host's registered domain has a DS record.
func (s *session) signed(host string, answer probe.Answer) (signed bool, open string) {
	if answer.Authenticated {
		return true, ""
	}
	ds := s.prober.Lookup(s.ctx, dmarc.OrganizationalDomain(host), probe.TypeDS)
	if !ds.Status.Decided() {
		return false, undecided(ds)
	}
	return ds.Status == probe.Found, ""
}

// surelyUnsigned reports whether the registry says that the domain of a host has
// no DS record.
func (s *session) surelyUnsigned(host string) bool {
	signed, open := s.signed(host, probe.Answer{})
	return !signed && open == ""
}

// server talks to a mail server, once a run.
func (s *session) server(host string) probe.MailServerFacts {
	s.serversMu.Lock()
	talk, ok := s.talks[host]
	if !ok {
		talk = sync.OnceValue(func() probe.MailServerFacts { return s.talk(host) })
		s.talks[host] = talk
	}
	s.serversMu.Unlock()
	return talk()
}

// dnssec decides whether the domain is signed, where that is required.
func (s *session) dnssec() {
	const rule = "mail.dnssec"
	if !s.requires("dnssec") {
		s.report.NotApplicable(rule, s.domain, "DNSSEC is not required")
		return
	}
	zone := dmarc.OrganizationalDomain(s.domain)
	switch ds := s.prober.Lookup(s.ctx, zone, probe.TypeDS); {
	case !ds.Status.Decided():
		s.report.Inconclusive(rule, s.domain, undecided(ds))
	case ds.Status != probe.Found:
		s.report.Fail(rule, s.domain, "DNSSEC is required, but the registry has no DS record of "+zone)
	default:
		s.report.Pass(rule, s.domain, "the registry has a DS record of "+zone)
	}
}

// talk asks the address that the host has, IPv4 first.
func (s *session) talk(host string) probe.MailServerFacts {
	facts := s.prober.MailServer(s.ctx, host, noAddress)
	s.observe("mail_server "+host, s.domain, strings.TrimSpace(cmp.Or(facts.Detail, "STARTTLS")))
	return facts
}
