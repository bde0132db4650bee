package maildelivery

import "github.com/launchready/terraform-provider-launchready/internal/readiness"

// rules are all that the check can report. The page of each is rules/<id>.md.
func rules() []readiness.Rule {
	rule := func(id string, severity readiness.Severity, title, remedy string, references ...string) readiness.Rule {
		return readiness.Rule{ID: id, Area: readiness.EmailAuth, Severity: severity, Title: title, Remedy: remedy, References: references}
	}
	unproven := rule("bounce.unproven", readiness.Medium,
		"nobody has seen that the product takes bounces",
		"Set bounce in launchready_mail_delivery_check, or attest the rule with a link to the proof.",
		"RFC 3464 section 2", "RFC 5321 section 6.1")
	unproven.Attestable = true
	return []readiness.Rule{
		rule("delivery.not_received", readiness.Critical,
			"a message that the product sent did not arrive",
			"Look the message up in the log of the sending service: was it sent, deferred, refused or suppressed?",
			"RFC 5321 section 6.1"),
		rule("delivery.spam", readiness.High,
			"the message was put into the folder for unwanted mail",
			"Mend SPF, DKIM and DMARC first, then the content and the reputation of the sending address.",
			"RFC 6154 section 2"),
		rule("delivery.spf", readiness.Critical,
			"SPF does not pass for a real message",
			"Add the sender that the message left through to launchready_spf_record.senders, at the domain of the return path.",
			"RFC 7208 section 2.6"),
		rule("delivery.dkim", readiness.Critical,
			"a real message has no valid DKIM signature of the author's domain",
			"Turn on signing for your own domain at the sending service, and publish its key with launchready_dkim_record.",
			"RFC 6376 section 6.1", "RFC 9989 section 4.4"),
		rule("delivery.dmarc", readiness.Critical,
			"a real message does not pass DMARC",
			"Let the sending service sign for the domain of the From address, and publish launchready_dmarc_record.",
			"RFC 9989 section 4.4"),
		rule("delivery.undeclared_signer", readiness.Medium,
			"the message is signed with a selector that nobody declared",
			"Add the selector to dkim_selectors, or find out who signs with it.",
			"RFC 6376 section 3.1"),
		rule("delivery.no_tls", readiness.High,
			"the message came to the receiver without encryption",
			"Turn on TLS for outgoing mail at the sending service.",
			"RFC 3207", "RFC 8461 section 1"),
		rule("delivery.header_gap", readiness.Low,
			"the signature leaves something open that readers see",
			"Have the sending service sign From, Subject, Date and Message-ID, and not use l=.",
			"RFC 6376 section 5.4", "RFC 6376 section 8.2"),
		rule("delivery.links", readiness.High,
			"a link in the message is not https or leads away from the portal",
			"Correct the template and the product's public address, turn off link tracking, or name the host in link_hosts.",
			"RFC 9110 section 4.2.2"),
		unproven,
		rule("bounce.unhandled", readiness.High,
			"the product did not take a bounce",
			"Connect the sending service's bounce webhook to the product, or have the mailbox of the return path read.",
			"RFC 3464 section 2", "RFC 5321 section 6.1"),
	}
}
