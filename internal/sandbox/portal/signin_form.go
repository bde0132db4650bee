package portal

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
)

// loginPage shows the form with a token that its answer must bring back.
func (p *Portal) loginPage(w http.ResponseWriter, r *http.Request) {
	if _, err := r.Cookie(p.sessionCookieName()); err != nil && p.On(SessionFixed) {
		p.setSession(w, p.sessions.token(), sessionLife)
	}
	p.renderForm(w, http.StatusOK, "login", "", "")
}

// renderForm shows a page with a form. path is where the form goes, where the
// page does not say so itself.
func (p *Portal) renderForm(w http.ResponseWriter, status int, page, problem, path string) {
	token := rand.Text()
	setCookie(w, csrfCookie, token, sessionIdle)
	w.Header().Set("Cache-Control", "private, no-store")
	p.render(w, status, page, map[string]any{"CSRF": token, "Problem": problem, "Path": path})
}

// formOurs reports whether a form came from our page: it brings the token of the
// page in a field and in a cookie, which no other site can set.
func (p *Portal) formOurs(r *http.Request) bool {
	cookie, err := r.Cookie(csrfCookie)
	token := r.PostFormValue("csrf")
	return err == nil && subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(token)) == 1 && p.firstUse(token)
}

const formExpired = "The form had expired. Please try again."

// loginForm signs in by the HTML form.
func (p *Portal) loginForm(w http.ResponseWriter, r *http.Request) {
	if !p.formOurs(r) {
		p.renderForm(w, http.StatusForbidden, "login", formExpired, "")
		return
	}
	u, ok := p.firstFactor(w, r, r.PostFormValue("email"), r.PostFormValue("password"), func(status int, reason string) {
		problem := "Address or password is not right."
		switch {
		case reason != "":
			problem = reason
		case status != http.StatusUnauthorized && status != http.StatusNotFound:
			problem = "Please try again later."
		}
		p.renderForm(w, status, "login", problem, "")
	})
	switch {
	case !ok:
	case p.On(LoginBroken):
		p.renderForm(w, http.StatusOK, "login", "Something went wrong. Please try again later.", "")
	case u.totp != "":
		p.openEarly(w, r, u)
		setCookie(w, ticketCookie, p.tickets.issue(u.ID), ticketLife)
		http.Redirect(w, r, "/login/totp", http.StatusSeeOther)
	default:
		p.formDone(w, r, u)
	}
}

// formDone opens the session of a form that was right.
func (p *Portal) formDone(w http.ResponseWriter, r *http.Request, u user) {
	token := p.open(w, r, u)
	setCookie(w, csrfCookie, "", 0)
	to := "/account"
	if p.On(TokenInURL) {
		to += "?session=" + token
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// totpPage asks for the code, those who have given their password.
func (p *Portal) totpPage(w http.ResponseWriter, r *http.Request) {
	if _, err := r.Cookie(ticketCookie); err != nil {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	p.renderForm(w, http.StatusOK, "totp", "", "")
}

// totpForm takes the code.
func (p *Portal) totpForm(w http.ResponseWriter, r *http.Request) {
	if !p.formOurs(r) {
		p.renderForm(w, http.StatusForbidden, "totp", formExpired, "")
		return
	}
	ticket := ""
	if c, err := r.Cookie(ticketCookie); err == nil {
		ticket = c.Value
	}
	u, ok := p.secondFactor(w, r, ticket, r.PostFormValue("code"), func(status int) {
		problem := "The code is not right."
		if status != http.StatusUnauthorized {
			problem = "Please try again later."
		}
		p.renderForm(w, status, "totp", problem, "")
	})
	if ok {
		setCookie(w, ticketCookie, "", 0)
		p.formDone(w, r, u)
	}
}
