package authcheck

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func ms(all ...int) []time.Duration {
	var out []time.Duration
	for _, n := range all {
		out = append(out, time.Duration(n)*time.Millisecond)
	}
	return out
}

// Table J of Hollander and Wolfe, and what can be counted: of 8 and 8 one order of
// 12,870 puts all of one group first, one has the statistic 1, two have 2.
func TestCritical(t *testing.T) {
	for _, test := range []struct {
		n, m int
		tail float64
		want int
	}{
		{8, 8, 0.5 / 12870, -1}, {8, 8, 1.0 / 12870, 0}, {8, 8, 2.0 / 12870, 1}, {8, 8, 4.0 / 12870, 2},
		{8, 8, 0.025, 13}, {10, 10, 0.025, 23}, {20, 20, 0.025, 127}, {5, 8, 0.025, 6}, // tables of Mann and Whitney
		{3, 3, 0.025, -1}, {0, 5, 0.5, -1}, {5, 0, 0.5, -1},
	} {
		if got := critical(test.n, test.m, test.tail); got != test.want {
			t.Errorf("%d and %d, %v: %d, want %d", test.n, test.m, test.tail, got, test.want)
		}
	}
}

func TestInterval(t *testing.T) {
	fast := ms(1, 2, 3, 4, 5, 6, 7, 8)
	low, middle, high, ok := interval(ms(51, 52, 53, 54, 55, 56, 57, 58), fast, proof)
	if !ok || middle != 50*time.Millisecond || low < 43*time.Millisecond || high > 57*time.Millisecond || low >= middle || high <= middle {
		t.Errorf("%v %v %v %v", low, middle, high, ok)
	}
	if back, _, _, _ := interval(fast, ms(51, 52, 53, 54, 55, 56, 57, 58), proof); back != -high {
		t.Errorf("the other way round: %v, want %v", back, -high)
	}
	if _, _, _, ok := interval(ms(1, 2), ms(3, 4), proof); ok {
		t.Error("two and two have an interval")
	}
}

