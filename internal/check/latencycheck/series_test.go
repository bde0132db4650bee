package latencycheck

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

const limit = 500 * time.Millisecond

// distribution makes latencies whose p95 is a factor of the limit.
type distribution struct {
	name string
	draw func(r *rand.Rand) float64 // in units of its own
	p95  float64
}

// distributions are those that latencies are like, from one that hardly varies
// to one with a heavy tail.
func distributions() []distribution {
	return []distribution{
		{"uniform", func(r *rand.Rand) float64 { return r.Float64() }, 0.95},
		{"narrow", func(r *rand.Rand) float64 { return 1 + 0.1*r.NormFloat64() }, 1 + 0.1*1.6448536269514722},
		{"exponential", func(r *rand.Rand) float64 { return r.ExpFloat64() }, -math.Log(0.05)},
		{"lognormal", func(r *rand.Rand) float64 { return math.Exp(0.5 * r.NormFloat64()) }, math.Exp(0.5 * 1.6448536269514722)},
		{"two peaks", func(r *rand.Rand) float64 {
			if r.Float64() < 0.1 {
				return 10 + r.Float64()
			}
			return 1 + r.Float64()
		}, 10.5},
	}
}

// simulate runs a series to its end on samples that are drawn.
func simulate(s *series, draw func(i int) sample) verdict {
	for {
		for want := s.next(); len(s.samples) < want; {
			one := draw(len(s.samples))
			one.at = time.Duration(len(s.samples)) * 200 * time.Millisecond
			s.samples = append(s.samples, one)
		}
		if !s.look(false) {
			return s.p95
		}
	}
}

// A site whose p95 is a fifth below the limit never fails, and one whose p95 is a
// fifth above it never passes, in thousands of runs.
func TestVerdictNoise(t *testing.T) {
	const times = 5000
	r := rand.New(rand.NewPCG(7, 11))
	for _, d := range distributions() {
		for _, factor := range []float64{0.8, 1.2} {
			counts := map[verdict]int{}
			for range times {
				counts[simulate(newSeries(limit, 600), func(int) sample {
					return sample{latency: time.Duration(d.draw(r) / d.p95 * factor * float64(limit))}
				})]++
			}
			t.Logf("%s, p95 at %g of the limit: %d pass, %d fail, %d inconclusive", d.name, factor, counts[passed], counts[failed], counts[undecided])
			if factor < 1 && counts[failed] > 0 || factor > 1 && counts[passed] > 0 {
				t.Errorf("%s, p95 at %g of the limit: %d pass, %d fail of %d", d.name, factor, counts[passed], counts[failed], times)
			}
		}
	}
}

// At the limit itself each kind of error stays below five in a hundred, however
// short the series is.
func TestVerdictAtTheLimit(t *testing.T) {
	const times = 4000
	r := rand.New(rand.NewPCG(3, 5))
	for _, n := range []int{80, 110, 200, 600} {
		counts := map[verdict]int{}
		for range times {
			counts[simulate(newSeries(limit, n), func(int) sample {
				return sample{latency: time.Duration(r.Float64() / 0.95 * float64(limit))}
			})]++
		}
		if counts[passed] > times/20 || counts[failed] > times/20 {
			t.Errorf("%d samples: %d pass and %d fail of %d", n, counts[passed], counts[failed], times)
		}
	}
}

// The traps' answers of 150 to 400 ms pass a limit of 500 ms with the first batch.
func TestSlowButSound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		s := newSeries(limit, 600)
		got := simulate(s, func(int) sample {
			return sample{latency: 150*time.Millisecond + time.Duration(r.Float64()*250)*time.Millisecond}
		})
		if got != passed || s.looks != 1 || s.errors != passed {
			t.Fatalf("%v after %d looks", got, s.looks)
		}
	}
}

