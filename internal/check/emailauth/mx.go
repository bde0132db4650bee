package emailauth

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/mx"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// mxOfHosts are the rules that need MX records.
var mxOfHosts = []string{"mx.target", "mx.cname", "mx.null_conflict"}

// mailExchanges decides whether mail to the domain, answers and bounces among it, finds a
// server. Whether the domain has a record is asked of names that send.
func (s *session) mailExchanges() {
	name := s.domain
	answer := s.prober.Lookup(s.ctx, name, probe.TypeMX)
	if !answer.Status.Decided() {
		s.mxOpen = undecided(answer)
		each(append([]string{"mx.missing"}, mxOfHosts...), func(rule string) { s.report.Inconclusive(rule, name, s.mxOpen) })
		return
	}
	s.exchanges = answer.Records
	s.observe("mx", name, values(answer.Records))
	if len(answer.Records) == 0 {
		s.mxMissing(name)
		each(mxOfHosts, func(rule string) { s.report.NotApplicable(rule, name, "there is no MX record") })
		return
	}
	s.report.Pass("mx.missing", name, "MX records are published")
	nulls := 0
	for _, r := range answer.Records {
		if r.Host == "." || r.Host == "" {
			nulls++
		}
	}
	switch {
	case mx.Conflict(exchanges(answer.Records)):
		s.report.FailAs("mx.null_conflict", name, "", "a null MX stands beside other MX records: "+values(answer.Records),
			"Delete the null record, "+zoneLine(name, "MX", "0 .")+", or the others if the domain receives no mail.")
	case nulls > 0 && s.sends() == sendsUnknown:
		s.report.Inconclusive("mx.null_conflict", name, s.spfOpen)
	case nulls > 0 && s.sends() == sendsMail:
		s.report.FailAs("mx.null_conflict", name, "", "the domain sends mail, but its null MX says that it takes none: receivers refuse such senders",
			"Publish the MX records of the mailbox provider in place of "+zoneLine(name, "MX", "0 .")+".")
	default:
		s.report.Pass("mx.null_conflict", name, "no null MX is in the way")
	}
	if nulls == len(answer.Records) {
		each([]string{"mx.target", "mx.cname"}, func(rule string) { s.report.NotApplicable(rule, name, "the MX is null") })
		return
	}
	s.mxTargets(name, answer.Records)
}

// senderMX decides whether a name below the domain that mail is sent from says that
// it takes none: receivers then refuse its mail.
func (s *session) senderMX(name string) {
	const rule = "mx.null_conflict"
	switch mx := s.prober.Lookup(s.ctx, name, probe.TypeMX); {
	case !mx.Status.Decided():
		s.report.Inconclusive(rule, name, undecided(mx))
	case nullMX(mx):
		s.report.FailAs(rule, name, "", "mail is sent from the name, but its null MX says that it takes none: receivers refuse such senders",
			"Delete "+zoneLine(name, "MX", "0 .")+".")
	default:
		s.report.Pass(rule, name, "no null MX is in the way")
	}
}

// mxMissing judges a domain without MX records: to its address mail goes all the
// same, where a web server drops it after days.
func (s *session) mxMissing(name string) {
	const rule = "mx.missing"
	switch {
	case s.sends() == sendsUnknown:
		s.report.Inconclusive(rule, name, s.spfOpen)
		return
	case dmarc.OrganizationalDomain(name) != name:
		s.report.NotApplicable(rule, name, "the name is below the organizational domain: nothing says that it is to receive mail")
		return
	case s.sends() == sendsNothing:
		s.report.NotApplicable(rule, name, "nothing shows that the domain sends mail, so that no answer comes back")
		return
	}
	s.report.Fail(rule, name, "no MX record is published: answers to the domain's mail go to its web address, or nowhere")
}

// sending is what is known of whether mail is sent in the domain's name.
type sending int

const (
	sendsNothing sending = iota
	sendsMail
	sendsUnknown
)

