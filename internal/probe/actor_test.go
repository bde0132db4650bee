package probe

import (
	"context"
	"encoding/base32"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// guarded is a portal whose writes by cookie need a token that is good once.
func guarded() app {
	var mu sync.Mutex
	n, token, alive := 0, "", map[string]bool{}
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		session := ""
		if c, err := r.Cookie("sid"); err == nil {
			session = c.Value
		}
		switch r.Method + " " + r.URL.Path {
		case "POST /login":
			n++
			alive["s"+strconv.Itoa(n)] = true
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: "s" + strconv.Itoa(n), Path: "/", Secure: true, HttpOnly: true})
		case "GET /account":
			n++
			token = "t" + strconv.Itoa(n)
			fmt.Fprintf(w, `<meta name="csrf-token" content="%s">`, token)
		case "DELETE /logout":
			if r.Header.Get("X-CSRF-Token") != token || token == "" || r.Header.Get("Origin") == "" {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			token = ""
			delete(alive, session)
		case "GET /me":
			if !alive[session] {
				w.WriteHeader(http.StatusUnauthorized)
			}
		}
	}
}

func TestActorLife(t *testing.T) {
	t.Parallel()
	client := serveApp(t, guarded())
	a := Actor{Name: "member", Identity: Identity{Username: "m", Password: right}, Sessions: &Sessions{}, Portal: Portal{
		BaseURL: "https://portal.example.com", SignIn: SignInRequest{Path: "/login"}, WhoAmI: "/me",
		SignOut: SignOutRequest{Method: "DELETE", Path: "/logout"}, CSRF: CSRFSource{Path: "/account"},
	}}
	ctx := t.Context()
	first, err := a.Session(ctx, client)
	if err != nil {
		t.Fatal(err)
	}
	if set := first.Record().Set; len(set) != 1 || !set[0].HttpOnly || !set[0].Secure {
		t.Errorf("set %v", set)
	}
	if err := a.SignOut(ctx, client, first); err != nil {
		t.Errorf("sign-out: %v", err)
	}
	if alive, known := a.Alive(ctx, client, first); alive || !known {
		t.Errorf("after the sign-out: alive %v, known %v", alive, known)
	}
	second, err := a.Live(ctx, client)
	if err != nil || second.serial == first.serial {
		t.Errorf("renewed: %v", err)
	}
	if again, err := a.Live(ctx, client); err != nil || again.serial != second.serial {
		t.Errorf("a live session is kept: %v", err)
	}
	a.Portal.CSRF.Path = "/nothing"
	if err := a.SignOut(ctx, client, second); err == nil {
		t.Error("a sign-out without token is taken")
	}
	a.Portal.CSRF.Path = ""
	if err := a.SignOut(ctx, client, second); err == nil {
		t.Error("a sign-out that is refused is taken")
	}
}

// A code of the second factor that was used can be tried again by whoever tests
// for that, and by nobody else.
func TestReplayCode(t *testing.T) {
	t.Parallel()
	secret := base32.StdEncoding.EncodeToString([]byte(t.Name()))
	client := serveApp(t, twoSteps(secret))
	a := Actor{Name: "admin", Identity: Identity{Username: "a", Password: right, TOTPSecret: secret}, Portal: Portal{
		BaseURL: "https://portal.example.com",
		SignIn: SignInRequest{Path: "/api/login", TokenPointer: "/token", SecondFactor: SecondFactor{
			Path: "/api/totp", Fields: map[string]string{"ticket": "{{answer:/ticket}}", "code": "{{totp}}"},
		}},
	}}
	half, err := a.FirstFactor(t.Context(), client)
	if err != nil || len(half.Header()) != 0 {
		t.Errorf("the password alone gives a ticket, not a session: %v", err)
	}
	if ticket, ok := TextAt(half.Record().Answer.Body, "/ticket"); !ok || ticket != "first-factor" {
		t.Errorf("ticket %q", ticket)
	}
	s, err := a.SignIn(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.ReplayCode(t.Context(), client, s); err == nil {
		t.Error("the code is good twice")
	}
}

// Who is after the code alone takes the session that others use, as long as its
// code is that of the moment: nobody waits for the next one.
func TestSignInByCode(t *testing.T) {
	t.Parallel()
	secret := base32.StdEncoding.EncodeToString([]byte(t.Name()))
	inner := twoSteps(secret)
	var dead atomic.Bool
	client := serveApp(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != "/me":
			inner(w, r)
		case r.Header.Get("Authorization") != "Bearer both-factors" || dead.Load():
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	a := Actor{Name: "admin", Sessions: &Sessions{}, Identity: Identity{Username: "a", Password: right, TOTPSecret: secret}, Portal: Portal{
		BaseURL: "https://portal.example.com", WhoAmI: "/me",
		SignIn: SignInRequest{Path: "/api/login", TokenPointer: "/token", SecondFactor: SecondFactor{
			Path: "/api/totp", Fields: map[string]string{"ticket": "{{answer:/ticket}}", "code": "{{totp}}"},
		}},
	}}
	if left := totpStep - time.Duration(time.Now().UnixNano()%int64(totpStep)); left < 2*soon {
		time.Sleep(left)
	}
	kept, err := a.Session(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.SignInByCode(t.Context(), client)
	if err != nil || s.serial != kept.serial {
		t.Errorf("another session was opened: %v", err)
	}
	if _, err := a.ReplayCode(t.Context(), client, s); err == nil {
		t.Error("the code is good twice")
	}
	for name, spoil := range map[string]func(){
		"the session has ended": func() { dead.Store(true) },
		"the code is over":      func() { dead.Store(false); kept.record.codeEnd = time.Now() },
	} {
		spoil()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond) // a new sign-in waits for the next code
		if s, err := a.SignInByCode(ctx, client); err == nil {
			t.Errorf("%s: it will do all the same: %v", name, s)
		}
		cancel()
	}
}

// A session that was seen alive a moment ago is not asked about again, unless
// somebody signed in or out as the same identity since.
func TestSeenAlive(t *testing.T) {
	t.Parallel()
	inner := guarded()
	var asked atomic.Int64
	client := serveApp(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/me" {
			asked.Add(1)
		}
		inner(w, r)
	})
	a := Actor{Name: "member", Identity: Identity{Username: "m", Password: right}, Sessions: &Sessions{}, Portal: Portal{
		BaseURL: "https://portal.example.com", SignIn: SignInRequest{Path: "/login"}, WhoAmI: "/me",
		SignOut: SignOutRequest{Method: "DELETE", Path: "/logout"}, CSRF: CSRFSource{Path: "/account"},
	}}
	ctx := t.Context()
	asks := func(what string, want bool) (s Session) {
		t.Helper()
		before := asked.Load()
		s, err := a.Live(ctx, client)
		if got := asked.Load() > before; err != nil || got != want {
			t.Errorf("%s: asked %v, want %v: %v", what, got, want, err)
		}
		return s
	}
	_, _ = a.Session(ctx, client)
	first := asks("just opened", false)
	if _, err := a.SignIn(ctx, client); err != nil {
		t.Fatal(err)
	}
	asks("somebody signed in", true)
	asks("just seen", false)
	if err := a.SignOut(ctx, client, first); err != nil {
		t.Fatal(err)
	}
	if second := asks("signed out", true); second.serial == first.serial {
		t.Error("a dead session is kept")
	}
	a.Sessions.of(a.Name).seen = time.Now().Add(-lately)
	asks("seen a while ago", true)
}
