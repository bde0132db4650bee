package readiness

// stream is a stream of work as the table holds it, in the order in which work
// is best done: names before certificates, certificates before the edge, what
// watches before drills that it must notice, handover last.
type stream struct {
	id, title string
	window    *Window
	rules     []string // the first stream that names a rule has it
	areas     []Area   // rules of these areas that no stream names
}

func streams() []stream {
	return []stream{
		{"dns", "DNS clean-up, redirects, subdomains", &Window{0, 8},
			[]string{"dns.*", "tls.http_no_redirect", "tls.redirect_*", "edge.https_redirect"}, nil},
		{"tls", "Certificates, forced HTTPS, mixed content", &Window{0, 8}, []string{"tls.*"}, []Area{TLS}},
		{"edge", "Cloudflare: proxy, WAF, caching, DDoS protection, limits", &Window{4, 16},
			[]string{"edge.*", "headers.*", "cors.*", "rate.missing", "rate.ip_missing", "rate.late", "rate.no_retry_after", "rate.retry_after_lies", "rate.wrong_status",
				"rate.header_bypass", "rate.path_bypass", "rate.protocol_bypass"}, []Area{Edge, RateLimiting}},
		{"mail", "SPF, DKIM, DMARC, delivery and bounces", &Window{4, 16}, nil, []Area{EmailAuth}},
		{"secrets", "Environment variables and secrets", &Window{4, 20}, []string{"deploy.env_*", "deploy.test_keys_live"}, []Area{Secrets}},
		{"observability", "Uptime monitoring and alert routing", &Window{12, 24}, nil, []Area{Observability}},
		{"deployment", "Production deployment and rollback", &Window{8, 24}, nil, []Area{Deployment}},
		{"handover", "Support checklist with owners", &Window{24, 48}, nil, []Area{Support}},
		// Work in the application's own code is estimated after triage, and does not
		// fit a sprint of 48 hours.
		{"application", "Authentication, authorization and limits in the application's code", nil,
			[]string{"rate.*"}, []Area{Authentication, Authorization}},
	}
}

// streamOf returns the index in streams of the one that a rule of an area
// belongs to. Every area has one.
func streamOf(table []stream, rule string, area Area) int {
	for i, s := range table {
		if names(s.rules, rule) {
			return i
		}
	}
	for i, s := range table {
		for _, a := range s.areas {
			if a == area {
				return i
			}
		}
	}
	return len(table) - 1
}
