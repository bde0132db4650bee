package tlscheck

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

const (
	maxStylesheets   = 20 // fetched a page
	maxUpgradeProofs = 10 // https twins fetched a page
	maxLoadsShown    = 5
)

// checkPage decides the mixed-content rules of one page.
func checkPage(ctx context.Context, s *site, address string, reach map[string]reachability, report *readiness.Recorder) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		each(mixedRules(), plainText(address), "this is not a URL", report.Inconclusive)
		return
	}
	subject := u.Host + u.EscapedPath()
	switch reach[canonical(u.Hostname())] {
	case noSuchHost, noTLS:
		if u.Port() == "" { // another port was not tested
			each(mixedRules(), subject, "there is no HTTPS page to look at", report.NotApplicable)
			return
		}
	}
	x := s.fetch(ctx, address)
	if why := unusable(x); why != "" {
		each(mixedRules(), subject, why, report.Inconclusive)
		return
	}
	note := ""
	if len(x.Hops) > 1 {
		note = " (judged where it redirects to: " + plainText(x.FinalURL) + ")"
		report.Observe(subject+" redirects to", plainText(x.FinalURL))
	}
	final, err := url.Parse(x.FinalURL)
	if err != nil || final.Scheme != "https" {
		each(mixedRules(), subject, "the page ends at plain HTTP, where nothing is mixed: see "+ruleDowngrade+" and "+ruleHTTPNoRedirect+note, report.NotApplicable)
		return
	}
	found := scanHTML(x.Body, final)
	found.upgrade = found.upgrade || upgradesInsecure(x.Header)
	unread := unread{sheets: readStylesheets(ctx, s, final, &found)}
	switch {
	case x.Truncated:
		unread.page = "the page is longer than what is read of it"
	case len(x.Hops) > 1 && u.Path != "/" && !signIn(u) && (signIn(final) || found.password && final.RawQuery != ""):
		// What the sign-in page loads says nothing of the page behind it.
		unread.page = "the page leads to a sign-in at " + plainText(x.FinalURL) + ": list pages that visitors see without it"
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
	label, _, _ := strings.Cut(canonical(u.Hostname()), ".")
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
	kind, _, _ := mime.ParseMediaType(x.Header.Get("Content-Type"))
	switch {
	case x.Failure != probe.FailNone:
		return "the page could not be fetched: " + x.Detail
	case x.Challenged():
		return "the edge answered with a challenge"
	case x.Redirect != "":
		return "the page redirects to " + plainText(x.Redirect) + ", outside the scope"
	case x.Status < 200 || x.Status > 299:
		return fmt.Sprintf("the page answers with status %d", x.Status)
	case kind != "text/html" && kind != "application/xhtml+xml":
		return "the answer is not an HTML page"
	default:
		return ""
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
		x := s.fetch(ctx, sheet)
		switch {
		case x.Failure != probe.FailNone:
			open = "the stylesheet " + plain(u) + " could not be fetched: " + x.Detail
		case x.Challenged() || x.Status >= 500 || x.Status == http.StatusTooManyRequests:
			open = "the stylesheet " + plain(u) + " could not be fetched"
		case x.Status > 299 || x.Redirect != "":
			// A sheet that is not there loads nothing.
		default:
			base, err := url.Parse(x.FinalURL)
			if err != nil {
				continue
			}
			for _, hop := range x.Hops {
				found.add(active, "stylesheet", hop.Location) // a redirect into the clear is blocked too
			}
			inner := scan{base: base}
			inner.css(string(x.Body))
			found.loads = append(found.loads, inner.loads...)
			queue = append(queue, inner.stylesheets...)
			if x.Truncated {
				open = "the stylesheet " + plain(u) + " is longer than what is read of it"
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
	a, errA := publicsuffix.EffectiveTLDPlusOne(page)
	b, errB := publicsuffix.EffectiveTLDPlusOne(host)
	return errA == nil && errB == nil && a == b
}

// judgeLoads reports one finding a rule: all loads of its class.
func judgeLoads(ctx context.Context, s *site, found scan, subject, note string, unread unread, report *readiness.Recorder) {
	proofs := upgradeProofs{site: s, left: maxUpgradeProofs, known: map[string]bool{}}
	for class, rule := range []string{active: ruleMixedActive, passive: ruleMixedPassive, form: ruleMixedForm} {
		var shown []string
		severity := readiness.Low // unless one load is worse
		for _, l := range found.loads {
			if int(l.class) != class {
				continue
			}
			shown = append(shown, l.kind+" "+plainText(l.url))
			if !l.scriptLiteral && !(found.upgrade && (l.class == form || proofs.works(ctx, l.url))) {
				severity = "" // the rule's own
			}
		}
		slices.Sort(shown)
		shown = slices.Compact(shown)
		switch {
		case len(shown) > 0:
			if n := len(shown) - maxLoadsShown; n > 0 {
				shown = append(shown[:maxLoadsShown], fmt.Sprintf("%d more", n))
			}
			message := strings.Join(shown, "; ") + note
			switch {
			case found.upgrade && severity != "":
				message += "; browsers upgrade it (upgrade-insecure-requests)"
			case found.upgrade:
				message += "; browsers upgrade it (upgrade-insecure-requests), and an https address does not answer"
			}
			report.FailAs(rule, subject, severity, message, "")
		case unread.page != "":
			report.Inconclusive(rule, subject, unread.page)
		case unread.sheets != "" && rule != ruleMixedForm:
			report.Inconclusive(rule, subject, unread.sheets)
		default:
			report.Pass(rule, subject, "nothing is loaded or sent over plain HTTP"+note)
		}
	}
}

// upgradeProofs asks the https twins of upgraded loads, each once.
type upgradeProofs struct {
	site  *site
	left  int
	known map[string]bool
}

// works reports whether the https twin of a load answers. One that may not be
// asked, or is too many, is believed.
func (p *upgradeProofs) works(ctx context.Context, address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return true
	}
	u.Scheme, u.Host = "https", strings.TrimSuffix(u.Host, ":80") // Upgrade Insecure Requests 3.3
	twin := u.String()
	if works, ok := p.known[twin]; ok {
		return works
	}
	if p.left == 0 {
		return true
	}
	p.left--
	x := p.site.fetch(ctx, twin)
	p.known[twin] = x.Failure == probe.FailScope || x.Failure == probe.FailNone && x.Status >= 200 && x.Status <= 299
	return p.known[twin]
}
