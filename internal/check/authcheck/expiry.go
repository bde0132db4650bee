package authcheck

import (
	"cmp"
	"net/http"
	"time"
)

// judgeExpiry decides whether sessions end by themselves: by an accelerated
// test, else by what a token says of itself. What a cookie's age says is about
// the browser alone.
func (w *way) judgeExpiry() {
	if w.spec.Short != nil {
		w.accelerated(*w.spec.Short)
		return
	}
	for _, c := range w.credentials(w.session) {
		if t, ok := parseJWT(c.value); ok {
			w.tokenLife(t)
			return
		}
	}
	w.cookieAge()
}

const attest = "; or attest it in the scorecard, once somebody has looked at the session store's configuration"

// tokenLife judges by exp and iat of a token. It ends for sure only where expired
// tokens are refused: see jwt.expired_accepted.
func (w *way) tokenLife(t token) {
	life, known := t.life()
	refreshes := w.refresh != nil && w.refresh.tokenOf(w.session.Record().Answer.Body) != "" ||
		(&refreshing{}).tokenOf(w.session.Record().Answer.Body) != ""
	for _, limit := range []struct {
		rule, what string
		most       time.Duration
	}{{ruleIdle, "maximum_idle", w.spec.MaximumIdle}, {ruleAbsolute, "maximum_absolute", w.spec.MaximumAbsolute}} {
		switch {
		case !known:
			w.fail(limit.rule, w.name, "the token says nothing of when it ends: it has no exp")
		case life > limit.most:
			w.fail(limit.rule, w.name, "the token lives longer than "+limit.what)
		case refreshes:
			w.ask(limit.rule, w.name, "the token ends in time, but a refresh token renews it, whose own end is not seen: short_session"+attest)
		default:
			w.pass(limit.rule, w.name, "the token cannot be renewed, and says that it ends within "+limit.what+"; that this is verified is what jwt.expired_accepted tests")
		}
	}
}

// cookieAge fails a cookie that outlives the limit, and passes none.
func (w *way) cookieAge() {
	w.ask(ruleIdle, w.name, "when a session ends that is not used cannot be seen from outside: short_session, where the target offers one"+attest)
	for _, name := range w.cookies {
		set := lastOf(w.session.Record().Set, name)
		if set == nil {
			continue
		}
		age := time.Duration(max(set.MaxAge, 0)) * time.Second
		if set.MaxAge == 0 && !set.Expires.IsZero() {
			age = set.Expires.Sub(w.prober.Now())
		}
		if age > w.spec.MaximumAbsolute+time.Hour {
			w.fail(ruleAbsolute, w.name, "the session's cookie is kept longer than maximum_absolute")
			return
		}
	}
	w.ask(ruleAbsolute, w.name, "when a session ends that is used cannot be seen from outside: short_session, where the target offers one"+attest)
}

// settle is what clocks and timers may be off by.
const settle = 700 * time.Millisecond

// longestShort bounds how long an accelerated session is waited for.
const longestShort = 5 * time.Minute

// accelerated opens sessions that end early and sees that they do, each beside a
// session that does not.
func (w *way) accelerated(short ShortSession) {
	actor := w.actor
	header := actor.Portal.SignIn.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	for name, values := range short.Header {
		header[name] = values
	}
	actor.Portal.SignIn.Header = header
	for _, limit := range []struct {
		rule string
		life time.Duration
		used bool
	}{{ruleIdle, short.Idle, false}, {ruleAbsolute, short.Absolute, true}} {
		if limit.life <= 0 || limit.life > longestShort {
			w.ask(limit.rule, w.name, "short_session, which shortens this limit to five minutes or less"+attest)
			continue
		}
		s, err := actor.SignIn(w.ctx, w.prober)
		if err != nil {
			w.unclear(limit.rule, w.name, "nobody can sign in for a short session: "+err.Error())
			continue
		}
		opened := time.Now()
		if w.lives(s) != granted {
			w.unclear(limit.rule, w.name, "a short session does not live at all")
			continue
		}
		step := limit.life + settle
		if limit.used { // often enough that it does not end for want of use
			step = min(limit.life, cmp.Or(short.Idle, limit.life)) / 3
		}
		used := 0
		for time.Since(opened) < limit.life+settle && w.ctx.Err() == nil {
			w.sleep(min(step, max(time.Until(opened.Add(limit.life+settle)), 10*time.Millisecond)))
			if limit.used && w.lives(s) == granted && time.Since(opened) < limit.life-settle {
				used++
			}
		}
		// A look renews a session that lives: waiting must not lead to its other end,
		// which tokens tell in whole seconds.
		wait := 3 * time.Second
		if !limit.used && short.Absolute > 0 {
			wait = max(0, min(wait, short.Absolute-limit.life-2*settle-time.Second))
		}
		w.ended(limit.rule, w.diesAt(s.Header(), min(wait, w.spec.Patience), step), limit.used && used == 0)
	}
}

// ended judges a session whose time is over.
func (w *way) ended(rule string, o outcome, unused bool) {
	switch {
	case !w.living():
		w.unclear(rule, w.name, "no ordinary session lives beside the short one, so that nothing can be told")
	case o == granted:
		w.fail(rule, w.name, "a session that should have ended by itself is still taken")
	case o == unclear:
		w.unclear(rule, w.name, "what the portal answers to a session that should have ended is neither a refusal nor a success")
	case unused:
		w.unclear(rule, w.name, "the short session ended sooner than it was said to, so that which limit ended it cannot be told")
	default:
		w.pass(rule, w.name, "a session that was shortened for the test ends, beside one that lives")
	}
}
