package probe

import (
	"bytes"
	"unicode"
)

// maxCompared is how much of a body is compared.
const maxCompared = 256 << 10

// Similarity says how much two bodies have in common, from 0 to 1: the share of
// pairs of neighbouring words (Sørensen-Dice). Words that look drawn, such as
// tokens, nonces, digests and counters, are left out of both. Two bodies
// without words are equal or have nothing in common.
func Similarity(a, b []byte) float64 {
	if bytes.Equal(a, b) {
		return 1
	}
	first, second := pairs(a), pairs(b)
	all, common := 0, 0
	for pair, n := range first {
		all += n
		common += min(n, second[pair])
	}
	for _, n := range second {
		all += n
	}
	if all == 0 {
		return 0
	}
	return 2 * float64(common) / float64(all)
}

// Words counts the different words of a body that do not look drawn: how much
// there is to know a page by.
func Words(body []byte) int {
	seen := map[string]bool{}
	for _, w := range words(body) {
		seen[w] = true
	}
	return len(seen)
}

// Traits are what a body can be known by: its words that do not look drawn, and
// pairs of neighbours among them.
func Traits(body []byte) map[string]bool {
	out := map[string]bool{}
	for pair := range pairs(body) {
		out[pair[1]] = true
		out[pair[0]+"\x00"+pair[1]] = true
	}
	return out
}

// NewWords counts the different words of a body that none of the others has.
func NewWords(body []byte, others ...[]byte) int {
	known := map[string]bool{}
	for _, other := range others {
		for _, w := range words(other) {
			known[w] = true
		}
	}
	n := 0
	for _, w := range words(body) {
		if !known[w] {
			known[w] = true
			n++
		}
	}
	return n
}

// pairs counts neighbouring words. The first stands beside nothing, so that one
// word makes a pair too.
func pairs(body []byte) map[[2]string]int {
	out := map[[2]string]int{}
	before := ""
	for _, word := range words(body) {
		out[[2]string{before, word}]++
		before = word
	}
	return out
}

func words(body []byte) []string {
	body = body[:min(len(body), maxCompared)]
	var out []string
	for _, w := range bytes.FieldsFunc(body, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if !looksDrawn(w) {
			out = append(out, string(w))
		}
	}
	return out
}

// looksDrawn tells what differs from answer to answer: numbers, and long words
// with digits in them.
func looksDrawn(word []byte) bool {
	digits := 0
	for _, c := range word {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	return digits == len(word) && digits >= 4 || digits > 0 && len(word) >= 16 || len(word) >= 32
}
