package tlscheck

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// preloadMaxAge is what the browsers' preload list asks for.
const preloadMaxAge = 31536000

// judgeHSTS decides the header rules from the first answer over HTTPS, a
// redirect included, and from the pages of the host that are checked anyway.
func (h *hostCheck) judgeHSTS(ctx context.Context, secure probe.Exchange, facts []probe.TLSFacts, reach reachability, toHTTPS verdict) {
	if _, err := netip.ParseAddr(h.host); err == nil {
		check.Each(hstsRules(), h.host, "HSTS does not apply to addresses (RFC 6797 section 8.1.1)", h.report.NotApplicable)
		return
	}
	switch reach {
	case reachable:
	case unknownHost:
		check.Each(hstsRules(), h.host, "the host could not be reached over TLS", h.report.Inconclusive)
		return
	default:
		check.Each(hstsRules(), h.host, "there is no HTTPS answer", h.report.NotApplicable)
		return
	}
	answers := h.firstAnswers(ctx, secure, facts)
	if header, _ := siteHeader(answers[0].x); header != nil {
		value, _ := firstHSTS(header)
		h.report.Observe(h.host+" hsts", value)
	}
	for _, rule := range hstsRules() {
		at := atAddresses{h: h}
		for _, a := range answers {
			at.add(a.address, h.headerVerdicts(ctx, a.x, facts, toHTTPS)[rule])
		}
		say(h.report, rule, h.host, at.worst())
	}
}

// answer is the first answer over HTTPS at one address; an invalid address is
// that which the name led to.
type answer struct {
	address netip.Addr
	x       probe.Exchange
}

// firstAnswers asks each address that takes a handshake. Where a request then
// fails in TLS, the fault is not of the headers.
func (h *hostCheck) firstAnswers(ctx context.Context, secure probe.Exchange, facts []probe.TLSFacts) []answer {
	var out []answer
	for _, f := range facts {
		if len(facts) == 1 || f.Failure != probe.FailNone {
			continue
		}
		if x := h.site.fetchFirst(ctx, origin("https", h.host)+"/", f.Address); x.Failure != probe.FailTLS {
			out = append(out, answer{f.Address, x})
		}
	}
	if len(out) == 0 {
		out = append(out, answer{x: secure})
	}
	return out
}

// headerVerdicts judges the header of one first answer by each of hstsRules.
func (h *hostCheck) headerVerdicts(ctx context.Context, x probe.Exchange, facts []probe.TLSFacts, toHTTPS verdict) map[string]verdict {
	all := func(v verdict) map[string]verdict {
		out := map[string]verdict{}
		for _, rule := range hstsRules() {
			out[rule] = v
		}
		return out
	}
	header, why := siteHeader(x)
	if header == nil {
		return all(unclear(why))
	}
	value, sent := firstHSTS(header)
	policy, err := parseHSTS(value)
	switch {
	case !h.spec.HSTS.Required && (!sent || err == nil && policy.maxAge == 0): // max-age=0 is the way to give HSTS up
		return all(inapplicable("HSTS is not asked for"))
	case !sent || err != nil || policy.maxAge == 0:
		out := all(inapplicable("there is no HSTS policy to look at"))
		out[ruleHSTSMissing] = fail(describeMissing(sent, err))
		if h.wantsPreload() {
			out[ruleHSTSPreload] = fail("preload is wanted, and there is no valid header")
		}
		return out
	}
	out := map[string]verdict{
		ruleHSTSMissing: pass("the header is sent"), ruleHSTSShort: h.judgeMaxAge(policy),
		ruleHSTSSubdomains: h.judgeSubdomains(policy), ruleHSTSPreload: h.judgePreload(policy, facts, toHTTPS),
	}
	if page := h.pageWithoutHSTS(ctx); page != "" {
		out[ruleHSTSMissing] = fail("the header is sent at / and not at " + page)
	}
	return out
}

