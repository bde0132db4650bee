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
}

func (p *Portal) profile(w http.ResponseWriter, _ *http.Request, u user) {
	p.mu.RLock()
	out := p.profiles[u.ID]
	p.mu.RUnlock()
	answer(w, http.StatusOK, out)
}

// updateProfile changes the fields that are sent. A field that is not of the
// profile, such as a role, is refused.
func (p *Portal) updateProfile(w http.ResponseWriter, r *http.Request, u user) {
	var in struct {
		DisplayName *string `json:"display_name"`
		Locale      *string `json:"locale"`
	}
	if !decode(w, r, &in) {
		return
	}
	for _, field := range []*string{in.DisplayName, in.Locale} {
		if field != nil && (strings.TrimSpace(*field) == "" || utf8.RuneCountInString(*field) > 80) {
			refuse(w, http.StatusUnprocessableEntity)
			return
		}
	}
	p.mu.Lock()
	out := p.profiles[u.ID]
	if in.DisplayName != nil {
		out.DisplayName = *in.DisplayName
	}
	if in.Locale != nil {
		out.Locale = *in.Locale
	}
	p.profiles[u.ID] = out
	p.mu.Unlock()
	answer(w, http.StatusOK, out)
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

// article is a post of one organisation.
type article struct {
	ID           string `json:"id"`
	Organization string `json:"organization"`
	Title        string `json:"title"`
	Body         string `json:"body"`
}

// invoice belongs to one member.
type invoice struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Amount string `json:"amount"`
	owner  string // user id
}

// articles and invoices are the seed content; each body names its owner, so
// that a leak shows.
func articles() []article {
	return []article{
		{"101", "north", "Harbour clean-up", "north-only: we meet at pier 4 on Saturday."},
		{"102", "north", "Minutes of March", "north-only: the budget was agreed."},
		{"201", "south", "Vineyard walk", "south-only: bring good shoes."},
		{"202", "south", "Board election", "south-only: three seats are open."},
	}
}

func invoices() []invoice {
	return []invoice{
		{"5001", "N-2026-0001", "120.00 EUR", "usr_7k2m"},
		{"5002", "S-2026-0001", "90.00 EUR", "usr_9x4q"},
	}
}

// sees reports whether an account may read an organisation's content.
func (u user) sees(organization string) bool {
	return u.Role == roleAdmin || u.Organization != "" && u.Organization == organization
}

func (p *Portal) posts(w http.ResponseWriter, _ *http.Request, u user) {
	out := []article{}
	for _, a := range articles() {
		if u.sees(a.Organization) {
			out = append(out, a)
		}
	}
	answer(w, http.StatusOK, map[string]any{"posts": out})
}

// post answers 404 for what is another's, so that it does not tell what exists.
func (p *Portal) post(w http.ResponseWriter, r *http.Request, u user) {
	for _, a := range articles() {
		if a.ID == r.PathValue("id") && u.sees(a.Organization) {
			answer(w, http.StatusOK, a)
			return
		}
	}
	refuse(w, http.StatusNotFound)
}

func (p *Portal) invoice(w http.ResponseWriter, r *http.Request, u user) {
	for _, i := range invoices() {
		if i.ID == r.PathValue("id") && (i.owner == u.ID || u.Role == roleAdmin) {
			answer(w, http.StatusOK, i)
			return
		}
	}
	refuse(w, http.StatusNotFound)
}

// invite asks someone into the member's own organisation, or whom a service account names.
func (p *Portal) invite(w http.ResponseWriter, r *http.Request, u user) {
	if !u.sees(u.Organization) && u.Role != roleAPI {
		refuse(w, http.StatusForbidden)
		return
	}
	p.acceptAddress(w, r, func(address string) { p.send(inviteLetter(address, u.Name)) })
}
