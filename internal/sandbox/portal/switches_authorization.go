package portal

// Faults of who may see and do what.
const (
	ObjectCrossMember Switch = "object_cross_member" // messages are shown to the owner's whole organisation
	DeniedWithData    Switch = "denied_with_data"    // ... refused with the message in the refusal
	ObjectCrossOrg    Switch = "object_cross_org"    // posts are shown to members of any organisation
	AnonymousObject   Switch = "anonymous_object"    // an invoice's owner is compared only where someone is signed in
	InvoiceUnchecked  Switch = "invoice_unchecked"   // invoices are shown to all who are signed in
	AdminListOpen     Switch = "admin_list_open"     // the list of accounts is for all who are signed in
	AdminWriteOpen    Switch = "admin_write_open"    // notes about members are written by all who are signed in
	WriteUnchecked    Switch = "write_unchecked"     // members are changed by all who are signed in
	WriteBeforeCheck  Switch = "write_before_check"  // ... and then refused
	DeleteUnchecked   Switch = "delete_unchecked"    // messages are taken away by all who are signed in
	ListUnscoped      Switch = "list_unscoped"       // the list of messages holds those of the whole organisation
	MassAssignment    Switch = "mass_assignment"     // members set role and organisation of themselves
	MethodOverride    Switch = "method_override"     // the role is asked for by the method of the request, and another is done
	PathCase          Switch = "path_case"           // ... by the path as it is spelled
	PathSlash         Switch = "path_slash"          // ... by the path with its slash
	PathByHeader      Switch = "path_by_header"      // ... by the path of the request, and X-Original-URL is done
	IDByQuery         Switch = "id_by_query"         // the id in the query is shown, another was looked at
	IDByBody          Switch = "id_by_body"          // ... in the body
	LeakAddresses     Switch = "leak_addresses"      // the community page lists the members' addresses
	LeakMarker        Switch = "leak_marker"         // the public events hold private notes
	LeakInvoice       Switch = "leak_invoice"        // the community page names an invoice and who paid it
	LeakToken         Switch = "leak_token"          // the public events hold access tokens
	LeakIDs           Switch = "leak_ids"            // ... internal ids
	RouteUncovered    Switch = "route_uncovered"     // there is a route that nobody ruled on
	OverDenied        Switch = "over_denied"         // posts are shown to their author alone
	HashShown         Switch = "hash_shown"          // a member's answer holds its password hash
)
