package authzcheck

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// pagesOnly is a portal of pages; faults change it.
func pagesOnly(fault string) *world {
	var mu sync.Mutex
	role := map[string]string{"ann": "member"}
	name := map[string]string{"ann": "Ann of the north"}
	const letter = "Only ann and her lawyer know this"
	page := func(w http.ResponseWriter, status int, p *person, body string) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		menu := "Come in"
		if p != nil {
			menu = "Signed in as " + p.mail
		}
		fmt.Fprintf(w, "<html><nav>%s</nav><main>%s</main></html>", menu, body)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		p := who(r)
		mine := p != nil && p.name == "ann"
		switch path := r.URL.Path; {
		case path == "/":
			if fault == "front" {
				page(w, 200, p, "<p>Newest: marker-of-ann-99</p>")
				return
			}
			page(w, 200, p, "<p>Welcome to the portal</p>")
		case p == nil:
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		case path == "/desk" && mine:
			page(w, 200, p, "<p>marker-of-ann-99</p>")
		case path == "/letters":
			if !mine {
				page(w, 200, p, "<p>No letters yet</p>")
				return
			}
			page(w, 200, p, "<ul><li><a href=/letters/12>First letter</a> <span>"+letter+"</span></li></ul>")
		case path == "/letters/12" && mine:
			page(w, 200, p, "<h1>First letter of ann</h1><h2>Written in the north</h2><p>"+letter+"</p>")
		case path == "/letters/12" && fault == "refusal":
			page(w, 403, p, "<h1>Not yours</h1><p>"+letter+"</p>")
		case path == "/self" && mine && r.Method == http.MethodPost:
			name["ann"] = r.PostFormValue("name")
			if given := r.PostFormValue("role"); given != "" && strings.HasPrefix(fault, "mass") {
				role["ann"] = given
			}
			http.Redirect(w, r, "/self", http.StatusSeeOther)
		case path == "/self" && mine:
			shown := "<dl><dt>Role:</dt><dd>" + html.EscapeString(role["ann"]) + "</dd></dl>"
			if fault == "mass, not shown" {
				shown = ""
			}
			page(w, 200, p, `<form method="post"><input name="name" value="`+html.EscapeString(name["ann"])+`"></form>`+shown)
		default:
			page(w, 404, p, "<h1>Nothing here</h1>")
		}
	})
	return &world{handler: handler, spec: func(s *Spec) {
		s.AllowWrites = true
		for i := range s.Actors {
			if fault == "mass, not shown" { // nor does whoami show it
				s.Actors[i].Portal.WhoAmI = ""
			}
		}
		s.Routes = []Route{
			{Name: "desk", Path: "/desk", Owner: "ann", Marker: "marker-of-ann-99"},
			{Name: "letters", Path: "/letters", Owner: "ann", Marker: letter},
			{Name: "letter", Path: "/letters/{id}", Params: map[string]string{"id": "12"}, Owner: "ann"},
			{Name: "self", Method: "POST", Path: "/self", Owner: "ann", Body: "name=Ann+of+the+north", MassAssignment: []string{"role"},
				Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, ReadBack: "/self"},
		}
	}}
}

// Portals of pages: what a page says in words counts, and what it says to anybody
// does not.
func TestPages(t *testing.T) {
	t.Parallel()
	const at = "GET 127.0.0.1/letters/{id}"
	for fault, want := range map[string]verdicts{
		"":                {},
		"front":           {},
		"refusal":         {"authz.object_cross_member " + at: readiness.Inconclusive, "authz.object_cross_org " + at: readiness.Inconclusive, "authz.method_override " + at: readiness.Inconclusive, "authz.path_variant " + at: readiness.Inconclusive, "authz.id_sources " + at: readiness.Inconclusive},
		"mass":            {"authz.mass_assignment POST 127.0.0.1/self": readiness.Fail},
		"mass, not shown": {"authz.mass_assignment POST 127.0.0.1/self": readiness.Inconclusive},
	} {
		t.Run("fault "+fault, func(t *testing.T) {
			t.Parallel()
			got, result := pagesOnly(fault).check(t)
			for name, status := range want {
				if got[name] != status {
					t.Errorf("%s is %q, want %s", name, got[name], status)
				}
			}
			for name, status := range got {
				if _, ok := want[name]; !ok {
					t.Errorf("%s %s\n%s", status, name, explain(result))
				}
			}
		})
	}
}
