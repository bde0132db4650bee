package ratecheck

import "github.com/launchready/terraform-provider-launchready/internal/check"

// causes are those of an endpoint whose brake cannot be tried.
var causes = []check.Cause{
	{Words: "turned off", Remedy: "Set enabled = true to run the test."},
	{Words: "does not hold long enough", Remedy: "Give the endpoint fewer requests, or a longer within: what may evade a brake is tried while it holds. A brake that lets go within seconds slows nobody down: let it hold for a minute or more."},
	{Words: "requests would be needed", Remedy: "Lower requests of the endpoint: it is sent 200 at most, and each way around a brake takes as many as the brake itself."},
	{Words: "became others and stayed so", Remedy: "Name a text that only those answers hold in throttle_marker if they are a brake's; or name identities in accounts and write {{password}} into the body, so that a right password tells."},
	{Words: "attempts at other accounts cannot be told", Remedy: "Let the brake let go within maximum_lockout, or raise maximum_lockout."},
	{Words: "CAPTCHA", Remedy: "Exempt this machine, by its address or the user agent of its requests, from the CAPTCHA while it tests."},
	{Words: "does not exist at this address", Remedy: "Correct the endpoint's path or url."},
	{Words: "is somewhere else", Remedy: "Correct the endpoint's path or url: name the address that it redirects to."},
	{Words: "does not take this", Remedy: "Correct the endpoint's method, body and headers: they are those of the portal's own request."},
	{Words: "without looking at it", Remedy: "Correct the endpoint's body and headers, or name an identity: they are those of the portal's own request."},
	{Words: "name an identity", Remedy: "Name an identity that may use the endpoint."},
	{Words: "for another reason", Remedy: "Wait until the portal takes requests of this machine again, or exempt its address from what blocks it."},
	{Words: "fails at a single request", Remedy: "See the portal's log for why it fails at the request, and run again."},
	{Words: "fails before it can be seen", Remedy: "Mend rate.burst_breaks_app first, and run again."},
	{Words: "cannot be told from a busy server", Remedy: "Run again when the portal has little to do, or let it answer with 429."},
	{Words: "the test was interrupted", Remedy: "Run the check again, and let it end."},
}
