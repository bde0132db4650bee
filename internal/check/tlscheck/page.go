package tlscheck

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

const maxStylesheets = 20 // fetched a page

// checkPage decides the mixed-content rules of one page. listed tells a page that
// the user named from the default one, which need be no page at all.
func checkPage(ctx context.Context, s *site, address string, listed bool, reach map[string]reachability, report *readiness.Recorder) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		check.Each(mixedRules(), check.PlainAddress(address), "this is not a URL", report.Inconclusive)
		return
	}
	subject := u.Host + u.EscapedPath()
	switch reach[check.CanonicalHost(u.Hostname())] {
	case noSuchHost, noTLS:
		if u.Port() == "" { // another port was not tested
			check.Each(mixedRules(), subject, "there is no HTTPS page to look at", report.NotApplicable)
			return
		}
	}
	x := s.fetch(ctx, address)
	if _, tested := reach[check.CanonicalHost(u.Hostname())]; !tested {
		// Of a host that is none of the check's, this alone is seen.
		if v := judgeDowngrade([]probe.Exchange{x}); v.status == readiness.Fail {
			say(report, ruleDowngrade, subject, v)
		}
	}
	if why := noPage(x); why != "" && !listed {
		check.Each(mixedRules(), subject, why, report.NotApplicable)
		return
	}
	if why := unusable(x); why != "" {
		check.Each(mixedRules(), subject, why, report.Inconclusive)
		return
	}
	note := ""
	if len(x.Hops) > 1 {
		note = " (judged where it redirects to: " + check.PlainAddress(x.FinalURL) + ")"
		report.Observe(subject+" redirects to", check.PlainAddress(x.FinalURL))
	}
	final, err := url.Parse(x.FinalURL)
	if err != nil || final.Scheme != "https" {
		check.Each(mixedRules(), subject, "the page ends at plain HTTP, where nothing is mixed: see "+ruleDowngrade+" and "+ruleHTTPNoRedirect+note, report.NotApplicable)
		return
	}
	found, why := scanPage(x, final)
	found.upgradeAll = upgradesInsecure(x.Header)
	unread := unread{sheets: readStylesheets(ctx, s, final, &found)}
	switch {
	case why != "":
		unread.page = why
	case x.Truncated:
		unread.page = "the page is longer than what is read of it"
	case len(x.Hops) > 1 && u.Path != "/" && !signIn(u) && (signIn(final) || found.password && final.RawQuery != ""):
		// What the sign-in page loads says nothing of the page behind it.
		unread.page = "the page leads to a sign-in at " + check.PlainAddress(x.FinalURL) + ": list pages that visitors see without it"
	}
	judgeLoads(ctx, s, found, subject, note, unread, report)
}

// unread is why part of what was to be judged could not be seen; empty if all was.
type unread struct {
	page   string // the page itself: no rule can pass
	sheets string // a stylesheet, which holds no forms
}

// signIn reports whether an address is a sign-in's by the first label of its
// host or a segment of its path. One under another name is known by its
// password field and the query that says where the visitor came from.
func signIn(u *url.URL) bool {
	label, _, _ := strings.Cut(check.CanonicalHost(u.Hostname()), ".")
	for _, word := range append(strings.Split(strings.ToLower(u.Path), "/"), label) {
		switch strings.NewReplacer("-", "", "_", "").Replace(word) {
		case "login", "logon", "signin", "auth", "oauth", "oauth2", "sso", "sessions", "session":
			return true
		}
	}
	return false
}

// unusable says why an answer is no page to judge; "" if it is one.
func unusable(x probe.Exchange) string {
	switch {
	case x.Failure != probe.FailNone:
		return "the page could not be fetched: " + x.Detail
	case x.Challenged():
		return "the edge answered with a challenge"
	case x.Redirect != "":
		return "the page redirects to " + check.PlainAddress(x.Redirect) + ", outside the scope"
	case x.Status < 200 || x.Status > 299:
		return fmt.Sprintf("the page answers with status %d", x.Status)
	case x.Status == http.StatusNoContent:
		return "the page answers without content (status 204)"
	case !isHTML(x) && len(x.Body) > 0:
		return "the answer is not an HTML page"
	case !isHTML(x):
		return "the page is empty"
	default:
		return ""
	}
}

