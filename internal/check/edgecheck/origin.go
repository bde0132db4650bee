package edgecheck

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/edgeranges"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

const (
	// siteSimilarity is from where on an answer is taken for the site's page.
	siteSimilarity = 0.9
	// tellingWords is how many different words a page needs to be known again.
	tellingWords = 12
	// wrongHost is a name that no server serves (RFC 6761 section 6.4).
	wrongHost = "launchready-control.invalid"
	// maxOriginAddresses is how many addresses of one origin are tried.
	maxOriginAddresses = 4
)

// judgeOrigins decides edge.origin_direct and edge.origin_certificate: what a
// stranger gets who asks an origin for the host.
func (h *hostCheck) judgeOrigins(ctx context.Context) {
	direct, certificate := h.originVerdicts(ctx)
	say(h.report, ruleOriginDirect, h.host, direct)
	say(h.report, ruleOriginCertificate, h.host, certificate)
}

func (h *hostCheck) originVerdicts(ctx context.Context) (direct, certificate verdict) {
	switch {
	case len(h.spec.Origins) == 0:
		v := inapplicable("no origins are given")
		return v, v
	case !h.behind:
		v := inapplicable("the host is not behind the edge: it is reached directly as it is")
		return v, v
	}
	front, why := h.front(ctx)
	if why != "" {
		v := unclear("the site could not be seen through the edge: " + why)
		return v, v
	}
	directs := make([][]verdict, len(h.spec.Origins))
	certificates := make([][]verdict, len(h.spec.Origins))
	var all sync.WaitGroup
	for i, origin := range h.spec.Origins {
		all.Go(func() { directs[i], certificates[i] = h.tryOrigin(ctx, strings.TrimSpace(origin), front) })
	}
	all.Wait()
	return worstOf(directs), worstOf(certificates)
}

func worstOf(all [][]verdict) verdict {
	var flat []verdict
	for _, v := range all {
		flat = append(flat, v...)
	}
	return worst(unclear("no origin could be tried"), flat...)
}

// front is the page that the site is known by: the front page, or where it
// leads on this host, or else a static file.
func (h *hostCheck) front(ctx context.Context) (page probe.Exchange, why string) {
	if why := unusable(h.home); why != "" {
		return page, why
	}
	u, err := url.Parse(h.home.FinalURL)
	if err == nil && check.CanonicalHost(u.Hostname()) == h.host && u.Scheme == "https" && succeeded(h.home) {
		return h.home, ""
	}
	for _, t := range h.spec.targets(h.spec.StaticPaths) {
		if check.CanonicalHost(t.url.Hostname()) == h.host {
			if x := h.get(ctx, t.url.String()); succeeded(x) {
				return x, ""
			}
		}
	}
	first := h.home
	if len(h.home.Hops) > 1 { // it leads elsewhere: the first answer alone is this host's
		first = h.get(ctx, at("https", h.host, "/"))
	}
	return first, unusable(first)
}

// tryOrigin asks every address of one origin, by name or literal.
func (h *hostCheck) tryOrigin(ctx context.Context, origin string, front probe.Exchange) (direct, certificate []verdict) {
	same := func(v verdict) ([]verdict, []verdict) { return []verdict{v}, []verdict{v} }
	addresses := []netip.Addr{}
	ip, err := netip.ParseAddr(strings.Trim(origin, "[]"))
	if err == nil {
		if edgeranges.Contains(ip) {
			return same(unclear(ip.String() + " is an address of the edge, not of an origin"))
		}
		addresses = append(addresses, ip.Unmap())
	} else {
		found, undecided := lookUp(ctx, h.prober, check.CanonicalHost(origin))
		if undecided != "" {
			direct, certificate = append(direct, unclear(undecided)), append(certificate, unclear(undecided))
		}
		for _, a := range found {
			if !edgeranges.Contains(a) {
				addresses = append(addresses, a)
			}
		}
		if len(addresses) == 0 && undecided == "" {
			return same(pass(check.CanonicalHost(origin) + " leads to no server beside the edge"))
		}
	}
	for _, a := range addresses[:min(len(addresses), maxOriginAddresses)] {
		d, c := h.tryAddress(ctx, a, front)
		direct, certificate = append(direct, d...), append(certificate, c)
	}
	return direct, certificate
}

// tryAddress shakes hands with one address and asks it for the page on both ports.
func (h *hostCheck) tryAddress(ctx context.Context, a netip.Addr, front probe.Exchange) (direct []verdict, certificate verdict) {
	var secure, clear verdict
	var both sync.WaitGroup
	both.Go(func() {
		facts := h.prober.Handshake(ctx, probe.TLSTarget{Host: h.host, Address: a})
		place := a.String() + " port 443"
		h.report.Observe(h.host+" at "+place, describe(facts))
		if facts.Failure != probe.FailNone {
			secure = silence(place, facts.Failure, facts.Detail, facts.Connected)
			certificate = secure
			return
		}
		certificate = pass(a.String() + " shows a certificate that does not name the host")
		if facts.NameError == nil {
			certificate = fail(a.String() + " shows anyone a certificate that names the host: scans of the Internet find the origin by it")
		}
		secure = h.ask(ctx, "https", a, front)
	})
	both.Go(func() { clear = h.ask(ctx, "http", a, front) })
	both.Wait()
	return []verdict{secure, clear}, certificate
}

