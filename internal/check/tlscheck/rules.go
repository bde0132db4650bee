package tlscheck

import "github.com/launchready/terraform-provider-launchready/internal/readiness"

const (
	ruleUnreachable     = "tls.unreachable"
	ruleChain           = "tls.chain"
	ruleName            = "tls.name"
	ruleExpiry          = "tls.expiry"
	ruleProtocolOld     = "tls.protocol_old"
	ruleNoTLS13         = "tls.no_tls13"
	ruleKeyWeak         = "tls.key_weak"
	ruleCipherWeak      = "tls.cipher_weak"
	ruleHSTSMissing     = "tls.hsts_missing"
	ruleHSTSShort       = "tls.hsts_short"
	ruleHSTSSubdomains  = "tls.hsts_no_subdomains"
	ruleHSTSPreload     = "tls.hsts_preload_conflict"
	ruleHTTPNoRedirect  = "tls.http_no_redirect"
	ruleDowngrade       = "tls.redirect_downgrade"
	ruleLoop            = "tls.redirect_loop"
	ruleMixedActive     = "tls.mixed_active"
	ruleMixedPassive    = "tls.mixed_passive"
	ruleMixedForm       = "tls.mixed_form"
	remedyMixedRewrites = "Write the address with https; launchready_zone_tls automatic_https_rewrites mends what the edge knows to answer over HTTPS."
)

// Rules by what is needed to judge them.
func connectionRules() []string {
	return []string{ruleChain, ruleName, ruleExpiry, ruleProtocolOld, ruleNoTLS13, ruleKeyWeak, ruleCipherWeak}
}
func hstsRules() []string {
	return []string{ruleHSTSMissing, ruleHSTSShort, ruleHSTSSubdomains, ruleHSTSPreload}
}
func redirectRules() []string { return []string{ruleHTTPNoRedirect, ruleDowngrade, ruleLoop} }
func mixedRules() []string    { return []string{ruleMixedActive, ruleMixedPassive, ruleMixedForm} }

