package sandbox

import (
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/edge"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// tlsFaults are those that rules of the area tls must report.
func tlsFaults() []Fault {
	mk := func(scope Scope, name, breaks string, apply step, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: scope, apply: apply}
	}
	return []Fault{
		mk(ScopePortal, "mixed_script", "The welcome page loads a partner's script over http.", portalSwitch(portal.MixedScript), "tls.mixed_active"),
		mk(ScopePortal, "mixed_stylesheet", "The welcome page loads a partner's stylesheet over http.", portalSwitch(portal.MixedStylesheet), "tls.mixed_active"),
		mk(ScopePortal, "mixed_frame", "The welcome page frames a partner's page over http.", portalSwitch(portal.MixedFrame), "tls.mixed_active"),
		mk(ScopePortal, "mixed_image", "The welcome page shows a partner's picture over http.", portalSwitch(portal.MixedImage), "tls.mixed_passive"),
		mk(ScopePortal, "mixed_form", "The form of the welcome page is sent over http.", portalSwitch(portal.MixedForm), "tls.mixed_form"),

		mk(ScopeEdge, "certificate_expired", "The certificate ended yesterday.", edgeFault(edge.CertificateExpired), "tls.expiry"),
		mk(ScopeEdge, "certificate_expiring", "The certificate ends in two days.", edgeFault(edge.CertificateExpiring), "tls.expiry"),
		mk(ScopeEdge, "certificate_wrong_name", "The certificate is another site's.", edgeFault(edge.CertificateWrongName), "tls.name"),
		mk(ScopeEdge, "certificate_self_signed", "The certificate is signed by its own key.", edgeFault(edge.CertificateSelfSigned), "tls.chain"),
		mk(ScopeEdge, "certificate_untrusted", "The certificate is of an authority that nobody trusts.", edgeFault(edge.CertificateUntrusted), "tls.chain"),
		mk(ScopeEdge, "certificate_without_intermediate", "The intermediate certificate is not served.", edgeFault(edge.CertificateLeafOnly), "tls.chain"),
		mk(ScopeEdge, "https_unreachable", "Nothing answers on port 443.", edgeFault(edge.Unreachable), "tls.unreachable"),

		mk(ScopeZone, "tls_1_0_accepted", "The minimum TLS version is 1.0.", setting("min_tls_version", "1.0"), "tls.protocol_old"),
		mk(ScopeZone, "tls_1_1_accepted", "The minimum TLS version is 1.1.", setting("min_tls_version", "1.1"), "tls.protocol_old"),
		mk(ScopeZone, "tls_1_3_off", "TLS 1.3 is turned off.", setting("tls_1_3", "off"), "tls.no_tls13"),
		mk(ScopeZone, "http_not_redirected", "Pages are served over http.", setting("always_use_https", "off"), "tls.http_no_redirect", "edge.https_redirect"),
		mk(ScopePortal, "http_redirected_elsewhere", "Visitors over http are sent to another host first.",
			all(setting("always_use_https", "off"), portalSwitch(portal.RedirectElsewhere)), "tls.http_no_redirect", "edge.https_redirect"),
		mk(ScopePortal, "redirect_downgrade", "The front page redirects by way of an http address.", portalSwitch(portal.DowngradeHop), "tls.redirect_downgrade"),
		mk(ScopeZone, "redirect_loop", "The mode is flexible and the origin forces https: redirects never end.",
			all(setting("ssl", "flexible"), portalSwitch(portal.ForceBySocket)), "tls.redirect_loop"),
		mk(ScopeZone, "hsts_missing", "Strict-Transport-Security is not sent.", setting("security_header", hsts(0)), "tls.hsts_missing"),
		mk(ScopeZone, "hsts_short", "Strict-Transport-Security lasts a day.", setting("security_header", hsts(86400)), "tls.hsts_short"),
		mk(ScopeZone, "portal_not_proxied", "The portal's record is DNS only: visitors reach the origin, which lets them in, and its private certificate.",
			all(unproxied("portal"), guard(portal.Open)), "tls.chain", "edge.not_proxied"),
	}
}

// hsts is the value of the setting security_header: 0 seconds turn it off.
func hsts(maxAge int) map[string]any {
	return map[string]any{"strict_transport_security": map[string]any{
		"enabled": maxAge > 0, "max_age": maxAge, "include_subdomains": maxAge > 0, "preload": false, "nosniff": true,
	}}
}

// unproxied makes the address records of a name DNS only.
func unproxied(label string) step {
	return func(w *world) (func() error, error) {
		name := w.under(label)
		chosen := func(r zone.Record) bool { return r.Name == name && r.Proxiable }
		var with []record
		for _, r := range w.zone.Records() {
			if chosen(r) {
				with = append(with, record{Type: r.Type, Name: r.Name, Content: r.Content})
			}
		}
		restore, err := exchange(w.zone, chosen, with...)
		return func() error { restore(); return nil }, err
	}
}
