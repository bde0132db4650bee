package authcheck

import (
	"math/bits"
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

// deviation is the median absolute deviation from the median.
func deviation(all []time.Duration) time.Duration {
	middle := median(all)
	var out []time.Duration
	for _, one := range all {
		out = append(out, (one - middle).Abs())
	}
	return median(out)
}

// permutation is the exact probability, two-sided, that two groups of one kind
// differ in their ranks as much as these do (Wilcoxon's rank-sum test by full
// enumeration). Groups together are 24 at most; more are not looked at.
func permutation(a, b []time.Duration) float64 {
	n := len(a) + len(b)
	if len(a) == 0 || len(b) == 0 || n > 24 {
		return 1
	}
	all := append(slices.Clone(a), b...)
	ranks := make([]int, n) // doubled, so that ties have whole ones
	for i := range all {
		for j := range all {
			switch {
			case all[j] < all[i]:
				ranks[i] += 2
			case all[j] == all[i]:
				ranks[i]++
			}
		}
	}
	expected, seen := 0, 0
	for i, r := range ranks {
		expected += r
		if i < len(a) {
			seen += r
		}
	}
	// Sums are compared by their distance from the mean, times n.
	distance := func(sum int) int {
		d := sum*n - expected*len(a)
		return max(d, -d)
	}
	extreme, total := 0, 0
	for mask := uint32(0); mask < 1<<n; mask++ {
		if bits.OnesCount32(mask) != len(a) {
			continue
		}
		sum := 0
		for rest := mask; rest != 0; rest &= rest - 1 {
			sum += ranks[bits.TrailingZeros32(rest)]
		}
		total++
		if distance(sum) >= distance(seen) {
			extreme++
		}
	}
	return float64(extreme) / float64(total)
}

const (
	// leastGap is the least difference that is taken for a password hash or a letter
	// that is sent while the visitor waits: networks differ by less.
	leastGap = 20 * time.Millisecond
	// mostChance is how likely chance alone may make such a difference.
	mostChance = 0.002
)

// timing is what a comparison of times says.
type timing int

const (
	even  timing = iota // no difference that counts
	noisy               // times vary by more than what is looked for
	apart               // one group is slower
)

// compare judges times of two groups, which were measured in two halves whose
// order was swapped.
func compare(known, unknown []time.Duration) timing {
	gap := (median(known) - median(unknown)).Abs()
	spread := max(deviation(known), deviation(unknown))
	half := func(s []time.Duration, second bool) []time.Duration {
		if second {
			return s[len(s)/2:]
		}
		return s[:len(s)/2]
	}
	consistent := true
	for _, second := range []bool{false, true} {
		d := median(half(known, second)) - median(half(unknown, second))
		consistent = consistent && d.Abs() >= leastGap/2 && (d > 0) == (median(known) > median(unknown))
	}
	switch {
	case gap >= leastGap && gap > 5*spread && consistent && permutation(known, unknown) <= mostChance:
		return apart
	case 2*spread > leastGap:
		return noisy
	}
	return even
}
