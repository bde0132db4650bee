package maildelivery

import (
	"fmt"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/mail/message"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// own is what this check found out about one method.
type own struct {
	result message.Result // empty: could not be evaluated
	text   string         // a clause: what was seen
}

// decide weighs the own result and the receiver's. Where they differ the message
// fails, for other receivers may side with either.
func (s *session) decide(rule, method string, o own, theirs word) {
	switch {
	case o.result == message.TempError || o.result == "" && theirs.verdict == "":
		s.report.Inconclusive(rule, s.domain, o.text)
	case o.result == "" && theirs.verdict == message.Pass:
		s.report.Pass(rule, s.domain, fmt.Sprintf("the receiver says %s=%s; it could not be tested otherwise: %s", method, theirs.text, o.text))
	case o.result == "":
		s.report.Fail(rule, s.domain, fmt.Sprintf("the receiver says %s=%s", method, theirs.text))
	case o.result == message.Pass && theirs.verdict != message.Fail:
		s.report.Pass(rule, s.domain, o.text)
	case o.result == message.Pass:
		s.report.Fail(rule, s.domain, fmt.Sprintf("two verdicts differ: this check says %s=pass, the receiver %s=%s", method, method, theirs.text))
	case theirs.verdict == message.Pass:
		s.report.Fail(rule, s.domain, fmt.Sprintf("%s; two verdicts differ: this check says %s=%s, the receiver %s=%s", o.text, method, o.result, method, theirs.text))
	default:
		s.report.Fail(rule, s.domain, o.text)
	}
}

func (s *session) spf(v message.Verdict, r receiver) {
	o := own{result: v.SPF.Result}
	switch v.SPF.Result {
	case message.Pass:
		o.text = "SPF of " + v.SPF.Domain + " allows the sending host"
	case "":
		o.text = v.SPF.Reason
	default:
		o.text = fmt.Sprintf("SPF of %s is %s for the sending host", v.SPF.Domain, v.SPF.Result)
		if v.SPF.Reason != "" {
			o.text += ": " + v.SPF.Reason
		}
	}
	s.decide("delivery.spf", "spf", o, r.of("spf", nil))
}

func (s *session) dkim(v message.Verdict, r receiver) {
	about := func(domain string) bool {
		return slices.ContainsFunc(v.Signatures, func(sig message.Signature) bool { return sig.Aligned && sig.Domain == domain })
	}
	o, theirs := ownDKIM(v), r.of("dkim", about)
	if domains := testKeys(v); o.result == message.Pass && len(domains) > 0 && theirs.verdict != message.Fail {
		s.report.FailAs("delivery.dkim", s.domain, readiness.Medium,
			fmt.Sprintf("the signature of %s is valid, but its key is in test mode (t=y): receivers may treat the message as unsigned", strings.Join(domains, ", ")),
			"Take t=y out of the key record, or have the sending service take it out.")
		return
	}
	s.decide("delivery.dkim", "dkim", o, theirs)
}

// testKeys are the domains of the signatures that count, if the key of each is in
// test mode (RFC 6376 section 3.6.1).
func testKeys(v message.Verdict) []string {
	var domains []string
	for _, sig := range speaking(v) {
		if !sig.Testing {
			return nil
		}
		domains = append(domains, sig.Domain)
	}
	return unique(domains)
}

// ownDKIM wants a signature that is valid and speaks for the author's domain.
func ownDKIM(v message.Verdict) own {
	if v.Author.Domain == "" {
		return own{message.PermError, v.Author.Problem}
	}
	if len(v.Signatures) == 0 {
		return own{message.None, "the message is not signed"}
	}
	var broken, foreign []string
	undecided, tested := "", ""
	for _, sig := range v.Signatures {
		switch {
		case sig.Aligned && sig.Result == message.Pass && sig.Testing:
			tested = sig.Domain
		case sig.Aligned && sig.Result == message.Pass:
			return own{message.Pass, "a valid signature of " + sig.Domain + " speaks for the author"}
		case sig.Aligned && sig.Result == message.TempError:
			undecided = fmt.Sprintf("the signature of %s could not be verified: %s", sig.Domain, sig.Reason)
		case sig.Aligned:
			broken = append(broken, fmt.Sprintf("the signature of %s is not valid: %s", sig.Domain, sig.Reason))
		default:
			foreign = append(foreign, sig.Domain)
		}
	}
	switch {
	case undecided != "":
		return own{message.TempError, undecided}
	case tested != "":
		return own{message.Pass, "a valid signature of " + tested + " speaks for the author, with a key in test mode"}
	case len(broken) > 0:
		return own{message.Fail, strings.Join(unique(broken), "; ")}
	}
	return own{message.Fail, fmt.Sprintf("the message is signed for %s alone, which does not speak for %s", strings.Join(unique(foreign), ", "), v.Author.Domain)}
}

func (s *session) dmarc(v message.Verdict, r receiver) {
	from := v.Author.Domain
	if from != "" && from != s.domain && !strings.HasSuffix(from, "."+s.domain) {
		s.report.Fail("delivery.dmarc", s.domain, fmt.Sprintf("the message is from %s, not from %s", from, s.domain))
		return
	}
	o := own{v.DMARC.Result, v.DMARC.Reason}
	if o.result == message.Pass {
		o.text = "the message passes the policy of " + v.DMARC.Found
	}
	s.decide("delivery.dmarc", "dmarc", o, r.of("dmarc", nil))
}

// speaking are the signatures that count: valid, and aligned with the author.
func speaking(v message.Verdict) []message.Signature {
	return slices.DeleteFunc(slices.Clone(v.Signatures), func(sig message.Signature) bool {
		return !sig.Aligned || sig.Result != message.Pass
	})
}

const noSignature = "the message has no valid signature of the author's domain"

func (s *session) signer(v message.Verdict) {
	signatures := speaking(v)
	if len(s.spec.DKIMSelectors) == 0 {
		s.report.NotApplicable("delivery.undeclared_signer", s.domain, "no selectors are declared")
		return
	}
	if len(signatures) == 0 {
		s.report.NotApplicable("delivery.undeclared_signer", s.domain, noSignature)
		return
	}
	var undeclared []string
	for _, sig := range signatures {
		if !slices.ContainsFunc(s.spec.DKIMSelectors, func(declared string) bool { return strings.EqualFold(declared, sig.Selector) }) {
			undeclared = append(undeclared, sig.Selector)
		}
	}
	if len(undeclared) > 0 {
		s.report.Fail("delivery.undeclared_signer", s.domain, "the message is signed with a selector that is not declared: "+strings.Join(unique(undeclared), ", "))
		return
	}
	s.report.Pass("delivery.undeclared_signer", s.domain, "every signature of the domain is of a declared selector")
}

func (s *session) encryption(v message.Verdict) {
	if v.Doubt != "" {
		s.report.Inconclusive("delivery.no_tls", s.domain, "it is not known how the message came to the receiver: "+v.Doubt)
		return
	}
	switch v.Border.Encryption {
	case message.TLS:
		s.report.Pass("delivery.no_tls", s.domain, "the receiver took the message over TLS")
	case message.Plain:
		s.report.Fail("delivery.no_tls", s.domain, "the message came to the receiver without encryption")
	default:
		s.report.Inconclusive("delivery.no_tls", s.domain, "the receiver does not say whether the message came over TLS")
	}
}

// headerGap wants one signature that leaves nothing open which a reader sees.
func (s *session) headerGap(m *message.Message, v message.Verdict) {
	signatures := speaking(v)
	if len(signatures) == 0 {
		s.report.NotApplicable("delivery.header_gap", s.domain, noSignature)
		return
	}
	var best []string
	for i, sig := range signatures {
		var gaps []string
		for _, name := range []string{"From", "Subject", "Date", "Message-ID"} {
			if m.Has(name) && !slices.Contains(sig.Covered, strings.ToLower(name)) {
				gaps = append(gaps, name)
			}
		}
		if sig.Partial {
			gaps = append(gaps, "the end of the body (l=)")
		}
		if len(gaps) == 0 {
			s.report.Pass("delivery.header_gap", s.domain, "From, Subject, Date, Message-ID and the whole body are signed")
			return
		}
		if i == 0 || len(gaps) < len(best) {
			best = gaps
		}
	}
	s.report.Fail("delivery.header_gap", s.domain, "not signed: "+strings.Join(best, ", "))
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
