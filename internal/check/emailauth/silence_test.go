package emailauth

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// mute is a world in which one question is not answered.
type mute struct {
	*slow
	name string
	typ  probe.RecordType
}

func (m mute) Lookup(ctx context.Context, name string, typ probe.RecordType) probe.Answer {
	if name == m.name && typ == m.typ {
		return probe.Answer{Name: name, Type: typ, Status: probe.ServFail}
	}
	return m.slow.Lookup(ctx, name, typ)
}

// TestNoSingleSilenceIsAViolation holds that of a sound set-up no question that
// goes unanswered makes a violation of anything: at most it cannot be tested.
func TestNoSingleSilenceIsAViolation(t *testing.T) {
	t.Parallel()
	paths, _ := filepath.Glob("testdata/healthy*.zone")
	if len(paths) == 0 {
		t.Fatal("no fixtures")
	}
	for _, path := range paths {
		f := readFixture(t, path)
		w := &slow{world: f.world}
		if _, err := Definition.Execute(context.Background(), w, f.spec); err != nil {
			t.Fatal(err)
		}
		for _, asked := range w.asked {
			var m mute
			m.typ, m.name = question(asked)
			m.slow = &slow{world: f.world}
			result, err := Definition.Execute(context.Background(), m, f.spec)
			if err != nil {
				t.Fatal(err)
			}
			for _, finding := range result.Findings {
				if finding.Status == readiness.Fail {
					t.Errorf("%s: without an answer to %s, %s fails at %s: %s", filepath.Base(path), asked, finding.Rule, finding.Subject, finding.Message)
				}
			}
		}
	}
}
