package supportcheck

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// drillAge is how old the statement about a drill may be.
const drillAge = 180 * 24 * time.Hour

// drill judges the statement that somebody has followed the runbook.
func (s *session) drill() {
	d := s.spec.Drill
	switch {
	case d == nil:
		s.report.Undecided(ruleDrill, whole, "nobody has stated that somebody else has followed the runbook: drill is not set")
	case s.prober.Now().Sub(d.Date) > drillAge:
		s.report.Fail(ruleDrill, whole, "the drill was more than 180 days ago")
	case d.Date.After(s.prober.Now().Add(24 * time.Hour)):
		s.report.Fail(ruleDrill, whole, "the drill is dated in the future")
	default:
		s.report.Pass(ruleDrill, whole, fmt.Sprintf("%s (%s, %s, %s)", d.Statement, d.Owner, d.Date.Format(time.DateOnly), d.Evidence))
	}
}

// samePage is from where on two answers are one page.
const samePage = 0.95

// selfService asks whether the pages by which members help themselves are there.
// A path beside each, which does not exist, shows what an absent page looks like.
func (s *session) selfService() {
	if len(s.spec.SelfService) == 0 {
		s.report.NotApplicable(ruleSelfService, whole, "self_service names no pages")
		return
	}
	names := slices.Sorted(maps.Keys(s.spec.SelfService))
	check.Beside(len(names), pagesAtOnce, func(i int) { s.selfServicePage(names[i], s.spec.SelfService[names[i]]) })
}

// pagesAtOnce bounds the pages that are asked for side by side.
const pagesAtOnce = 4

func (s *session) selfServicePage(name, address string) {
	u, err := url.Parse(address)
	if err != nil {
		s.report.Inconclusive(ruleSelfService, name, "its address cannot be read")
		return
	}
	x := s.knock(address)
	if absent(x) {
		s.rest(min(s.spec.Recheck, time.Second)) // a deployment under way
		x = s.knock(address)
	}
	beside := *u
	beside.Path, beside.RawPath = strings.TrimSuffix(u.Path, "/")+"-x7q2k9", ""
	s.judgePage(name, x, s.knock(beside.String()))
}

// knock is one GET that follows no redirect: where a page leads who is not signed
// in tells enough, and the page of the sign-in may count its visitors.
func (s *session) knock(address string) probe.Exchange {
	return s.prober.Fetch(s.ctx, probe.Request{Method: http.MethodGet, URL: address, Intent: probe.Passive, Retry: true, Reuse: true, TrustAnyCert: true})
}

func (s *session) judgePage(name string, x, beside probe.Exchange) {
	switch {
	case x.Status == 0:
		s.report.Inconclusive(ruleSelfService, name, "the page did not answer: "+x.Detail)
	case absent(x):
		s.report.Fail(ruleSelfService, name, "the page does not exist: the answer is "+strconv.Itoa(x.Status))
	case x.Challenged() || x.Throttled() || x.Status >= 500 || x.Failure != "":
		s.report.Inconclusive(ruleSelfService, name, "the answer does not tell whether the page is there: "+strconv.Itoa(x.Status))
	case beside.Status == 0 || beside.Throttled():
		s.report.Inconclusive(ruleSelfService, name, "a path that does not exist got no answer to compare with")
	case x.Status == beside.Status && (where(x) == where(beside) || probe.Similarity(x.Body, beside.Body) >= samePage):
		s.report.InconclusiveAs(ruleSelfService, name, "a path that does not exist gets the same answer",
			"Let the server answer 404 to paths that it does not know, or waive the rule with a reason once somebody has opened the page.")
	case x.Status >= 200 && x.Status < 400 || x.Status == http.StatusUnauthorized || x.Status == http.StatusForbidden:
		s.report.Pass(ruleSelfService, name, "the page answers")
	default:
		s.report.Fail(ruleSelfService, name, "the page answers "+strconv.Itoa(x.Status))
	}
}

// where an answer came from, or leads to.
func where(x probe.Exchange) string {
	target := x.FinalURL
	if x.Redirect != "" {
		target = x.Redirect
	}
	u, err := url.Parse(target)
	if err != nil {
		return target
	}
	return u.Host + u.Path
}

// statusPage asks whether the declared page answers.
func (s *session) statusPage() {
	if s.spec.StatusPage == "" {
		s.report.NotApplicable(ruleStatusPage, whole, "status_page is not set")
		return
	}
	u, err := url.Parse(s.spec.StatusPage)
	if err != nil {
		s.report.Inconclusive(ruleStatusPage, whole, "its address cannot be read")
		return
	}
	answer := s.up(u)
	if answer.fate == dead && s.rest(s.spec.Recheck) {
		answer = s.up(u)
	}
	switch answer.fate {
	case alive:
		s.report.Pass(ruleStatusPage, shown(u), "the page answers")
	case dead:
		s.report.Fail(ruleStatusPage, shown(u), answer.reason+", twice")
	default:
		s.report.InconclusiveAt(ruleStatusPage, shown(u), readiness.Low, answer.reason, seeLink)
	}
}

// up tells whether a page that is for everybody answers.
func (s *session) up(u *url.URL) seen {
	x := s.get(probe.Fresh(s.ctx), u.String(), maxPage)
	switch {
	case x.Failure == probe.FailDNS:
		answer := s.unresolved(probe.Fresh(s.ctx), u.Hostname())
		answer.reason = strings.TrimSuffix(answer.reason, ", twice")
		return answer
	case x.Failure == probe.FailRefused:
		return seen{fate: dead, reason: "the connection is refused"}
	case x.Status == 0:
		return seen{fate: unsure, reason: "there was no answer: " + x.Detail}
	case x.Challenged() || x.Throttled() || x.Status == http.StatusUnauthorized || x.Status == http.StatusForbidden:
		return seen{fate: unsure, reason: "the answer does not tell whether the page is up: " + strconv.Itoa(x.Status)}
	case x.Status >= 200 && x.Status < 400:
		return seen{fate: alive}
	}
	return seen{fate: dead, reason: "the answer is " + strconv.Itoa(x.Status)}
}
