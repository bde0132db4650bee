package obscheck

import (
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// injectionTime is how long the second sign-in may take to show after the first.
const injectionTime = 1500 * time.Millisecond

// injected is a sign-in with a line break in its name.
type injected struct {
	sent   bool
	mark   string // that stands before the line break
	forged string // that stands behind it
	status int
}

// inject signs in once more, with a name that goes on in a new line.
func (t *trial) inject() injected {
	if t.kind != SignIn || t.drill.SkipInjection || !t.drill.Request.uses(MarkWord) || !t.hasLog() {
		return injected{}
	}
	in := injected{sent: true, mark: newMark(), forged: newMark()}
	x := t.send(in.mark+"\n"+`{"event":"`+in.forged+`"}`+"\n"+in.forged+" ", in.mark)
	in.status = x.Status
	return in
}

func (t *trial) hasLog() bool {
	for _, w := range t.watches {
		if logs(w.signal.Config.Kind) {
			return true
		}
	}
	return false
}

// injection looks whether the second line has become a line of the log.
func (t *trial) injection(in injected) {
	for _, w := range t.watches {
		if !logs(w.signal.Config.Kind) {
			continue
		}
		subject := subjectOf(t.drill, w.signal)
		if in.sent && w.seen {
			w.injected(in, subject)
			continue
		}
		switch {
		case !t.drill.Request.uses(MarkWord):
			t.report.NotApplicable(ruleInjection, subject, "the request has no place for a text of the visitor's: {{mark}} stands nowhere")
		case t.drill.SkipInjection:
			t.report.NotApplicable(ruleInjection, subject, "log_injection is false")
		case w.reason != "":
			w.unclear(ruleInjection, subject)
		case !w.live:
			t.report.Inconclusive(ruleInjection, subject, "nothing of the drill was seen there")
		default:
			t.report.NotApplicable(ruleInjection, subject, "failed sign-ins are not there: mend "+w.signal.rule(t.kind)+" first")
		}
	}
	if !t.hasLog() {
		t.report.NotApplicable(ruleInjection, t.drill.Name, "the drill has no signal in a log")
	}
}

// injected waits a moment for the entry and judges it.
func (w *watch) injected(in injected, subject string) {
	deadline := time.Now().Add(injectionTime)
	query := w.query
	query.Text, query.Since, query.Around = in.mark, w.began, true
	if strings.Contains(query.Query, w.mark) {
		query.Query = strings.ReplaceAll(query.Query, w.mark, in.mark)
	}
	var r probe.SinkReading
	for {
		r = w.look(query)
		if r.Failed() || len(r.Entries) > 0 || forgedIn(r.Around, in.forged) || !time.Now().Before(deadline) || w.ctx.Err() != nil {
			break
		}
		w.pause(150 * time.Millisecond)
	}
	switch {
	case r.Failed():
		w.report.Inconclusive(ruleInjection, subject, r.Detail)
	case forgedIn(r.Around, in.forged):
		w.report.Fail(ruleInjection, subject, "a line break in the name of a sign-in begins a new entry")
	case len(r.Entries) > 0:
		w.report.Pass(ruleInjection, subject, "a line break in the name of a sign-in stays within its entry")
	case in.status == 400 || in.status == 422:
		w.report.NotApplicable(ruleInjection, subject, "a name with a line break is refused before it is logged")
	default:
		w.report.Inconclusive(ruleInjection, subject, "the sign-in with a line break in its name is not in the log")
	}
}

// forgedIn reports whether an entry begins with the forged text.
func forgedIn(entries []string, forged string) bool {
	for _, e := range entries {
		e = strings.TrimSpace(e)
		if strings.HasPrefix(e, forged) || strings.HasPrefix(e, `{"event":"`+forged) {
			return true
		}
	}
	return false
}
