package authcheck

import "github.com/launchready/terraform-provider-launchready/internal/check"

// lastResort is for a control that failed for no reason of its own.
const lastResort = "See to it that what is tested works first, as the message says: the identity's sign-in, its sessions, and the paths and requests that the check is given."

// causes are those of the parts of a sign-in.
var causes = []check.Cause{
	{Words: "turned off", Remedy: "Set enabled = true to run the test."},
	{Words: "portal.base_url", Remedy: "Set portal.base_url in provider \"launchready\"."},
	{Words: "request for a letter is refused", Remedy: "Complete recovery.request: method, path and body are those of the portal's form, and page is the path of the page that it stands on."},
	{Words: "letter", Remedy: "See that the portal's letters come to the mailbox of recovery, with a link to the portal, within its delivery time: request, mailbox and confirm are those of the portal."},
	{Words: "sign_up", Remedy: "Complete sign_up.body: what the portal asks for, with {{address}} and {{password}}."},
	{Words: "user name is no address", Remedy: "Test as an identity whose user name is an e-mail address."},
	{Words: "address cannot be changed", Remedy: "Correct sensitive_changes: path, method and body are those of the portal, with the marks for what changes."},
	{Words: "password cannot be changed", Remedy: "Correct sensitive_changes: path, method and body are those of the portal, with the marks for what changes."},
	{Words: "short session", Remedy: "See that the header of short_session makes sessions of this target end after idle and absolute, and no sooner."},
	{Words: "the application's shell", Remedy: "Name in protected_paths, admin_paths or portal.whoami the path of the data, not of the page that shows it."},
	{Words: "the time for the test ran out", Remedy: "Run the check again alone: terraform plan -target with its address."},
	{Words: "not every well-known pair", Remedy: "Wait until the portal takes sign-ins of this machine again, or exempt its address from the limit while it tests."},
	{Words: "neither does a right one behind them", Remedy: "Exempt this machine's address from the ban while it tests, or see why the accounts that are named are locked: mutable takes the wrong passwords of other tests, so that it should be an account of its own."},
	{Words: "vary by themselves", Remedy: "Run again from a machine near the portal, at a quiet moment."},
	{Words: "the portal answers 5", Remedy: "See the portal's log for why it fails at the request, and run again."},
	{Words: "the portal answered 5", Remedy: "See the portal's log for why it fails at the request, and run again."},
	{Words: "could not be tried", Remedy: lastResort},
}
