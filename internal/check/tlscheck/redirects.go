package tlscheck

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// judgeHTTP decides the rules that need requests: redirects and HSTS.
func (h *hostCheck) judgeHTTP(ctx context.Context, facts []probe.TLSFacts, reach reachability) {
	clear := h.site.fetch(ctx, origin("http", h.host)+"/")
	toHTTPS := judgeFirstHop(clear, h.host)
	say(h.report, ruleHTTPNoRedirect, h.host, toHTTPS)

	var secure probe.Exchange
	if reach == reachable {
		secure = h.site.fetch(ctx, origin("https", h.host)+"/")
	}
	if reach == noTLS && len(clear.Hops) == 0 {
		each([]string{ruleDowngrade, ruleLoop}, h.host, "the host answers neither HTTPS nor HTTP", h.report.NotApplicable)
	} else {
		say(h.report, ruleDowngrade, h.host, judgeDowngrade(secure, clear, reach))
		say(h.report, ruleLoop, h.host, judgeLoop(secure, clear, reach))
	}
	h.judgeHSTS(ctx, secure, facts, reach, toHTTPS)
}

// judgeFirstHop decides whether http://host/ leads to https on the same host at
// once: only then can a browser learn the host's HSTS.
func judgeFirstHop(x probe.Exchange, host string) verdict {
	if len(x.Hops) == 0 {
		switch x.Failure {
		case probe.FailRefused:
			return pass("nothing listens on port 80")
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
			return fail("http redirects to " + plain(target) + ", which is not https")
		case canonical(target.Hostname()) != host:
			return fail("http redirects to " + plain(target) + " first; https on the same host must come first")
		default:
			return pass("http redirects to https on the same host")
		}
	case first.Status == http.StatusTooManyRequests || first.Status >= 500:
		return unclear(fmt.Sprintf("port 80 answered with status %d", first.Status))
	case refusesClear(first.Status):
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
func judgeDowngrade(secure, clear probe.Exchange, reach reachability) verdict {
	for _, x := range []probe.Exchange{secure, clear} {
		https := false
		for _, hop := range x.Hops {
			https = https || strings.HasPrefix(hop.URL, "https:")
			if https && strings.HasPrefix(hop.Location, "http:") {
				return fail(fmt.Sprintf("%s redirects to %s", plainText(hop.URL), plainText(hop.Location)))
			}
		}
	}
	if v, ok := notSeen(secure, clear, reach); ok {
		return v
	}
	return pass("no redirect leads from https to http")
}

func judgeLoop(secure, clear probe.Exchange, reach reachability) verdict {
	for _, x := range []probe.Exchange{secure, clear} {
		if x.Failure == probe.FailRedirects {
			return fail(x.Detail + ", at " + plainText(x.FinalURL))
		}
	}
	if v, ok := notSeen(secure, clear, reach); ok {
		return v
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

// plain is a URL as findings show it: without a query, which may hold a token.
func plain(u *url.URL) string {
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return shown.String()
}

func plainText(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "an address that cannot be read"
	}
	return plain(u)
}
