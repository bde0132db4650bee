package authzcheck

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// attacks asks for every row as everybody else, those who may and those who may
// not. The session of each is looked at every 50 requests: one that died is
// renewed, and what it asked since is asked again.
func (t *tester) attacks() {
	queues := map[*agent][]*row{}
	for _, r := range t.reads() {
		if r.problem != "" || r.shell {
			continue
		}
		for _, a := range slices.Concat(r.denied, r.allowed) {
			r.attempts[a.name] = &attempt{agent: a}
			queues[a] = append(queues[a], r)
		}
	}
	each(sorted(t.agents), func(a *agent) {
		for part := range slices.Chunk(queues[a], batch) {
			t.ask(a, part)
		}
	})
	each(t.reads(), func(r *row) {
		for _, a := range slices.Concat(r.denied, r.allowed) {
			if at := r.attempts[a.name]; at != nil {
				t.judge(r, at)
			}
		}
	})
}

func (t *tester) ask(a *agent, rows []*row) {
	for try := 0; ; try++ {
		if a.trouble() != "" {
			return
		}
		each(rows, func(r *row) { r.attempts[a.name].x = t.send(a, r.request(nil)) })
		if t.alive(a) {
			return
		}
		if try > 0 {
			a.fail(fmt.Sprintf("the session of %s ends while it is used", a.name))
			return
		}
		t.extra.Add(int64(len(rows) + 1))
		t.renew(a)
	}
}

// judge decides what an attempt shows. Evidence counts whatever the status is.
func (t *tester) judge(r *row, at *attempt) {
	if slices.Contains(r.allowed, at.agent) {
		at.held = r.evidence.seen(at.x)
		switch problem := at.agent.trouble(); {
		case problem != "":
			at.outcome, at.reason = unknown, problem
		case r.evidence.enough(at.held):
			at.outcome = leaked
		case undecided(at.x) != "":
			at.outcome, at.reason = unknown, fmt.Sprintf("%s is answered %s", at.agent.known(), undecided(at.x))
		default:
			at.outcome = refused
		}
		return
	}
	at.outcome, at.reason, at.held = t.shows(r, at.agent, r.request(nil), at.x)
	if at.outcome == leaked && cachedAnswer(at.x) {
		past := t.extraSend(at.agent, uncached(r.request(nil)))
		at.cached = len(r.evidence.seen(past)) == 0
	}
}

// doubts is how often more is asked where an answer holds only a part of what
// the owner sees: a tip of the day may be the same a few times.
const doubts = 3

// shows decides what an answer to somebody else's request shows: a leak stands
// when it is seen again.
func (t *tester) shows(r *row, a *agent, s shot, x probe.Exchange) (outcome, string, []string) {
	if problem := a.trouble(); problem != "" {
		return unknown, problem, nil
	}
	seen := r.evidence.seen(x)
	if len(seen) > 0 {
		seen = t.confirm(r, a, s, seen)
		for i := 0; i < doubts && len(seen) > 0 && !r.evidence.enough(seen); i++ { // it may be there by chance
			seen = t.confirm(r, a, s, seen)
		}
	}
	switch {
	case r.evidence.enough(seen) && len(r.evidence.facts) > 0 && r.kind == List && !a.anonymous():
		return unknown, fmt.Sprintf("%s is answered the same as the owner, and nothing in it tells whose it is: set marker", a.known()), seen
	case r.evidence.enough(seen):
		return leaked, "", seen
	case len(seen) > 0:
		return unknown, fmt.Sprintf("the answer to %s holds a part of what the owner sees: set marker to what nobody else may see", a.known()), seen
	}
	if reason := undecided(x); reason != "" {
		return unknown, fmt.Sprintf("%s is answered %s", a.known(), reason), nil
	}
	return refused, "", nil
}

// undecided says why an answer without evidence is no refusal; empty if it is one.
func undecided(x probe.Exchange) string {
	switch {
	case x.Status == 0:
		return "nothing: " + x.Detail
	case x.Challenged() && !strings.Contains(strings.ToLower(x.Redirect+string(x.Body[:min(len(x.Body), 4096)])), "cloudflareaccess"):
		return "by the edge in place of the portal: exempt this machine from its challenge"
	case x.Throttled():
		return "that there are too many requests"
	case x.Failure != probe.FailNone:
		return "in part: " + x.Detail
	case x.Status >= http.StatusInternalServerError:
		return fmt.Sprintf("%d, a failure", x.Status)
	}
	return ""
}

// confirm asks again, and takes out of what was seen what is not there any more,
// what the same agent is shown for a thing that does not exist, and what stands
// in the agent's own views.
func (t *tester) confirm(r *row, a *agent, s shot, seen []string) []string {
	keep := func(keep func(string) bool) {
		seen = slices.DeleteFunc(slices.Clone(seen), func(text string) bool { return !keep(text) })
	}
	again := t.extraSend(a, s)
	keep(func(text string) bool { return slices.Contains(r.evidence.seen(again), text) })
	if r.evidence.marker == "" && !r.evidence.anyID {
		shown := r.evidence.seen(t.extraSend(a, r.missing()))
		keep(func(text string) bool { return !slices.Contains(shown, text) })
	}
	owner := r.evidence.seen(t.extraSend(r.owner, r.request(nil)))
	keep(func(text string) bool { return slices.Contains(owner, text) })
	if r.evidence.marker == "" {
		for _, v := range a.views {
			keep(func(text string) bool { return !v.holds(text) })
		}
	}
	return seen
}

// extraSend is a request that only a finding makes necessary.
func (t *tester) extraSend(a *agent, s shot) probe.Exchange {
	t.extra.Add(1)
	return t.send(a, s)
}

// cachedAnswer reports whether a shared cache says that it answered.
func cachedAnswer(x probe.Exchange) bool {
	age := x.Header.Get("Age")
	if age != "" && age != "0" {
		return true
	}
	for _, name := range []string{"Cf-Cache-Status", "X-Cache", "X-Cache-Status", "X-Vercel-Cache", "X-Proxy-Cache", "X-Varnish-Cache", "Cache-Status"} {
		if strings.Contains(strings.ToLower(x.Header.Get(name)), "hit") {
			return true
		}
	}
	return false
}

// uncached is a request that no cache has an answer to.
func uncached(s shot) shot {
	glue := "?"
	if strings.Contains(s.target, "?") {
		glue = "&"
	}
	s.target += glue + url.QueryEscape("launchready-"+drawn()) + "=1"
	return s.with("Cache-Control", "no-cache")
}
