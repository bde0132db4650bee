package edgecheck

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// pageSimilarity is from where on two answers are one page.
const pageSimilarity = 0.95

// private is one private path under test.
type private struct {
	*hostCheck
	target  target
	address string         // of the target, at a place in caches that no member has been to
	marker  string         // a text that only the identity's answer holds; empty = none is known
	granted probe.Exchange // with the session
	denied  probe.Exchange // without
}

// judgePrivate decides what caches do with the answers of a private path.
func (h *hostCheck) judgePrivate(ctx context.Context, t target) {
	if len(h.spec.Session.Header) == 0 {
		check.Each(privateRules(), t.subject, "what is private shows only in a session: name an identity", h.report.NotApplicable)
		return
	}
	p := private{hostCheck: h, target: t, address: busted(t.url)}
	// A stranger's answer comes first, at a place of its own in every cache, so
	// that it is neither given nor leaves anything behind.
	p.denied = h.get(ctx, busted(t.url))
	p.granted = p.member(ctx, p.address)
	if v := p.controls(ctx); v.status != "" {
		for _, rule := range privateRules() {
			if rule != rulePrivateCached && v.status == readiness.Fail {
				v = inapplicable("the answer of the session comes from a cache: see " + rulePrivateCached)
			}
			say(h.report, rule, t.subject, v)
		}
		return
	}
	h.keep(t.url.EscapedPath(), p.granted)
	say(h.report, rulePrivateCacheable, t.subject, judgeCacheControl(p.granted.Header))
	say(h.report, rulePrivateCached, t.subject, p.cached(ctx))
	say(h.report, ruleCacheDeception, t.subject, p.deceived(ctx))
}

// member makes a request of the identity. Credentials travel only to a server
// whose certificate verifies.
func (p *private) member(ctx context.Context, address string) probe.Exchange {
	return p.prober.Fetch(ctx, probe.Request{URL: address, Header: p.spec.Session.Header, Intent: probe.Active, Retry: true, Reuse: true})
}

// controls looks at both answers before any conclusion: the identity is let in,
// a stranger is not, and the two can be told apart. It returns a verdict where
// that is all there is to say.
func (p *private) controls(ctx context.Context) verdict {
	session := p.spec.Session
	if why := unusable(p.granted); why != "" {
		return unclear(why)
	}
	if why := unusable(p.denied); why != "" {
		return unclear(why)
	}
	switch {
	case succeeded(p.granted):
	case p.granted.Redirect != "" && probe.Classify(p.granted, probe.Reference{}) != probe.Denied:
		return unclear(fmt.Sprintf("the path leads the identity %q on to %s: name that address instead", session.Identity, check.PlainAddress(p.granted.Redirect)))
	default:
		return unclear(fmt.Sprintf("the identity %q is not let in: status %d", session.Identity, p.granted.Status))
	}
	sign, fromCache := stored(p.denied)
	p.marker = session.Marker
	if p.marker == "" && session.Username != "" && p.granted.Holds(session.Username) {
		p.marker = session.Username
	}
	shown := p.marker != "" && p.denied.Holds(p.marker)
	switch {
	case session.Marker != "" && !p.granted.Holds(session.Marker):
		return unclear(fmt.Sprintf("the answer to identity %q does not contain the marker", session.Identity))
	case shown && fromCache:
		return fail("a stranger is given the identity's answer from the cache (" + sign + ")")
	case shown && session.Marker != "":
		return unclear("the marker is in what a stranger is given too: it tells nothing")
	case shown:
		p.marker = ""
	}
	if p.marker == "" && succeeded(p.denied) {
		return p.nameless(ctx)
	}
	return verdict{}
}

const (
	// ownWords is how many words an answer needs that strangers' answers do not have,
	// to be taken for the identity's: a counter or the time of day are fewer.
	ownWords = 3
	// apart is by how much the identity's answer must be less like a stranger's
	// than those are like one another.
	apart = 0.2
)

// nameless looks whether the identity's answer can be told from a stranger's
// without a marker. Pages that differ each time are compared with how much they
// differ for the same stranger.
func (p *private) nameless(ctx context.Context) verdict {
	public := inapplicable("a stranger is given the same answer as the identity: nothing in it is private")
	likeness := probe.Similarity(p.granted.Body, p.denied.Body)
	if likeness >= pageSimilarity && probe.NewWords(p.granted.Body, p.denied.Body) < ownWords {
		return public
	}
	again := p.get(ctx, busted(p.target.url))
	if why := unusable(again); why != "" {
		return unclear(why)
	}
	steady := probe.Similarity(again.Body, p.denied.Body)
	switch {
	case likeness >= pageSimilarity && probe.NewWords(p.granted.Body, p.denied.Body, again.Body) < ownWords:
		return public
	case likeness >= pageSimilarity, steady < pageSimilarity && likeness > steady-apart:
		return unclear("the identity's answer is too like a stranger's to be known again: give a marker, which is a text that only the identity is shown, or take the path out of private_paths if it is public")
	default:
		return verdict{}
	}
}

// leaks reports whether an answer is the identity's.
func (p *private) leaks(x probe.Exchange) bool {
	if p.marker != "" {
		return probe.Classify(x, probe.Reference{Marker: p.marker}) == probe.Granted
	}
	return succeeded(x) && probe.Similarity(x.Body, p.granted.Body) >= pageSimilarity &&
		!(succeeded(p.denied) && probe.Similarity(x.Body, p.denied.Body) >= pageSimilarity)
}

