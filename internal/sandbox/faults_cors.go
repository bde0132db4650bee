package sandbox

import "github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"

// corsFaults are origins that the API lets read its answers and should not, or
// does not let and should.
func corsFaults() []Fault {
	mk := func(name, breaks string, s portal.Switch, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: ScopePortal, apply: portalSwitch(s)}
	}
	return []Fault{
		mk("cors_reflects_origin", "Pages of every origin may read the API.", portal.CORSReflects, "cors.reflects_origin"),
		mk("cors_null", "Pages of the origin null may read the API.", portal.CORSNull, "cors.null_origin"),
		mk("cors_suffix", "Origins are compared by their end alone.", portal.CORSSuffix, "cors.suffix"),
		mk("cors_prefix", "Origins are compared by their beginning alone.", portal.CORSPrefix, "cors.prefix"),
		mk("cors_contains", "Origins are compared by an expression whose dots are not escaped.", portal.CORSContains, "cors.contains"),
		mk("cors_subdomain", "Pages of every name below the domain may read the API.", portal.CORSSubdomain, "cors.subdomain"),
		mk("cors_http", "Pages of the application over http may read the API.", portal.CORSHTTP, "cors.http_downgrade"),
		mk("cors_special_char", "Origins are compared up to the first special character.", portal.CORSSpecial, "cors.special_char"),
		mk("cors_localhost", "Pages of a developer's machine may read the API.", portal.CORSLocalhost, "cors.third_party_trusted"),
		mk("cors_wildcard_credentials", "The API answers with the wildcard and credentials.", portal.CORSWildcardCredentials, "cors.wildcard_credentials", "cors.wildcard_private"),
		mk("cors_wildcard_private", "The API answers with the wildcard to who has a token.", portal.CORSWildcardPrivate, "cors.wildcard_private"),
		mk("cors_preflight_broad", "Preflights of every origin are approved.", portal.CORSPreflightBroad, "cors.preflight_broad"),
		mk("cors_vary_missing", "Caches may keep the posts and are not told that they depend on the origin.", portal.CORSVaryMissing, "cors.vary_missing"),
		mk("cors_trusted_broken", "The application's own pages may not read the API.", portal.CORSTrustedBroken, "cors.trusted_broken"),
	}
}
