package portal

import "net/http"

// adminUsers lists every account; the server decides by role, not the page.
func (p *Portal) adminUsers(w http.ResponseWriter, _ *http.Request, u user) {
	if u.Role != roleAdmin {
		refuse(w, http.StatusForbidden)
		return
	}
	type row struct {
		ID           string `json:"id"`
		Email        string `json:"email"`
		Role         string `json:"role"`
		Organization string `json:"organization"`
	}
	var out []row
	for _, other := range p.people.users {
		out = append(out, row{other.ID, other.Email, other.Role, other.Organization})
	}
	answer(w, http.StatusOK, map[string]any{"users": out})
}

func (p *Portal) adminPage(w http.ResponseWriter, r *http.Request) {
	u, ok := p.current(r)
	w.Header().Set("Cache-Control", "private, no-store")
	switch {
	case !ok:
		http.Redirect(w, r, "/login", http.StatusSeeOther)
	case u.Role != roleAdmin:
		p.render(w, http.StatusForbidden, "forbidden", nil)
	default:
		p.render(w, http.StatusOK, "admin", map[string]any{"Users": p.people.users})
	}
}
