package emailauth

import (
	"cmp"
	"fmt"
	"mime"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/mtasts"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

var mtastsOfPolicy = []string{"mta_sts.policy", "mta_sts.mx_mismatch", "mta_sts.mode"}

// mtaSTS decides the rules of MTA-STS. It protects mail to the domain: a domain
// that takes none has no use for it.
func (s *session) mtaSTS() {
	const rule = "mta_sts.record"
	name := mtasts.Label + "." + s.domain
	texts, answer := s.texts(name)
	if !answer.Status.Decided() {
		s.report.Inconclusive(rule, s.domain, undecided(answer))
		each(mtastsOfPolicy, func(rule string) {
			s.report.NotApplicable(rule, s.domain, "whether there is a policy is not known: see mta_sts.record")
		})
		return
	}
	count := 0
	spoilt := ""
	for _, text := range texts {
		switch {
		case mtasts.IsRecord(text):
			count++
			spoilt = text
		case mtasts.Resembles(text) && count == 0:
			spoilt = text
		}
	}
	example := zoneLine(name, "TXT", mtasts.FormatRecord("1"))
	notApplicable := func(why string, rules ...string) {
		each(rules, func(rule string) { s.report.NotApplicable(rule, s.domain, why) })
	}
	switch {
	case count == 0 && spoilt == "" && !s.requires("mta_sts"):
		notApplicable("there is no MTA-STS record, and none is required", append([]string{rule}, mtastsOfPolicy...)...)
		return
	case count == 0 && spoilt == "" && s.mxOpen == "" && !s.receives():
		notApplicable("no MX takes mail for the domain", append([]string{rule}, mtastsOfPolicy...)...)
		return
	case count == 0 && spoilt == "":
		s.report.FailAs(rule, s.domain, "", "MTA-STS is required, but there is no record at "+name, "Publish "+example+" with launchready_mta_sts_records, and serve its policy.")
		notApplicable("there is no MTA-STS record: see mta_sts.record", mtastsOfPolicy...)
		return
	case count > 1:
		s.report.FailAs(rule, s.domain, "", fmt.Sprintf("%d MTA-STS records stand at %s, so that senders heed none", count, name), "Keep one of them: launchready_mta_sts_records owns the name.")
		notApplicable("there is more than one MTA-STS record: see mta_sts.record", mtastsOfPolicy...)
		return
	}
	if _, err := mtasts.ParseRecord(spoilt); err != nil {
		s.report.FailAs(rule, s.domain, "", fmt.Sprintf("%s, in %s", err, quote(spoilt)), "Publish "+example+" in its place, with launchready_mta_sts_records.")
		notApplicable("the MTA-STS record is malformed: see mta_sts.record", mtastsOfPolicy...)
		return
	}
	s.report.Pass(rule, s.domain, "one MTA-STS record is published")
	s.transport = true
	s.mtaSTSPolicy()
}

// mtaSTSPolicy fetches the policy as a sender does: no redirects, a verified
// certificate, and nothing but status 200.
func (s *session) mtaSTSPolicy() {
	const rule = "mta_sts.policy"
	url := "https://" + mtasts.HostLabel + "." + s.domain + mtasts.Path
	x := s.prober.Fetch(s.ctx, probe.Request{URL: url, MaxBody: mtasts.MaximumPolicySize + 1, Retry: true})
	fault, open, mend := "", "", ""
	switch {
	case x.Failure == probe.FailUnverified, x.Failure == probe.FailTLS:
		fault = "senders do not trust the policy's host: " + x.Detail
		host := mtasts.HostLabel + "." + s.domain
		mend = "Give the host " + host + " a certificate of a public authority for its name, with its whole chain: senders fetch the policy by it."
	case x.Failure == probe.FailDNS && s.nowhere(mtasts.HostLabel+"."+s.domain):
		fault = x.Detail
	case x.Failure != probe.FailNone:
		open = url + ": " + x.Detail
	case x.Redirect != "" || x.Status >= 300 && x.Status < 400:
		fault = "the policy's address redirects, which senders do not follow"
	case x.Status == 429 || x.Status >= 500:
		open = fmt.Sprintf("%s answered %d", url, x.Status)
	case x.Status != 200:
		fault = fmt.Sprintf("the policy's address answers %d, where senders take 200 alone", x.Status)
	}
	var policy mtasts.Policy
	if fault == "" && open == "" {
		var err error
		if policy, err = mtasts.ParsePolicy(x.Body); err != nil {
			fault = err.Error()
		}
	}
	switch {
	case open != "":
		each(mtastsOfPolicy, func(rule string) { s.report.Inconclusive(rule, s.domain, open) })
		return
	case fault != "":
		s.report.FailAs(rule, s.domain, "", fault+" ("+url+")", cmp.Or(mend, s.mendPolicy(url, policy)))
		each(mtastsOfPolicy[1:], func(rule string) {
			s.report.NotApplicable(rule, s.domain, "the policy cannot be used: see mta_sts.policy")
		})
		return
	}
	kind, _, _ := mime.ParseMediaType(x.Header.Get("Content-Type"))
	s.observe("mta_sts_policy", s.domain, strings.TrimSpace(strings.ReplaceAll(string(x.Body), "\r", ""))+"\n("+kind+")")
	s.report.Pass(rule, s.domain, "the policy is served and can be read")
	s.mtaSTSMode(policy)
	s.mtaSTSHosts(policy)
}

// nowhere reports whether it is certain that a host has no address.
func (s *session) nowhere(host string) bool {
	for _, typ := range []probe.RecordType{probe.TypeA, probe.TypeAAAA} {
		if answer := s.prober.Lookup(s.ctx, host, typ); !answer.Status.Decided() || answer.Status == probe.Found {
			return false
		}
	}
	return true
}

// mendPolicy words the policy to serve, where the servers are known: it names
// them, and keeps the mode that could be read. A new policy begins in testing.
func (s *session) mendPolicy(url string, read mtasts.Policy) string {
	hosts := s.exchangeHosts()
	if len(hosts) == 0 {
		return ""
	}
	wanted := mtasts.Policy{Mode: cmp.Or(read.Mode, mtasts.Testing), MaxAge: max(read.MaxAge, 7*mtasts.ShortAge), MX: hosts}
	return "Serve this as text/plain with status 200 at " + url + ":\n" + indent(strings.ReplaceAll(wanted.Format(), "\r", ""))
}

func (s *session) mtaSTSMode(policy mtasts.Policy) {
	const rule = "mta_sts.mode"
	switch {
	case policy.Mode == mtasts.None && s.requires("mta_sts"):
		s.report.FailAs(rule, s.domain, readiness.Medium, "MTA-STS is required, but the policy's mode is none", "")
	case policy.Mode == mtasts.None:
		s.report.NotApplicable(rule, s.domain, "the policy's mode is none: MTA-STS is being retired")
	case policy.Mode == mtasts.Testing:
		s.report.Fail(rule, s.domain, "the policy's mode is testing: senders report, but deliver without TLS")
	case policy.MaxAge < mtasts.ShortAge:
		s.report.Fail(rule, s.domain, fmt.Sprintf("senders forget the policy after max_age: %d seconds, less than a day", policy.MaxAge))
	default:
		s.report.Pass(rule, s.domain, "the policy is enforced and kept")
	}
}

// mtaSTSHosts compares the policy with the servers: each must be named, and
// those that can be reached from here must have TLS that senders verify.
func (s *session) mtaSTSHosts(policy mtasts.Policy) {
	const rule = "mta_sts.mx_mismatch"
	hosts := s.exchangeHosts()
	switch {
	case policy.Mode == mtasts.None:
		s.report.NotApplicable(rule, s.domain, "the policy's mode is none")
		return
	case s.mxOpen != "":
		s.report.Inconclusive(rule, s.domain, s.mxOpen)
		return
	case len(hosts) == 0:
		s.report.NotApplicable(rule, s.domain, "no MX takes mail for the domain")
		return
	}
	severity, effect := readiness.Critical, "senders that know MTA-STS do not deliver there"
	if policy.Mode == mtasts.Testing {
		severity, effect = readiness.Medium, "once the mode is enforce, senders will not deliver there"
	}
	var unnamed []string
	for _, host := range hosts {
		if !policy.Covers(host) {
			unnamed = append(unnamed, host)
		}
	}
	if len(unnamed) > 0 {
		var lines []string
		for _, host := range unnamed {
			lines = append(lines, "mx: "+host)
		}
		s.report.FailAs(rule, s.domain, severity, fmt.Sprintf("the policy does not name the MX %s: %s", some(unnamed), effect),
			"Add to the policy:\n"+indent(strings.Join(lines, "\n"))+"\nand change the record's id; launchready_mta_sts_records does both.")
		return
	}
	facts := s.servers(hosts)
	seen, failed := 0, false
	for i, host := range hosts {
		fault := ""
		switch f := facts[i]; {
		case !f.Greeted:
			continue // nothing can be said from here
		case !f.StartTLS:
			fault = "does not offer STARTTLS"
		case f.Failure != probe.FailNone:
			continue
		case f.NameError != nil:
			fault = "shows a certificate for another name"
		case f.ChainError != nil:
			fault = "shows a certificate that no public authority vouches for"
		case f.Leaf() != nil && f.Now.After(f.Leaf().NotAfter):
			fault = "shows a certificate that has expired"
		}
		seen++
		if fault != "" {
			failed = true
			s.report.FailAs(rule, s.domain, severity, fmt.Sprintf("the MX %s %s: %s", host, fault, effect), "Give the mail server "+host+" a certificate of a public authority for that name.")
		}
	}
	if failed {
		return
	}
	good := "the policy names every MX"
	if seen < len(hosts) {
		good += "; the certificates of those that port 25 does not lead to from here were not seen"
	}
	s.report.Pass(rule, s.domain, good)
}

// servers talks to mail servers beside one another.
func (s *session) servers(hosts []string) []probe.MailServerFacts {
	out := make([]probe.MailServerFacts, len(hosts))
	parallel(len(hosts), func(i int) { out[i] = s.server(hosts[i]) })
	return out
}

// requires reports whether the user demands a protection that is not everybody's.
func (s *session) requires(what string) bool { return slices.Contains(s.require, what) }
