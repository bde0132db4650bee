package sandbox

import "github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"

// authenticationFaults are those of sign-in, sessions, tokens, recovery and the
// second factor.
func authenticationFaults() []Fault {
	mk := func(name, breaks string, apply step, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: ScopePortal, apply: apply}
	}
	one := portalSwitch
	return []Fault{
		mk("authn_bypass_anonymous", "Who shows no credential is taken for the first member.", one(portal.AnonymousPasses), "authn.bypass"),
		mk("authn_bypass_any_bearer", "Who shows any bearer token is taken for the first member.", one(portal.AnyBearerPasses), "authn.bypass"),
		mk("authn_bypass_cookie", "Of the session's token its public beginning alone is looked at.", one(portal.CookieUnverified), "authn.bypass"),
		mk("authn_login_broken", "Sign-ins with the right password are answered 200 with an error.", one(portal.LoginBroken), "authn.login_works"),
		mk("authn_default_credentials", "The installer's account admin with the password admin was left.", one(portal.DefaultCredentials), "authn.default_credentials"),
		mk("authn_no_reauth_for_password", "A new password needs no old one.", one(portal.NoReauthForPassword), "authn.no_reauth_for_password"),
		mk("authn_no_reauth_for_email", "A new address needs no password.", one(portal.NoReauthForEmail), "authn.no_reauth_for_email"),
		mk("authn_csrf", "Other sites may write in a member's name: the cookie goes along and the origin is not looked at.", one(portal.CSRFOpen), "authn.csrf"),

		mk("session_survives_logout", "Sign-out takes the cookie away and leaves the session.", one(portal.LogoutForgetsCookie), "session.survives_logout"),
		mk("session_survives_logout_jwt", "Access tokens are good until they expire, sign-out or not.", one(portal.JWTSurvivesLogout), "session.survives_logout"),
		mk("session_refresh_survives_logout", "Sign-out leaves the refresh token.", one(portal.RefreshSurvivesLogout), "session.refresh_survives_logout"),
		mk("session_survives_password_change", "A new password leaves the account's other sessions.", one(portal.SurvivesPasswordChange), "session.survives_password_change"),
		mk("session_fixation", "Sign-in keeps the session id that the browser brings.", one(portal.SessionFixed), "session.fixation"),
		mk("session_no_idle_limit", "Sessions that nobody uses do not end.", one(portal.NoIdleLimit), "session.no_idle_limit"),
		mk("session_no_absolute_limit", "Sessions that are used never end.", one(portal.NoAbsoluteLimit), "session.no_absolute_limit"),
		mk("session_cookie_secure", "The session's cookie has no Secure.", one(portal.CookieInsecure), "session.cookie_secure"),
		mk("session_cookie_httponly", "The session's cookie has no HttpOnly.", one(portal.CookieReadable), "session.cookie_httponly"),
		mk("session_cookie_samesite", "The session's cookie goes along with requests of every site.", one(portal.CookieCrossSite), "session.cookie_samesite"),
		mk("session_cookie_domain", "The session's cookie is for every host of the domain.", one(portal.CookieDomainWide), "session.cookie_domain"),
		mk("session_cookie_prefix", "The session's cookie has no prefix that binds it to the host.", one(portal.CookiePrefixMissing), "session.cookie_prefix"),
		mk("session_token_in_url", "Sign-in leads to an address that holds the session's token.", one(portal.TokenInURL), "session.token_in_url"),
		mk("session_id_entropy", "Session tokens are counted up.", one(portal.WeakSessionIDs), "session.id_entropy"),

		mk("jwt_alg_none", "Access tokens that say they are not signed are taken.", one(portal.JWTNone), "jwt.alg_none"),
		mk("jwt_signature_ignored", "Access tokens are decoded and not verified.", one(portal.JWTUnverified), "jwt.signature_ignored"),
		mk("jwt_weak_secret", "Access tokens are signed with the word secret.", one(portal.JWTWeakSecret), "jwt.weak_secret"),
		mk("jwt_alg_confusion", "The public key serves as the secret of HS256.", one(portal.JWTConfusion), "jwt.alg_confusion"),
		mk("jwt_kid_injection", "The key of an access token is read from the file that its kid leads to.", one(portal.JWTKeyFromPath), "jwt.kid_injection"),
		mk("jwt_kid_injection_embedded", "The key that an access token brings in its header is taken.", one(portal.JWTKeyEmbedded), "jwt.kid_injection"),
		mk("jwt_expired_accepted", "Access tokens are taken after they have expired.", one(portal.JWTExpiredAccepted), "jwt.expired_accepted"),
		mk("jwt_audience_ignored", "Tokens that are not for the API are taken as access tokens.", one(portal.JWTAudienceIgnored), "jwt.audience_ignored"),
		mk("jwt_sensitive_claims", "Access tokens hold address, phone, role and password hash.", one(portal.SensitiveClaims), "jwt.sensitive_claims"),

		mk("authn_enum_login", "A refused sign-in says whether the address is known.", one(portal.LoginBodyTells), "authn.enum_login"),
		mk("authn_enum_login_status", "A sign-in with an unknown address is answered 404.", one(portal.LoginStatusTells), "authn.enum_login"),
		mk("authn_enum_login_timing", "No password is hashed for unknown addresses, so that they are answered sooner; nothing throttles those who measure.",
			unthrottled(portal.LoginTimingTells), "authn.enum_login"),
		mk("authn_enum_reset", "A reset for an unknown address is refused.", one(portal.ResetBodyTells), "authn.enum_reset"),
		mk("authn_enum_reset_timing", "A reset takes longer for known addresses; nothing throttles those who measure.",
			unthrottled(portal.ResetTimingTells), "authn.enum_reset"),
		mk("authn_enum_signup", "A sign-up says that the address is taken.", one(portal.SignupTells), "authn.enum_signup"),

		mk("reset_host_poisoning", "Links of resets lead to the host that X-Forwarded-Host claims.", one(portal.ResetHostForwarded), "reset.host_poisoning"),
		mk("reset_host_poisoning_host", "Links of resets lead to the host and port that Host claims.", one(portal.ResetHostAsked), "reset.host_poisoning"),
		mk("reset_token_reuse", "The token of a reset works again and again.", one(portal.ResetTokenReused), "reset.token_reuse"),
		mk("reset_old_token_valid", "A newer reset leaves the older letter's token good.", one(portal.OldResetValid), "reset.old_token_valid"),
		mk("reset_token_leaks", "The answer to a reset holds the token of the letter.", one(portal.ResetTokenAnswered), "reset.token_leaks"),
		mk("reset_token_leaks_page", "The page of a reset loads a partner's script and tells its own address.", one(portal.ResetPageThirdParty), "reset.token_leaks"),

		mk("mfa_admin_not_enforced", "An administrator's password alone opens a whole session, before the code is asked for.", one(portal.SessionBeforeCode), "mfa.admin_not_enforced"),
		mk("mfa_admin_not_enforced_area", "The administrators' area takes a session whose code is still to come.", one(portal.AdminHalfway), "mfa.admin_not_enforced"),
		mk("mfa_code_reuse", "A code of the second factor works again.", one(portal.CodeReused), "mfa.code_reuse"),
	}
}

// unthrottled turns on a fault that takes many requests to see, and takes away
// what would throttle them.
func unthrottled(s portal.Switch) step {
	return all(portalSwitch(s), portalSwitch(portal.LimiterMissing), portalSwitch(portal.NetworkUncounted), rules(phaseRateLimit, noRules))
}
