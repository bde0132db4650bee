package authzcheck

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

const (
	restoreTime = 20 * time.Second // for putting back what a test has changed
	patience    = 30 * time.Second // the longest that a throttled request is waited for
	batch       = 50               // requests of an identity between two looks at its session
)

// tester is one run of the check.
type tester struct {
	ctx      context.Context
	prober   probe.Prober // counts, and shares connections
	budget   *check.Budget
	report   *readiness.Recorder
	spec     Spec
	host     string
	agents   map[string]*agent
	nowhere  string // a path that does not exist
	rows     []*row
	document *document     // nil = none
	slots    chan struct{} // requests under way

	mu       sync.Mutex
	pages    map[string]func() probe.Exchange // by agent and path
	reported map[string]bool                  // rules that something was said of
	resume   time.Time                        // when a portal that throttles may be asked again

	planned  int
	opened   map[*agent]bool // who has signed in
	sent     atomic.Int64
	extra    atomic.Int64 // requests that a finding or a dead session made necessary
	throttle atomic.Int64
}

// sharing makes every request one that shares connections.
type sharing struct{ probe.Prober }

func (s sharing) Fetch(ctx context.Context, req probe.Request) probe.Exchange {
	req.Reuse = true
	return s.Prober.Fetch(ctx, req)
}

func newTester(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) *tester {
	budget := check.NewBudgetOf(sharing{p}, maxRequests)
	return &tester{
		ctx: ctx, prober: budget, budget: budget, report: report, spec: spec, host: hostOf(spec.BaseURL), nowhere: "/lr-" + drawn(),
		agents: newAgents(spec.Actors), slots: make(chan struct{}, inFlight),
		pages: map[string]func() probe.Exchange{}, reported: map[string]bool{}, opened: map[*agent]bool{},
	}
}

// send makes one request as an agent, when fewer than eight are under way.
func (t *tester) send(a *agent, s shot) probe.Exchange { return t.sendIn(t.ctx, a, s) }

func (t *tester) sendIn(ctx context.Context, a *agent, s shot) probe.Exchange {
	x := t.once(ctx, a, s)
	wait, known := x.RetryAfter(t.prober.Now())
	if !x.Throttled() || !known || wait > patience || s.method != http.MethodGet {
		return x
	}
	t.throttle.Add(1)
	t.extra.Add(1)
	t.mu.Lock()
	if at := time.Now().Add(wait + 100*time.Millisecond); at.After(t.resume) {
		t.resume = at
	}
	t.mu.Unlock()
	return t.once(ctx, a, s)
}

func (t *tester) once(ctx context.Context, a *agent, s shot) probe.Exchange {
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
	case <-ctx.Done():
		return probe.Exchange{Failure: probe.FailTimeout, Detail: "the check was interrupted"}
	}
	t.mu.Lock()
	pause := time.Until(t.resume)
	t.mu.Unlock()
	if pause > 0 {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	header := s.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if header.Get("Accept") == "" {
		header.Set("Accept", "application/json, text/html;q=0.9, */*;q=0.8")
	}
	r, err := t.signed(ctx, a, probe.Request{
		Method: s.method, URL: strings.TrimSuffix(t.spec.BaseURL, "/") + s.target, Header: header, Body: s.body, Intent: probe.Active,
	}, s.target)
	if err != nil {
		return probe.Exchange{Failure: probe.FailOther, Detail: err.Error()}
	}
	t.sent.Add(1)
	return t.prober.Fetch(ctx, r)
}

// signed makes a request that of an agent's session, with a token against forgery
// of its own for what may change state. Anybody gets such a token, and who is not
// signed in must not be refused for the want of one alone.
func (t *tester) signed(ctx context.Context, a *agent, r probe.Request, path string) (probe.Request, error) {
	own := func(header http.Header) probe.Request {
		for name, values := range header {
			r.Header[name] = values
		}
		return r
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return own(a.headers()), nil
	}
	if a.trouble() != "" {
		return r, nil
	}
	a.mu.Lock()
	session, portal := a.session, a.actor.Portal
	a.mu.Unlock()
	if a.anonymous() {
		session, portal = probe.Session{}, t.portal()
	}
	made, err := portal.Complete(ctx, t.prober, session, r, "", path)
	if err != nil {
		return r, err
	}
	// The session's headers win over those of the route, as in what is read.
	for name, values := range session.Header() {
		if name != "Cookie" {
			made.Header[name] = values
		}
	}
	return made, nil
}

// portal is that of the identities; the zero value if none signs in.
func (t *tester) portal() probe.Portal {
	for _, a := range sorted(t.agents) {
		if !a.anonymous() && a.actor.Portal.BaseURL != "" {
			return a.actor.Portal
		}
	}
	return probe.Portal{}
}

// each runs jobs side by side and waits for all.
func each[T any](all []T, do func(T)) {
	var group sync.WaitGroup
	for _, one := range all {
		group.Go(func() { do(one) })
	}
	group.Wait()
}

// success reports whether an answer is one of 2xx, whole.
func success(x probe.Exchange) bool {
	return x.Status >= 200 && x.Status <= 299 && x.Failure == probe.FailNone && !x.Challenged()
}

// said words an answer for a finding.
func said(x probe.Exchange) string {
	switch {
	case x.Status == 0:
		return "nothing (" + x.Detail + ")"
	case x.Challenged():
		return fmt.Sprintf("%d, from the edge", x.Status)
	case x.Failure != probe.FailNone:
		return fmt.Sprintf("%d, cut off before its end (%s)", x.Status, x.Detail)
	case x.Redirect != "":
		return fmt.Sprintf("%d, which leads elsewhere,", x.Status)
	case x.Truncated:
		return fmt.Sprintf("%d, cut off since it is longer than is read,", x.Status)
	}
	return fmt.Sprint(x.Status)
}

// Verdicts. Every one notes that its rule was spoken of.

func (t *tester) note(rule string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reported[rule] = true
}

func (t *tester) pass(rule, subject, message string) {
	t.note(rule)
	t.report.Pass(rule, subject, message)
}

func (t *tester) fail(rule, subject, message string) {
	t.failAs(rule, subject, "", message)
}

func (t *tester) failAs(rule, subject string, severity readiness.Severity, message string) {
	t.note(rule)
	t.report.FailAs(rule, subject, severity, message, "")
}

func (t *tester) none(rule, subject, message string) {
	t.note(rule)
	t.report.NotApplicable(rule, subject, message)
}

func (t *tester) unclear(rule, subject, message string) {
	t.note(rule)
	t.report.InconclusiveAs(rule, subject, message, check.RemedyFor(message, mendControl, causes, check.SignInCauses, check.NetworkCauses))
}
