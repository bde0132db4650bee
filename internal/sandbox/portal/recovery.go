package portal

import (
	"net/http"
	"net/mail"
)

// passwordReset and resendCode answer the same for every address, known or
// not: who is a member is nobody's business.
func (p *Portal) passwordReset(w http.ResponseWriter, r *http.Request) {
	extra := map[string]string{}
	p.acceptAddress(w, r, func(address string) (int, map[string]string) {
		u, known := p.people.byAddress(address)
		if !known {
			if p.On(ResetBodyTells) {
				return http.StatusNotFound, map[string]string{"status": "No account has this address."}
			}
			if p.On(ResetTokenAnswered) {
				extra["reset_token"] = newLetterToken()
			}
			return http.StatusAccepted, extra
		}
		if p.On(ResetTimingTells) {
			u.password.spend(address) // the token is hashed as passwords are, for those who get one
		}
		if p.On(MailBomb) || p.limiter.mayWrite(canonicalAddress(address)) {
			l := resetLetter(address)
			l.token, l.host = p.letters.issue(resetPurpose, u.ID, !p.On(OldResetValid)), p.linkHost(r)
			if p.On(ResetTokenAnswered) {
				extra["reset_token"] = l.token
			}
			p.send(l)
		} else if p.On(ResetTokenAnswered) {
			extra["reset_token"] = newLetterToken()
		}
		return http.StatusAccepted, extra
	})
}

// linkHost is the host of links in mail: the portal's own, whatever the request
// says; empty = that one.
func (p *Portal) linkHost(r *http.Request) string {
	switch forwarded := r.Header.Get("X-Forwarded-Host"); {
	case p.On(ResetHostForwarded) && forwarded != "":
		return forwarded
	case p.On(ResetHostAsked):
		return r.Host
	}
	return ""
}

func (p *Portal) resendCode(w http.ResponseWriter, r *http.Request) {
	p.acceptAddress(w, r, func(string) (int, map[string]string) { return http.StatusAccepted, nil })
}

// acceptAddress takes {"email"}, does what is to be done with it and says that a
// message will come if it may.
func (p *Portal) acceptAddress(w http.ResponseWriter, r *http.Request, then func(address string) (status int, more map[string]string)) {
	var in struct{ Email string }
	if !decode(w, r, &in) {
		return
	}
	address, err := mail.ParseAddress(in.Email)
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity)
		return
	}
	status, more := then(address.Address)
	answer(w, status, onItsWay(more))
}

// onItsWay is the one answer of whatever may send a letter.
func onItsWay(more map[string]string) map[string]string {
	out := map[string]string{"status": "If the address can be reached, a message is on its way."}
	for name, value := range more {
		out[name] = value
	}
	return out
}

// confirmReset takes {"token","password"} of a letter, which works once.
func (p *Portal) confirmReset(w http.ResponseWriter, r *http.Request) {
	var in struct{ Token, Password string }
	if !decode(w, r, &in) {
		return
	}
	if status := p.resetBy(in.Token, in.Password); status != http.StatusNoContent {
		refuse(w, status)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// resetBy sets the password of the account that a token is of, and returns what
// came of it as a status.
func (p *Portal) resetBy(token, password string) int {
	if _, ok := p.letters.owner(resetPurpose, token); !ok {
		return http.StatusGone
	}
	if !soundPassword(password) {
		return http.StatusUnprocessableEntity
	}
	id, ok := p.letters.take(resetPurpose, token, p.On(ResetTokenReused))
	if !ok {
		return http.StatusGone
	}
	p.setPassword(id, password, sessionKey{})
	return http.StatusNoContent
}

// resetPage is where the link of a letter leads: nobody else may learn its
// address, which holds the token.
func (p *Portal) resetPage(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	p.linkPage(w)
	if _, ok := p.letters.owner(resetPurpose, token); !ok {
		p.render(w, http.StatusGone, "gone", nil)
		return
	}
	p.renderForm(w, http.StatusOK, "reset", "", "/reset/"+token)
}

// linkPage sets the headers of a page whose address is a secret.
func (p *Portal) linkPage(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "private, no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	if p.On(ResetPageThirdParty) {
		w.Header().Set("Referrer-Policy", "unsafe-url")
	}
}

// resetForm takes the form of the page.
func (p *Portal) resetForm(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	p.linkPage(w)
	if !p.formOurs(r) {
		p.renderForm(w, http.StatusForbidden, "reset", formExpired, "/reset/"+token)
		return
	}
	switch status := p.resetBy(token, r.PostFormValue("password")); status {
	case http.StatusNoContent:
		http.Redirect(w, r, "/login", http.StatusSeeOther)
	case http.StatusGone:
		p.render(w, status, "gone", nil)
	default:
		p.renderForm(w, status, "reset", "A password has 8 to 128 characters.", "/reset/"+token)
	}
}

// subscribe takes the form of the welcome page.
func (p *Portal) subscribe(w http.ResponseWriter, r *http.Request) {
	if _, err := mail.ParseAddress(r.PostFormValue("email")); err != nil {
		refuse(w, http.StatusUnprocessableEntity)
		return
	}
	http.Redirect(w, r, "/welcome", http.StatusSeeOther)
}
