package sandbox

import (
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/runbook"
)

// planted puts something into the runbook.
func planted(p runbook.Plant) step {
	return func(w *world) (func() error, error) {
		return func() error { return w.runbook.Set(p, false) }, w.runbook.Set(p, true)
	}
}

// supportFaults are what keeps the desk from helping members.
func supportFaults() []Fault {
	book := func(name, breaks string, p runbook.Plant, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: ScopeRunbook, apply: planted(p)}
	}
	live := func(name, breaks string, s portal.Switch, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: ScopeRunbook, apply: portalSwitch(s)}
	}
	return []Fault{
		book("runbook_missing", "There is no runbook.", runbook.Missing, "support.runbook_missing"),
		book("runbook_short", "The runbook is a page of a few lines.", runbook.Short, "support.runbook_missing", "support.section.resets", "support.section.refunds",
			"support.section.invites", "support.section.failed_logins", "support.section.escalation", "support.section.own"),
		book("runbook_without_resets", "The runbook says nothing of resets.", runbook.ResetsMissing, "support.section.resets"),
		book("runbook_without_refunds", "The runbook says nothing of refunds.", runbook.RefundsMissing, "support.section.refunds"),
		book("runbook_without_invites", "The runbook says nothing of invites, which the client has as a topic of its own, too.", runbook.InvitesMissing, "support.section.invites", "support.section.own"),
		book("runbook_without_log_ins", "The runbook says nothing of failed log-ins.", runbook.LoginsMissing, "support.section.failed_logins"),
		book("runbook_without_escalation", "The runbook says nothing of escalation.", runbook.NobodyAnswers, "support.section.escalation"),
		book("runbook_without_owner", "Nobody owns refunds.", runbook.OwnerMissing, "support.section_incomplete"),
		book("runbook_without_contact", "Nobody says how the owner of refunds is reached.", runbook.ContactMissing, "support.section_incomplete"),
		book("runbook_without_steps", "Resets have no steps.", runbook.StepsMissing, "support.section_incomplete"),
		book("runbook_without_time", "Nobody says how long invites take.", runbook.TimeMissing, "support.section_incomplete"),
		book("runbook_never_escalates", "Nobody says when failed log-ins are escalated.", runbook.WhenMissing, "support.section_incomplete"),
		book("runbook_placeholder", "A name is yet to be filled in.", runbook.Placeholder, "support.placeholder"),
		book("runbook_todo", "A line is yet to be written.", runbook.Todo, "support.placeholder"),
		book("runbook_example_contact", "A contact is at example.com.", runbook.ExampleContact, "support.placeholder"),
		book("runbook_sql", "A step is a statement of SQL.", runbook.ByHand, "support.manual_db"),
		book("runbook_database_edit", "A step edits the database.", runbook.Editor, "support.manual_db"),
		book("runbook_secret", "A step holds a token.", runbook.Secret, "support.secret_in_runbook"),
		book("runbook_dead_link", "A link leads to a page that does not exist.", runbook.DeadLink, "support.link_dead"),
		book("runbook_dead_host", "A link leads to a host that does not exist.", runbook.DeadHost, "support.link_dead"),
		book("runbook_dead_anchor", "A link leads to a heading that does not exist.", runbook.DeadAnchor, "support.link_dead"),
		book("runbook_http_link", "A link begins with http:.", runbook.ClearLink, "support.link_insecure"),
		book("runbook_contact_without_mx", "The domain of a contact takes no mail.", runbook.NoMailHost, "support.contact_undeliverable"),
		book("runbook_contact_mistyped", "The domain of a contact does not exist.", runbook.NoDomain, "support.contact_undeliverable"),
		book("runbook_undated", "Nobody says when the runbook was reviewed.", runbook.Undated, "support.review_stale"),
		book("runbook_stale", "The runbook was reviewed half a year ago.", runbook.Stale, "support.review_stale"),
		book("runbook_reviewed_tomorrow", "The runbook was reviewed in the future.", runbook.Future, "support.review_stale"),
		book("runbook_founder_only", "One person owns all, and is the last to call.", runbook.Founder, "support.single_person"),
		book("runbook_one_level", "The escalation has one level.", runbook.OneLevel, "support.escalation_levels"),
		book("runbook_office_hours", "The escalation says nothing of nights.", runbook.OfficeHours, "support.escalation_levels"),

		live("status_page_down", "The status page is down.", portal.StatusPageDown, "support.status_page"),
		live("security_txt_missing", "There is no security.txt.", portal.SecurityTxtMissing, "support.security_txt"),
		live("security_txt_expired", "security.txt has expired.", portal.SecurityTxtExpired, "support.security_txt"),
		live("security_txt_undated", "security.txt does not say when it expires.", portal.SecurityTxtUndated, "support.security_txt"),
		live("cancel_page_missing", "Members cannot cancel by themselves: the page is gone.", portal.CancelPageMissing, "support.self_service"),
	}
}

// supportTraps are ways in which a sound runbook differs from what a check may
// expect.
func supportTraps() []Fault {
	mk := func(name, does string, steps ...step) Fault {
		return Fault{Name: name, Breaks: "No fault: " + does, Rules: []string{}, Scope: ScopeRunbook, Trap: true, apply: all(steps...)}
	}
	return []Fault{
		mk("trap_runbook_synonyms", "topics stand under other words.", planted(runbook.Synonyms)),
		mk("trap_runbook_bold", "lines in bold stand for headings.", planted(runbook.Bold)),
		mk("trap_runbook_table", "topics are rows of a table.", planted(runbook.Table)),
		mk("trap_runbook_german", "the runbook is in German.", planted(runbook.German)),
		mk("trap_runbook_code", "examples in code look like placeholders and steps.", planted(runbook.InCode)),
		mk("trap_runbook_links", "links lead to tools that answer no program, ask for a sign-in, or have moved.", planted(runbook.Office), portalSwitch(portal.TrapReluctantOffice)),
	}
}

// Runbook is the folder of the desk's handbook.
func (s *Sandbox) Runbook() string { return s.world.runbook.Path() }
