package ratecheck

import (
	"strconv"
)

// counter is what the brake of the first burst counts by.
type counter int

const (
	uncounted counter = iota // cannot be told
	byAccount                // another account goes on
	byAddress                // another account is held as well
)

const noAccount = "the request names no account: {{account}} stands nowhere"

// secondAccount tries another account while the first one is held.
func (s *session) secondAccount() counter {
	switch {
	case !s.e.uses(accountMark):
		s.none(ruleAccount, noAccount)
		s.none(ruleAddress, noAccount)
		return uncounted
	case s.e.Kind.mails() && len(s.e.Accounts) == 0:
		s.none(ruleAccount, "it is seen only with two test accounts")
		s.none(ruleAddress, "no messages are sent to invented addresses, and no second account is named")
		return uncounted
	}
	if len(s.e.Accounts) == 0 {
		s.none(ruleAccount, "it is seen only with two test accounts")
	}
	if s.e.Scope == ByAccount {
		s.none(ruleAddress, "the limit is declared to count by account")
	}
	for range 2 {
		seen := s.compare()
		if seen != uncounted || !s.arm() {
			return seen
		}
	}
	return uncounted
}

// compare sends attempts at the other account, with proof that the first one is
// still held.
func (s *session) compare() counter {
	passed, stopped := 0, 0
	for range 3 {
		c, _ := s.judge(s.one(s.wrong(s.other)))
		switch c {
		case processed:
			passed++
		case held:
			stopped++
		}
		if passed == 2 || stopped == 2 {
			break
		}
	}
	switch {
	case stopped >= 2:
		s.pass(ruleAddress, heldByAddress)
		return byAddress
	case passed >= 2 && s.holding():
		s.pass(ruleAccount, "attempts at one account are limited, whatever is tried at another")
		return byAccount
	}
	return uncounted
}

// counters looks for the counter that the first burst did not show.
func (s *session) counters(first counter) {
	switch first {
	case byAccount:
		if !s.reported[ruleAddress] {
			s.spray()
		}
	case byAddress:
		if !s.reported[ruleAccount] {
			s.insist()
		}
	default:
		const why = "the brake does not hold long enough for another account to be tried"
		s.unclear(ruleAccount, why)
		s.unclear(ruleAddress, why)
	}
}

// heldByAddress is what is known in the end, however it was seen: which of two
// brakes answers first is a matter of chance.
const heldByAddress = "attempts at other accounts from one address are held as well"

// spray tries many accounts once each, none of which exists.
func (s *session) spray() {
	if s.e.Kind.mails() {
		s.none(ruleAddress, "no messages are sent to invented addresses")
		return
	}
	count := min(s.late()+5, (s.budget.Left()-reserve)/2)
	if count < s.e.Requests {
		s.unclear(ruleAddress, "more than 200 requests would be needed: lower requests")
		return
	}
	run := 0
	next := func() trial {
		run++
		round := strconv.Itoa(run)
		return s.try(count, func(i int) string { return s.invented(round + "-" + strconv.Itoa(i)) })
	}
	t := next()
	if t.judge() != throttled {
		t = next()
	}
	switch t.judge() {
	case throttled:
		s.pass(ruleAddress, heldByAddress)
	case unthrottled:
		s.fail(ruleAddress, "attempts at many accounts from one address are not limited")
	default:
		s.unclear(ruleAddress, "too many answers say nothing of a brake")
	}
}

// insist goes on at one account each time that the brake by address lets go: if
// the account has a counter of its own, it is held longer than the other one.
func (s *session) insist() {
	for range 6 {
		if s.reported[ruleAccount] || s.ctx.Err() != nil || s.budget.Left() < reserve+5 {
			break
		}
		if s.lately(s.account) > max(s.e.Requests, lettings*s.bearable) {
			s.fail(ruleAccount, "attempts at one account go on each time that the limit by address lets go")
			return
		}
		t := s.try(min(s.count(), s.budget.Left()-reserve), s.only(s.account))
		if t.judge() == unthrottled {
			continue
		}
		if s.compare() == byAccount {
			return
		}
		s.wait()
		if !s.free() && s.compare() == byAccount {
			return
		}
	}
	s.none(ruleAccount, "the limit by address holds attempts at an account below what one by account would stop, so that it cannot be seen from one address")
}

// lettings is how often the limit by address must have let attempts at one account
// go on: a counter by account that bears as many at once shows no sooner.
const lettings = 3

// lately counts the attempts at an account that were processed within six times
// the time in which they should have been throttled: a minute for ten seconds. A
// limit by address that is slower than that keeps a counter by account from
// showing, and is no proof that there is none.
func (s *session) lately(account string) int {
	n, since := 0, s.prober.Now().Add(-6*s.e.Within)
	for _, at := range s.processedAt[account] {
		if at.After(since) {
			n++
		}
	}
	return n
}
