package portal

import (
	"net/http"
	"net/mail"
)

// confirmed reports whether whoever holds the session knows the password too:
// what it guards is asked for again before it changes (ASVS 5.0 7.5.1). Guesses
// count as those of a sign-in. It answers itself where the password is wrong.
func (p *Portal) confirmed(w http.ResponseWriter, r *http.Request, u user, password string, skipped Switch) bool {
	if p.On(skipped) {
		return true
	}
	if p.braked(w, r, u.Email, func(status int) { refuse(w, status) }) {
		return false
	}
	ok := u.bearer == "" && u.password.matches(password)
	p.signedInAs(r, u.Email, ok)
	if !ok {
		refuse(w, http.StatusForbidden)
	}
	return ok
}

// changePassword takes {"current_password","password"} and ends the account's
// other sessions.
func (p *Portal) changePassword(w http.ResponseWriter, r *http.Request, u user) {
	var in struct {
		Current  string `json:"current_password"`
		Password string `json:"password"`
	}
	if !decode(w, r, &in) || !p.confirmed(w, r, u, in.Current, NoReauthForPassword) {
		return
	}
	if !soundPassword(in.Password) || u.bearer != "" {
		refuse(w, http.StatusUnprocessableEntity)
		return
	}
	key, _ := p.keyOf(r)
	p.setPassword(u.ID, in.Password, key)
	w.WriteHeader(http.StatusNoContent)
}

// setPassword changes a password and ends the sessions that were opened with
// the old one, but the one that asks for it.
func (p *Portal) setPassword(userID, password string, but sessionKey) {
	hash := hashPassword(password)
	p.people.change(userID, func(u *user) { u.password = hash })
	p.voidResets(userID)
	if p.On(SurvivesPasswordChange) {
		return
	}
	p.sessions.endAll(userID, but)
	p.refreshes.endIf(func(r refresh) bool { return r.userID == userID && keyOfID(r.sid) != but })
}

// changeEmail takes {"current_password","email"}. An address that another has
// is answered the same, and nothing changes.
func (p *Portal) changeEmail(w http.ResponseWriter, r *http.Request, u user) {
	var in struct {
		Current string `json:"current_password"`
		Email   string `json:"email"`
	}
	if !decode(w, r, &in) || !p.confirmed(w, r, u, in.Current, NoReauthForEmail) {
		return
	}
	address, err := mail.ParseAddress(in.Email)
	if err != nil || u.bearer != "" {
		refuse(w, http.StatusUnprocessableEntity)
		return
	}
	if other, taken := p.people.byAddress(address.Address); !taken || other.ID == u.ID {
		p.people.change(u.ID, func(u *user) { u.Email = address.Address })
		p.voidResets(u.ID) // they are in the mailbox of the old address
	}
	w.WriteHeader(http.StatusNoContent)
}

// voidResets ends the letters that are out for an account.
func (p *Portal) voidResets(userID string) {
	if p.On(OldResetValid) || p.On(ResetTokenReused) {
		return
	}
	p.letters.voidAll(resetPurpose, userID)
}