func TestSeries(t *testing.T) {
	fast, slow, bad := sample{latency: time.Millisecond}, sample{latency: time.Second}, sample{latency: time.Millisecond, failed: true}
	every := func(n int, one sample) func(int) sample {
		return func(i int) sample {
			if i%n == n-1 {
				return one
			}
			return fast
		}
	}
	between := func(from, to int, one sample) func(int) sample {
		return func(i int) sample {
			if i >= from && i < to {
				return one
			}
			return fast
		}
	}
	for name, test := range map[string]struct {
		n           int
		draw        func(int) sample
		p95, errors verdict
		looks       int
		repeated    bool
	}{
		"all fast":                             {600, every(1000, slow), passed, passed, 1, false},
		"all slow":                             {600, every(1, slow), failed, passed, 1, false},
		"one in twenty is slow":                {600, every(20, slow), undecided, passed, 3, false},
		"one in eight is slow":                 {600, every(8, slow), failed, passed, 1, false},
		"one in a hundred is slow":             {600, every(100, slow), passed, passed, 1, false},
		"one in thirty is slow":                {600, every(33, slow), passed, passed, 3, false},
		"errors are slow":                      {600, every(5, bad), failed, failed, 1, false},
		"one error":                            {600, between(5, 6, bad), passed, passed, 1, false},
		"some errors, that end":                {600, between(5, 9, bad), passed, passed, 2, false},
		"one pause in the first batch":         {600, between(50, 68, slow), passed, passed, 2, true},
		"a pause in each batch":                {600, func(i int) sample { return between(50, 69, slow)(i % 200) }, failed, passed, 2, true},
		"too few samples for a pass":           {79, every(1000, slow), undecided, passed, 1, false},
		"too few samples for a pass, all slow": {20, every(1, slow), failed, passed, 1, false},
	} {
		s := newSeries(limit, test.n)
		got := simulate(s, test.draw)
		if got != test.p95 || s.errors != test.errors || s.looks != test.looks || s.repeated != test.repeated {
			t.Errorf("%s: p95 %v, errors %v, %d looks, repeated %v; want %+v", name, got, s.errors, s.looks, s.repeated, test)
		}
	}
}

// Where hardly anything was answered before the time was over, it is not known how
// many answers are errors.
func TestErrorsOfNoAnswers(t *testing.T) {
	for answered, want := range map[int]verdict{0: undecided, 19: undecided, 20: passed} {
		s := newSeries(limit, 100)
		for i := range 100 {
			s.samples = append(s.samples, sample{at: time.Duration(i) * time.Second, latency: 3 * time.Second, atLeast: i >= answered})
		}
		s.look(true)
		if s.settle(); s.p95 != failed || s.errors != want {
			t.Errorf("%d answers: p95 %v, errors %v; want %v", answered, s.p95, s.errors, want)
		}
	}
}

// One pause is no verdict where there is no time to see whether it comes again.
func TestPauseAtTheEnd(t *testing.T) {
	s := newSeries(limit, 600)
	for i := range 200 {
		one := sample{at: time.Duration(i) * 200 * time.Millisecond, latency: time.Millisecond}
		if i >= 50 && i < 68 {
			one.latency = time.Second
		}
		s.samples = append(s.samples, one)
	}
	if more := s.look(true); more || s.p95 != undecided || !s.lone {
		t.Errorf("more %v, p95 %v, lone %v", more, s.p95, s.lone)
	}
}

// A stall counts once for each request that was due in it: with one answer in a
// hundred that takes five seconds, one at a time, a loop that waits for answers
// would see one slow sample where members see twenty-five.
func TestStallsAreNotHidden(t *testing.T) {
	s := newSeries(limit, 600)
	open := func(i int) sample { // the server stands still for five seconds in each minute
		if phase := i % 300; phase >= 100 && phase < 125 {
			return sample{latency: time.Duration(125-phase) * 200 * time.Millisecond}
		}
		return sample{latency: 20 * time.Millisecond}
	}
	if got := simulate(s, open); got == passed {
		t.Errorf("8 %% of the requests wait for a server that stands still: %v", got)
	}
	closed := newSeries(limit, 600)
	if got := simulate(closed, func(i int) sample {
		if i%275 == 100 {
			return sample{latency: 5 * time.Second}
		}
		return sample{latency: 20 * time.Millisecond}
	}); got != passed {
		t.Errorf("a closed loop would have passed it: %v", got)
	}
}

func TestRuns(t *testing.T) {
	var all []sample
	for _, c := range "..##.#...###" {
		all = append(all, sample{failed: c == '#'})
	}
	if got := runs(all, func(s sample) bool { return s.failed }); got != 3 {
		t.Errorf("runs: %d", got)
	}
}
