package corscheck

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// judgeBroadPreflight decides cors.preflight_broad by the preflight of a stranger.
func (e *endpoint) judgeBroadPreflight() {
	subject, stranger := e.subject(), e.origins.strangers[0]
	x := e.preflights[stranger]
	if allowed(e.answers[stranger]) == stranger {
		e.report.NotApplicable(rulePreflight, subject, "any origin is echoed: see "+ruleReflects)
		return
	}
	if why := unusable(x, false); why != "" {
		e.report.Inconclusive(rulePreflight, subject, why)
		return
	}
	var broad []string
	for _, method := range []string{"*", http.MethodDelete, http.MethodPatch, http.MethodPut} {
		if listed(x.Header, "Access-Control-Allow-Methods", method) {
			broad = append(broad, method)
		}
	}
	if listed(x.Header, "Access-Control-Allow-Headers", "authorization") {
		broad = append(broad, "the header Authorization")
	}
	if approved := succeeded(x) && (allowed(x) == stranger || allowed(x) == "*"); approved && len(broad) > 0 {
		e.report.Fail(rulePreflight, subject, "the preflight of any origin is approved for "+strings.Join(broad, ", "))
		return
	}
	e.report.Pass(rulePreflight, subject, "the preflight of an origin that is not trusted is not approved for more than reading")
}

// judgeVary decides cors.vary_missing: where the answer differs by Origin,
// caches must be told on every one of them.
func (e *endpoint) judgeVary() {
	subject := e.subject()
	switch {
	case !e.reads():
		e.report.NotApplicable(ruleVary, subject, "the request changes something: no cache keeps its answer")
		return
	case !succeeded(e.base):
		e.report.Inconclusive(ruleVary, subject, e.noAccess())
		return
	}
	values := map[string]bool{allowed(e.base): true}
	untold := e.keepable(e.base)
	var why string
	for _, x := range e.answers {
		if w := unusable(x, false); w != "" {
			why = w
			continue
		}
		if !succeeded(x) {
			continue
		}
		values[allowed(x)] = true
		untold = untold || e.keepable(x)
	}
	switch {
	case len(values) > 1 && untold:
		e.report.Fail(ruleVary, subject, "Access-Control-Allow-Origin differs by Origin, and caches that may keep the answer are not told: Vary lacks Origin")
	case why != "":
		e.report.Inconclusive(ruleVary, subject, why)
	case len(values) > 1:
		e.report.Pass(ruleVary, subject, "the answer differs by Origin, and caches are told or may not keep it")
	default:
		e.report.Pass(ruleVary, subject, "the answer is the same for every origin")
	}
}

// keepable reports whether shared caches may keep an answer (RFC 9111 section
// 3) without knowing that it depends on Origin.
func (e *endpoint) keepable(x probe.Exchange) bool {
	if listed(x.Header, "Vary", "Origin") || listed(x.Header, "Vary", "*") {
		return false
	}
	control := strings.ToLower(strings.Join(x.Header.Values("Cache-Control"), ","))
	for _, word := range []string{"no-store", "private", "no-cache"} {
		if strings.Contains(control, word) {
			return false
		}
	}
	explicit := strings.Contains(control, "public") || strings.Contains(control, "s-maxage") || strings.Contains(control, "must-revalidate")
	return explicit || e.Header.Get("Authorization") == "" // section 3.5
}

// judgeTrusted decides cors.trusted_broken: what a browser would do with the
// answers to a page of each trusted origin.
func (e *endpoint) judgeTrusted() {
	subject := e.subject()
	if len(e.origins.trusted) == 0 {
		e.report.NotApplicable(ruleTrusted, subject, "no origin of another host is declared to be trusted")
		return
	}
	var broken, unknown []string
	for _, origin := range e.origins.trusted {
		what, status := e.works(origin)
		switch status {
		case readiness.Fail:
			broken = append(broken, origin+": "+what)
		case readiness.Inconclusive:
			unknown = append(unknown, origin+": "+what)
		}
	}
	switch {
	case len(broken) > 0:
		e.report.Fail(ruleTrusted, subject, strings.Join(sorted(broken), "; "))
	case len(unknown) > 0:
		e.report.Inconclusive(ruleTrusted, subject, strings.Join(sorted(unknown), "; "))
	default:
		e.report.Pass(ruleTrusted, subject, "every trusted origin may read the endpoint")
	}
}

func (e *endpoint) works(origin string) (what string, status readiness.Status) {
	if e.reads() {
		x := e.answers[origin]
		switch {
		case unusable(x, false) != "":
			return unusable(x, false), readiness.Inconclusive
		case x.Status >= 500 || !succeeded(e.base):
			return e.noAccess(), readiness.Inconclusive
		case !succeeded(x):
			return fmt.Sprintf("the request is refused with status %d", x.Status), readiness.Fail
		}
		if what := e.shares(x, origin); what != "" {
			return what, readiness.Fail
		}
	}
	if !e.asksFirst() {
		if !e.reads() && e.shares(e.answers[origin], origin) != "" { // a form's POST has no preflight, and was not sent
			return "its preflight is not allowed, and what the request itself would be answered is not known", readiness.Inconclusive
		}
		return "", readiness.Pass
	}
	x := e.preflights[origin]
	switch {
	case unusable(x, true) != "":
		return "its preflight: " + unusable(x, true), readiness.Inconclusive
	case !succeeded(x):
		return fmt.Sprintf("its preflight is answered with status %d, which browsers take for a refusal", x.Status), readiness.Fail
	}
	if what := e.shares(x, origin); what != "" {
		return "its preflight: " + what, readiness.Fail
	}
	simple := e.method() == http.MethodGet || e.method() == http.MethodHead || e.method() == http.MethodPost
	if !simple && !listed(x.Header, "Access-Control-Allow-Methods", e.method()) && (e.byCookie() || !listed(x.Header, "Access-Control-Allow-Methods", "*")) {
		return "its preflight does not allow the method " + e.method(), readiness.Fail
	}
	for name := range strings.SplitSeq(e.unsafeHeaders(), ",") {
		wild := listed(x.Header, "Access-Control-Allow-Headers", "*") && name != "authorization" && !e.byCookie()
		if name != "" && !wild && !listed(x.Header, "Access-Control-Allow-Headers", name) {
			return "its preflight does not allow the header " + name, readiness.Fail
		}
	}
	return "", readiness.Pass
}

// shares says why an answer is not shared with an origin (Fetch standard
// section 4.10, CORS check); empty if it is.
func (e *endpoint) shares(x probe.Exchange, origin string) string {
	switch value := allowed(x); {
	case len(x.Header.Values("Access-Control-Allow-Origin")) > 1:
		return "the answer has Access-Control-Allow-Origin twice, which browsers refuse: the application and a server before it both send it"
	case strings.Contains(value, ","):
		return "Access-Control-Allow-Origin names more than one origin, which browsers refuse: send the one that asks"
	case value != origin && value != "*":
		return "is not allowed"
	case e.byCookie() && value == "*":
		return "is allowed by *, which browsers refuse where cookies are sent"
	case e.byCookie() && !withCredentials(x):
		return "is allowed without credentials, so that no cookie is sent"
	default:
		return ""
	}
}
