package sandbox

import "github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"

// transportFaults are in what says how mail comes to the domain, and how what
// bounces comes back.
func transportFaults() []Fault {
	mk := mailFault
	policy := func(name, breaks string, s portal.Switch, rule string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: []string{rule}, Status: "fail", Scope: ScopePortal, apply: portalSwitch(s)}
	}
	return []Fault{
		mk("mta_sts_record_malformed", "The id of the MTA-STS record has characters that are not allowed.",
			text(stsName, anyText, "v=STSv1; id=2026-03-01"), "mta_sts.record"),
		policy("mta_sts_mx_mismatch", "The MTA-STS policy names another host than the MX record.", portal.PolicyForeignMX, "mta_sts.mx_mismatch"),
		policy("mta_sts_html", "A page is served in the place of the MTA-STS policy.", portal.PolicyPage, "mta_sts.policy"),
		policy("mta_sts_redirected", "The MTA-STS policy is behind a redirect, which senders do not follow.", portal.PolicyRedirected, "mta_sts.policy"),
		policy("mta_sts_testing", "The MTA-STS policy is only being tested.", portal.PolicyTesting, "mta_sts.mode"),
		mk("tls_rpt_malformed", "The address for TLS reports is no URI.",
			text(tlsReportName, anyText, "v=TLSRPTv1; rua=tls-reports@{domain}"), "tls_rpt.syntax"),

		mk("mx_dangling", "The MX record points at a host that no longer exists.",
			records("", "MX", record{Content: "mx.former-host.example", Priority: 1}), "mx.target"),
		mk("mx_null_beside", "The domain says that it takes no mail, beside an MX record that says it does.",
			records("", "MX", record{Content: "smtp.google.com", Priority: 1}, record{Content: "."}), "mx.null_conflict"),
		mk("return_path_missing", "The record of the return path is gone, so that SPF speaks for the sending service alone.",
			records("pm-bounces", "CNAME"), "bounce.return_path"),
	}
}
