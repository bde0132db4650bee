package check

import (
	"slices"
	"testing"
	"time"
)

func TestPauses(t *testing.T) {
	t.Parallel()
	p := Pauses{Most: 250 * time.Millisecond}
	var got []time.Duration
	for range 5 {
		got = append(got, p.Next())
	}
	const ms = time.Millisecond
	if want := []time.Duration{50 * ms, 100 * ms, 200 * ms, 250 * ms, 250 * ms}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