func rules() []readiness.Rule {
	list := []readiness.Rule{
		{
			ID: ruleUnreachable, Severity: readiness.High,
			Title:      "The host has no working TLS service on port 443",
			Remedy:     "Point the host's record at a server with a certificate, or proxy it (launchready_dns_record proxied = true) and set launchready_zone_tls mode to \"strict\".",
			References: []string{"ASVS-5.0-12.2.1"},
		},
		{
			ID: ruleChain, Severity: readiness.Critical,
			Title:      "The certificate chain does not lead to a trusted authority",
			Remedy:     "Serve the full chain of a publicly trusted certificate: the leaf and every intermediate.",
			References: []string{"ASVS-5.0-12.2.2", "RFC 5280 section 6", "RFC 8446 section 4.4.2"},
		},
		{
			ID: ruleName, Severity: readiness.Critical,
			Title:      "The certificate does not cover the host",
			Remedy:     "Issue a certificate with the host among its names; a wildcard covers one label only, so a deeper name needs an advanced certificate or a flatter name.",
			References: []string{"RFC 9525 section 6"},
		},
		{
			ID: ruleExpiry, Severity: readiness.High,
			Title:      "The certificate is expired, not yet valid, or about to run out",
			Remedy:     "Renew the certificate, and make renewal automatic.",
			References: []string{"RFC 5280 section 4.1.2.5", "CA/B Forum SC-081"},
		},
		{
			ID: ruleProtocolOld, Severity: readiness.High,
			Title:      "A TLS version below the minimum completes a handshake",
			Remedy:     "Set launchready_zone_tls minimum_version to \"1.2\" (or the minimum that is wanted).",
			References: []string{"ASVS-5.0-12.1.1", "RFC 8996"},
		},
		{
			ID: ruleNoTLS13, Severity: readiness.Low,
			Title:      "TLS 1.3 is not offered",
			Remedy:     "Set launchready_zone_tls tls_1_3 = true.",
			References: []string{"ASVS-5.0-12.1.1", "RFC 8446"},
		},
		{
			ID: ruleKeyWeak, Severity: readiness.High,
			Title:      "A certificate has a weak key or signature",
			Remedy:     "Reissue with an RSA key of 2048 bits or more, or ECDSA on P-256 or better, signed with SHA-256 or better.",
			References: []string{"ASVS-5.0-11.6.1", "RFC 9325 section 4.5"},
		},
		{
			ID: ruleCipherWeak, Severity: readiness.High,
			Title:      "Weak cipher suites are accepted",
			Remedy:     "Set launchready_zone_tls minimum_version to \"1.2\" or better and allow suites with ECDHE and AES-GCM or ChaCha20 only.",
			References: []string{"ASVS-5.0-12.1.2", "RFC 9325 section 4"},
		},
		{
			ID: ruleHSTSMissing, Severity: readiness.Medium,
			Title:      "No valid Strict-Transport-Security header is sent",
			Remedy:     "Set launchready_zone_tls hsts = { enabled = true, max_age = 31536000 }.",
			References: []string{"ASVS-5.0-3.4.1", "RFC 6797", "WSTG-CONF-07"},
		},
		{
			ID: ruleHSTSShort, Severity: readiness.Low,
			Title:      "HSTS is remembered for too short a time",
			Remedy:     "Set max_age in launchready_zone_tls hsts to 31536000 (a year) or more.",
			References: []string{"ASVS-5.0-3.4.1", "RFC 6797 section 6.1.1"},
		},
		{
			ID: ruleHSTSSubdomains, Severity: readiness.Low,
			Title:      "HSTS does not include subdomains",
			Remedy:     "Set include_subdomains = true in launchready_zone_tls hsts, once every name below the host answers over HTTPS.",
			References: []string{"ASVS-5.0-3.4.1", "RFC 6797 section 6.1.2"},
		},
		{
			ID: ruleHSTSPreload, Severity: readiness.Medium,
			Title:      "HSTS preload is asked for and its conditions are not met",
			Remedy:     "Meet the conditions (max_age of a year, include_subdomains, a valid certificate, http to https on the same host first) or set preload = false in launchready_zone_tls hsts.",
			References: []string{"RFC 6797 section 12.3"},
		},
		{
			ID: ruleHTTPNoRedirect, Severity: readiness.High,
			Title:      "Plain HTTP does not redirect to HTTPS on the same host first",
			Remedy:     "Set launchready_zone_tls always_use_https = true.",
			References: []string{"ASVS-5.0-12.2.1", "ASVS-5.0-4.1.2", "RFC 6797 section 7.2"},
		},
		{
			ID: ruleDowngrade, Severity: readiness.High,
			Title:      "A redirect leads from HTTPS back to plain HTTP",
			Remedy:     "Make the application redirect to https addresses; set launchready_zone_tls always_use_https = true.",
			References: []string{"ASVS-5.0-12.2.1"},
		},
		{
			ID: ruleLoop, Severity: readiness.High,
			Title:      "The redirects of the host never end",
			Remedy:     "Set launchready_zone_tls mode to \"strict\": with \"flexible\" an origin that redirects to HTTPS is asked over HTTP again and again.",
			References: []string{"RFC 9110 section 15.4"},
		},
		{
			ID: ruleMixedActive, Severity: readiness.High,
			Title:      "A page loads scripts, styles or frames over plain HTTP",
			Remedy:     remedyMixedRewrites,
			References: []string{"ASVS-5.0-12.2.1", "W3C Mixed Content"},
		},
		{
			ID: ruleMixedPassive, Severity: readiness.Medium,
			Title:      "A page loads pictures, sound or video over plain HTTP",
			Remedy:     remedyMixedRewrites,
			References: []string{"ASVS-5.0-12.2.1", "W3C Mixed Content"},
		},
		{
			ID: ruleMixedForm, Severity: readiness.High,
			Title:      "A page sends a form over plain HTTP",
			Remedy:     "Write the form's address with https: what visitors type travels in the clear, and no edge setting mends that surely.",
			References: []string{"ASVS-5.0-12.2.1", "W3C Mixed Content"},
		},
	}
	for i := range list {
		list[i].Area = readiness.TLS
	}
	return list
}
