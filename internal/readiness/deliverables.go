package readiness

// deliverable is one of the 13 as the table holds it. A rule belongs to one of
// them at most: a fault is not counted twice.
type deliverable struct {
	id, title string
	rules     []string
	evidence  [][]string // as for a criterion
}

func launchDeliverables() []deliverable {
	return []deliverable{
		{
			"dns_cleanup", "DNS clean-up",
			[]string{"dns.cname_conflict", "dns.delegation", "dns.dnssec_*", "dns.duplicate", "dns.expected", "dns.lame", "dns.mx_target",
				"dns.private_address", "dns.serial", "dns.transport", "dns.ttl", "dns.zone_transfer"},
			[][]string{{"dns.delegation", "dns.lame", "dns.expected"}},
		},
		{
			"redirects", "Redirects",
			[]string{"tls.http_no_redirect", "tls.redirect_*", "edge.https_redirect"},
			[][]string{{"tls.http_no_redirect", "edge.https_redirect"}},
		},
		{
			"subdomains", "Subdomains",
			[]string{"dns.dangling", "dns.takeover", "dns.dead_name", "dns.wildcard"},
			[][]string{{"dns.dangling", "dns.takeover"}},
		},
		{
			"cloudflare", "Cloudflare",
			[]string{"edge.not_proxied", "edge.origin_*", "edge.waf_absent", "dns.origin_leak", "cors.*", "headers.*",
				// Limits that the edge sets; those of the application belong to none.
				"rate.missing", "rate.ip_missing", "rate.late", "rate.no_retry_after", "rate.retry_after_lies", "rate.wrong_status",
				"rate.header_bypass", "rate.path_bypass", "rate.protocol_bypass"},
			[][]string{{"edge.not_proxied"}},
		},
		{
			"ssl", "SSL",
			[]string{"tls.caa_*", "tls.chain", "tls.cipher_weak", "tls.expiry", "tls.hsts_*", "tls.key_weak", "tls.mixed_*", "tls.name",
				"tls.no_tls13", "tls.protocol_old", "tls.unreachable"},
			[][]string{{"tls.chain"}},
		},
		{
			"caching", "Caching",
			[]string{"edge.cache_*", "edge.private_*", "edge.static_uncached"},
			[][]string{{"edge.private_*", "edge.static_uncached"}},
		},
		{"ddos_protection", "DDoS protection", []string{"edge.ddos_setting"}, [][]string{{"edge.ddos_setting"}}},
		{
			"email_authentication", "SPF, DKIM and DMARC",
			[]string{"spf.*", "dkim.*", "dmarc.*", "delivery.*", "bounce.*", "mx.*", "mta_sts.*", "tls_rpt.*", "bimi.*", "dane.*", "mail.*"},
			[][]string{{"spf.missing", "delivery.spf"}, {"dkim.missing", "delivery.dkim"}, {"dmarc.missing", "delivery.dmarc"}},
		},
		{
			"production_deployment", "Production deployment",
			[]string{"deploy.alert_link", "deploy.code_understood", "deploy.debug_on", "deploy.dev_mode", "deploy.drift", "deploy.dns_parity",
				"deploy.header_parity", "deploy.health_shallow", "deploy.maintenance_left", "deploy.migration_pending", "deploy.rollback_missing",
				"deploy.route_parity", "deploy.staging_public", "deploy.tls_parity", "deploy.version_*"},
			[][]string{{"deploy.version_*"}, {"deploy.rollback_missing"}},
		},
		{
			"environment_variables", "Environment variables",
			[]string{"deploy.env_*", "deploy.test_keys_live", "secrets.env_file_*"},
			[][]string{{"deploy.env_parity"}},
		},
		{
			"secrets_review", "Secrets review",
			[]string{"secrets.in_*", "secrets.file_exposed", "secrets.history_reviewed", "secrets.public_key", "secrets.rotation_plan",
				"secrets.scan_complete", "secrets.shared_keys_rotated", "obs.secret_in_logs", "secrets.source_map_public", "secrets.unknown_key"},
			[][]string{{"secrets.in_tree"}, {"secrets.in_history"}},
		},
		{"uptime_monitoring", "Uptime monitoring", []string{"obs.uptime_*"}, [][]string{{"obs.uptime_missing"}, {"obs.uptime_no_alert"}}},
		{"handover_checklist", "Handover checklist", []string{"support.*"}, [][]string{{"support.runbook_missing"}}},
	}
}

// deliverables ticks off the 13 by evidence. All but a note stands against one:
// what is delivered has no loose ends, though the gate may be open with some.
func deliverables(findings []Finding) []Deliverable {
	var out []Deliverable
	for _, d := range launchDeliverables() {
		seen := weigh(findings, d.rules, d.evidence, Low)
		out = append(out, Deliverable{
			ID: d.id, Title: d.title, Done: seen.status == Pass, Status: seen.status,
			Evidence: ids(seen.passed), Against: ids(seen.against), Missing: seen.missing,
		})
	}
	return out
}

// deliverableOf is the id of the deliverable that a rule belongs to, or "".
func deliverableOf(rule string) string {
	for _, d := range launchDeliverables() {
		if names(d.rules, rule) {
			return d.id
		}
	}
	return ""
}
