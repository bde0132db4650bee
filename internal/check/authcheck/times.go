package authcheck

import (
	"fmt"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// leastTimes is how many times of each kind say anything.
const leastTimes = 6

// times are how long answers took, of all series.
type times struct{ known, unknown []time.Duration }

// add takes a series in, and returns what it says alone.
func (t *times) add(s asked) times {
	var alone times
	for _, one := range s.known {
		alone.known = append(alone.known, one.took)
	}
	for _, one := range s.unknown {
		alone.unknown = append(alone.unknown, one.took)
	}
	t.known, t.unknown = append(t.known, alone.known...), append(t.unknown, alone.unknown...)
	return alone
}

// slower reports whether known addresses are answered later than unknown ones.
func (t times) slower() bool { return median(t.known) > median(t.unknown) }

// judgeTimes compares times, of more series until the noise is small against what is
// looked for. What makes a machine or a network slow for a while hits known and
// unknown addresses alike, since they are asked for in turn.
func (b *bench) judgeTimes(rule, subject string, s asked, again func() asked, most int) {
	var all times
	all.add(s)
	if s.throttled || len(all.known) < leastTimes || len(all.unknown) < leastTimes {
		b.tellTimes(subject, all)
		b.unclear(rule, subject, "the requests are throttled before there are enough of them for their times to be compared")
		return
	}
	verdict, alike, cut := compare(all.known, all.unknown), false, false
	for series := 1; series < most && verdict != even && !(verdict == apart && alike); series++ {
		before := all.slower()
		more := again()
		// A difference counts if it is seen again, in the same direction.
		alike = all.add(more).slower() == before && len(more.known) >= leastTimes
		verdict = compare(all.known, all.unknown)
		if cut = more.throttled || more.why != ""; cut {
			break
		}
	}
	b.tellTimes(subject, all)
	switch {
	case verdict == apart && alike:
		b.report.FailAs(rule, subject, readiness.Low, "how long the answer takes tells known from unknown addresses", "")
	case verdict == apart && cut:
		b.unclear(rule, subject, "times differ, but the requests are throttled before that could be seen twice")
	case verdict == even || verdict == near:
		b.pass(rule, subject, "known and unknown addresses are answered equally fast")
	default:
		b.unclear(rule, subject, "times vary by themselves more than what a password hash or a letter takes, so that they tell nothing here")
	}
}

// tellTimes shows what was measured, and what difference would have been seen.
func (b *bench) tellTimes(subject string, t times) {
	text := fmt.Sprintf("known %d ms, unknown %d ms (medians of %d)", median(t.known).Milliseconds(), median(t.unknown).Milliseconds(), len(t.known))
	if low, _, high, ok := interval(t.known, t.unknown, doubt); ok {
		text += fmt.Sprintf("; they differ by %d to %d ms", low.Milliseconds(), high.Milliseconds())
	}
	b.report.Observe(subject, text)
}
