package authzcheck

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// accounts is a portal whose members change their own name.
type accounts struct {
	mu      sync.Mutex
	fields  map[string]map[string]any
	notes   map[string]string // id to owner
	removed map[string]bool   // notes that are marked as deleted
	next    int

	anyone, massAssign, saveThenRefuse, deleteAny, override, soft bool
	onWrite                                                       func()
}

func newAccounts() *accounts {
	a := &accounts{fields: map[string]map[string]any{}, notes: map[string]string{}, removed: map[string]bool{}}
	for _, p := range people {
		a.fields[p.name] = map[string]any{"name": "Call me " + p.name, "role": p.role, "credits": 3}
	}
	return a
}

func (a *accounts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := who(r)
	if p == nil {
		writeJSON(w, 401, object{"error": "sign in"})
		return
	}
	kind, id, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	method := r.Method
	if named := r.Header.Get("X-HTTP-Method-Override"); named != "" && a.override {
		method = named
	}
	switch {
	case kind == "notes" && method == http.MethodPost:
		a.next++
		id := fmt.Sprintf("note_%04d", a.next)
		a.notes[id] = p.name
		writeJSON(w, 201, object{"id": id})
	case kind == "notes" && a.notes[id] == "", kind == "notes" && a.notes[id] != p.name && !(method == http.MethodDelete && a.deleteAny):
		writeJSON(w, 404, object{"error": "not found"})
	case kind == "notes" && method == http.MethodDelete && a.soft:
		a.removed[id] = true
		w.WriteHeader(204)
	case kind == "notes" && method == http.MethodDelete:
		delete(a.notes, id)
		w.WriteHeader(204)
	case kind == "notes":
		writeJSON(w, 200, object{"id": id, "deleted_at": map[bool]any{true: "2026-01-02T03:04:05Z"}[a.removed[id]]})
	case a.fields[id] == nil:
		writeJSON(w, 404, object{"error": "not found"})
	case method == http.MethodGet && id == p.name:
		writeJSON(w, 200, a.fields[id])
	case method == http.MethodPatch:
		allowed := id == p.name || a.anyone || a.override && r.Method != http.MethodPatch
		if allowed || a.saveThenRefuse {
			a.patch(r, id)
		}
		if !allowed {
			writeJSON(w, 403, object{"error": "forbidden"})
			return
		}
		writeJSON(w, 200, object{"saved": true})
	default:
		writeJSON(w, 404, object{"error": "not found"})
	}
}

func (a *accounts) patch(r *http.Request, id string) {
	var in map[string]any
	_ = json.NewDecoder(r.Body).Decode(&in)
	for name, value := range in { // what is not to be set is dropped, and 200 answered
		if name == "name" || a.massAssign {
			a.fields[id][name] = value
		}
	}
	if a.onWrite != nil {
		a.onWrite()
	}
}

