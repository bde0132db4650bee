package edgecheck

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/edgeranges"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// hostCheck tests one host.
type hostCheck struct {
	prober probe.Prober
	spec   Spec
	host   string
	report *readiness.Recorder

	clear, home probe.Exchange // the first answer over http; the front page over https, redirects followed
	behind      bool           // nothing says that visitors do not pass the edge

	mu      sync.Mutex
	answers []answer // of the site, for their headers
}

// answer is what the site said at a path.
type answer struct {
	path string
	x    probe.Exchange
}

func (h *hostCheck) keep(path string, x probe.Exchange) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers = append(h.answers, answer{path, x})
}

// get makes one request of a visitor's. The certificate is not verified: its
// faults are rules of the TLS check, and must not hide what is tested here.
func (h *hostCheck) get(ctx context.Context, address string) probe.Exchange {
	return h.prober.Fetch(ctx, probe.Request{URL: address, TrustAnyCert: true, Retry: true, Reuse: true})
}

// attack is get for what no visitor sends: it goes only where active probes may,
// on connections of its own kind, which a firewall may cut off.
func (h *hostCheck) attack(ctx context.Context, address string, header http.Header) probe.Exchange {
	return h.prober.Fetch(ctx, probe.Request{URL: address, Header: header, TrustAnyCert: true, Intent: probe.Active, Reuse: true, Apart: true})
}

func (h *hostCheck) run(ctx context.Context) {
	if err := h.prober.InScope(h.host, probe.Passive); err != nil {
		check.Each(hostRules(), h.host, err.Error(), h.report.Inconclusive)
		h.runPaths(ctx)
		return
	}
	addresses, undecided := h.addresses(ctx)
	if len(addresses) == 0 {
		check.Each(hostRules(), h.host, undecided, h.report.Inconclusive)
		h.runPaths(ctx)
		return
	}
	var trace probe.Exchange
	var first sync.WaitGroup
	first.Go(func() { trace = h.get(ctx, at("https", h.host, "/cdn-cgi/trace")) })
	first.Go(func() {
		h.clear = h.prober.Fetch(ctx, probe.Request{URL: at("http", h.host, "/"), Retry: true})
	})
	first.Go(func() {
		h.home = h.prober.Fetch(ctx, probe.Request{URL: at("https", h.host, "/"), FollowRedirects: true, TrustAnyCert: true, Retry: true})
	})
	first.Wait()
	proxied := h.judgeProxied(addresses, undecided, trace)
	h.behind = proxied.status != readiness.Fail
	say(h.report, ruleNotProxied, h.host, proxied)
	say(h.report, ruleHTTPSRedirect, h.host, h.judgeRedirect())

	var rest sync.WaitGroup
	rest.Go(func() { h.judgeOrigins(ctx) })
	rest.Go(func() { say(h.report, ruleCachePoison, h.host, h.judgePoison(ctx)) })
	rest.Go(func() { say(h.report, ruleWAFAbsent, h.host, h.judgeWAF(ctx)) })
	rest.Go(func() { say(h.report, ruleTrace, h.host, h.judgeTrace(ctx)) })
	rest.Go(func() { h.runPaths(ctx) })
	if u, err := url.Parse(h.home.FinalURL); err == nil && check.CanonicalHost(u.Hostname()) == h.host {
		rest.Go(func() { h.judgeCookies(ctx, u, h.host+u.EscapedPath(), h.home) })
	}
	rest.Wait()
	h.judgeHeaders()
}

// runPaths tests the private and the static paths of the host.
func (h *hostCheck) runPaths(ctx context.Context) {
	var all sync.WaitGroup
	for _, t := range h.spec.targets(h.spec.PrivatePaths) {
		if check.CanonicalHost(t.url.Hostname()) == h.host {
			all.Go(func() { h.judgePrivate(ctx, t) })
		}
	}
	for _, t := range h.spec.targets(h.spec.StaticPaths) {
		if check.CanonicalHost(t.url.Hostname()) == h.host {
			all.Go(func() { say(h.report, ruleStaticUncached, t.subject, h.judgeStatic(ctx, t)) })
		}
	}
	all.Wait()
}

// addresses returns all addresses of the host. undecided tells what could not
// be found out, or why there are none.
func (h *hostCheck) addresses(ctx context.Context) (found []netip.Addr, undecided string) {
	if ip, err := netip.ParseAddr(h.host); err == nil {
		return []netip.Addr{ip}, ""
	}
	found, undecided = lookUp(ctx, h.prober, h.host)
	if len(found) == 0 && undecided == "" {
		undecided = "the host has no address"
	}
	var shown []string
	for _, a := range found {
		shown = append(shown, a.String())
	}
	h.report.Observe(h.host+" addresses", strings.Join(shown, ", "))
	return found, undecided
}

