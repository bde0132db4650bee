package tlscheck

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// judgeHTTP decides the rules that need requests: redirects and HSTS.
func (h *hostCheck) judgeHTTP(ctx context.Context, facts []probe.TLSFacts, reach reachability) {
	clear := h.site.fetch(ctx, origin("http", h.host)+"/")
	var secure probe.Exchange
	if reach == reachable {
		secure = h.site.fetch(ctx, origin("https", h.host)+"/")
	}
	h.askAddresses(ctx, facts)
	toHTTPS := h.judgePlainHTTP(ctx, facts, clear, secure)
	say(h.report, ruleHTTPNoRedirect, h.host, toHTTPS)

	if reach == noTLS && len(clear.Hops) == 0 {
		check.Each([]string{ruleDowngrade, ruleLoop}, h.host, "the host answers neither HTTPS nor HTTP", h.report.NotApplicable)
	} else {
		walked := []probe.Exchange{secure, clear}
		if reach == reachable {
			for _, page := range h.pages() {
				walked = append(walked, h.site.fetch(ctx, page))
			}
		}
		for rule, judge := range map[string]func([]probe.Exchange) verdict{ruleDowngrade: judgeDowngrade, ruleLoop: judgeLoop} {
			v := judge(walked)
			if unseen, ok := notSeen(secure, clear, reach); ok && v.status != readiness.Fail {
				v = unseen
			}
			say(h.report, rule, h.host, v)
		}
	}
	h.judgeHSTS(ctx, secure, facts, reach, toHTTPS)
}

// askAddresses asks all addresses of a host side by side for what is judged of
// each: filtered ports would add up their time-outs.
func (h *hostCheck) askAddresses(ctx context.Context, facts []probe.TLSFacts) {
	if len(facts) < 2 {
		return
	}
	var all sync.WaitGroup
	for _, f := range facts {
		all.Go(func() { h.site.fetchFirst(ctx, origin("http", h.host)+"/", f.Address) })
		if f.Failure == probe.FailNone {
			all.Go(func() { h.site.fetchFirst(ctx, origin("https", h.host)+"/", f.Address) })
		}
	}
	all.Wait()
}

// pages returns the checked pages of this host, on its default port.
func (h *hostCheck) pages() []string {
	var out []string
	for _, page := range h.spec.pageURLs() {
		for _, scheme := range []string{"http", "https"} {
			if strings.HasPrefix(page, origin(scheme, h.host)+"/") {
				out = append(out, page)
			}
		}
	}
	return out
}

// judgePlainHTTP decides tls.http_no_redirect: at "/" of every address, and at
// every page. The worst counts.
func (h *hostCheck) judgePlainHTTP(ctx context.Context, facts []probe.TLSFacts, clear, secure probe.Exchange) verdict {
	people := forPeople(secure)
	at := atAddresses{h: h}
	if len(facts) > 1 {
		for _, f := range facts {
			x := h.site.fetchFirst(ctx, origin("http", h.host)+"/", f.Address)
			if x.Failure == probe.FailNoRoute && !f.Address.Is4() {
				continue
			}
			at.add(f.Address, judgeFirstHop(x, h.host, people))
		}
	}
	if len(at.verdicts) == 0 {
		at.add(netip.Addr{}, judgeFirstHop(clear, h.host, people))
	}
	worst := at.worst()
	if len(clear.Hops) == 0 {
		return worst // nobody answers, at no path
	}
	for _, page := range h.pages() {
		u, err := url.Parse(page)
		if err != nil {
			continue
		}
		u.Scheme = "http"
		if u.Path == "/" && u.RawQuery == "" {
			continue
		}
		v := judgeFirstHop(h.site.fetchFirst(ctx, u.String(), netip.Addr{}), h.host, people || forPeople(h.site.fetch(ctx, page)))
		v.message = u.EscapedPath() + ": " + v.message
		if v.worse(worst) {
			worst = v
		}
	}
	return worst
}

// atAddresses are the verdicts of one rule at the addresses of a host.
type atAddresses struct {
	h         *hostCheck
	addresses []netip.Addr
	verdicts  []verdict
}

func (a *atAddresses) add(address netip.Addr, v verdict) {
	a.addresses = append(a.addresses, address)
	a.verdicts = append(a.verdicts, v)
}