func describe(f probe.TLSFacts) string {
	if leaf := f.Leaf(); leaf != nil {
		return "certificate of " + strings.Join(leaf.DNSNames, " ")
	}
	return f.Detail
}

// silence is the verdict where an origin gives no answer. Only what looks like
// a refusal counts as one.
func silence(place string, failure probe.FailureKind, detail string, connected bool) verdict {
	switch failure {
	case probe.FailRefused, probe.FailReset, probe.FailTLS:
		return pass(place + ": " + detail)
	case probe.FailTimeout:
		if connected {
			return unclear(place + ": the origin takes the connection and does not answer in time")
		}
		return pass(place + ": connections are dropped")
	default:
		return unclear(place + ": " + detail)
	}
}

// ask requests the site's page of an origin, and the same of a host that it
// cannot know: what it says to both is no sign of the site, unless the page is
// too much its own to be anything else.
func (h *hostCheck) ask(ctx context.Context, scheme string, a netip.Addr, front probe.Exchange) verdict {
	u, err := url.Parse(front.FinalURL)
	if err != nil {
		return unclear("the site's page has no address")
	}
	request := probe.Request{URL: at(scheme, h.host, u.RequestURI()), Address: a, TrustAnyCert: true}
	x := h.prober.Fetch(ctx, request)
	if h.wantsTLS(x) { // a word of who asks is enough for many an application
		request.Header = http.Header{"X-Forwarded-Proto": {"https"}}
		if y := h.prober.Fetch(ctx, request); y.Failure == probe.FailNone && !h.wantsTLS(y) {
			x = y
		}
	}
	place := fmt.Sprintf("%s port %d", a, map[string]int{"http": 80, "https": 443}[scheme])
	alike := sameAsFront(front)
	switch {
	case x.Failure != probe.FailNone && x.Status == 0:
		return silence(place, x.Failure, x.Detail, x.Connected)
	case x.Redirect != "" && !alike(x):
		return pass(place + ": redirects instead of serving the site")
	case x.Status >= 500 || x.Throttled() || x.Failure != probe.FailNone:
		return unclear(fmt.Sprintf("%s: the origin answers with status %d: whether it would serve the site is not known", place, x.Status))
	case !alike(x):
		return pass(fmt.Sprintf("%s: answers with status %d, which is not the site", place, x.Status))
	}
	request.Header = http.Header{"Host": {wrongHost}, "X-Forwarded-Proto": request.Header["X-Forwarded-Proto"]}
	control := h.prober.Fetch(ctx, request)
	switch {
	case !alike(control):
		return fail(place + ": serves the site directly to who asks for the host")
	case telling(front) && sameSite(x, front):
		return fail(place + ": serves the site directly, to who asks for any host")
	default:
		return unclear(place + ": answers for any host as the site does, with too little to tell whether it is the site")
	}
}

// wantsTLS reports whether an answer sends who asked to https on the host itself.
func (h *hostCheck) wantsTLS(x probe.Exchange) bool {
	to, err := url.Parse(x.Redirect)
	return x.Redirect != "" && err == nil && to.Scheme == "https" && check.CanonicalHost(to.Hostname()) == h.host
}

// sameAsFront tells an origin's answer from others: it is the page that the
// edge gives, or has its title where the rest differs each time, or leads where
// the site leads. What the edge answers by itself is no sign of an origin.
func sameAsFront(front probe.Exchange) func(probe.Exchange) bool {
	bare := func(target string) string { address, _, _ := strings.Cut(target, "?"); return address }
	return func(x probe.Exchange) bool {
		switch {
		case front.Redirect != "":
			return !byEdge(front) && x.Failure == probe.FailNone && x.Status == front.Status && bare(x.Redirect) == bare(front.Redirect)
		case x.Redirect != "":
			return false
		case succeeded(x) && succeeded(front) && isHTML(x) && isHTML(front) && readPage(front).title != "" && readPage(x).title == readPage(front).title:
			return true
		default:
			return sameSite(x, front)
		}
	}
}

// byEdge reports an answer that the edge made itself: what comes from an origin
// has a cf-cache-status.
func byEdge(x probe.Exchange) bool {
	return x.Header.Get("Cf-Ray") != "" && x.Header.Get("Cf-Cache-Status") == ""
}

// sameSite reports whether an origin's answer is the page that the edge gives.
func sameSite(x, front probe.Exchange) bool {
	if x.Failure != probe.FailNone || x.Status != front.Status {
		return false
	}
	if isHTML(x) && isHTML(front) {
		a, b := readPage(x), readPage(front)
		if a.title != "" && len(a.assets) > 0 && a.title == b.title && strings.Join(a.assets, "\n") == strings.Join(b.assets, "\n") {
			return true
		}
	}
	return probe.Similarity(x.Body, front.Body) >= siteSimilarity
}

// telling reports whether a page can be known again.
func telling(front probe.Exchange) bool {
	if !succeeded(front) {
		return false
	}
	p := readPage(front)
	return isHTML(front) && p.title != "" && len(p.assets) > 0 || probe.Words(front.Body) >= tellingWords
}
