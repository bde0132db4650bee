package ratecheck

import (
	"net/http"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// alone tests the endpoint when no other check sends bursts to its host: they
// would count against each other.
func (s *session) alone() {
	release, err := s.prober.Alone(s.ctx, hostOf(s.e.URL))
	if err != nil {
		s.rest(readiness.Inconclusive, "the test was interrupted")
		return
	}
	defer release()
	s.run()
}

// run tests the endpoint: single requests first, then a burst at one account,
// what may evade the brake while it holds, and that it lets go.
func (s *session) run() {
	if err := s.prober.InScope(hostOf(s.e.URL), probe.Active); err != nil {
		s.rest(readiness.Inconclusive, err.Error())
		return
	}
	letters := s.openMailbox() // before the first request, which may send a message too
	defer letters.close()
	if reason := s.controls(); reason != "" {
		s.rest(readiness.Inconclusive, reason)
		return
	}

	t := s.twice(s.count(), s.only(s.account))
	judged := t.judge()
	if judged == throttled && s.outage() {
		judged = breaking
	}
	switch judged {
	case breaking:
		s.fail(ruleBreaksApp, "the application fails during the burst")
		s.rest(readiness.Inconclusive, "the application fails before it can be seen whether it throttles: mend rate.burst_breaks_app first")
	case unsure:
		if s.locked {
			s.silent()
			break
		}
		letters.count()
		if t.busy {
			s.rest(readiness.Inconclusive, "answers came slower and slower, and so did those to a path that does not exist: a brake that delays cannot be told from a busy server. Run again when the portal has little to do, or let it answer with 429")
			break
		}
		s.rest(readiness.Inconclusive, "too many answers of the burst say nothing of a brake: they are lost, failures, or unlike the first one")
	case unthrottled:
		s.unbraked(letters)
	case throttled:
		switch s.letsRight() {
		case proven:
			s.fail(ruleMissing, "throttled attempts are told so, but a right password among them signs in all the same: guessing goes on behind the brake")
		case partly:
			s.unclear(ruleMissing, "throttled attempts are told so, but a right password among them signed in some times, and whether it always does would need too many requests: lower requests")
		}
		s.pass(ruleMissing, "the endpoint is throttled")
		s.braked(t)
		letters.count()
	}
	if s.ctx.Err() != nil {
		s.rest(readiness.Inconclusive, "the test was interrupted")
	}
	s.pass(ruleBreaksApp, "the application bears the burst")
	s.rest(readiness.NotApplicable, "not asked for")
}

// controls makes single requests: a wrong attempt, a right one where that is
// known, one at a path that does not exist, and one of the control. It returns
// why nothing can be learnt.
func (s *session) controls() string {
	x := s.first()
	s.control, s.usual = x, x.Duration
	s.told.refused(x.Body)
	s.tryRight()
	// Where a right password works, a refusal of any kind is one of the wrong one.
	if reason := unusable(x, s.e); reason != "" && (s.right == nil || x.Status >= 500 || x.Throttled() || x.Challenged()) {
		return reason
	}
	if again := s.one(s.wrong(s.account)); again.Status != 0 { // so that one slow answer is no measure
		s.usual = min(s.usual, again.Duration)
		if c, _ := s.judge(again); c == processed {
			s.told.refused(again.Body)
		}
	}
	if !s.e.SkipPaths {
		d := s.warm(s.elsewhere())
		s.decoy = &d
	}
	if c := s.e.Control; c != nil && !s.controlWorks() {
		s.pause(min(s.e.Within, 2*time.Second)) // the requests before it may have been one too many
		if !s.controlWorks() {
			s.members = "the control does not work before the burst either"
		}
	}
	return ""
}

// outage reports whether 503 is answered to what has no limit of its own either:
// then the application has failed.
func (s *session) outage() bool {
	if s.block.Status != http.StatusServiceUnavailable || s.block.Throttled() || nginxPage.Match(s.block.Body) {
		return false
	}
	if s.decoy != nil && s.decoy.Status < 500 {
		x := s.one(s.elsewhere())
		return x.Status == 0 || x.Status >= 500
	}
	return s.e.Control == nil || s.members != "" || !s.controlWorks()
}

// elsewhere is the request at a path that does not exist.
func (s *session) elsewhere() probe.Request {
	r := s.wrong(s.account)
	r.URL = withPath(r.URL, func(path string) string { return strings.TrimSuffix(path, "/") + "-" + s.token })
	return r
}

// first makes the first request, again where an earlier test may still hold.
func (s *session) first() probe.Exchange {
	var x probe.Exchange
	for range 3 {
		x = s.one(s.wrong(s.account))
		wait, known := x.RetryAfter(s.prober.Now())
		switch {
		case x.Throttled() && known:
			s.pause(min(wait, longestWait) + 200*time.Millisecond)
		case x.Throttled() || x.Status >= 500 || x.Status == 0 && x.Failure != probe.FailScope && x.Failure != probe.FailDNS:
			s.pause(min(s.e.Within, 2*time.Second))
		default:
			s.tally, s.brakes, s.timed, s.untimed = map[string]int{}, map[brake]int{}, 0, 0
			return x
		}
	}
	return x
}

// knowsPassword reports whether there is a right password to try.
func (s *session) knowsPassword() bool {
	return len(s.e.Accounts) > 0 && s.e.Accounts[0].Password != "" && s.e.uses(passwordMark)
}

// tryRight signs in with the right password, where there is one.
func (s *session) tryRight() {
	if !s.knowsPassword() || s.control.Status == 0 {
		return
	}
	for range 3 {
		x := s.one(s.rightRequest(s.account))
		if x.Status >= 200 && x.Status < 400 && (!s.same(x) || !alike(x, s.control)) {
			s.right = &x
			s.told.right.add(x.Body)
			return
		}
		// Others may have tried wrong passwords a moment ago, so that the attempts
		// before this one locked the account.
		wait, known := x.RetryAfter(s.prober.Now())
		switch {
		case x.Throttled() && known && wait <= s.lockout:
			s.pause(min(wait, longestWait) + settle)
		case x.Throttled() || x.Status == http.StatusLocked:
			s.pause(min(s.e.Within, 2*time.Second))
		default:
			return
		}
	}
}

// controlWorks asks whether the control's request succeeds.
func (s *session) controlWorks() bool {
	c := s.e.Control
	x := s.prober.Burst(s.ctx, probe.BurstRequest{
		Request: probe.Request{Method: http.MethodGet, URL: c.URL, Header: c.Header}, Count: 1, Budget: s.budget,
	}).Last()
	return x.Status >= 200 && x.Status < 300 && !x.Challenged()
}

// unbraked is where no answer of two bursts was held.
func (s *session) unbraked(letters *letters) {
	switch {
	case s.locked:
		s.silent()
	case letters.count() && letters.few():
		s.pass(ruleMissing, "every request gets the same answer, but hardly any sends a message")
		s.rest(readiness.NotApplicable, "the brake shows in the mailbox alone")
	case !s.signsIn() && s.turned:
		s.pass(ruleBreaksApp, "the application bears the burst")
		s.rest(readiness.Inconclusive, "the answers of the burst became others and stayed so, and whether those are of a brake cannot be told by their words")
	case s.unproven() != "":
		s.rest(readiness.Inconclusive, "none of the requests of the burst was throttled, but "+s.unproven())
	default:
		s.fail(ruleMissing, "none of the requests of the burst was throttled")
		s.pass(ruleBreaksApp, "the application bears the burst")
		s.rest(readiness.NotApplicable, "there is no brake that it could be told of: mend rate.missing first")
	}
}

// unproven says why it is not known that the endpoint processes what the burst
// sends it; "" if it does.
func (s *session) unproven() string {
	switch {
	case s.signsIn():
		return ""
	case s.knowsPassword():
		return "the right password of the first account does not sign in there either: check the body, the identity, and whether the account is locked"
	case s.decoy != nil && s.same(*s.decoy) && s.decoy.Redirect == s.control.Redirect && alike(*s.decoy, s.control):
		return "a path that does not exist gets the same answer: check the address, or name accounts with a password, so that it is seen to work"
	}
	return ""
}

// braked goes on where the burst was throttled.
func (s *session) braked(t trial) {
	s.bearable = max(t.first-1, 0)
	s.controlKept()
	perAccount := s.secondAccount()
	s.evasions()
	s.recoverAll()
	s.lateness(t)
	s.counters(perAccount)
	s.signs()
	s.leave()
}

// controlKept asks whether the control still works while the brake holds.
func (s *session) controlKept() {
	switch {
	case s.e.Control == nil:
		s.none(ruleMembers, "no control is named that must go on working")
	case s.members != "":
		s.unclear(ruleMembers, s.members)
	case s.controlWorks():
		s.pass(ruleMembers, "the control goes on working during the burst")
	default:
		s.pause(time.Second)
		if s.controlWorks() {
			s.pass(ruleMembers, "the control goes on working during the burst")
			return
		}
		s.fail(ruleMembers, "after the burst the control is kept out as well")
	}
}

// lateness judges when the brake acted; a late one is measured twice.
func (s *session) lateness(t trial) {
	if t.delayed || t.first <= s.late() {
		s.pass(ruleLate, "the endpoint is throttled within the allowed number of requests")
		return
	}
	// A window that slides forgets the last attempt as much later as the burst took.
	s.pause(min(t.took, s.e.Within))
	if s.budget.Left() > s.count()+10 && s.free() {
		if again := s.try(s.count(), s.only(s.account)); again.first > 0 && again.first <= s.late() {
			s.pass(ruleLate, "the endpoint is throttled within the allowed number of requests")
			return
		}
	}
	s.fail(ruleLate, "the endpoint is throttled only after more requests than are allowed")
}

// free reports whether a wrong attempt is processed now.
func (s *session) free() bool {
	c, _ := s.judge(s.one(s.wrong(s.account)))
	return c == processed
}

// signs judges how the brake shows.
func (s *session) signs() {
	switch {
	case s.timed == 0:
		s.none(ruleNoRetry, "no answer has status 429")
	case s.untimed == s.timed:
		s.fail(ruleNoRetry, "answers with 429 do not say when to come back")
	default:
		s.pass(ruleNoRetry, "answers with 429 say when to come back")
	}
	wrong := s.brakes[byRefusal] + s.brakes[byAbsence]
	if s.brakes[byText] > 0 && badStatus(s.block.Status) {
		wrong += s.brakes[byText]
	}
	right := s.brakes[byStatus] + s.brakes[byPage] + s.brakes[byDelay]
	if wrong > right {
		s.fail(ruleStatus, "throttled requests are answered with a status that does not say so")
		return
	}
	s.pass(ruleStatus, "throttled requests are answered as such")
}

func badStatus(status int) bool { return status < 300 || status == 403 || status >= 500 }

// brief is a rest of a brake that nobody waits for at the end: whoever comes next
// is told how short it is.
const brief = 2*time.Second + settle

// leave waits until the brake has let go, so that it is in the way of nothing
// that comes after.
func (s *session) leave() {
	if s.blockAt.IsZero() || s.ctx.Err() != nil {
		return
	}
	left, known := s.block.RetryAfter(s.prober.Now())
	if s.block.Throttled() && known && time.Until(s.blockAt.Add(left)) < brief {
		return
	}
	s.wait()
}
