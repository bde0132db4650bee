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

// quartile is the lower one: delays add to what a request takes, so that it says
// more of the portal than the median does.
func quartile(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(all))[(len(all)-1)/4]
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
	// suspicion is how likely chance alone may make a difference that is looked at
	// once more; proof, one that is then taken for true.
	suspicion = 0.02
	proof     = 0.002
)

// timing is what a comparison of times says.
type timing int

const (
	even    timing = iota // no difference that counts
	noisy                 // times vary by more than what is looked for
	suspect               // one group is slower, as far as so few can tell
	apart                 // one group is slower
)

// compare judges times of two groups, which were measured in two halves whose
// order was swapped: by medians and lower quartiles, which must differ alike.
func compare(known, unknown []time.Duration) timing {
	middle, low := median(known)-median(unknown), quartile(known)-quartile(unknown)
	alike := (middle > 0) == (low > 0)
	spread := max(median(known)-quartile(known), median(unknown)-quartile(unknown))
	chance := permutation(known, unknown)
	switch gap := min(middle.Abs(), low.Abs()); {
	case gap >= leastGap && alike && chance <= proof:
		return apart
	case gap >= leastGap && alike && chance <= suspicion:
		return suspect
	case 2*spread > leastGap:
		return noisy
	}
	return even
}
