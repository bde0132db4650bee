package authcheck

import "time"

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