// siteHeader returns the header of the first answer if the site itself gave it.
func siteHeader(x probe.Exchange) (header http.Header, why string) {
	if len(x.Hops) == 0 {
		return nil, "https: " + x.Detail
	}
	if len(x.Hops) == 1 && x.Challenged() {
		return nil, "the edge answered with a challenge, whose headers say nothing of the site"
	}
	first := x.Hops[0]
	_, sent := firstHSTS(first.Header)
	if !sent && (first.Status >= 500 || first.Status == http.StatusTooManyRequests) {
		return nil, fmt.Sprintf("https answered with status %d", first.Status)
	}
	return first.Header, ""
}

func describeMissing(sent bool, err error) string {
	switch {
	case !sent:
		return "no Strict-Transport-Security header is sent"
	case err != nil:
		return "the Strict-Transport-Security header is void: " + err.Error()
	default:
		return "max-age=0 tells browsers to forget the host"
	}
}

// pageWithoutHSTS returns the path of a checked page of this host whose own
// answer lacks the header, or "".
func (h *hostCheck) pageWithoutHSTS(ctx context.Context) string {
	for _, page := range h.spec.pageURLs() {
		if !strings.HasPrefix(page, origin("https", h.host)+"/") {
			continue
		}
		header, _ := siteHeader(h.site.fetch(ctx, page))
		if header == nil {
			continue // the page's own rules say that it could not be judged
		}
		value, sent := firstHSTS(header)
		if policy, err := parseHSTS(value); !sent || err != nil || policy.maxAge == 0 {
			return strings.TrimPrefix(check.PlainAddress(page), origin("https", h.host))
		}
	}
	return ""
}

func (h *hostCheck) judgeMaxAge(p hstsPolicy) verdict {
	if wanted := int64(h.spec.HSTS.MinimumMaxAge / time.Second); p.maxAge < wanted {
		return fail(fmt.Sprintf("max-age is %d; wanted %d or more", p.maxAge, wanted))
	}
	return pass("max-age is long enough")
}

func (h *hostCheck) judgeSubdomains(p hstsPolicy) verdict {
	switch {
	case p.includeSubdomains:
		return pass("includeSubDomains is said")
	case h.spec.HSTS.IncludeSubdomains:
		return fail("includeSubDomains is not said")
	default:
		return inapplicable("hsts.include_subdomains is not asked for")
	}
}

// wantsPreload reports whether the user wants this very host on the preload
// list, which takes registrable domains only.
func (h *hostCheck) wantsPreload() bool { return h.spec.HSTS.Preload && h.isBaseDomain() }

func (h *hostCheck) isBaseDomain() bool {
	base, err := publicsuffix.EffectiveTLDPlusOne(h.host)
	return err == nil && base == h.host
}

// judgePreload checks the conditions of the preload list. An edge sends one
// header for all names of a zone, so preload on a subdomain is no fault by itself.
func (h *hostCheck) judgePreload(p hstsPolicy, facts []probe.TLSFacts, toHTTPS verdict) verdict {
	if !p.preload && !h.wantsPreload() {
		return inapplicable("preload is neither said nor asked for")
	}
	var unmet []string
	if !p.preload {
		unmet = append(unmet, "preload is not said")
	}
	if !p.includeSubdomains {
		unmet = append(unmet, "includeSubDomains is not said")
	}
	if p.maxAge < preloadMaxAge {
		unmet = append(unmet, fmt.Sprintf("max-age is less than %d", preloadMaxAge))
	}
	for _, f := range facts {
		if f.Failure == probe.FailNone && (f.ChainError != nil || f.NameError != nil || judgeExpiry(f, 0).status != readiness.Pass) {
			unmet = append(unmet, "the certificate is not valid")
			break
		}
	}
	if toHTTPS.status == readiness.Fail {
		unmet = append(unmet, "plain HTTP does not redirect to https on the same host first")
	}
	switch {
	case len(unmet) > 0:
		return fail(strings.Join(unmet, "; "))
	case toHTTPS.status == readiness.Inconclusive:
		return unclear(toHTTPS.message)
	default:
		return pass("the conditions of the preload list are met")
	}
}
