package api

// ruleLimits are what a plan allows of rules (the limits that Cloudflare's
// documentation gives plan by plan, as of 2026).
type ruleLimits struct {
	rules          map[string]int // of a phase, or of each phase of a topic
	logs           bool           // the action log in custom and rate limiting rules
	regex          bool
	customResponse bool     // of the action block
	fields         []string // that only higher plans have, by prefix
	minEdgeTTL     int      // seconds

	rateFields      []string // of rate limiting expressions, by prefix; nil = all
	characteristics []string // nil = all
	maxPeriod       int      // seconds
	maxMitigation   int      // seconds
	anyMitigation   bool     // not only the supported values
	counting        bool     // an expression of its own for what counts
	originOnly      bool     // requests that the cache answers may be left out
	throttle        bool     // block without a time, and challenges with one

	enterprise bool // settings that no other plan has
}

// ruleLimitsOf returns the limits by legacy_id; a plan that is not known has
// those of the largest.
func ruleLimitsOf(plan string) ruleLimits {
	count := func(custom, rate, rest int) map[string]int {
		return map[string]int{
			"http_request_firewall_custom": custom, "http_ratelimit": rate, managedPhase: 1000, "ddos_l7": 1,
			"cache_rules": rest, "redirect_rules": rest, "transform_rules": rest, "config_rules": rest,
		}
	}
	var (
		freeRate     = []string{"http.request.uri.path", "raw.http.request.uri.path", "cf.client.bot", "cf.bot_management.verified_bot"}
		proRate      = append(freeRate, "http.host", "http.request.uri", "http.request.full_uri", "raw.http.request.uri", "raw.http.request.full_uri")
		businessRate = append(proRate, "http.request.method", "ip.src", "ip.geoip", "http.user_agent")
		noScores     = []string{"cf.waf.score", "cf.bot_management.score"}
		address      = []string{"cf.colo.id", "ip.src"}
	)
	switch plan {
	case "free":
		return ruleLimits{
			rules: count(5, 1, 10), fields: noScores, minEdgeTTL: 7200,
			rateFields: freeRate, characteristics: address, maxPeriod: 10, maxMitigation: 10,
		}
	case "pro":
		return ruleLimits{
			rules: count(20, 2, 25), fields: noScores, customResponse: true, minEdgeTTL: 3600,
			rateFields: proRate, characteristics: address, maxPeriod: 60, maxMitigation: 3600,
		}
	case "business":
		return ruleLimits{
			rules: count(100, 5, 50), fields: noScores, customResponse: true, minEdgeTTL: 1, regex: true,
			rateFields: businessRate, characteristics: append(address, "cf.unique_visitor_id"),
			maxPeriod: 600, maxMitigation: 86400, counting: true, originOnly: true,
		}
	default:
		return ruleLimits{
			rules: count(1000, 100, 300), logs: true, customResponse: true, minEdgeTTL: 1, regex: true,
			maxPeriod: 65535, maxMitigation: 86400, anyMitigation: true, counting: true, originOnly: true, throttle: true, enterprise: true,
		}
	}
}

// rulesIn is how many rules a phase may have.
func (l ruleLimits) rulesIn(p phase) int {
	if n, ok := l.rules[p.name]; ok {
		return n
	}
	return l.rules[p.topic]
}

// rateValues are the supported lengths of periods and of mitigation, in seconds.
// A plan has those up to its limit.
func rateValues() []int {
	return []int{10, 15, 20, 30, 40, 45, 60, 90, 120, 180, 240, 300, 480, 600, 900, 1200, 1800, 2400, 3600, 65535, 86400}
}
