package readiness

import (
	"slices"
	"strings"
)

// criterion is a launch criterion as the table holds it.
type criterion struct {
	id, title string
	areas     []Area   // that it lies in
	against   []string // rules that stand against it when they are violated
	worst     Severity // the lowest severity that stands against it
	// evidence is what must have been seen: of each group at least one rule must
	// have passed. Without it the criterion is not decided.
	evidence [][]string
}

func launchCriteria() []criterion {
	return []criterion{
		{
			id: "L1", title: "No critical way around authentication",
			areas: []Area{Authentication, Authorization}, worst: Critical,
			against:  []string{"authn.*", "session.*", "jwt.*", "mfa.*", "reset.*", "authz.*"},
			evidence: [][]string{{"authn.bypass"}, {"authz.object_*", "authz.function_lower_role", "authz.list_leaks"}},
		},
		{
			id: "L2", title: "No secret exposed in code, history, logs, build output or environment files",
			areas: []Area{Secrets}, worst: High,
			against: []string{"secrets.in_*", "secrets.file_exposed", "secrets.env_file_tracked", "secrets.scan_complete",
				"obs.secret_in_logs", "deploy.env_client_secret", "support.secret_in_runbook"},
			evidence: [][]string{{"secrets.in_tree"}, {"secrets.in_history"}, {"secrets.env_file_tracked"}},
		},
		{
			id: "L3", title: "SPF, DKIM and DMARC pass for transactional mail",
			areas: []Area{EmailAuth}, worst: High,
			against:  []string{"spf.*", "dkim.*", "dmarc.*", "delivery.*"},
			evidence: [][]string{{"spf.missing", "delivery.spf"}, {"dkim.missing", "delivery.dkim"}, {"dmarc.missing", "delivery.dmarc"}},
		},
		{
			id: "L4", title: "Valid TLS on every domain and subdomain",
			areas: []Area{TLS}, worst: High,
			against:  []string{"tls.*"},
			evidence: [][]string{{"tls.chain"}, {"tls.name"}, {"tls.expiry"}},
		},
		{
			id: "L5", title: "Cloudflare in front of the origin, sane caching of members' pages, DDoS protection on",
			areas: []Area{Edge}, worst: High,
			against:  []string{"edge.*", "cors.*"},
			evidence: [][]string{{"edge.not_proxied"}, {"edge.private_cached"}, {"edge.ddos_setting"}},
		},
		{
			id: "L6", title: "Production deploys are tied to monitored alerts",
			areas: []Area{Deployment, Observability}, worst: High,
			against:  []string{"deploy.alert_link", "obs.alert_*", "obs.drill_alert", "obs.uptime_missing", "obs.uptime_no_alert", "obs.uptime_stale"},
			evidence: [][]string{{"deploy.alert_link"}, {"obs.alert_rules", "obs.drill_alert"}},
		},
		{
			id: "L7", title: "The 95th percentile of the core portal actions is below the limit",
			areas: []Area{Observability}, worst: High,
			against:  []string{"latency.*"},
			evidence: [][]string{{"latency.p95"}},
		},
		{
			id: "L8", title: "A written way through password resets, refunds, invites and failed log-ins, with owners and escalation",
			areas: []Area{Support}, worst: High,
			against: []string{"support.runbook_missing", "support.section.*", "support.placeholder", "support.manual_db", "support.contact_undeliverable", "support.escalation_levels"},
			evidence: [][]string{
				{"support.section.resets"}, {"support.section.refunds"}, {"support.section.invites"},
				{"support.section.failed_logins"}, {"support.section.escalation"},
			},
		},
	}
}

// criteria decides the eight launch criteria by the findings. One that somebody
// accepts is waived, and not met; what was not looked at is not decided.
func criteria(findings []Finding, require []Area) []Criterion {
	var out []Criterion
	for _, c := range launchCriteria() {
		seen := weigh(findings, c.against, c.evidence, c.worst)
		one := Criterion{ID: c.id, Title: c.title, Status: seen.status, Evidence: len(seen.passed), Against: ids(seen.against), Missing: seen.missing}
		required := slices.ContainsFunc(c.areas, func(a Area) bool { return slices.Contains(require, a) })
		if one.Status == NotApplicable && required {
			one.Status = Inconclusive
		}
		out = append(out, one)
	}
	return out
}

// undecided lists the launch criteria that nothing speaks for, of a launch that
// requires all ten areas: all eight must hold. Of an area that nothing covers it
// says no more than is said already, and what was looked at and does not hold is a
// finding of its own.
func undecided(findings []Finding, require []Area, covered map[Area]bool, failOn Severity) []Finding {
	if !whole(require) {
		return nil
	}
	var out []Finding
	for _, c := range launchCriteria() {
		if slices.ContainsFunc(c.areas, func(a Area) bool { return !covered[a] }) {
			continue
		}
		var missing []string
		for _, group := range c.evidence {
			if !slices.ContainsFunc(findings, func(f Finding) bool { return names(group, f.Rule) && speaks(f, failOn) }) {
				missing = append(missing, group...)
			}
		}
		if len(missing) > 0 {
			f := governanceFinding(CriterionUndecided, c.areas[0], c.id, c.title+": no check has decided "+strings.Join(missing, ", "))
			f.Status = Inconclusive
			out = append(out, f)
		}
	}
	return out
}

// speaks reports whether a finding needs no other that says nothing is known: it
// decided its rule, at whatever severity, or it blocks by itself.
func speaks(f Finding, failOn Severity) bool {
	return f.Status == Pass || f.Status == Fail || f.Status == Waived || f.Blocks(failOn)
}

// weighed is what findings say of a criterion or a deliverable.
type weighed struct {
	status          Status // pass, waived, fail, inconclusive; not_applicable if nothing was decided
	passed, against []Finding
	missing         []string // of each group without evidence, the rules or patterns
}

// weigh sums up the findings of the rules that patterns name. A violation below
// the given severity is none here, whether it is waived or not; but it is no
// evidence either.
func weigh(findings []Finding, patterns []string, evidence [][]string, worst Severity) weighed {
	w := weighed{status: Pass, missing: []string{}}
	waived, failed, decided := false, false, false
	for _, f := range findings {
		if !names(patterns, f.Rule) {
			continue
		}
		switch {
		case f.Status == Pass:
			w.passed = append(w.passed, f)
			decided = true
		case f.Status == Waived:
			waived, decided = waived || f.Severity.AtLeast(worst), true
		case f.Status.Violates():
			decided = true
			if f.Severity.AtLeast(worst) {
				w.against = append(w.against, f)
				failed = failed || f.Status == Fail
			}
		}
	}
	for _, group := range evidence {
		seen := func(speaks func(Finding) bool) bool {
			return slices.ContainsFunc(findings, func(f Finding) bool { return names(group, f.Rule) && speaks(f) })
		}
		switch {
		case seen(func(f Finding) bool { return f.Status == Pass }):
		case seen(func(f Finding) bool { return f.Status == Waived }):
			waived = true // nothing but somebody's word
		case !seen(func(f Finding) bool { return f.Status.Violates() && f.Severity.AtLeast(worst) }):
			// What stands against it has been looked at, and is said there.
			w.missing = append(w.missing, group...)
		}
	}
	switch {
	case failed:
		w.status = Fail
	case !decided:
		w.status = NotApplicable
	case len(w.against) > 0 || len(w.missing) > 0:
		w.status = Inconclusive
	case waived:
		w.status = Waived
	}
	return w
}
