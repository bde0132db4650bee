package portal

import (
	"crypto/rand"
	"net/http"
	"net/mail"
	"strings"
	"unicode/utf8"
)

// maxApplicants bounds the sign-ups that wait for their confirmation.
const maxApplicants = 1000

// signup takes {"email","password","name"}. It answers the same whether the
// address has an account or not: the letter alone tells, to its owner.
func (p *Portal) signup(w http.ResponseWriter, r *http.Request) {
	var in struct{ Email, Password, Name string }
	if !decode(w, r, &in) {
		return
	}
	address, err := mail.ParseAddress(in.Email)
	named := strings.TrimSpace(in.Name) != "" && utf8.RuneCountInString(in.Name) <= 80
	if err != nil || !named || !soundPassword(in.Password) {
		refuse(w, http.StatusUnprocessableEntity)
		return
	}
	applicant := user{ID: "usr_" + strings.ToLower(rand.Text()[:12]), Name: in.Name, Email: address.Address, Role: roleMember}
	applicant.password = hashPassword(in.Password) // for a known address too: it takes time
	_, known := p.people.byAddress(address.Address)
	if known && p.On(SignupTells) {
		explain(w, http.StatusConflict, "This address has an account already.")
		return
	}
	if p.limiter.mayWrite(canonicalAddress(address.Address)) {
		if known {
			p.send(knownLetter(address.Address))
		} else {
			p.send(p.apply(applicant))
		}
	}
	answer(w, http.StatusAccepted, onItsWay(nil))
}

// apply remembers a sign-up until its address is confirmed, and returns the
// letter that asks for it.
func (p *Portal) apply(u user) letter {
	p.mu.Lock()
	if len(p.applicants) >= maxApplicants {
		clear(p.applicants)
	}
	p.applicants[u.ID] = u
	p.mu.Unlock()
	l := confirmLetter(u.Email)
	l.token = p.letters.issue(confirmPurpose, u.ID, true)
	return l
}

// confirmPage asks for a click: a scanner of mail only looks.
func (p *Portal) confirmPage(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	p.linkPage(w)
	if _, ok := p.letters.owner(confirmPurpose, token); !ok {
		p.render(w, http.StatusGone, "gone", nil)
		return
	}
	p.renderForm(w, http.StatusOK, "confirm", "", "/confirm/"+token)
}

// confirmForm makes the account.
func (p *Portal) confirmForm(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	p.linkPage(w)
	if !p.formOurs(r) {
		p.renderForm(w, http.StatusForbidden, "confirm", "", "/confirm/"+token)
		return
	}
	id, ok := p.letters.take(confirmPurpose, token, false)
	p.mu.Lock()
	u, waiting := p.applicants[id]
	delete(p.applicants, id)
	p.mu.Unlock()
	if !ok || !waiting || !p.people.add(u) {
		p.render(w, http.StatusGone, "gone", nil)
		return
	}
	p.mu.Lock()
	p.profiles[u.ID] = profile{DisplayName: u.Name, Locale: "en"}
	p.mu.Unlock()
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}
