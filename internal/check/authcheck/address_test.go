package authcheck

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// movable is a portal whose members change their address. Where shows is false its
// whoami names the address that the account began with, whatever it is now; where
// keeps is true an address that somebody had is not taken again.
type movable struct {
	shows, keeps bool

	mu       sync.Mutex
	address  string // of the moment
	sessions store
}

func (m *movable) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	in := map[string]string{}
	_ = json.NewDecoder(r.Body).Decode(&in)
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch known := m.sessions.has(bearer); {
	case r.URL.Path == "/auth" && in["email"] == m.address && in["password"] == memberWord:
		fmt.Fprintf(w, `{"token":%q}`, m.sessions.start())
	case r.URL.Path == "/auth" || !known:
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/me" && m.shows:
		fmt.Fprintf(w, `{"email":%q,"id":7}`, m.address)
	case r.URL.Path == "/me":
		fmt.Fprintf(w, `{"email":%q,"id":7}`, memberName)
	case r.URL.Path == "/email" && in["current"] != memberWord:
		w.WriteHeader(http.StatusForbidden)
	case r.URL.Path == "/email" && m.keeps && in["email"] == memberName:
		w.WriteHeader(http.StatusConflict)
	case r.URL.Path == "/email":
		m.address = in["email"]
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// An address is put back, or it is said that it could not be: what whoami names
// all the time is no proof that it was.
func TestAddressPutBack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		portal *movable
		back   bool
	}{
		"shown":                  {&movable{shows: true}, true},
		"never shown":            {&movable{}, true},
		"shown, and not taken":   {&movable{shows: true, keeps: true}, false},
		"never shown, not taken": {&movable{keeps: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.portal.address = memberName
			s := spec(probe.Portal{SignIn: probe.SignInRequest{Path: "/auth", TokenPointer: "/token"}, WhoAmI: "/me"})
			mutable := s.Actor
			s.Mutable, s.SkipDefaults = &mutable, true
			s.Changes = map[string]Request{"email": {Path: "/email", Body: `{"current":"{{current_password}}","email":"{{address}}"}`}}
			got, result := statuses(t, serve(t, test.portal.ServeHTTP), s)
			if got[ruleEmailAsk] != "pass" {
				t.Errorf("a sound change of the address: %s", got[ruleEmailAsk])
			}
			back, said := test.portal.address == memberName, result.Observed["not put back"]
			if back != test.back || back != (said == "") {
				t.Errorf("put back %v, want %v; observed %q", back, test.back, said)
			}
		})
	}
}
