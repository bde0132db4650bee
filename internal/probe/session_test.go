package probe

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

var visited sync.Map // who has come before

// portalHandler signs in "member" with "p&ss" in several ways, each at a path.
func portalHandler(w http.ResponseWriter, r *http.Request) {
	cookie := func(name, value string, age int) {
		http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", Secure: true, MaxAge: age})
	}
	right := func(username, password string) bool { return username == "member" && password == "p&ss" }
	body := func() (in map[string]string) { _ = json.NewDecoder(r.Body).Decode(&in); return in }
	const form = `<meta name="csrf" content="meta"><form action="/search"><input name="q"></form>
		<form method="post" action="%s"><input type="hidden" name="csrf" value="tok"><input name="email"><input type="password" name="password"></form>`
	switch r.Method + " " + r.URL.Path {
	case "POST /json":
		if in := body(); !right(in["email"], in["password"]) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		cookie("theme", "dark", 0)
		cookie("session", "s3cret", 0)
		fmt.Fprint(w, `{"data":[{"a/b":"t0ken"}]}`)
	case "POST /custom":
		if in := body(); in["user"] != "urn:member" || in["pass"] != "p&ss" || in["kind"] != "web" {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		cookie("session", "s3cret", 0)
	case "GET /login", "GET /away":
		cookie("csrf", "tok", 0)
		action := map[string]string{"/login": "/session", "/away": "https://evil.example/session"}[r.URL.Path]
		fmt.Fprintf(w, form, action)
	case "POST /session", "POST /away":
		c, err := r.Cookie("csrf")
		if err != nil || c.Value != r.PostFormValue("csrf") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if !right(r.PostFormValue("email"), r.PostFormValue("password")) {
			cookie("flash", "wrong", 0)
			http.Redirect(w, r, "/login", http.StatusSeeOther)
			return
		}
		cookie("csrf", "", -1)
		cookie("session", "s3cret", 0)
		http.Redirect(w, r, "/home", http.StatusSeeOther)
	case "GET /home":
		cookie("step", "2", 0)
	case "GET /me":
		if !strings.Contains(r.Header.Get("Cookie"), "session=s3cret") && r.Header.Get("Authorization") != "Bearer t0ken" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	case "GET /nobody":
		w.WriteHeader(http.StatusUnauthorized)
	case "POST /bland": // takes it and gives nothing
	case "POST /throttled":
		w.WriteHeader(http.StatusTooManyRequests)
	case "POST /later":
		if _, early := visited.LoadOrStore("came", true); !early {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		cookie("session", "s3cret", 0)
	case "POST /broken":
		w.WriteHeader(http.StatusInternalServerError)
	case "POST /sso":
		http.Redirect(w, r, "https://id.elsewhere.example/", http.StatusFound)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(portalHandler))
	t.Cleanup(server.Close)
	at, _ := url.Parse(server.URL)
	client := newClient(t, Config{AllowedHosts: []string{"portal.example.com"}, ConnectTo: map[string]string{"portal.example.com:443": at.Host}, CABundle: certificateOf(server)})
	t.Cleanup(server.CloseClientConnections)
	member := Identity{Username: "member", Password: "p&ss"}
	wrong := Identity{Username: "member", Password: "hunter2"}
	for name, test := range map[string]struct {
		id     Identity
		signIn SignInRequest
		whoami string
		base   string
		want   string // of Authorization or Cookie
		err    string
	}{
		"a token":              {id: Identity{BearerToken: "t"}, want: "Bearer t"},
		"headers":              {id: Identity{Headers: map[string]string{"cookie": "a=b"}}, want: "a=b"},
		"basic":                {id: member, signIn: SignInRequest{Format: "basic"}, want: "Basic bWVtYmVyOnAmc3M="},
		"cookies":              {id: member, signIn: SignInRequest{Path: "/json"}, whoami: "/me", want: "session=s3cret; theme=dark"},
		"a token in a list":    {id: member, signIn: SignInRequest{Path: "/json", TokenPointer: "/data/0/a~1b"}, whoami: "/me", want: "Bearer t0ken"},
		"fields of its own":    {id: member, signIn: SignInRequest{Path: "/custom", Fields: map[string]string{"user": "urn:{{username}}", "pass": "{{password}}", "kind": "web"}}, want: "session=s3cret"},
		"a form with CSRF":     {id: member, signIn: SignInRequest{Path: "/login", Format: "form", CSRF: "csrf"}, whoami: "/me", want: "session=s3cret; step=2"},
		"an action elsewhere":  {id: member, signIn: SignInRequest{Path: "/away", Format: "form", CSRF: "csrf"}, want: "session=s3cret; step=2"},
		"wrong password":       {id: wrong, signIn: SignInRequest{Path: "/json"}, err: "refused with 401"},
		"the form again":       {id: wrong, signIn: SignInRequest{Path: "/login", Format: "form", CSRF: "csrf"}, err: "the form is shown again"},
		"no such field":        {id: member, signIn: SignInRequest{Path: "/login", Format: "form", CSRF: "_token"}, err: `no hidden field "_token"`},
		"no token there":       {id: member, signIn: SignInRequest{Path: "/json", TokenPointer: "/data/7/x"}, err: "no token at /data/7/x"},
		"no cookie":            {id: member, signIn: SignInRequest{Path: "/bland"}, err: "sets no cookie"},
		"a dead session":       {id: member, signIn: SignInRequest{Path: "/json"}, whoami: "/nobody", err: "portal.whoami answers 401"},
		"throttled":            {id: member, signIn: SignInRequest{Path: "/throttled"}, err: "throttled"},
		"later":                {id: member, signIn: SignInRequest{Path: "/later"}, want: "session=s3cret"},
		"broken":               {id: member, signIn: SignInRequest{Path: "/broken"}, err: "the portal answered 500"},
		"missing":              {id: member, signIn: SignInRequest{Path: "/nowhere"}, err: "the portal answered 404"},
		"another host":         {id: member, signIn: SignInRequest{Path: "/sso"}, err: "leads to another host"},
		"out of scope":         {id: member, signIn: SignInRequest{Path: "/json"}, base: "https://other.example", err: "outside the scope"},
		"no sign-in":           {id: member, err: ErrNoSignIn.Error()},
		"nothing to sign with": {id: Identity{Username: "member"}, signIn: SignInRequest{Path: "/json"}, err: ErrNoCredentials.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := test.base
			if base == "" {
				base = "https://portal.example.com"
			}
			s, err := SignIn(t.Context(), client, Portal{BaseURL: base, SignIn: test.signIn, WhoAmI: test.whoami}, test.id)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("error %v, want %q", err, test.err)
				}
				return
			}
			if got := s.Header().Get("Authorization") + s.Header().Get("Cookie"); err != nil || got != test.want {
				t.Errorf("%q, %v; want %q", got, err, test.want)
			}
			if text := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(text, test.want) {
				t.Errorf("a session is shown: %s", text)
			}
		})
	}
}

// FuzzHiddenField holds that no page and no answer crashes a sign-in.
func FuzzHiddenField(f *testing.F) {
	f.Add([]byte(`<form action=/x><input name=csrf value=1>`), "/a/0")
	f.Add([]byte(`{"a":["t"]}`), "/a/0")
	f.Fuzz(func(t *testing.T, body []byte, pointer string) {
		hiddenField(body, "csrf")
		hasPasswordField(body)
		if token, err := tokenAt(Exchange{Body: body}, pointer); err == nil && (token == "" || strings.ContainsAny(token, "\r\n ")) {
			t.Errorf("token %q", token)
		}
	})
}

// certificateOf is the certificate that a test server shows, as CABundle takes it.
func certificateOf(s *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
}
