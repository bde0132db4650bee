package check

import (
	"sync/atomic"
	"testing"
)

func TestBeside(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int64
	done := make([]bool, 20)
	Beside(len(done), 3, func(i int) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		done[i] = true
		now.Add(-1)
	})
	for i, d := range done {
		if !d {
			t.Errorf("%d was left out", i)
		}
	}
	if most.Load() > 3 {
		t.Errorf("%d at once, want 3 at most", most.Load())
	}
	Beside(0, 1, func(int) { t.Error("there is nothing to do") })
}
