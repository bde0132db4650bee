package authcheck

import "github.com/launchready/terraform-provider-launchready/internal/readiness"

const (
	ruleBypass       = "authn.bypass"
	ruleLogin        = "authn.login_works"
	ruleLogout       = "session.survives_logout"
	ruleRefresh      = "session.refresh_survives_logout"
	rulePasswordKill = "session.survives_password_change"
	ruleFixation     = "session.fixation"
	ruleIdle         = "session.no_idle_limit"
	ruleAbsolute     = "session.no_absolute_limit"
	ruleSecure       = "session.cookie_secure"
	ruleHTTPOnly     = "session.cookie_httponly"
	ruleSameSite     = "session.cookie_samesite"
	ruleDomain       = "session.cookie_domain"
	rulePrefix       = "session.cookie_prefix"
	ruleInURL        = "session.token_in_url"
	ruleEntropy      = "session.id_entropy"
	ruleNone         = "jwt.alg_none"
	ruleSignature    = "jwt.signature_ignored"
	ruleSecret       = "jwt.weak_secret"
	ruleConfusion    = "jwt.alg_confusion"
	ruleKeyID        = "jwt.kid_injection"
	ruleExpired      = "jwt.expired_accepted"
	ruleAudience     = "jwt.audience_ignored"
	ruleClaims       = "jwt.sensitive_claims"
	ruleEnumLogin    = "authn.enum_login"
	ruleEnumReset    = "authn.enum_reset"
	ruleEnumSignUp   = "authn.enum_signup"
	rulePoisoning    = "reset.host_poisoning"
	ruleReuse        = "reset.token_reuse"
	ruleOldToken     = "reset.old_token_valid"
	ruleLeaks        = "reset.token_leaks"
	ruleAdminFactor  = "mfa.admin_not_enforced"
	ruleCodeReuse    = "mfa.code_reuse"
	ruleDefaults     = "authn.default_credentials"
	rulePasswordAsk  = "authn.no_reauth_for_password"
	ruleEmailAsk     = "authn.no_reauth_for_email"
	ruleCSRF         = "authn.csrf"
)

// Groups of rules that share what keeps them from being tested.
var (
	cookieRules = []string{ruleSecure, ruleHTTPOnly, ruleSameSite, ruleDomain, rulePrefix}
	jwtRules    = []string{ruleNone, ruleSignature, ruleSecret, ruleConfusion, ruleKeyID, ruleExpired, ruleAudience, ruleClaims}
	resetRules  = []string{rulePoisoning, ruleReuse, ruleOldToken, ruleLeaks}
	// wayRules are those that each way to sign in is tested for.
	wayRules = []string{ruleLogout, ruleRefresh, ruleFixation, ruleIdle, ruleAbsolute, ruleInURL, ruleEntropy}
)

const (
	refSessionFixed = "ASVS-5.0-7.2.4"
	refSignature    = "ASVS-5.0-9.1.1"
	refAlgorithm    = "ASVS-5.0-9.1.2"
	refEnumeration  = "ASVS-5.0-6.3.8"
	refReauth       = "ASVS-5.0-7.5.1"
)

