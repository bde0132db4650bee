package portal

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// buckets of the latency histogram, in seconds.
var buckets = []float64{0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5}

// requestKey is what requests are counted by.
type requestKey struct {
	method, route string
	code          int
}

// metrics are the portal's counters.
type metrics struct {
	mu       sync.Mutex
	requests map[requestKey]int
	bounced  int
	invited  int
	slow     []int // by bucket, each alone
	sum      float64
}

func newMetrics() *metrics {
	return &metrics{requests: map[requestKey]int{}, slow: make([]int, len(buckets)+1)}
}

func (m *metrics) count(key requestKey, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests[key]++
	at, _ := slices.BinarySearch(buckets, took.Seconds())
	m.slow[at]++
	m.sum += took.Seconds()
}

func (m *metrics) bounce() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bounced++
}

func (m *metrics) invite() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.invited++
}

// WriteMetrics writes the counters in Prometheus's text format (version 0.0.4).
func (p *Portal) WriteMetrics(w io.Writer) {
	m := p.metrics
	m.mu.Lock()
	defer m.mu.Unlock()
	var b strings.Builder
	b.WriteString("# HELP http_requests_total Requests by method, route and status.\n# TYPE http_requests_total counter\n")
	keys := slices.SortedFunc(maps.Keys(m.requests), func(a, b requestKey) int {
		return cmp.Or(cmp.Compare(a.route, b.route), cmp.Compare(a.method, b.method), cmp.Compare(a.code, b.code))
	})
	for _, k := range keys {
		fmt.Fprintf(&b, "http_requests_total{method=%q,route=%q,code=\"%d\"} %d\n", k.method, k.route, k.code, m.requests[k])
	}
	fmt.Fprintf(&b, "# HELP portal_mail_bounced_total Mail that could not be delivered.\n# TYPE portal_mail_bounced_total counter\nportal_mail_bounced_total %d\n", m.bounced)
	fmt.Fprintf(&b, "# HELP portal_invites_total Invitations sent.\n# TYPE portal_invites_total counter\nportal_invites_total %d\n", m.invited)
	b.WriteString("# HELP http_request_duration_seconds How long answers take.\n# TYPE http_request_duration_seconds histogram\n")
	total := 0
	for i, le := range buckets {
		total += m.slow[i]
		fmt.Fprintf(&b, "http_request_duration_seconds_bucket{le=\"%g\"} %d\n", le, total)
	}
	total += m.slow[len(buckets)]
	fmt.Fprintf(&b, "http_request_duration_seconds_bucket{le=\"+Inf\"} %d\nhttp_request_duration_seconds_sum %g\nhttp_request_duration_seconds_count %d\n", total, m.sum, total)
	_, _ = io.WriteString(w, b.String()) // who scrapes has gone if this fails
}

// measured counts requests, and reports those that are refused or fail.
func (p *Portal) measured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := p.options.Now()
		v, r := newVisit(r)
		out := &counted{ResponseWriter: w}
		next.ServeHTTP(out, r)
		status := cmp.Or(out.status, http.StatusOK)
		if status != http.StatusUnauthorized || !p.On(RefusalsUncounted) {
			p.metrics.count(requestKey{r.Method, routeLabel(v.route), status}, p.options.Now().Sub(started))
		}
		if v.told || status != http.StatusUnauthorized && status != http.StatusForbidden && status < 500 {
			return
		}
		e := Event{Level: "warning", Event: EventRefused, Outcome: "failure", Status: status, Route: routeLabel(v.route)}
		if status >= 500 {
			e.Level, e.Event = "error", EventError
		}
		if u, ok := p.current(r); ok {
			e.User = u.ID
		}
		p.tell(p.about(r, e))
	})
}

// routeLabel is a route as a metric names it: a pattern, never an address, of
// which there are too many.
func routeLabel(pattern string) string {
	if _, path, ok := strings.Cut(pattern, " "); ok {
		pattern = path
	}
	return cmp.Or(pattern, "other")
}

// counted notes the status of an answer.
type counted struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (c *counted) WriteHeader(status int) {
	if c.status == 0 && status >= 200 {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }
