package latencycheck

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// action is the test of one action.
type action struct {
	Action
	check   *latency
	subject string
	header  http.Header // of the identity, too
	session probe.Session

	settled  bool // nothing is left to decide
	reported map[string]bool
	first    time.Duration // what the first answer took, without the connection
	cold     probe.Phases  // of the first connection
	coldSeen bool
	series   *series
	usual    shape          // of the answer to the control
	delay    time.Duration  // before the first request, so that actions take turns
	kept     int            // requests that are kept for it
	tally    map[string]int // kinds of answers that are no success
	late     int            // requests that this machine sent late
	ended    bool           // from some request on all were refused
	phases   []probe.Phases // of the samples that count
}

// request is the action's request.
func (a *action) request() probe.Request {
	redirects := !slices.ContainsFunc(a.Status, func(s int) bool { return s >= 300 && s < 400 })
	return probe.Request{Method: a.Method, URL: a.URL, Header: a.header, FollowRedirects: redirects, Intent: probe.Active}
}

// prepare sees whether the action works: as a stranger first, which wakes what
// sleeps, then as the identity, and whether a path that does not exist is
// answered otherwise.
func (a *action) prepare() {
	a.header = a.Header.Clone()
	if a.header == nil {
		a.header = http.Header{}
	}
	if a.Actor != nil {
		a.note(a.once(a.request()))
		if !a.signIn() {
			return
		}
	}
	nothing := make(chan probe.Exchange, 1)
	go func() { nothing <- a.elsewhere() }()
	x, reason := a.control()
	y := <-nothing
	switch {
	case reason == "" && (y.Status == 0 || probe.Classify(x, probe.Reference{Sibling: &y}) != probe.Soft404):
	case reason == "":
		a.rest("a path that does not exist gets the same answer, so that it is not known whether the action is done",
			"Check the path, or name in contains a text that only the right answer holds.")
	case a.check.ctx.Err() != nil:
		a.rest("the action takes so long that the time was over before it could be measured", "Raise duration, or make the action faster.")
	default:
		a.rest(reason, a.hint(x))
	}
}

// once makes the action's request on a connection of its own.
func (a *action) once(req probe.Request) probe.Sample {
	if !a.check.take(false) {
		return probe.Sample{Answer: probe.Exchange{Failure: probe.FailOther, Detail: "maximum_requests is used up"}}
	}
	var out probe.Sample
	l := a.check.prober.Load(a.check.ctx, probe.LoadRequest{Request: req, PerSecond: 1, Count: 1})
	out.Answer.Failure, out.Answer.Detail = l.Failure, l.Detail
	for s := range l.Samples {
		out = s
	}
	return out
}

// note keeps how long the first request took, and what its connection cost.
func (a *action) note(s probe.Sample) {
	if s.Answer.Status == 0 {
		return
	}
	if !a.coldSeen && !s.Phases.Reused {
		a.cold, a.coldSeen = s.Phases, true
	}
	a.first = max(a.first, s.Latency-s.Phases.DNS-s.Phases.Connect-s.Phases.TLS)
}

// signIn turns the identity into headers; false if it could not.
func (a *action) signIn() bool {
	if a.Actor == nil {
		return true
	}
	session, err := a.Actor.Live(a.check.ctx, a.check.prober)
	if err != nil {
		a.rest("nobody could sign in as "+a.Actor.Name+": "+err.Error(), "Check portal.sign_in and the identity "+a.Actor.Name+" in provider \"launchready\".")
		return false
	}
	a.session = session
	for name, values := range session.Header() {
		a.header[name] = values
	}
	return true
}

// control makes the action's request until it works, three times at most. It
// returns the answer, or why it says nothing.
func (a *action) control() (probe.Exchange, string) {
	var x probe.Exchange
	kind := wrong
	for range 3 {
		s := a.once(a.request())
		x = s.Answer
		if kind = a.kind(x); kind == answered {
			a.note(s)
			a.usual = a.shapeOf(x)
			return x, ""
		}
	}
	switch kind {
	case throttled:
		return x, "the action is throttled before it is measured"
	case blocked:
		return x, "the edge answers in place of the site"
	}
	what := cmp.Or(x.Detail, "it is answered with "+statusText(x.Status))
	switch {
	case x.Redirect != "":
		what = "it is answered with a redirect to " + plain(x.Redirect)
	case a.leadsToSignIn(x):
		what = "it leads to a sign-in"
	case x.Status >= 200 && x.Status < 300 && a.Contains != "" && !x.Holds(a.Contains):
		what = "the answer does not hold the text in contains"
	case x.Status >= 200 && x.Status < 300 && kind == refused:
		what = "the answer is a refusal that is told with " + strconv.Itoa(x.Status)
	}
	return x, "the action does not work for " + a.who() + ": " + what
}

func (a *action) who() string {
	if a.Actor != nil {
		return a.Actor.Name
	}
	return "a visitor"
}

// hint says what to look at where the control fails.
func (a *action) hint(x probe.Exchange) string {
	switch {
	case x.Challenged(), x.Throttled():
		return "Exempt the user agent or the address of this machine from challenges and rate limits on staging, then run again."
	case x.Status == 0:
		return "Mend what keeps the action from being reached. Where it is reached is set in provider \"launchready\": probe.resolvers, probe.connect_to and probe.timeout."
	case x.Status == http.StatusUnauthorized || x.Status == http.StatusForbidden || x.Redirect != "" || a.leadsToSignIn(x):
		return "Name in identity who may do it, and check path and status of the action."
	}
	return "Check method, path, status and contains of the action, and that it works in a browser."
}

// elsewhere is what a path that does not exist beside the action's is answered;
// the zero value where that tells nothing: a text tells what is right, the front
// page is there by itself, and HEAD has nothing to compare.
func (a *action) elsewhere() probe.Exchange {
	u, err := url.Parse(a.URL)
	if a.Contains != "" || err != nil || strings.Trim(u.Path, "/") == "" || a.Method == http.MethodHead {
		return probe.Exchange{}
	}
	u.Path, u.RawPath = strings.TrimSuffix(u.Path, "/")+"-"+a.check.token, ""
	req := a.request()
	req.URL = u.String()
	return a.once(req).Answer
}

func statusText(status int) string {
	if status == 0 {
		return "nothing"
	}
	return strconv.Itoa(status)
}

func plain(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "an address that cannot be read"
	}
	return u.Scheme + "://" + u.Host + u.Path
}
