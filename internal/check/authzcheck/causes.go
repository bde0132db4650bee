package authzcheck

import "github.com/launchready/terraform-provider-launchready/internal/check"

// mendControl is for a positive control that failed for no reason of its own.
const mendControl = "See to it that the owner gets the route's answer first: method, path, params and body of the route, the owner's sign-in in provider \"launchready\", and marker if it is set."

// causes are those of routes and of the document that derives them.
var causes = []check.Cause{
	{Words: "allow_writes", Remedy: "Set allow_writes = true where the test data may be changed, such as on staging; what is changed is put back."},
	{Words: "OpenAPI document has more", Remedy: "Split the OpenAPI document, or leave out of it what no client calls."},
	{Words: "OpenAPI document has no such", Remedy: "Correct the name of the binding in openapi.bindings."},
	{Words: "$ref", Remedy: "Write the operations of the path into the OpenAPI document where the path stands, or resolve its references with a bundler."},
	{Words: "OpenAPI document", Remedy: "Correct the OpenAPI document or its place in openapi: one file of OpenAPI 3.0 or 3.1, 2 MiB at most."},
	{Words: "turned off", Remedy: "Set enabled = true to run the test."},
	{Words: "set params", Remedy: "Give the value in params of the route or binding, such as the id of an object that the owner has."},
	{Words: "set read_back", Remedy: "Set read_back of the route to the path at which the owner reads what is written."},
	{Words: "set create", Remedy: "Set create of the route to the request by which the owner makes an object that may be deleted."},
	{Words: "marker", Remedy: "Set marker to a text that stands in the owner's answer and in no other, or leave it out to have it found."},
	{Words: "put back", Remedy: "Put the value back by hand, and see why the portal does not take it."},
	{Words: "portal.base_url", Remedy: "Set portal.base_url in provider \"launchready\"."},
}
