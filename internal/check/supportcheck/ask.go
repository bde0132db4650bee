package supportcheck

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// hostsAtOnce is how many hosts are asked side by side; each is asked for one
// link after the other.
const hostsAtOnce = 4

// maxSilent is how many links in a row a host may leave without an answer: each
// of the others would cost as long a wait.
const maxSilent = 3

// maxPage is how much of a page is read: its status is enough.
const maxPage = 64 << 10

// ask makes one GET for each link, and another one, later, for those that seem
// dead.
func (s *session) ask(links []*link) []seen {
	out := make([]seen, len(links))
	var first []int
	for i := range links {
		if len(first) >= MaxLinks {
			out[i] = seen{fate: unasked, reason: "it was not asked for: the runbook has more than " + strconv.Itoa(MaxLinks) + " links"}
			continue
		}
		first = append(first, i)
	}
	s.round(s.ctx, links, first, out)
	var again []int
	for _, i := range first {
		if out[i].fate == dead {
			again = append(again, i)
		}
	}
	if len(again) > 0 && s.rest(s.spec.Recheck) {
		s.round(probe.Fresh(s.ctx), links, again, out)
	} else {
		for _, i := range again {
			out[i] = seen{fate: unsure, reason: "it could not be asked for a second time"}
		}
	}
	return out
}

// rest waits. It returns false where the run ends before.
func (s *session) rest(d time.Duration) bool {
	if d <= 0 {
		return s.ctx.Err() == nil
	}
	select {
	case <-s.ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// round asks for some of the links, host by host.
func (s *session) round(ctx context.Context, links []*link, which []int, out []seen) {
	byHost := map[string][]int{}
	var hosts []string
	for _, i := range which {
		host := links[i].url.Host
		if byHost[host] == nil {
			hosts = append(hosts, host)
		}
		byHost[host] = append(byHost[host], i)
	}
	slots := make(chan struct{}, hostsAtOnce)
	var running sync.WaitGroup
	for _, host := range hosts {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			silent := 0
			for n, i := range byHost[host] {
				if silent >= maxSilent {
					out[i] = seen{fate: unsure, reason: "it was not asked for: its host did not answer for others"}
					continue
				}
				// Hosts that the user has named as his own bear what the prober lets through.
				if n > 0 && s.prober.InScope(links[i].url.Hostname(), probe.Active) != nil {
					s.rest(s.spec.Pause)
				}
				if out[i] = s.look(ctx, links[i]); out[i].silent {
					silent++
				} else {
					silent = 0
				}
			}
		})
	}
	running.Wait()
}

// get is one GET, as a visitor makes it.
func (s *session) get(ctx context.Context, address string, most int64) probe.Exchange {
	return s.prober.Fetch(ctx, probe.Request{
		Method: http.MethodGet, URL: address, Header: http.Header{"Accept": {"text/html, text/plain, text/markdown, */*;q=0.5"}},
		Intent: probe.Passive, FollowRedirects: true, MaxBody: most, Retry: true, Reuse: true, TrustAnyCert: true,
	})
}

// veiled are hosts that answer 404 to strangers for what is there.
var veiled = []string{"github.com", "www.github.com", "gist.github.com", "raw.githubusercontent.com", "bitbucket.org", "gitlab.com", "dev.azure.com", "hub.docker.com"}

// absent reports whether an answer says that there is no such page.
func absent(x probe.Exchange) bool {
	return x.Status == http.StatusNotFound || x.Status == http.StatusGone
}

// veil says why a page may be there although its host says that it is absent;
// empty if nothing speaks for that.
func veil(u *url.URL, x probe.Exchange) string {
	if !slices.Contains(veiled, strings.ToLower(u.Hostname())) {
		return ""
	}
	return "the answer is " + strconv.Itoa(x.Status) + ", which strangers get there for what is private, too"
}

// look asks for one link and tells what the answer means.
func (s *session) look(ctx context.Context, l *link) seen {
	x := s.get(ctx, l.url.String(), maxPage)
	switch {
	case ctx.Err() != nil:
		return seen{fate: unsure, reason: "the check was interrupted"}
	case x.Failure == probe.FailScope:
		return seen{fate: outside, reason: "its host is not in probe.allowed_hosts: nothing was sent"}
	case x.Failure == probe.FailDNS:
		return s.unresolved(ctx, l.url.Hostname())
	case x.Failure == probe.FailRedirects:
		return seen{fate: unsure, reason: "it redirects in a circle, or too often"}
	case x.Status == 0:
		return seen{fate: unsure, reason: "there was no answer: " + x.Detail, silent: true}
	case x.Challenged():
		return seen{fate: unsure, reason: "an edge answers in place of the site"}
	case absent(x):
		if reason := veil(l.url, x); reason != "" {
			return seen{fate: unsure, reason: reason}
		}
		return seen{fate: dead, reason: "the answer is " + strconv.Itoa(x.Status) + ", twice"}
	case x.Status >= 200 && x.Status < 400:
		return seen{fate: alive}
	}
	return seen{fate: unsure, reason: "the answer is " + strconv.Itoa(x.Status) + ", which does not tell whether the page is there"}
}

// unresolved tells a host that does not exist from one that nobody could be asked
// about.
func (s *session) unresolved(ctx context.Context, host string) seen {
	four, six := s.prober.Lookup(ctx, host, probe.TypeA), s.prober.Lookup(ctx, host, probe.TypeAAAA)
	switch {
	case four.Status == probe.NXDomain:
		return seen{fate: dead, reason: "its host does not exist (NXDOMAIN), twice"}
	case four.Status == probe.NoData && six.Status == probe.NoData:
		return seen{fate: dead, reason: "its host has no address, twice"}
	}
	return seen{fate: unsure, reason: "its host could not be resolved"}
}
