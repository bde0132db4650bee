package deploycheck

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

const noStaging = "no staging is named"

// parity judges whether staging is a mirror of production.
func (s *session) parity() {
	if s.staging == nil {
		for _, rule := range []string{ruleVersionParity, ruleHeaderParity, ruleRouteParity, ruleTLSParity, ruleDNSParity, ruleStagingPublic} {
			s.report.NotApplicable(rule, s.production.host, noStaging)
		}
		return
	}
	s.tlsParity()
	s.dnsParity()
	s.stagingVersion()
	if s.hidden() {
		return
	}
	m := s.mirrors()
	for _, path := range s.production.Paths {
		m.route(path)
	}
}

// mirror is production and staging as they are compared.
type mirror struct {
	*session
	production, staging *site
}

// mirrors lets both be seen by the same kind of visitor: where one has an identity
// and the other has none, a private page would differ for that alone. An identity
// that is needed to come through a wall stays.
func (s *session) mirrors() mirror {
	m := mirror{s, s.production, s.staging}
	switch known, door := len(s.production.Header) > 0, len(s.staging.Header) > 0; {
	case known && !door:
		m.production = s.production.anonymous()
	case door && !known && s.wallBefore(s.staging, s.stranger) == "":
		m.staging = s.staging.anonymous()
	}
	return m
}

// hidden reports whether something keeps the two from being compared.
func (s *session) hidden() bool {
	switch {
	case s.production.walled != "":
		check.Each([]string{ruleHeaderParity, ruleRouteParity}, s.staging.host, "production: "+s.production.walled, s.report.Inconclusive)
		return true
	case s.staging.walled != "":
		for _, rule := range []string{ruleHeaderParity, ruleRouteParity} {
			s.report.InconclusiveAs(rule, s.staging.host, s.staging.walled, throughTheWall)
		}
		return true
	}
	return false
}

// route compares what a path answers: where it leads, and how it is protected.
func (s mirror) route(path string) {
	subject := s.staging.at(path)
	ours, theirs := s.get(s.production, path), s.get(s.staging, path)
	for _, x := range []struct {
		of string
		probe.Exchange
	}{{"production", ours}, {"staging", theirs}} {
		if reason := unseen(x.Exchange); reason != "" {
			check.Each([]string{ruleHeaderParity, ruleRouteParity}, subject, x.of+": "+reason, s.report.Inconclusive)
			return
		}
	}
	if was, is := s.leads(s.production, ours), s.leads(s.staging, theirs); was != is {
		again, here := s.repeat(s.production, path), s.repeat(s.staging, path)
		if was, is = s.leads(s.production, again), s.leads(s.staging, here); was != is {
			s.report.Fail(ruleRouteParity, subject, fmt.Sprintf("production answers %s, and staging %s", was, is))
			s.report.NotApplicable(ruleHeaderParity, subject, "the answers are of different kinds: mend deploy.route_parity first")
			return
		}
		ours, theirs = again, here
	}
	s.report.Pass(ruleRouteParity, subject, "both answer alike")
	s.headers(path, subject, ours, theirs)
}

// repeat asks anew for what nobody may have kept.
func (s *session) repeat(at *site, path string) probe.Exchange {
	return s.prober.Fetch(s.ctx, at.request(path))
}

// leads is where a path takes a visitor: a status, and the way of a redirect with
// the site's own host left out.
func (s mirror) leads(at *site, x probe.Exchange) string {
	if x.Redirect == "" {
		return fmt.Sprintf("%d", x.Status)
	}
	u, err := url.Parse(x.Redirect)
	if err != nil {
		return fmt.Sprintf("%d to an address that cannot be read", x.Status)
	}
	to := check.CanonicalHost(u.Hostname())
	switch {
	case to == at.host:
		return fmt.Sprintf("%d to %s", x.Status, u.EscapedPath())
	case at == s.staging && to == s.production.host:
		return fmt.Sprintf("%d to production", x.Status)
	}
	return fmt.Sprintf("%d to %s", x.Status, to)
}

// headers compares how both protect one path. What differs once is asked again.
func (s mirror) headers(path, subject string, ours, theirs probe.Exchange) {
	was, is := s.guards(s.production, path, ours), s.guards(s.staging, path, theirs)
	if len(unlike(was, is)) > 0 {
		was = s.guards(s.production, path, s.repeat(s.production, path))
		is = s.guards(s.staging, path, s.repeat(s.staging, path))
	}
	wrong := unlike(was, is)
	for _, name := range wrong {
		s.report.Fail(ruleHeaderParity, subject+" "+name, fmt.Sprintf("%s: in production %s, on staging %s", name, was[name], is[name]))
	}
	if len(wrong) == 0 {
		s.report.Pass(ruleHeaderParity, subject, "both protect the answer alike")
	}
}

// guards is how a site protects a path: headers, cookies and CORS.
func (s *session) guards(at *site, path string, x probe.Exchange) classes {
	out := protection(x)
	maps.Copy(out, cookies(x))
	asked := "https://launchready-" + drawn() + ".example"
	r := at.request(path)
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Origin", asked)
	if other := s.prober.Fetch(s.ctx, r); unseen(other) == "" && other.Status == x.Status {
		out["CORS"] = corsClass(other, asked)
	}
	return out
}

// unlike are the names of classes that both have and that differ.
func unlike(a, b classes) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if other, both := b[name]; both && other != a[name] {
			out = append(out, name)
		}
	}
	return out
}

// stagingVersion judges that staging runs the release of production, or a newer one.
func (s *session) stagingVersion() {
	at := s.staging
	from, first, reason := s.locate(at)
	switch {
	case first == "" && at.walled != "":
		s.report.InconclusiveAs(ruleVersionParity, at.host, at.walled, throughTheWall)
		return
	case first == "" && reason != "":
		s.report.Inconclusive(ruleVersionParity, at.host, reason)
		return
	case first == "":
		s.report.Undecided(ruleVersionParity, at.host, "staging does not say which release it is")
		return
	case s.production.release == "":
		s.report.Undecided(ruleVersionParity, at.host, "production does not say which release it is")
		return
	}
	live := s.sample(at, from)
	if len(live.seen) == 0 {
		s.report.Inconclusive(ruleVersionParity, at.host, live.lost)
		return
	}
	s.report.Observe("staging release", live.names())
	at.release = live.seen[0]
	subject := at.at(from.Path)
	order, known := at.release.against(s.production.release, s.spec.ReleaseOrder)
	switch {
	case !known:
		s.report.InconclusiveAs(ruleVersionParity, subject, fmt.Sprintf("staging runs %s and production %s, and nothing says which is the newer one", at.release, s.production.release),
			"Name the releases in release_order, oldest first, such as the output of git log --reverse --format=%H.")
	case order < 0:
		s.report.Fail(ruleVersionParity, subject, fmt.Sprintf("staging runs %s, which is older than production's %s", at.release, s.production.release))
	default:
		s.report.Pass(ruleVersionParity, subject, "staging runs the release of production, or a newer one")
	}
}
