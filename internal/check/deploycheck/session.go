package deploycheck

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// session is one run of the check.
type session struct {
	ctx        context.Context
	prober     *check.Budget
	spec       Spec
	report     *readiness.Recorder
	production *site
	staging    *site // nil where there is none
}

// site is a place and what was learnt of it.
type site struct {
	Site
	name    string // production or staging
	host    string
	release release // that it runs, if it says so
	mixed   bool    // it gave more than one
	place   string  // of an answer that says it
	// walled is why strangers, or the identity, do not come to the portal there;
	// empty if they do.
	walled string
	// asked are the answers so far, so that nothing is asked for twice.
	asked map[string]probe.Exchange
}

func newSession(ctx context.Context, p probe.Prober, spec Spec, report *readiness.Recorder) *session {
	if spec.Memory == nil {
		spec.Memory = new(Memory)
	}
	s := &session{ctx: ctx, prober: check.NewBudget(p), spec: spec, report: report, production: newSite("production", spec.Production)}
	if spec.Staging != nil {
		s.staging = newSite("staging", spec.Staging.Site)
		s.staging.Paths = s.production.Paths // what is compared must be the same
	}
	return s
}

func newSite(name string, of Site) *site {
	of.URL = strings.TrimSuffix(of.URL, "/")
	if len(of.Paths) == 0 {
		of.Paths = []string{"/"}
	}
	return &site{Site: of, name: name, host: hostOf(of.URL), asked: map[string]probe.Exchange{}}
}

// anonymous is the site as a stranger sees it.
func (s *site) anonymous() *site {
	out := *s
	out.Header, out.asked = nil, map[string]probe.Exchange{}
	return &out
}

// at is a subject: a path of the site. A query may hold what is no one's business.
func (s *site) at(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return s.host + cmp.Or(path, "/")
}

// request is a GET of a path as the site's identity.
func (s *site) request(path string) probe.Request {
	r := probe.Request{URL: s.URL + path, Header: s.Header.Clone(), Retry: true, Reuse: true}
	if len(s.Header) > 0 {
		r.Intent = probe.Active // as somebody who signs in
	}
	return r
}

// get asks for a path once a run. Redirects are not followed: where they lead is
// what is compared.
func (s *session) get(at *site, path string) probe.Exchange {
	if x, ok := at.asked[path]; ok {
		return x
	}
	x := s.prober.Fetch(s.ctx, at.request(path))
	at.asked[path] = x
	return x
}

// atOnce bounds the requests to one site that are made side by side: what the
// prober bears of those that share no connection is less.
const atOnce = 4

// ahead asks for what will be asked for one after another, side by side.
func (s *session) ahead(at *site, paths ...string) {
	slices.Sort(paths)
	paths = slices.DeleteFunc(slices.Compact(paths), func(path string) bool { _, ok := at.asked[path]; return ok })
	answers := make([]probe.Exchange, len(paths))
	check.Beside(len(paths), atOnce, func(i int) { answers[i] = s.prober.Fetch(s.ctx, at.request(paths[i])) })
	for i, path := range paths {
		at.asked[path] = answers[i]
	}
}

// fresh asks past every cache, on a connection of its own so that another
// machine may answer.
func (s *session) fresh(at *site, path string) probe.Exchange {
	r := at.request(path)
	r.Reuse = false
	r.URL = busted(r.URL)
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Cache-Control", "no-cache")
	return s.prober.Fetch(s.ctx, r)
}

// stranger asks as nobody.
func (s *session) stranger(at *site, path string) probe.Exchange {
	if len(at.Header) == 0 {
		return s.get(at, path)
	}
	key := "stranger " + path
	if x, ok := at.asked[key]; ok {
		return x
	}
	x := s.prober.Fetch(s.ctx, probe.Request{URL: at.URL + path, Retry: true, Reuse: true})
	at.asked[key] = x
	return x
}

// busted is an address that no cache has been asked for before.
func busted(address string) string {
	joint := "?"
	if strings.Contains(address, "?") {
		joint = "&"
	}
	return address + joint + "lrcb=" + drawn()
}

// drawn is a word that nobody has used before.
func drawn() string { return strings.ToLower(rand.Text()[:16]) }

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return check.CanonicalHost(u.Hostname())
}

// unseen says why an answer tells nothing of a site; "" if it does.
func unseen(x probe.Exchange) string {
	switch {
	case x.Failure != probe.FailNone && x.Failure != probe.FailRedirects:
		return cmp.Or(x.Detail, "no answer")
	case x.Challenged():
		return "the edge answers with a challenge: exempt this machine from it"
	case x.Status == http.StatusServiceUnavailable && isPage(x):
		return "the portal is not available: it answers 503"
	case x.Throttled():
		return "the request was throttled"
	}
	return ""
}
