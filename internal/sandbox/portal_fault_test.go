package sandbox

import (
	"slices"
	"testing"
)

// portalFaults are the faults that are switches of the portal alone; that each
// switch shows is held by the portal's own tests.
func portalFaults() []Fault {
	return slices.Concat(authenticationFaults(), authorizationFaults(), latencyFaults(), traps())
}

// TestPortalFaults holds that each fault turns switches of its own on, and that
// nothing of it stays.
func TestPortalFaults(t *testing.T) {
	t.Parallel()
	s := start(t, Options{State: Healthy})
	before, _ := s.world.zone.Ruleset(phaseRateLimit)
	seen := map[string]string{}
	for _, f := range portalFaults() {
		if f.Breaks == "" || f.Scope != ScopePortal || f.Trap != (len(f.Rules) == 0) || f.Trap != (f.Status == "") {
			t.Errorf("%s: incomplete", f.Name)
		}
		if err := s.SetFaults(f.Name); err != nil {
			t.Fatal(err)
		}
		on := s.world.portal.Switches()
		if len(on) == 0 {
			t.Errorf("%s: turns nothing on", f.Name)
			continue
		}
		for _, name := range on {
			if name == "limiter_missing" || name == "network_uncounted" {
				continue
			}
			if other := seen[string(name)]; other != "" {
				t.Errorf("%s and %s are one switch", f.Name, other)
			}
			seen[string(name)] = f.Name
		}
		if err := s.SetFaults(); err != nil {
			t.Fatal(err)
		}
		after, _ := s.world.zone.Ruleset(phaseRateLimit)
		if left := s.world.portal.Switches(); len(left) > 0 || len(after.Rules) != len(before.Rules) {
			t.Errorf("%s left %v, %d rules", f.Name, left, len(after.Rules))
		}
	}
}