// cached decides edge.private_cached: a second request of the session, and then
// a stranger's, at the place in the cache where the first would be.
func (p *private) cached(ctx context.Context) verdict {
	again := p.member(ctx, p.address)
	stranger := p.get(ctx, p.address)
	if p.leaks(stranger) {
		if sign, ok := stored(stranger); ok {
			return fail("a stranger is given the identity's answer from the cache (" + sign + ")")
		}
		return fail("a stranger who asks after the identity is given its answer")
	}
	for _, x := range []probe.Exchange{p.granted, again} {
		if sign, ok := stored(x); ok && p.leaks(x) {
			return fail("the answer of a session comes from a cache (" + sign + ")")
		}
	}
	for _, x := range []probe.Exchange{again, stranger} {
		if why := unusable(x); why != "" {
			return unclear(why)
		}
	}
	return pass("the answer of a session is not kept by a cache, and a stranger is not given it")
}

// judgeCacheControl decides edge.private_cacheable by RFC 9111: no-store and
// private keep shared caches out; what must be asked for anew each time is as good.
// What is said to the edge alone (RFC 9213) counts there, whatever else is said.
func judgeCacheControl(h http.Header) verdict {
	for _, name := range []string{"Cloudflare-CDN-Cache-Control", "CDN-Cache-Control"} {
		if told := cacheDirectives(h, name); len(told) > 0 {
			if keeps(told) {
				return fail(name + " lets the edge keep the answer of a session, whatever Cache-Control says: " + shorten(strings.Join(h.Values(name), ", ")))
			}
			break // the more special one is all that the edge looks at
		}
	}
	directives := cacheDirectives(h, "Cache-Control")
	_, noStore := directives["no-store"]
	_, private := directives["private"]
	_, noCache := directives["no-cache"]
	_, public := directives["public"]
	age, aged := directives["max-age"]
	if shared, ok := directives["s-maxage"]; ok {
		age, aged = shared, true
	}
	expired := false
	if expires := strings.TrimSpace(h.Get("Expires")); expires != "" && !aged {
		when, err := http.ParseTime(expires)
		expired = err != nil || !when.After(now(h)) // what cannot be read is in the past (section 5.3)
	}
	switch {
	case noStore, private && !public:
		return pass("caches are told not to keep the answer")
	case public || aged && age != "0":
		return fail("Cache-Control lets shared caches keep the answer of a session: " + shorten(strings.Join(h.Values("Cache-Control"), ", ")))
	case noCache, aged, expired, slices.Contains(h.Values("Vary"), "*"):
		return pass("caches must ask for the answer anew each time")
	case len(directives) == 0:
		return fail("the answer of a session has no Cache-Control: any cache may keep it")
	default:
		return fail("Cache-Control of the answer of a session has neither no-store nor private")
	}
}

// keeps reports whether directives let a shared cache keep an answer for a time.
func keeps(directives map[string]string) bool {
	for _, no := range []string{"no-store", "private", "no-cache"} {
		if _, said := directives[no]; said {
			return false
		}
	}
	age, aged := directives["max-age"]
	if shared, ok := directives["s-maxage"]; ok {
		age, aged = shared, true
	}
	_, public := directives["public"]
	return aged && age != "0" || public && !aged
}

// now is the date that an answer's Expires is to be compared with.
func now(h http.Header) time.Time {
	when, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Now()
	}
	return when
}

// cacheDirectives reads Cache-Control (RFC 9111 section 5.2) or one of its kin: names in lower
// case, arguments without quotes.
func cacheDirectives(h http.Header, header string) map[string]string {
	out := map[string]string{}
	for directive := range strings.SplitSeq(strings.Join(h.Values(header), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		if name != "" {
			out[strings.ToLower(strings.TrimSpace(name))] = strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return out
}

// deceptions are addresses that an application may take for the path and a
// cache for a stylesheet. Each is new, so that no member's entry is touched.
func (p *private) deceptions() []string {
	base := *p.target.url
	base.RawQuery = ""
	path := strings.TrimSuffix(base.EscapedPath(), "/")
	origin := at("https", base.Host, "")
	var out []string
	for _, form := range []string{"/", ";", "%2f..%2f", "%00", "%3f"} {
		out = append(out, origin+path+form+random()+".css")
	}
	return out
}

// deceived decides edge.cache_deception. Only a stranger who is given the
// identity's answer proves it: that the application answers is no harm.
func (p *private) deceived(ctx context.Context) verdict {
	var why string
	for i, address := range p.deceptions() {
		x := p.member(ctx, address)
		if !p.leaks(x) {
			why = cmp.Or(why, blind(x))
			continue
		}
		stranger := p.get(ctx, address)
		if p.leaks(stranger) {
			form := []string{"/x.css", ";x.css", "%2f..%2fx.css", "%00x.css", "%3fx.css"}[i]
			return fail("what the identity was given at " + p.target.url.EscapedPath() + form + " is given to strangers after it")
		}
		why = cmp.Or(why, blind(stranger))
	}
	if why != "" {
		return unclear(why)
	}
	return pass("no address that looks like a stylesheet makes a cache keep the answer of a session")
}

// blind is unusable for addresses that nobody serves: an application may
// stumble over them, and is none the worse for it.
func blind(x probe.Exchange) string {
	if x.Challenged() || x.Status >= 500 && !x.Throttled() || x.Failure == probe.FailReset && x.Connected {
		return ""
	}
	return unusable(x)
}
