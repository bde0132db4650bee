package supportcheck

import "github.com/launchready/terraform-provider-launchready/internal/check"

// causes are those of pages beside the runbook that tell nothing.
var causes = []check.Cause{
	{Words: "its address cannot be read", Remedy: "Write a path that begins with /, or an address that begins with https://."},
	{Words: "does not tell whether", Remedy: "Look at what the page answers: it is for members, so that it should answer neither with an error nor with a challenge. Exempt this machine where a limit or a challenge of the edge is met."},
	{Words: "got no answer to compare with", Remedy: "Wait until the portal takes requests of this machine again, or exempt its address from the limit while it tests."},
	{Words: "interrupted", Remedy: "Run again and let it end."},
}
