package probe

import (
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

const testSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // of RFC 6238 appendix B

// RFC 6238 appendix B has eight digits; the last six are what authenticators show.
func TestTOTP(t *testing.T) {
	t.Parallel()
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got, err := totp(strings.ToLower(testSecret[:16])+" "+testSecret[16:], at/30); got != want || err != nil {
			t.Errorf("at %d: %q, %v; want %q", at, got, err, want)
		}
	}
	if _, err := totp("not base32!", 1); !errors.Is(err, ErrSecondFactor) || strings.Contains(err.Error(), "base32!") {
		t.Errorf("a broken secret: %v", err)
	}
}

// A code is taken once; who comes second waits, and gives up with its context.
func TestSpentCodes(t *testing.T) {
	t.Parallel()
	b := &codeBook{}
	first, err := b.take(t.Context(), "a", 0)
	if err != nil {
		t.Fatal(err)
	}
	if other, err := b.take(t.Context(), "b", 0); err != nil || other < first {
		t.Errorf("another secret: %d, %v", other, err)
	}
	ahead, err := b.take(t.Context(), "a", totpStep) // by a clock that is ahead, the next code has come
	if err != nil || ahead <= first {
		t.Errorf("step %d after %d, %v", ahead, first, err)
	}
}

// app is a small portal in the manner of a framework.
type app func(w http.ResponseWriter, r *http.Request)

const right = "p&ss"

func django(w http.ResponseWriter, r *http.Request) {
	const page = `<form action="/search/"><input name="q"></form>
<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="form-token"><input type="text" name="username">
<input type="password" name="password"><input type="hidden" name="next" value="/home/"><button type="submit" name="go" value="1">Log in</button></form>`
	switch r.Method + " " + r.URL.Path {
	case "GET /accounts/login/":
		http.SetCookie(w, &http.Cookie{Name: "csrftoken", Value: "cookie-token", Path: "/"})
		fmt.Fprint(w, page)
	case "POST /accounts/login/":
		c, err := r.Cookie("csrftoken")
		if err != nil || c.Value != "cookie-token" || r.PostFormValue("csrfmiddlewaretoken") != "form-token" || r.Header.Get("Referer") == "" {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "<h1>CSRF verification failed.</h1>")
			return
		}
		switch {
		case r.PostFormValue("username") == "locked":
			fmt.Fprint(w, page+`<p>Your account has been locked</p>`)
		case r.PostFormValue("password") != right || r.PostFormValue("next") != "/home/" || r.PostFormValue("go") != "1":
			fmt.Fprint(w, page)
		default:
			http.SetCookie(w, &http.Cookie{Name: "sessionid", Value: "live", Path: "/", HttpOnly: true})
			http.Redirect(w, r, "/home/", http.StatusFound)
		}
	case "GET /home/": // asks for a password too: to change it
		fmt.Fprint(w, `<form><input type="password" name="old"><input type="password" name="new"></form>`)
	case "GET /api/me":
		if c, err := r.Cookie("sessionid"); err != nil || c.Value != "live" {
			http.Redirect(w, r, "/accounts/login/", http.StatusFound)
			return
		}
		fmt.Fprint(w, "member")
	}
}

// laravel rotates its session at the sign-in, and wants the cookie's token in a header.
func laravel(w http.ResponseWriter, r *http.Request) {
	session, _ := r.Cookie("app_session")
	switch r.Method + " " + r.URL.Path {
	case "GET /sanctum/csrf-cookie":
		http.SetCookie(w, &http.Cookie{Name: "XSRF-TOKEN", Value: "eyJpdiI6%3D", Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "app_session", Value: "stranger", Path: "/"})
		w.WriteHeader(http.StatusNoContent)
	case "POST /login":
		if r.Header.Get("X-XSRF-TOKEN") != "eyJpdiI6=" || session == nil {
			w.WriteHeader(419)
			return
		}
		var in map[string]string
		_ = json.NewDecoder(r.Body).Decode(&in)
		if in["password"] != right {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "app_session", Value: "live", Path: "/"})
		http.Redirect(w, r, "/home", http.StatusFound)
	case "GET /home":
		if session == nil || session.Value != "live" {
			http.Redirect(w, r, "/login", http.StatusFound)
		}
	case "GET /login":
		fmt.Fprint(w, `<form><input name="email"><input type="password" name="password"></form>`)
	case "GET /api/me":
		if session == nil || session.Value != "live" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}
}

