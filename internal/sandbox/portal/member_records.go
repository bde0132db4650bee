package portal

import "net/http"

// record is a member as the member and the administrators see it.
type record struct {
	ID           string `json:"id"`
	DisplayName  string `json:"display_name"`
	Email        string `json:"email"`
	Phone        string `json:"phone"`
	Role         string `json:"role"`
	Organization string `json:"organization"`
	About        string `json:"about"`
	PasswordHash string `json:"password_hash,omitempty"` // a fault
}

func (p *Portal) recordOf(u user) record {
	shown := p.profileOf(u)
	return record{u.ID, shown.DisplayName, u.Email, shown.Phone, u.Role, u.Organization, shown.About, shown.PasswordHash}
}

// member shows a member to itself and to administrators; to others there is
// none.
func (p *Portal) member(w http.ResponseWriter, r *http.Request, u user) {
	other, ok := p.people.byID(r.PathValue("id"))
	if !ok || !u.owns(other.ID) {
		refuse(w, http.StatusNotFound)
		return
	}
	if wanted, ok := p.people.byID(p.named(r, other.ID)); ok {
		other = wanted
	}
	answer(w, http.StatusOK, p.recordOf(other))
}

// updateMember changes name and phone of a member.
func (p *Portal) updateMember(w http.ResponseWriter, r *http.Request, u user) {
	var in struct {
		DisplayName  *string `json:"display_name"`
		Phone        *string `json:"phone"`
		Role         *string `json:"role"`
		Organization *string `json:"organization"`
	}
	other, ok := p.people.byID(r.PathValue("id"))
	allowed := ok && u.owns(other.ID)
	if !ok || !allowed && !p.On(WriteUnchecked) && !p.On(WriteBeforeCheck) {
		refuse(w, http.StatusNotFound)
		return
	}
	if !decode(w, r, &in) || !p.mayAssign(w, in.Role, in.Organization) || !sound(w, in.DisplayName, in.Phone) {
		return
	}
	p.mu.Lock()
	out := p.profiles[other.ID]
	set(&out.DisplayName, in.DisplayName)
	set(&out.Phone, in.Phone)
	p.profiles[other.ID] = out
	p.mu.Unlock()
	p.assign(other.ID, in.Role, in.Organization)
	switch {
	case !allowed && p.On(WriteBeforeCheck):
		refuse(w, http.StatusForbidden)
	case !allowed:
		answer(w, http.StatusOK, map[string]string{"status": "saved"})
	default:
		if changed, ok := p.people.byID(other.ID); ok {
			other = changed
		}
		answer(w, http.StatusOK, p.recordOf(other))
	}
}

// owns reports whether what belongs to an account is this one's business.
func (u user) owns(owner string) bool { return u.ID == owner || u.Role == roleAdmin }
