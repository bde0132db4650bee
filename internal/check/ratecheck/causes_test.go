package ratecheck

import (
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/check"
)

// What keeps a brake from being tried is answered by what mends it, and the network
// is blamed where it is the network alone.
func TestCauses(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{
		"the test of rate limits is turned off":                                                              "enabled = true",
		"the brake does not hold long enough for it to be tried, or too many requests would be needed":       "longer within",
		"more than 200 requests would be needed: lower requests":                                             "Lower requests",
		"the endpoint does not exist at this address":                                                        "path or url",
		"the endpoint sends a single request to the sign-in page: name an identity":                          "Name an identity",
		"a single request is throttled already, before the test: this machine is blocked for another reason": "exempt its address",
		"the endpoint does not answer: no answer in time":                                                    "probe.resolvers",
	} {
		got := check.Remedies(causes)(reason)
		if !strings.Contains(got, want) || strings.Contains(got, "probe.resolvers") != (want == "probe.resolvers") {
			t.Errorf("%s: %s, want %s", reason, got, want)
		}
	}
}
