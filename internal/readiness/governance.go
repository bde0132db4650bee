package readiness

import (
	"embed"
	"strings"
)

// Rules about the gate itself. They belong to no single area; a finding takes
// the area that it speaks of.
const (
	AreaUncovered      = "gate.area_uncovered"
	WaiverExpired      = "gate.waiver_expired"
	WaiverUnused       = "gate.waiver_unused"
	AttestationExpired = "gate.attestation_expired"

	// CriterionUndecided is about what was looked at, not about the gate: unlike
	// the others it may be waived.
	CriterionUndecided = "criteria.undecided"
)

//go:embed rules/*.md
var pages embed.FS

// governs reports whether a rule is about the gate itself. Its findings are no
// evidence about a target, and no waiver takes them away.
func governs(rule string) bool { return strings.HasPrefix(rule, "gate.") }

// Page returns the text of the page of one of this package's own rules.
func Page(rule string) (string, error) {
	b, err := pages.ReadFile("rules/" + rule + ".md")
	return string(b), err
}

// GovernanceRules are the rules about the gate, its waivers and attestations, and
// about the launch criteria.
func GovernanceRules() []Rule {
	return []Rule{
		{
			ID: AreaUncovered, Severity: Critical, Unwaivable: true,
			Title:      "a required area has no check and no attestation",
			Remedy:     "Add a check of the area to the scorecard's checks, attest one of its attestable rules, or take the area out of require.",
			References: []string{"Launch scorecard, gate"},
		},
		{
			ID: WaiverExpired, Severity: High, Unwaivable: true,
			Title:      "a waiver has expired",
			Remedy:     "Mend the violation and delete the waiver, or have its owner renew it with a new expiry.",
			References: []string{"Launch scorecard, waivers"},
		},
		{
			ID: WaiverUnused, Severity: Info, Unwaivable: true,
			Title:      "a waiver matches no violation",
			Remedy:     "Delete the waiver: what it accepted is mended, or its subject pattern is mistyped.",
			References: []string{"Launch scorecard, waivers"},
		},
		{
			ID: AttestationExpired, Severity: High, Unwaivable: true,
			Title:      "an attestation has expired",
			Remedy:     "Have its owner look again and renew the attestation with a new expiry.",
			References: []string{"Launch scorecard, attestations"},
		},
		{
			ID: CriterionUndecided, Severity: Critical,
			Title:      "nothing has shown that a launch criterion holds",
			Remedy:     "Add the check that decides it to the scorecard's checks, or give the check what it needs to decide it.",
			References: []string{"Launch scorecard, criteria"},
		},
	}
}

// AttestedRules are the questions that only a person can answer. A required
// area whose questions nobody has answered is not fully decided.
func AttestedRules() []Rule {
	attested := func(id string, area Area, severity Severity, title, remedy string, references ...string) Rule {
		return Rule{ID: id, Area: area, Severity: severity, Title: title, Remedy: remedy, References: references, Attestable: true}
	}
	return []Rule{
		attested("authn.single_implementation", Authentication, Medium,
			"nobody has stated that the authentication logic is in one place",
			"Bring authentication into one module, then attest it with a link to that code.", "ASVS-5.0-6.1.3"),
		attested("authn.operator_mfa", Authentication, High,
			"nobody has stated that every admin account of every tool has a second factor",
			"Turn on MFA at the registrar, Cloudflare, hosting, mail and payments, then attest it.", "CIS-8-6.5"),
		attested("authz.roles_documented", Authorization, Medium,
			"nobody has stated who may see what (owner, admin, member, support)",
			"Write the matrix of roles and data down, then attest it with a link.", "ASVS-5.0-8.1.1"),
		attested("secrets.rotation_plan", Secrets, High,
			"nobody has stated that a rotation plan for secrets exists",
			"Write down each secret's owner, place, interval and way of rotation, then attest it with a link.", "ASVS-5.0-13.1.4"),
		attested("secrets.history_reviewed", Secrets, High,
			"nobody has stated whether secrets were ever committed and what changed since",
			"Review the history, rotate what was found, change the workflow, then attest it.", "ASVS-5.0-13.3.1"),
		attested("secrets.shared_keys_rotated", Secrets, High,
			"nobody has stated that keys which travelled through chat or documents were rotated",
			"Rotate every key that was ever sent in clear, then attest it.", "ASVS-5.0-13.3.4"),
		attested("deploy.code_understood", Deployment, Medium,
			"nobody has stated that third-party and generated code is understood by someone on the team",
			"Name an owner for every part of the code, then attest it.", "ASVS-5.0-15.1.2"),
		attested("support.no_database_edits", Support, Medium,
			"nobody has stated that support never edits the database by hand",
			"Give support a tool for each common case, then attest it.", "CIS-8-17.4"),
	}
}

// governanceFinding makes a violation of one of the rules about the gate.
func governanceFinding(id string, area Area, subject, message string) Finding {
	for _, r := range GovernanceRules() {
		if r.ID == id {
			return Finding{
				Rule: id, Area: area, Severity: r.Severity, Subject: subject, Status: Fail,
				Message: message, Remedy: r.Remedy, Reference: r.Page(),
			}
		}
	}
	panic("no governance rule " + id) // unreachable: ids are this package's constants
}
