package authcheck

import (
	"cmp"
	"net/http"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

const (
	// settle is what clocks and timers may be off by.
	settle = 700 * time.Millisecond
	// longestShort bounds how long an accelerated session is waited for.
	longestShort = 5 * time.Minute
	// mostShort is how many short sessions are opened for one limit, where the first
	// ended before it could be looked at.
	mostShort = 5
)

// shortened is a session that ends early, by one of the two limits.
type shortened struct {
	*way  // one of its own: what waits side by side renews no other's session
	actor probe.Actor
	rule  string
	life  time.Duration
	idle  time.Duration // of the same session; 0 = not known
	whole time.Duration // as idle, of its absolute end
	used  bool          // it is looked at often enough that it does not end for want of use
}

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
	side := w.side()
	for _, limit := range []struct {
		rule string
		life time.Duration
		used bool
	}{{ruleIdle, short.Idle, false}, {ruleAbsolute, short.Absolute, true}} {
		if limit.life <= 0 || limit.life > longestShort {
			w.ask(limit.rule, w.name, "short_session, which shortens this limit to five minutes or less"+attest)
			continue
		}
		own := *w
		s := &shortened{way: &own, actor: actor, rule: limit.rule, life: limit.life, idle: short.Idle, whole: short.Absolute, used: limit.used}
		side(s.judge)
	}
}

// judge opens a short session and waits for its end; once more where the portal or
// this machine was so slow that nobody can tell what ended it.
func (s *shortened) judge() {
	for try := 1; s.ctx.Err() == nil; try++ {
		if s.try(try == mostShort) {
			return
		}
	}
	s.unclear(s.rule, s.name, "the time for the test ran out")
}

// shortest is how soon the session may end for those who look at it too late.
func (s *shortened) shortest() time.Duration { return min(s.life, cmp.Or(s.idle, s.life)) }

// try reports whether something was said. What came too late says nothing, but in
// the last try.
func (s *shortened) try(last bool) bool {
	began := time.Now()
	late := func() bool { return !last && time.Since(began) >= s.shortest()/2 }
	session, err := s.actor.SignIn(s.ctx, s.prober)
	if err != nil {
		if late() {
			return false
		}
		s.unclear(s.rule, s.name, "nobody can sign in for a short session: "+err.Error())
		return true
	}
	opened := time.Now()
	if o := s.lives(session); o != granted {
		if late() || o == unclear && !last {
			return false
		}
		s.unclear(s.rule, s.name, "a short session does not live at all")
		return true
	}
	step, from := s.life+settle, opened
	if s.used {
		step = s.shortest() / 4
	} else {
		from = time.Now() // the look was a use, whenever it came to be answered
	}
	looks, stalled := s.use(session, from, step)
	if !s.used && s.whole > s.life+settle && time.Since(opened) > s.whole {
		stalled = true // it has ended by the other limit meanwhile
	}
	if stalled && !last {
		return false
	}
	// A look renews a session that lives: waiting must not lead to its other end,
	// which tokens tell in whole seconds.
	wait := 3 * time.Second
	if !s.used && s.whole > 0 {
		wait = max(0, min(wait, s.whole-s.life-2*settle-time.Second))
	}
	s.ended(s.diesAt(session.Header(), min(wait, s.spec.Patience), step), stalled || s.used && looks == 0)
	return true
}

// use waits until the session should have ended, and looks at one that is to be
// used. It returns how often it lived while it should, and whether a pause
// between two looks was so long that want of use may have ended it. Where the
// ordinary session is refused too, the portal takes nobody for the moment.
func (s *shortened) use(session probe.Session, opened time.Time, step time.Duration) (looks int, stalled bool) {
	last, end, dead := opened, opened.Add(s.life+settle), false
	ordinary := s.used && s.lives(s.session) == granted
	for time.Now().Before(end) && s.ctx.Err() == nil {
		s.sleep(min(step, max(time.Until(end), 10*time.Millisecond)))
		if !s.used || dead {
			continue
		}
		asked := time.Now()
		switch s.lives(session) {
		case granted:
			last = asked
			if time.Since(opened) < s.life-settle {
				looks++
			}
		case refused:
			if ordinary && s.lives(s.session) != granted {
				stalled = true
				continue
			}
			dead, stalled = true, stalled || s.idle > 0 && asked.Sub(last) > s.idle
		default: // a stumble of the portal: it is used all the same
		}
	}
	return looks, stalled
}

// ended judges a session whose time is over.
func (s *shortened) ended(o outcome, unused bool) {
	switch {
	case !s.living():
		s.unclear(s.rule, s.name, "no ordinary session lives beside the short one, so that nothing can be told")
	case o == granted:
		s.fail(s.rule, s.name, "a session that should have ended by itself is still taken")
	case o == unclear:
		s.unclear(s.rule, s.name, "what the portal answers to a session that should have ended is neither a refusal nor a success")
	case unused:
		s.unclear(s.rule, s.name, "the short session ended sooner than it was said to, so that which limit ended it cannot be told")
	default:
		s.pass(s.rule, s.name, "a session that was shortened for the test ends, beside one that lives")
	}
}
