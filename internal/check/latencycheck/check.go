package latencycheck

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// latency is one run of the check.
type latency struct {
	ctx      context.Context
	prober   probe.Prober
	spec     Spec
	report   *readiness.Recorder
	token    string // of paths that do not exist
	deadline time.Time
	actions  []*action
	network  *network
	left     atomic.Int64 // requests that may still be sent
	waiting  atomic.Int64 // of left, what is kept for actions whose first batch is not over
}

func newCheck(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) *latency {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	c := &latency{ctx: ctx, prober: p, spec: spec, report: report, token: hex.EncodeToString(b[:]), network: new(network)}
	c.left.Store(int64(spec.MaximumRequests))
	same := map[string]int{}
	for _, a := range spec.Actions {
		same[a.subject()]++
	}
	for _, a := range spec.Actions {
		subject := a.subject()
		if same[subject] > 1 { // they differ in what is not shown, such as a query
			subject += " (" + a.Name + ")"
		}
		c.actions = append(c.actions, &action{Action: a, check: c, subject: subject, tally: map[string]int{}, reported: map[string]bool{}})
	}
	return c
}

// coreActions judges which actions are named.
func (c *latency) coreActions() {
	for _, kind := range core() {
		var names []string
		for _, a := range c.spec.Actions {
			if a.Kind == kind {
				names = append(names, a.Name)
			}
		}
		if len(names) == 0 {
			c.report.Fail(ruleUndeclared, string(kind), "none of the actions is of the kind "+string(kind))
			continue
		}
		c.report.Pass(ruleUndeclared, string(kind), "it is measured as "+strings.Join(names, ", "))
	}
}

// rest says of all actions why nothing was decided. An empty remedy means that
// the reason says what to do.
func (c *latency) rest(reason, remedy string) {
	for _, a := range c.actions {
		a.rest(reason, remedy)
	}
}

// alone measures when no other check sends bursts to the hosts: what they make
// the site do would show here. The time of the check begins then.
func (c *latency) alone() {
	for _, host := range c.spec.hosts() {
		if err := c.prober.InScope(host, probe.Active); err != nil {
			c.rest(err.Error(), "Add the host to probe.allowed_hosts in provider \"launchready\" if you may test it.")
			return
		}
	}
	for _, host := range c.spec.hosts() {
		release, err := c.prober.Alone(c.ctx, host)
		if err != nil {
			c.rest("the test was interrupted", "Run again and let it end.")
			return
		}
		defer release()
	}
	started := time.Now()
	c.deadline = started.Add(c.spec.Duration)
	ctx, cancel := context.WithDeadline(c.ctx, c.deadline)
	defer cancel()
	c.ctx = ctx
	c.measure()
	c.report.Observe("duration", fmt.Sprintf("%s of at most %s", time.Since(started).Round(100*time.Millisecond), c.spec.Duration))
}

// measure sees whether the actions work, and sends those that do side by side.
func (c *latency) measure() {
	stop := c.network.begin(c)
	defer stop()
	together(c.actions, (*action).prepare)
	var ready []*action
	for _, a := range c.actions {
		if !a.settled {
			ready = append(ready, a)
		}
	}
	if len(ready) == 0 {
		return
	}
	c.share(ready)
	together(ready, (*action).load)
	stop()
	for _, a := range ready {
		a.judge()
	}
}

// together does something with all actions at once.
func together(actions []*action, do func(*action)) {
	done := make(chan struct{}, len(actions))
	for _, a := range actions {
		go func() { defer func() { done <- struct{}{} }(); do(a) }()
	}
	for range actions {
		<-done
	}
}

// share plans the batches of each action, within the time that is left and, for
// the first of them, within the requests that are.
func (c *latency) share(ready []*action) {
	fair := int(c.left.Load()) / len(ready)
	for i, a := range ready {
		sending := time.Until(c.deadline) - a.Limit - spare
		n := int(sending.Seconds()*c.spec.Rate) - warmUp
		a.series = newSeries(a.Limit, max(n, 0))
		a.delay = time.Duration(float64(i) / float64(len(ready)) / c.spec.Rate * float64(time.Second))
		a.kept = min(fair, warmUp+a.series.next())
		c.waiting.Add(int64(a.kept))
	}
}

// take asks for one more request; held says that it is one of those that are
// kept for the action.
func (c *latency) take(held bool) bool {
	if c.left.Add(-1) < 0 {
		c.left.Add(1)
		return false
	}
	if held {
		c.waiting.Add(-1)
		return true
	}
	if c.left.Load() < c.waiting.Load() {
		c.left.Add(1)
		return false
	}
	return true
}

// publish tells what the whole run took.
func (c *latency) publish() {
	c.report.Observe("requests", fmt.Sprintf("%d of at most %d", c.spec.MaximumRequests-int(c.left.Load()), c.spec.MaximumRequests))
	for _, a := range c.actions {
		a.publish()
	}
	c.network.publish(c)
}
