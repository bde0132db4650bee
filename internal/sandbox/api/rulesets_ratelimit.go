package api

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/expr"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// rateLimit looks at the ratelimit of a rule, which its phase alone has
// (https://developers.cloudflare.com/waf/rate-limiting-rules/parameters/).
func (j judge) rateLimit(r zone.Rule) *Error {
	const at = "/ratelimit"
	switch inPhase := j.phase.name == "http_ratelimit"; {
	case r.RateLimit == nil && inPhase:
		return unfit(j.at+at, "", "ratelimit", "it is required")
	case r.RateLimit == nil:
		return nil
	case !inPhase:
		return unfit(j.at+at, "", "ratelimit", "the phase "+j.phase.name+" has none")
	}
	form := object(map[string]schema{
		"characteristics": list(schema{kind: "text", least: 1}), "period": {kind: "number", least: 1},
		"requests_per_period": whole(1, 0), "mitigation_timeout": {kind: "number"},
		"counting_expression": {kind: "text"}, "requests_to_origin": {kind: "bool"},
	}, "characteristics", "period", "requests_per_period")
	if err := form.checkRaw(r.RateLimit, j.at+at, "ratelimit"); err != nil {
		return err
	}
	var p struct {
		Characteristics []string
		Period          int
		Mitigation      int     `json:"mitigation_timeout"`
		OriginOnly      bool    `json:"requests_to_origin"`
		Counting        *string `json:"counting_expression"`
	}
	into(r.RateLimit, &p)
	if err := j.characteristics(p.Characteristics); err != nil {
		return err
	}
	l := j.limits
	switch {
	case !slices.Contains(rateValues(), p.Period):
		return unfit(j.at+at+"/period", fmt.Sprint(p.Period), "period", fmt.Sprintf("it must be one of %v", rateValues()))
	case p.Period > l.maxPeriod:
		return j.notEntitled(at+"/period", fmt.Sprint(p.Period), "period", fmt.Sprintf("a period above %d is not allowed", l.maxPeriod))
	case p.Mitigation < 0 || p.Mitigation != 0 && !l.anyMitigation && !slices.Contains(rateValues(), p.Mitigation):
		return unfit(j.at+at+"/mitigation_timeout", fmt.Sprint(p.Mitigation), "mitigation_timeout", fmt.Sprintf("it must be 0 or one of %v", rateValues()))
	case p.Mitigation > l.maxMitigation:
		return j.notEntitled(at+"/mitigation_timeout", fmt.Sprint(p.Mitigation), "mitigation_timeout", fmt.Sprintf("a timeout above %d is not allowed", l.maxMitigation))
	case p.OriginOnly && !l.originOnly:
		return j.notEntitled(at+"/requests_to_origin", "true", "requests_to_origin", "it is not allowed")
	case r.Action == "block" && p.Mitigation == 0 && !l.throttle:
		return j.notEntitled(at+"/mitigation_timeout", "0", "mitigation_timeout", "block without a timeout is not allowed")
	case strings.HasSuffix(r.Action, "challenge") && p.Mitigation != 0 && !l.throttle:
		return unfit(j.at+at+"/mitigation_timeout", fmt.Sprint(p.Mitigation), "mitigation_timeout", "it must be 0 for challenges")
	case p.Counting == nil:
		return nil
	case !l.counting:
		return j.notEntitled(at+"/counting_expression", shortened(*p.Counting), "counting_expression", "it is not allowed")
	}
	return j.expression(at+"/counting_expression", "counting_expression", *p.Counting, false)
}

// keyed is a characteristic that is one of many: a header, cookie or argument.
var keyed = regexp.MustCompile(`^(http\.request\.(?:headers|cookies|uri\.args))\["([^"\\]+)"\]$`)

func (j judge) characteristics(all []string) *Error {
	has := map[string]bool{}
	for i, one := range all {
		at := fmt.Sprintf("/ratelimit/characteristics/%d", i)
		key := keyed.FindStringSubmatch(one)
		ofMany := one == "http.request.headers" || one == "http.request.cookies" || one == "http.request.uri.args"
		switch known := one == "cf.colo.id" || one == "cf.unique_visitor_id" || key != nil || expr.Known(one) && !ofMany; {
		case has[one]:
			return unfit(j.at+at, one, "characteristics", "it is there twice")
		case !known:
			return unfit(j.at+at, shortened(one), "characteristics", "it is not a characteristic")
		case key != nil && key[1] == "http.request.headers" && key[2] != strings.ToLower(key[2]):
			return unfit(j.at+at, one, "characteristics", "names of headers must be in lower case")
		case j.limits.characteristics != nil && !slices.Contains(j.limits.characteristics, one):
			return j.notEntitled(at, one, "characteristics", "the use of the characteristic is not allowed")
		}
		has[one] = true
	}
	switch {
	case !has["cf.colo.id"]:
		return unfit(j.at+"/ratelimit/characteristics", "", "characteristics", "cf.colo.id must be one of them")
	case has["ip.src"] && has["cf.unique_visitor_id"]:
		return unfit(j.at+"/ratelimit/characteristics", "", "characteristics", "ip.src and cf.unique_visitor_id exclude each other")
	}
	return nil
}
