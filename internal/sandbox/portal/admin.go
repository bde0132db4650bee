package portal

import (
	"net/http"
	"strings"
	"unicode/utf8"
)

// adminUsers lists every account.
func (p *Portal) adminUsers(w http.ResponseWriter, _ *http.Request, _ user) {
	type row struct {
		ID           string `json:"id"`
		Email        string `json:"email"`
		Role         string `json:"role"`
		Organization string `json:"organization"`
	}
	var out []row
	for _, other := range p.people.all() {
		out = append(out, row{other.ID, other.Email, other.Role, other.Organization})
	}
	answer(w, http.StatusOK, map[string]any{"users": out})
}

// note is what administrators write down about a member.
type note struct {
	Member string `json:"member"`
	Text   string `json:"text"`
}

func seedNotes() map[string]string {
	out := map[string]string{}
	for _, s := range seeds {
		if s.role == roleMember {
			out[s.id] = "Welcome call done. " + Marker("admin")
		}
	}
	return out
}

func (p *Portal) adminNote(w http.ResponseWriter, r *http.Request, _ user) {
	id := r.PathValue("id")
	p.mu.RLock()
	text, ok := p.notes[id]
	p.mu.RUnlock()
	if !ok {
		refuse(w, http.StatusNotFound)
		return
	}
	answer(w, http.StatusOK, note{id, text})
}

// writeNote takes {"text"}.
func (p *Portal) writeNote(w http.ResponseWriter, r *http.Request, _ user) {
	id := r.PathValue("id")
	if _, ok := p.people.byID(id); !ok {
		refuse(w, http.StatusNotFound)
		return
	}
	var in struct{ Text string }
	if !decode(w, r, &in) {
		return
	}
	if strings.TrimSpace(in.Text) == "" || utf8.RuneCountInString(in.Text) > maxMessageText {
		refuse(w, http.StatusUnprocessableEntity)
		return
	}
	p.mu.Lock()
	p.notes[id] = in.Text
	p.mu.Unlock()
	answer(w, http.StatusOK, note{id, in.Text})
}

// adminPage is decided by the role on the server, not by what the page shows.
func (p *Portal) adminPage(w http.ResponseWriter, r *http.Request) {
	u, half, ok := p.credential(r)
	w.Header().Set("Cache-Control", "private, no-store")
	switch {
	case p.On(TrapSPA): // the data come from the API, to those who may have them
		p.render(w, http.StatusOK, "shell", nil)
	case !ok, half && !p.On(AdminHalfway):
		http.Redirect(w, r, "/login", http.StatusSeeOther)
	case u.Role != roleAdmin && !slipped(r):
		p.render(w, http.StatusForbidden, "forbidden", nil)
	default:
		p.render(w, http.StatusOK, "admin", map[string]any{"Users": p.people.all()})
	}
}
