package corscheck

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// endpoint is one endpoint under test.
type endpoint struct {
	Endpoint
	prober  probe.Prober
	trusted []string // declared
	report  *readiness.Recorder

	url     *url.URL
	origins origins
	base    probe.Exchange            // without an Origin
	answers map[string]probe.Exchange // by Origin
	// private is set where the answer is the identity's: who has no credentials
	// is given another.
	private    bool
	preflights map[string]probe.Exchange // of the strangers and the trusted, by Origin
}

const (
	broadMethod = http.MethodDelete
	// pageSimilarity is from where on two answers are one.
	pageSimilarity = 0.95
	// apart is by how much the identity's answer must be less like a stranger's
	// than those are like one another, where they differ each time.
	apart = 0.2
)

func (e *endpoint) run(ctx context.Context) {
	var err error
	if e.url, err = url.Parse(e.URL); err != nil || e.url.Hostname() == "" {
		e.all("the endpoint is no address", e.report.Inconclusive)
		return
	}
	e.url.Fragment, e.url.User = "", nil
	e.origins = family(e.url, e.trusted)
	if why := e.controls(ctx); why != "" {
		e.all(why, e.report.Inconclusive)
		return
	}
	e.ask(ctx)
	e.judge()
}

// all reports the same outcome for every rule.
func (e *endpoint) all(message string, report func(rule, subject, message string)) {
	for _, r := range rules() {
		report(r.ID, e.subject(), message)
	}
}

// controls sees whether the endpoint works for its identity. An endpoint that
// cannot be read is judged by its preflights alone.
func (e *endpoint) controls(ctx context.Context) (why string) {
	if !e.reads() {
		e.base = e.fetch(ctx, http.MethodOptions, "", nil)
		return unusable(e.base, true)
	}
	var anonymous probe.Exchange
	var both sync.WaitGroup
	both.Go(func() { e.base = e.fetch(ctx, e.method(), "", e.Header) })
	if len(e.Header) > 0 {
		both.Go(func() { anonymous = e.fetch(ctx, e.method(), "", nil) })
	}
	both.Wait()
	if why := unusable(e.base, true); why != "" {
		return why
	}
	if len(e.Header) == 0 {
		return ""
	}
	if why := unusable(anonymous, true); why != "" {
		return why
	}
	e.private = succeeded(e.base) && !(succeeded(anonymous) && probe.Similarity(e.base.Body, anonymous.Body) >= pageSimilarity)
	if !e.private || !succeeded(anonymous) {
		return ""
	}
	// Strangers are given something else. If they are so each time, as where an
	// answer is drawn, that is no sign of the identity.
	again := e.fetch(ctx, e.method(), "", nil)
	if why := unusable(again, true); why != "" {
		return why
	}
	steady := probe.Similarity(again.Body, anonymous.Body)
	e.private = steady >= pageSimilarity || probe.Similarity(e.base.Body, anonymous.Body) <= steady-apart
	return ""
}

// fetch makes one request with an Origin, at a query of its own: another
// visitor's answer in a cache would tell of that visitor's origin. Credentials
// travel only over TLS that verifies, and to hosts that active probes may go to.
func (e *endpoint) fetch(ctx context.Context, method, origin string, header http.Header) probe.Exchange {
	busted := *e.url
	if busted.RawQuery != "" {
		busted.RawQuery += "&"
	}
	busted.RawQuery += "lrcb=" + random()
	req := probe.Request{Method: method, URL: busted.String(), Header: header.Clone(), TrustAnyCert: len(header) == 0, Retry: true, Reuse: true}
	if len(header) > 0 {
		req.Intent = probe.Active
	}
	if req.Header == nil {
		req.Header = http.Header{}
	}
	if origin != "" {
		req.Header.Set("Origin", origin)
	}
	return e.prober.Fetch(ctx, req)
}

// preflight asks as a browser does before it sends a request (Fetch standard
// section 4.8): without credentials.
func (e *endpoint) preflight(ctx context.Context, origin, method, headers string) probe.Exchange {
	h := http.Header{"Access-Control-Request-Method": {method}}
	if headers != "" {
		h.Set("Access-Control-Request-Headers", headers)
	}
	busted := *e.url
	if busted.RawQuery != "" {
		busted.RawQuery += "&"
	}
	busted.RawQuery += "lrcb=" + random()
	h.Set("Origin", origin)
	return e.prober.Fetch(ctx, probe.Request{Method: http.MethodOptions, URL: busted.String(), Header: h, TrustAnyCert: true, Retry: true, Reuse: true})
}

// ask sends every payload: that one origin is refused says nothing of the next.
func (e *endpoint) ask(ctx context.Context) {
	e.answers, e.preflights = map[string]probe.Exchange{}, map[string]probe.Exchange{}
	var mu sync.Mutex
	var all sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	into := func(m map[string]probe.Exchange, origin string, get func() probe.Exchange) {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			x := get()
			if x.Status >= http.StatusInternalServerError && succeeded(e.base) {
				x = get() // a stumble of the portal is neither a refusal of the origin nor of the identity
			}
			mu.Lock()
			defer mu.Unlock()
			m[origin] = x
		})
	}
	for _, origin := range append(append(e.origins.hostile(), "null"), e.origins.trusted...) {
		into(e.answers, origin, func() probe.Exchange {
			if e.reads() {
				return e.fetch(ctx, e.method(), origin, e.Header)
			}
			return e.preflight(ctx, origin, e.method(), "")
		})
	}
	into(e.preflights, e.origins.strangers[0], func() probe.Exchange {
		return e.preflight(ctx, e.origins.strangers[0], broadMethod, "authorization")
	})
	for _, origin := range e.origins.trusted {
		if e.asksFirst() {
			into(e.preflights, origin, func() probe.Exchange { return e.preflight(ctx, origin, e.method(), e.unsafeHeaders()) })
		}
	}
	all.Wait()
}

// asksFirst reports whether a browser would send a preflight (Fetch standard
// section 2.2.1 and 2.2.2): for other methods, and for other headers.
func (e *endpoint) asksFirst() bool {
	switch e.method() {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return e.unsafeHeaders() != ""
	}
	return true
}

// unsafeHeaders are the credentials that a script must set itself, in lower case.
func (e *endpoint) unsafeHeaders() string {
	var names []string
	for name := range e.Header {
		if !strings.EqualFold(name, "Cookie") {
			names = append(names, strings.ToLower(name))
		}
	}
	return strings.Join(sorted(names), ",")
}

// byCookie reports whether the identity's credentials are ones that browsers
// add by themselves.
func (e *endpoint) byCookie() bool { return e.Header.Get("Cookie") != "" }

func succeeded(x probe.Exchange) bool {
	return x.Failure == probe.FailNone && x.Status >= 200 && x.Status <= 299
}

// unusable says why an answer says nothing of the endpoint; empty if it does. A
// server may refuse an origin with an error of its own: only without one is a
// 5xx a fault.
func unusable(x probe.Exchange, control bool) string {
	switch probe.Classify(x, probe.Reference{}) {
	case probe.EdgeBlock:
		return "the edge answered in place of the endpoint: exempt this machine from its challenges, by address or by a secret header"
	case probe.Throttled:
		return "the requests of the check are throttled: exempt this machine from the limit, or run again later"
	case probe.Failed:
		if x.Failure != probe.FailNone {
			return "no answer: " + x.Detail
		}
		if control {
			return fmt.Sprintf("the endpoint answers with status %d", x.Status)
		}
	}
	return ""
}
