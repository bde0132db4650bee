package maildelivery

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/mail/message"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// bounce is the bounce test of a run.
type bounce struct {
	tested, taken bool // the bounce was provoked; it was taken

	s         *session
	spec      *Bounce // nil: none was asked for
	recipient string
	within    time.Duration
	box       probe.Mailbox // nil if it is seen by a request
	failure   probe.MailFailure
}

// prepareBounce opens the mailbox before anything is sent, so that the report is new in it.
func (s *session) prepareBounce() *bounce {
	b := &bounce{s: s, spec: s.spec.Bounce}
	if b.spec == nil {
		return b
	}
	b.recipient = strings.ReplaceAll(b.spec.Recipient, tokenMark, "lr-"+s.token)
	if b.within = b.spec.Within; b.within <= 0 {
		b.within = s.spec.Within
	}
	if b.spec.Mailbox != nil {
		b.box, b.failure = s.prober.OpenMailbox(s.ctx, b.spec.Mailbox.Account)
	}
	return b
}

func (b *bounce) close() {
	if b.box != nil {
		b.box.Close()
	}
}

// run provokes the bounce and waits until it is taken.
func (b *bounce) run() {
	s := b.s
	if b.spec == nil {
		// Undecided rather than failed: nothing was seen, so that a person may attest it.
		s.report.Undecided("bounce.unproven", s.domain, "no bounce was provoked: that bounces are taken is not proven")
		s.report.NotApplicable("bounce.unhandled", s.domain, "no bounce was provoked")
		return
	}
	subject := b.spec.Recipient // as written: the token differs from run to run
	undecided := func(reason string) {
		for _, rule := range bounceRules {
			s.report.Inconclusive(rule, subject, reason)
		}
	}
	if b.failure.Failed() {
		undecided(unreadable(b.failure))
		return
	}
	taken := false
	if b.spec.Request != nil {
		// Before anything bounced, an address that nobody ever used must not be
		// named: else the answer only repeats what it is asked.
		if b.spec.Request.asks() {
			control := "lr-control-" + newToken() + b.recipient[strings.LastIndexByte(b.recipient, '@'):]
			switch yes, reason := b.poll(control); {
			case reason != "":
				undecided(reason)
				return
			case yes:
				undecided("the answer names an address that never bounced as well: say in contains what tells a bounce")
				return
			}
		}
		// A simulator's address may have bounced in an earlier run.
		already, reason := b.poll(b.recipient)
		if reason != "" {
			undecided(reason)
			return
		}
		taken = already
	}
	if !taken {
		trigger := s.spec.Trigger
		if b.spec.Trigger != nil {
			trigger = *b.spec.Trigger
		}
		if reason := s.send(s.order(trigger, b.recipient, b.recipient)); reason != "" {
			undecided(reason)
			return
		}
		var reason string
		if taken, reason = b.await(); reason != "" {
			undecided(reason)
			return
		}
	}
	b.tested, b.taken = true, taken
}

// conclude reports a bounce that was provoked. Where the product's own message did
// not arrive either, that the bounce was not taken says nothing of bounces.
func (b *bounce) conclude(arrived bool) {
	s := b.s
	if !b.tested {
		return // said already
	}
	subject := b.spec.Recipient
	switch {
	case b.taken:
		s.report.Pass("bounce.unproven", subject, "whether bounces are taken was tested")
		s.report.Pass("bounce.unhandled", subject, "the bounce was taken")
	case !arrived:
		for _, rule := range bounceRules {
			s.report.InconclusiveAs(rule, subject, "no bounce was taken, but no message of the product arrived either", mendArrival)
		}
	default:
		s.report.Pass("bounce.unproven", subject, "whether bounces are taken was tested")
		s.report.Fail("bounce.unhandled", subject, fmt.Sprintf("the bounce was not taken within %s", b.within))
	}
}

// await waits until the bounce is seen.
func (b *bounce) await() (taken bool, reason string) {
	start := time.Now()
	defer func() {
		if taken {
			b.s.report.Observe("bounce_taken_after", time.Since(start).Round(100*time.Millisecond).String())
		}
	}()
	if b.box != nil {
		found, reason := await(b.s.ctx, b.box, b.within, func(m *message.Message) bool { return m.IsBounceOf(b.recipient) })
		return found != nil, reason
	}
	deadline, pauses := start.Add(b.within), check.Pauses{Most: interval(b.within)}
	for {
		last := !time.Now().Before(deadline)
		taken, reason := b.poll(b.recipient)
		switch {
		case taken:
			return true, ""
		case b.s.ctx.Err() != nil:
			return false, "the test was interrupted"
		case last:
			return false, reason
		}
		pause(b.s.ctx, min(pauses.Next(), time.Until(deadline)))
	}
}

// asks reports whether the request asks about one address, rather than for a list.
func (p *Poll) asks() bool { return strings.Contains(p.URL, recipientMark) }

// poll asks once whether the product holds the address as bounced. An address
// that the product does not know is an answer; a refusal is not.
func (b *bounce) poll(recipient string) (taken bool, reason string) {
	p := b.spec.Request
	x := b.s.prober.Fetch(b.s.ctx, probe.Request{
		Method: http.MethodGet, URL: strings.ReplaceAll(p.URL, recipientMark, url.QueryEscape(recipient)),
		Header: p.Header, Intent: probe.Active,
	})
	switch {
	case x.Failure != probe.FailNone:
		return false, "the request that shows bounces failed: " + x.Detail
	case x.Status == http.StatusNotFound || x.Status == http.StatusGone:
		return false, ""
	case x.Status < 200 || x.Status >= 300:
		return false, fmt.Sprintf("the request that shows bounces answered %d", x.Status)
	}
	return bytes.Contains(bytes.ToLower(x.Body), []byte(strings.ToLower(recipient))) && bytes.Contains(x.Body, []byte(p.Contains)), ""
}