// always200 answers 200 to whatever is asked.
func always200(w http.ResponseWriter, r *http.Request) {
	var in map[string]string
	_ = json.NewDecoder(r.Body).Decode(&in)
	switch r.URL.Path {
	case "/login.php":
		switch {
		case in["email"] == "locked":
			fmt.Fprint(w, `{"status":"error","error":"account locked, call support"}`)
		case in["password"] != right:
			fmt.Fprint(w, `{"success":false,"message":"wrong"}`)
		default:
			fmt.Fprint(w, `{"success":true,"error":null,"data":{"token":"0123456789abcdef"}}`)
		}
	case "/me.php":
		if r.Header.Get("Authorization") != "Bearer 0123456789abcdef" {
			fmt.Fprint(w, `{"error":"not signed in"}`)
			return
		}
		fmt.Fprint(w, `{"id":1}`)
	}
}

// twoSteps asks for a code after the password, which is good once.
func twoSteps(secret string) app {
	spent := map[string]bool{}
	now := func() string { c, _ := totp(secret, time.Now().Unix()/30); return c }
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path {
		case "POST /api/login":
			fmt.Fprint(w, `{"mfa_required":true,"ticket":"first-factor"}`)
		case "POST /api/both":
			var in map[string]string
			_ = json.NewDecoder(r.Body).Decode(&in)
			if in["otp"] != now() {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			fmt.Fprint(w, `{"token":"both-factors"}`)
		case "POST /api/totp":
			var in map[string]string
			_ = json.NewDecoder(r.Body).Decode(&in)
			if in["ticket"] != "first-factor" || in["code"] != now() || spent[in["code"]] {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			spent[in["code"]] = true
			fmt.Fprint(w, `{"token":"both-factors"}`)
		case "GET /login":
			fmt.Fprint(w, `<form method=post><input name=log><input type=password name=pwd></form>`)
		case "POST /login":
			http.SetCookie(w, &http.Cookie{Name: "pending", Value: r.PostFormValue("log"), Path: "/"})
			http.Redirect(w, r, "/verify", http.StatusSeeOther)
		case "GET /verify":
			fmt.Fprint(w, `<form method=post action="/verify/go"><input type=hidden name=nonce value=n1><input name=authcode autocomplete=one-time-code></form>`)
		case "POST /verify/go":
			if r.PostFormValue("nonce") != "n1" || r.PostFormValue("authcode") != now() || spent["form"+now()] {
				http.Redirect(w, r, "/verify", http.StatusSeeOther)
				return
			}
			spent["form"+now()] = true
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: "full", Path: "/"})
			http.Redirect(w, r, "/", http.StatusSeeOther)
		}
	}
}

func serveApp(t *testing.T, a app) *Client {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(a))
	t.Cleanup(server.Close)
	at, _ := url.Parse(server.URL)
	return newClient(t, Config{AllowedHosts: []string{"portal.example.com"}, ConnectTo: map[string]string{"portal.example.com:443": at.Host}, CABundle: certificateOf(server)})
}

