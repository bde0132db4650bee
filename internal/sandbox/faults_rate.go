package sandbox

import (
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// limiterFaults are those of the portal's own limiter. The rule of the edge
// leaves the sign-in alone meanwhile, where it would hide them.
func limiterFaults() []Fault {
	mk := func(name, breaks string, apply step, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: ScopePortal, apply: apply}
	}
	behind := func(s portal.Switch) step { return all(portalSwitch(s), rules(phaseRateLimit, each(recoveryAlone))) }
	return []Fault{
		mk("limiter_trusts_forwarded_for", "The portal takes the first address of X-Forwarded-For for the visitor's.", behind(portal.TrustsForwardedFor), "rate.header_bypass"),
		mk("limiter_missing", "The portal does not count attempts at one account.", portalSwitch(portal.LimiterMissing), "rate.account_missing"),
		mk("limiter_case_sensitive", "The portal counts each spelling of an address by itself.", behind(portal.LimiterCaseSensitive), "rate.case_email_bypass"),
		mk("lockout_permanent", "An account that was locked stays so until someone unlocks it.", behind(portal.LockoutPermanent), "rate.lockout_permanent"),
		mk("retry_after_missing", "The portal throttles without saying when to come back.", behind(portal.RetryAfterMissing), "rate.no_retry_after"),
		mk("throttle_as_200", "The portal answers with 200 that there were too many attempts.", behind(portal.ThrottleAs200), "rate.wrong_status"),
		mk("burst_breaks_app", "After some failed sign-ins in a row the portal fails.", behind(portal.BurstBreaks), "rate.burst_breaks_app"),
		mk("limiter_by_account_alone", "The portal does not count attempts of one visitor at many accounts.", behind(portal.NetworkUncounted), "rate.ip_missing"),
		mk("limiter_late", "The portal lets many attempts pass before it throttles.", behind(portal.LimiterLate), "rate.late"),
		mk("retry_after_short", "The portal says to come back in a second, and lets go long after.", behind(portal.RetryAfterShort), "rate.retry_after_lies"),
		mk("limiter_shuts_out", "A member's failed sign-ins shut out everyone who shares the address.", behind(portal.LockShutsOut), "rate.blocks_members"),
		mk("mail_bomb", "Every request for a new password sends a letter.", portalSwitch(portal.MailBomb), "rate.mail_bomb"),
	}
}

// recoveryAlone takes the sign-in out of a rate-limiting rule of the edge.
func recoveryAlone(r *zone.Rule) {
	r.Expression = `lower(http.request.uri.path) in {"/api/password-reset" "/api/resend-code"}`
}
