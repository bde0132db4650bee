package check

import "golang.org/x/sync/errgroup"

// Beside does something for each of n, at most so many side by side, and waits for
// all. What they find is kept by number, so that its order is the same each time.
func Beside(n, most int, do func(i int)) {
	var all errgroup.Group
	all.SetLimit(most)
	for i := range n {
		all.Go(func() error { do(i); return nil })
	}
	_ = all.Wait() // none of them fails
}