// Portals in the manner of frameworks: who is right signs in, and who is wrong
// is told why in words of their own.
func TestSignInByFramework(t *testing.T) {
	t.Parallel()
	djangoIn := SignInRequest{Path: "/accounts/login/", Format: "form"}
	laravelIn := SignInRequest{Path: "/login"}
	twoStep := SignInRequest{Path: "/api/login", TokenPointer: "/token", SecondFactor: SecondFactor{Path: "/api/totp", Fields: map[string]string{"ticket": "{{answer:/ticket}}", "code": "{{totp}}"}}}
	for name, test := range map[string]struct {
		app            app
		portal         Portal
		user, password string
		secret         string
		want           string // of Authorization or Cookie
		kind           error
	}{
		"a form with what it hides":   {django, Portal{SignIn: djangoIn, WhoAmI: "/api/me"}, "member", right, "", "csrftoken=cookie-token; sessionid=live", nil},
		"no whoami":                   {django, Portal{SignIn: djangoIn}, "member", right, "", "csrftoken=cookie-token; sessionid=live", nil},
		"a form, wrong":               {django, Portal{SignIn: djangoIn, WhoAmI: "/api/me"}, "member", "no", "", "", ErrRefused},
		"a form of other fields":      {django, Portal{SignIn: SignInRequest{Path: "/accounts/login/", Format: "form", Fields: map[string]string{"email": "{{username}}", "pass": "{{password}}"}}}, "member", right, "", "", ErrChanged},
		"a page without form":         {django, Portal{SignIn: SignInRequest{Path: "/nothing", Format: "form"}}, "member", right, "", "", ErrChanged},
		"JSON where a form is wanted": {django, Portal{SignIn: SignInRequest{Path: "/accounts/login/"}}, "member", right, "", "", ErrChanged},
		"a cookie's token":            {laravel, Portal{SignIn: laravelIn, WhoAmI: "/api/me", CSRF: CSRFSource{Path: "/sanctum/csrf-cookie"}}, "member", right, "", "XSRF-TOKEN=eyJpdiI6%3D; app_session=live", nil},
		"a cookie's token, wrong":     {laravel, Portal{SignIn: laravelIn, CSRF: CSRFSource{Path: "/sanctum/csrf-cookie"}}, "member", "no", "", "", ErrRefused},
		"no cookie's token":           {laravel, Portal{SignIn: laravelIn}, "member", right, "", "", ErrChanged},
		"200, right":                  {always200, Portal{SignIn: SignInRequest{Path: "/login.php"}, WhoAmI: "/me.php"}, "member", right, "", "Bearer 0123456789abcdef", nil},
		"200, wrong":                  {always200, Portal{SignIn: SignInRequest{Path: "/login.php"}, WhoAmI: "/me.php"}, "member", "no", "", "", ErrRefused},
		"200, locked":                 {always200, Portal{SignIn: SignInRequest{Path: "/login.php"}, WhoAmI: "/me.php"}, "locked", right, "", "", ErrLocked},
		"two steps":                   {nil, Portal{SignIn: twoStep}, "admin", right, "right", "Bearer both-factors", nil},
		"two steps, no secret":        {nil, Portal{SignIn: twoStep}, "admin", right, "", "", ErrSecondFactor},
		"one step":                    {nil, Portal{SignIn: SignInRequest{Path: "/api/both", TokenPointer: "/token", Fields: map[string]string{"email": "{{username}}", "password": "{{password}}", "otp": "{{totp}}"}}}, "admin", right, "wrong", "", ErrRefused},
		"a form of two steps":         {nil, Portal{SignIn: SignInRequest{Path: "/login", Format: "form"}}, "admin", right, "right", "pending=admin; sid=full", nil},
		"the second step told":        {nil, Portal{SignIn: SignInRequest{Path: "/login", Format: "form", SecondFactor: SecondFactor{Path: "/verify"}}}, "admin", right, "right", "pending=admin; sid=full", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			secret := base32.StdEncoding.EncodeToString([]byte(name)) // codes are spent by secret
			if test.app == nil {
				test.app = twoSteps(secret)
			}
			switch test.secret {
			case "right":
				test.secret = secret
			case "wrong": // the next code is tried too
				if testing.Short() {
					t.Skip("waits for the next code")
				}
				test.secret = testSecret
			}
			client := serveApp(t, test.app)
			test.portal.BaseURL = "https://portal.example.com"
			s, err := SignIn(t.Context(), client, test.portal, Identity{Username: test.user, Password: test.password, TOTPSecret: test.secret})
			if test.kind != nil {
				if !errors.Is(err, test.kind) || strings.Contains(err.Error(), test.password) && test.password != "no" || strings.Contains(err.Error(), "call support") {
					t.Errorf("error %v, want %v", err, test.kind)
				}
				return
			}
			if got := s.Header().Get("Authorization") + s.Header().Get("Cookie"); err != nil || got != test.want {
				t.Errorf("%q, %v; want %q", got, err, test.want)
			}
			if text := fmt.Sprintf("%v %+v %#v", s.Record(), s.Record(), s.Record()); strings.Contains(text, "live") {
				t.Errorf("a record is shown: %s", text)
			}
		})
	}
}

// FuzzForms holds that no page crashes the reading of its forms.
func FuzzForms(f *testing.F) {
	f.Add([]byte(`<form action=/x><input name=a><input type=password name=b><input type=hidden name=c value=d></form>`))
	f.Add([]byte(`</form><input type=password><form><form><button name=x>`))
	f.Fuzz(func(t *testing.T, page []byte) {
		if form, ok := signInForm(page); ok {
			if len(form.passwords()) != 1 {
				t.Error("a sign-in form has one password")
			}
			form.names()
			form.kept()
		}
		if _, name, ok := codeForm(page); ok && name == "" {
			t.Error("a code without a name")
		}
		hiddenField(page, "csrf")
	})
}

// FuzzTextAt holds that no document and no pointer crashes, and that what is
// called a token can stand in a header.
func FuzzTextAt(f *testing.F) {
	f.Add([]byte(`{"a":[{"b/c":"t"}],"d":1}`), "/a/0/b~1c")
	f.Add([]byte(`[1,2`), "/1")
	f.Fuzz(func(t *testing.T, document []byte, pointer string) {
		TextAt(document, pointer)
		if token, err := tokenAt(Exchange{Body: document}, pointer); err == nil && strings.ContainsAny(token, "\r\n \x00") {
			t.Errorf("token %q", token)
		}
	})
}

// An answer that is cut off is told as such, not as one of another kind.
func TestTokenOfACutAnswer(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]Exchange{
		"in time":   {Status: 200, Failure: FailTimeout, Detail: "no answer in time", Body: []byte(`{"user":{"na`)},
		"in length": {Status: 200, Truncated: true, Body: []byte(`{"user":{"na`)},
	} {
		for _, pointer := range []string{"", "/token"} {
			if _, err := tokenAt(x, pointer); err == nil || !strings.Contains(err.Error(), "cut off") {
				t.Errorf("%s, %q: %v", name, pointer, err)
			}
		}
	}
}
