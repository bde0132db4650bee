package authcheck

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

const (
	memberName = "mira@example.com"
	memberWord = "right-p&ss"
)

// server is a small portal: what it does when asked, with its own faults.
type server func(w http.ResponseWriter, r *http.Request)

// store are the sessions of a portal.
type store struct {
	mu  sync.Mutex
	all map[string]bool
}

func (s *store) start() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]bool{}
	}
	id := drawn() + drawn()
	s.all[id] = true
	return id
}

func (s *store) has(id string) bool { s.mu.Lock(); defer s.mu.Unlock(); return s.all[id] }
func (s *store) end(id string)      { s.mu.Lock(); defer s.mu.Unlock(); delete(s.all, id) }
func (s *store) keep(id string)     { s.start(); s.mu.Lock(); defer s.mu.Unlock(); s.all[id] = true }

// serve makes a prober for which the portal is portal.example.com.
func serve(t *testing.T, h server) *probe.Client {
	t.Helper()
	s := httptest.NewTLSServer(http.HandlerFunc(h))
	t.Cleanup(s.Close)
	at, _ := url.Parse(s.URL)
	client, err := probe.New(probe.Config{
		AllowedHosts: []string{"portal.example.com"}, Timeout: 5 * time.Second, ConnectTo: map[string]string{"portal.example.com:443": at.Host},
		CABundle: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// spec is the least that is asked of a portal.
func spec(portal probe.Portal) Spec {
	portal.BaseURL = "https://portal.example.com"
	return Spec{
		Actor:    probe.Actor{Name: "member_a", Identity: probe.Identity{Username: memberName, Password: memberWord}, Portal: portal, Sessions: &probe.Sessions{}},
		Patience: 300 * time.Millisecond, Leeway: 2 * time.Second, Delivery: time.Second,
	}
}

// statuses runs the check and returns the worst status of each rule.
func statuses(t *testing.T, p probe.Prober, s Spec) (map[string]readiness.Status, readiness.Result) {
	t.Helper()
	result, err := Definition.Execute(t.Context(), p, s)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]readiness.Status{}
	rank := func(s readiness.Status) int { return slices.Index(readiness.Statuses(), s) }
	for _, f := range result.Findings {
		if was, ok := out[f.Rule]; !ok || rank(f.Status) < rank(was) {
			out[f.Rule] = f.Status
		}
		if text := f.Message + f.Subject + f.Remedy; strings.Contains(text, memberWord) {
			t.Errorf("%s shows a password: %s", f.Rule, text)
		}
	}
	return out, result
}

// failing are the rules that are violated.
func failing(all map[string]readiness.Status) []string {
	maps.DeleteFunc(all, func(_ string, s readiness.Status) bool { return s != readiness.Fail })
	return slices.Sorted(maps.Keys(all))
}

// djangoLike signs in by a form, with a session cookie; faults change it.
func djangoLike(fault string) server {
	sessions := &store{}
	const page = `<html><form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="t"><input name="username"><input type="password" name="password"></form><p>%s</p></html>`
	return func(w http.ResponseWriter, r *http.Request) {
		id := ""
		if c, err := r.Cookie("sessionid"); err == nil {
			id = c.Value
		}
		alive := sessions.has(id)
		switch r.Method + " " + r.URL.Path {
		case "GET /login/":
			http.SetCookie(w, &http.Cookie{Name: "csrftoken", Value: "c", Path: "/"})
			if fault == "fixed" && id == "" {
				http.SetCookie(w, &http.Cookie{Name: "sessionid", Value: drawn() + drawn(), Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
			}
			fmt.Fprintf(w, page, "")
		case "POST /login/":
			known, right := r.PostFormValue("username") == memberName, r.PostFormValue("password") == memberWord
			if !known || !right {
				text := "Please enter a correct username and password."
				if fault == "tells" && !known {
					text = "There is no such user."
				}
				fmt.Fprintf(w, page, text)
				return
			}
			next := sessions.start()
			if fault == "fixed" && id != "" {
				next = id
				sessions.keep(id)
			}
			http.SetCookie(w, &http.Cookie{Name: "sessionid", Value: next, Path: "/", Secure: fault != "insecure", HttpOnly: true, SameSite: http.SameSiteLaxMode})
			http.SetCookie(w, &http.Cookie{Name: "_analytics", Value: "x", Path: "/"})
			http.Redirect(w, r, "/home/", http.StatusFound)
		case "POST /logout/":
			if r.Header.Get("X-CSRFToken") != "c" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			if fault != "undead" {
				sessions.end(id)
			}
			http.SetCookie(w, &http.Cookie{Name: "sessionid", MaxAge: -1})
		case "GET /account/":
			if !alive && fault != "open" {
				http.Redirect(w, r, "/login/?next=/account/", http.StatusFound)
				return
			}
			fmt.Fprintf(w, "<html>Account of %s</html>", memberName)
		case "GET /home/", "GET /":
			fmt.Fprint(w, "<html>Welcome</html>")
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}
}

var djangoPortal = probe.Portal{
	SignIn: probe.SignInRequest{Path: "/login/", Format: "form"}, SignOut: probe.SignOutRequest{Path: "/logout/"}, WhoAmI: "/account/",
}

// phpLike answers 200 to everything, with an application's shell for unknown paths.
func phpLike(fault string) server {
	sessions := &store{}
	return func(w http.ResponseWriter, r *http.Request) {
		id := ""
		if c, err := r.Cookie("PHPSESSID"); err == nil {
			id = c.Value
		}
		var in map[string]string
		_ = json.NewDecoder(r.Body).Decode(&in)
		switch r.URL.Path {
		case "/login.php":
			if in["email"] != memberName || in["password"] != memberWord {
				fmt.Fprintf(w, `{"success":false,"error":"wrong","time":%d}`, time.Now().UnixNano())
				return
			}
			w.Header().Set("Set-Cookie", "PHPSESSID="+sessions.start()+"; Path=/; Secure; HttpOnly; SameSite=Lax")
			fmt.Fprint(w, `{"success":true}`)
		case "/me.php":
			if !sessions.has(id) && (fault != "any" || id == "") {
				fmt.Fprint(w, `{"error":"not signed in","code":401}`)
				return
			}
			fmt.Fprintf(w, `{"id":7,"email":"%s"}`, memberName)
		case "/logout.php":
			sessions.end(id)
			fmt.Fprint(w, `{"success":true}`)
		default:
			fmt.Fprint(w, "<html><div id=app></div><script src=/app.js></script>One application for every address</html>")
		}
	}
}

var phpPortal = probe.Portal{SignIn: probe.SignInRequest{Path: "/login.php"}, SignOut: probe.SignOutRequest{Path: "/logout.php"}, WhoAmI: "/me.php"}