// noPage says why a host shows no page at its root by design: it serves
// programs, asks for a password by HTTP, or leaves signing in to another site.
// It returns "" if there is a page, or if that cannot be told.
func noPage(x probe.Exchange) string {
	switch {
	case x.Failure != probe.FailNone || x.Challenged() || len(x.Hops) == 0 || x.Status >= 500 || x.Status == http.StatusTooManyRequests:
		return ""
	case x.Redirect != "":
		from, errFrom := url.Parse(x.FinalURL)
		to, errTo := url.Parse(x.Redirect)
		if errFrom == nil && errTo == nil && from.Scheme == "https" && to.Scheme == "https" && to.Host != "" && !sameSite(from.Hostname(), to.Hostname()) {
			return "the host has no page of its own at /: it redirects to another site, " + check.PlainURL(to)
		}
		return ""
	case !strings.HasPrefix(x.FinalURL, "https:"):
		return ""
	case x.Status == http.StatusUnauthorized && x.Header.Get("WWW-Authenticate") != "":
		return "the host asks for HTTP authentication at / (status 401)"
	case x.Status >= 300 && x.Status < 400 || !x.Readable():
		return ""
	case isHTML(x) && (len(x.Body) > 0 || x.Status != http.StatusUnauthorized && x.Status != http.StatusNoContent):
		return ""
	default:
		return fmt.Sprintf("the host serves no HTML page at / (status %d)", x.Status)
	}
}

// upgradesInsecure reports whether a CSP that is enforced has the directive
// upgrade-insecure-requests.
func upgradesInsecure(h http.Header) bool {
	for _, policies := range h.Values("Content-Security-Policy") {
		for policy := range strings.SplitSeq(policies, ",") {
			if cspUpgrades(policy) {
				return true
			}
		}
	}
	return false
}

func cspUpgrades(policy string) bool {
	for directive := range strings.SplitSeq(policy, ";") {
		fields := strings.Fields(directive)
		if len(fields) > 0 && strings.EqualFold(fields[0], "upgrade-insecure-requests") {
			return true
		}
	}
	return false
}

// readStylesheets adds what the page's https stylesheets of its own site load,
// and theirs in turn. It returns why some could not be read, or "".
func readStylesheets(ctx context.Context, s *site, page *url.URL, found *scan) (open string) {
	queue, seen := slices.Clone(found.stylesheets), map[string]bool{}
	for len(queue) > 0 {
		sheet := queue[0]
		queue = queue[1:]
		u, err := url.Parse(sheet)
		if err != nil || u.Scheme != "https" || seen[sheet] || !ours(s.prober, page.Hostname(), u.Hostname()) {
			continue
		}
		if len(seen) == maxStylesheets {
			return fmt.Sprintf("the page has more than %d stylesheets", maxStylesheets)
		}
		seen[sheet] = true
		x := s.fetchSheet(ctx, sheet)
		for _, hop := range x.Hops {
			found.add(active, "stylesheet", hop.Location) // a redirect into the clear is blocked too
		}
		if x.Redirect != "" {
			found.add(active, "stylesheet", x.Redirect) // to where the scope ends
		}
		switch {
		case x.Failure != probe.FailNone:
			open = "the stylesheet " + check.PlainURL(u) + " could not be fetched: " + x.Detail
		case x.Challenged() || x.Status >= 500 || x.Status == http.StatusTooManyRequests:
			open = "the stylesheet " + check.PlainURL(u) + " could not be fetched"
		case x.Status > 299 || x.Redirect != "":
			// A sheet that is not there loads nothing.
		default:
			base, err := url.Parse(x.FinalURL)
			if err != nil {
				continue
			}
			inner := scan{base: base, upgrade: found.upgrade}
			text, why := readableSheet(x)
			if err := guarded(func() error { inner.css(text); return nil }); err != nil {
				why = "cannot be read: " + err.Error()
			}
			found.loads = append(found.loads, inner.loads...)
			queue = append(queue, inner.stylesheets...)
			if why != "" {
				open = "the stylesheet " + check.PlainURL(u) + " " + why
			}
			if x.Truncated {
				open = "the stylesheet " + check.PlainURL(u) + " is longer than what is read of it"
			}
		}
	}
	return open
}

// ours reports whether a stylesheet's host belongs to the page's site, or to
// the hosts that the user has named as theirs.
func ours(p probe.Prober, page, host string) bool {
	if p.InScope(host, probe.Passive) != nil {
		return false
	}
	if page == host || p.InScope(host, probe.Active) == nil {
		return true
	}
	return sameSite(page, host)
}

// sameSite reports whether two hosts share a registrable domain.
func sameSite(a, b string) bool {
	if a == b {
		return true
	}
	siteA, errA := publicsuffix.EffectiveTLDPlusOne(a)
	siteB, errB := publicsuffix.EffectiveTLDPlusOne(b)
	return errA == nil && errB == nil && siteA == siteB
}

// readableSheet is a stylesheet's text, or why it cannot be read. One that is
// empty, or holds octets of zero, is no worse for that; its character set must
// be compatible with ASCII for addresses to be found.
func readableSheet(x probe.Exchange) (text, why string) {
	switch {
	case !x.Readable():
		return "", "is sent in a content encoding that was not asked for"
	case bytes.HasPrefix(x.Body, []byte("\xff\xfe")), bytes.HasPrefix(x.Body, []byte("\xfe\xff")), strings.Contains(strings.ToLower(x.Header.Get("Content-Type")), "utf-16"):
		text, why := decoded(x)
		return string(text), why
	default:
		return string(x.Body), ""
	}
}
