package sandbox

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// evidence is what must be in sight, by fault, and only while the fault is on.
// What a fault takes away is named with a leading "-".
var evidence = map[string]string{
	"mixed_script":                     `<script src="http://cdn.partner.example/app.js">`,
	"mixed_stylesheet":                 `<link rel="stylesheet" href="http://cdn.partner.example/theme.css">`,
	"mixed_frame":                      `<iframe src="http://cdn.partner.example/tour.html"`,
	"mixed_image":                      `<img src="http://cdn.partner.example/harbour.svg"`,
	"mixed_form":                       `action="http://cdn.partner.example/subscribe"`,
	"certificate_expired":              "has expired",
	"certificate_expiring":             "TLS 1.3: accepted, ends within a week: true",
	"certificate_wrong_name":           "is valid for",
	"certificate_self_signed":          "unknown authority",
	"certificate_untrusted":            "unknown authority",
	"certificate_without_intermediate": "unknown authority",
	"https_unreachable":                "connection refused",
	"tls_1_0_accepted":                 "TLS 1.0: accepted",
	"tls_1_1_accepted":                 "TLS 1.1: accepted",
	"tls_1_3_off":                      "-TLS 1.3: accepted",
	"http_not_redirected":              "GET http://portal.acme.example/pricing: 200",
	"http_redirected_elsewhere":        `location="https://www.acme.example/pricing"`,
	"redirect_downgrade":               `location="http://portal.acme.example/welcome"`,
	"redirect_loop":                    "too many redirects",
	"hsts_missing":                     `GET https://portal.acme.example/welcome: 200 location="" hsts=""`,
	"hsts_short":                       "max-age=86400",
	"portal_not_proxied":               "unknown authority",
	"caa_forbids_issuer":               "digicert.com",
	"caa_missing":                      "-CAA 0 issue",
	"dangling_cname":                   "old.acme.example. 300 CNAME gone.partner.example.",
	"dangling_ns":                      "dev.acme.example. 300 NS ns1.old-agency.example.",
	"takeover_cname":                   "help.acme.example. 300 CNAME acme-help.azurewebsites.net.",
	"takeover_fingerprint":             "<Code>NoSuchBucket</Code>",
	"private_address":                  "intranet.acme.example. 300 A 10.20.0.5",
	"wildcard":                         "GET https://anything.acme.example/: 200",
	"origin_leaked":                    "direct.acme.example. 300 A " + shopIP,
	"ttl_absurd":                       "acme.example. 30 MX",
	"mx_to_cname":                      "MX 1 mx.acme.example.",
	"mx_to_address":                    "MX 1 198.51.100.25.",
	"record_duplicated":                `acme.example. 300 TXT "google-site-verification=3kq0Yt7wPzqkU2m8bVtR1dXh5sLcA9eJ"; acme.example. 300 TXT "google-site-verification`,
	"name_dead":                        "GET https://shop.acme.example/: 522",
	"delegation_mismatch":              "NS cleo.ns.cloudflare.com.",
	"name_server_lame":                 "bob.ns.cloudflare.com: portal.acme.example REFUSED",
	"name_server_without_tcp":          "bob.ns.cloudflare.com: no TCP",
	"name_server_stale":                "serials differ: true",
	"name_server_missing_record":       "bob.ns.cloudflare.com: portal.acme.example NOERROR\n",
	"transfer_open":                    "bob.ns.cloudflare.com: transfer of more than ten records: true",
	"cname_at_apex":                    "acme.example NOERROR; acme.example. 300 CNAME cdn.partner.example.",
	"dnssec_signature_expired":         "bob.ns.cloudflare.com: signatures out of time",
	"dnssec_signature_bogus":           "ada.ns.cloudflare.com: signatures dns: bad signature",
	"dnssec_ds_without_key":            "ada.ns.cloudflare.com: signatures of another key",
	"dnssec_off":                       "signatures missing: DS false, keys false",
	"name_servers_unreachable":         "ada.ns.cloudflare.com: i/o timeout",
	"spf_missing":                      "-v=spf1",
	"spf_multiple":                     "include:spf.mtasv.net -all",
	"spf_syntax":                       "ipv4:203.0.113.7",
	"spf_too_many_lookups":             "include:mailgun.org",
	"spf_too_many_voids":               "a:mail3.acme.example",
	"spf_permissive":                   "+all",
	"spf_neutral":                      "?all",
	"spf_no_all":                       `"v=spf1 include:_spf.google.com"`,
	"spf_include_broken":               "include:_spf.acme.example",
	"spf_ptr":                          " ptr ",
	"dkim_missing":                     "-v=DKIM1",
	"dkim_revoked":                     `p="`,
	"dkim_short_key":                   shortKey,
	"dkim_test_flag":                   "t=y; p=",
	"dkim_malformed":                   googleKey[:180] + `"`,
	"dmarc_missing":                    "-v=DMARC1",
	"dmarc_multiple":                   `"v=DMARC1; p=none; rua=mailto:dmarc-reports@acme.example" "v=DMARC1; p=reject;`,
	"dmarc_not_enforced":               "p=none",
	"dmarc_syntax":                     "adkim=strict",
	"dmarc_subdomain_gap":              "sp=none",
	"dmarc_partial":                    "pct=25",
	"dmarc_test_mode":                  "p=reject; t=y",
	"dmarc_no_rua":                     `"v=DMARC1; p=reject"`,
	"dmarc_report_foreign":             "rua=mailto:acme@reports.elsewhere.example",
	"mta_sts_record_malformed":         "id=2026-03-01",
	"mta_sts_mx_mismatch":              "mx: mx.former-host.example",
	"mta_sts_html":                     "<h1>Welcome to Acme</h1>",
	"mta_sts_redirected":               `location="https://www.acme.example/mta-sts.txt"`,
	"mta_sts_testing":                  "mode: testing",
	"tls_rpt_malformed":                "rua=tls-reports@acme.example",
	"mx_dangling":                      "MX 1 mx.former-host.example.",
	"mx_null_beside":                   "MX 0 .",
	"return_path_missing":              "-CNAME pm.mtasv.net.",
	"dmarc_servfail":                   "TXT _dmarc.acme.example: [] server misbehaving",
	"dmarc_timeout":                    "TXT _dmarc.acme.example: [] i/o timeout",
}

