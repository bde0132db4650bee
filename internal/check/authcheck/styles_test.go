package authcheck

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// rememberLike has a session and a cookie that opens a new one, as Laravel's and
// Devise's remember-me do.
func rememberLike(fault string) server {
	sessions, remembered := &store{}, &store{}
	value := func(r *http.Request, name string) string {
		c, err := r.Cookie(name)
		if err != nil {
			return ""
		}
		return c.Value
	}
	give := func(w http.ResponseWriter, name, id string) {
		http.SetCookie(w, &http.Cookie{Name: name, Value: id, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path {
		case "POST /auth":
			var in map[string]string
			_ = json.NewDecoder(r.Body).Decode(&in)
			if in["email"] != memberName || in["password"] != memberWord {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			give(w, "__Host-sid", sessions.start())
			give(w, "__Host-remember", remembered.start())
		case "GET /me":
			if !sessions.has(value(r, "__Host-sid")) {
				if !remembered.has(value(r, "__Host-remember")) && (fault != "any remember" || value(r, "__Host-remember") == "") {
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				give(w, "__Host-sid", sessions.start())
			}
			fmt.Fprintf(w, `{"id":7,"email":%q}`, memberName)
		case "POST /out":
			sessions.end(value(r, "__Host-sid"))
			if fault != "undead" {
				remembered.end(value(r, "__Host-remember"))
			}
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}
}

// keepingLike gives every visitor a session cookie, says {"user":null} to
// strangers, and answers every sign-in with 200; faults change it.
func keepingLike(fault string) server {
	sessions := map[string]bool{}
	mark := func(w http.ResponseWriter) string {
		id := drawn() + drawn()
		http.SetCookie(w, &http.Cookie{Name: "__Host-sid", Value: id, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		return id
	}
	lock := make(chan struct{}, 1)
	return func(w http.ResponseWriter, r *http.Request) {
		lock <- struct{}{}
		defer func() { <-lock }()
		id := ""
		if c, err := r.Cookie("__Host-sid"); err == nil {
			id = c.Value
		}
		_, known := sessions[id]
		if !known {
			id = mark(w)
			sessions[id] = false
		}
		switch r.Method + " " + r.URL.Path {
		case "POST /auth":
			var in map[string]string
			_ = json.NewDecoder(r.Body).Decode(&in)
			if in["email"] == memberName && in["password"] == memberWord {
				if fault != "keeps" {
					delete(sessions, id)
					id = mark(w)
				}
				sessions[id] = true
			}
			fmt.Fprint(w, `{"result":"done"}`)
		case "GET /me":
			if !sessions[id] {
				fmt.Fprintf(w, `{"user":null,"time":%d}`, time.Now().UnixMilli())
				return
			}
			fmt.Fprintf(w, `{"user":{"id":7,"name":"Mira"},"time":%d}`, time.Now().UnixMilli())
		case "POST /out":
			delete(sessions, id)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}
}

var plainPortal = probe.Portal{SignIn: probe.SignInRequest{Path: "/auth"}, SignOut: probe.SignOutRequest{Path: "/out"}, WhoAmI: "/me"}

// Sessions of several cookies, and of cookies that strangers have too.
func TestCookieStyles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		server server
		fails  []string
	}{
		"remembered":                 {rememberLike(""), []string{}},
		"remembered for ever":        {rememberLike("undead"), []string{ruleLogout}},
		"anything is remembered":     {rememberLike("any remember"), []string{ruleBypass}},
		"a cookie for all":           {keepingLike(""), []string{}},
		"a cookie for all, and ever": {keepingLike("keeps"), []string{ruleFixation}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, result := statuses(t, serve(t, test.server), spec(plainPortal))
			if fails := failing(got); !slices.Equal(fails, test.fails) && !(len(fails) == 0 && len(test.fails) == 0) {
				t.Errorf("fails %v, want %v: %v", fails, test.fails, result.Findings)
			}
		})
	}
}

// A wrong password where all is answered with 200 and a cookie is told as such,
// and no protected path is said to be open.
func TestWrongPasswordAndCookies(t *testing.T) {
	t.Parallel()
	s := spec(plainPortal)
	s.Actor.Identity.Password = "wrong"
	got, _ := statuses(t, serve(t, keepingLike("")), s)
	if fails := failing(got); !slices.Equal(fails, []string{ruleLogin}) {
		t.Errorf("fails %v", fails)
	}
}

// A token of ten minutes that nothing renews, and that no sign-out ends, is a
// matter of design; one that came with a refresh token which nobody tried is not.
func TestShortTokens(t *testing.T) {
	t.Parallel()
	portal := probe.Portal{SignIn: probe.SignInRequest{Path: "/auth", TokenPointer: "/token"}, SignOut: probe.SignOutRequest{Path: "/out"}, WhoAmI: "/me"}
	bare := jwtLike(drawn()+drawn(), 10*time.Minute, false)
	renewable := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/auth" {
			bare(w, r)
			return
		}
		rec := &recording{ResponseWriter: w, status: http.StatusOK}
		bare(rec, r)
		if rec.status != http.StatusOK {
			w.WriteHeader(rec.status)
			return
		}
		var out map[string]any
		_ = json.Unmarshal(rec.body, &out)
		out["data"] = map[string]string{"refreshToken": drawn() + drawn()}
		_ = json.NewEncoder(w).Encode(out)
	}
	for name, test := range map[string]struct {
		server server
		want   readiness.Severity
	}{"nothing renews it": {bare, readiness.Low}, "something may": {renewable, readiness.Critical}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, result := statuses(t, serve(t, test.server), spec(portal))
			i := slices.IndexFunc(result.Findings, func(f readiness.Finding) bool { return f.Rule == ruleLogout })
			if f := result.Findings[i]; f.Status != readiness.Fail || f.Severity != test.want {
				t.Errorf("%s, %s: %s", f.Status, f.Severity, f.Message)
			}
		})
	}
}

// recording keeps an answer instead of sending it.
type recording struct {
	http.ResponseWriter
	status int
	body   []byte
}

func (r *recording) WriteHeader(status int)      { r.status = status }
func (r *recording) Write(b []byte) (int, error) { r.body = append(r.body, b...); return len(b), nil }

// A portal lets nobody sign in for a while once the password was changed: what
// was changed is changed back all the same.
func TestPutBackThoughThrottled(t *testing.T) {
	t.Parallel()
	var lock sync.Mutex
	password, changes := memberWord, 0
	sessions := &store{}
	portal := func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		var in map[string]string
		_ = json.NewDecoder(r.Body).Decode(&in)
		id := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		switch r.URL.Path {
		case "/auth":
			switch {
			case changes > 0:
				w.Header().Set("Retry-After", "3600")
				w.WriteHeader(http.StatusTooManyRequests)
			case in["password"] != password:
				w.WriteHeader(http.StatusUnauthorized)
			default:
				fmt.Fprintf(w, `{"token":%q}`, sessions.start())
			}
		case "/me":
			if !sessions.has(id) {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			fmt.Fprintf(w, `{"email":%q,"id":7}`, memberName)
		case "/password":
			if !sessions.has(id) || in["old"] != password {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			password = in["new"]
			changes++
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}
	s := spec(probe.Portal{SignIn: probe.SignInRequest{Path: "/auth", TokenPointer: "/token"}, WhoAmI: "/me"})
	mutable := s.Actor
	s.Mutable = &mutable
	s.SkipDefaults = true
	s.Changes = map[string]Request{"password": {Path: "/password", Body: `{"old":"{{current_password}}","new":"{{password}}"}`}}
	statuses(t, serve(t, portal), s)
	if changes == 0 || password != memberWord {
		t.Errorf("%d changes, and the password is another: %v", changes, password != memberWord)
	}
}

// spaLike gives tokens of ten minutes and a cookie that renews them; faults change
// what the sign-out ends, and what the renewal answers.
func spaLike(fault string) server {
	secret, families := drawn()+drawn(), &store{}
	bare := jwtLike(secret, 10*time.Minute, false)
	token := func() string {
		now := time.Now()
		return signed(segment(map[string]any{"alg": "HS256"})+"."+segment(map[string]any{"sub": "m1", "jti": drawn(), "iat": now.Unix(), "exp": now.Add(10 * time.Minute).Unix()}), "HS256", []byte(secret))
	}
	give := func(w http.ResponseWriter) {
		http.SetCookie(w, &http.Cookie{Name: "refresh", Value: families.start(), Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	}
	return func(w http.ResponseWriter, r *http.Request) {
		id := ""
		if c, err := r.Cookie("refresh"); err == nil {
			id = c.Value
		}
		switch r.URL.Path {
		case "/auth":
			rec := &recording{ResponseWriter: w, status: http.StatusOK}
			bare(rec, r)
			if rec.status != http.StatusOK {
				w.WriteHeader(rec.status)
				return
			}
			give(w)
			fmt.Fprintf(w, `{"token":%q}`, token())
		case "/refresh":
			if !families.has(id) && fault != "any" {
				fmt.Fprint(w, `{"message":"sign in again"}`) // 200 for everything
				return
			}
			families.end(id)
			give(w)
			fmt.Fprintf(w, `{"token":%q}`, token())
		case "/out":
			if fault != "undead" {
				families.end(id)
			}
		default:
			bare(w, r)
		}
	}
}

func TestRefreshByCookie(t *testing.T) {
	t.Parallel()
	portal := probe.Portal{SignIn: probe.SignInRequest{Path: "/auth", TokenPointer: "/token"}, SignOut: probe.SignOutRequest{Path: "/out"}, WhoAmI: "/me"}
	for fault, want := range map[string]struct {
		refresh readiness.Status
		logout  readiness.Severity
	}{"": {readiness.Pass, readiness.Low}, "undead": {readiness.Fail, readiness.Critical}, "any": {readiness.Inconclusive, readiness.Critical}} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			s := spec(portal)
			s.Token = &TokenSignIn{SignIn: portal.SignIn, Refresh: &Request{Path: "/refresh"}}
			got, result := statuses(t, serve(t, spaLike(fault)), s)
			if got[ruleRefresh] != want.refresh {
				t.Errorf("the refresh token: %s, want %s", got[ruleRefresh], want.refresh)
			}
			for _, f := range result.Findings {
				if f.Rule == ruleLogout && f.Severity != want.logout {
					t.Errorf("the sign-out: %s %s: %s", f.Status, f.Severity, f.Message)
				}
			}
		})
	}
}

// An administrator for whom a second factor is configured, and whom the portal
// never asks for it, is let in by the password alone.
func TestSecondFactorNeverAsked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		enforced bool
		code     int // status of the answer to a code
		want     readiness.Status
	}{
		"never asked":                  {false, http.StatusUnauthorized, readiness.Fail},
		"there is no page for a code":  {false, http.StatusNotFound, readiness.Fail},
		"asked, and the code is wrong": {true, http.StatusUnauthorized, readiness.Inconclusive},
		"asked, at another address":    {true, http.StatusNotFound, readiness.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inner := keepingLike("")
			portal := func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/code":
					w.WriteHeader(test.code)
				case r.URL.Path == "/me" && test.enforced:
					fmt.Fprint(w, `{"mfa_required":true}`)
				default:
					inner(w, r)
				}
			}
			in := plainPortal
			in.SignIn.SecondFactor = probe.SecondFactor{Path: "/code"}
			s := spec(in)
			s.Actor.Identity.TOTPSecret = ""
			admin := s.Actor
			admin.Name, admin.Identity.TOTPSecret = "admin", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
			b := &bench{ctx: t.Context(), prober: serve(t, portal), spec: s, host: "portal.example.com"}
			_, err := admin.SignIn(b.ctx, b.prober)
			if got := map[bool]readiness.Status{true: readiness.Fail, false: readiness.Inconclusive}[b.unasked(admin, err) != ""]; got != test.want {
				t.Errorf("%s, want %s (%v)", got, test.want, err)
			}
		})
	}
}

// A portal that takes no more than a few looks at once is given a rest, and judged
// as if it took them all.
func TestLooksThatAreThrottled(t *testing.T) {
	t.Parallel()
	free, _ := statuses(t, serve(t, djangoLike("")), spec(djangoPortal))
	inner := djangoLike("")
	var looks atomic.Int64
	braked, _ := statuses(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n := looks.Add(1); r.Method == http.MethodGet && r.URL.Path == "/account/" && n%9 == 0 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		inner(w, r)
	}), spec(djangoPortal))
	if diff := cmp.Diff(free, braked); diff != "" {
		t.Errorf("(-free +throttled)\n%s", diff)
	}
}
