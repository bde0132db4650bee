package obscheck

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// trial is one drill under way.
type trial struct {
	*session
	drill    Drill
	kind     Kind
	mark     string
	password string
	within   time.Duration

	watches []*watch
	answers []probe.Exchange // to the requests that went as they should
	began   time.Time        // before the first request
	ended   time.Time        // after the last one
	caused  int
	doubt   bool     // the answers may have come from something else than the failure
	second  injected // a sign-in with a line break in its name
}

// drill runs one: every sink is read, the failure is caused, and all sinks are
// watched side by side until each shows it.
func (s *session) drill(d Drill) {
	t := &trial{session: s, drill: d, kind: d.kind(), mark: newMark(), password: newPassword(), within: d.Within}
	if t.within <= 0 {
		t.within = DefaultWithin
	}
	for _, signal := range d.Signals {
		t.watches = append(t.watches, newWatch(t, signal))
	}
	defer func() {
		for _, w := range t.watches {
			w.sink.Close()
		}
	}()
	reason := ""
	switch err := d.Validate(); {
	case err != nil:
		reason = err.Error()
	default:
		t.each((*watch).before)
		reason = t.perform()
	}
	if reason != "" {
		for _, w := range t.watches {
			w.reason = reason
		}
	}
	t.judge(reason)
}

// perform causes the failure and waits for its signals. The reason says why it
// did not happen.
func (t *trial) perform() (reason string) {
	readable := false
	for _, w := range t.watches {
		readable = readable || w.reason == ""
	}
	if !readable {
		return "" // each says why; nothing is caused that nobody would see
	}
	t.began = time.Now()
	t.caused, reason = t.cause()
	t.ended = time.Now()
	if reason != "" {
		return reason
	}
	t.second = t.inject()
	t.each((*watch).wait)
	for _, w := range t.watches {
		if w.seen {
			t.report.Observe(subjectOf(t.drill, w.signal)+" seen after", w.at.Sub(t.began).Round(time.Millisecond).String())
		}
	}
	t.report.Observe(t.drill.Name+" requests", fmt.Sprint(t.caused))
	t.report.Observe(t.drill.Name+" mark", t.mark)
	t.each((*watch).resolution)
	return ""
}

// each does something for all signals side by side.
func (t *trial) each(do func(*watch)) {
	var all sync.WaitGroup
	for _, w := range t.watches {
		all.Go(func() { do(w) })
	}
	all.Wait()
}

// judge reports what the drill showed.
func (t *trial) judge(reason string) {
	for _, w := range t.watches {
		w.verdict()
	}
	t.people()
	t.secrets(reason)
	if t.kind == SignIn {
		t.injection(t.second)
		t.fields(reason)
	}
	if t.kind == Failed {
		t.leak(reason)
	}
}

// fill puts the mark into a text.
func (t *trial) fill(text string) string { return strings.ReplaceAll(text, MarkWord, t.mark) }

func (t *trial) pause(d time.Duration) { pause(t.ctx, d) }

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
