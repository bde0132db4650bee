package obscheck

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// watch is a signal that is waited for.
type watch struct {
	*trial
	signal Signal
	sink   probe.Sink
	query  probe.SinkQuery

	reason string // why nothing can be told; empty = all is well so far
	remedy string

	known  map[string]int // entries with the text before the drill, and how often each was there
	value  float64        // of a counter, before the drill
	read   time.Time      // when that was
	rate   float64        // by which it rises a second by itself
	seen   bool
	at     time.Time
	fresh  []string // entries that are new and hold the text
	around []string // all that came since
	live   bool
	noisy  bool // the counter rises as fast by itself
	risen  float64
	over   bool // somebody was told that it is over
}

// newWatch prepares to watch for a signal.
func newWatch(t *trial, s Signal) *watch {
	config := s.Config
	config.URL = t.fill(config.URL)
	w := &watch{trial: t, signal: s, sink: t.prober.Sink(config), known: map[string]int{}}
	w.query = probe.SinkQuery{Query: t.fill(s.Query)}
	if !config.Kind.Counts() {
		w.query.Text = t.fill(s.Text)
		if w.query.Text == "" {
			w.query.Text = t.mark
		}
	}
	return w
}

// marked reports whether what is waited for can be of this drill alone.
func (w *watch) marked() bool { return strings.Contains(w.query.Text, w.mark) }

// before is the control: the sink answers, and does not show the drill yet.
func (w *watch) before() {
	query := w.query
	query.Around = true
	r := w.look(query)
	if r.Failed() {
		w.reason = r.Detail
		return
	}
	w.live, w.value, w.read = r.Live, r.Value, time.Now()
	if w.marked() && len(r.Entries) > 0 {
		w.reason = "the mark is there before the drill: what is searched shows every text that it is asked for"
		w.remedy = "Search the log itself, not a record of searches."
		return
	}
	for _, e := range r.Entries {
		w.known[e]++
	}
	if w.signal.Config.Kind == probe.SinkMetrics {
		// What keeps no past is watched for a moment.
		w.pause(noiseTime)
		again := w.look(w.query)
		if again.Failed() {
			w.reason = again.Detail
			return
		}
		now := time.Now()
		w.rate = max(again.Value-w.value, 0) / now.Sub(w.read).Seconds()
		w.value, w.read = again.Value, now
	}
}

// maxFailures in a row are borne of a sink; then it is not readable.
const maxFailures = 3

// look reads the sink, again where it fails.
func (w *watch) look(q probe.SinkQuery) probe.SinkReading {
	var r probe.SinkReading
	for range maxFailures {
		r = w.sink.Look(w.ctx, q)
		if !r.Failed() || r.Failure != probe.FailTimeout && r.Failure != probe.FailReset || w.ctx.Err() != nil {
			break
		}
		w.pause(200 * time.Millisecond)
	}
	return r
}

// wait looks until the drill shows, or the time is over. The pauses grow from a
// moment to two seconds, so that it is never seen later than that.
func (w *watch) wait() {
	if w.reason != "" {
		return
	}
	deadline, gap := w.ended.Add(w.within), 100*time.Millisecond
	query := w.query
	query.Since = w.began
	for failures := 0; ; {
		last := !time.Now().Before(deadline)
		r := w.look(query)
		switch {
		case !r.Failed():
			failures = 0
			w.take(r)
		case w.ctx.Err() != nil:
			w.reason = "the test was interrupted"
			return
		default:
			if failures++; failures >= maxFailures || last || r.Failure == probe.FailAuth {
				w.reason = r.Detail
				return
			}
		}
		if w.seen || last {
			break
		}
		w.pause(min(gap, max(time.Until(deadline), 0)))
		gap = min(gap*3/2, 2*time.Second)
	}
	if w.noisy {
		w.reason = "the number rises as fast by itself: it cannot be told what the drill added"
		w.remedy = "Write a query that counts less beside the drill, such as by route, or raise repeat."
	}
	if logs(w.signal.Config.Kind) || w.signal.Config.Kind == probe.SinkSentry {
		query.Around = true
		if r := w.look(query); !r.Failed() {
			w.around = r.Around
			w.live = w.live || r.Live
		}
	}
}

// take looks for the drill in what a sink shows.
func (w *watch) take(r probe.SinkReading) {
	if w.signal.Config.Kind.Counts() {
		w.counted(r)
		return
	}
	w.around = r.Around
	left := map[string]int{}
	for e, n := range w.known {
		left[e] = n
	}
	w.fresh = nil
	for _, e := range r.Entries {
		if left[e] > 0 {
			left[e]--
			continue
		}
		w.fresh = append(w.fresh, e)
	}
	if len(w.fresh) > 0 && !w.seen {
		w.seen, w.at = true, time.Now()
	}
}

