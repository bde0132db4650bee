package api

import (
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// TestRulesetHooks has other users of the dashboard write between the calls of
// ours.
func TestRulesetHooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pro", nil)
	w.ruleset("PUT", entryOf(customRule), `{"rules":[`+blocks("a")+`]}`)
	foreign := zone.Rule{Action: "block", Expression: `http.request.uri.path eq "/foreign"`, Enabled: true}
	w.api.BeforeWrite(1, func(z *zone.Zone, phase string) { w.api.SeedRule(z, phase, foreign) })
	first := w.ruleset("GET", entryOf(customRule), "")
	if got := w.ruleset("POST", rulesets+"/"+first.ID+"/rules", blocks("b")); paths(got) != "a foreign b" || got.Version != "3" {
		t.Errorf("a rule added before a write: %+v", got)
	}
	if got := w.ruleset("POST", rulesets+"/"+first.ID+"/rules", blocks("c")); paths(got) != "a foreign b c" {
		t.Errorf("the hook ran again: %s", paths(got))
	}
	// Somebody puts back what was read before our write.
	w.api.AfterWrite(1, func(*zone.Zone, string) {
		w.call("PUT", entryOf(customRule), `{"rules":[`+blocks("a")+`]}`)
	})
	if got := w.ruleset("POST", rulesets+"/"+first.ID+"/rules", blocks("d")); !strings.HasSuffix(paths(got), " d") {
		t.Errorf("the answer to the write: %s", paths(got))
	}
	if got := w.ruleset("GET", entryOf(customRule), ""); paths(got) != "a" {
		t.Errorf("after the stale write: %s", paths(got))
	}
	runs := 0
	w.api.BeforeWrite(0, func(*zone.Zone, string) { runs++ })
	for range 3 {
		w.ruleset("PUT", entryOf(customRule), `{"rules":[]}`)
	}
	w.api.BeforeWrite(0, nil)
	w.ruleset("PUT", entryOf(customRule), `{"rules":[]}`)
	if runs != 3 {
		t.Errorf("the hook ran %d times, want 3", runs)
	}
}

func TestRulesetDryRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pro", nil)
	const body, bad = `{"rules":[]}`, `{"rules":[{"action":"block"}]}`
	w.api.SetDryRun(true)
	if got := w.call("PUT", entryOf(customRule)+"?dry_run=true", body); !got.Success || string(got.Result) != "null" {
		t.Errorf("dry run: %s", got.Body)
	}
	if got := w.call("PUT", entryOf(customRule)+"?dry_run=true", bad); got.Status != 400 {
		t.Errorf("dry run of a bad ruleset: %s", got.Body)
	}
	if got := w.call("GET", entryOf(customRule), ""); got.code() != 10003 {
		t.Errorf("a dry run was carried out: %s", got.Body)
	}
	w.api.SetDryRun(false)
	if got := w.ruleset("PUT", entryOf(customRule)+"?dry_run=true", body); got.Version != "1" {
		t.Errorf("an API that does not know dry runs: %+v", got)
	}
}
