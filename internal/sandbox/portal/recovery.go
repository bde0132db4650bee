package portal

import (
	"net/http"
	"net/mail"
)

// passwordReset and resendCode answer the same for every address, known or
// not: who is a member is nobody's business.
func (p *Portal) passwordReset(w http.ResponseWriter, r *http.Request) { p.acceptAddress(w, r) }

func (p *Portal) resendCode(w http.ResponseWriter, r *http.Request) { p.acceptAddress(w, r) }

// acceptAddress takes {"email"} and says that a message will come if it may.
func (p *Portal) acceptAddress(w http.ResponseWriter, r *http.Request) {
	var in struct{ Email string }
	if !decode(w, r, &in) {
		return
	}
	if _, err := mail.ParseAddress(in.Email); err != nil {
		refuse(w, http.StatusUnprocessableEntity)
		return
	}
	answer(w, http.StatusAccepted, map[string]string{"status": "If the address can be reached, a message is on its way."})
}

// subscribe takes the form of the welcome page.
func (p *Portal) subscribe(w http.ResponseWriter, r *http.Request) {
	if _, err := mail.ParseAddress(r.PostFormValue("email")); err != nil {
		refuse(w, http.StatusUnprocessableEntity)
		return
	}
	http.Redirect(w, r, "/welcome", http.StatusSeeOther)
}
