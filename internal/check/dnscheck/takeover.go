package dnscheck

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// maxPages is how many names are fetched to look for the page of a service
// that nobody has claimed.
const maxPages = 200

// judgeTakeover decides whether the service that a CNAME leads to can be
// claimed by a stranger: by the pattern of the target and the service's sign
// that nobody has it, never by one alone.
func (s *session) judgeTakeover() {
	type candidate struct {
		owner   string
		service service
		target  string
	}
	var candidates []candidate
	all := map[string]verdict{}
	pointers := s.pointers()
	s.meetTargets(pointers)
	for _, p := range pointers {
		if p.typ != probe.TypeCNAME {
			continue
		}
		if all[p.owner].message == "" {
			all[p.owner] = pass("the target is of no service that others can claim")
		}
		found := s.targetOf(p.target)
		recognised := false
		for _, name := range append([]string{p.target}, found.chain...) {
			known, ok := serviceOf(name)
			if recognised = ok; ok {
				if known.status != safe {
					candidates = append(candidates, candidate{p.owner, known, name})
				}
				break
			}
		}
		if !recognised && found.state == unknown {
			all[p.owner] = unclear("%s", found.doubt) // it may lead on to a service
		}
	}
	outcomes := make([]verdict, len(candidates))
	parallel(len(candidates), 4, func(i int) {
		if i >= maxPages {
			outcomes[i] = unclear("%d other names of such services were fetched, and no more are", maxPages)
			return
		}
		outcomes[i] = s.judgeClaim(candidates[i].owner, candidates[i].target, candidates[i].service)
	})
	for i, c := range candidates {
		v := outcomes[i]
		switch {
		case v.status != readiness.Fail:
		case c.service.status == edgeCase:
			s.claimed[c.owner] = v
			v = pass("%s lets strangers claim a name only under conditions: see dns.dangling", c.service.name)
		default:
			s.claimed[c.owner] = inapplicable("see dns.takeover")
		}
		all[c.owner] = v
	}
	s.sayAll(ruleTakeover, all, s.nothingFound("there is no CNAME record"))
}

// judgeClaim looks for the sign that nobody has a service's name.
func (s *session) judgeClaim(owner, at string, known service) verdict {
	found := s.targetOf(at)
	switch {
	case found.state == noSuchName && known.nxdomain:
		return fail("it points to %s of %s, which does not exist and can be claimed there", at, known.name)
	case found.state == noSuchName:
		return pass("the target of %s does not exist: see dns.dangling", known.name)
	case found.state == unknown:
		return unclear("%s", found.doubt)
	case len(known.body) == 0:
		return pass("the name exists at %s", known.name)
	}
	host := owner
	if under, ok := strings.CutPrefix(owner, "*."); ok {
		host = randomLabel() + "." + under // any name is the wildcard's
	}
	answer := s.fetch(host)
	switch {
	case answer.scope != "":
		return unclear("%s", answer.scope)
	case slices.ContainsFunc(answer.exchanges, func(x probe.Exchange) bool { return known.unclaimed(x) }):
		return fail("it points to %s of %s, which shows the page of a name that nobody has claimed", at, known.name)
	case len(answer.seen()) == 0:
		return unclear("whether %s shows the page of a name that nobody has claimed: %s", known.name, answer.detail())
	default:
		return pass("a site of the owner is at %s", known.name)
	}
}

// unclaimed reports whether an answer is the page of a name that nobody has.
func (v service) unclaimed(x probe.Exchange) bool {
	if x.Challenged() || v.httpStatus != 0 && x.Status != v.httpStatus {
		return false
	}
	return slices.ContainsFunc(v.body, func(sign string) bool { return bytes.Contains(x.Body, []byte(sign)) })
}

// webAnswer is what a name said to a browser over https and http, in that order.
type webAnswer struct {
	scope     string // why nothing was sent
	exchanges []probe.Exchange
}

// seen are the answers of the site or its edge that are evidence.
func (w webAnswer) seen() []probe.Exchange {
	var out []probe.Exchange
	for _, x := range w.exchanges {
		if x.Status != 0 && !x.Challenged() {
			out = append(out, x)
		}
	}
	return out
}

func (w webAnswer) detail() string {
	for _, x := range w.exchanges {
		if x.Status != 0 {
			return "the edge asked for a challenge"
		}
	}
	var out []string
	for _, x := range w.exchanges {
		out = append(out, x.Detail)
	}
	return strings.Join(slices.Compact(out), "; ")
}

const (
	maxBody = 256 << 10
	// webWait bounds one request: many names may be silent.
	webWait = 6 * time.Second
)

// fetch asks a name for its first page over https and http, once a run.
func (s *session) fetch(name string) webAnswer {
	return once(s, s.web, name, func() webAnswer {
		if err := s.prober.InScope(name, probe.Passive); err != nil {
			return webAnswer{scope: err.Error()}
		}
		if s.deaf != "" {
			return webAnswer{exchanges: []probe.Exchange{{Failure: probe.FailDNS, Detail: s.deaf}}}
		}
		out := webAnswer{exchanges: make([]probe.Exchange, 2)}
		parallel(2, 2, func(i int) {
			ask := func() probe.Exchange {
				ctx, cancel := context.WithTimeout(s.ctx, webWait)
				defer cancel()
				return s.prober.Fetch(ctx, probe.Request{URL: []string{"https", "http"}[i] + "://" + name + "/", MaxBody: maxBody, TrustAnyCert: true})
			}
			out.exchanges[i] = ask()
			if out.exchanges[i].Failure == probe.FailTimeout && s.ctx.Err() == nil {
				out.exchanges[i] = ask() // one silence may be a lost packet
			}
		})
		return out
	})
}
