package authzcheck

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
		"the request changes state, and allow_writes is not set: nothing was sent":                                           "allow_writes = true",
		"nobody could sign in as admin: the account has a second factor: give the identity totp_secret":                      "totp_secret",
		"nobody could sign in as admin: the portal answered 404: portal.sign_in.path is not where one signs in":              "Correct portal.sign_in",
		"nobody could sign in as ann: no answer: connection refused":                                                         "probe.resolvers",
		"the OpenAPI document cannot be read: its address is answered 404":                                                   "Correct the OpenAPI document",
		"the OpenAPI document has more than 300 operations, of which the first are looked at":                                "Split",
		"the OpenAPI document has no such operation: write its operationId, or its method and path":                          "openapi.bindings",
		"no value for {id}: set params of the binding":                                                                       "params",
		"positive control failed: ann is answered 403, although it is the owner":                                             "the owner gets the route's answer first",
		"positive control failed: ann is answered 200, cut off before its end (no answer in time), although it is the owner": "1 MiB",
		"positive control failed: what is written cannot be read as ann, who is answered 404: set read_back":                 "read_back",
	} {
		got := check.RemedyFor(reason, mendControl, causes, check.SignInCauses, check.NetworkCauses)
		if !strings.Contains(got, want) || strings.Contains(got, "probe.resolvers") != (want == "probe.resolvers") {
			t.Errorf("%s: %s, want %s", reason, got, want)
		}
	}
}
