package tlscheck

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// preloadMaxAge is what the browsers' preload list asks for.
const preloadMaxAge = 31536000

// judgeHSTS decides the header rules from the first answer over HTTPS, a
// redirect included, and from the pages of the host that are checked anyway.
func (h *hostCheck) judgeHSTS(ctx context.Context, secure probe.Exchange, facts []probe.TLSFacts, reach reachability, toHTTPS verdict) {
	if _, err := netip.ParseAddr(h.host); err == nil {
		each(hstsRules(), h.host, "HSTS does not apply to addresses (RFC 6797 section 8.1.1)", h.report.NotApplicable)
		return
	}
	switch reach {
	case reachable:
	case unknownHost:
		each(hstsRules(), h.host, "the host could not be reached over TLS", h.report.Inconclusive)
		return
	default:
		each(hstsRules(), h.host, "there is no HTTPS answer", h.report.NotApplicable)
		return
	}
	header, why := siteHeader(secure)
	if header == nil {
		each(hstsRules(), h.host, why, h.report.Inconclusive)
		return
	}
	value, sent := firstHSTS(header)
	h.report.Observe(h.host+" hsts", value)
	policy, err := parseHSTS(value)
	valid := sent && err == nil && policy.maxAge > 0
	switch {
	case !h.spec.HSTS.Required && (!sent || err == nil && policy.maxAge == 0): // max-age=0 is the way to give HSTS up
		each(hstsRules(), h.host, "HSTS is not asked for", h.report.NotApplicable)
		return
	case !valid:
		h.report.Fail(ruleHSTSMissing, h.host, describeMissing(sent, err))
		each([]string{ruleHSTSShort, ruleHSTSSubdomains}, h.host, "there is no HSTS policy to look at", h.report.NotApplicable)
		if h.wantsPreload() {
			h.report.Fail(ruleHSTSPreload, h.host, "preload is wanted, and there is no valid header")
		} else {
			h.report.NotApplicable(ruleHSTSPreload, h.host, "there is no HSTS policy to look at")
		}
		return
	}
	if page := h.pageWithoutHSTS(ctx); page != "" {
		h.report.Fail(ruleHSTSMissing, h.host, "the header is sent at / and not at "+page)
	} else {
		h.report.Pass(ruleHSTSMissing, h.host, "the header is sent")
	}
	h.judgePolicy(policy)
	h.judgePreload(policy, facts, toHTTPS)
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
			return strings.TrimPrefix(plainText(page), origin("https", h.host))
		}
	}
	return ""
}

func (h *hostCheck) judgePolicy(p hstsPolicy) {
	wanted := int64(h.spec.HSTS.MinimumMaxAge / time.Second)
	if p.maxAge < wanted {
		h.report.Fail(ruleHSTSShort, h.host, fmt.Sprintf("max-age is %d; wanted %d or more", p.maxAge, wanted))
	} else {
		h.report.Pass(ruleHSTSShort, h.host, "max-age is long enough")
	}
	switch {
	case p.includeSubdomains:
		h.report.Pass(ruleHSTSSubdomains, h.host, "includeSubDomains is said")
	case h.spec.HSTS.IncludeSubdomains:
		h.report.Fail(ruleHSTSSubdomains, h.host, "includeSubDomains is not said")
	default:
		h.report.NotApplicable(ruleHSTSSubdomains, h.host, "hsts.include_subdomains is not asked for")
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
func (h *hostCheck) judgePreload(p hstsPolicy, facts []probe.TLSFacts, toHTTPS verdict) {
	if !p.preload && !h.wantsPreload() {
		h.report.NotApplicable(ruleHSTSPreload, h.host, "preload is neither said nor asked for")
		return
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
		h.report.Fail(ruleHSTSPreload, h.host, strings.Join(unmet, "; "))
	case toHTTPS.status == readiness.Inconclusive:
		h.report.Inconclusive(ruleHSTSPreload, h.host, toHTTPS.message)
	default:
		h.report.Pass(ruleHSTSPreload, h.host, "the conditions of the preload list are met")
	}
}
