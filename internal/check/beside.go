package check

import "sync"

// Beside does something for each of n, at most so many side by side, and waits for
// all. What they find is kept by number, so that its order is the same each time.
func Beside(n, most int, do func(i int)) {
	var all sync.WaitGroup
	slots := make(chan struct{}, most)
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			do(i)
		})
	}
	all.Wait()
}
