package provider

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

type patientModel struct{ checkFrame }

// A check that waits for changes waits where there were some, and else looks twice.
func TestWaitForChanges(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	const rule, passesAt = "tls.protocol_old", 5
	now := time.Now()
	looks := func(s *shared, after bool) (n int, passed bool) {
		d := checkSource[patientModel, *patientModel, struct{}]{shared: s, definition: check.Definition[struct{}]{
			Info:   check.Info{Name: "tls", Area: readiness.TLS, Rules: []readiness.Rule{{ID: rule, Area: readiness.TLS, Severity: readiness.High}}},
			Target: func(struct{}) string { return "acme.example" },
			Run: func(_ context.Context, _ probe.Prober, _ struct{}, report *readiness.Recorder) {
				if n++; n < passesAt {
					report.Fail(rule, "acme.example", "not yet")
					return
				}
				report.Pass(rule, "acme.example", "now")
			},
		}}
		model := &patientModel{}
		model.WaitFor = types.ObjectValueMust(
			map[string]attr.Type{"timeout": types.StringType, "interval": types.StringType, "after_changes": types.BoolType},
			map[string]attr.Value{"timeout": types.StringValue("10m"), "interval": types.StringValue("1ms"), "after_changes": types.BoolValue(after)})
		result, err := d.run(t.Context(), nil, struct{}{}, nil, model)
		if err != nil {
			t.Fatal(err)
		}
		return n, result.Passed(readiness.High)
	}
	run := func() *shared { return &shared{now: func() time.Time { return now }} }
	for _, step := range []struct {
		name  string
		do    func(*shared)
		after bool
		looks int
	}{
		{"nothing has changed", func(*shared) {}, true, 2},
		{"who waits for others waits", func(*shared) {}, false, passesAt},
		{"a change in this run", func(s *shared) { s.changed() }, true, passesAt},
		{"a change in the run before", func(*shared) { now = now.Add(spreads / 2) }, true, passesAt},
		{"a change long ago", func(*shared) { now = now.Add(spreads) }, true, 2},
	} {
		s := run()
		step.do(s)
		if n, passed := looks(s, step.after); n != step.looks || passed != (n == passesAt) {
			t.Errorf("%s: %d looks, passed %v", step.name, n, passed)
		}
	}
}
