package edgecheck

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// judgeHeaders decides the rules of headers.* from the front page, from where
// it leads on this host, and from the answers of the given paths.
func (h *hostCheck) judgeHeaders() {
	seen := h.answers
	why := unusable(h.home)
	if u, err := url.Parse(h.home.FinalURL); why == "" && err == nil && check.CanonicalHost(u.Hostname()) == h.host {
		seen = append(seen, answer{u.EscapedPath(), h.home})
	}
	slices.SortFunc(seen, func(a, b answer) int { return strings.Compare(a.path, b.path) })
	for rule, judge := range map[string]func(answer) verdict{
		ruleCSP: judgeCSP, ruleNosniff: judgeNosniff, ruleFrame: judgeFrame, ruleReferrer: judgeReferrer, ruleServerVersion: judgeVersion,
	} {
		var all []verdict
		if why != "" {
			all = append(all, unclear(why))
		}
		for _, a := range seen {
			if v := judge(a); v.status != "" {
				all = append(all, v)
			}
		}
		say(h.report, rule, h.host, worst(inapplicable("the host shows nothing that this applies to"), all...))
	}
}

// fail puts the path before what is said of its answer.
func (a answer) fail(format string, args ...any) verdict {
	return fail(a.path + ": " + fmt.Sprintf(format, args...))
}

// isPage reports whether an answer is a page that people see.
func (a answer) isPage() bool { return succeeded(a.x) && isHTML(a.x) }

func judgeCSP(a answer) verdict {
	if !a.isPage() {
		return verdict{}
	}
	policies := policiesOf(a.x.Header, "Content-Security-Policy")
	for _, text := range readPage(a.x).policies {
		policies = append(policies, parsePolicy(text))
	}
	weakness := "no Content-Security-Policy is sent"
	if len(policiesOf(a.x.Header, "Content-Security-Policy-Report-Only")) > 0 {
		weakness = "the Content-Security-Policy is report-only: it stops nothing"
	}
	// Every policy holds: one that is strict is enough.
	for _, p := range policies {
		if weakness = p.weakness(); weakness == "" {
			return pass("pages have a Content-Security-Policy that keeps injected scripts from running")
		}
	}
	return a.fail("%s", weakness)
}

func judgeNosniff(a answer) verdict {
	if !succeeded(a.x) || a.x.Status == http.StatusNoContent {
		return verdict{}
	}
	value, _, _ := strings.Cut(strings.Join(a.x.Header.Values("X-Content-Type-Options"), ","), ",")
	if strings.EqualFold(strings.TrimSpace(value), "nosniff") {
		return pass("answers have X-Content-Type-Options: nosniff")
	}
	return a.fail("no X-Content-Type-Options: nosniff")
}

// judgeFrame decides headers.frame. frame-ancestors, where it is sent, is all
// that browsers look at (CSP Level 3 section 6.4.2.2); in a meta element it
// means nothing.
func judgeFrame(a answer) verdict {
	if !a.isPage() {
		return verdict{}
	}
	said, open := false, true
	for _, p := range policiesOf(a.x.Header, "Content-Security-Policy") {
		s, o := p.framing()
		said = said || s
		open = open && (!s || o)
	}
	option := frameOption(a.x.Header)
	switch {
	case said && !open:
		return pass("pages say who may frame them, by frame-ancestors")
	case said:
		return a.fail("frame-ancestors lets any site frame the page")
	case option == "deny", option == "sameorigin":
		return pass("pages say who may frame them, by X-Frame-Options")
	case option != "":
		return a.fail("X-Frame-Options has a value that browsers ignore, and there is no frame-ancestors")
	default:
		return a.fail("neither frame-ancestors nor X-Frame-Options is sent")
	}
}

