package secretscheck

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// maxProof is how much of an answer is read: a proof stands at its beginning.
const maxProof = 4 << 10

// exposed asks hosts for files that must not be public. An answer is one of
// them by what it holds alone: many sites answer 200 to everything.
func (s *session) exposed() {
	hosts := s.hosts()
	if len(hosts) == 0 {
		s.report.NotApplicable(ruleExposed, "hosts", "neither pages nor hosts names a host")
		return
	}
	s.looked = true
	for _, host := range hosts {
		s.host(host)
	}
}

// hosts are those of the spec, or of its pages, with their scheme.
func (s *session) hosts() []string {
	var out []string
	for _, h := range s.spec.Hosts {
		out = append(out, "https://"+h)
	}
	if s.spec.Hosts == nil {
		for _, page := range s.spec.Pages {
			if u, err := url.Parse(page); err == nil && u.Host != "" {
				out = append(out, u.Scheme+"://"+u.Host)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// host asks one host.
func (s *session) host(base string) {
	u, err := url.Parse(base)
	if err != nil {
		return
	}
	subject := u.Host
	undecided := func(reason string) {
		s.missed(subject, reason)
		s.unclear(ruleExposed, subject, reason)
	}
	if err := s.prober.InScope(u.Hostname(), probe.Active); err != nil {
		undecided(err.Error())
		return
	}
	root := s.get(base + "/")
	if reason := unanswered(root); reason != "" {
		undecided("the host cannot be asked: " + reason)
		return
	}
	h := &hostProbe{session: s, base: base, token: strings.ToLower(rand.Text()[:12])}
	// Two at a time, as a visitor's browser would.
	answers := make([]hit, len(leaks()))
	check.Beside(len(answers), 2, func(i int) { answers[i] = h.ask(leaks()[i]) })
	var out []shown
	lost := 0
	for i, l := range leaks() {
		switch a := answers[i]; {
		case a.lost:
			lost++
		case a.unclear:
			s.unclear(ruleExposed, subject+l.path, "it looks like "+l.what+", and so does a path that does not exist")
			s.missed(subject+l.path, "the host answers like a leak to every path")
		case a.found:
			out = append(out, shown{subject: subject + l.path, severity: l.severity, message: "the host serves " + l.what, remedy: l.remedy})
		}
	}
	out = append(out, h.debugPage(root)...)
	failed := s.publish(ruleExposed, subject, out)
	if lost > 0 {
		undecided(fmt.Sprintf("%s not answered, or by a challenge or a limit: exempt the scanner's address from it", paths(lost)))
		return
	}
	if !failed {
		s.report.Pass(ruleExposed, subject, "none of the files that are looked for is served. What the origin serves past the edge is not seen here")
	}
}

// paths counts without a number that would vary.
func paths(n int) string {
	if n < len(leaks())/2 {
		return "some of the paths were"
	}
	return "most of the paths were"
}

// unanswered says why an answer tells nothing; "" if it does.
func unanswered(x probe.Exchange) string {
	switch {
	case x.Status == 0:
		return x.Detail
	case x.Challenged():
		return "the edge answers with a challenge"
	case x.Throttled():
		return "it answers that there are too many requests"
	case x.Status == http.StatusServiceUnavailable: // nginx refuses so what comes too fast
		return "it answers that it is not available"
	}
	return ""
}

// blocked reports whether the edge refuses what was asked for, which nobody can
// get past. A challenge is another thing: people pass it.
func blocked(x probe.Exchange) bool {
	return x.Status == http.StatusForbidden && x.Challenged() && x.Header.Get("Cf-Mitigated") == "" && !bytes.Contains(bytes.ToLower(x.Body), []byte("just a moment"))
}

func (s *session) get(address string) probe.Exchange {
	return s.getContext(s.ctx, address)
}

// getContext asks on connections of its own kind: a server may answer such a path
// by hanging up.
func (s *session) getContext(ctx context.Context, address string) probe.Exchange {
	return s.prober.Fetch(ctx, probe.Request{URL: address, Intent: probe.Active, MaxBody: maxProof, Reuse: true, Apart: true})
}

// hostProbe asks one host.
type hostProbe struct {
	*session
	base, token string
}

// hit is what became of a question.
type hit struct{ found, unclear, lost bool }

// ask asks for a file, and where its proof is in the answer, for one beside it
// that does not exist.
func (h *hostProbe) ask(l leak) hit {
	x := h.get(h.base + l.path)
	if blocked(x) {
		return hit{} // by the path: the host's own page was let through
	}
	if unanswered(x) != "" {
		return hit{lost: true}
	}
	if !l.proven(x) {
		return hit{}
	}
	control := h.get(h.base + l.sibling(h.token))
	if unanswered(control) != "" {
		return hit{lost: true}
	}
	same := l.proven(control)
	return hit{found: !same, unclear: same && !l.html} // a page that every path gives is the site's own
}

// debugPage looks at how the application answers to a path that it does not
// know: in debug mode it tells its code and settings.
func (h *hostProbe) debugPage(root probe.Exchange) []shown {
	host := check.PlainAddress(h.base)
	host = strings.TrimPrefix(strings.TrimPrefix(host, "https://"), "http://")
	x := h.prober.Fetch(h.ctx, probe.Request{URL: h.base + "/" + h.token, Intent: probe.Active, MaxBody: 256 << 10, Reuse: true, Apart: true})
	name := debugger(x.Body)
	if name == "" || debugger(root.Body) != "" {
		return nil
	}
	return []shown{{subject: host + "/ (a path that does not exist)", severity: "high", message: "errors are shown by the debugger of " + name, remedy: "Turn the debug mode off (DEBUG=False, APP_DEBUG=false, RAILS_ENV=production)."}}
}
