package latencycheck

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// network is what the way to the site takes by itself: an address that costs the
// site nothing, or where there is none the connection (one round trip).
type network struct {
	mu     sync.Mutex
	source string          // what was measured, for people
	values []time.Duration // in the order they were measured
}

// tracePath is what Cloudflare's edge answers by itself, at every proxied host.
const tracePath = "/cdn-cgi/trace"

const (
	fewest       = 3                      // values that tell anything
	quickest     = 500 * time.Millisecond // between two
	moved        = 2                      // times as slow: something has changed
	noticeableOf = 10                     // a tenth of the limit: less does not matter
)

// begin measures beside the load, from before it until the end. The function
// that it returns ends that, and may be called twice.
func (n *network) begin(c *latency) (stop func()) {
	ctx, cancel := context.WithCancel(c.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.measure(ctx, c)
	}()
	return func() { cancel(); <-done }
}

func (n *network) measure(ctx context.Context, c *latency) {
	interval := max(c.spec.Duration/baselines, quickest)
	req := probe.Request{URL: c.spec.Baseline, Intent: probe.Active}
	if req.URL != "" {
		n.source = "the address in baseline"
		n.load(ctx, c, req, interval)
		return
	}
	req.URL = rootOf(c.spec.Actions[0].URL) + tracePath
	if x := n.ask(ctx, c, req).Answer; x.Status == http.StatusOK && bytes.Contains(x.Body, []byte("\ncolo=")) {
		n.source = "the edge"
		n.load(ctx, c, req, interval)
		return
	}
	n.source = "the connection"
	req.Method = http.MethodHead
	for ctx.Err() == nil {
		if s := n.ask(ctx, c, req); s.Phases.Connect > 0 && !s.Cut {
			n.add(s.Phases.Connect)
		}
		select {
		case <-ctx.Done():
		case <-time.After(interval):
		}
	}
}

// ask makes one request on a connection of its own.
func (n *network) ask(ctx context.Context, c *latency, req probe.Request) (out probe.Sample) {
	if !c.take(false) {
		return out
	}
	for s := range c.prober.Load(ctx, probe.LoadRequest{Request: req, PerSecond: 1, Count: 1}).Samples {
		out = s
	}
	return out
}

// load asks again and again on one connection. The first answer pays for that.
func (n *network) load(ctx context.Context, c *latency, req probe.Request, interval time.Duration) {
	take := func() bool { return c.take(false) }
	for s := range c.prober.Load(ctx, probe.LoadRequest{Request: req, PerSecond: 1 / interval.Seconds(), Count: baselines, Take: take}).Samples {
		if s.Ended && !s.Cut && s.Phases.Reused && s.Answer.Status > 0 && s.Answer.Status < 400 {
			n.add(s.Latency)
		}
	}
}

func (n *network) add(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.values = append(n.values, d)
}

// trouble says why slow answers may be the network's doing; "" if nothing does.
// What the network adds makes answers slower, never faster: a pass needs no
// excuse.
func (n *network) trouble(c *latency, limit time.Duration) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	count := len(n.values)
	if count < fewest {
		if c.spec.Baseline != "" {
			return "the address in baseline does not answer, so that the site cannot be told from the way to it"
		}
		return ""
	}
	if median(n.values) > c.spec.MaximumBaseline {
		return fmt.Sprintf("the way to the site alone takes longer than %s (maximum_baseline) from here", c.spec.MaximumBaseline)
	}
	before, after := median(n.values[:count/2]), median(n.values[count/2:])
	slower, faster := max(before, after), min(before, after)
	if slower > moved*faster && slower-faster > limit/noticeableOf {
		return "the way to the site became faster or slower while it was measured"
	}
	return ""
}

func (n *network) publish(c *latency) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.values) > 0 {
		c.report.Observe("baseline", fmt.Sprintf("%s, %d times (%s)", shown(median(n.values)), len(n.values), n.source))
	}
}

func median(values []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return 0
	}
	return sorted[rank(len(sorted), 0.5)-1]
}
