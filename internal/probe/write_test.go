package probe

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
)

// handMade is a portal that looks for its token in a field of the form and nowhere
// else, beside a cookie of the same value, as many do that no framework made.
func handMade() app {
	var mu sync.Mutex
	alive, n := map[string]bool{}, 0
	const token = "double-submitted"
	form := func(w http.ResponseWriter, action, fields string) {
		http.SetCookie(w, &http.Cookie{Name: "shop_t", Value: token, Path: "/"})
		fmt.Fprintf(w, `<form action="/search"><input name="q"></form><form method="post" action="%s"><input type="hidden" name="shop_t" value="%s">%s<button name="go" value="1">Go</button></form>`, action, token, fields)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		cookie := func(name string) string {
			if c, err := r.Cookie(name); err == nil {
				return c.Value
			}
			return ""
		}
		if r.Method == http.MethodPost && (cookie("shop_t") != token || r.PostFormValue("shop_t") != token) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		switch r.Method + " " + r.URL.Path {
		case "GET /in":
			form(w, "", `<input name="user"><input name="word" type="password">`)
		case "POST /in":
			if r.PostFormValue("word") != right {
				form(w, "", `<input name="user"><input name="word" type="password">`)
				return
			}
			n++
			id := fmt.Sprint("session-", n)
			alive[id] = true
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: id, Path: "/"})
			http.Redirect(w, r, "/home", http.StatusSeeOther)
		case "GET /home":
			if !alive[cookie("sid")] {
				http.Redirect(w, r, "/in", http.StatusSeeOther)
				return
			}
			form(w, "/out", "")
		case "POST /out":
			delete(alive, cookie("sid"))
			http.Redirect(w, r, "/", http.StatusSeeOther)
		case "GET /forgot":
			form(w, "/forgot", `<input name="mail" type="email">`)
		case "POST /forgot":
			http.SetCookie(w, &http.Cookie{Name: "flash", Value: "sent", Path: "/"})
			http.Redirect(w, r, "/forgot/sent", http.StatusSeeOther)
		case "GET /forgot/sent":
			fmt.Fprint(w, "<p>"+cookie("flash")+"</p>")
		case "GET /thing":
			form(w, "/thing", `<input type="hidden" name="_method" value="delete"><input type="hidden" name="do" value="delete">`)
		case "POST /thing":
			if r.PostFormValue("_method") != "" || r.PostFormValue("do") != "" {
				fmt.Fprint(w, "deleted")
				return
			}
			fmt.Fprint(w, "kept")
		case "GET /reset/good": // the token goes into the session, as Django's does
			http.Redirect(w, r, "/reset/set", http.StatusSeeOther)
		case "GET /reset/set":
			form(w, "", `<input name="fresh" type="password">`)
		case "POST /reset/set", "POST /reset/bad":
			fmt.Fprint(w, "at "+r.URL.Path+" "+r.PostFormValue("go"))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}
}

// A form is sent as its page sends it, whoever sends it.
func TestComplete(t *testing.T) {
	t.Parallel()
	client, ctx := serveApp(t, handMade()), t.Context()
	p := Portal{
		BaseURL: "https://portal.example.com", SignIn: SignInRequest{Path: "/in", Format: "form", CSRF: "shop_t"},
		WhoAmI: "/home", SignOut: SignOutRequest{Path: "/out"},
	}
	for name, test := range map[string]struct {
		path, body string
		pages      []string
		status     int
		holds      string
	}{
		"its own page":                {"/forgot", "mail=a", []string{"/forgot"}, 303, ""},
		"a page that is named":        {"/forgot", "mail=a", []string{"/nowhere", "/forgot"}, 303, ""},
		"the token of the sign-in":    {"/forgot", "mail=a", []string{"/nowhere"}, 303, ""},
		"where its own page leads":    {"/reset/good", "fresh=x", []string{"/reset/good"}, 200, "at /reset/set 1"},
		"not where another one leads": {"/reset/bad", "fresh=x", []string{"/reset/bad", "/reset/good"}, 200, "at /reset/bad 1"},
		"a button that deletes":       {"/thing", "text=x", []string{"", "/thing"}, 200, "kept"},
		"what is written stays":       {"/forgot", "mail=a&shop_t=mine", []string{"/forgot"}, 403, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Request{Method: "POST", URL: p.at(test.path), Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Own": {"1"}, "Origin": nil}, Body: []byte(test.body), Intent: Active}
			made, err := p.Complete(ctx, client, Session{}, r, test.pages[0], test.pages[1:]...)
			if err != nil {
				t.Fatal(err)
			}
			if made.Header.Get("X-Own") != "1" || len(made.Header.Values("Origin")) > 0 {
				t.Errorf("headers of the request's own are lost: %v", made.Header)
			}
			if x := client.Fetch(ctx, made); x.Status != test.status || !x.Holds(test.holds) {
				t.Errorf("%d %s, want %d %s", x.Status, x.Body, test.status, test.holds)
			}
		})
	}
	t.Run("what JSON is sent stays JSON", func(t *testing.T) {
		r := Request{Method: "POST", URL: p.at("/forgot"), Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"a":1}`)}
		if made, err := p.Complete(ctx, client, Session{}, r, "/forgot"); err != nil || string(made.Body) != `{"a":1}` {
			t.Errorf("%s %v", made.Body, err)
		}
	})
	t.Run("it tells on the next page", func(t *testing.T) {
		r := Request{Method: "POST", URL: p.at("/forgot"), Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(url.Values{"mail": {"a"}}.Encode()), Intent: Active}
		made, _ := p.Complete(ctx, client, Session{}, r, "/forgot")
		page, ok := p.Follow(ctx, client, made, client.Fetch(ctx, made))
		if !ok || !page.Holds("sent") {
			t.Errorf("%v %d %s", ok, page.Status, page.Body)
		}
	})
	t.Run("the button that signs out", func(t *testing.T) {
		a := Actor{Name: "member", Identity: Identity{Username: "m", Password: right}, Portal: p}
		s, err := a.SignIn(ctx, client)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.SignOut(ctx, client, s); err != nil {
			t.Error(err)
		}
		if alive, known := a.Alive(ctx, client, s); alive || !known {
			t.Errorf("alive %v, known %v", alive, known)
		}
	})
}
