package supportcheck

import "github.com/launchready/terraform-provider-launchready/internal/readiness"

const (
	ruleMissing     = "support.runbook_missing"
	ruleResets      = "support.section.resets"
	ruleRefunds     = "support.section.refunds"
	ruleInvites     = "support.section.invites"
	ruleLogins      = "support.section.failed_logins"
	ruleEscalation  = "support.section.escalation"
	ruleOwnTopic    = "support.section.own"
	ruleIncomplete  = "support.section_incomplete"
	rulePlaceholder = "support.placeholder"
	ruleDatabase    = "support.manual_db"
	ruleSecret      = "support.secret_in_runbook"
	ruleLinkDead    = "support.link_dead"
	ruleInsecure    = "support.link_insecure"
	ruleContact     = "support.contact_undeliverable"
	ruleStale       = "support.review_stale"
	ruleSingle      = "support.single_person"
	ruleLevels      = "support.escalation_levels"
	ruleDrill       = "support.drill"
	ruleSelfService = "support.self_service"
	ruleStatusPage  = "support.status_page"
	ruleSecurityTxt = "support.security_txt"

	refCIS172   = "CIS-8-17.2"
	refCIS174   = "CIS-8-17.4"
	refASVS1314 = "ASVS-5.0-13.1.4"
	refASVS643  = "ASVS-5.0-6.4.3"
	refASVS646  = "ASVS-5.0-6.4.6"
)

// rules are all that the check can report. The page of each is rules/<id>.md.
func rules() []readiness.Rule {
	rule := func(id string, severity readiness.Severity, title, remedy string, references ...string) readiness.Rule {
		return readiness.Rule{ID: id, Area: readiness.Support, Severity: severity, Title: title, Remedy: remedy, References: references}
	}
	section := func(id, what, about string, references ...string) readiness.Rule {
		return rule(id, readiness.High, "the runbook has no section about "+what,
			"Write a section with a heading such as \""+about+"\": owner, contact, steps, expected time, when to escalate. If there is one under other words, name them in topics.",
			append(references, refCIS174)...)
	}
	drill := rule(ruleDrill, readiness.Medium,
		"nobody has stated that somebody else has followed the runbook",
		"Let a person who did not write the runbook follow each section on staging, then state it in drill with an owner, a date and evidence, or attest support.drill in the scorecard.",
		refCIS174)
	drill.Attestable = true
	return []readiness.Rule{
		rule(ruleMissing, readiness.High,
			"there is no runbook",
			"Start from examples/client-portal/runbook and name its file or folder in runbook.",
			refCIS172, refCIS174),
		section(ruleResets, "password resets", "Password resets", refASVS643, "ASVS-5.0-6.4.4", refASVS646),
		section(ruleRefunds, "refunds", "Refunds"),
		section(ruleInvites, "invitations", "Invites"),
		section(ruleLogins, "failed log-ins", "Failed log-ins", "ASVS-5.0-6.1.1", refASVS646),
		section(ruleEscalation, "escalation", "Escalation", refCIS172),
		section(ruleOwnTopic, "a topic of your own", "Goodwill credits"),
		rule(ruleIncomplete, readiness.Medium,
			"a section of the runbook lacks what somebody needs to act on it",
			"Give the section an owner, a contact, at least three numbered steps, the expected time, and a line that says when to escalate.",
			refCIS174),
		rule(rulePlaceholder, readiness.High,
			"the runbook still has placeholders",
			"Replace each placeholder by what is true of this client.",
			refCIS172),
		rule(ruleDatabase, readiness.High,
			"the runbook tells people to change the database by hand",
			"Build a page or a command for the case, with a permission and a log entry, and write that into the step.",
			refCIS174, "ASVS-5.0-16.2.1"),
		rule(ruleSecret, readiness.Critical,
			"the runbook holds a secret",
			"Rotate the secret, then name the place in the secret store where it is kept.",
			"ASVS-5.0-13.3.1", refASVS1314),
		rule(ruleLinkDead, readiness.Medium,
			"a link of the runbook leads nowhere",
			"Correct the link, or take it out.",
			refCIS174),
		rule(ruleInsecure, readiness.Low,
			"a link of the runbook is not encrypted",
			"Write https: instead of http:.",
			"ASVS-5.0-12.2.1"),
		rule(ruleContact, readiness.High,
			"mail to a contact of the runbook cannot be delivered",
			"Correct the address: its domain takes no mail.",
			refCIS172, "RFC 5321 section 5.1", "RFC 7505"),
		rule(ruleStale, readiness.Medium,
			"the runbook was not reviewed lately",
			"Review the runbook and write a line \"Last reviewed: YYYY-MM-DD\" with today's date, or set maximum_age.",
			refCIS174),
		rule(ruleSingle, readiness.Medium,
			"one person owns all of the runbook and is the last to escalate to",
			"Name a second person, or a team, for the sections or as a level of escalation.",
			refCIS172),
		rule(ruleLevels, readiness.Medium,
			"the escalation has fewer levels than are needed, or says nothing of nights and weekends",
			"Name each level of escalation with a contact, one after the other, and who answers outside of office hours.",
			refCIS172, refCIS174),
		drill,
		rule(ruleSelfService, readiness.Medium,
			"a page by which members help themselves does not answer",
			"Let members reset their password, change their e-mail address and cancel by themselves, and name those pages in self_service.",
			refASVS643, refASVS646),
		rule(ruleStatusPage, readiness.Low,
			"the status page does not answer",
			"Mend the page, or correct status_page.",
			refCIS172),
		rule(ruleSecurityTxt, readiness.Low,
			"security.txt is absent, incomplete or out of date",
			"Serve /.well-known/security.txt with Contact and an Expires less than a year ahead.",
			"RFC 9116"),
	}
}

// documentRules are decided by the runbook alone.
func documentRules() []string {
	return []string{
		ruleResets, ruleRefunds, ruleInvites, ruleLogins, ruleEscalation, ruleOwnTopic, ruleIncomplete, rulePlaceholder, ruleDatabase,
		ruleSecret, ruleLinkDead, ruleInsecure, ruleContact, ruleStale, ruleSingle, ruleLevels,
	}
}
