package ratecheck

import (
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// trial is what a burst showed.
type trial struct {
	sent    int
	first   int     // number of the first answer that was held, from 1; 0 = none
	tail    []class // from there on
	failed  int     // 5xx
	lost    int     // without an answer
	odd     int
	absent  int  // 503 without a time to come back
	delayed bool // the answers came slower and slower
	busy    bool // as did those at a path that does not exist: the server has much to do
	seen    []probe.Exchange
	took    time.Duration // from the first request to the last answer
}

// judgement is what a trial comes to.
type judgement int

const (
	unthrottled judgement = iota
	throttled
	breaking // the application fails
	unsure
)

// The shares of the answers behind the first held one that are let through: a
// bucket that fills again lets some through, and is a brake all the same.
const (
	mostLeaked  = 0.6
	leastPassed = 0.8
)

func (t trial) leaked() float64 {
	n := 0
	for _, c := range t.tail {
		if c == processed {
			n++
		}
	}
	return float64(n) / float64(max(len(t.tail), 1))
}

func (t trial) judge() judgement {
	switch {
	case t.sent == 0:
		return unsure
	case t.delayed:
		return throttled
	case t.first > 0 && t.leaked() <= mostLeaked:
		return throttled
	case t.failed+t.absent > max(2, t.sent/10):
		return breaking
	case (t.lost+t.failed)*5 > t.sent, t.odd*2 > t.sent:
		return unsure
	case t.first > 0 && t.leaked() < leastPassed, t.busy:
		return unsure
	}
	return unthrottled
}

// enough reports whether a burst need not go on.
func (t trial) enough() bool {
	switch {
	case t.first == 0:
		return t.failed >= 5 || t.lost >= 5
	case len(t.tail) < 5:
		return false
	case t.leaked() <= 0.2:
		return true
	}
	return len(t.tail) >= 15
}

// count is how many requests a burst has at most.
func (s *session) count() int {
	return min(max(2*s.e.Requests, s.e.Requests+10), MaxRequests+10)
}

// late is the number of the answer from which a brake comes too late. Counters
// at the edge run some seconds behind, so that half as many again are borne.
func (s *session) late() int { return s.e.Requests + (s.e.Requests+1)/2 }

// pace is the requests a second at which twice the allowed number is sent in
// the time given.
func (s *session) pace() float64 {
	return max(2*float64(s.e.Requests)/s.e.Within.Seconds(), 0.5)
}

// try sends a burst of wrong attempts; at says at which account the i-th is.
func (s *session) try(count int, at func(i int) string) trial {
	var t trial
	began := time.Now()
	quick := s.burst(&t, 0, count, 5, at)
	t.took = time.Since(began)
	if !quick {
		return t
	}
	if s.delayed(&t) {
		return t
	}
	s.burst(&t, t.sent, count-t.sent, 1, at) // what is left, no faster than it is answered
	if t.busy && t.judge() == unsure {
		s.delayed(&t) // it may have less to do by now
	}
	return t
}

// delayed reports whether attempts are slowed down, and notes where it cannot be told.
func (s *session) delayed(t *trial) bool {
	var slow bool
	if slow, t.busy = s.lingers(); !slow || t.busy {
		return false
	}
	s.delaying, t.delayed = true, true
	s.brakes[byDelay]++
	s.blockAt = time.Now()
	return true
}

// burst sends attempts from a number on and adds them to the trial. It returns
// true where it ended because the answers came slower and slower.
func (s *session) burst(t *trial, from, count, inFlight int, at func(i int) string) bool {
	live := *t
	var times []time.Duration
	result := s.prober.Burst(s.ctx, probe.BurstRequest{
		Request: s.wrong(at(from)), Count: count, PerSecond: s.pace(), InFlight: inFlight, Budget: s.budget,
		Vary: func(i int, r *probe.Request) {
			next := s.wrong(at(from + i))
			r.URL, r.Body, r.Header = next.URL, next.Body, next.Header
		},
		Stop: func(_ int, x probe.Exchange) bool {
			live.add(s.judge(x))
			times = append(times, x.Duration)
			return live.enough() || from == 0 && s.drags(times)
		},
	})
	if result.Protocol != probe.AnyProtocol {
		s.protocol = result.Protocol
	}
	times = nil
	for i, x := range result.Exchanges {
		c, how := s.note(x)
		if c == processed {
			s.processedAt[at(from+i)] = append(s.processedAt[at(from+i)], s.prober.Now())
			if at(from+i) == s.account {
				s.told.refused(x.Body)
			}
		}
		t.add(c, how)
		t.seen = append(t.seen, x)
		times = append(times, x.Duration)
	}
	return t.first == 0 && from == 0 && s.drags(times)
}

func (t *trial) add(c class, how brake) {
	t.sent++
	if how == byAbsence {
		t.absent++
	}
	switch c {
	case held:
		if t.first == 0 {
			t.first = t.sent
		}
	case failed:
		t.failed++
	case lost:
		t.lost++
	case odd:
		t.odd++
	}
	if t.first > 0 {
		t.tail = append(t.tail, c)
	}
}

// twice makes a trial, and another one where the first would be a violation.
func (s *session) twice(count int, at func(i int) string) trial {
	t := s.try(count, at)
	if t = s.learn(t); s.locked {
		return t
	}
	if j := t.judge(); j == throttled || j == unsure && (t.sent == 0 || t.busy) {
		return t
	}
	s.turned = t.turned(s.control)
	s.pause(min(s.e.Within, time.Second))
	second := s.try(count, at)
	if second.sent == 0 {
		return t
	}
	return s.learn(second)
}

func (s *session) only(account string) func(int) string { return func(int) string { return account } }
