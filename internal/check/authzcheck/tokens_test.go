package authzcheck

import (
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// notebook is a portal of forms whose token against forgery anybody gets, and which
// looks for it in a field alone. It changes notes for who has not signed in, or for
// any other member, where that is its fault.
func notebook(fault string) *world {
	var mu sync.Mutex
	text := map[string]string{"ann": "Of ann alone 4711"}
	page := func(w http.ResponseWriter, fields string) {
		http.SetCookie(w, &http.Cookie{Name: "seal", Value: "seal-of-everybody", Path: "/"})
		fmt.Fprintf(w, `<html><form method="post"><input type="hidden" name="seal" value="seal-of-everybody">%s<button>Keep</button></form></html>`, fields)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		cookie := func(name string) string {
			if c, err := r.Cookie(name); err == nil {
				return c.Value
			}
			return ""
		}
		whose, name := strings.TrimPrefix(r.URL.Path, "/notes/"), strings.TrimPrefix(cookie("sid"), "of-")
		switch {
		case r.Method == http.MethodPost && (cookie("seal") != "seal-of-everybody" || r.PostFormValue("seal") != "seal-of-everybody"):
			w.WriteHeader(http.StatusForbidden)
		case r.URL.Path == "/in":
			page(w, `<input name="who"><input name="word" type="password">`)
		case r.URL.Path == "/" && name != "":
			page(w, "")
		case text[whose] == "":
			w.WriteHeader(http.StatusNotFound)
		case name == "" && !(fault == "strangers" && r.Method == http.MethodPost):
			http.Redirect(w, r, "/in", http.StatusSeeOther)
		case name != whose && name != "" && !(fault == "members" && r.Method == http.MethodPost):
			w.WriteHeader(http.StatusNotFound)
		case r.Method == http.MethodPost:
			text[whose] = r.PostFormValue("text")
			http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
		default:
			page(w, `<input name="text" value="`+html.EscapeString(text[whose])+`">`)
		}
	})
	return &world{handler: handler, spec: func(s *Spec) {
		s.AllowWrites = true
		for i := range s.Actors {
			a := &s.Actors[i]
			a.Identity = probe.Identity{Username: a.Identity.Username, Headers: map[string]string{"Cookie": "sid=of-" + a.Name}}
			a.Portal.WhoAmI, a.Portal.SignIn = "", probe.SignInRequest{Path: "/in", Format: "form"}
		}
		s.Routes = []Route{{
			Name: "note", Method: "POST", Path: "/notes/{id}", Params: map[string]string{"id": "ann"}, Owner: "ann", Field: "text",
			Body: "text=x", Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, ReadBack: "/notes/ann",
		}}
	}}
}

// Who is not signed in, or is not shown the form, gets a token against forgery as
// everybody does, and is not refused for the want of one.
func TestTokensOfForms(t *testing.T) {
	t.Parallel()
	for fault, rule := range map[string]string{"": "", "strangers": ruleAnonymous, "members": ruleWrite} {
		t.Run("fault "+fault, func(t *testing.T) {
			t.Parallel()
			got, result := notebook(fault).check(t)
			var fails []string
			for name, status := range got {
				if strings.Contains(name, "authz.object") || strings.Contains(name, "authz.write") {
					fails = append(fails, string(status)+" "+strings.Fields(name)[0])
				}
			}
			slices.Sort(fails)
			var want []string
			if rule != "" {
				want = []string{string(readiness.Fail) + " " + rule}
			}
			if !slices.Equal(fails, want) {
				t.Errorf("%v, want %v\n%s", fails, want, explain(result))
			}
		})
	}
}
