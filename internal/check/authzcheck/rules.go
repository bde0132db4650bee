package authzcheck

import "github.com/launchready/terraform-provider-launchready/internal/readiness"

const (
	ruleCrossMember = "authz.object_cross_member"
	ruleCrossOrg    = "authz.object_cross_org"
	ruleAnonymous   = "authz.object_anonymous"
	ruleLowerRole   = "authz.function_lower_role"
	ruleWrite       = "authz.write_cross_member"
	ruleList        = "authz.list_leaks"
	ruleMass        = "authz.mass_assignment"
	ruleExcess      = "authz.excess_fields"
	ruleOverride    = "authz.method_override"
	rulePath        = "authz.path_variant"
	ruleSources     = "authz.id_sources"
	rulePublic      = "authz.public_route_leak"
	ruleUndeclared  = "authz.undeclared_public"
	ruleGap         = "authz.matrix_gap"
	ruleOverDenied  = "authz.over_denied"

	refObject   = "ASVS-5.0-8.2.2"
	refFunction = "ASVS-5.0-8.2.1"
	refBOLA     = "API1:2023"
	refBOPLA    = "API3:2023"
	refBFLA     = "API5:2023"
	refBypass   = "WSTG-ATHZ-02"
)

// rules are all that the check can report. The page of each is rules/<id>.md.
func rules() []readiness.Rule {
	rule := func(id string, severity readiness.Severity, title, remedy string, references ...string) readiness.Rule {
		return readiness.Rule{ID: id, Area: readiness.Authorization, Severity: severity, Title: title, Remedy: remedy, References: references}
	}
	return []readiness.Rule{
		rule(ruleCrossMember, readiness.Critical,
			"a member is given what is another member's",
			"Read the object by its id and its owner together, the owner taken from the session (WHERE id = ? AND owner_id = ?), or by a policy of the framework or row-level security.",
			refObject, refBOLA, "WSTG-ATHZ-04", "WSTG-APIT-02"),
		rule(ruleCrossOrg, readiness.Critical,
			"a member is given what is another organisation's",
			"Take the organisation from the session, never from the request, and put it into every query of the handler.",
			"ASVS-5.0-8.4.1", refBOLA, "WSTG-ATHZ-04"),
		rule(ruleAnonymous, readiness.Critical,
			"what is a member's is given to anyone, without signing in",
			"Refuse what carries no session before any handler runs, and list the paths that are public.",
			"ASVS-5.0-8.3.1", "API2:2023"),
		rule(ruleLowerRole, readiness.Critical,
			"what is for a higher role works for a lower one",
			"Check the role in the server's handler, not in the page that shows the button.",
			refFunction, refBFLA, "WSTG-ATHZ-03", "WSTG-APIT-04"),
		rule(ruleWrite, readiness.Critical,
			"a member changes what is another member's",
			"Write by id and owner together, the owner taken from the session, in handlers that change and delete too.",
			refObject, refBOLA),
		rule(ruleList, readiness.Critical,
			"a list shows what is another's",
			"Scope the query of the list by the session's member and organisation.",
			refBOLA, refBOPLA),
		rule(ruleMass, readiness.Critical,
			"a field that a member must not set is stored",
			"Copy the fields that may be set by name from the request (strong parameters, a serializer's writable fields), never the whole of it.",
			"ASVS-5.0-15.3.3", "ASVS-5.0-8.2.3", refBOPLA, "WSTG-INPV-20"),
		rule(ruleExcess, readiness.High,
			"an answer holds fields that nobody should be sent",
			"Write answers from a list of fields (a serializer), never from the stored record.",
			"ASVS-5.0-15.3.1", "ASVS-5.0-14.2.6", refBOPLA, "WSTG-APIT-03"),
		rule(ruleOverride, readiness.High,
			"another method, or a header that names one, gets past the refusal",
			"Authorise by the method that the handler serves, after overrides are applied, and turn overrides off where no client needs them.",
			"ASVS-5.0-4.1.4", "WSTG-INPV-03", refBFLA),
		rule(rulePath, readiness.High,
			"another spelling of the path gets past the refusal",
			"Normalise the path before it is matched, authorise in the handler instead of by prefix, and ignore X-Original-URL and X-Rewrite-URL from outside.",
			refBypass, "WSTG-CONF-13", "API9:2023"),
		rule(ruleSources, readiness.High,
			"an id in another place of the request wins over the one that is checked",
			"Read each id from one place, and check the one that is used.",
			"ASVS-5.0-15.3.7", "WSTG-INPV-04", refBOLA),
		rule(rulePublic, readiness.High,
			"a public page shows what is private",
			"Take it out of the answer, or ask for a session.",
			"ASVS-5.0-14.2.6", refBOPLA),
		rule(ruleUndeclared, readiness.Medium,
			"an operation answers anyone, and nobody has said that it is public",
			"Add the path to public_paths, or security: [] to the operation, if it is meant to be public; otherwise ask for a session.",
			"API9:2023"),
		rule(ruleGap, readiness.Medium,
			"an operation is in no row: nobody has said who may use it",
			"Add a binding or a route for it, with owner, allow and deny.",
			"ASVS-5.0-8.1.1", "WSTG-IDNT-01"),
		rule(ruleOverDenied, readiness.High,
			"who is allowed is refused",
			"Let the identity in, or take it out of allow. While those who may are refused, refusals of others prove nothing.",
			"ASVS-5.0-8.1.1", refFunction),
	}
}