// lookUp resolves a name. undecided tells what could not be found out.
func lookUp(ctx context.Context, p probe.Prober, name string) (found []netip.Addr, undecided string) {
	for _, typ := range []probe.RecordType{probe.TypeA, probe.TypeAAAA} {
		answer := p.Lookup(ctx, name, typ)
		if !answer.Status.Decided() {
			undecided = fmt.Sprintf("the %s records of %s could not be looked up: %s", typ, name, answer.Detail)
		}
		for _, r := range answer.Records {
			found = append(found, r.Address)
		}
	}
	return found, undecided
}

// judgeProxied decides edge.not_proxied. The addresses decide; headers, which
// an origin can forge, only confirm.
func (h *hostCheck) judgeProxied(addresses []netip.Addr, undecided string, trace probe.Exchange) verdict {
	var outside []string
	for _, a := range addresses {
		if !edgeranges.Contains(a) {
			outside = append(outside, a.String())
		}
	}
	slices.Sort(outside)
	switch {
	case len(outside) == len(addresses):
		return fail("resolves to " + strings.Join(outside, ", ") + ", which is not Cloudflare's")
	case len(outside) > 0:
		return fail(fmt.Sprintf("%d of %d addresses are not Cloudflare's: %s", len(outside), len(addresses), strings.Join(outside, ", ")))
	case undecided != "":
		return unclear(undecided)
	}
	traced, isTrace := tracedHost(trace)
	rays := 0
	answered := 0
	for _, x := range []probe.Exchange{h.home, h.clear, trace} {
		if len(x.Hops) > 0 {
			answered++
			if x.Hops[0].Header.Get("Cf-Ray") != "" {
				rays++
			}
		}
	}
	switch {
	case answered == 0:
		return unclear("its addresses are Cloudflare's, but nothing answers there: " + h.home.Detail)
	case isTrace && traced != h.host:
		return fail("its addresses are Cloudflare's, but the edge serves another host there: /cdn-cgi/trace says " + shorten(traced))
	case !isTrace && rays == 0:
		return fail("its addresses are Cloudflare's, but the answers did not pass the edge: they have no cf-ray, and there is no /cdn-cgi/trace")
	default:
		return pass("every address is Cloudflare's, and the answers passed the edge")
	}
}

// tracedHost reads h= of /cdn-cgi/trace, lines of key=value.
func tracedHost(x probe.Exchange) (host string, ok bool) {
	if x.Status != http.StatusOK || bytes.Contains(x.Body, []byte("<")) {
		return "", false
	}
	colo := false
	for lines := bufio.NewScanner(bytes.NewReader(x.Body)); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), "=")
		switch key {
		case "h":
			u, err := url.Parse("//" + value)
			if err != nil {
				return "", false
			}
			host = check.CanonicalHost(u.Hostname())
		case "colo", "fl":
			colo = true
		}
	}
	return host, colo && host != ""
}

func shorten(text string) string {
	if len(text) > 80 {
		return text[:80] + "..."
	}
	return text
}

// judgeRedirect decides edge.https_redirect by the first answer over http.
func (h *hostCheck) judgeRedirect() verdict {
	x := h.clear
	if !h.behind {
		return inapplicable("the host is not behind the edge")
	}
	if len(x.Hops) == 0 {
		switch {
		case x.Failure == probe.FailRefused:
			return pass("nothing listens on port 80")
		case x.Speechless:
			return pass("port 80 hangs up without a word")
		default:
			return unclear("port 80: " + x.Detail)
		}
	}
	target, err := url.Parse(x.Redirect)
	switch {
	case x.Challenged():
		return unclear("port 80: the edge answered with a challenge")
	case x.Status == http.StatusTooManyRequests || x.Status >= 500:
		return unclear(fmt.Sprintf("port 80 answers with status %d", x.Status))
	case x.Redirect != "" && err != nil:
		return fail("http redirects to an address that cannot be read")
	case x.Redirect != "" && target.Scheme != "https":
		return fail("http redirects to " + check.PlainAddress(x.Redirect) + " first: https is more than one hop away")
	case x.Redirect != "" && check.CanonicalHost(target.Hostname()) != h.host:
		return fail("http redirects to " + check.PlainAddress(x.Redirect) + ", another host, instead of to https on the same host first")
	case x.Redirect != "" && x.Header.Get("Cf-Ray") == "":
		return fail("the redirect to https did not come through the edge: it has no cf-ray")
	case x.Redirect != "" && x.Header.Get("Cf-Cache-Status") != "": // the edge has asked the origin
		return fail("the redirect to https is the origin's: what visitors send over http reaches it in the clear first")
	case x.Redirect != "":
		return pass("http leads to https on the same host in one hop")
	case refusesClear(x.Status) && !isHTML(h.home):
		return pass(fmt.Sprintf("plain HTTP is refused with status %d, and the host shows no pages", x.Status))
	default:
		return fail(fmt.Sprintf("http answers with status %d instead of a redirect to https", x.Status))
	}
}

// refusesClear reports a status by which a server that serves programs says no
// to plain HTTP.
func refusesClear(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusMisdirectedRequest, http.StatusUpgradeRequired:
		return true
	}
	return false
}
