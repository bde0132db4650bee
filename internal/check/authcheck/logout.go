package authcheck

import (
	"net/http"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// judgeWay tests the sessions of one way to sign in. It reports whether judgeExpiry
// is to follow, once nothing signs anybody out any more.
func (w *way) judgeWay() bool {
	if w.direct() {
		for _, rule := range wayRules {
			w.none(rule, w.name, "the identity does not sign in: it has a token or headers of its own")
		}
		return false
	}
	if why := w.credulous(); why != "" {
		for _, rule := range wayRules {
			w.unclear(rule, w.name, why)
		}
		return false
	}
	w.judgeAddresses()
	w.judgeIDs()
	w.judgeLogout()
	return true
}

// credulous says why nothing can be told of sessions here: made-up ones are taken
// too. That is a violation of its own.
func (w *way) credulous() string {
	if w.unknown {
		return unlearned
	}
	for _, c := range w.credentials(w.session) {
		if w.me.judge(w.look(w.me.url, w.with(c, imitation(c.value)))) == granted && w.me.judge(w.look(w.me.url, w.with(c, drawn()+drawn()))) == granted {
			return w.me.subject + " takes any token, so that none can be told from a session: see " + ruleBypass
		}
	}
	return ""
}

// pollInterval is the first pause between two looks at a session that should be dead.
const pollInterval = 500 * time.Millisecond

// dies waits until a session is refused, as long as servers may take to tell one
// another. It returns the last answer's meaning.
func (w *way) dies(header http.Header, patience time.Duration) outcome {
	return w.diesAt(header, patience, 5*time.Second)
}

// diesAt looks at least as often as said: a session that is not looked at ends.
func (w *way) diesAt(header http.Header, patience, often time.Duration) outcome {
	end, pause := time.Now().Add(patience), min(pollInterval, often)
	for {
		o := w.me.judge(w.look(w.me.url, header))
		if o == refused || !time.Now().Before(end) || w.ctx.Err() != nil {
			return o
		}
		w.sleep(min(pause, time.Until(end)))
		pause = min(2*pause, often)
	}
}

func (b *bench) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-b.ctx.Done():
	case <-timer.C:
	}
}

// judgeLogout signs one of two sessions out and replays what it was.
func (w *way) judgeLogout() {
	if w.actor.Portal.SignOut.Path == "" {
		if w.endless() {
			w.fail(ruleLogout, w.name, "the session is a token that lives longer than 15 minutes, and no sign-out is known that ends it: if there is one, name it in portal.sign_out")
			w.refreshOnly()
			return
		}
		w.ask(ruleLogout, w.name, "how one signs out: portal.sign_out in provider \"launchready\"")
		w.refreshOnly()
		return
	}
	stays, err := w.another()
	if err != nil {
		w.unclear(ruleLogout, w.name, "no second session could be opened: "+err.Error())
		w.unclear(ruleRefresh, w.name, "no second session could be opened: "+err.Error())
		return
	}
	leaves, err := w.again()
	if err != nil || w.lives(leaves) != granted {
		w.unclear(ruleLogout, w.name, "no third session could be opened that lives")
		w.unclear(ruleRefresh, w.name, "no third session could be opened that lives")
		return
	}
	refresh := w.renewal(leaves)
	if err := w.actor.SignOut(w.ctx, w.prober, refresh.beside(leaves)); err != nil {
		w.unclear(ruleLogout, w.name, w.signOutSubject()+": "+err.Error())
		w.unclear(ruleRefresh, w.name, w.signOutSubject()+": "+err.Error())
		return
	}
	after := w.dies(leaves.Header(), w.spec.Patience)
	control := w.lives(stays) == granted
	if !control { // some portals sign out everywhere: a new session must live
		if fresh, err := w.again(); err == nil {
			w.session, control = fresh, w.lives(fresh) == granted
		}
	}
	still := w.judgeRefresh(refresh, control)
	switch {
	case !control:
		w.unclear(ruleLogout, w.name, "after the sign-out no other session lives either, so that nothing can be told")
	case after == granted:
		w.survives(leaves, still)
	case after == unclear:
		w.unclear(ruleLogout, w.name, "what the portal answers to the session after the sign-out is neither a refusal nor a success")
	default:
		w.pass(ruleLogout, w.name, "after the sign-out the session is refused, and another one lives")
	}
}

// another is a session beside that of the way. One that was opened before will do,
// unless more are needed at the same time later.
func (w *way) another() (probe.Session, error) {
	if n := len(w.opened); n+1 >= w.atOnce() && w.lives(w.opened[n-1]) == granted {
		return w.opened[n-1], nil
	}
	s, err := w.again()
	if err == nil {
		w.opened = append(w.opened, s)
	}
	return s, err
}

// shortLife is how long an access token that nobody can revoke may live.
const shortLife = 15 * time.Minute

// endless reports whether the session is a token that is good for longer than one
// may be which nobody can revoke.
func (w *way) endless() bool {
	for _, c := range w.credentials(w.session) {
		if t, ok := parseJWT(c.value); ok {
			life, known := t.life()
			return !known || life > shortLife
		}
	}
	return false
}

// survives reports a session that outlives its sign-out. Of a token that lives a
// few minutes and cannot be renewed, that is a matter of design.
func (w *way) survives(s probe.Session, refresh outcome) {
	for _, c := range w.credentials(s) {
		if t, ok := parseJWT(c.value); ok {
			life, known := t.life()
			switch short := known && life <= shortLife; {
			case short && refresh == refused:
				w.report.FailAs(ruleLogout, w.name, readiness.Low, "after the sign-out the access token is still taken until it expires, within 15 minutes; the refresh token is refused", "")
				return
			case short && !w.renewable(s):
				w.report.FailAs(ruleLogout, w.name, readiness.Low, "after the sign-out the access token is still taken until it expires, within 15 minutes; nothing that came with it renews it", "")
				return
			case short && refresh == unclear:
				w.fail(ruleLogout, w.name, "after the sign-out the access token is still taken, and whether the refresh token that came with it dies was not seen: token_sign_in.refresh says how it is used")
				return
			}
			w.fail(ruleLogout, w.name, "after the sign-out the access token is still taken: the server does not look whether its session lives")
			return
		}
	}
	w.fail(ruleLogout, w.name, "after the sign-out the session is still taken: the server has not ended it")
}
