package edgecheck

import "github.com/launchready/terraform-provider-launchready/internal/readiness"

const (
	ruleNotProxied        = "edge.not_proxied"
	ruleOriginDirect      = "edge.origin_direct"
	ruleOriginCertificate = "edge.origin_certificate"
	rulePrivateCached     = "edge.private_cached"
	rulePrivateCacheable  = "edge.private_cacheable"
	ruleCacheDeception    = "edge.cache_deception"
	ruleCachePoison       = "edge.cache_poison"
	ruleStaticUncached    = "edge.static_uncached"
	ruleWAFAbsent         = "edge.waf_absent"
	ruleHTTPSRedirect     = "edge.https_redirect"
	ruleDDoSSetting       = "edge.ddos_setting"
	ruleOriginTLS         = "edge.origin_tls"
	ruleCSP               = "headers.csp"
	ruleNosniff           = "headers.nosniff"
	ruleFrame             = "headers.frame"
	ruleReferrer          = "headers.referrer"
	ruleServerVersion     = "headers.server_version"
	ruleTrace             = "headers.trace"
)

// Rules by what is needed to judge them.
func hostRules() []string {
	return []string{
		ruleNotProxied, ruleOriginDirect, ruleOriginCertificate, ruleCachePoison, ruleWAFAbsent, ruleHTTPSRedirect,
		ruleCSP, ruleNosniff, ruleFrame, ruleReferrer, ruleServerVersion, ruleTrace,
	}
}
func privateRules() []string {
	return []string{rulePrivateCached, rulePrivateCacheable, ruleCacheDeception}
}

