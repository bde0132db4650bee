package portal

import (
	"net/http"
)

// login signs in by JSON: {"email","password"} to {"token"} and the cookie. An
// account with a second factor gets a ticket for it instead.
func (p *Portal) login(w http.ResponseWriter, r *http.Request) {
	var in struct{ Email, Password string }
	if !decode(w, r, &in) {
		return
	}
	u, ok := p.firstFactor(w, r, in.Email, in.Password, func(status int, reason string) { explain(w, status, reason) })
	if !ok {
		return
	}
	if u.totp == "" {
		p.signInDone(w, r, u)
		return
	}
	p.openEarly(w, r, u)
	answer(w, http.StatusOK, map[string]any{"mfa_required": true, "ticket": p.tickets.issue(u.ID)})
}

// loginTOTP takes {"ticket","code"}, the second step.
func (p *Portal) loginTOTP(w http.ResponseWriter, r *http.Request) {
	var in struct{ Ticket, Code string }
	if !decode(w, r, &in) {
		return
	}
	u, ok := p.secondFactor(w, r, in.Ticket, in.Code, func(status int) { refuse(w, status) })
	if ok {
		p.signInDone(w, r, u)
	}
}

// signInDone answers a sign-in by JSON that went through.
func (p *Portal) signInDone(w http.ResponseWriter, r *http.Request, u user) {
	if p.On(LoginBroken) {
		answer(w, http.StatusOK, map[string]string{"error": "Something went wrong. Please try again later."})
		return
	}
	token := p.open(w, r, u)
	out := map[string]string{"token": token}
	if p.On(TokenInURL) {
		out["next"] = p.origin() + "/account?session=" + token
	}
	answer(w, http.StatusOK, out)
}

// firstFactor looks at address and password, with the brake on guesses. It
// answers itself, by refused, where they are not right.
func (p *Portal) firstFactor(w http.ResponseWriter, r *http.Request, email, password string, refused func(status int, reason string)) (user, bool) {
	if p.braked(w, r, email, func(status int) { refused(status, "") }) {
		return user{}, false
	}
	u, ok := p.verify(email, password)
	if !ok || u.totp == "" { // else the count goes on: who has the password may guess at codes
		p.signedInAs(r, email, ok)
	}
	p.signInTold(r, email, password, ok)
	if ok {
		return u, true
	}
	status, reason := http.StatusUnauthorized, ""
	_, known := p.people.byEmail(email)
	switch {
	case p.On(LoginStatusTells) && !known:
		status = http.StatusNotFound
	case p.On(LoginBodyTells) && known:
		reason = "The password is not right."
	case p.On(LoginBodyTells):
		reason = "No account has this address."
	}
	refused(status, reason)
	return user{}, false
}

// open starts a fresh session: one that the browser brought along ends, so
// that a session planted by another is never signed in.
func (p *Portal) open(w http.ResponseWriter, r *http.Request, u user) string {
	token, l := p.sessions.token(), sessionLimits(r)
	brought, err := r.Cookie(p.sessionCookieName())
	if err == nil && brought.Value != "" && p.On(SessionFixed) {
		token = brought.Value
	} else if key, ok := p.keyOf(r); ok {
		p.endSession(key)
	}
	p.sessions.start(p.sessions.key(token), u.ID, l, false)
	p.setSession(w, token, l.life)
	return token
}

// openEarly is the fault of a session that is there before the code is: a whole
// one, or one that only the administrators' pages do not tell from a whole one.
func (p *Portal) openEarly(w http.ResponseWriter, r *http.Request, u user) {
	if !p.On(SessionBeforeCode) && !p.On(AdminHalfway) {
		return
	}
	token, l := p.sessions.token(), sessionLimits(r)
	p.sessions.start(p.sessions.key(token), u.ID, l, !p.On(SessionBeforeCode))
	p.setSession(w, token, l.life)
}

// endSession ends a session and the refresh tokens that belong to it.
func (p *Portal) endSession(key sessionKey) {
	p.sessions.end(key)
	if !p.On(RefreshSurvivesLogout) {
		p.refreshes.endFamily(key)
	}
}

// logout kills the session on the server, not the cookie alone.
func (p *Portal) logout(w http.ResponseWriter, r *http.Request) {
	if key, ok := p.keyOf(r); ok && !(p.On(LogoutForgetsCookie) && !isJWT(p.tokenOf(r))) {
		p.endSession(key)
	}
	p.setSession(w, "", 0)
	w.WriteHeader(http.StatusNoContent)
}

// me says who is signed in.
func (p *Portal) me(w http.ResponseWriter, _ *http.Request, u user) {
	answer(w, http.StatusOK, map[string]string{
		"id": u.ID, "email": u.Email, "name": u.Name, "role": u.Role, "organization": u.Organization,
	})
}
