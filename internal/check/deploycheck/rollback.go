package deploycheck

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// DefaultRollbackAge is how old a drill, and the release before, may be.
const DefaultRollbackAge = 90 * 24 * time.Hour

// Rollback says how the release before is brought back.
type Rollback struct {
	Endpoint     *ReleaseList
	Previous     string // the release before, where no endpoint tells it
	PreviousDate time.Time
	Drilled      *Drilled
	MaximumAge   time.Duration // 0 = DefaultRollbackAge
}

// ReleaseList is an endpoint of production that tells it, by JSON pointers.
type ReleaseList struct {
	Path                                        string
	Previous, PreviousDate, Drilled, RestoredIn string
}

// Drilled is a person's word that going back was tried.
type Drilled struct {
	Date       time.Time
	Owner      string
	RestoredIn string // how long it took
	Evidence   string
}

// rollback judges that the release before is there, and that going back to it was
// tried.
func (s *session) rollback() {
	host := s.production.host
	previous, drill := host+" (previous release)", host+" (drill)"
	r := s.spec.Rollback
	if r == nil {
		s.report.Undecided(ruleRollback, previous, "nobody has said how the release before is brought back: rollback is not set")
		return
	}
	facts, reason := s.rollbackFacts(*r)
	age := cmp.Or(r.MaximumAge, DefaultRollbackAge)
	now := s.prober.Now()
	live := s.production.release
	switch {
	case facts.Previous == "" && reason != "":
		s.report.Inconclusive(ruleRollback, previous, reason)
	case facts.Previous == "":
		s.report.Fail(ruleRollback, previous, "there is no release to go back to")
	case live != "" && !s.production.mixed && live.is(release(facts.Previous)):
		s.report.Fail(ruleRollback, previous, "the release that is named as the one before is the one that runs")
	case !facts.PreviousDate.IsZero() && facts.PreviousDate.After(now.AddDate(0, 0, 1)):
		s.report.Fail(ruleRollback, previous, "the release before has a date in the future")
	case !facts.PreviousDate.IsZero() && now.Sub(facts.PreviousDate) > age:
		s.report.Fail(ruleRollback, previous, fmt.Sprintf("the release before is older than %s", days(age)))
	default:
		s.report.Pass(ruleRollback, previous, "there is a release to go back to")
	}
	d := facts.Drilled
	switch {
	case (d == nil || d.Date.IsZero()) && reason != "":
		s.report.Inconclusive(ruleRollback, drill, reason)
	case d == nil || d.Date.IsZero():
		s.report.Fail(ruleRollback, drill, "nobody has ever tried to go back")
	case d.Date.After(now.AddDate(0, 0, 1)):
		s.report.Fail(ruleRollback, drill, "the drill has a date in the future")
	case now.Sub(d.Date) > age:
		s.report.Fail(ruleRollback, drill, fmt.Sprintf("the last time that going back was tried is longer ago than %s", days(age)))
	case strings.TrimSpace(d.RestoredIn) == "":
		s.report.Fail(ruleRollback, drill, "it is not said how long going back took")
	default:
		s.report.Pass(ruleRollback, drill, "going back was tried, and it is known how long it takes")
	}
}

// days is a duration as people say it.
func days(d time.Duration) string {
	if n := int(d / (24 * time.Hour)); n > 0 {
		return fmt.Sprintf("%d days", n)
	}
	return d.String()
}

// rollbackFacts are what an endpoint tells, and where it says nothing what the
// user does. reason is why it could not be asked.
func (s *session) rollbackFacts(r Rollback) (facts Rollback, reason string) {
	facts = r
	e := r.Endpoint
	if e == nil {
		return facts, ""
	}
	x := s.prober.Fetch(s.ctx, s.production.request(e.Path))
	if reason := unseen(x); reason != "" {
		return facts, s.production.at(e.Path) + ": " + reason
	}
	if _, ok := anObject(x.Body); x.Status != 200 || !ok {
		return facts, fmt.Sprintf("%s is answered %d and is no JSON object that tells the releases", s.production.at(e.Path), x.Status)
	}
	at := func(pointer, usual string) string {
		text, _ := probe.TextAt(x.Body, cmp.Or(pointer, usual))
		return strings.TrimSpace(text)
	}
	if text := at(e.Previous, "/previous/version"); releaseName().MatchString(text) {
		facts.Previous, facts.PreviousDate = text, dateIn(at(e.PreviousDate, "/previous/released_at"))
	}
	if date := dateIn(at(e.Drilled, "/rollback/drilled_at")); !date.IsZero() && r.Drilled == nil {
		facts.Drilled = &Drilled{Date: date, RestoredIn: at(e.RestoredIn, "/rollback/restored_in")}
	}
	return facts, ""
}

// dateIn reads a time or a day; zero if it is neither.
func dateIn(text string) time.Time {
	for _, form := range []string{time.RFC3339Nano, time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return t
		}
	}
	return time.Time{}
}