func TestWrites(t *testing.T) {
	t.Parallel()
	const change, remove = "PATCH 127.0.0.1/accounts/{id}", "DELETE 127.0.0.1/notes/{id}"
	for name, tt := range map[string]struct {
		fault  func(*accounts)
		forbid bool
		want   verdicts
	}{
		"in order": {func(*accounts) {}, false, verdicts{}},
		"not allowed to write": {func(*accounts) {}, true, verdicts{
			ruleWrite + " " + change: readiness.Inconclusive, ruleAnonymous + " " + change: readiness.Inconclusive, ruleOverride + " " + change: readiness.Inconclusive, ruleMass + " " + change: readiness.Inconclusive,
			ruleWrite + " " + remove: readiness.Inconclusive, ruleAnonymous + " " + remove: readiness.Inconclusive,
		}},
		"members change each other": {func(a *accounts) { a.anyone = true }, false, verdicts{ruleWrite + " " + change: readiness.Fail}},
		"saved, then refused":       {func(a *accounts) { a.saveThenRefuse = true }, false, verdicts{ruleWrite + " " + change: readiness.Fail}},
		"fields are stored":         {func(a *accounts) { a.massAssign = true }, false, verdicts{ruleMass + " " + change: readiness.Fail}},
		"anything is deleted":       {func(a *accounts) { a.deleteAny = true }, false, verdicts{ruleWrite + " " + remove: readiness.Fail}},
		"marked as deleted":         {func(a *accounts) { a.soft = true }, false, verdicts{}},
		"marked by anybody":         {func(a *accounts) { a.soft, a.deleteAny = true, true }, false, verdicts{ruleWrite + " " + remove: readiness.Fail}},
		"a header names the method": {func(a *accounts) { a.override = true }, false, verdicts{ruleOverride + " " + change: readiness.Fail}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := newAccounts()
			tt.fault(portal)
			w := &world{handler: portal}
			w.spec = func(s *Spec) {
				s.AllowWrites = !tt.forbid
				s.Routes = []Route{
					{Name: "change", Method: "PATCH", Path: "/accounts/{id}", Params: map[string]string{"id": "ann"}, Body: `{"name":"x"}`, Owner: "ann", MassAssignment: []string{"role", "credits"}},
					{Name: "remove", Method: "DELETE", Path: "/notes/{id}", Owner: "ann", Create: &Create{Path: "/notes", Body: `{"text":"{{canary}}"}`}},
				}
			}
			got, result := w.check(t)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s\n%s", diff, explain(result))
			}
			if tt.forbid {
				for _, r := range w.requests {
					if !strings.HasPrefix(r, "GET") {
						t.Errorf("%s was sent", r)
					}
				}
			}
			portal.mu.Lock()
			defer portal.mu.Unlock()
			if left := portal.fields["ann"]; fmt.Sprint(left) != fmt.Sprint(newAccounts().fields["ann"]) || len(portal.notes) > len(portal.removed) {
				t.Errorf("left behind: %v, %v", left, portal.notes)
			}
		})
	}
}

// What was changed is put back when the run is cut short.
func TestWritesInterrupted(t *testing.T) {
	t.Parallel()
	for _, after := range []int{1, 2, 3, 5} {
		portal := newAccounts()
		portal.massAssign = true
		w := &world{handler: portal, spec: func(s *Spec) {
			s.AllowWrites = true
			s.Routes = []Route{{Name: "change", Method: "PATCH", Path: "/accounts/{id}", Params: map[string]string{"id": "ann"}, Body: `{"name":"x"}`, Owner: "ann", MassAssignment: []string{"role", "credits"}}}
		}}
		p, spec := w.start(t)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		count := 0
		portal.onWrite = func() {
			if count++; count == after {
				cancel()
			}
		}
		if _, err := Definition.Execute(ctx, p, spec); err != nil {
			t.Fatal(err)
		}
		cancel()
		portal.mu.Lock()
		if left := portal.fields["ann"]; fmt.Sprint(left) != fmt.Sprint(newAccounts().fields["ann"]) {
			t.Errorf("cut short after %d writes: left behind %v", after, left)
		}
		portal.mu.Unlock()
	}
}

// What was made to be deleted is deleted also when the run is cut short while
// it is being made.
func TestDeleteInterrupted(t *testing.T) {
	t.Parallel()
	portal := newAccounts()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	w := &world{spec: func(s *Spec) {
		s.AllowWrites = true
		s.Routes = []Route{{Name: "remove", Method: "DELETE", Path: "/notes/{id}", Owner: "ann", Create: &Create{Path: "/notes", Body: `{"text":"{{canary}}"}`}}}
	}}
	w.handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/notes" {
			cancel()
			time.Sleep(50 * time.Millisecond)
		}
		portal.ServeHTTP(rw, r)
	})
	p, spec := w.start(t)
	_, _ = Definition.Execute(ctx, p, spec)
	portal.mu.Lock()
	defer portal.mu.Unlock()
	if portal.next == 0 || len(portal.notes) > 0 {
		t.Errorf("%d made, left behind: %v", portal.next, portal.notes)
	}
}
