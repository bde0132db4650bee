package sandbox

import "github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"

// headerFaults are headers that a release forgot or should not send.
func headerFaults() []Fault {
	mk := func(name, breaks string, apply step, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: ScopePortal, apply: apply}
	}
	// The zone sends the header too, whatever the portal does.
	sniffing := hsts(31536000)
	sniffing["strict_transport_security"].(map[string]any)["nosniff"] = false
	return []Fault{
		mk("csp_missing", "Pages have no Content-Security-Policy.", portalSwitch(portal.PolicyMissing), "headers.csp"),
		mk("csp_unsafe", "The Content-Security-Policy lets inline scripts run.", portalSwitch(portal.PolicyInline), "headers.csp"),
		mk("nosniff_missing", "Nothing keeps browsers from guessing types.",
			all(portalSwitch(portal.NosniffMissing), setting("security_header", sniffing)), "headers.nosniff"),
		mk("frame_missing", "Nothing says who may frame the pages.", portalSwitch(portal.FrameMissing), "headers.frame"),
		mk("referrer_missing", "Pages have no Referrer-Policy.", portalSwitch(portal.ReferrerMissing), "headers.referrer"),
		mk("server_version", "A header tells the version of PHP.", portalSwitch(portal.VersionTold), "headers.server_version"),
		mk("private_cacheable", "The account page does not say that no cache may keep it.", portalSwitch(portal.AccountCacheable), "edge.private_cacheable"),
	}
}
