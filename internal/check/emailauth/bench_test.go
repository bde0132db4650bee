package emailauth

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// slow is a world whose resolver takes 20 ms for an answer, and that remembers
// what it was asked.
type slow struct {
	*world
	delay time.Duration
	mu    sync.Mutex
	asked []string
}

func (s *slow) Lookup(ctx context.Context, name string, typ probe.RecordType) probe.Answer {
	s.mu.Lock()
	s.asked = append(s.asked, string(typ)+" "+name)
	s.mu.Unlock()
	time.Sleep(s.delay)
	return s.world.Lookup(ctx, name, typ)
}

// question reads what a slow world remembers.
func question(asked string) (typ probe.RecordType, name string) {
	before, after, _ := strings.Cut(asked, " ")
	return probe.RecordType(before), after
}

const fiveSenders = "testdata/healthy-sender-five.zone"

// BenchmarkFiveSenders times the check of a domain with five senders over a
// resolver with 20 ms of latency, and counts its questions.
func BenchmarkFiveSenders(b *testing.B) {
	f := readFixture(b, fiveSenders)
	for b.Loop() {
		w := &slow{world: f.world, delay: 20 * time.Millisecond}
		if _, err := Definition.Execute(context.Background(), w, f.spec); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(w.asked)), "questions/op")
	}
}

// TestQuestionsAreMinimal holds that no question is asked twice, and that each is
// needed: the list is what the rules of this domain cannot do without.
func TestQuestionsAreMinimal(t *testing.T) {
	t.Parallel()
	f := readFixture(t, fiveSenders)
	w := &slow{world: f.world}
	if _, err := Definition.Execute(context.Background(), w, f.spec); err != nil {
		t.Fatal(err)
	}
	slices.Sort(w.asked)
	for i, q := range w.asked[1:] {
		if q == w.asked[i] {
			t.Errorf("%s was asked twice", q)
		}
	}
	if len(w.asked) > 35 {
		t.Errorf("%d questions, where 35 are enough: %q", len(w.asked), w.asked)
	}
}
