package ratecheck

import (
	"slices"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// drags reports whether the last five answers took much longer than a single
// request does: a brake that says nothing.
func (s *session) drags(times []time.Duration) bool {
	if len(times) < 8 {
		return false
	}
	// On a connection that stands an answer takes less than the controls did.
	s.usual = min(s.usual, slices.Sorted(slices.Values(times[:8]))[2])
	last := slices.Sorted(slices.Values(times[len(times)-5:]))
	return last[2] >= s.slow()
}

// lingers reports whether attempts take long that are under way alone too. If not,
// the burst was merely more than the application can do at once. toils says that
// requests at a path that does not exist take longer in the same measure: then the
// server is busy with something else, and slow attempts show no brake. The two are
// sent in turn, so that what slows one slows the other.
func (s *session) lingers() (slow, toils bool) {
	least := max(2*s.usual, 100*time.Millisecond)
	var attempts, elsewhere []time.Duration
	late := func() int {
		n := 0
		for _, d := range attempts {
			if d >= least {
				n++
			}
		}
		return n
	}
	// Three of at most four, so that one moment in which the machine is busy neither
	// makes a brake nor hides one.
	for range 4 {
		if x := s.warm(s.wrong(s.account)); x.Status != 0 {
			attempts = append(attempts, x.Duration)
		}
		if n := late(); n >= 3 || len(attempts)-n >= 2 {
			break
		}
		if s.decoy == nil || s.decoy.Status == 0 {
			continue
		}
		if x := s.warm(s.elsewhere()); x.Status != 0 {
			elsewhere = append(elsewhere, x.Duration)
		}
	}
	if late() < 3 {
		return false, false
	}
	slices.Sort(attempts)
	s.slowFrom = min((s.usual+attempts[1])/2, s.slow())
	if s.decoy == nil || s.decoy.Status == 0 {
		return true, false
	}
	if len(elsewhere) == 0 { // nor does anything else get an answer
		return true, true
	}
	return true, grown(s.usual, attempts[1], s.decoy.Duration, slices.Min(elsewhere))
}

// warm sends a request twice on one connection and returns the second answer, whose
// time is that of the application: opening a connection takes longer than many
// an answer, and on a busy machine most of all.
func (s *session) warm(r probe.Request) probe.Exchange {
	sent := s.prober.Burst(s.ctx, probe.BurstRequest{Request: r, Count: 2, PerSecond: 1000, InFlight: 1, Budget: s.budget})
	for _, x := range sent.Exchanges {
		s.note(x)
	}
	return sent.Last()
}

// floor is what an answer takes at least, as far as a growth of times is told:
// less is a matter of the machine's own pace.
const floor = 5 * time.Millisecond

// grown reports whether what an answer elsewhere takes has grown about as much as
// what an attempt takes: by the same time, as in a queue, or the same factor, as on
// a processor that others use.
func grown(attempt, attemptNow, other, otherNow time.Duration) bool {
	factor := func(before, now time.Duration) float64 { return float64(now) / float64(max(before, floor)) }
	return 2*(otherNow-other) >= attemptNow-attempt || 2*factor(other, otherNow) >= factor(attempt, attemptNow)
}
