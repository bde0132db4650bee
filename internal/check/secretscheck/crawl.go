package secretscheck

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/secretscan"
)

// Bounds of a crawl.
const (
	maxAssets = 200
	maxBody   = 5 << 20
	maxCrawl  = 60 * time.Second
	maxPause  = 15 * time.Second // that a throttled answer is waited for
)

// kind is what a fetched thing is taken for.
type kind int

const (
	aPage   kind = iota
	aScript      // or another file that a page loads
	aMap
	aGuess // a file that a site of this kind may have; its absence says nothing
)

// wanted is something to fetch.
type wanted struct {
	url  *url.URL
	kind kind
}

// crawl visits pages and everything that they load.
type crawl struct {
	*session
	ctx     context.Context
	header  http.Header // of the visitor, for the pages' own hosts alone
	hosts   map[string]bool
	pages   map[string]bool // subjects of pages
	seen    map[string]bool
	queue   []wanted
	fetched int
	foreign map[string]bool // hosts of other sites, whose files are not read

	found []secretscan.Finding
	maps  []shown
	gaps  map[string][]string // by subject
}

// live crawls the pages, as a stranger and as the visitor.
func (s *session) live() {
	const subject = "pages"
	names := []string{ruleBundle, ruleUnknown, ruleSourceMap}
	switch {
	case len(s.spec.Pages) == 0:
		check.Each(names, subject, "no page is named", s.report.NotApplicable)
		return
	case s.broken != "":
		s.missed(subject, s.broken)
		check.Each(names, subject, s.broken, s.unclear)
		return
	}
	s.looked = true
	c := &crawl{session: s, hosts: map[string]bool{}, pages: map[string]bool{}, seen: map[string]bool{}, foreign: map[string]bool{}, gaps: map[string][]string{}}
	c.run(nil)
	if s.spec.Visitor != nil {
		visitor, err := s.spec.Visitor.Session(s.ctx, s.prober)
		if err != nil {
			c.miss("pages as "+s.spec.Visitor.Name, "the identity cannot sign in: "+err.Error())
		} else {
			c.run(visitor.Header())
		}
	}
	c.judge()
}

func (c *crawl) miss(subject, reason string) {
	if !slices.Contains(c.gaps[subject], reason) {
		c.gaps[subject] = append(c.gaps[subject], reason)
	}
}

// run fetches the pages and what they load. What was fetched for a stranger is
// not fetched again for the visitor, but for the pages.
func (c *crawl) run(header http.Header) {
	ctx, cancel := context.WithTimeout(c.session.ctx, maxCrawl)
	defer cancel()
	c.ctx, c.header = ctx, header
	for _, address := range c.spec.Pages {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" {
			c.miss(check.PlainAddress(address), "this is not an address")
			continue
		}
		c.hosts[check.CanonicalHost(u.Hostname())] = true
		c.queue = append(c.queue, wanted{u, aPage})
	}
	if header == nil {
		for _, page := range slices.Clone(c.queue) {
			for _, guess := range []string{"/env.js", "/config.json", "/config.js", "/runtime-config.js", "/manifest.json", "/asset-manifest.json", "/sw.js", "/service-worker.js"} {
				c.want(page.url, guess, aGuess)
			}
		}
	}
	for len(c.queue) > 0 {
		next := c.queue[0]
		c.queue = c.queue[1:]
		switch {
		case ctx.Err() != nil:
			c.miss("pages", "the crawl took longer than a minute: name fewer pages")
			c.queue = nil
		case c.fetched >= maxAssets:
			c.miss("pages", "the pages load more than 200 files: name fewer pages")
			c.queue = nil
		default:
			c.visit(next)
		}
	}
}

// want queues what a text at base names, if it is the user's own.
func (c *crawl) want(base *url.URL, reference string, k kind) {
	u, err := base.Parse(strings.TrimSpace(reference))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return
	}
	u.Fragment = ""
	host := check.CanonicalHost(u.Hostname())
	if !c.own(host) {
		c.foreign[host] = true
		return
	}
	if key := u.String(); !c.seen[key] {
		c.seen[key] = true
		c.queue = append(c.queue, wanted{u, k})
	}
}

// own reports whether a host is one of the pages' site, or named as the user's.
func (c *crawl) own(host string) bool {
	if c.hosts[host] || slices.Contains(c.spec.AssetHosts, host) {
		return true
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return false
	}
	for h := range c.hosts {
		if theirs, err := publicsuffix.EffectiveTLDPlusOne(h); err == nil && theirs == site {
			return true
		}
	}
	return false
}

