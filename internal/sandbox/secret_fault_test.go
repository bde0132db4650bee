package sandbox

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/leaks"
)

// TestSecretFaults holds that each fault plants something or turns a switch of
// its own on, and that nothing of it stays.
func TestSecretFaults(t *testing.T) {
	t.Parallel()
	s := start(t, Options{State: Healthy})
	seen := map[string]string{}
	for _, f := range secretFaults() {
		if f.Breaks == "" || len(f.Rules) == 0 || f.Status == "" {
			t.Errorf("%s: incomplete", f.Name)
		}
		if err := s.SetFaults(f.Name); err != nil {
			t.Fatal(err)
		}
		var on []string
		for _, p := range s.world.work.Plants() {
			on = append(on, "plant "+string(p))
		}
		for _, name := range s.world.portal.Switches() {
			on = append(on, "switch "+string(name))
		}
		if len(on) != 1 || seen[on[0]] != "" {
			t.Errorf("%s turns on %v, as %s does", f.Name, on, seen[on[0]])
			continue
		}
		seen[on[0]] = f.Name
		if err := s.SetFaults(); err != nil {
			t.Fatal(err)
		}
		if left := s.world.work.Plants(); len(left) > 0 || len(s.world.portal.Switches()) > 0 {
			t.Errorf("%s left something on", f.Name)
		}
	}
}

// The workplace is made when it is asked for, and follows the faults after that.
func TestWorkplaceFollowsFaults(t *testing.T) {
	t.Parallel()
	s := start(t, Options{State: Healthy})
	work, err := s.Workplace()
	if err != nil {
		t.Fatal(err)
	}
	if work.Repository() != s.Variables()["SANDBOX_REPOSITORY"] {
		t.Error("the environment names another repository")
	}
	shows := func() bool {
		out, err := exec.CommandContext(t.Context(), "git", "-C", work.Repository(), "log", "-p", "--all").Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(out), leaks.GitHub)
	}
	if shows() {
		t.Error("a healthy client's history holds a token")
	}
	if err := s.SetFaults("secret_in_deleted_file"); err != nil {
		t.Fatal(err)
	}
	if !shows() {
		t.Error("the token is not in the history")
	}
	if err := s.SetFaults(); err != nil {
		t.Fatal(err)
	}
	if shows() {
		t.Error("the token stayed in the history")
	}
}
