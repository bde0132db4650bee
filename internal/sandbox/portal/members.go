package portal

import (
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// profile is what members may change about themselves, and nothing more: role
// and organisation are not in it.
type profile struct {
	DisplayName string `json:"display_name"`
	Email       string `json:"email"`
	Locale      string `json:"locale"`
	Phone       string `json:"phone"`
	About       string `json:"about"` // holds the marker; the member cannot change it here

	PasswordHash string `json:"password_hash,omitempty"` // a fault
}

// profileOf is an account's profile as it is shown.
func (p *Portal) profileOf(u user) profile {
	p.mu.RLock()
	out := p.profiles[u.ID]
	p.mu.RUnlock()
	out.Email = u.Email
	if p.On(HashShown) {
		out.PasswordHash = u.password.String()
	}
	return out
}

func (p *Portal) profile(w http.ResponseWriter, r *http.Request, u user) {
	if other, ok := p.people.byID(p.named(r, u.ID)); ok {
		u = other
	}
	answer(w, http.StatusOK, p.profileOf(u))
}

// updateProfile changes the fields that are sent. A field that is not of the
// profile, such as a role, is refused.
func (p *Portal) updateProfile(w http.ResponseWriter, r *http.Request, u user) {
	var in struct {
		DisplayName  *string `json:"display_name"`
		Locale       *string `json:"locale"`
		Role         *string `json:"role"`
		Organization *string `json:"organization"`
	}
	if !decode(w, r, &in) || !p.mayAssign(w, in.Role, in.Organization) || !sound(w, in.DisplayName, in.Locale) {
		return
	}
	p.mu.Lock()
	out := p.profiles[u.ID]
	set(&out.DisplayName, in.DisplayName)
	set(&out.Locale, in.Locale)
	p.profiles[u.ID] = out
	p.mu.Unlock()
	p.assign(u.ID, in.Role, in.Organization)
	answer(w, http.StatusOK, p.profileOf(u))
}

// set takes a field over if it was sent.
func set(field, value *string) {
	if value != nil {
		*field = *value
	}
}

// sound answers 422 if a field that was sent is empty or too long.
func sound(w http.ResponseWriter, fields ...*string) bool {
	for _, field := range fields {
		if field != nil && (strings.TrimSpace(*field) == "" || utf8.RuneCountInString(*field) > 80) {
			refuse(w, http.StatusUnprocessableEntity)
			return false
		}
	}
	return true
}

// mayAssign refuses fields that members do not set.
func (p *Portal) mayAssign(w http.ResponseWriter, fields ...*string) bool {
	for _, field := range fields {
		if field != nil && !p.On(MassAssignment) {
			refuse(w, http.StatusUnprocessableEntity)
			return false
		}
	}
	return true
}

// assign stores what mayAssign let through.
func (p *Portal) assign(userID string, role, organization *string) {
	if role == nil && organization == nil {
		return
	}
	p.people.change(userID, func(u *user) {
		set(&u.Role, role)
		set(&u.Organization, organization)
	})
}

// membership says whether the member's membership is good today.
func (p *Portal) membership(w http.ResponseWriter, _ *http.Request, u user) {
	if u.Organization == "" {
		answer(w, http.StatusOK, map[string]any{"valid": false, "organization": ""})
		return
	}
	year := p.options.Now().UTC().Year() + 1
	answer(w, http.StatusOK, map[string]any{
		"valid": true, "organization": u.Organization, "plan": "community",
		"paid_until": time.Date(year, time.December, 31, 0, 0, 0, 0, time.UTC).Format(time.DateOnly),
	})
}

// invite asks someone into the member's own organisation, or whom a service account names.
func (p *Portal) invite(w http.ResponseWriter, r *http.Request, u user) {
	if !u.sees(u.Organization) && u.Role != roleAPI {
		refuse(w, http.StatusForbidden)
		return
	}
	p.acceptAddress(w, r, func(address string) (int, map[string]string) {
		p.metrics.invite()
		p.tell(p.about(r, Event{Level: "info", Event: EventInvited, Outcome: "success", User: address}))
		p.send(inviteLetter(address, u.Name))
		return http.StatusAccepted, nil
	})
}
