package check

import (
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Cause is something that keeps a rule from being tested: by which words of a reason
// it is known, and what mends it.
type Cause struct{ Words, Remedy string }

// RemedyFor is the remedy of the first cause that a reason names, otherwise the last
// resort.
func RemedyFor(reason string, otherwise string, causes ...[]Cause) string {
	for _, some := range causes {
		for _, c := range some {
			if strings.Contains(reason, c.Words) {
				return c.Remedy
			}
		}
	}
	return otherwise
}

// Remedies is RemedyFor with the causes of one check, for readiness.Recorder.MendBy.
func Remedies(causes []Cause) func(reason string) string {
	return func(reason string) string {
		return RemedyFor(reason, readiness.MakeTestable, causes, SignInCauses, NetworkCauses)
	}
}

// SignInCauses are those of identities that cannot sign in, in words of package probe,
// and of answers that are not the portal's own.
var SignInCauses = []Cause{
	{"exempt this machine from its challenge", "Exempt this machine, by its address or the user agent of its requests, from the edge's challenge while it tests."},
	{"second factor", "Give the identity totp_secret in provider \"launchready\", and say in portal.sign_in.second_factor where its code goes."},
	{"throttled", "Wait until the portal takes requests of this machine again, or exempt its address from the limit while it tests."},
	{"account is locked", "Unlock the account, and let no other check use it at the same time."},
	{"CSRF token", "Say in portal.sign_in.csrf which field takes the token, or in portal.csrf where it comes from."},
	{"portal.sign_in", "Correct portal.sign_in in provider \"launchready\": path, format, fields and token_pointer are those of the portal's own sign-in."},
	{"sign-in was refused", "Correct the identity's username and password in provider \"launchready\", and the fields of portal.sign_in."},
	{"portal.whoami", "Name in portal.whoami a path that answers a live session with who it is, and refuses all others."},
	{"cut off", "Let the portal answer within probe.timeout and 1 MiB, or name another path."},
	{"does not say how to sign in", "Set portal.sign_in in provider \"launchready\", or give the identity a bearer_token or headers."},
	{"neither username and password", "Give the identity username and password in provider \"launchready\", or a bearer_token or headers."},
}

// NetworkCauses are those of a target that is not reached.
var NetworkCauses = []Cause{
	{"allowed_hosts", "Name the host in probe.allowed_hosts of provider \"launchready\" (or LAUNCHREADY_ALLOWED_HOSTS), if it is yours to test."},
	{"no answer", readiness.MakeTestable},
	{"connection", readiness.MakeTestable},
	{"certificate", readiness.MakeTestable},
	{"handshake", readiness.MakeTestable},
	{"no route", readiness.MakeTestable},
	{"does not exist (NXDOMAIN)", readiness.MakeTestable},
	{"has no address", readiness.MakeTestable},
	{"could not be looked up", readiness.MakeTestable},
	{"the probe was cut short", readiness.MakeTestable},
}
