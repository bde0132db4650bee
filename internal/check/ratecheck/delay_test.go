package ratecheck

import (
	"testing"
	"time"
)

// A brake slows attempts; a busy server slows all.
func TestGrown(t *testing.T) {
	for name, test := range map[string]struct {
		attempt, attemptNow, other, otherNow int // ms
		want                                 bool
	}{
		"a tarpit":                           {2, 402, 1, 1, false},
		"a tarpit on a busy machine":         {2, 480, 1, 60, false},
		"a tarpit behind a password hash":    {60, 560, 2, 5, false},
		"a tarpit of a portal far away":      {180, 1180, 120, 150, false},
		"all wait in a queue":                {2, 402, 1, 401, true},
		"a hash on a processor others use":   {60, 300, 5, 25, true},
		"all of a portal far away":           {180, 900, 120, 600, true},
		"other paths are a little late only": {20, 220, 20, 40, false},
	} {
		ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
		if got := grown(ms(test.attempt), ms(test.attemptNow), ms(test.other), ms(test.otherNow)); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
