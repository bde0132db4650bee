package authzcheck

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// settings is a portal in which everybody changes what is their own, at one path.
type settings struct {
	mu     sync.Mutex
	values map[string]map[string]any
	hide   string // a field that is not shown
	anyone bool   // the id in the query is believed
	ints   bool   // booleans are stored as numbers
	mass   bool
	roles  bool // other roles than those that exist are refused
}

func newSettings() *settings {
	s := &settings{values: map[string]map[string]any{}}
	for _, p := range people {
		s.values[p.name] = map[string]any{"motto": "Motto of " + p.name, "phone": "+49 30 1234567", "newsletter": true, "visits": 12.0, "admin": p.role == "admin", "role": p.role}
		if p.name == "bob" {
			s.values[p.name]["motto"] = "Something else"
		}
	}
	return s
}

func (s *settings) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := who(r)
	if p == nil || r.URL.Path != "/settings" {
		writeJSON(w, 401, object{"error": "sign in"})
		return
	}
	name := p.name
	if of := r.URL.Query().Get("of"); of != "" && s.anyone {
		name = of
	}
	mine := s.values[name]
	if r.Method == http.MethodPatch {
		var in map[string]any
		_ = json.NewDecoder(r.Body).Decode(&in)
		if role, ok := in["role"].(string); ok && s.roles && s.mass && role != "member" && role != "admin" {
			writeJSON(w, 422, object{"message": "role is not one of member, admin"})
			return
		}
		for field, value := range in {
			if field == "admin" || field == "role" {
				if !s.mass {
					continue
				}
			}
			mine[field] = value
		}
	}
	out := object{}
	for field, value := range mine {
		if b, ok := value.(bool); ok && s.ints && field == "admin" {
			value = map[bool]int{true: 1}[b]
		}
		if n, ok := value.(float64); ok && s.ints && field == "admin" {
			value = map[bool]int{true: 1}[n != 0]
		}
		if field != s.hide {
			out[field] = value
		}
	}
	writeJSON(w, 200, out)
}

func TestSettings(t *testing.T) {
	t.Parallel()
	const subject = "PATCH 127.0.0.1/settings"
	for name, tt := range map[string]struct {
		fault  func(*settings)
		route  Route
		want   verdicts
		silent bool // nothing may be written
	}{
		"a text":                        {func(*settings) {}, Route{Body: `{"motto":"x"}`}, verdicts{}, false},
		"a boolean":                     {func(*settings) {}, Route{Body: `{"newsletter":false}`, Field: "newsletter"}, verdicts{}, false},
		"a number":                      {func(*settings) {}, Route{Body: `{"visits":1}`, Field: "visits"}, verdicts{}, false},
		"another field beside it":       {func(*settings) {}, Route{Body: `{"motto":"x","phone":"+49 1"}`, Field: "motto"}, verdicts{}, false},
		"a field that is not shown":     {func(s *settings) { s.hide = "motto" }, Route{Body: `{"motto":"x"}`}, verdicts{ruleWrite + " " + subject: readiness.Inconclusive, ruleAnonymous + " " + subject: readiness.Inconclusive, ruleOverride + " " + subject: readiness.Inconclusive}, true},
		"booleans are stored as number": {func(s *settings) { s.mass, s.ints = true, true }, Route{Body: `{"motto":"x"}`, MassAssignment: []string{"admin"}}, verdicts{ruleMass + " " + subject: readiness.Fail}, false},
		"roles of a list":               {func(s *settings) { s.mass, s.roles = true, true }, Route{Body: `{"motto":"x"}`, MassAssignment: []string{"role"}}, verdicts{ruleMass + " " + subject: readiness.Fail}, false},
		"the query names another":       {func(s *settings) { s.anyone = true }, Route{Path: "/settings?of={of}", Params: map[string]string{"of": "ann"}, Body: `{"newsletter":false}`, Field: "newsletter"}, verdicts{ruleWrite + " " + subject + "?of={of}": readiness.Fail}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portal := newSettings()
			tt.fault(portal)
			route := tt.route
			route.Name, route.Method, route.Owner = "settings", "PATCH", "ann"
			if route.Path == "" {
				route.Path = "/settings"
			}
			w := &world{handler: portal, spec: func(s *Spec) {
				s.AllowWrites, s.Routes = true, []Route{route}
				for i := range s.Actors { // roles of the configuration need not be the portal's words
					if s.Actors[i].Role == "admin" {
						s.Actors[i].Role = "support"
					}
				}
			}}
			got, result := w.check(t)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s\n%s", diff, explain(result))
			}
			portal.mu.Lock()
			defer portal.mu.Unlock()
			left, _ := json.Marshal(portal.values)
			fresh, _ := json.Marshal(newSettings().values)
			for _, same := range []string{`"admin":0`, `"admin":1`} {
				left = []byte(strings.ReplaceAll(string(left), same, map[string]string{`"admin":0`: `"admin":false`, `"admin":1`: `"admin":true`}[same]))
			}
			if string(left) != string(fresh) {
				t.Errorf("left behind:\n%s\n%s", left, fresh)
			}
			for _, r := range w.requests {
				if tt.silent && !strings.HasPrefix(r, "GET") {
					t.Errorf("%s was sent", r)
				}
			}
		})
	}
}
