package sandbox

import "github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"

// authorizationFaults are those of who may see and do what.
func authorizationFaults() []Fault {
	mk := func(name, breaks string, s portal.Switch, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: ScopePortal, apply: portalSwitch(s)}
	}
	return []Fault{
		mk("authz_object_cross_member", "A member's messages are shown to the whole organisation.", portal.ObjectCrossMember, "authz.object_cross_member"),
		mk("authz_object_cross_member_403", "Others are refused a member's message with the message in the refusal.", portal.DeniedWithData, "authz.object_cross_member"),
		mk("authz_object_cross_org", "Posts are shown to members of any organisation.", portal.ObjectCrossOrg, "authz.object_cross_org"),
		mk("authz_object_unchecked", "Invoices are shown to all who are signed in.", portal.InvoiceUnchecked, "authz.object_cross_member", "authz.object_cross_org"),
		mk("authz_object_anonymous", "An invoice's owner is compared only where someone is signed in.", portal.AnonymousObject, "authz.object_anonymous"),
		mk("authz_function_lower_role", "The list of accounts is for all who are signed in.", portal.AdminListOpen, "authz.function_lower_role"),
		mk("authz_function_lower_role_write", "Notes about members are written by all who are signed in.", portal.AdminWriteOpen, "authz.function_lower_role"),
		mk("authz_write_cross_member", "Members are changed by all who are signed in.", portal.WriteUnchecked, "authz.write_cross_member"),
		mk("authz_write_cross_member_403", "A member is changed first, and then the request is refused.", portal.WriteBeforeCheck, "authz.write_cross_member"),
		mk("authz_write_cross_member_delete", "A member's messages are taken away by all who are signed in.", portal.DeleteUnchecked, "authz.write_cross_member"),
		mk("authz_list_leaks", "The list of messages holds those of the whole organisation.", portal.ListUnscoped, "authz.list_leaks"),
		mk("authz_mass_assignment", "Members set role and organisation of themselves.", portal.MassAssignment, "authz.mass_assignment"),
		mk("authz_method_override", "The role is asked for by the method of the request, and what a header or the query names is done.", portal.MethodOverride, "authz.method_override"),
		mk("authz_path_variant_case", "The role is asked for by the path as it is spelled, and every spelling is served.", portal.PathCase, "authz.path_variant"),
		mk("authz_path_variant_slash", "The role is not asked for where the path ends with a slash.", portal.PathSlash, "authz.path_variant"),
		mk("authz_path_variant_header", "The role is asked for by the path of the request, and that of X-Original-URL is served.", portal.PathByHeader, "authz.path_variant"),
		mk("authz_id_sources_query", "The owner of the id in the path is compared, and the one in the query is shown.", portal.IDByQuery, "authz.id_sources"),
		mk("authz_id_sources_body", "The owner of the id in the path is compared, and the one in the body is shown.", portal.IDByBody, "authz.id_sources"),
		mk("authz_public_route_leak_email", "The community page lists the members' addresses.", portal.LeakAddresses, "authz.public_route_leak"),
		mk("authz_public_route_leak_marker", "The public events hold members' private notes.", portal.LeakMarker, "authz.public_route_leak"),
		mk("authz_public_route_leak_invoice", "The community page names an invoice, its amount and who paid it.", portal.LeakInvoice, "authz.public_route_leak"),
		mk("authz_public_route_leak_token", "The public events hold access tokens.", portal.LeakToken, "authz.public_route_leak"),
		mk("authz_public_route_leak_ids", "The public events hold internal ids.", portal.LeakIDs, "authz.public_route_leak"),
		mk("authz_matrix_gap", "A release brought a route that nobody ruled on.", portal.RouteUncovered, "authz.matrix_gap"),
		mk("authz_over_denied", "Posts are shown to their author alone.", portal.OverDenied, "authz.over_denied"),
		mk("authz_excess_fields", "What a member reads of itself holds its password hash.", portal.HashShown, "authz.excess_fields"),
	}
}
