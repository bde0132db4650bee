package deploycheck

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// Drill lets a dependency of staging fail, and mends it again.
type Drill struct {
	Dependency     string // its name, such as database
	Break, Restore Request
	Header         http.Header   // of an identity that may do it
	Within         time.Duration // in which the endpoint must show it; 0 = defaultWithin
}

// Request is one of a drill.
type Request struct {
	Method string // empty = POST
	Path   string
	Body   string
}

const (
	defaultWithin = 30 * time.Second
	drillPause    = 250 * time.Millisecond
	longestPause  = 2 * time.Second
	restoring     = 30 * time.Second
)

// Memory keeps the outcome of a drill.
type Memory struct {
	mu      sync.Mutex
	outcome *outcome
}

// outcome is what a drill showed.
type outcome struct {
	subject         string
	failed          bool   // the endpoint stayed 200
	reason, remedy  string // why it tells nothing; empty if it does
	restored, asked bool
}

// drill judges on staging whether the fault of a dependency shows. It is made once.
func (s *session) drill() {
	const what = " (dependencies)"
	if s.staging == nil {
		s.report.NotApplicable(ruleHealth, s.production.host+what, "a dependency is made to fail on staging alone, and none is named")
		return
	}
	subject := s.staging.host + what
	if s.spec.Staging.Drill == nil {
		s.report.Undecided(ruleHealth, subject, "whether the fault of a dependency shows is not known: staging.drill is not set")
		return
	}
	memory := s.spec.Memory
	memory.mu.Lock()
	defer memory.mu.Unlock()
	if memory.outcome == nil {
		memory.outcome = s.breakOne(*s.spec.Staging.Drill)
	}
	o := memory.outcome
	switch {
	case o.asked && !o.restored:
		s.report.InconclusiveAs(ruleHealth, subject, "the dependency was made to fail, and could not be mended: staging may still lack it", "Mend the dependency by hand, and look at staging.drill.restore.")
	case o.reason != "":
		s.report.InconclusiveAs(ruleHealth, subject, o.reason, o.remedy)
	case o.failed:
		s.report.Fail(ruleHealth, subject, fmt.Sprintf("%s answers 200 while the dependency %s is down", o.subject, s.spec.Staging.Drill.Dependency))
	default:
		s.report.Pass(ruleHealth, subject, "the fault of a dependency shows, and goes when it is mended")
	}
}

// breakOne sees the endpoint healthy, lets the dependency fail, sees it say so,
// and sees it healthy again. What was broken is mended whatever happens.
func (s *session) breakOne(d Drill) *outcome {
	at := s.staging
	out := &outcome{remedy: "Mend what kept the drill from being made, then run again."}
	if at.walled != "" {
		out.reason, out.remedy = at.walled, throughTheWall
		return out
	}
	path, reason := s.endpoint(at, cmp.Or(at.Readiness, at.Health), slices.Concat(usualReadiness, usualHealth))
	switch {
	case reason != "":
		out.reason = reason
		return out
	case path == "":
		out.reason, out.remedy = "no usual path of staging tells whether it is ready", "Name it in staging.readiness."
		return out
	}
	out.subject = at.at(path)
	if x := s.fresh(at, path); x.Status < 200 || x.Status > 299 {
		out.reason, out.remedy = "staging is not ready before anything was broken", "Mend staging first."
		return out
	}
	out.asked = true
	x := s.act(s.ctx, d, d.Break)
	if x.Status < 200 || x.Status > 299 {
		// Refused or lost: it may have been done all the same.
		out.restored = s.restore(d) || x.Status >= 400 && x.Status < 500
		out.reason, out.remedy = refusedDrill(x), "Look at staging.drill.break: its method, path and body, and its identity."
		return out
	}
	shown, told := s.becomes(s.ctx, at, path, false, cmp.Or(d.Within, defaultWithin))
	if out.failed = !shown; !told {
		out.reason, out.remedy = "while the dependency was down nothing told whether staging is ready", "Let "+out.subject+" answer in time, and exempt this machine from limits and challenges while it tests."
	}
	if out.restored = s.restore(d); out.restored {
		out.restored, _ = s.becomes(context.WithoutCancel(s.ctx), at, path, true, restoring)
	}
	return out
}

func refusedDrill(x probe.Exchange) string {
	if x.Status == 0 {
		return "the drill was not made: " + cmp.Or(x.Detail, "no answer")
	}
	return fmt.Sprintf("the drill was not made: the request was answered %d", x.Status)
}

// act sends a request of the drill.
func (s *session) act(ctx context.Context, d Drill, r Request) probe.Exchange {
	header := s.staging.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	for name, values := range d.Header {
		header[name] = values
	}
	if r.Body != "" && header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/json")
	}
	return s.prober.Fetch(ctx, probe.Request{Method: cmp.Or(r.Method, http.MethodPost), URL: s.staging.URL + r.Path, Header: header, Body: []byte(r.Body), Intent: probe.Active})
}

// restore mends the dependency, also when the run was interrupted.
func (s *session) restore(d Drill) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), restoring)
	defer cancel()
	for range 3 {
		if x := s.act(ctx, d, d.Restore); x.Status >= 200 && x.Status < 300 {
			return true
		}
	}
	return false
}

// becomes waits until the endpoint is ready, or is not. told says that the latest
// answer is the endpoint's: one that is lost, or of a limit, is neither.
func (s *session) becomes(ctx context.Context, at *site, path string, ready bool, within time.Duration) (yes, told bool) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for pause := drillPause; ; pause = min(2*pause, longestPause) {
		r := at.request(path)
		r.URL = busted(r.URL)
		x := s.prober.Fetch(ctx, r)
		if x.Status != 0 || ctx.Err() == nil { // what the end of the time cut says nothing
			told = x.Status != 0 && x.Status != http.StatusTooManyRequests && !x.Challenged()
		}
		if told && x.Status != 0 && (x.Status >= 200 && x.Status <= 299) == ready {
			return true, true
		}
		select {
		case <-ctx.Done():
			return false, told
		case <-time.After(pause):
		}
	}
}
