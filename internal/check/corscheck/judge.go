package corscheck

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func sorted(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// allowed is the one value of Access-Control-Allow-Origin; browsers refuse two.
func allowed(x probe.Exchange) string {
	values := x.Header.Values("Access-Control-Allow-Origin")
	if len(values) != 1 {
		return ""
	}
	return strings.TrimSpace(values[0])
}

func withCredentials(x probe.Exchange) bool {
	return strings.TrimSpace(x.Header.Get("Access-Control-Allow-Credentials")) == "true"
}

// accepted returns the first of some origins that an answer echoes. why tells
// which could not be asked.
func (e *endpoint) accepted(list ...[]string) (origin, why string) {
	for _, o := range slices.Concat(list...) {
		x := e.answers[o]
		if w := unusable(x, false); w != "" {
			why = w
			continue
		}
		if allowed(x) == o {
			return o, ""
		}
	}
	return "", why
}

func (e *endpoint) takes(list ...[]string) bool {
	origin, _ := e.accepted(list...)
	return origin != ""
}

func (e *endpoint) judge() {
	e.judgeFamilies()
	e.judgeWildcards()
	e.judgeBroadPreflight()
	e.judgeVary()
	e.judgeTrusted()
}

// severity weighs an echo by what it gives away. A rule's own severity is for
// answers that are the identity's and come with credentials.
func (e *endpoint) severity(rule string, x probe.Exchange) (severity readiness.Severity, note string) {
	switch {
	case e.reads() && !succeeded(e.base), e.reads() && !succeeded(x):
		return readiness.Info, "; on an answer that is an error"
	case rule == ruleSubdomain || rule == ruleThirdParty:
		return "", ""
	case !e.reads() && withCredentials(x):
		return readiness.High, " with credentials; the request itself was not sent"
	case !withCredentials(x):
		return readiness.Medium, " without credentials"
	case !e.private:
		return readiness.Medium, " with credentials, on an answer that is nobody's"
	case rule == ruleHTTP:
		return "", " with credentials"
	case !e.byCookie():
		return readiness.High, " with credentials; the page of another site has no token, though"
	default:
		return "", " with credentials, on the identity's answer"
	}
}

// judgeFamilies decides the rules about origins that must not be echoed. A
// coarse comparison lets finer families through too: the coarse one is reported.
func (e *endpoint) judgeFamilies() {
	o := e.origins
	first, second := o.strangers[0], o.strangers[1]
	everyone := e.takes([]string{first}) && e.takes([]string{second})
	middle := e.takes(o.middle)
	siblings := e.takes(o.sibling)
	suffix := e.takes(o.suffix) || e.takes(o.suffixHost) && !siblings
	prefix := e.takes(o.prefix)
	suffixOrigins := o.suffix
	if !siblings { // else such a name is one below the domain like any other
		suffixOrigins = slices.Concat(o.suffix, o.suffixHost)
	}
	containing := o.middle
	if !suffix {
		containing = slices.Concat(o.middle, o.dotless)
	}
	thirdParty := o.thirdParty
	if !o.anySubdomain && !suffix && !siblings {
		thirdParty = slices.Concat(o.thirdParty, o.staging)
	}
	e.echo(ruleReflects, "", []string{first})
	for _, f := range []struct {
		rule    string
		origins []string
		because bool   // another rule says it already
		other   string // which
	}{
		{ruleNull, []string{"null"}, false, ""},
		{ruleContains, containing, false, ""},
		{ruleSuffix, suffixOrigins, middle, ruleContains},
		{rulePrefix, o.prefix, middle, ruleContains},
		{ruleSpecial, o.special, prefix || middle, rulePrefix + " or " + ruleContains},
		{ruleHTTP, o.clear, false, ""},
		{ruleThirdParty, thirdParty, false, ""},
	} {
		e.echo(f.rule, consequence(everyone, f.because, f.other), f.origins)
	}
	if o.anySubdomain {
		e.report.NotApplicable(ruleSubdomain, e.subject(), "names below the domain are declared to be trusted")
		return
	}
	e.echo(ruleSubdomain, consequence(everyone, suffix || middle, ruleSuffix+" or "+ruleContains), slices.Concat(o.sibling, o.below))
}

// consequence is why a rule is not judged by itself; empty if it is.
func consequence(everyone, because bool, other string) string {
	switch {
	case everyone:
		return "any origin is echoed: see " + ruleReflects
	case because:
		return "see " + other
	default:
		return ""
	}
}

// echo reports one rule about origins that must not be echoed.
func (e *endpoint) echo(rule, consequence string, list []string) {
	if consequence != "" {
		e.report.NotApplicable(rule, e.subject(), consequence)
		return
	}
	if len(list) == 0 {
		e.report.NotApplicable(rule, e.subject(), "no origin of this kind can be made of the trusted ones")
		return
	}
	var origin, why string
	if rule == ruleReflects {
		second := e.origins.strangers[1]
		if origin, why = e.accepted(list); origin != "" {
			if other, w := e.accepted([]string{second}); other == "" { // one alone is no echo
				origin, why = "", cmp.Or(w, "one of two unknown origins is echoed and the other is not")
			}
		}
	} else {
		origin, why = e.accepted(list)
	}
	switch {
	case origin != "":
		severity, note := e.severity(rule, e.answers[origin])
		e.report.FailAs(rule, e.subject(), severity, fmt.Sprintf("%s is allowed%s", e.shown(rule, origin), note), "")
	case why != "":
		e.report.Inconclusive(rule, e.subject(), why)
	case e.reads() && !succeeded(e.base):
		e.report.Inconclusive(rule, e.subject(), e.noAccess())
	default:
		e.report.Pass(rule, e.subject(), "no such origin is allowed")
	}
}

// shown is an origin in the words of its kind: the origins themselves are drawn
// anew each time.
func (e *endpoint) shown(rule, origin string) string {
	switch rule {
	case ruleReflects:
		return "any origin"
	case ruleNull:
		return "the origin null"
	case ruleHTTP:
		return origin
	case ruleSubdomain:
		return "any name below the domain"
	case ruleSuffix:
		return "an origin that ends as the trusted one does"
	case rulePrefix:
		return "an origin that begins as the trusted one does"
	case ruleContains:
		if slices.Contains(e.origins.dotless, origin) {
			return "an origin with a letter in the place of a dot of the trusted one"
		}
		return "an origin with the trusted one in its middle"
	case ruleSpecial:
		return "the trusted origin with a special character and another domain after it"
	}
	_, host, _ := strings.Cut(origin, "://")
	if strings.HasPrefix(host, "lr") {
		_, host, _ = strings.Cut(host, ".")
		host = "any name below " + host
	}
	return host
}

func (e *endpoint) noAccess() string {
	if e.base.Redirect != "" {
		to, err := url.Parse(e.base.Redirect)
		if err == nil && probe.Classify(e.base, probe.Reference{}) != probe.Denied {
			return "the endpoint leads on to " + to.Scheme + "://" + to.Host + to.EscapedPath() + ": name that address instead"
		}
	}
	who := "who has no credentials"
	if e.Identity != "" {
		who = fmt.Sprintf("the identity %q", e.Identity)
	}
	return fmt.Sprintf("the endpoint answers %s with status %d: what it allows on success is not known; give it an identity that is let in", who, e.base.Status)
}

// judgeWildcards decides the rules about "*".
func (e *endpoint) judgeWildcards() {
	subject := e.subject()
	_, why := e.accepted(e.origins.strangers)
	stranger := e.answers[e.origins.strangers[0]]
	pair := false
	for _, x := range e.seen() {
		pair = pair || allowed(x) == "*" && withCredentials(x)
	}
	switch {
	case pair:
		e.report.Fail(ruleWildcardCredentials, subject, "Access-Control-Allow-Origin is * together with Access-Control-Allow-Credentials: true: browsers refuse that")
	case why != "":
		e.report.Inconclusive(ruleWildcardCredentials, subject, why)
	default:
		e.report.Pass(ruleWildcardCredentials, subject, "the wildcard is not sent together with credentials")
	}
	switch {
	case !e.reads():
		e.report.NotApplicable(ruleWildcardPrivate, subject, "the request changes something and was not sent")
	case len(e.Header) == 0:
		e.report.NotApplicable(ruleWildcardPrivate, subject, "the endpoint has no identity: what it gives is public")
	case !succeeded(e.base):
		e.report.Inconclusive(ruleWildcardPrivate, subject, e.noAccess())
	case why != "":
		e.report.Inconclusive(ruleWildcardPrivate, subject, why)
	case allowed(stranger) == "*" && e.private && !e.byCookie():
		e.report.Fail(ruleWildcardPrivate, subject, "any site may read what the identity's token is given: Access-Control-Allow-Origin is *")
	default:
		e.report.Pass(ruleWildcardPrivate, subject, "the wildcard is not sent with a private answer")
	}
}

// seen are all answers of the endpoint.
func (e *endpoint) seen() []probe.Exchange {
	out := []probe.Exchange{e.base}
	for _, m := range []map[string]probe.Exchange{e.answers, e.preflights} {
		for _, x := range m {
			out = append(out, x)
		}
	}
	return out
}

// listed reports whether a header that is a list has a word, in any case.
func listed(h http.Header, name, word string) bool {
	for w := range strings.SplitSeq(strings.Join(h.Values(name), ","), ",") {
		if strings.EqualFold(strings.TrimSpace(w), word) {
			return true
		}
	}
	return false
}