func TestCompare(t *testing.T) {
	for name, test := range map[string]struct {
		a, b []time.Duration
		want timing
	}{
		"a skipped hash":        {ms(57, 55, 58, 56, 60, 55, 59, 56), ms(2, 1, 3, 2, 1, 2, 9, 2), apart},
		"a lookup that is left": {ms(2, 1, 3, 2, 1, 2, 9, 2), ms(57, 55, 58, 56, 60, 55, 59, 56), apart},
		"one slow answer":       {ms(2, 3, 2, 400, 3, 2, 2, 3), ms(2, 2, 3, 2, 3, 2, 3, 2), even},
		"a slow portal":         {ms(160, 390, 200, 310, 250, 180, 340, 290), ms(170, 380, 210, 300, 260, 190, 330, 280), noisy},
		"a small gap":           {ms(12, 13, 12, 13, 12, 13, 12, 13), ms(2, 3, 2, 3, 2, 3, 2, 3), even},
		"some noise":            {ms(60, 40, 30, 50, 35, 45, 55, 25), ms(41, 61, 51, 31, 46, 36, 26, 56), near},
		"the same":              {ms(5, 5, 5, 5, 5, 5), ms(5, 5, 5, 5, 5, 5), even},
		"nothing":               {nil, ms(1), noisy},
	} {
		if got := compare(test.a, test.b); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// busy are answers of a machine that has other things to do: most are a little late,
// some very, and moments come when all are.
type busy struct {
	rand  *rand.Rand
	mean  time.Duration // that an answer is late by
	surge float64       // the share of the time in which all are late by three times as much
	until int
	n     int
}

func (b *busy) answer(base time.Duration) sample {
	if b.n++; b.n > b.until && b.rand.Float64() < b.surge/8 {
		b.until = b.n + 8
	}
	late := b.rand.ExpFloat64() * float64(b.mean)
	if b.n <= b.until {
		late *= 3
	}
	return sample{took: base + time.Duration(late)}
}

// series is one of eight and eight, whose order is swapped in the middle.
func (b *busy) series(known, unknown time.Duration) asked {
	var out asked
	for i := range manyWrong {
		one, other := known, unknown
		if i >= manyWrong/2 {
			one, other = other, one
		}
		x, y := b.answer(one), b.answer(other)
		if i >= manyWrong/2 {
			x, y = y, x
		}
		out.known, out.unknown = append(out.known, x), append(out.unknown, y)
	}
	return out
}

// On a busy machine a portal that tells nothing passes, one that skips a password
// hash does not, and both do so each time.
func TestTimesOnABusyMachine(t *testing.T) {
	t.Parallel()
	const runs = 200
	for name, test := range map[string]struct {
		known, unknown time.Duration
		mean           time.Duration
		most           int
		want           readiness.Status
		least          int // of the runs; the rest is undecided
	}{
		"quiet":                     {5 * time.Millisecond, 5 * time.Millisecond, time.Millisecond, 1, readiness.Pass, runs},
		"some load":                 {5 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 5, readiness.Pass, runs},
		"a far away portal":         {80 * time.Millisecond, 80 * time.Millisecond, 20 * time.Millisecond, 5, readiness.Pass, runs},
		"much load":                 {5 * time.Millisecond, 5 * time.Millisecond, 40 * time.Millisecond, 5, readiness.Pass, runs * 95 / 100},
		"a skipped hash":            {56 * time.Millisecond, 2 * time.Millisecond, time.Millisecond, 2, readiness.Fail, runs},
		"a skipped hash, some load": {56 * time.Millisecond, 2 * time.Millisecond, 10 * time.Millisecond, 5, readiness.Fail, runs},
		"a skipped hash, much load": {56 * time.Millisecond, 2 * time.Millisecond, 30 * time.Millisecond, 5, readiness.Fail, runs * 95 / 100},
		"a letter sent at once":     {2 * time.Millisecond, 122 * time.Millisecond, 30 * time.Millisecond, 3, readiness.Fail, runs},
		"nothing can be said":       {5 * time.Millisecond, 5 * time.Millisecond, time.Second, 5, readiness.Inconclusive, runs * 99 / 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := map[readiness.Status]int{}
			for run := range runs {
				b := &busy{rand: rand.New(rand.NewPCG(7, uint64(run))), mean: test.mean, surge: 0.2}
				one := func() asked { return b.series(test.known, test.unknown) }
				got[judged(t, one(), one, test.most)]++
			}
			wrong := runs - got[test.want] - got[readiness.Inconclusive]
			if test.want == readiness.Inconclusive {
				wrong = 0
			}
			if got[test.want] < test.least || wrong > 0 {
				t.Errorf("%v, want %d of %s", got, test.least, test.want)
			}
		})
	}
}

// judged is the verdict on times.
func judged(t *testing.T, first asked, again func() asked, most int) readiness.Status {
	t.Helper()
	report := readiness.NewRecorder("authentication", readiness.Authentication, "", rules())
	b := &bench{report: report}
	b.judgeTimes(ruleEnumLogin, "POST /login (time)", first, again, most)
	result, err := report.Result()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(result.Findings, func(f readiness.Finding) bool { return f.Rule == ruleEnumLogin })
	return result.Findings[i].Status
}

// Throttling ends what is asked; what was seen by then is judged.
func TestTimesThrottled(t *testing.T) {
	t.Parallel()
	quiet := func(known, unknown time.Duration) asked {
		return (&busy{rand: rand.New(rand.NewPCG(1, 2)), mean: time.Millisecond}).series(known, unknown)
	}
	braked := func() asked { return asked{throttled: true} }
	for name, test := range map[string]struct {
		first asked
		want  readiness.Status
	}{
		"a difference seen once":   {quiet(56*time.Millisecond, 2*time.Millisecond), readiness.Inconclusive},
		"none":                     {quiet(2*time.Millisecond, 2*time.Millisecond), readiness.Pass},
		"from the first series on": {asked{throttled: true}, readiness.Inconclusive},
	} {
		if got := judged(t, test.first, braked, mostSignIns); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
