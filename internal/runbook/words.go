package runbook

import (
	"strings"
	"unicode"
)

// words counts words of a text.
func words(text string) int {
	n, dense, inside := 0, 0, false
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer):
			dense++
			inside = false
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if !inside {
				n++
			}
			inside = true
		case r == '\'' || r == '’' || r == '-' || unicode.IsMark(r):
		default:
			inside = false
		}
	}
	return n + dense/2
}

// Anchor is a heading, or what a link names after #, in letters and digits
// alone: how blanks and signs are written differs from site to site.
func Anchor(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}
