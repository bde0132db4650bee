package authcheck

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
		"the test is turned off": "enabled = true",
		"the requests of the check are throttled: exempt this machine from the limit, or run again later": "exempt its address",
		"no answer: connection refused": "probe.resolvers",
		"the portal answers 502":        "portal's log",
		"no letter came to the mailbox: whether the portal knows its address is not known":            "recovery",
		"the request for a letter is refused":                                                         "page",
		"the sign-up is refused whatever the address: complete sign_up.body":                          "sign_up.body",
		"the session did not live to the end of the test":                                             "works first",
		"a short session does not live at all":                                                        "short_session",
		"the edge answers in place of the portal: exempt this machine from its challenges":            "Exempt",
		"nobody can sign in: the portal does not say how to sign in":                                  "portal.sign_in",
		"the identity cannot sign in: the account has a second factor: give the identity totp_secret": "totp_secret",
	} {
		got := check.RemedyFor(reason, lastResort, causes, check.SignInCauses, check.NetworkCauses)
		if !strings.Contains(got, want) || strings.Contains(got, "probe.resolvers") != (want == "probe.resolvers") {
			t.Errorf("%s: %s, want %s", reason, got, want)
		}
	}
}
