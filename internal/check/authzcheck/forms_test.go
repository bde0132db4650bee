package authzcheck

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// What everybody has is as before, whenever the run is cut short.
func TestSettingsInterrupted(t *testing.T) {
	t.Parallel()
	for after := 1; after <= 12; after += 2 {
		portal := newSettings()
		portal.mass = true
		count := 0
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		w := &world{}
		w.handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPatch {
				portal.mu.Lock()
				if count++; count == after {
					cancel()
				}
				portal.mu.Unlock()
				time.Sleep(20 * time.Millisecond)
			}
			portal.ServeHTTP(rw, r)
		})
		w.spec = func(s *Spec) {
			s.AllowWrites = true
			s.Routes = []Route{{Name: "settings", Method: "PATCH", Path: "/settings", Body: `{"newsletter":false,"phone":"+49 1"}`, Field: "newsletter", Owner: "ann", MassAssignment: []string{"role", "admin"}}}
		}
		p, spec := w.start(t)
		_, _ = Definition.Execute(ctx, p, spec)
		cancel()
		portal.mu.Lock()
		left, _ := json.Marshal(portal.values)
		fresh, _ := json.Marshal(newSettings().values)
		if string(left) != string(fresh) {
			t.Errorf("after %d writes, left behind:\n%s\n%s", after, left, fresh)
		}
		portal.mu.Unlock()
	}
}

// A page with a form, as Rails and Laravel have them: it is sent whole, with
// another method in it, and leads on when it is saved.
func TestForms(t *testing.T) {
	t.Parallel()
	for _, anyone := range []bool{false, true} {
		var mu sync.Mutex
		values := map[string]map[string]string{}
		for _, p := range people {
			values[p.name] = map[string]string{"profile[name]": "Call me " + p.name, "profile[town]": "Town & pier of " + p.name}
		}
		before := fmt.Sprint(values)
		w := &world{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			p, id := who(r), ""
			if _, err := fmt.Sscanf(r.URL.Path, "/profiles/%3s", &id); err != nil || values[id] == nil {
				w.WriteHeader(404)
				return
			}
			if p == nil {
				http.Redirect(w, r, "/login", http.StatusFound)
				return
			}
			if r.Method == http.MethodGet {
				if p.name != id {
					w.WriteHeader(404)
					return
				}
				framed(w, 200, p, `<form method="post"><input name="_method" type="hidden" value="patch"><input name="profile[name]" value="`+html.EscapeString(values[id]["profile[name]"])+`"><textarea name="profile[town]">`+"\n"+html.EscapeString(values[id]["profile[town]"])+`</textarea></form>`)
				return
			}
			if p.name != id && !anyone {
				w.WriteHeader(403)
				return
			}
			_ = r.ParseForm()
			for name := range values[id] {
				if r.PostForm.Has(name) {
					values[id][name] = r.PostForm.Get(name)
				}
			}
			http.Redirect(w, r, r.URL.Path+"/edit", http.StatusSeeOther)
		}), spec: func(s *Spec) {
			s.AllowWrites = true
			s.Routes = []Route{{Name: "p", Method: "POST", Path: "/profiles/{id}", Params: map[string]string{"id": "ann"}, ReadBack: "/profiles/{id}/edit", Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
				Body: "_method=patch&profile%5Bname%5D=x&profile%5Btown%5D=y", Field: "profile[name]", Owner: "ann"}}
		}}
		got, result := w.check(t)
		want := verdicts{}
		if anyone {
			want[ruleWrite+" POST 127.0.0.1/profiles/{id}"] = readiness.Fail
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s\n%s", diff, explain(result))
		}
		mu.Lock()
		if fmt.Sprint(values) != before {
			t.Errorf("left behind: %v", values)
		}
		mu.Unlock()
	}
}
