package check

import "time"

// firstPause is how soon something that is awaited is looked for again.
const firstPause = 50 * time.Millisecond

// Pauses are the pauses between two looks at something that is awaited, such as a
// letter: short at first, since most of it comes at once, then each twice as long as
// the one before, up to Most.
type Pauses struct {
	Most time.Duration
	last time.Duration
}

// Next is the pause before the next look.
func (p *Pauses) Next() time.Duration {
	p.last = min(max(2*p.last, firstPause), p.Most)
	return p.last
}
