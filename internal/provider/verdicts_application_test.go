package provider_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// applicationCheck runs a check of the application on a client. It takes a while,
// and sees nothing of what is wrong elsewhere: it runs on faults that one of its
// rules reports, and on those that nothing of the application is wrong with.
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

func applicationResults(t *testing.T, s target, state string, f sandbox.Fault) []readiness.Result {
	t.Helper()
	faultless := f.Trap || slices.Contains([]string{sandbox.Healthy, sandbox.LaunchDay, sandbox.Traps}, state)
	var out []readiness.Result
	for _, c := range applicationChecks {
		claimed := slices.ContainsFunc(f.Rules, func(rule string) bool {
			return slices.ContainsFunc(c.prefixes, func(p string) bool { return strings.HasPrefix(rule, p) })
		})
		if f.Scope == sandbox.ScopeRunbook && !slices.Contains(c.prefixes, "support.") {
			continue // a runbook is read by that check alone
		}
		if claimed || faultless {
			out = append(out, c.run(t, s)...)
		}
	}
	return out
}

// Runs in a row on the portal with all traps are silent. They take an hour, or a
// few minutes side by side: make soak makes them.
func TestApplicationOnTraps(t *testing.T) {
	runs, err := strconv.Atoi(os.Getenv("LAUNCHREADY_SOAK"))
	if err != nil {
		t.Skip("make soak runs it")
	}
	for i := range runs {
		t.Run(strconv.Itoa(i+1), func(t *testing.T) {
			t.Parallel()
			s := newTarget(t, sandbox.Options{State: sandbox.Traps, EdgeSpeed: rateSpeed})
			if results := applicationResults(t, s, sandbox.Traps, sandbox.Fault{}); len(violations(results)) > 0 {
				t.Error(explain(results))
			}
		})
	}
}
