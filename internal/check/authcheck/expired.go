package authcheck

import (
	"maps"
	"time"
)

// longestWait is how long the end of a token is waited for.
const longestWait = 90 * time.Second

// expired replays a token that was good and is past its end: that of a short
// session, one that the secret makes, or this one where it ends soon.
func (t *signedToken) expired() {
	if t.secret != nil {
		claims := maps.Clone(t.claims)
		now := float64(t.prober.Now().Unix())
		claims["iat"], claims["nbf"], claims["exp"] = now-7200, now-7200, now-3600
		if t.claims["nbf"] == nil {
			delete(claims, "nbf")
		}
		good := maps.Clone(t.claims)
		good["exp"] = now + 600
		if t.me.judge(t.look(t.me.url, t.with(t.credential, signed(t.parts[0]+"."+segment(good), t.algorithm(), t.secret)))) == granted {
			t.try(ruleExpired, []string{signed(t.parts[0]+"."+segment(claims), t.algorithm(), t.secret)}, "a token that has expired is taken", "a token that has expired is refused")
			return
		}
	}
	old, end, why := t.shortLived()
	if why != "" {
		t.ask(ruleExpired, t.name, why)
		return
	}
	t.sleep(time.Until(end) + settle)
	limit := end.Add(t.spec.Leeway)
	for {
		o := t.me.judge(t.look(t.me.url, t.with(t.credential, old.text())))
		switch {
		case o == refused && t.living():
			t.pass(ruleExpired, t.name, "a token is taken, and refused after its end")
			return
		case o == refused, o == unclear:
			t.unclear(ruleExpired, t.name, "no other session lives beside the token that has expired, or its answer cannot be read")
			return
		case time.Now().After(limit):
			t.fail(ruleExpired, t.name, "a token that has expired is taken")
			return
		case t.ctx.Err() != nil:
			t.unclear(ruleExpired, t.name, "the time for the test ran out")
			return
		}
		t.sleep(min(3*time.Second, max(time.Until(limit)+settle, 100*time.Millisecond)))
	}
}

// shortLived is a token that was taken and ends soon, and when it does by this
// machine's clock.
func (t *signedToken) shortLived() (old token, end time.Time, why string) {
	const want = "a token that ends while the check waits: short_session, where the target offers one"
	actor := t.actor
	if short := t.spec.Short; short != nil {
		header := actor.Portal.SignIn.Header.Clone()
		if header == nil {
			header = map[string][]string{}
		}
		maps.Copy(header, short.Header)
		actor.Portal.SignIn.Header = header
	}
	s, err := actor.SignIn(t.ctx, t.prober)
	if err != nil {
		return token{}, time.Time{}, want
	}
	opened := time.Now()
	for _, c := range t.credentials(s) {
		found, ok := parseJWT(c.value)
		if !ok {
			continue
		}
		life, known := found.life()
		if !known || life > longestWait {
			continue
		}
		if t.me.judge(t.look(t.me.url, t.with(t.credential, found.text()))) != granted {
			return token{}, time.Time{}, "a token of short_session that is taken at all"
		}
		return found, opened.Add(life), ""
	}
	return token{}, time.Time{}, want
}
