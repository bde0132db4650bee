package portal

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
)

const csrfCookie = "__Host-csrf"

// login signs in by JSON: {"email","password"} to {"token"} and the cookie.
func (p *Portal) login(w http.ResponseWriter, r *http.Request) {
	var in struct{ Email, Password string }
	if !decode(w, r, &in) {
		return
	}
	if p.braked(w, r, in.Email, func(status int) { refuse(w, status) }) {
		return
	}
	u, ok := p.people.verify(in.Email, in.Password)
	p.signedInAs(r, in.Email, ok)
	if !ok {
		refuse(w, http.StatusUnauthorized)
		return
	}
	answer(w, http.StatusOK, map[string]string{"token": p.open(w, r, u)})
}

// open starts a fresh session: one that the browser brought along ends, so
// that a session planted by another is never signed in.
func (p *Portal) open(w http.ResponseWriter, r *http.Request, u user) string {
	p.sessions.end(tokenOf(r))
	token := p.sessions.start(u.ID)
	setCookie(w, sessionCookie, token, sessionLife)
	return token
}

// logout kills the session on the server, not the cookie alone.
func (p *Portal) logout(w http.ResponseWriter, r *http.Request) {
	p.sessions.end(tokenOf(r))
	setCookie(w, sessionCookie, "", 0)
	w.WriteHeader(http.StatusNoContent)
}

// me says who is signed in.
func (p *Portal) me(w http.ResponseWriter, _ *http.Request, u user) {
	answer(w, http.StatusOK, map[string]string{
		"id": u.ID, "email": u.Email, "name": u.Name, "role": u.Role, "organization": u.Organization,
	})
}

// loginPage shows the form with a token that its answer must bring back.
func (p *Portal) loginPage(w http.ResponseWriter, _ *http.Request) {
	p.renderLogin(w, http.StatusOK, "")
}

func (p *Portal) renderLogin(w http.ResponseWriter, status int, problem string) {
	token := rand.Text()
	setCookie(w, csrfCookie, token, sessionIdle)
	w.Header().Set("Cache-Control", "private, no-store")
	p.render(w, status, "login", map[string]any{"CSRF": token, "Problem": problem})
}

// loginForm signs in by the HTML form.
func (p *Portal) loginForm(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie(csrfCookie)
	if err != nil || subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(r.PostFormValue("csrf"))) != 1 {
		p.renderLogin(w, http.StatusForbidden, "The form had expired. Please try again.")
		return
	}
	email := r.PostFormValue("email")
	if p.braked(w, r, email, func(status int) { p.renderLogin(w, status, "Please try again later.") }) {
		return
	}
	u, ok := p.people.verify(email, r.PostFormValue("password"))
	p.signedInAs(r, email, ok)
	if !ok {
		p.renderLogin(w, http.StatusUnauthorized, "Address or password is not right.")
		return
	}
	p.open(w, r, u)
	setCookie(w, csrfCookie, "", 0)
	http.Redirect(w, r, "/account", http.StatusSeeOther)
}
