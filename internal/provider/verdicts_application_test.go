package provider_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// applicationCheck runs a check of the application on a client. It takes a while,
// and sees nothing of what is wrong elsewhere: it runs on faults that one of its
// rules reports, and on clients without a fault of their own.
type applicationCheck struct {
	prefixes []string // of its rules
	run      func(t *testing.T, s target) []readiness.Result
}

// isAuthentication reports whether a fault is of the sign-in.
func isAuthentication(f sandbox.Fault) bool {
	return slices.ContainsFunc(f.Rules, func(rule string) bool {
		return slices.ContainsFunc(authenticationRules, func(p string) bool { return strings.HasPrefix(rule, p) })
	})
}

// sessionsAt are the sign-ins at each sandbox, as a provider process keeps them: a
// code of the second factor works once.
var sessionsAt sync.Map

func (s target) sessions() *probe.Sessions {
	kept, _ := sessionsAt.LoadOrStore(s.Sandbox, new(probe.Sessions))
	return kept.(*probe.Sessions)
}

// applicationChecks are filled by the file of each.
var applicationChecks []applicationCheck

func applicationResults(t *testing.T, s target, f sandbox.Fault) []readiness.Result {
	t.Helper()
	var out []readiness.Result
	for _, c := range applicationChecks {
		claimed := slices.ContainsFunc(f.Rules, func(rule string) bool {
			return slices.ContainsFunc(c.prefixes, func(p string) bool { return strings.HasPrefix(rule, p) })
		})
		if claimed || len(f.Rules) == 0 {
			out = append(out, c.run(t, s)...)
		}
	}
	return out
}
