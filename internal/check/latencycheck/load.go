package latencycheck

import (
	"context"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

const (
	// spare is what is kept at the end of the time for what is left to ask.
	spare = 500 * time.Millisecond
	// glance is how often is looked at requests that have no answer yet.
	glance = 20 * time.Millisecond
	// enoughObstacles end a load that is throttled: going on would only annoy.
	enoughObstacles = 10
	// tailBound is what no single answer may take.
	tailBound = 5 * time.Second
)

// flight is what is known of the requests of a load so far.
type flight struct {
	action *action
	all    []probe.Sample // by number
	kinds  []string       // by number, of those that have ended
}

// note takes over what a load tells.
func (f *flight) note(s probe.Sample) {
	for len(f.all) <= s.Seq {
		f.all, f.kinds = append(f.all, probe.Sample{}), append(f.kinds, "")
	}
	if s.Ended && !s.Cut {
		kind := f.action.kind(s.Answer)
		f.kinds[s.Seq] = kind
		if kind != answered {
			f.action.tally[kind]++
		}
	}
	s.Answer = probe.Exchange{Failure: s.Answer.Failure, Status: s.Answer.Status} // bodies are many
	f.all[s.Seq] = s
}

// took is how long a request took, or has been under way; atLeast says so.
func (f *flight) took(i int) (latency time.Duration, atLeast bool) {
	switch s := f.all[i]; {
	case s.Start.IsZero():
		return 0, true
	case s.Ended:
		return s.Latency, s.Cut
	default:
		return time.Since(s.Start), true
	}
}

// known counts the requests, from the first one, of which it is known whether
// they took longer than a bound: those that have ended, and those that have had
// no answer for longer.
func (f *flight) known(bound time.Duration) int {
	for i := range f.all {
		if latency, atLeast := f.took(i); atLeast && latency <= bound {
			return i
		}
	}
	return len(f.all)
}

// samples are the first n requests behind the warm-up.
func (f *flight) samples(n int) []sample {
	var out []sample
	for i := warmUp; i < min(n, len(f.all)); i++ {
		latency, atLeast := f.took(i)
		out = append(out, sample{
			at: f.all[i].Start.Sub(f.all[warmUp].Start), latency: latency, atLeast: atLeast,
			failed: !atLeast && f.kinds[i] != answered,
		})
	}
	return out
}

// load sends the action until its series is decided, or nothing more may be sent.
func (a *action) load() {
	ctx, cancel := context.WithCancel(a.check.ctx)
	defer cancel()
	select {
	case <-ctx.Done():
	case <-time.After(a.delay):
	}
	var mu sync.Mutex
	sent, over := 0, false
	take := func() bool {
		mu.Lock()
		defer mu.Unlock()
		if over || !a.check.take(sent < a.kept) {
			return false
		}
		sent++
		return true
	}
	last := a.series.batches[len(a.series.batches)-1]
	l := a.check.prober.Load(ctx, probe.LoadRequest{Request: a.request(), PerSecond: a.check.spec.Rate, Count: warmUp + last, Take: take})
	f := &flight{action: a}
	n := f.decide(l.Samples)
	mu.Lock() // no request is counted from here on
	over = true
	a.check.waiting.Add(int64(-max(a.kept-sent, 0)))
	mu.Unlock()
	f.settle(ctx, l.Samples, n)
	a.series.samples = f.samples(n)
	a.series.settle()
	a.ended = f.lost()
	for i := warmUp; i < n; i++ {
		if f.all[i].Late > a.Limit/4 {
			a.late++
		}
		a.phases = append(a.phases, f.all[i].Phases)
	}
}

// decide reads samples and looks at them batch by batch. It returns how many
// requests the conclusion rests on, the warm-up among them.
func (f *flight) decide(samples <-chan probe.Sample) int {
	s, ticks := f.action.series, time.NewTicker(glance)
	defer ticks.Stop()
	for {
		open := true
		select {
		case one, ok := <-samples:
			if open = ok; ok {
				f.note(one)
			}
		case <-ticks.C:
		}
		known, want := f.known(f.action.Limit), warmUp+s.next()
		obstacles := f.action.tally[throttled] + f.action.tally[blocked]
		over := !open || obstacles >= enoughObstacles
		if known < want && !over {
			continue
		}
		n := min(known, want)
		s.samples = f.samples(n)
		if !s.look(over) {
			return n
		}
	}
}

// settle waits for the answers to the first n requests that are still to come,
// each no longer than is of interest.
func (f *flight) settle(ctx context.Context, samples <-chan probe.Sample, n int) {
	ticks := time.NewTicker(glance)
	defer ticks.Stop()
	for f.known(tailBound) < n {
		select {
		case one, ok := <-samples:
			if !ok {
				return
			}
			f.note(one)
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
	}
}
