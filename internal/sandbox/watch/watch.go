// Package watch is the operation of the sandbox's portal: it takes the
// portal's events in, keeps its log, and wakes people by mail and webhook when
// too much goes wrong. It speaks as Prometheus, Loki, Alertmanager and Sentry
// do, as far as what is asked of it here goes.
package watch

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Names of the alerting rules.
const (
	Rule401      = "UnauthorizedSpike"
	Rule403      = "ForbiddenSpike"
	Rule5xx      = "ServerErrorSpike"
	RuleBounce   = "MailBounces"
	RuleWatchdog = "Watchdog"
)

// rule fires when as many events of its kind come within its window.
type rule struct {
	name, query string
	count       int
	fits        func(Event) bool
}

// window is how long events count. A client's would be minutes.
const window = 10 * time.Second

// quiet is how long nothing must happen for an alert to be over: here nobody
// wants to wait for that.
const quiet = time.Second

// pause is how long a rule that fires collects what comes with it, and how long
// it rests then.
const pause = 200 * time.Millisecond

// rules are all there are, but for the one that always fires.
func rules() []rule {
	return []rule{
		{Rule401, `sum(increase(http_requests_total{code="401"}[5m])) > 5`, 5, func(e Event) bool { return e.Status == http.StatusUnauthorized }},
		{Rule403, `sum(increase(http_requests_total{code="403"}[5m])) > 3`, 3, func(e Event) bool { return e.Status == http.StatusForbidden }},
		{Rule5xx, `sum(increase(http_requests_total{code=~"5.."}[5m])) > 0`, 1, func(e Event) bool { return e.Status >= 500 }},
		{RuleBounce, `increase(portal_mail_bounced_total[5m]) > 0`, 1, func(e Event) bool { return e.Bounce }},
	}
}

// Event is what the watch knows of one event of the portal.
type Event struct {
	At     time.Time
	Kind   string
	Status int
	Bounce bool
	Error  bool
	About  string // who and which request, for a person
	Line   string // of the log; empty if it is not logged
	Raw    string // as JSON
}

// Fault is something wrong with the operation.
type Fault string

const (
	MailLost        Fault = "mail_lost"        // mail of alerts goes nowhere
	MailUnread      Fault = "mail_unread"      // ... to an address that nobody reads
	HookDead        Fault = "hook_dead"        // nobody answers where the webhook posts
	Rule401Missing  Fault = "rule_401_missing" // there is no rule for refusals
	Silenced        Fault = "silenced"         // all is silenced, as for the time of a move
	WatchdogMissing Fault = "watchdog_missing"
	Unresolved      Fault = "unresolved"  // nobody is told that it is over
	Untracked       Fault = "untracked"   // errors are not reported to the tracker
	LogDropped      Fault = "log_dropped" // the collector of logs takes nothing in
)

// Unread is the address that nobody reads.
const Unread = "former-employee@inbox.example"

// Options say where alerts go.
type Options struct {
	Domain string
	To     string // address of those who are on call
	// Mail sends one message.
	Mail func(ctx context.Context, to string, raw []byte) error
	// Hook is where payloads are posted to.
	Hook string
	Now  func() time.Time
	// Metrics are the portal's, in text format.
	Metrics func() string
}

// Watch is the operation while it runs. Its methods are safe for concurrent use.
type Watch struct {
	options Options
	context context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
	wake    chan struct{}

	mu      sync.Mutex
	faults  map[Fault]bool
	events  []Event
	lines   []line
	issues  []Event
	firing  map[string]*alert
	started time.Time
	inbox   []string // payloads
}

// line is one of the log, with the time it came.
type line struct {
	at   time.Time
	text string
}

// alert is one that fires.
type alert struct {
	rule    string
	query   string
	since   time.Time
	last    time.Time // the newest event
	about   []string  // not told yet
	allOfIt []string
	told    time.Time
}

// maxKept bounds what is remembered of each kind.
const maxKept = 5000

// Start begins to watch.
func Start(o Options) *Watch {
	w := &Watch{options: o, faults: map[Fault]bool{}, firing: map[string]*alert{}, wake: make(chan struct{}, 1), started: o.Now()}
	w.context, w.cancel = context.WithCancel(context.Background())
	w.running.Go(w.loop)
	return w
}

// Close ends it.
func (w *Watch) Close() {
	w.cancel()
	w.running.Wait()
}

// SetFault turns one fault on or off.
func (w *Watch) SetFault(f Fault, on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults[f] = on
}

func (w *Watch) on(f Fault) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.faults[f]
}

// Take takes an event of the portal in.
func (w *Watch) Take(e Event) {
	w.mu.Lock()
	w.events = keep(w.events, e)
	if e.Line != "" && !w.faults[LogDropped] {
		for text := range strings.Lines(e.Line) {
			w.lines = keep(w.lines, line{e.At, strings.TrimRight(text, "\n")})
		}
	}
	if e.Error && !w.faults[Untracked] {
		w.issues = keep(w.issues, e)
	}
	for _, r := range rules() {
		if !r.fits(e) || r.name == Rule401 && w.faults[Rule401Missing] {
			continue
		}
		w.count(r, e)
	}
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// count lets a rule fire if there are enough events in its window. The caller
// holds w.mu.
func (w *Watch) count(r rule, e Event) {
	if a := w.firing[r.name]; a != nil {
		a.last, a.about, a.allOfIt = e.At, keep(a.about, e.About), keep(a.allOfIt, e.About)
		return
	}
	var about []string
	for _, other := range w.events {
		if r.fits(other) && e.At.Sub(other.At) < window {
			about = append(about, other.About)
		}
	}
	if len(about) >= r.count {
		w.firing[r.name] = &alert{rule: r.name, query: r.query, since: e.At, last: e.At, about: about, allOfIt: slices.Clone(about)}
	}
}

func keep[T any](list []T, one T) []T {
	if len(list) >= maxKept {
		list = slices.Delete(list, 0, maxKept/2)
	}
	return append(list, one)
}

// loop tells people what fires and what is over.
func (w *Watch) loop() {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-w.context.Done():
			return
		case <-w.wake:
			// What comes with it is told in one message.
			select {
			case <-w.context.Done():
				return
			case <-time.After(pause / 2):
			}
		case <-tick.C:
		}
		for _, n := range w.due() {
			w.notify(n)
		}
	}
}

// notice is one message about an alert.
type notice struct {
	rule, state string // firing or resolved
	about       []string
	since       time.Time
}

// due are the messages to be sent now.
func (w *Watch) due() []notice {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []notice
	now := w.options.Now()
	for _, r := range rules() {
		a := w.firing[r.name]
		switch {
		case a == nil:
		case len(a.about) > 0 && now.Sub(a.told) >= pause:
			out = append(out, notice{a.rule, "firing", a.about, a.since})
			a.about, a.told = nil, now
		case len(a.about) == 0 && now.Sub(a.last) >= quiet:
			delete(w.firing, r.name)
			if !w.faults[Unresolved] {
				out = append(out, notice{a.rule, "resolved", a.allOfIt, a.since})
			}
		}
	}
	if w.faults[Silenced] {
		return nil
	}
	return out
}

// subject is the first line of a message.
func (n notice) subject() string { return fmt.Sprintf("[%s] %s", strings.ToUpper(n.state), n.rule) }
