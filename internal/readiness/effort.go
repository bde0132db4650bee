package readiness

import "slices"

// perSubject is what each further subject of the same root cause adds, in hours.
const perSubject = 0.25

// makeTestable is what it takes to make something testable, in hours.
var makeTestable = Range{0.25, 0.5}

// efforts is the estimate in hours of mending one root cause, by rule or pattern;
// the longest pattern counts. These are guesses of an engineer who knows the tools
// and has the access; effort_overrides replaces them by rule.
func efforts() map[string]Range {
	return map[string]Range{
		// The gate itself: something to renew, to write down or to switch on.
		"gate.*": {0.25, 0.5}, "gate.area_uncovered": {1, 3}, "gate.waiver_unused": {0.25, 0.25}, "criteria.*": {1, 3},

		// DNS clean-up, redirects, subdomains: 2 to 5 for the stream.
		"dns.*": {0.5, 1}, "dns.delegation": {1, 2}, "dns.lame": {1, 2}, "dns.dnssec_*": {0.5, 2}, "dns.serial": {0.5, 2},
		"tls.http_no_redirect": {0.25, 0.5}, "tls.redirect_*": {0.5, 1.5}, "edge.https_redirect": {0.25, 0.5},

		// Certificates, mixed content: 1 to 4.
		"tls.*": {0.25, 1}, "tls.chain": {0.5, 2}, "tls.name": {0.5, 2}, "tls.expiry": {0.5, 2}, "tls.unreachable": {0.5, 2}, "tls.mixed_*": {0.5, 2},

		// Cloudflare: 3 to 8.
		"edge.*": {0.5, 1.5}, "edge.origin_*": {1, 3}, "edge.cache_*": {1, 3}, "edge.private_*": {1, 3}, "headers.*": {0.5, 1}, "headers.csp": {1, 4},
		"rate.*": {0.5, 1.5},

		// SPF, DKIM, DMARC, bounces: 2 to 6, and the wait for TTLs and DMARC's reports.
		"spf.*": {0.25, 1}, "spf.lookup_*": {0.5, 2}, "dkim.*": {0.5, 1}, "dmarc.*": {0.25, 1}, "dmarc.not_enforced": {0.5, 3}, "dmarc.alignment": {0.5, 3},
		"mta_sts.*": {0.5, 2}, "tls_rpt.*": {0.25, 0.5}, "bimi.*": {0.5, 4}, "dane.*": {0.5, 2}, "mx.*": {0.25, 1}, "mail.*": {0.5, 2},
		"delivery.*": {0.5, 2}, "delivery.not_received": {1, 4}, "delivery.spam": {1, 6}, "bounce.*": {0.5, 2}, "bounce.unhandled": {2, 6},

		// Secrets: 2, and 1 for each leaked key. A further subject is a further key.
		"secrets.*": {0.5, 2}, "secrets.in_*": {2, 3}, "secrets.rotation_plan": {1, 3}, "secrets.history_reviewed": {1, 3}, "secrets.shared_keys_rotated": {1, 4},
		"secrets.file_exposed": {1, 2}, "secrets.source_map_public": {0.25, 0.5}, "secrets.public_key": {0.25, 0.25}, "secrets.env_file_not_ignored": {0.25, 0.25},

		// Production deployment, rollback: 3 to 8.
		"deploy.*": {0.5, 2}, "deploy.rollback_missing": {2, 6}, "deploy.migration_pending": {1, 4}, "deploy.env_client_secret": {1, 2},
		"deploy.code_understood": {2, 8}, "deploy.staging_public": {0.5, 2}, "deploy.alert_link": {1, 2},

		// Uptime, alert routing: 2 to 6.
		"obs.*": {0.5, 2}, "obs.uptime_*": {0.25, 0.5}, "obs.drill_*": {1, 3}, "obs.bounce_alert": {1, 3}, "obs.secret_in_logs": {1, 4},
		"latency.*": {0.5, 2}, "latency.p95": {2, 8}, "latency.error_rate": {2, 8}, "latency.tail": {2, 8},

		// Handover: 4 to 8.
		"support.*": {0.25, 1}, "support.runbook_missing": {4, 8}, "support.section.*": {0.5, 1.5}, "support.drill": {1, 2}, "support.no_database_edits": {2, 8},

		// The application's own code: 4 to 16 a root cause, less for a setting.
		"authn.*": {4, 16}, "session.*": {4, 16}, "jwt.*": {4, 16}, "mfa.*": {4, 16}, "reset.*": {4, 16}, "authz.*": {4, 16},
		"session.cookie_*": {0.5, 2}, "session.id_entropy": {1, 4}, "authn.csrf": {2, 8}, "authn.enum_*": {1, 4}, "authn.default_credentials": {0.25, 1},
		"authn.login_works": {0.5, 4}, "authn.operator_mfa": {1, 3}, "jwt.weak_secret": {1, 4}, "authz.roles_documented": {2, 4},
		"authz.matrix_gap": {0.25, 1}, "authz.undeclared_public": {0.5, 4}, "authz.over_denied": {1, 8},
		"cors.*": {1, 3}, "rate.account_missing": {2, 6}, "rate.case_email_bypass": {1, 4}, "rate.lockout_permanent": {2, 6}, "rate.blocks_members": {1, 4},
		"rate.burst_breaks_app": {2, 8}, "rate.mail_bomb": {1, 4},
	}
}