// sends weighs what the user says before what the DNS says.
func (s *session) sends() sending {
	switch {
	case slices.Contains(s.noMail, s.domain):
		return sendsNothing
	case s.declares, s.authorises:
		return sendsMail
	case s.spfOpen != "":
		return sendsUnknown
	}
	return sendsNothing
}

// values are records in one line. A null MX keeps its dot.
func values(records []probe.Record) string {
	var out []string
	for _, r := range records {
		value := r.Value
		if r.Host != "." {
			value = strings.TrimSuffix(value, ".")
		}
		out = append(out, quote(value))
	}
	return some(out)
}

// zoneLine writes a record as a zone file does, text quoted.
func zoneLine(name, typ, value string) string {
	if typ == "TXT" {
		value = `"` + value + `"`
	}
	return name + ". " + typ + " " + value
}

// maximumMX is how many MX records are followed.
const maximumMX = 20

// mxTargets judges each server that the MX records name.
func (s *session) mxTargets(name string, records []probe.Record) {
	const target, alias = "mx.target", "mx.cname"
	if more := len(records) - maximumMX; more > 0 {
		each([]string{target, alias}, func(rule string) {
			s.report.Undecided(rule, name, fmt.Sprintf("%d MX records are published: those after the first %d were not asked", len(records), maximumMX))
		})
		records = records[:maximumMX]
	}
	seen := make([]mx.Outcome, len(records))
	parallel(len(records), func(i int) {
		if host := records[i].Host; host != "." && host != "" {
			seen[i] = s.reach(host)
		}
	})
	failed, open := map[string]bool{}, ""
	for i, o := range seen {
		open = cmp.Or(open, o.Open)
		if o.Bad != "" {
			failed[target] = true
			s.report.Fail(target, name, "the MX leads nowhere: "+o.Bad)
		}
		if o.Alias != "" {
			failed[alias] = true
			s.report.Fail(alias, name, fmt.Sprintf("the MX %s is a CNAME to %s; senders may refuse it", records[i].Host, o.Alias))
		}
	}
	for rule, good := range map[string]string{target: "every MX leads to a host with an address", alias: "no MX leads to an alias"} {
		switch {
		case failed[rule]:
		case open != "":
			s.report.Inconclusive(rule, name, open)
		default:
			s.report.Pass(rule, name, good)
		}
	}
}

// exchanges are MX answers as records.
func exchanges(records []probe.Record) []mx.Record {
	var out []mx.Record
	for _, r := range records {
		out = append(out, mx.Record{Preference: r.Preference, Host: r.Host})
	}
	return out
}

// addressing answers for the hosts of MX records through the prober.
type addressing struct{ s *session }

func (a addressing) Addresses(ctx context.Context, host string, v6 bool) mx.Found {
	typ := probe.TypeA
	if v6 {
		typ = probe.TypeAAAA
	}
	answer := a.s.prober.Lookup(ctx, host, typ)
	out := mx.Found{Chain: answer.Chain, Exists: answer.Status != probe.NXDomain}
	if !answer.Status.Decided() {
		out.Open = undecided(answer)
	}
	for _, r := range answer.Records {
		out.Addresses = append(out.Addresses, r.Address)
	}
	return out
}

// reach follows the host of an MX record.
func (s *session) reach(host string) mx.Outcome { return mx.Reach(s.ctx, addressing{s}, host) }

// receives reports whether mail comes to the domain, as far as its MX records
// tell, which must have been read.
func (s *session) receives() bool {
	return len(s.exchanges) > 0 && !slices.ContainsFunc(s.exchanges, func(r probe.Record) bool { return r.Host == "." || r.Host == "" })
}

// exchangeHosts are the servers of the domain, each once, best first.
func (s *session) exchangeHosts() []string {
	var out []string
	for _, r := range s.exchanges {
		if host := strings.ToLower(r.Host); len(out) < maximumMX && host != "." && host != "" && !slices.Contains(out, host) {
			out = append(out, host)
		}
	}
	return out
}