// TestFaults switches every fault on and off, and sees with a plain client
// that it shows, and that nothing is left of it.
func TestFaults(t *testing.T) {
	t.Parallel()
	s := start(t, Options{State: Healthy})
	c := visit(t, s)
	healthy := c.look()
	for _, f := range Faults() {
		if slices.ContainsFunc(secretFaults(), func(own Fault) bool { return own.Name == f.Name }) { // TestSecretFaults
			continue
		}
		if f.Scope == ScopeMail || f.Scope == ScopeRunbook { // TestMailFaults, TestSupportFaults
			continue
		}
		if slices.ContainsFunc(deploymentFaults(), func(own Fault) bool { return own.Name == f.Name }) { // TestDeploymentFaults
			continue
		}
		if f.Scope == ScopeOperation { // TestOperationFaults
			continue
		}
		if _, own := sights[f.Name]; own { // TestEdgeFaults
			continue
		}
		if _, own := limiterSights[f.Name]; own { // TestLimiterFaults
			continue
		}
		if _, own := manners[f.Name]; own { // TestHeaderFaults
			continue
		}
		if slices.ContainsFunc(portalFaults(), func(own Fault) bool { return own.Name == f.Name }) { // TestPortalFaults
			continue
		}
		want, known := evidence[f.Name]
		if !known {
			t.Errorf("%s: no evidence is named for it", f.Name)
			continue
		}
		if f.Breaks == "" || len(f.Rules) == 0 || f.Status == "" {
			t.Errorf("%s: incomplete", f.Name)
		}
		shows := func(seen string) bool {
			if gone, ok := strings.CutPrefix(want, "-"); ok {
				return !strings.Contains(seen, gone)
			}
			return strings.Contains(seen, want)
		}
		if shows(healthy) {
			t.Fatalf("%s: shows in a healthy client:\n%s", f.Name, healthy)
		}
		if err := s.SetFaults(f.Name); err != nil {
			t.Fatal(err)
		}
		if seen := c.look(); !shows(seen) {
			t.Errorf("%s: %q does not show in\n%s", f.Name, want, seen)
		}
		if err := s.SetFaults(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(healthy, c.look()); diff != "" {
			t.Fatalf("%s left something behind:\n%s", f.Name, diff)
		}
	}
}

// TestFaultsOnOneRecord holds that faults which touch the same record come and
// go in any order and leave what was there.
func TestFaultsOnOneRecord(t *testing.T) {
	t.Parallel()
	s := start(t, Options{State: Healthy})
	c := visit(t, s)
	spf := func() string {
		found, err := c.resolver.LookupTXT(t.Context(), "acme.example.")
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(found, func(v string) bool { return strings.HasPrefix(v, "v=spf1") })
		if i < 0 {
			return ""
		}
		return found[i]
	}
	before := spf()
	for _, step := range []struct {
		names []string
		want  string // contained
	}{
		{[]string{"spf_missing", "spf_neutral"}, "?all"},
		{[]string{"spf_neutral"}, "?all"},
		{[]string{"spf_neutral", "spf_permissive"}, "+all"},
		{[]string{"spf_neutral"}, "?all"},
		{nil, before},
	} {
		if err := s.SetFaults(step.names...); err != nil {
			t.Fatal(err)
		}
		if got := spf(); !strings.Contains(got, step.want) {
			t.Errorf("%v: %q, want %q", step.names, got, step.want)
		}
	}
	if err := s.SetFaults("spf_missing", "made_up"); err == nil || spf() != before {
		t.Errorf("an unknown fault: %v; record now %q", err, spf())
	}
}
