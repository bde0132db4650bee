package authcheck

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// doubleLike gives a token and a cookie with each sign-in, one as good as the other;
// faults change the cookie, and what it is good for.
func doubleLike(fault string) server {
	var mu sync.Mutex
	sessions, names := map[string]string{}, map[string]string{memberName: memberName, "dora@example.com": "dora@example.com"} // of accounts, by the name of the moment
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var in map[string]string
		_ = json.NewDecoder(r.Body).Decode(&in)
		id, byCookie := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), false
		if c, err := r.Cookie("__Host-sid"); err == nil && id == "" {
			id, byCookie = c.Value, true
		}
		account, alive := sessions[id]
		if fault == "token alone" && byCookie {
			alive = false
		}
		switch {
		case r.URL.Path == "/auth":
			account, known := names[in["email"]]
			if !known || in["password"] != memberWord {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			next := drawn() + drawn()
			if c, err := r.Cookie("__Host-sid"); err == nil && fault == "fixed" {
				next = c.Value
			}
			sessions[next] = account
			set := &http.Cookie{Name: "__Host-sid", Value: next, Path: "/", Secure: true, HttpOnly: fault != "script", SameSite: http.SameSiteLaxMode}
			if fault == "foreign" || fault == "guarded" {
				set.SameSite = http.SameSiteNoneMode
			}
			http.SetCookie(w, set)
			fmt.Fprintf(w, `{"token":%q}`, next)
		case !alive:
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/me":
			for name, of := range names {
				if of == account {
					fmt.Fprintf(w, `{"email":%q}`, name)
				}
			}
		case r.URL.Path == "/email":
			if fault == "guarded" && byCookie && r.Header.Get("Origin") != "https://portal.example.com" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			if in["current"] != memberWord {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			for name, of := range names {
				if of == account {
					delete(names, name)
				}
			}
			names[in["email"]] = account
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}
}

// The cookie that a sign-in sets beside its token is judged where it opens the portal.
func TestCookieBesideToken(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string][]string{
		"":            nil,
		"script":      {ruleHTTPOnly},
		"foreign":     {ruleCSRF, ruleSameSite},
		"guarded":     {ruleSameSite},
		"fixed":       {ruleFixation},
		"token alone": nil,
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			s := spec(probe.Portal{SignIn: probe.SignInRequest{Path: "/auth", TokenPointer: "/token"}, WhoAmI: "/me"})
			mutable := s.Actor
			mutable.Name, mutable.Identity.Username = "disposable", "dora@example.com"
			s.Mutable, s.SkipDefaults = &mutable, true
			s.Changes = map[string]Request{"email": {Path: "/email", Body: `{"current":"{{current_password}}","email":"{{address}}"}`}}
			got, result := statuses(t, serve(t, doubleLike(fault)), s)
			decided := got[ruleHTTPOnly]
			fails := slices.DeleteFunc(failing(got), func(rule string) bool { return rule == ruleLogout })
			slices.Sort(want)
			if !slices.Equal(fails, want) {
				t.Errorf("fails %v, want %v: %v", fails, want, result.Findings)
			}
			if none := decided == "not_applicable"; none != (fault == "token alone") {
				t.Errorf("the cookie: %s", decided)
			}
		})
	}
}
