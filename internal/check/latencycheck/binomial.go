package latencycheck

import "math"

// tail is P(X >= k) for X of the binomial distribution with n trials of
// probability p, summed exactly from its terms.
func tail(k, n int, p float64) float64 {
	switch {
	case k <= 0:
		return 1
	case k > n:
		return 0
	case 2*k > n: // sum the shorter side; small terms first, so that none is lost
		return sum(n, k, n, p)
	default:
		return max(1-sum(k-1, 0, n, p), 0)
	}
}

// head is P(X <= k).
func head(k, n int, p float64) float64 {
	switch {
	case k < 0:
		return 0
	case k >= n:
		return 1
	default:
		return sum(0, k, n, p)
	}
}

// sum adds the terms between two numbers, both included.
func sum(from, to, n int, p float64) float64 {
	low, high := min(from, to), max(from, to)
	total := 0.0
	for i := low; i <= high; i++ {
		total += term(i, n, p)
	}
	return min(total, 1)
}

// term is P(X = k).
func term(k, n int, p float64) float64 {
	choose := lgamma(n+1) - lgamma(k+1) - lgamma(n-k+1)
	return math.Exp(choose + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

func lgamma(n int) float64 {
	v, _ := math.Lgamma(float64(n))
	return v
}

// below reports whether hits of n show, at the level alpha, that the share of
// hits is below p: were it p, so few would be seen with a probability of alpha at
// most. It is the one-sided exact test of Clopper and Pearson.
func below(hits, n int, p, alpha float64) bool { return n > 0 && head(hits, n, p) <= alpha }

// above reports whether hits of n show that the share of hits is above p.
func above(hits, n int, p, alpha float64) bool { return n > 0 && tail(hits, n, p) <= alpha }

// needed is the least n of which no hit at all shows that the share is below p.
func needed(alpha float64) int { return int(math.Ceil(math.Log(alpha) / math.Log1p(-slowShare))) }

// interval are the ranks, from 1, of the samples between which a quantile lies
// with a confidence of 1-alpha, whatever the distribution. A high of n+1 says
// that no sample bounds it from above.
func interval(n int, quantile, alpha float64) (low, high int) {
	for low < n && head(low, n, quantile) <= alpha/2 {
		low++
	}
	for high = n + 1; high > 1 && tail(high-1, n, quantile) <= alpha/2; high-- {
	}
	return low, high
}

// rank is the rank, from 1, of a quantile of n samples: the smallest sample that
// at least this share of all does not exceed.
func rank(n int, quantile float64) int {
	return min(max(int(math.Ceil(quantile*float64(n)-1e-9)), 1), n)
}
