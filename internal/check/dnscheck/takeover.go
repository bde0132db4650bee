package dnscheck

import (
	"bytes"
	"context"
	"net/http"
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
	byOwner := map[string][]verdict{}
	pointers := s.pointers()
	s.meetTargets(pointers)
	for _, p := range pointers {
		if p.typ != probe.TypeCNAME {
			continue
		}
		if isAzureProof(p.owner, p.target) {
			byOwner[p.owner] = append(byOwner[p.owner], pass("the record proves the name to Azure and leads nobody anywhere"))
			continue
		}
		if s.circle(p) != "" {
			byOwner[p.owner] = append(byOwner[p.owner], pass("the CNAME leads in a circle: see dns.dangling"))
			continue
		}
		found := s.targetOf(p.target)
		recognised := false
		for _, name := range append([]string{p.target}, found.chain...) {
			known, ok := serviceOf(name)
			if !ok {
				continue
			}
			recognised = true
			if known.status != safe {
				candidates = append(candidates, candidate{p.owner, known, name})
			}
			if known.status == safe || len(known.body) > 0 {
				break // what follows is the service's own; others lead on to where their customer says
			}
		}
		switch {
		case recognised:
			byOwner[p.owner] = append(byOwner[p.owner], pass("the service of the target lets no stranger claim a name"))
		case found.state == unknown:
			byOwner[p.owner] = append(byOwner[p.owner], unclear("%s", found.doubt)) // it may lead on to a service
		default:
			byOwner[p.owner] = append(byOwner[p.owner], pass("the target is of no service that others can claim"))
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
		byOwner[c.owner] = append(byOwner[c.owner], v)
	}
	all := map[string]verdict{}
	for owner, list := range byOwner {
		all[owner] = worst(list)
	}
	s.sayAll(ruleTakeover, all, s.nothingFound("there is no CNAME record"))
}

// judgeClaim looks for the sign that nobody has a service's name.
func (s *session) judgeClaim(owner, at string, known service) verdict {
	found := s.targetOf(at)
	end := at // what does not exist is the last of the CNAMEs
	if len(found.chain) > 0 {
		end = found.chain[len(found.chain)-1]
	}
	of, _ := serviceOf(end)
	switch {
	case found.state == noSuchName && known.nxdomain && of.name == known.name:
		return fail("it points to %s of %s, which does not exist and can be claimed there", end, known.name)
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
	case slices.ContainsFunc(answer.exchanges, known.unclaimed) && !s.quotes(host, answer, known):
		return fail("it points to %s of %s, which shows the page of a name that nobody has claimed", at, known.name)
	case len(answer.seen()) == 0:
		return unclear("whether %s shows the page of a name that nobody has claimed: %s", known.name, answer.detail())
	default:
		return pass("a site of the owner is at %s", known.name)
	}
}

// quotes reports whether a site that somebody has merely says the words of a
// service's sign on its first page: a name that nobody has shows them wherever
// one asks, and rarely as a success.
func (s *session) quotes(host string, first webAnswer, known service) bool {
	if slices.ContainsFunc(first.exchanges, func(x probe.Exchange) bool { return x.Status != http.StatusOK && known.unclaimed(x) }) {
		return false
	}
	elsewhere := s.visit(host, "/"+randomLabel())
	return len(elsewhere.seen()) > 0 && !slices.ContainsFunc(elsewhere.exchanges, known.unclaimed)
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
	return once(s, s.web, name, func() webAnswer { return s.visit(name, "/") })
}

// visit asks a name for a page over https and http.
func (s *session) visit(name, path string) webAnswer {
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
			return s.prober.Fetch(ctx, probe.Request{URL: []string{"https", "http"}[i] + "://" + name + path, MaxBody: maxBody, TrustAnyCert: true})
		}
		out.exchanges[i] = ask()
		if out.exchanges[i].Failure == probe.FailTimeout && s.ctx.Err() == nil {
			out.exchanges[i] = ask() // one silence may be a lost packet
		}
	})
	return out
}
