package emailauth

import (
	"fmt"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/tlsrpt"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// tlsReports decides whether anybody learns that mail to the domain failed for
// want of TLS. It must be known whether MTA-STS or DANE is on.
func (s *session) tlsReports() {
	const missing, syntax = "tls_rpt.missing", "tls_rpt.syntax"
	name := tlsrpt.Prefix + "." + s.domain
	texts, answer := s.texts(name)
	if !answer.Status.Decided() {
		each([]string{missing, syntax}, func(rule string) { s.report.Inconclusive(rule, s.domain, undecided(answer)) })
		return
	}
	var records []string
	spoilt := ""
	for _, text := range texts {
		switch {
		case tlsrpt.IsRecord(text):
			records = append(records, text)
		case tlsrpt.Resembles(text):
			spoilt = text
		}
	}
	example := zoneLine(name, "TXT", tlsrpt.Format("mailto:tls-reports@"+s.domain))
	switch {
	case len(records) > 1:
		s.report.Pass(missing, s.domain, "a record is published")
		s.report.FailAs(syntax, s.domain, "", fmt.Sprintf("%d TLS-RPT records stand at %s, so that senders heed none", len(records), name), "Keep one: "+example)
		return
	case len(records) == 0 && spoilt != "":
		records = []string{spoilt}
	case len(records) == 0:
		s.tlsReportsMissing(name, example)
		s.report.NotApplicable(syntax, s.domain, "there is no TLS-RPT record")
		return
	}
	s.report.Pass(missing, s.domain, "a record is published")
	if _, err := tlsrpt.Parse(records[0]); err != nil {
		if kept := keptAddresses(records[0]); kept != "" {
			example = zoneLine(name, "TXT", kept)
		}
		s.report.FailAs(syntax, s.domain, "", fmt.Sprintf("%s, in %s", err, quote(records[0])), "Publish "+example+" in its place, with launchready_tls_rpt_record.")
		return
	}
	s.report.Pass(syntax, s.domain, "the record can be parsed")
}

// keptAddresses is the record with the addresses that it has, written as URIs; empty
// if that makes no record.
func keptAddresses(text string) string {
	_, rua, _ := strings.Cut(strings.ReplaceAll(text, " ", ""), "rua=")
	rua, _, _ = strings.Cut(rua, ";")
	var out []string
	for _, address := range strings.FieldsFunc(rua, func(r rune) bool { return r == ',' || r == '"' }) {
		if strings.Contains(address, "@") && !strings.Contains(address, ":") {
			address = "mailto:" + address
		}
		out = append(out, address)
	}
	record := tlsrpt.Format(out...)
	if _, err := tlsrpt.Parse(record); err != nil {
		return ""
	}
	return record
}

func (s *session) tlsReportsMissing(name, example string) {
	const rule = "tls_rpt.missing"
	severity := readiness.Medium
	switch {
	case s.mxOpen != "":
		s.report.Inconclusive(rule, s.domain, s.mxOpen)
		return
	case !s.receives():
		s.report.NotApplicable(rule, s.domain, "no MX takes mail for the domain")
		return
	case !s.transport && !s.requires("tls_rpt"):
		s.report.NotApplicable(rule, s.domain, "neither MTA-STS nor DANE is on, and TLS-RPT is not required")
		return
	case !s.transport:
		severity = readiness.Low
	}
	s.report.FailAs(rule, s.domain, severity, "nobody is told of mail that fails for want of TLS: there is no record at "+name, "Publish "+example+" with launchready_tls_rpt_record.")
}
