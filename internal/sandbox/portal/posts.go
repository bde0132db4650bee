package portal

import "net/http"

// article is a post of one organisation.
type article struct {
	ID           string `json:"id"`
	Organization string `json:"organization"`
	Title        string `json:"title"`
	Body         string `json:"body"`
	author       string // user id
}

// articles are the seed content; each body names its owner, so that a leak
// shows.
func articles() []article {
	return []article{
		{"101", "north", "Harbour clean-up", "north-only: we meet at pier 4 on Saturday.", "usr_7k2m"},
		{"102", "north", "Minutes of March", "north-only: the budget was agreed.", "usr_7k2m"},
		{"201", "south", "Vineyard walk", "south-only: bring good shoes.", "usr_9x4q"},
		{"202", "south", "Board election", "south-only: three seats are open.", "usr_9x4q"},
	}
}

// sees reports whether an account may read an organisation's content.
func (u user) sees(organization string) bool {
	return u.Role == roleAdmin || u.Organization != "" && u.Organization == organization
}

// shows reports whether a post is shown to an account.
func (p *Portal) shows(a article, u user) bool {
	switch {
	case p.On(ObjectCrossOrg) && u.Organization != "":
		return true // any organisation's member will do
	case p.On(OverDenied):
		return u.owns(a.author)
	}
	return u.sees(a.Organization)
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
		if a.ID == r.PathValue("id") && p.shows(a, u) {
			answer(w, http.StatusOK, a)
			return
		}
	}
	refuse(w, http.StatusNotFound)
}
