package ratecheck

import "github.com/launchready/terraform-provider-launchready/internal/readiness"

const (
	ruleMissing    = "rate.missing"
	ruleLate       = "rate.late"
	ruleAccount    = "rate.account_missing"
	ruleAddress    = "rate.ip_missing"
	ruleHeader     = "rate.header_bypass"
	rulePath       = "rate.path_bypass"
	ruleProtocol   = "rate.protocol_bypass"
	ruleEmail      = "rate.case_email_bypass"
	ruleNoRetry    = "rate.no_retry_after"
	ruleRetryLies  = "rate.retry_after_lies"
	ruleLockout    = "rate.lockout_permanent"
	ruleMailBomb   = "rate.mail_bomb"
	ruleStatus     = "rate.wrong_status"
	ruleMembers    = "rate.blocks_members"
	ruleBreaksApp  = "rate.burst_breaks_app"
	refASVS631     = "ASVS-5.0-6.3.1"
	refASVS611     = "ASVS-5.0-6.1.1"
	refASVS241     = "ASVS-5.0-2.4.1"
	refASVS1534    = "ASVS-5.0-15.3.4"
	refConsumption = "API4:2023"
	refFlows       = "API6:2023"
)

// rules are all that the check can report. The page of each is rules/<id>.md.
func rules() []readiness.Rule {
	rule := func(id string, severity readiness.Severity, title, remedy string, references ...string) readiness.Rule {
		return readiness.Rule{ID: id, Area: readiness.RateLimiting, Severity: severity, Title: title, Remedy: remedy, References: references}
	}
	return []readiness.Rule{
		rule(ruleMissing, readiness.Critical,
			"an endpoint takes requests without end",
			"Add a rule for the path to launchready_zone_rate_limits, and a limiter in the application.",
			refASVS631, refASVS241, refConsumption, refFlows, "WSTG-ATHN-03", "RFC 6585 section 4"),
		rule(ruleLate, readiness.Medium,
			"an endpoint is throttled only after more requests than are allowed",
			"Lower requests of the rule in launchready_zone_rate_limits, or of the application's limiter.",
			refASVS631, refConsumption),
		rule(ruleAccount, readiness.High,
			"attempts at one account are not limited, only those of one address",
			"Count failed attempts by account in the application as well: an attacker has many addresses.",
			refASVS631),
		rule(ruleAddress, readiness.High,
			"one address may try many accounts: only attempts at one account are limited",
			"Add a rule by ip.src for the path to launchready_zone_rate_limits.",
			refASVS631),
		rule(ruleHeader, readiness.Critical,
			"a header that anyone can send evades the limit",
			"Take the visitor's address from CF-Connecting-IP on connections from Cloudflare's ranges alone, and from the socket otherwise.",
			refASVS1534, refConsumption),
		rule(rulePath, readiness.High,
			"another spelling of the path evades the limit",
			"Limit by handler in the application, and match the normalised path without regard to case at the edge.",
			refConsumption),
		rule(ruleProtocol, readiness.High,
			"another version of HTTP evades the limit",
			"Take http.request.version out of the rule, and let every listener share one counter.",
			refConsumption),
		rule(ruleEmail, readiness.High,
			"another spelling of the account's address evades the limit",
			"Count by the account that the address belongs to, or by the address trimmed and in lower case.",
			refASVS631),
		rule(ruleNoRetry, readiness.Low,
			"a throttled answer does not say when to come back",
			"Send Retry-After with 429.",
			"RFC 6585 section 4", "RFC 9110 section 10.2.3"),
		rule(ruleRetryLies, readiness.Medium,
			"requests are still throttled after the time that Retry-After named",
			"Compute Retry-After from the counter that refuses the request.",
			"RFC 9110 section 10.2.3"),
		rule(ruleLockout, readiness.High,
			"the brake does not let go in time: anyone can lock a member out",
			"Throttle by account and address together for minutes, instead of locking the account until someone unlocks it.",
			refASVS611),
		rule(ruleMailBomb, readiness.High,
			"repeated requests flood a mailbox",
			"Send one message a minute to an address, and answer the same in any case.",
			refFlows),
		rule(ruleStatus, readiness.Low,
			"a throttled answer has a status that does not say so",
			"Answer with 429.",
			"RFC 6585 section 4"),
		rule(ruleMembers, readiness.High,
			"a burst at one account keeps others out",
			"Count by a narrower key: the path and the account, not the whole site by address; and count by the visitor's address, not the edge's.",
			refConsumption),
		rule(ruleBreaksApp, readiness.High,
			"a burst makes the application fail",
			"Throttle before the work is done, and look in the application's log for what gave out.",
			refConsumption),
	}
}
