package portal

import (
	"net/http"
	"net/mail"
)

// passwordReset and resendCode answer the same for every address, known or
// not: who is a member is nobody's business.
func (p *Portal) passwordReset(w http.ResponseWriter, r *http.Request) {
	p.acceptAddress(w, r, func(address string) {
		if _, ok := p.people.byAddress(address); ok && (p.On(MailBomb) || p.limiter.mayWrite(canonicalAddress(address))) {
			p.send(resetLetter(address))
		}
	})
}

func (p *Portal) resendCode(w http.ResponseWriter, r *http.Request) {
	p.acceptAddress(w, r, func(string) {})
}

// acceptAddress takes {"email"}, does what is to be done with it and says that a
// message will come if it may.
func (p *Portal) acceptAddress(w http.ResponseWriter, r *http.Request, then func(address string)) {
	var in struct{ Email string }
	if !decode(w, r, &in) {
		return
	}
	address, err := mail.ParseAddress(in.Email)
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity)
		return
	}
	then(address.Address)
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
