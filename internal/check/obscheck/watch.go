package obscheck

import (
	"fmt"
	"regexp"
	"slices"
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
	base   time.Time      // from when on entries are compared, where the sink keeps times
	value  float64        // of a counter, before the drill
	read   time.Time      // when that was
	rate   float64        // by which it rises a second by itself; of entries: how many come
	past   *float64       // by how much it rose a second before the drill; nil = not asked yet
	seen   bool
	at     time.Time
	first  []string // of fresh, those by which it was first seen
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
	w.live, w.value, w.read, w.base = r.Live, r.Value, time.Now(), time.Now()
	if w.marked() && len(r.Entries) > 0 {
		w.reason = "the mark is there before the drill: what is searched shows every text that it is asked for"
		w.remedy = "Search the log itself, not a record of searches."
		return
	}
	switch kind := w.signal.Config.Kind; {
	case kind == probe.SinkMetrics:
		w.watchNumber()
	case !kind.Counts():
		w.watchEntries(r.Entries)
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
	query.Since = w.since()
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
	switch {
	case w.noisy && !w.signal.Config.Kind.Counts():
		w.reason = "such entries come as often by themselves: it cannot be told which is of the drill"
		w.remedy = "Let the signal look for the mark, or for a text that nothing else brings."
	case w.noisy:
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
	if len(w.fresh) == 0 || w.seen {
		return
	}
	now := time.Now()
	w.noisy = w.rate > 0 && 2*w.rate*now.Sub(w.read).Seconds() > float64(len(w.fresh))
	if !w.noisy {
		w.seen, w.at = true, now
		w.first = slices.Clone(w.fresh)
	}
}

// resolution waits for the message that says that it is over.
func (w *watch) resolution() {
	if w.signal.Resolved <= 0 || !w.seen {
		return
	}
	deadline, gap := time.Now().Add(w.signal.Resolved), 200*time.Millisecond
	query := w.query
	query.Since = w.since()
	for {
		if r := w.look(query); !r.Failed() {
			w.take(r)
		}
		if slices.ContainsFunc(w.fresh, w.saysOver) {
			w.over = true
			return
		}
		if !time.Now().Before(deadline) || w.ctx.Err() != nil {
			return
		}
		w.pause(min(gap, max(time.Until(deadline), 0)))
		gap = min(gap*3/2, 2*time.Second)
	}
}

var (
	// overForm is how a message says that it is about an end: Alertmanager's
	// subject and payload, and those of services that do likewise.
	overForm = regexp.MustCompile(`(?i)\[resolved|"(?:status|state)"\s*:\s*"(?:resolved|ok|recovered|closed)"|(?m)^subject:.*\b(?:resolved|recovered|recovery)\b`)
	onForm   = regexp.MustCompile(`(?i)\[firing|"(?:status|state)"\s*:\s*"(?:firing|alerting)"`)
	overWord = regexp.MustCompile(`(?i)resolved|recover|back to normal`)
)

// saysOver reports whether a message says that it is over. The first one may
// speak of it too: that somebody will be told when it is resolved.
func (w *watch) saysOver(entry string) bool {
	return overForm.MatchString(entry) || !slices.Contains(w.first, entry) && !onForm.MatchString(entry) && overWord.MatchString(entry)
}

// since is from when on entries are read: the same for the look before the drill
// and those after it where old ones are told from new ones by counting them.
func (w *watch) since() time.Time {
	if w.marked() {
		return w.began
	}
	return w.base
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
	case w.doubt:
		w.report.InconclusiveAs(rule, subject, "the drill does not show, and its answer does not tell whether it happened as meant",
			"Try the request by hand. If its answer is that of such a failure, name the status in expect_status; else mend the request: a missing field, a token of the form, or a gateway in front can refuse it.")
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
