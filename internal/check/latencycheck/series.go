package latencycheck

import (
	"slices"
	"time"
)

// alpha is the level of each test: three of them at 98.3 % err together no more
// often than one at 95 %.
const alpha = 0.05 / maxBatches

const (
	maxBatches = 3
	slowShare  = 0.05 // that p95 allows
	errorShare = 0.01
)

// sample is one measured request.
type sample struct {
	at      time.Duration // when it was sent, since the first one
	latency time.Duration
	failed  bool // it was answered with something else than what the action is for
	atLeast bool // it took longer than latency, how much is not known
}

// verdict is what samples tell.
type verdict int

const (
	undecided verdict = iota
	passed
	failed
)

// series are the samples of one action, in the order of the schedule, and what
// has been concluded from them batch by batch. It does no I/O, so that
// thousands of runs can be simulated.
type series struct {
	limit   time.Duration
	batches []int // numbers of samples after which is looked, rising

	samples  []sample
	from     int // samples before it are put aside
	looks    int
	repeated bool // a batch was put aside for one run of slow samples
	lone     bool // what fails is one run of slow samples, and nothing is left to try again with
	p95      verdict
	errors   verdict
}

// newSeries plans looks at a third, two thirds and all of n samples; the first
// not before a pass is possible.
func newSeries(limit time.Duration, n int) *series {
	first := min(max((n+maxBatches-1)/maxBatches, needed(alpha)), n)
	batches := slices.Compact([]int{first, (first + n + 1) / 2, n})
	return &series{limit: limit, batches: batches}
}

// slow reports whether a sample took longer than the limit. One that failed did
// not do in time what was asked of it, however fast the refusal came.
func (s *series) slow(one sample) bool { return one.failed || one.latency > s.limit }

// next is the number of samples that the next look needs; 0 = there is none.
func (s *series) next() int {
	if s.looks >= len(s.batches) {
		return 0
	}
	return s.batches[s.looks]
}

// judged are the samples that count.
func (s *series) judged() []sample { return s.samples[s.from:] }

// count tells how many of them are too slow, and how many are errors.
func (s *series) count() (slow, errs int) {
	for _, one := range s.judged() {
		if s.slow(one) {
			slow++
		}
		if one.failed {
			errs++
		}
	}
	return slow, errs
}

// look concludes from the samples that there are, and reports whether more are
// wanted. last says that there will be no more.
func (s *series) look(last bool) (more bool) {
	s.looks++
	last = last || s.looks >= len(s.batches)
	slow, errs := s.count()
	n := len(s.judged())
	switch {
	case s.errors == failed:
	case above(errs, n, errorShare, alpha):
		s.errors = failed
	case n > 0 && float64(errs) <= errorShare*float64(n):
		s.errors = passed
	default:
		s.errors = undecided
	}
	switch { // what was concluded stands: a test is made once
	case s.p95 != undecided:
	case below(slow, n, slowShare, alpha):
		s.p95 = passed
	case above(slow, n, slowShare, alpha):
		s.fail(last)
	}
	return !last && (s.p95 == undecided || s.errors == undecided)
}

// fail concludes from too many slow samples. A pause of a server spoils every
// request that falls into it, and is one event all the same: it has to happen
// again before it counts.
func (s *series) fail(last bool) {
	switch {
	case s.repeated || !s.oneRun():
		s.p95 = failed
	case last:
		s.lone = true
	default:
		s.repeated, s.from, s.errors = true, len(s.samples), undecided
	}
}

// oneRun reports whether all slow samples were sent within a tenth of the time.
func (s *series) oneRun() bool {
	all := s.judged()
	first, last := -1, -1
	for i, one := range all {
		if s.slow(one) {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return false
	}
	return (all[last].at - all[first].at) <= (all[len(all)-1].at-all[0].at)/10
}

// mostlyErrors reports whether more than half of the samples that are too slow are
// errors: then it is these that are to be mended.
func (s *series) mostlyErrors() bool {
	slow, errs := s.count()
	return 2*errs > slow
}

// runs counts how often samples that fit stand beside none that did before them.
func runs(all []sample, fits func(sample) bool) int {
	count, before := 0, false
	for _, one := range all {
		now := fits(one)
		if now && !before {
			count++
		}
		before = now
	}
	return count
}

// quantile is the latency that a share of samples does not exceed, and the two
// between which it lies with 95 % confidence; high is 0 where none bounds it.
func quantile(sorted []time.Duration, share float64) (value, low, high time.Duration) {
	n := len(sorted)
	if n == 0 {
		return 0, 0, 0
	}
	l, h := interval(n, share, 0.05)
	if l > 0 {
		low = sorted[l-1]
	}
	if h <= n {
		high = sorted[h-1]
	}
	return sorted[rank(n, share)-1], low, high
}

// latencies are those of the samples that count and did not fail, sorted.
func (s *series) latencies() []time.Duration {
	var out []time.Duration
	for _, one := range s.judged() {
		if !one.failed {
			out = append(out, one.latency)
		}
	}
	slices.Sort(out)
	return out
}

// answered counts the samples that count and have an answer.
func (s *series) answered() int {
	n := 0
	for _, one := range s.judged() {
		if !one.atLeast {
			n++
		}
	}
	return n
}

// settle judges the errors once more, when answers that were awaited have come.
// What has no answer is slow, and may be an error or none.
func (s *series) settle() {
	n, errs := len(s.judged()), 0
	for _, one := range s.judged() {
		if one.failed {
			errs++
		}
	}
	switch {
	case above(errs, n, errorShare, alpha):
		s.errors = failed
	case s.errors == passed && (float64(errs) > errorShare*float64(n) || s.answered() < enough):
		s.errors = undecided
	}
}
