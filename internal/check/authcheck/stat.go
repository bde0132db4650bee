package authcheck

import (
	"slices"
	"time"
)

// median is the middle of what was measured; of an even number, the lower one.
func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[(len(sorted)-1)/2]
}

// interval is the range that the shift of times a against times b lies in, but for
// a chance of alpha, and its middle: the estimate of Hodges and Lehmann with the
// exact interval of the rank-sum test (Hollander and Wolfe, Nonparametric
// Statistical Methods, 4.2 and 4.3). It asks for no shape of the noise, which
// a busy machine makes long-tailed; a few very slow answers hardly move it.
// enough is false where there are too few times for any interval.
func interval(a, b []time.Duration, alpha float64) (low, middle, high time.Duration, enough bool) {
	shifts := make([]time.Duration, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			shifts = append(shifts, x-y)
		}
	}
	cut := critical(len(a), len(b), alpha/2)
	if cut < 0 {
		return 0, 0, 0, false
	}
	slices.Sort(shifts)
	n := len(shifts)
	return shifts[cut], (shifts[(n-1)/2] + shifts[n/2]) / 2, shifts[n-1-cut], true
}

// critical is the greatest u for which the rank-sum statistic of Mann and Whitney
// is u or less with a chance of at most tail, where n and m times are of one kind;
// -1 if there is none.
func critical(n, m int, tail float64) int {
	if n == 0 || m == 0 {
		return -1
	}
	// ways[i][u]: how many orders of i and j times have the statistic u. The last
	// time in order is one of the n, and passes all m, or is one of the m.
	ways := make([][]float64, n+1)
	for i := range ways {
		ways[i] = make([]float64, n*m+1)
		ways[i][0] = 1
	}
	for j := 1; j <= m; j++ {
		for i := 1; i <= n; i++ {
			for u := i * j; u >= j; u-- { // those of i-1 and j are made, those of i and j-1 still stand
				ways[i][u] += ways[i-1][u-j]
			}
		}
	}
	total, sum := 0.0, 0.0
	for _, w := range ways[n] {
		total += w
	}
	for u, w := range ways[n] {
		if sum += w; sum > tail*total {
			return u - 1
		}
	}
	return -1
}

const (
	// leastGap is the least difference that is taken for a password hash or a letter
	// that is sent while the visitor waits: networks differ by less.
	leastGap = 20 * time.Millisecond
	// hashGap is less than what a password hash of the usual strength takes (bcrypt of
	// cost 10: 55 ms against 1 ms, as PocketBase has it). Where answers vary much, to
	// have seen no difference of that size is enough.
	hashGap = 2 * leastGap
	// proof is how likely chance alone may make a difference that is taken for true,
	// and doubt, one that is missed where it is said that there is none.
	proof = 0.002
	doubt = 0.02
)

// timing is what a comparison of times says.
type timing int

const (
	noisy timing = iota // times vary by more than what is looked for
	even                // no difference that counts
	near                // none of a password hash; a smaller one may be
	apart               // one group is slower
)

// compare judges how long answers about known and unknown addresses took, which
// were asked for in turn.
func compare(known, unknown []time.Duration) timing {
	low, middle, high, ok := interval(known, unknown, proof)
	if ok && middle.Abs() >= leastGap && (low > 0 || high < 0) {
		return apart
	}
	low, _, high, ok = interval(known, unknown, doubt)
	switch most, least := max(-low, high), max(low, -high); {
	case !ok:
		return noisy
	case most < leastGap:
		return even
	case most < hashGap && least < leastGap:
		return near
	}
	return noisy
}
