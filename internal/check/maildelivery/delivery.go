package maildelivery

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
	"github.com/launchready/terraform-provider-launchready/internal/mail/message"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// judging bounds the DNS questions about one message.
const judging = time.Minute

// delivery waits for the message and judges it, and reports whether it came.
func (s *session) delivery(inbox probe.Mailbox, o order, sent time.Time) (arrived bool) {
	found, reason := await(s.ctx, inbox, s.spec.Within, func(m *message.Message) bool { return s.isOurs(m, o) })
	switch {
	case reason != "":
		s.undecided(deliveryRules, reason, mendMailbox)
		return false
	case found == nil:
		s.report.Fail("delivery.not_received", s.domain, fmt.Sprintf("no message arrived within %s", s.spec.Within))
		s.undecided(deliveryRules[1:], "no message arrived", mendArrival)
		return false
	}
	s.report.Pass("delivery.not_received", s.domain, "the message arrived")
	s.report.Observe("arrived_after", found.at.Sub(sent).Round(100*time.Millisecond).String())
	if found.junk {
		s.report.Fail("delivery.spam", s.domain, "the receiver put the message into the folder for unwanted mail")
	} else {
		s.report.Pass("delivery.spam", s.domain, "the message lay in the inbox")
	}
	ctx, cancel := context.WithTimeout(s.ctx, judging)
	defer cancel()
	v := message.Judge(ctx, probe.MailResolver(s.prober), found.Message)
	r := s.receiverOf(found.Message, v)
	s.observe(found, v, r)
	s.spf(v, r)
	s.dkim(v, r)
	s.dmarc(v, r)
	s.signer(v)
	s.encryption(v)
	s.headerGap(found.Message, v)
	s.links(found.Message, o)
	return true
}

// isOurs tells the message from whatever else arrives meanwhile. An address that
// nothing else is sent to decides alone, so that a wrong From is seen as such.
func (s *session) isOurs(m *message.Message, o order) bool {
	if o.unique {
		return m.IsFor(o.recipient)
	}
	author := m.Author().Domain
	return m.IsFor(o.address) && !m.IsReport() && author != "" && dmarc.OrganizationalDomain(author) == dmarc.OrganizationalDomain(s.domain)
}

// observe keeps what was seen, for people.
func (s *session) observe(m *arrival, v message.Verdict, r receiver) {
	note := func(key, value string) {
		if value != "" {
			s.report.Observe(key, value)
		}
	}
	note("from", v.Author.Address)
	path, _ := m.ReturnPath()
	note("return_path", path)
	if v.BorderAt >= 0 {
		note("received", m.Fields[v.BorderAt].Value)
		if v.SPF.Address.IsValid() {
			note("sender_address", v.SPF.Address.String())
		}
	}
	var signatures []string
	for _, sig := range v.Signatures {
		line := strings.TrimSpace(fmt.Sprintf("d=%s s=%s %s %s", sig.Domain, sig.Selector, sig.Result, sig.Reason))
		if sig.Testing {
			line += " (key in test mode, t=y)"
		}
		signatures = append(signatures, line)
	}
	note("dkim", strings.Join(signatures, "\n"))
	note("spf", strings.TrimSpace(fmt.Sprintf("%s %s %s", v.SPF.Domain, v.SPF.Result, v.SPF.Reason)))
	note("spf_terms", v.SPF.Path)
	if v.DMARC.Record != nil {
		note("dmarc", v.DMARC.Found+": "+v.DMARC.Record.Text)
	}
	note("authentication_results", r.text)
}
