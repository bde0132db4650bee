package readiness

import (
	"fmt"
	"slices"
	"time"
)

// attested is the subject of what people answer.
const attested = "attestation"

// attest turns attestations into findings: passes for the valid ones, failures for the expired.
func attest(c *Catalogue, attestations []Attestation, now time.Time) (valid, expired []Finding) {
	renewed := func(rule string) bool {
		return slices.ContainsFunc(attestations, func(a Attestation) bool { return a.Rule == rule && !a.Expires.Over(now) })
	}
	for _, a := range attestations {
		rule, ok := c.Rule(a.Rule)
		if !ok || !rule.Attestable {
			continue // refused at plan time by CheckRule; counting it here would open the gate
		}
		if a.Expires.Over(now) && renewed(a.Rule) {
			continue
		}
		if a.Expires.Over(now) {
			expired = append(expired, governanceFinding(AttestationExpired, rule.Area, a.Rule,
				fmt.Sprintf("the attestation of %s expired on %s", a.Owner, a.Expires)))
			continue
		}
		valid = append(valid, Finding{
			Rule: rule.ID, Area: rule.Area, Severity: rule.Severity, Subject: attested, Status: Pass,
			Message:   fmt.Sprintf("%s (%s, until %s, %s)", a.Statement, a.Owner, a.Expires, a.Evidence),
			Reference: rule.Page(),
		})
	}
	return valid, expired
}

// unanswered lists the questions of the required areas that nobody has answered,
// and those anywhere whose answer has expired: they are open again.
func unanswered(c *Catalogue, require []Area, answered map[string]bool, expired, findings []Finding) []Finding {
	var open []Rule
	for _, rule := range AttestedRules() {
		if slices.Contains(require, rule.Area) {
			open = append(open, rule)
		}
	}
	for _, f := range expired { // its subject is the rule
		if rule, ok := c.Rule(f.Subject); ok && !slices.ContainsFunc(open, func(r Rule) bool { return r.ID == rule.ID }) {
			open = append(open, rule)
		}
	}
	var out []Finding
	for _, rule := range open {
		reported := slices.ContainsFunc(findings, func(f Finding) bool { return f.Rule == rule.ID })
		if answered[rule.ID] || reported {
			continue
		}
		out = append(out, Finding{
			Rule: rule.ID, Area: rule.Area, Severity: rule.Severity, Subject: attested, Status: Inconclusive,
			Message: rule.Title, Remedy: rule.Remedy, Reference: rule.Page(),
		})
	}
	return out
}