// worst is the verdict that counts. It names its address if others differ.
func (a *atAddresses) worst() verdict {
	var worst verdict
	at, differ := -1, false
	for i, v := range a.verdicts {
		differ = differ || v != a.verdicts[0]
		if at < 0 || v.worse(worst) {
			worst, at = v, i
		}
	}
	if differ && worst.status != readiness.Pass {
		worst.message += " (at " + a.addresses[at].String() + ")"
	}
	return worst
}

// forPeople reports whether a host shows pages, or leads to where they are.
func forPeople(x probe.Exchange) bool {
	return x.Redirect != "" || isHTML(x) && x.Status >= 200 && x.Status <= 299
}

// judgeFirstHop decides whether http://host/ leads to https on the same host at
// once: only then can a browser learn the host's HSTS. people tells whether the
// host has pages, whose visitors a refusal leaves where they are.
func judgeFirstHop(x probe.Exchange, host string, people bool) verdict {
	if len(x.Hops) == 0 {
		switch {
		case x.Failure == probe.FailRefused:
			return pass("nothing listens on port 80")
		case x.Speechless:
			return pass("port 80 hangs up without a word: no content over http")
		default:
			return unclear("port 80: " + x.Detail)
		}
	}
	first := x.Hops[0]
	// The edge may have answered in place of the site; the last response is the one it marks.
	if len(x.Hops) == 1 && x.Challenged() {
		return unclear("the edge answered with a challenge")
	}
	switch {
	case first.Location != "":
		target, err := url.Parse(first.Location)
		switch {
		case err != nil:
			return unclear("port 80 redirects to an address that cannot be read")
		case target.Scheme != "https":
			return fail("http redirects to " + check.PlainURL(target) + ", which is not https")
		case check.CanonicalHost(target.Hostname()) != host:
			return fail("http redirects to " + check.PlainURL(target) + " first; https on the same host must come first")
		default:
			return pass("http redirects to https on the same host")
		}
	case first.Status == http.StatusTooManyRequests || first.Status >= 500:
		return unclear(fmt.Sprintf("port 80 answered with status %d", first.Status))
	case refusesClear(first.Status) && !people:
		v := fail(fmt.Sprintf("plain HTTP is refused with status %d instead of being redirected", first.Status))
		v.severity = readiness.Low
		return v
	default:
		return fail(fmt.Sprintf("plain HTTP answers with status %d instead of a redirect", first.Status))
	}
}

// refusesClear reports a status by which a server that serves programs alone
// says no to plain HTTP. ASVS 4.1.2 even asks that APIs do not redirect.
func refusesClear(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusMisdirectedRequest, http.StatusUpgradeRequired:
		return true
	}
	return false
}

// judgeDowngrade looks for http after https on the way, to where a redirect was
// not followed too.
func judgeDowngrade(walked []probe.Exchange) verdict {
	for _, x := range walked {
		https := false
		for _, hop := range x.Hops {
			https = https || strings.HasPrefix(hop.URL, "https:")
			if https && strings.HasPrefix(hop.Location, "http:") {
				return fail(fmt.Sprintf("%s redirects to %s", check.PlainAddress(hop.URL), check.PlainAddress(hop.Location)))
			}
		}
	}
	return pass("no redirect leads from https to http")
}

func judgeLoop(walked []probe.Exchange) verdict {
	for _, x := range walked {
		if x.Failure == probe.FailRedirects {
			return fail(x.Detail + ", at " + check.PlainAddress(x.FinalURL))
		}
	}
	return pass("redirects come to an end")
}

// notSeen is the verdict where the redirects could not be walked to their end.
func notSeen(secure, clear probe.Exchange, reach reachability) (verdict, bool) {
	switch {
	case reach == unknownHost:
		return unclear("the host could not be reached over TLS"), true
	case reach == reachable && secure.Failure != probe.FailNone && secure.Failure != probe.FailRedirects:
		return unclear("https: " + secure.Detail), true
	case len(clear.Hops) > 0 && clear.Failure != probe.FailNone && clear.Failure != probe.FailRedirects && reach == reachable:
		return unclear("http: " + clear.Detail), true
	}
	return verdict{}, false
}