// rules are all that the check can report. The page of each is rules/<id>.md.
func rules() []readiness.Rule {
	rule := func(id string, severity readiness.Severity, title, remedy string, references ...string) readiness.Rule {
		return readiness.Rule{ID: id, Area: readiness.Authentication, Severity: severity, Title: title, Remedy: remedy, References: references}
	}
	attestable := func(r readiness.Rule) readiness.Rule { r.Attestable = true; return r }
	return []readiness.Rule{
		rule(ruleBypass, readiness.Critical, "a protected path answers who has not signed in",
			"Refuse every route by default in the authentication middleware, and list what is public.", "ASVS-5.0-7.2.1", refSignature, "API2:2023", "WSTG-ATHN-04"),
		rule(ruleLogin, readiness.High, "the test identity cannot sign in",
			"Mend the sign-in, or the identity and portal.sign_in in provider \"launchready\".", "ASVS-5.0-6.1.3"),
		rule(ruleLogout, readiness.Critical, "a session lives on after the sign-out",
			"Delete the session on the server at the sign-out. For JWTs: look the session up at each request, or keep their life under 15 minutes and revoke the refresh token.", "ASVS-5.0-7.4.1", "WSTG-SESS-06"),
		rule(ruleRefresh, readiness.High, "a refresh token gives access tokens after the sign-out",
			"Revoke the family of refresh tokens at the sign-out.", "ASVS-5.0-7.4.1", "ASVS-5.0-10.4.5", "RFC 9700 section 4.14"),
		rule(rulePasswordKill, readiness.High, "other sessions live on after the password was changed",
			"End all other sessions of the account when its password changes, or offer to.", "ASVS-5.0-7.4.3"),
		rule(ruleFixation, readiness.High, "the session id of before the sign-in is kept",
			"Make a new session id at the sign-in and at every change of rights.", refSessionFixed, "WSTG-SESS-03"),
		attestable(rule(ruleIdle, readiness.Medium, "a session that is not used does not end in time",
			"Give sessions in the server's store a time to live that use renews. Where it cannot be tested, attest it.", "ASVS-5.0-7.1.1", "ASVS-5.0-7.3.1", "WSTG-SESS-07")),
		attestable(rule(ruleAbsolute, readiness.Medium, "a session that is used never ends",
			"End sessions on the server at a fixed time after the sign-in, however much they are used. Where it cannot be tested, attest it.", "ASVS-5.0-7.1.1", "ASVS-5.0-7.3.2")),
		rule(ruleSecure, readiness.High, "the session's cookie is sent over plain HTTP too", "Set the attribute Secure.", "ASVS-5.0-3.3.1", "WSTG-SESS-02"),
		rule(ruleHTTPOnly, readiness.High, "scripts can read the session's cookie", "Set the attribute HttpOnly.", "ASVS-5.0-3.3.4", "WSTG-SESS-02"),
		rule(ruleSameSite, readiness.Medium, "other sites' requests carry the session's cookie", "Set SameSite=Lax or SameSite=Strict.", "ASVS-5.0-3.3.2", "WSTG-SESS-02"),
		rule(ruleDomain, readiness.Medium, "every host of the domain is sent the session's cookie", "Leave the attribute Domain out.", "ASVS-5.0-3.3.3", "WSTG-SESS-02"),
		rule(rulePrefix, readiness.Low, "nothing keeps other hosts from setting the session's cookie", "Begin the cookie's name with __Host-.", "ASVS-5.0-3.3.3", "WSTG-SESS-02"),
		rule(ruleInURL, readiness.High, "a session's token stands in an address", "Send tokens in a cookie, a header or a body.", "ASVS-5.0-14.2.1"),
		rule(ruleEntropy, readiness.Medium, "session ids can be guessed", "Use the session ids of the framework: 128 bits from a secure generator.", "ASVS-5.0-7.2.3"),
		rule(ruleNone, readiness.Critical, "tokens without signature are taken that say alg none", "Fix the list of algorithms in the code that verifies.", refAlgorithm, "RFC 8725 section 3.1", "WSTG-SESS-10"),
		rule(ruleSignature, readiness.Critical, "the signature of tokens is not verified", "Verify tokens instead of decoding them.", refSignature, "WSTG-SESS-10"),
		rule(ruleSecret, readiness.Critical, "the secret that signs tokens is a well-known word", "Sign with 256 random bits, and rotate the secret now.", "RFC 8725 section 3.5", "RFC 7518 section 3.2"),
		rule(ruleConfusion, readiness.Critical, "the public key is taken for the secret of a symmetric signature", "Tie each key to one algorithm.", refAlgorithm, "RFC 8725 section 3.1"),
		rule(ruleKeyID, readiness.High, "a token chooses the key that it is verified with", "Look keys up by id in a fixed set, and ignore jwk, jku and x5u.", "ASVS-5.0-9.1.3", "RFC 8725 section 3.10"),
		rule(ruleExpired, readiness.High, "expired tokens are taken", "Verify exp and nbf.", "ASVS-5.0-9.2.1"),
		rule(ruleAudience, readiness.Medium, "tokens that are for another purpose are taken", "Verify aud, iss and typ.", "ASVS-5.0-9.2.2", "ASVS-5.0-9.2.3"),
		rule(ruleClaims, readiness.Medium, "tokens hold personal or secret data", "Leave in the token what identifies the session, and nothing else.", "ASVS-5.0-14.2.6"),
		rule(ruleEnumLogin, readiness.Medium, "the sign-in tells who has an account", "Answer the same for both, and compute a hash for unknown addresses too.", refEnumeration, "WSTG-IDNT-04"),
		rule(ruleEnumReset, readiness.Medium, "the password reset tells who has an account", "Answer the same for both, and send the mail from a queue.", refEnumeration, "WSTG-IDNT-04"),
		rule(ruleEnumSignUp, readiness.Medium, "the sign-up tells who has an account", "Answer that a message is on its way, and tell the owner of a known address by mail.", refEnumeration, "WSTG-IDNT-04"),
		rule(rulePoisoning, readiness.Critical, "a request can choose the host of the link in a password reset", "Take the address of links from the configuration, never from the request.", "WSTG-INPV-17", "API8:2023"),
		rule(ruleReuse, readiness.Critical, "a token of a password reset works twice", "Delete the token when it is used.", "ASVS-5.0-6.5.1", "WSTG-ATHN-09"),
		rule(ruleOldToken, readiness.Medium, "an older token of a password reset outlives a newer one", "Delete all tokens of the account when one is issued or used.", "ASVS-5.0-6.6.2"),
		rule(ruleLeaks, readiness.High, "the token of a password reset is shown to others than the mailbox", "Keep the token out of answers, load nothing from others on its page, and send Referrer-Policy: no-referrer.", "ASVS-5.0-14.2.3", "ASVS-5.0-3.4.5"),
		rule(ruleAdminFactor, readiness.Critical, "an administrator gets in without a second factor", "Ask for the second factor where rights are decided, not in the sign-in's page alone.", "ASVS-5.0-6.3.3", "WSTG-ATHN-11", "CIS-8-6.5"),
		rule(ruleCodeReuse, readiness.High, "a code of the second factor is good twice", "Remember the last step whose code was taken, and take none that is not later.", "ASVS-5.0-6.5.1", "RFC 6238 section 5.2"),
		rule(ruleDefaults, readiness.Critical, "a well-known user name and password sign in", "Delete the account, and look in the log for who has used it.", "ASVS-5.0-6.3.2", "WSTG-ATHN-02"),
		rule(rulePasswordAsk, readiness.High, "the password is changed without the current one", "Ask for the current password.", "ASVS-5.0-6.2.3", refReauth),
		rule(ruleEmailAsk, readiness.High, "the e-mail address is changed without the password", "Ask for the password again.", refReauth),
		rule(ruleCSRF, readiness.High, "other sites can act in a member's name", "Set SameSite=Lax on the session's cookie, and refuse writes without a token or from another Origin.", "ASVS-5.0-3.5.1", "WSTG-SESS-05"),
	}
}
