package authcheck

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// guessed is a portal that may have an account of a tutorial, and that bans whoever
// has guessed for a while: with a status, and a text.
func guessed(tutorial bool, after, status int, text string) server {
	var mu sync.Mutex
	sessions, failures := &store{}, 0
	users := map[string]string{memberName: memberWord}
	if tutorial {
		users["test@example.com"] = "test"
	}
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var in map[string]string
		_ = json.NewDecoder(r.Body).Decode(&in)
		c, err := r.Cookie("sid")
		switch word, known := users[in["email"]]; {
		case r.URL.Path == "/login" && after > 0 && failures >= after:
			w.WriteHeader(status)
			fmt.Fprint(w, text)
		case r.URL.Path == "/login" && known && word == in["password"]:
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: sessions.start(), Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		case r.URL.Path == "/login":
			failures++
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":"no"}`)
		case err != nil || !sessions.has(c.Value):
			w.WriteHeader(http.StatusUnauthorized)
		default:
			fmt.Fprintf(w, `{"email":%q}`, memberName)
		}
	}
}

// Where nobody asks who is signed in, a page of one's own shows each account its data.
func TestDefaultsOnAPageOfOnesOwn(t *testing.T) {
	t.Parallel()
	users, sessions := map[string]string{memberName: memberWord, "admin": "admin"}, map[string]string{}
	var mu sync.Mutex
	portal := func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var in map[string]string
		_ = json.NewDecoder(r.Body).Decode(&in)
		c, err := r.Cookie("sid")
		switch {
		case r.URL.Path == "/login" && users[in["email"]] != "" && users[in["email"]] == in["password"]:
			id := drawn() + drawn()
			sessions[id] = in["email"]
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: id, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		case r.URL.Path == "/login":
			w.WriteHeader(http.StatusUnauthorized)
		case err != nil || sessions[c.Value] == "":
			http.Redirect(w, r, "/login", http.StatusFound)
		default:
			fmt.Fprintf(w, "<!doctype html><title>Account</title><h1>Your account</h1><p>Signed in as %s</p>", sessions[c.Value])
		}
	}
	s := spec(probe.Portal{SignIn: probe.SignInRequest{Path: "/login"}})
	s.ProtectedPaths = []string{"/account"}
	for _, want := range []readiness.Status{readiness.Fail, readiness.Pass} {
		got, result := statuses(t, serve(t, portal), s)
		if got[ruleDefaults] != want {
			t.Errorf("%s, want %s: %v", got[ruleDefaults], want, result.Findings)
		}
		mu.Lock()
		delete(users, "admin")
		mu.Unlock()
	}
}

// Where a ban stands before the last of the well-known passwords, nobody knows
// whether it would have been taken.
func TestDefaultsBehindABan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		portal server
		want   readiness.Status
	}{
		"no such account":          {guessed(false, 0, 0, ""), readiness.Pass},
		"one":                      {guessed(true, 0, 0, ""), readiness.Fail},
		"one behind a ban at once": {guessed(true, 3, http.StatusForbidden, ""), readiness.Inconclusive},
		"one behind a ban":         {guessed(true, 8, http.StatusForbidden, ""), readiness.Inconclusive},
		"one behind a silent ban":  {guessed(true, 8, http.StatusUnauthorized, `{"error":"no"}`), readiness.Inconclusive},
		"none behind a silent ban": {guessed(false, 8, http.StatusUnauthorized, `{"error":"no"}`), readiness.Inconclusive},
		"one behind other words":   {guessed(true, 8, http.StatusUnauthorized, `{"error":"captcha required"}`), readiness.Inconclusive},
		"one behind what 404 says": {guessed(true, 8, http.StatusNotFound, ""), readiness.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, result := statuses(t, serve(t, test.portal), spec(probe.Portal{SignIn: probe.SignInRequest{Path: "/login"}, WhoAmI: "/me"}))
			if got[ruleDefaults] != test.want {
				t.Errorf("%s, want %s: %v", got[ruleDefaults], test.want, result.Findings)
			}
		})
	}
}
