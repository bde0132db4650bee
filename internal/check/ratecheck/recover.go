package ratecheck

import "time"

const (
	settle    = 200 * time.Millisecond // that clocks may differ by
	tolerance = 2 * time.Second        // that a stated time may be off by
	absurd    = 24 * time.Hour
)

// recoverAll waits for the brake to let go. What Retry-After says is honoured, and
// held against it.
func (s *session) recoverAll() {
	end := s.blockAt.Add(s.lockout)
	if s.blockAt.IsZero() {
		end = time.Now().Add(s.lockout)
	}
	stated, known := s.block.RetryAfter(s.prober.Now())
	switch {
	case s.blockAt.IsZero() || !known:
		s.none(ruleRetryLies, "no answer has Retry-After")
	case stated > absurd:
		s.fail(ruleRetryLies, "Retry-After names more than a day")
	case stated > longestWait:
		s.none(ruleRetryLies, "Retry-After names more than is waited for")
	case s.blockAt.Add(stated + tolerance).After(end):
		s.none(ruleRetryLies, "Retry-After names more than maximum_lockout")
	default:
		switch s.keepsWord(stated) {
		case released:
			s.pass(ruleRetryLies, "requests pass after the time that Retry-After names")
			s.pass(ruleLockout, "the brake lets go in time")
			return
		case stillHeld:
			s.fail(ruleRetryLies, "requests are still throttled after the time that Retry-After names")
		default:
			s.unclear(ruleRetryLies, "whether requests pass after the time that Retry-After names was not seen to the end")
		}
	}
	switch s.lasts(end, stated, known) {
	case released:
		s.pass(ruleLockout, "the brake lets go in time")
	case stillHeld:
		s.fail(ruleLockout, "the brake still holds after the longest time that it may")
	default:
		s.unclear(ruleLockout, "whether the brake lets go was not seen to the end")
	}
}

// keepsWord waits as long as Retry-After said. A first answer that is still held
// may be the clocks; one that is held again, after what it then said, is not.
func (s *session) keepsWord(stated time.Duration) release {
	at := s.blockAt
	s.pause(time.Until(at.Add(stated + settle)))
	if s.open() {
		return released
	}
	// Where two counters held, the account's may hold on: nobody else's does.
	if !s.reported[ruleAccount] && s.e.uses(accountMark) {
		s.compare()
	}
	end := time.Now() // of two looks with tolerance, which is when the last of three is due
	for i, slack := range []time.Duration{settle, tolerance, tolerance} {
		again, known := s.block.RetryAfter(s.prober.Now())
		switch {
		case s.ctx.Err() != nil || s.budget.Left() == 0:
			return unseen
		case !known || again > longestWait:
			return stillHeld
		}
		look := s.blockAt.Add(again + slack)
		if i < 2 {
			end = end.Add(again + tolerance)
		} else if look.After(end) {
			look = end
		}
		s.pause(time.Until(look))
		if s.open() {
			return released
		}
	}
	if s.ctx.Err() != nil {
		return unseen
	}
	return stillHeld
}

// open reports whether the account can be used: a right password succeeds, where
// it is known, or else a wrong attempt is processed.
func (s *session) open() bool {
	if s.signsIn() {
		return s.succeeded(s.one(s.rightRequest(s.account)))
	}
	return s.free()
}

// release is how the wait for the brake ended.
type release int

const (
	unseen release = iota
	released
	stillHeld
)

// lasts waits until the brake lets go or the end has come. It looks seldom, and
// ever more so: some brakes begin anew with every request.
func (s *session) lasts(end time.Time, stated time.Duration, known bool) release {
	wait := max(min(s.e.Within, 10*time.Second), 200*time.Millisecond)
	for {
		late := !time.Now().Before(end)
		if s.open() {
			return released
		}
		switch {
		case s.ctx.Err() != nil || s.budget.Left() < 2:
			return unseen
		case late:
			return stillHeld
		}
		next := time.Now().Add(wait)
		if at := s.blockAt.Add(stated + settle); known && stated >= wait && at.After(time.Now()) && at.Before(next.Add(wait)) {
			next = at
		}
		if next.After(end) {
			next = end
		}
		s.pause(time.Until(next))
		wait *= 2
	}
}

// wait stays away until the brake should have let go.
func (s *session) wait() {
	wait, known := s.block.RetryAfter(s.prober.Now())
	if !known {
		wait = s.e.Within
	}
	s.pause(time.Until(s.blockAt.Add(min(wait, longestWait, s.lockout) + settle)))
}
