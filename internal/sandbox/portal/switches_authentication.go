package portal

// Faults of sign-in, sessions, tokens, recovery and the second factor.
const (
	AnonymousPasses  Switch = "anonymous_passes"  // who shows nothing is taken for the first member
	AnyBearerPasses  Switch = "any_bearer_passes" // who shows any bearer token is taken for the first member
	CookieUnverified Switch = "cookie_unverified" // of the session's token its public beginning alone is looked at
	LoginBroken      Switch = "login_broken"      // sign-ins that are right are answered 200 with an error

	LogoutForgetsCookie    Switch = "logout_forgets_cookie"    // sign-out takes the cookie away and leaves the session
	JWTSurvivesLogout      Switch = "jwt_survives_logout"      // whether an access token's session lives is not looked at
	RefreshSurvivesLogout  Switch = "refresh_survives_logout"  // sign-out leaves the refresh token
	SurvivesPasswordChange Switch = "survives_password_change" // a new password leaves the other sessions
	SessionFixed           Switch = "session_fixed"            // sign-in keeps the session id that the browser brings
	NoIdleLimit            Switch = "no_idle_limit"            // sessions do not end unused
	NoAbsoluteLimit        Switch = "no_absolute_limit"        // sessions that are used never end
	CookieInsecure         Switch = "cookie_insecure"          // the session's cookie has no Secure
	CookieReadable         Switch = "cookie_readable"          // ... no HttpOnly
	CookieCrossSite        Switch = "cookie_cross_site"        // ... SameSite=None
	CookieDomainWide       Switch = "cookie_domain_wide"       // ... the whole domain as its Domain
	CookiePrefixMissing    Switch = "cookie_prefix_missing"    // ... a name without __Host-
	TokenInURL             Switch = "token_in_url"             // sign-in leads to an address that holds the token
	WeakSessionIDs         Switch = "weak_session_ids"         // tokens are counted up

	JWTNone            Switch = "jwt_none"             // access tokens that say alg none are taken
	JWTUnverified      Switch = "jwt_unverified"       // access tokens are decoded, not verified
	JWTWeakSecret      Switch = "jwt_weak_secret"      // access tokens are signed with the word secret
	JWTConfusion       Switch = "jwt_confusion"        // the public key serves as the secret of HS256
	JWTKeyFromPath     Switch = "jwt_key_from_path"    // kid is the path of a file
	JWTKeyEmbedded     Switch = "jwt_key_embedded"     // the key in a token's header is taken
	JWTExpiredAccepted Switch = "jwt_expired_accepted" // exp is not looked at
	JWTAudienceIgnored Switch = "jwt_audience_ignored" // aud is not looked at
	SensitiveClaims    Switch = "sensitive_claims"     // access tokens hold address, phone, role and password hash

	LoginBodyTells   Switch = "login_body_tells"   // a refused sign-in says what was wrong
	LoginStatusTells Switch = "login_status_tells" // ... is 404 for unknown addresses
	LoginTimingTells Switch = "login_timing_tells" // no hash is computed for unknown addresses
	ResetBodyTells   Switch = "reset_body_tells"   // a reset for an unknown address is refused
	ResetTimingTells Switch = "reset_timing_tells" // a reset takes longer for known addresses
	SignupTells      Switch = "signup_tells"       // a sign-up says that the address is taken

	ResetHostForwarded  Switch = "reset_host_forwarded"   // links of resets lead to the host that X-Forwarded-Host claims
	ResetHostAsked      Switch = "reset_host_asked"       // ... that Host claims
	ResetTokenReused    Switch = "reset_token_reused"     // a reset token works again and again
	OldResetValid       Switch = "old_reset_valid"        // a newer letter leaves the older ones good
	ResetTokenAnswered  Switch = "reset_token_answered"   // the answer to a reset holds the token
	ResetPageThirdParty Switch = "reset_page_third_party" // the page of the link loads a partner's script and tells its address

	SessionBeforeCode   Switch = "session_before_code"    // the password alone opens a whole session
	AdminHalfway        Switch = "admin_halfway"          // ... one that the administrators' area takes for whole
	CodeReused          Switch = "code_reused"            // a code of the second factor works again
	DefaultCredentials  Switch = "default_credentials"    // admin, admin signs in
	NoReauthForPassword Switch = "no_reauth_for_password" // a new password needs no old one
	NoReauthForEmail    Switch = "no_reauth_for_email"    // a new address needs no password
	CSRFOpen            Switch = "csrf_open"              // other sites may write in the member's name
)
