package probe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestSaysNobody(t *testing.T) {
	for body, want := range map[string]bool{
		`null`: true, `{}`: true, `{"user":null}`: true, `{"user":null,"time":1764432000000,"csrfToken":"abc"}`: true,
		`{"data":{"me":null}}`: true, `{"data":null}`: true, `{"user":{}}`: true, `{"currentUser":false}`: true, `{"current_user":null}`: true,
		`{"user":{"id":7}}`: false, `{"id":7,"account":null}`: false, `{"id":7,"email":"m@x.test"}`: false, `[]`: false, ``: false,
		`{"user":null,"orders":[{"id":1}]}`: false, `{"data":{"me":{"id":1}}}`: false, `<html>`: false, `{"ok":true}`: false,
	} {
		if got := (Exchange{Status: 200, Body: []byte(body)}).SaysNobody(); got != want {
			t.Errorf("%s: %v", body, got)
		}
	}
	if (Exchange{Status: 401, Body: []byte(`{}`)}).SaysNobody() {
		t.Error("a refusal is no answer of 2xx")
	}
}

// keeping is a portal that gives every visitor a cookie and keeps it at sign-in.
func keeping(right string) app {
	signedIn := map[string]bool{}
	return func(w http.ResponseWriter, r *http.Request) {
		id := ""
		if c, err := r.Cookie("sid"); err == nil {
			id = c.Value
		}
		switch r.Method + " " + r.URL.Path {
		case "GET /login":
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: "visitor-0123456789", Path: "/"})
			fmt.Fprint(w, `<form method=post><input name=user><input type=password name=pass></form>`)
		case "POST /login":
			signedIn[id] = r.PostFormValue("pass") == right
			fmt.Fprint(w, "<p>Thank you for your visit.</p>") // whatever the password
		case "GET /me":
			if !signedIn[id] {
				fmt.Fprint(w, `{"user":null}`)
				return
			}
			fmt.Fprint(w, `{"user":{"name":"Mira"}}`)
		}
	}
}

// A session whose id the sign-in keeps is a session; a wrong password that is
// answered with 200 and a cookie is none.
func TestSignInKeepsCookie(t *testing.T) {
	t.Parallel()
	client := serveApp(t, keeping("right"))
	portal := Portal{BaseURL: "https://portal.example.com", SignIn: SignInRequest{Path: "/login", Format: "form"}, WhoAmI: "/me"}
	s, err := SignIn(context.Background(), client, portal, Identity{Username: "mira", Password: "right"})
	if err != nil || s.Cookies()["sid"] == "" {
		t.Error("the right password:", err)
	}
	if _, err := SignIn(context.Background(), client, portal, Identity{Username: "mira", Password: "wrong"}); err == nil {
		t.Error("the wrong password opens a session")
	} else if errors.Is(err, ErrNoAnswer) {
		t.Error(err)
	}
}

// What a sign-out is answered with tells what it lacks.
func TestSignOutHints(t *testing.T) {
	t.Parallel()
	client := serveApp(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path {
		case "POST /guarded":
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "Invalid CSRF token")
		case "GET /asks":
			fmt.Fprint(w, `<form method="post" action="/asks"><input type=hidden name=csrf value=x><button>Sign out</button></form>`)
		case "GET /done":
			fmt.Fprint(w, `<form action="/search"><input name=q></form><form method=post action="/login"><input name=u><input type=password name=p></form>`)
		default:
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	})
	for path, test := range map[string]struct{ method, want string }{
		"/guarded": {"POST", "portal.csrf"}, "/asks": {"GET", "POST"}, "/done": {"GET", ""}, "/other": {"POST", "405"},
	} {
		portal := Portal{BaseURL: "https://portal.example.com", SignOut: SignOutRequest{Method: test.method, Path: path}}
		err := Actor{Portal: portal}.SignOut(t.Context(), client, SessionOf(http.Header{"Cookie": {"sid=x"}}))
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A cookie beside a token may be there to renew it: the token is the session.
func TestTokenBesideCookie(t *testing.T) {
	t.Parallel()
	client := serveApp(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/login":
			http.SetCookie(w, &http.Cookie{Name: "refresh", Value: "0123456789abcdef", Path: "/refresh"})
			fmt.Fprint(w, `{"access_token":"0123456789abcdef-access"}`)
		case "/me":
			if r.Header.Get("Authorization") != "Bearer 0123456789abcdef-access" {
				w.WriteHeader(http.StatusUnauthorized)
			}
		}
	})
	portal := Portal{BaseURL: "https://portal.example.com", SignIn: SignInRequest{Path: "/login"}, WhoAmI: "/me"}
	s, err := SignIn(t.Context(), client, portal, Identity{Username: "m", Password: "p"})
	if err != nil || s.Header().Get("Authorization") == "" {
		t.Error(err)
	}
}

// A form that is shown again says why, where its page says it of this account
// and not to everybody.
func TestLockedByForm(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before, after string
		want          error
	}{
		"says so":             {"", "Your account has been locked.", ErrLocked},
		"says nothing":        {"", "Please enter a correct user name.", ErrRefused},
		"says it to everyone": {"Is your account locked? Call us.", "Is your account locked? Call us.", ErrRefused},
	} {
		client := serveApp(t, func(w http.ResponseWriter, r *http.Request) {
			text := test.before
			if r.Method == http.MethodPost {
				text = test.after
			}
			fmt.Fprintf(w, `<form method=post><input name=u><input type=password name=p></form><p>%s</p>`, text)
		})
		_, err := SignIn(t.Context(), client, Portal{BaseURL: "https://portal.example.com", SignIn: SignInRequest{Path: "/login", Format: "form"}}, Identity{Username: "m", Password: "p"})
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
