package maildelivery

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"github.com/launchready/terraform-provider-launchready/internal/mail/dmarc"
)

// simulator is an address of a sending service that bounces what it is sent, and
// harms nobody's reputation.
type simulator struct {
	domain string
	local  string // a label may follow after "+", where the service takes one
	labels bool
	source string
}

// simulators as documented by the services, read 2026-11.
var simulators = []simulator{
	{"simulator.amazonses.com", "bounce", true, "https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html"},
	{"resend.dev", "bounced", true, "https://resend.com/docs/dashboard/emails/send-test-emails"},
	{"bounce-testing.postmarkapp.com", "hardbounce", false, "https://postmarkapp.com/developer/user-guide/sandbox-mode/generate-fake-bounces"},
}

// CheckRecipient returns nil if a bounce may be provoked at an address: a
// simulator's, or one at the client's own domain. Anywhere else an invented
// address harms the sender's reputation and bothers a stranger.
func CheckRecipient(recipient, fromDomain string) error {
	local, domain, ok := cutAddress(recipient)
	if _, err := mail.ParseAddress(strings.ReplaceAll(recipient, tokenMark, "x")); err != nil || !ok || strings.Contains(domain, "{{") {
		return fmt.Errorf("%q is not an address; {{token}} may stand before the @ for a random text", recipient)
	}
	domain = canonical(domain)
	for _, s := range simulators {
		if domain != s.domain {
			continue
		}
		base, _, labelled := strings.Cut(local, "+")
		if base != s.local || labelled && !s.labels {
			return fmt.Errorf("%q does not bounce: the simulator's address is %s@%s", recipient, s.local, s.domain)
		}
		return nil
	}
	own := dmarc.OrganizationalDomain(canonical(fromDomain))
	if own != "" && dmarc.OrganizationalDomain(domain) == own {
		if !strings.Contains(local, tokenMark) {
			return fmt.Errorf("%q may be somebody's: an invented address holds {{token}}, which stands for a random text, such as no-such-member-{{token}}@%s", recipient, own)
		}
		return nil
	}
	var known []string
	for _, s := range simulators {
		known = append(known, s.local+"@"+s.domain)
	}
	slices.Sort(known)
	return fmt.Errorf("%q belongs to a stranger: bounces are provoked only at an invented address of %s, such as no-such-member-{{token}}@%s, or at a simulator: %s",
		recipient, own, own, strings.Join(known, ", "))
}

// Validate returns what cannot work, in words for the user.
func (s Spec) Validate() error {
	if _, _, ok := cutAddress(s.Mailbox.Address); !ok {
		return errors.New("the mailbox has no address that mail can be sent to")
	}
	if canonical(s.FromDomain) == "" {
		return errors.New("the domain that the product writes from is not known")
	}
	if err := s.Trigger.validate(); err != nil {
		return err
	}
	if err := s.strangers(s.Trigger); err != nil {
		return err
	}
	if s.Trigger.Request != nil && s.Bounce != nil && s.Bounce.Trigger == nil {
		return errors.New("what the product sends to a member it need not send to a stranger, so that the trigger cannot provoke the bounce: set bounce.trigger")
	}
	if s.Bounce == nil {
		return nil
	}
	if err := CheckRecipient(s.Bounce.Recipient, s.FromDomain); err != nil {
		return err
	}
	if s.Bounce.Trigger != nil {
		if err := s.Bounce.Trigger.validate(); err != nil {
			return err
		}
		if err := s.strangers(*s.Bounce.Trigger); err != nil {
			return err
		}
		if r := s.Bounce.Trigger.Request; r != nil && !r.uses(recipientMark) {
			return errors.New("bounce.trigger names no {{recipient}}, which stands for the address that bounces")
		}
	}
	if (s.Bounce.Mailbox == nil) == (s.Bounce.Request == nil) {
		return errors.New("a bounce is seen either at a mailbox or by a request: exactly one is needed")
	}
	return nil
}

// literalAddress is an address that is written out in a request.
var literalAddress = regexp.MustCompile(`[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}`)

// strangers finds addresses in a request that are neither the mailbox's nor at the
// client's own domain: mail must not be sent to anybody else.
func (s Spec) strangers(t Trigger) error {
	if t.Request == nil {
		return nil
	}
	texts := []string{t.Request.URL, t.Request.Body}
	for _, values := range t.Request.Header {
		texts = append(texts, values...)
	}
	_, mailbox, _ := cutAddress(s.Mailbox.Address)
	own := dmarc.OrganizationalDomain(canonical(s.FromDomain))
	for _, text := range texts {
		if plain, err := url.QueryUnescape(text); err == nil {
			text += " " + plain
		}
		for _, address := range literalAddress.FindAllString(text, -1) {
			_, domain, _ := cutAddress(address)
			if !strings.EqualFold(domain, mailbox) && dmarc.OrganizationalDomain(canonical(domain)) != own {
				return fmt.Errorf("the request names %q, which is neither the mailbox nor at %s: write {{recipient}} or {{address}} in its place", address, own)
			}
		}
	}
	return nil
}

func (t Trigger) validate() error {
	if (t.Request == nil) == (t.SMTP == nil) {
		return errors.New("a trigger is either a request or a submission: exactly one is needed")
	}
	if t.Request != nil {
		_, err := hostOf(t.Request.URL)
		return err
	}
	// The address stands in the envelope and in a field: nothing else may be in it.
	if from, err := mail.ParseAddress(t.SMTP.From); err != nil || from.Address != t.SMTP.From {
		return errors.New("the submission needs a sender's address alone, such as portal@acme.example")
	}
	return nil
}

// canonical is a domain as the DNS writes it: A-labels, lower case, no trailing dot.
func canonical(domain string) string {
	domain = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(domain)), ".")
	labels := strings.Split(domain, ".")
	for i, label := range labels {
		if a, err := idna.Lookup.ToASCII(label); err == nil {
			labels[i] = a
		}
	}
	return strings.Join(labels, ".")
}
