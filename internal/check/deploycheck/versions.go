package deploycheck

import (
	"fmt"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// versions judges which release production runs.
func (s *session) versions() {
	at := s.production
	subject := at.host
	from, first, reason := s.locate(at)
	switch {
	case first == "" && reason != "":
		s.report.Inconclusive(ruleVersionEndpoint, subject, reason)
		s.report.Inconclusive(ruleVersionExpected, subject, reason)
		return
	case first == "":
		s.report.Fail(ruleVersionEndpoint, subject, "no usual place, nor the one that production.version names, gives the release")
		s.report.Undecided(ruleVersionExpected, subject, "production does not say which release it is")
		return
	}
	subject, at.place = at.at(from.Path), from.place
	live := s.settle(at, from)
	s.report.Observe("production release", live.names())
	if len(live.seen) == 0 {
		s.report.Inconclusive(ruleVersionEndpoint, subject, live.lost)
		s.report.Inconclusive(ruleVersionExpected, subject, live.lost)
		return
	}
	at.release, at.mixed = live.seen[0], len(live.seen) > 1
	for _, r := range live.seen {
		if r.is(release(s.spec.ExpectedVersion)) {
			at.release = r
		}
	}
	s.judgeSpread(at, from, first, live, subject)
	s.judgeExpected(live, subject)
}

// settle asks again where answers differ: a deploy may have come between.
func (s *session) settle(at *site, from source) spread {
	live := s.sample(at, from)
	if len(live.seen) > 1 && !s.rollingOut() {
		live = s.sample(at, from)
	}
	return live
}

func (s *session) rollingOut() bool { return s.prober.Now().Before(s.spec.RolloutUntil) }

// judgeSpread decides whether all answers agree, and that no cache has kept one.
func (s *session) judgeSpread(at *site, from source, first release, live spread, subject string) {
	switch {
	case len(live.seen) > 2, len(live.seen) == 2 && !s.rollingOut():
		s.report.Fail(ruleVersionEndpoint, subject, "answers differ, so that more than one release is live: "+live.names())
		return
	case live.lost != "":
		s.report.Inconclusive(ruleVersionEndpoint, subject, live.lost)
		return
	case len(live.seen) == 2:
		s.report.Pass(ruleVersionEndpoint, subject, "production gives two releases while the roll-out lasts")
		return
	}
	if first != live.seen[0] { // which was asked for by its plain address
		x := s.prober.Fetch(s.ctx, at.request(from.Path))
		if again := from.read(x); again != "" && again != live.seen[0] {
			s.report.FailAs(ruleVersionEndpoint, subject, "", fmt.Sprintf("a cache gives the release %s, and production itself %s%s", again, live.seen[0], cached(x)),
				"Send Cache-Control: no-store with the release, and let no cache rule override it.")
			return
		}
	}
	s.report.Pass(ruleVersionEndpoint, subject, "every answer gives one release")
}

// cached says what shows that an answer came from a cache.
func cached(x probe.Exchange) string {
	switch {
	case x.Header.Get("Cf-Cache-Status") == "HIT":
		return ": the answer has CF-Cache-Status: HIT"
	case x.Header.Get("Age") != "":
		return ": the answer has an Age"
	}
	return ""
}

// judgeExpected compares with what was meant.
func (s *session) judgeExpected(live spread, subject string) {
	want := release(s.spec.ExpectedVersion)
	if want == "" {
		s.report.Undecided(ruleVersionExpected, subject, "nobody has said which release is meant: expected_version is not set")
		return
	}
	right := 0
	for _, r := range live.seen {
		if r.is(want) {
			right++
		}
	}
	switch {
	case right == 0:
		s.report.Fail(ruleVersionExpected, subject, fmt.Sprintf("production runs %s; %s was meant", live.names(), want))
	case right < len(live.seen) && !s.rollingOut():
		s.report.Fail(ruleVersionExpected, subject, fmt.Sprintf("production runs %s; %s alone was meant", live.names(), want))
	case live.lost != "":
		s.report.Inconclusive(ruleVersionExpected, subject, live.lost)
	default:
		s.report.Pass(ruleVersionExpected, subject, "production runs the release that was meant")
	}
}
