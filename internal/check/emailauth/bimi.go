package emailauth

import (
	"fmt"

	"github.com/launchready/terraform-provider-launchready/internal/mail/bimi"
	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

var bimiOfRecord = []string{"bimi.svg", "bimi.certificate", "bimi.policy"}

// maximumPEM bounds the chain of a mark certificate.
const maximumPEM = 256 << 10

// bimi decides whether the brand's indicator can be shown, where there is a
// record or one is required.
func (s *session) bimi() {
	const rule = "bimi.record"
	name := bimi.DefaultSelector + "." + bimi.Label + "." + s.domain
	texts, answer := s.texts(name)
	if !answer.Status.Decided() {
		if s.requires("bimi") {
			each(append([]string{rule}, bimiOfRecord...), func(rule string) { s.report.Inconclusive(rule, s.domain, undecided(answer)) })
		} else {
			each(append([]string{rule}, bimiOfRecord...), func(rule string) { s.report.NotApplicable(rule, s.domain, "BIMI is not required") })
		}
		return
	}
	var records, spoilt []string
	for _, text := range texts {
		switch {
		case bimi.IsRecord(text):
			records = append(records, text)
		case bimi.Resembles(text):
			spoilt = append(spoilt, text)
		}
	}
	if len(records) == 0 && len(spoilt) > 0 {
		records = spoilt[:1] // what is meant as a record, where there is none
	}
	example := zoneLine(name, "TXT", bimi.Format(bimi.Record{Location: "https://" + s.domain + "/logo.svg"}))
	notApplicable := func(why string) {
		each(bimiOfRecord, func(rule string) { s.report.NotApplicable(rule, s.domain, why) })
	}
	switch {
	case len(records) == 0 && !s.requires("bimi"):
		s.report.NotApplicable(rule, s.domain, "there is no BIMI record, and none is required")
		notApplicable("there is no BIMI record")
		return
	case len(records) == 0:
		s.report.FailAs(rule, s.domain, "", "BIMI is required, but there is no record at "+name, "Publish "+example+" with launchready_bimi_record.")
		notApplicable("there is no BIMI record: see bimi.record")
		return
	case len(records) > 1:
		s.report.Fail(rule, s.domain, fmt.Sprintf("%d BIMI records stand at %s, so that none counts", len(records), name))
		notApplicable("there is more than one BIMI record: see bimi.record")
		return
	}
	r, err := bimi.Parse(records[0])
	if err != nil {
		s.report.FailAs(rule, s.domain, "", fmt.Sprintf("%s, in %s", err, quote(records[0])), "Publish "+example+" in its place, with launchready_bimi_record.")
		notApplicable("the BIMI record is malformed: see bimi.record")
		return
	}
	s.report.Pass(rule, s.domain, "one BIMI record is published")
	if r.Declined() {
		notApplicable("the record says that the domain has no indicator")
		return
	}
	image := s.bimiImage(r)
	s.bimiCertificate(r, image)
	s.bimiPolicy()
}

// bimiFetch gets one file of an indicator. Of what could not be fetched it says
// whether that is the file's fault or could not be decided.
func (s *session) bimiFetch(address string, limit int64) (body []byte, fault, open string) {
	x := s.prober.Fetch(s.ctx, probe.Request{URL: address, FollowRedirects: true, MaxBody: limit + 1, Retry: true})
	switch {
	case x.Failure == probe.FailUnverified, x.Failure == probe.FailTLS:
		return nil, address + " is not served by trusted TLS: " + x.Detail, ""
	case x.Failure != probe.FailNone:
		return nil, "", address + ": " + x.Detail
	case x.Redirect != "":
		return nil, "", address + " redirects to " + x.Redirect + ", which was not followed"
	case x.Status == 429 || x.Status >= 500:
		return nil, "", fmt.Sprintf("%s answered %d", address, x.Status)
	case x.Status != 200:
		return nil, fmt.Sprintf("%s answers %d", address, x.Status), ""
	}
	return x.Body, "", ""
}

func (s *session) bimiImage(r bimi.Record) []byte {
	const rule = "bimi.svg"
	image, fault, open := s.bimiFetch(r.Location, 4*bimi.MaximumImage)
	switch {
	case open != "":
		s.report.Inconclusive(rule, s.domain, open)
		return nil
	case fault != "":
		s.report.Fail(rule, s.domain, fault)
		return nil
	}
	if err := bimi.JudgeSVG(image); err != nil {
		s.report.Fail(rule, s.domain, err.Error())
	} else {
		s.report.Pass(rule, s.domain, "the image is SVG Portable/Secure")
	}
	return image
}

func (s *session) bimiCertificate(r bimi.Record, image []byte) {
	const rule = "bimi.certificate"
	if r.Authority == "" || r.Authority == "self" {
		s.report.NotApplicable(rule, s.domain, "no mark certificate is named; some mail services show the image only with one")
		return
	}
	chain, fault, open := s.bimiFetch(r.Authority, maximumPEM)
	switch {
	case open != "":
		s.report.Inconclusive(rule, s.domain, open)
		return
	case fault != "":
		s.report.Fail(rule, s.domain, fault)
		return
	}
	now := s.prober.Now()
	if err := bimi.JudgeCertificate(chain, s.domain, bimi.DefaultSelector, image, now); err != nil {
		s.report.Fail(rule, s.domain, err.Error())
		return
	}
	s.report.Pass(rule, s.domain, "the mark certificate is in date and names the domain")
}

// bimiPolicy decides whether DMARC is strict enough for an indicator.
func (s *session) bimiPolicy() {
	const rule = "bimi.policy"
	r := s.policy
	switch {
	case s.policyOpen != "":
		s.report.Inconclusive(rule, s.domain, s.policyOpen)
	case r == nil:
		s.report.NotApplicable(rule, s.domain, "no DMARC record applies: see dmarc.missing")
	case !r.Policy.AtLeast(dmarc.Quarantine), r.Subdomain == dmarc.None, r.Percent < 100, r.Testing:
		s.report.FailAs(rule, s.domain, "", "the indicator is shown only under an enforced DMARC policy: "+quote(r.Text),
			"Publish a policy of quarantine or reject without sp=none, pct and t=y: launchready_dmarc_record.policy.")
	default:
		s.report.Pass(rule, s.domain, "the DMARC policy is enforced")
	}
}