// frameOption is the value of X-Frame-Options, in lower case. What is sent
// twice counts once.
func frameOption(h http.Header) string {
	var values []string
	for v := range strings.SplitSeq(strings.ToLower(strings.Join(h.Values("X-Frame-Options"), ",")), ",") {
		if v = strings.TrimSpace(v); v != "" && !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return strings.Join(values, ", ")
}

// referrerPolicies are the values that browsers know (Referrer Policy section 3),
// with whether each keeps paths and queries from other sites.
func referrerPolicies() map[string]bool {
	return map[string]bool{
		"no-referrer": true, "same-origin": true, "origin": true, "strict-origin": true, "origin-when-cross-origin": true,
		"strict-origin-when-cross-origin": true, "no-referrer-when-downgrade": false, "unsafe-url": false,
	}
}

func judgeReferrer(a answer) verdict {
	if !a.isPage() {
		return verdict{}
	}
	values := slices.Concat(a.x.Header.Values("Referrer-Policy"), readPage(a.x).referrers)
	last := "" // of those that are known, the last counts
	for value := range strings.SplitSeq(strings.Join(values, ","), ",") {
		value = strings.ToLower(strings.TrimSpace(value))
		if _, known := referrerPolicies()[value]; known {
			last = value
		}
	}
	switch {
	case last == "":
		return a.fail("no Referrer-Policy is sent")
	case !referrerPolicies()[last]:
		return a.fail("Referrer-Policy: %s tells other sites the whole address", last)
	default:
		return pass("pages have a Referrer-Policy that keeps addresses from other sites")
	}
}

var (
	productVersion = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)[a-z][a-z0-9_.+-]*(\([a-z]*\))?[/ (]v?\d+(\.\d+)*\b`)
	})
	bareVersion = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\d+(\.\d+)+`) })
	// receivedProtocol is the protocol that begins an element of Via (RFC 9110 section 7.6.3).
	receivedProtocol = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*([A-Za-z]+/)?\d+(\.\d+)?\s+`) })
)

func judgeVersion(a answer) verdict {
	if a.x.Status == 0 {
		return verdict{}
	}
	for _, name := range []string{"Server", "X-Powered-By", "X-Generator", "Via", "X-AspNet-Version", "X-AspNetMvc-Version"} {
		for _, value := range a.x.Header.Values(name) {
			pattern := productVersion()
			switch {
			case name == "Via":
				value = stripVia(value)
			case strings.HasPrefix(name, "X-AspNet"):
				pattern = bareVersion()
			}
			if found := pattern.FindString(value); found != "" {
				return a.fail("%s tells the version of a program: %s", name, shorten(found))
			}
		}
	}
	return pass("no header tells the version of a program")
}

func stripVia(value string) string {
	elements := strings.Split(value, ",")
	for i, e := range elements {
		elements[i] = receivedProtocol().ReplaceAllString(e, "")
	}
	return strings.Join(elements, ",")
}

// judgeTrace decides headers.trace: whether TRACE echoes the request (RFC 9110
// section 9.3.8), and with it headers that scripts may not read.
func (h *hostCheck) judgeTrace(ctx context.Context) verdict {
	word := random()
	x := h.prober.Fetch(ctx, probe.Request{
		Method: http.MethodTrace, URL: at("https", h.host, "/"), Header: http.Header{"X-Launchready-Trace": {word}}, TrustAnyCert: true,
	})
	switch {
	case x.Failure == probe.FailReset && x.Connected && unusable(h.home) == "":
		return pass("TRACE is refused")
	case x.Challenged() && unusable(h.home) == "":
		return pass("TRACE is stopped at the edge")
	case x.Status == 0 || x.Challenged() || x.Throttled() || x.Status >= 500 && x.Status != http.StatusNotImplemented:
		return unclear(cmp.Or(unusable(x), "TRACE has no answer"))
	case succeeded(x) && strings.Contains(string(x.Body), word):
		return fail("TRACE echoes the request with its headers")
	default:
		return pass("TRACE does not echo the request")
	}
}
