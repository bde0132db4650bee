package deploycheck

import "github.com/launchready/terraform-provider-launchready/internal/check"

// mendPaths is for pages that are too many, too long or not there.
const mendPaths = "Name pages in production.paths that strangers see and that are of the usual size, such as /."

// causes are those of sites and accounts that could not be looked at.
var causes = []check.Cause{
	{Words: "answers with a challenge", Remedy: "Exempt this machine, by its address or the user agent of its requests, from the edge's challenge while it tests."},
	{Words: "it answers 503", Remedy: "Bring the portal back, or end its maintenance, then run again."},
	{Words: "the portal fails", Remedy: "Bring the portal back, or end its maintenance, then run again."},
	{Words: "throttled", Remedy: "Wait until the site takes requests of this machine again, or exempt its address from the limit while it tests."},
	{Words: "does not say the release", Remedy: "Let each server of the portal tell its release at the same place: production.version names it."},
	{Words: "no JSON object that tells the releases", Remedy: "Correct rollback.endpoint: path, and the JSON pointers previous, previous_date, drilled and restored_in. Where no endpoint tells it, use rollback.previous and rollback.drilled."},
	{Words: "alert policies could not be read", Remedy: "Give cloudflare.api_token the permission Notifications Read (or Write) of the account, and name the policy as the dashboard does."},
	{Words: "settings of the zone could not be read", Remedy: "Give cloudflare.api_token the permission Zone Settings Read (or Write) of the zone."},
	{Words: "more than 40 files", Remedy: mendPaths},
	{Words: "longer than 5 MiB", Remedy: mendPaths},
	{Words: "no page could be read", Remedy: mendPaths},
	{Words: "no answer could be looked at", Remedy: mendPaths},
}
