package latencycheck

import (
	"math"
	"testing"
)

// The numbers were computed elsewhere (SciPy's binom) at a level of 5 %.
func TestExactBinomialTest(t *testing.T) {
	for _, test := range []struct{ n, pass, fail, low, high int }{
		{59, 0, 7, 52, 60}, // 60: no sample bounds it
		{100, 1, 10, 90, 100},
		{150, 2, 13, 137, 148},
		{200, 4, 16, 184, 197},
		{300, 8, 22, 277, 293},
		{500, 16, 34, 465, 485},
		{1000, 38, 63, 936, 964},
	} {
		pass, fail := -1, test.n+1
		for s := 0; s <= test.n; s++ {
			if below(s, test.n, 0.05, 0.05) {
				pass = s
			}
			if s < fail && above(s, test.n, 0.05, 0.05) {
				fail = s
			}
		}
		low, high := interval(test.n, 0.95, 0.05)
		if pass != test.pass || fail != test.fail || low != test.low || high != test.high {
			t.Errorf("n=%d: pass at most %d, fail from %d, interval %d to %d; want %+v", test.n, pass, fail, low, high, test)
		}
	}
	if needed(0.05) != 59 || needed(alpha) != 80 {
		t.Errorf("needed: %d, %d", needed(0.05), needed(alpha))
	}
}

// Both sides of a distribution add up to one, however small one of them is.
func TestTailsAddUp(t *testing.T) {
	for _, n := range []int{1, 2, 59, 600, 5000} {
		for _, p := range []float64{0.01, 0.05, 0.5, 0.95} {
			for _, k := range []int{0, 1, n / 20, n / 2, n} {
				if got := head(k-1, n, p) + tail(k, n, p); math.Abs(got-1) > 1e-9 {
					t.Errorf("n=%d p=%v k=%d: %v", n, p, k, got)
				}
			}
		}
	}
}

func TestRank(t *testing.T) {
	for _, test := range []struct {
		n    int
		q    float64
		want int
	}{{1, 0.5, 1}, {20, 0.95, 19}, {100, 0.95, 95}, {100, 0.99, 99}, {59, 0.99, 59}, {200, 0.5, 100}} {
		if got := rank(test.n, test.q); got != test.want {
			t.Errorf("rank(%d, %v) = %d; want %d", test.n, test.q, got, test.want)
		}
	}
}
