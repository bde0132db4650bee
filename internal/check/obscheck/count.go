package obscheck

import (
	"math"
	"slices"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// noiseTime is how long a signal is watched before a drill, for what comes by itself.
const noiseTime = time.Second

// watchNumber watches a number that keeps no past for a moment.
func (w *watch) watchNumber() {
	w.pause(noiseTime)
	again := w.look(w.query)
	switch {
	case again.Failed():
		w.reason = again.Detail
		return
	case again.Value < w.value:
		w.reason = "the number falls by itself: several programs seem to answer at the address in turn, each with its own"
		w.remedy = "Read the counter from a Prometheus that scrapes all of them, or name one program's own address."
		return
	}
	now := time.Now()
	w.rate = (again.Value - w.value) / now.Sub(w.read).Seconds()
	w.value, w.read = again.Value, now
}

// watchEntries notes the entries that are there already, and how fast others
// come where the mark does not tell them apart.
func (w *watch) watchEntries(there []string) {
	kind := w.signal.Config.Kind
	if w.marked() {
		return
	}
	if kind == probe.SinkLoki { // the look before was back to a day ago
		query := w.query
		query.Since = w.base
		r := w.look(query)
		if r.Failed() {
			w.reason = r.Detail
			return
		}
		there = r.Entries
		w.rate = float64(len(there)) / time.Minute.Seconds()
	}
	if kind != probe.SinkFile && kind != probe.SinkMailbox { // these show only what is new
		w.note(there)
	}
	if kind != probe.SinkFile && kind != probe.SinkJSON {
		return
	}
	w.pause(noiseTime)
	r := w.look(w.query)
	if r.Failed() {
		w.reason = r.Detail
		return
	}
	w.rate = float64(w.note(r.Entries)) / noiseTime.Seconds()
}

// note adds entries to those that are known, each as often as it is there, and
// returns how many were not.
func (w *watch) note(entries []string) (added int) {
	now := map[string]int{}
	for _, e := range entries {
		now[e]++
	}
	for e, n := range now {
		added += max(n-w.known[e], 0)
		w.known[e] = max(n, w.known[e])
	}
	return added
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
		expected = w.formerRate() * (now.Sub(w.read) + scrapeAge).Seconds()
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
	// A number's past is looked at by the minute, for scrapes are up to a minute
	// apart. The highest of the minutes are left out: they may be those of earlier
	// runs of the same drill, as a plan and its apply make them.
	pastMinutes = 10
	pastKept    = 0.6
)

// formerRate is by how much a number rose a second before the drill. One that
// was not there then began since.
func (w *watch) formerRate() float64 {
	if w.past != nil {
		return *w.past
	}
	query := w.query
	later, known := w.value, true
	var rises []float64
	for minute := 1; minute <= pastMinutes; minute++ {
		query.At = w.read.Add(-time.Duration(minute) * time.Minute)
		r := w.look(query)
		if r.Failed() || r.Series == 0 {
			known = false
			continue
		}
		if known {
			rise := later - r.Value
			if rise < 0 { // it began anew in between
				rise = later
			}
			rises = append(rises, rise)
		}
		later, known = r.Value, true
	}
	rate := 0.0
	if len(rises) > 0 {
		slices.Sort(rises)
		rate = rises[int(math.Ceil(pastKept*float64(len(rises))))-1] / time.Minute.Seconds()
	}
	w.past = &rate
	return rate
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