func rules() []readiness.Rule {
	list := []readiness.Rule{
		{
			ID: ruleNotProxied, Severity: readiness.High,
			Title:      "The host is reached beside Cloudflare's edge",
			Remedy:     "Set proxied = true on the records of the host (launchready_dns_record), IPv6 among them.",
			References: []string{"API8:2023", "ASVS-5.0-13.2.4"},
		},
		{
			ID: ruleOriginDirect, Severity: readiness.Critical,
			Title:      "The origin serves the site to who asks it directly",
			Remedy:     "Let the origin refuse all but the edge: launchready_zone_origin_protection has the firewall and nginx snippets; or use a tunnel, or launchready_zone_tls authenticated_origin_pulls = true.",
			References: []string{"API8:2023", "ASVS-5.0-13.2.4", "WSTG-CONF-10"},
		},
		{
			ID: ruleOriginCertificate, Severity: readiness.Medium,
			Title:      "The origin shows strangers a certificate that names the host",
			Remedy:     "Let the origin drop connections that are not the edge's (launchready_zone_origin_protection), or serve another certificate to who is not authenticated.",
			References: []string{"API8:2023", "WSTG-INFO-10"},
		},
		{
			ID: rulePrivateCached, Severity: readiness.Critical,
			Title:      "The answer of a session is kept by a cache",
			Remedy:     "Send Cache-Control: private, no-store from the application, and let launchready_zone_cache bypass the cache for sessions (bypass).",
			References: []string{"ASVS-5.0-14.2.2", "ASVS-5.0-14.3.2", "ASVS-5.0-14.2.5", "WSTG-ATHN-06"},
		},
		{
			ID: rulePrivateCacheable, Severity: readiness.Medium,
			Title:      "The answer of a session may be kept by caches",
			Remedy:     "Send Cache-Control: private, no-store on every answer that depends on who asks.",
			References: []string{"ASVS-5.0-14.3.2", "RFC 9111 section 3.5", "RFC 9111 section 5.2.2"},
		},
		{
			ID: ruleCacheDeception, Severity: readiness.Critical,
			Title:      "A made-up address makes the cache keep a private answer",
			Remedy:     "Answer unknown paths with 404, and turn on cache deception armour (launchready_zone_cache static.deception_armor).",
			References: []string{"ASVS-5.0-14.2.5", "WSTG-CONF-13"},
		},
		{
			ID: ruleCachePoison, Severity: readiness.High,
			Title:      "A header that the cache does not look at changes what others are given",
			Remedy:     "Do not build pages from X-Forwarded-Host and its kin, or strip them at the edge; do not cache what depends on them.",
			References: []string{"WSTG-INPV-17", "API8:2023"},
		},
		{
			ID: ruleStaticUncached, Severity: readiness.Low,
			Title:      "A static file is fetched from the origin each time",
			Remedy:     "Cache static paths in launchready_zone_cache, and send no Set-Cookie and no no-store with them.",
			References: []string{"RFC 9111 section 3"},
		},
		{
			ID: ruleWAFAbsent, Severity: readiness.High,
			Title:      "Attack signatures are not stopped at the edge",
			Remedy:     "Deploy a managed ruleset: launchready_zone_waf managed_rulesets.",
			References: []string{"API8:2023", "ASVS-5.0-13.2.4"},
		},
		{
			ID: ruleHTTPSRedirect, Severity: readiness.Medium,
			Title:      "HTTP does not lead to HTTPS in one hop at the edge",
			Remedy:     "Set launchready_zone_tls always_use_https = true.",
			References: []string{"ASVS-5.0-12.2.1", "RFC 9110 section 15.4"},
		},
		{
			ID: ruleDDoSSetting, Severity: readiness.High,
			Title:      "Protection against floods is turned down",
			Remedy:     "Remove the override (launchready_zone_ddos_protection), set security_level to medium, and turn development_mode off.",
			References: []string{"API4:2023", "ASVS-5.0-13.2.4"},
		},
		{
			ID: ruleOriginTLS, Severity: readiness.High,
			Title:      "The edge talks to the origin without sound TLS",
			Remedy:     "Set launchready_zone_tls mode = \"strict\", with a certificate of Cloudflare's origin CA or a public one at the origin.",
			References: []string{"ASVS-5.0-12.3.3", "ASVS-5.0-12.3.4"},
		},
		{
			ID: ruleCSP, Severity: readiness.Medium,
			Title:      "Pages have no Content-Security-Policy that stops injected scripts",
			Remedy:     "Send a Content-Security-Policy with script-src 'self', or nonces: launchready_zone_response_headers content_security_policy.",
			References: []string{"ASVS-5.0-3.4.3", "WSTG-CONF-12"},
		},
		{
			ID: ruleNosniff, Severity: readiness.Medium,
			Title:      "Answers lack X-Content-Type-Options: nosniff",
			Remedy:     "Set content_type_options in launchready_zone_response_headers, or nosniff in the hsts of launchready_zone_tls.",
			References: []string{"ASVS-5.0-3.4.4", "WSTG-CONF-14"},
		},
		{
			ID: ruleFrame, Severity: readiness.Medium,
			Title:      "Any site may frame the pages",
			Remedy:     "Send frame-ancestors 'none' or 'self': launchready_zone_response_headers frame_options, or content_security_policy.",
			References: []string{"ASVS-5.0-3.4.6", "WSTG-CLNT-09"},
		},
		{
			ID: ruleReferrer, Severity: readiness.Low,
			Title:      "Addresses of pages are told to other sites",
			Remedy:     "Send Referrer-Policy: strict-origin-when-cross-origin: launchready_zone_response_headers referrer_policy.",
			References: []string{"ASVS-5.0-3.4.5"},
		},
		{
			ID: ruleServerVersion, Severity: readiness.Low,
			Title:      "Headers tell the version of a program",
			Remedy:     "Turn the header off at its source, or set remove_leaking = true in launchready_zone_response_headers.",
			References: []string{"ASVS-5.0-13.4.6", "WSTG-INFO-02", "WSTG-INFO-08"},
		},
		{
			ID: ruleTrace, Severity: readiness.Medium,
			Title:      "TRACE echoes requests",
			Remedy:     "Turn TRACE off in the web server (TraceEnable off in Apache httpd).",
			References: []string{"ASVS-5.0-13.4.4", "WSTG-CONF-06", "RFC 9110 section 9.3.8"},
		},
	}
	for i := range list {
		list[i].Area = readiness.Edge
	}
	return list
}
