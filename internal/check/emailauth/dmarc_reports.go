package emailauth

import (
	"fmt"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/mx"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// reportHosts is how many foreign hosts of report addresses are asked.
const reportHosts = 10

// dmarcReports decides whether aggregate reports arrive.
func (s *session) dmarcReports(name string, record *dmarc.Record, at string) {
	const syntax, rule = "dmarc.rua_syntax", "dmarc.rua_unauthorised"
	problems, _ := parseProblems(record)
	var messages []string
	for _, p := range problems.Of(dmarc.BadURI) {
		messages = append(messages, p.Error())
	}
	s.failEach(syntax, name, "addresses cannot be read", messages)
	_, rua := record.Tag("rua")
	_, ruf := record.Tag("ruf")
	switch {
	case len(problems.Of(dmarc.BadURI)) > 0:
	case !rua && !ruf:
		s.report.NotApplicable(syntax, name, "the record has no address for reports")
	default:
		s.report.Pass(syntax, name, "every address for reports is a URI")
	}
	s.ownReports(name, record, at)
	var foreign []string
	for _, u := range append(slices.Clone(record.Aggregate), record.Failure...) {
		if _, needed := dmarc.ReportAuthorization(at, u.Host); needed && u.Scheme == "mailto" && !slices.Contains(foreign, u.Host) {
			foreign = append(foreign, u.Host)
		}
	}
	if len(foreign) == 0 {
		return
	}
	if more := len(foreign) - reportHosts; more > 0 {
		s.report.Undecided(rule, name, fmt.Sprintf("reports go to %d foreign hosts: the %d after the first %d were not asked, and receivers need not send to more than two addresses",
			len(foreign), more, reportHosts))
		foreign = foreign[:reportHosts]
	}
	// Findings are sorted at the end, so that their order does not matter here.
	parallel(len(foreign), func(i int) {
		host := foreign[i]
		question, _ := dmarc.ReportAuthorization(at, host)
		texts, answer := s.texts(question)
		switch {
		case !answer.Status.Decided():
			s.report.Inconclusive(rule, name, undecided(answer))
		case !dmarc.Authorizes(texts):
			s.report.FailAs(rule, name, "", fmt.Sprintf("%s does not accept the reports: no DMARC record stands at %s", host, question),
				"Have "+host+" publish "+zoneLine(question, "TXT", "v=DMARC1")+", or send the reports to an address of your own.")
		default:
			s.reportHost(name, host)
		}
	})
}

// ownReports decides whether addresses at other hosts of the policy domain's
// organization take mail; of the domain itself the rules of MX speak. Where there
// are neither these nor foreign ones, the rule does not apply.
func (s *session) ownReports(name string, record *dmarc.Record, at string) {
	const rule = "dmarc.rua_unauthorised"
	var own []string
	foreign := false
	for _, u := range append(slices.Clone(record.Aggregate), record.Failure...) {
		_, needed := dmarc.ReportAuthorization(at, u.Host)
		foreign = foreign || needed && u.Scheme == "mailto"
		if !needed && u.Scheme == "mailto" && u.Host != "" && u.Host != s.domain && u.Host != name && u.Host != at && len(own) < reportHosts && !slices.Contains(own, u.Host) {
			own = append(own, u.Host)
		}
	}
	if len(own) == 0 && !foreign {
		s.report.NotApplicable(rule, name, "no reports go to another host")
	}
	parallel(len(own), func(i int) { s.reportHost(name, own[i]) })
}

// nullMX reports whether an answer says that the name takes no mail (RFC 7505).
func nullMX(answer probe.Answer) bool { return mx.Null(exchanges(answer.Records)) }

// reportHost decides whether a host of report addresses takes mail.
func (s *session) reportHost(name, host string) {
	const rule = "dmarc.rua_unauthorised"
	mx := s.prober.Lookup(s.ctx, host, probe.TypeMX)
	switch {
	case mx.Status == probe.Found && nullMX(mx):
		s.report.Fail(rule, name, host+" takes no mail: its MX is null")
		return
	case mx.Status == probe.Found:
		s.report.Pass(rule, name, host+" accepts the reports")
		return
	}
	open := ""
	for _, typ := range []probe.RecordType{probe.TypeA, probe.TypeAAAA} {
		answer := s.prober.Lookup(s.ctx, host, typ)
		if answer.Status == probe.Found {
			s.report.Pass(rule, name, host+" accepts the reports")
			return
		}
		if !answer.Status.Decided() {
			open = undecided(answer)
		}
	}
	if !mx.Status.Decided() {
		open = undecided(mx)
	}
	if open != "" {
		s.report.Inconclusive(rule, name, open)
		return
	}
	s.report.Fail(rule, name, host+" takes no mail: it has neither MX nor address")
}