// unknownEffort is for a rule that no pattern names.
var unknownEffort = Range{0.5, 4}

// furtherSubject is what a further subject adds to the work on a rule: a leaked
// key is rotated by itself, all else is the same job again.
func furtherSubject(rule string) float64 {
	if names([]string{"secrets.in_*", "deploy.env_client_secret"}, rule) {
		return 1
	}
	return perSubject
}

// effortOf is the estimate for one root cause of a rule; what the user says of it
// comes first, the longest pattern of theirs before the table's.
func effortOf(table, overrides map[string]Range, rule string) Range {
	if pattern := longest(overrides, rule); pattern != "" {
		return overrides[pattern]
	}
	if pattern := longest(table, rule); pattern != "" {
		return table[pattern]
	}
	return unknownEffort
}

// Exposure is who can make use of a violation.
const (
	Anonymous = "anonymous" // anyone
	Member    = "member"    // who has an account
	Staff     = "staff"     // who works on the portal
)

// exposureWeight is what an exposure counts in a risk.
func exposureWeight(exposure string) float64 {
	return float64(3 - max(slices.Index([]string{Anonymous, Member, Staff}, exposure), 0))
}

// exposures by rule or pattern; the longest counts. All else is open to anyone.
func exposures() map[string]string {
	return map[string]string{
		"authz.*": Member, "authz.object_anonymous": Anonymous, "authz.public_route_leak": Anonymous, "authz.undeclared_public": Anonymous,
		"authz.roles_documented": Staff,
		"session.*":              Member, "session.cookie_secure": Anonymous, "session.fixation": Anonymous, "session.id_entropy": Anonymous,
		"session.token_in_url":     Anonymous,
		"authn.no_reauth_for_*":    Member,
		"authn.operator_mfa":       Anonymous,
		"mfa.code_reuse":           Member,
		"jwt.expired_accepted":     Member,
		"jwt.sensitive_claims":     Member,
		"secrets.in_tree":          Staff,
		"secrets.in_history":       Staff,
		"secrets.in_logs":          Staff,
		"secrets.env_file_*":       Staff,
		"secrets.rotation_plan":    Staff,
		"secrets.history_reviewed": Staff, "secrets.shared_keys_rotated": Staff, "secrets.scan_complete": Staff,
		"edge.private_*": Member, "edge.static_uncached": Member,
		"latency.*": Member,
		"obs.*":     Staff, "obs.error_leak": Anonymous, "obs.log_injection": Anonymous,
		"deploy.*": Staff, "deploy.debug_on": Anonymous, "deploy.staging_public": Anonymous, "deploy.test_keys_live": Anonymous, "deploy.env_client_secret": Anonymous,
		"support.*": Staff, "support.secret_in_runbook": Staff,
		"gate.*": Staff, "criteria.*": Staff,
	}
}

// exposureOf is who can make use of a violation of a rule.
func exposureOf(rule string) string {
	table := exposures()
	if pattern := longest(table, rule); pattern != "" {
		return table[pattern]
	}
	return Anonymous
}
