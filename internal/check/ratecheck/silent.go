package ratecheck

import (
	"strconv"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// silentLock reports whether a right password no longer works.
func (s *session) silentLock() bool {
	if !s.signsIn() {
		return false
	}
	for range 2 {
		x := s.one(s.rightRequest(s.account))
		if x.Status == 0 || x.Status >= 500 || s.succeeded(x) {
			return false
		}
	}
	return true
}

// learn sees whether a right password is refused after a burst that met no brake
// that is known as one. If what is answered then differs from what a wrong one is
// answered at first, those are the words of the brake, and the burst is judged anew.
func (s *session) learn(t trial) trial {
	if s.locked || t.judge() == throttled || !s.silentLock() {
		return t
	}
	s.locked = true
	x := s.one(s.wrong(s.account))
	if x.Status == 0 || x.Status >= 500 || repeats(x, s.control) || repeats(x, *s.right) {
		return t
	}
	s.learnt = &x
	again := trial{delayed: t.delayed, busy: t.busy, seen: t.seen, took: t.took}
	shown := 0
	for _, x := range t.seen {
		c, how := s.judge(x)
		if again.add(c, how); how == byText {
			shown++
		}
	}
	if again.judge() != throttled || again.first == 1 {
		s.learnt = nil
		return t
	}
	s.brakes[byText] += shown
	s.block, s.blockAt = x, time.Now()
	return again
}

// turned reports whether the answers of a burst became others at some point and
// stayed so: that may be a brake in words that are not known.
func (t trial) turned(control probe.Exchange) bool {
	const tail = 5
	if len(t.seen) < 2*tail || !repeats(t.seen[0], control) {
		return false
	}
	last := t.seen[len(t.seen)-1]
	for _, x := range t.seen[len(t.seen)-tail:] {
		if x.Status == 0 || !repeats(x, last) || repeats(x, control) {
			return false
		}
	}
	return true
}

// silent is where a right password is refused as well.
func (s *session) silent() {
	s.brakes[bySilence]++
	s.pass(ruleMissing, "after the burst a right password is refused as well: attempts are stopped in silence")
	s.none(ruleLate, "the brake does not show in an answer")
	s.recoverAll()
	s.spraySilently()
	s.rest(readiness.NotApplicable, "the brake does not show in an answer, so that evading it cannot be told")
}

// letsRight reports whether a right password signs in while wrong ones are told
// that they are too many: who guesses need only go on. A brake that lets some
// requests through lets a right one through by chance, so that it must succeed
// each of some times, directly behind a wrong one that is held, where another
// wrong one is held as well.
func (s *session) letsRight() proof {
	if !s.signsIn() || s.delaying { // an attempt that is delayed is answered in the end
		return disproved
	}
	const rounds, enough = 6, 4
	let, kept, leaked := 0, 0, 0
	for i := range 2 * rounds {
		switch right := i%4 == 0 || i%4 == 3; { // each as often behind the other
		case !s.behindHeld():
		case right && !s.succeeded(s.one(s.rightRequest(s.account))):
			return disproved
		case right:
			let++
		default:
			if c, _ := s.judge(s.one(s.wrong(s.account))); c == held {
				kept++
			} else {
				leaked++
			}
		}
		if let >= enough && kept >= enough-1 && leaked <= 1 {
			return proven
		}
	}
	if let >= 2 && leaked < 2 {
		return partly
	}
	return disproved
}

// behindHeld reports whether a wrong attempt has just been held while the brake
// holds, so that what is sent now comes directly behind it.
func (s *session) behindHeld() bool {
	if s.budget.Left() < reserve+9 || !s.holding() && !s.arm() {
		return false
	}
	c, _ := s.judge(s.one(s.wrong(s.account)))
	return c == held
}

// spraySilently is spray for a brake that does not show: whether the address is
// held after attempts at many accounts is told by a right password.
func (s *session) spraySilently() {
	switch {
	case s.reported[ruleAddress]:
		return
	case !s.e.uses(accountMark):
		s.none(ruleAddress, noAccount)
		return
	case s.e.Scope == ByAccount:
		s.none(ruleAddress, "the limit is declared to count by account")
		return
	case s.e.Kind.mails():
		s.none(ruleAddress, "no messages are sent to invented addresses")
		return
	case !s.open():
		s.unclear(ruleAddress, "the brake does not let go, so that attempts at other accounts cannot be told from those at this one")
		return
	}
	count := min(s.late()+5, s.budget.Left()-reserve)
	if count < s.e.Requests {
		s.unclear(ruleAddress, "more than 200 requests would be needed: lower requests")
		return
	}
	t := s.try(count, func(i int) string { return s.invented("s-" + strconv.Itoa(i)) })
	switch {
	case t.judge() == throttled || !s.opens():
		s.pass(ruleAddress, heldByAddress)
	case t.judge() == unthrottled:
		s.fail(ruleAddress, "attempts at many accounts from one address are not limited")
	default:
		s.unclear(ruleAddress, "too many answers say nothing of a brake")
	}
}

// opens is open, asked again where the answer is no: one may be lost.
func (s *session) opens() bool {
	for range 2 {
		if s.open() {
			return true
		}
	}
	return false
}
