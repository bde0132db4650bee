package secretscheck

import (
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/check"
)

// What keeps a rule from being tested is answered by what mends it, and the network
// is blamed where it is the network alone.
func TestCauses(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{
		"this is a shallow clone, whose older history is missing: run git fetch --unshallow": "--unshallow",
		"this is a partial clone, in which files are missing: clone without --filter":        "--filter",
		"binary files of the history: an object is missing":                                  "git fsck",
		"build/dist does not exist or cannot be read":                                        "Build first",
		"there is no such folder":                                                            "repository",
		"the rotation plan does not exist or cannot be read":                                 "rotation.document",
		"paths holds no file: was it built?":                                                 "Build first",
		"dist/app.js cannot be read: permission denied or locked":                            "chmod",
		"dump.sql is longer than 64 MiB: the rest of it was not read":                        "Split",
		"image.tar is an archive that could not be read to its end":                          "archive anew",
		"it is longer than 5 MiB, or has no end: the rest was not read":                      "paths",
		"the history: the scan was interrupted":                                              "Run again",
		"the host cannot be asked: connection refused":                                       "probe.resolvers",
		"the host cannot be asked: the edge answers with a challenge":                        "Exempt",
		"the identity cannot sign in: the sign-in was refused with 401: the user name or the password is wrong, or the portal expects other fields": "password",
		"portal.acme.example is not covered by probe.allowed_hosts":                                                                                 "allowed_hosts",
		"anything else": "Let the user that runs Terraform",
	} {
		got := check.RemedyFor(reason, lastResort, causes, check.SignInCauses, check.NetworkCauses)
		if !strings.Contains(got, want) || strings.Contains(got, "probe.resolvers") != (want == "probe.resolvers") {
			t.Errorf("%s: %s, want %s", reason, got, want)
		}
	}
}