// subject is a place on the web as findings name it.
func subject(u *url.URL) string { return u.Host + u.EscapedPath() }

// visit fetches one thing, looks at what it holds, and queues what it loads.
func (c *crawl) visit(w wanted) {
	x := c.fetch(w)
	name := subject(w.url)
	if x.Failure == probe.FailScope {
		if w.kind != aGuess {
			c.miss(name, x.Detail)
		}
		return
	}
	if reason := unread(x, w.kind); reason != "" {
		// A script that is gone holds nothing; one that was cut short may.
		if w.kind != aGuess && (w.kind != aScript || x.Failure != probe.FailNone || x.Status >= 500 || x.Challenged() || x.Throttled()) {
			c.miss(name, reason)
		}
		return
	}
	if w.kind == aGuess && looksHTML(x) { // the site's answer to every path
		return
	}
	if x.Truncated {
		c.miss(name, "it is longer than 5 MiB, or has no end: the rest was not read")
	}
	base := w.url
	if final, err := url.Parse(x.FinalURL); err == nil {
		if base = final; !c.own(check.CanonicalHost(final.Hostname())) {
			c.miss(name, "it leads to another site")
			return
		}
	}
	c.fetched++
	body := string(x.Body)
	if w.kind == aMap || extension(w.url) == ".map" {
		c.sourceMap(base, x.Body)
		return
	}
	found := c.scan(body, subject(base))
	if w.kind == aPage || looksHTML(x) {
		c.pages[name] = true
		found = c.lasting(w, found)
		c.found = append(c.found, found...)
		c.loads(base, x.Body)
		return
	}
	c.found = append(c.found, found...)
	c.imports(base, body)
	c.mapOf(base, x, body)
}

// fetch asks for one thing. The visitor's session goes to the pages' own hosts.
func (c *crawl) fetch(w wanted) probe.Exchange {
	req := probe.Request{URL: w.url.String(), FollowRedirects: true, MaxBody: maxBody, Retry: true, Reuse: true}
	if c.header != nil && c.hosts[check.CanonicalHost(w.url.Hostname())] {
		req.Header, req.Intent = c.header, probe.Active
	}
	x := c.prober.Fetch(c.ctx, req)
	if wait, known := x.RetryAfter(c.prober.Now()); x.Throttled() && known && wait <= maxPause {
		select { // a visitor who is told when to come back comes back
		case <-c.ctx.Done():
		case <-time.After(wait + 200*time.Millisecond):
			x = c.prober.Fetch(c.ctx, req)
		}
	}
	return x
}

// unread says why an answer is not what was asked for; "" if it is.
func unread(x probe.Exchange, k kind) string {
	switch {
	case x.Failure != probe.FailNone && x.Status == 0:
		return "it could not be fetched: " + x.Detail
	case x.Failure != probe.FailNone:
		return "it could not be read to its end: " + x.Detail
	case x.Challenged():
		return "the edge answers with a challenge"
	case x.Throttled():
		return "it answers that there are too many requests"
	case x.Redirect != "":
		return "it leads to " + check.PlainAddress(x.Redirect) + ", outside the scope"
	case x.Status < 200 || x.Status > 299:
		if k == aPage {
			return "it does not answer with success"
		}
		return "it is not there"
	case !x.Readable():
		return "it is encoded in a way that was not asked for"
	}
	return ""
}

// scan looks at what the site serves. No file name is given: a bundle may be
// called as a library is that nobody looks into.
func (c *crawl) scan(text, name string) []secretscan.Finding {
	return c.engine.Scan(c.ctx, secretscan.Text{Content: text, Name: name})
}

// lasting leaves out what another answer of the page does not hold: a token that
// is drawn for each visit is no secret of the site.
func (c *crawl) lasting(w wanted, found []secretscan.Finding) []secretscan.Finding {
	if len(found) == 0 {
		return nil
	}
	again := c.fetch(w)
	if unread(again, w.kind) != "" {
		return found
	}
	second := c.scan(string(again.Body), subject(w.url))
	return slices.DeleteFunc(found, func(f secretscan.Finding) bool {
		return !slices.ContainsFunc(second, func(g secretscan.Finding) bool { return g.Fingerprint == f.Fingerprint })
	})
}

// extension is that of an address, in lower case.
func extension(u *url.URL) string { return strings.ToLower(path.Ext(u.Path)) }