// wanted is by how much the number must rise.
func (w *watch) wanted() float64 {
	if w.signal.Increase > 0 {
		return w.signal.Increase
	}
	return float64(w.caused)
}

// counted judges a number: it must have risen by what was caused, and by more
// than it does by itself.
func (w *watch) counted(r probe.SinkReading) {
	w.risen = r.Value - w.value
	if w.risen < 0 { // it began anew at zero, as counters do when a program starts
		w.risen = r.Value
	}
	w.live = w.live || r.Live
	if w.risen < w.wanted() {
		return
	}
	now := time.Now()
	expected := w.rate * now.Sub(w.read).Seconds()
	if w.signal.Config.Kind == probe.SinkPrometheus {
		expected = w.past() * (now.Sub(w.read) + scrapeAge).Seconds()
	}
	w.noisy = byChance(expected, w.risen) > chance
	if !w.noisy {
		w.seen, w.at = true, now
	}
}

const (
	// chance is how likely the rise may be without the drill.
	chance = 0.01
	// scrapeAge is how old a number in Prometheus may be: it is that of the last scrape.
	scrapeAge = 15 * time.Second
	// pastSpan is how far back it is looked how fast a number rises by itself.
	pastSpan = 5 * time.Minute
)

// past is by how much a number rose a second before the drill. One that was not
// there then began since.
func (w *watch) past() float64 {
	query := w.query
	query.At = w.read.Add(-pastSpan)
	r := w.look(query)
	if r.Failed() || r.Series == 0 {
		return 0
	}
	rose := w.value - r.Value
	if rose < 0 { // it began anew in between
		rose = w.value
	}
	return rose / pastSpan.Seconds()
}

// byChance is how likely it is that as many events or more come by themselves
// where so many are expected (Poisson).
func byChance(expected, events float64) float64 {
	if expected <= 0 {
		return 0
	}
	if expected > 500 { // the first term is too small to be told from none
		return 0.5 * math.Erfc((events-expected)/math.Sqrt(2*expected))
	}
	below, term := 0.0, math.Exp(-expected)
	for k := 1.0; k <= math.Ceil(events) && (k <= expected || term > 1e-18); k++ {
		below += term
		term *= expected / k
	}
	return max(1-below, 0)
}

// resolution waits for the message that says that it is over.
func (w *watch) resolution() {
	if w.signal.Resolved <= 0 || !w.seen {
		return
	}
	deadline, gap := time.Now().Add(w.signal.Resolved), 200*time.Millisecond
	query := w.query
	query.Since = w.began
	for {
		if r := w.look(query); !r.Failed() {
			w.take(r)
		}
		for _, e := range w.fresh {
			if strings.Contains(strings.ToLower(e), "resolved") {
				w.over = true
				return
			}
		}
		if !time.Now().Before(deadline) || w.ctx.Err() != nil {
			return
		}
		w.pause(min(gap, max(time.Until(deadline), 0)))
		gap = min(gap*3/2, 2*time.Second)
	}
}

// verdict reports the signal.
func (w *watch) verdict() {
	rule, subject := w.signal.rule(w.kind), subjectOf(w.drill, w.signal)
	name := w.signal.Config.Kind.String()
	switch {
	case w.reason != "":
		w.unclear(rule, subject)
	case w.seen:
		w.report.Pass(rule, subject, "the drill shows in "+w.signal.Source)
	case !w.live:
		w.report.InconclusiveAs(rule, subject, fmt.Sprintf("the drill does not show, and %s has no other recent data either: it is not known to be the right place", name),
			"Check the address, the tenant and the query of the sink: what it is asked for must find the data of other days too.")
	case w.signal.Config.Kind.Counts():
		w.report.Fail(rule, subject, "the number did not rise by what the drill caused")
	default:
		w.report.Fail(rule, subject, "the drill did not show in "+w.signal.Source+" in time, and other data are there")
	}
	if w.signal.Resolved > 0 {
		w.told(subject)
	}
}

// unclear reports that nothing could be told, with a remedy that fits.
func (w *watch) unclear(rule, subject string) {
	if w.remedy != "" {
		w.report.InconclusiveAs(rule, subject, w.reason, w.remedy)
		return
	}
	w.report.Inconclusive(rule, subject, w.reason)
}

// told reports whether somebody heard that it was over.
func (w *watch) told(subject string) {
	switch {
	case w.reason != "":
		w.unclear(ruleResolved, subject)
	case !w.seen:
		w.report.NotApplicable(ruleResolved, subject, "nobody was told of it in the first place")
	case w.over:
		w.report.Pass(ruleResolved, subject, "a message says that it is over")
	default:
		w.report.Fail(ruleResolved, subject, "no message says that it is over")
	}
}
