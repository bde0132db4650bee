package authcheck

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// flashLike is a portal of forms with a token against forgery as a field alone,
// which says on the next page how it went; faults change it.
func flashLike(fault string) server {
	sessions := &store{}
	return func(w http.ResponseWriter, r *http.Request) {
		cookie := func(name string) string {
			if c, err := r.Cookie(name); err == nil {
				return c.Value
			}
			return ""
		}
		say := func(text, to string) {
			http.SetCookie(w, &http.Cookie{Name: "flash", Value: text, Path: "/"})
			http.Redirect(w, r, to, http.StatusSeeOther)
		}
		page := func(fields string) {
			http.SetCookie(w, &http.Cookie{Name: "t", Value: "token", Path: "/"})
			fmt.Fprintf(w, `<html><p>%s</p><p>Note %s</p><form method="post"><input type="hidden" name="t" value="token">%s<button>Go</button></form></html>`, cookie("flash"), drawn()+"7", fields)
		}
		if r.Method == http.MethodPost && (cookie("t") != "token" || r.PostFormValue("t") != "token") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		known := r.PostFormValue("mail") == memberName
		switch r.Method + " " + r.URL.Path {
		case "GET /in":
			page(`<input name="mail" type="email"><input name="word" type="password">`)
		case "POST /in":
			switch {
			case known && r.PostFormValue("word") == memberWord:
				http.SetCookie(w, &http.Cookie{Name: "__Host-sid", Value: sessions.start(), Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
				http.Redirect(w, r, "/home", http.StatusSeeOther)
			case !known && fault == "sign-in":
				say("nobody-of-that-name", "/in")
			default:
				say("that-is-not-right", "/in")
			}
		case "GET /forgot", "GET /join":
			page(`<input name="mail" type="email"><input name="word" type="password">`)
		case "POST /forgot":
			if !known && fault == "reset" {
				say("nobody-of-that-name", "/forgot")
				return
			}
			say("a-letter-is-on-its-way", "/forgot")
		case "POST /join":
			if known && fault == "sign-up" {
				say("you-are-a-member", "/join")
				return
			}
			say("look-into-your-mail", "/join")
		case "GET /home":
			if !sessions.has(cookie("__Host-sid")) {
				http.Redirect(w, r, "/in", http.StatusSeeOther)
				return
			}
			fmt.Fprintf(w, `<html>You are %s<form method="post" action="/out"><input type="hidden" name="t" value="token"><button>Leave</button></form></html>`, memberName)
		case "POST /out":
			sessions.end(cookie("__Host-sid"))
			http.Redirect(w, r, "/", http.StatusSeeOther)
		case "GET /":
			fmt.Fprint(w, "<html>Welcome</html>")
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}
}

// What a form answers is told on the page that it leads to, and a form is sent as
// its page sends it.
func TestFormsThatTellOnTheNextPage(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]string{"": "", "sign-in": ruleEnumLogin, "reset": ruleEnumReset, "sign-up": ruleEnumSignUp} {
		t.Run("fault "+fault, func(t *testing.T) {
			t.Parallel()
			s := spec(probe.Portal{
				SignIn: probe.SignInRequest{Path: "/in", Format: "form", Fields: map[string]string{"mail": "{{username}}", "word": "{{password}}"}}, SignOut: probe.SignOutRequest{Path: "/out"}, WhoAmI: "/home",
			})
			s.Recovery = &Recovery{Request: Request{Path: "/forgot", Body: "mail={{address}}"}}
			s.SignUp = &Request{Path: "/join", Body: "mail={{address}}&word={{password}}"}
			got, result := statuses(t, serve(t, flashLike(fault)), s)
			for _, rule := range []string{ruleEnumReset, ruleEnumSignUp, ruleLogout} {
				if got[rule] == readiness.Inconclusive {
					t.Errorf("%s is inconclusive: %v", rule, result.Findings[slices.IndexFunc(result.Findings, func(f readiness.Finding) bool { return f.Rule == rule })].Message)
				}
			}
			fails := failing(got)
			if want == "" && len(fails) > 0 || want != "" && !slices.Equal(fails, []string{want}) {
				t.Errorf("fails %v, want %q: %v", fails, want, result.Findings)
			}
		})
	}
}

// A request for a letter that is refused whatever the address tells nothing of
// addresses.
func TestResetRefused(t *testing.T) {
	t.Parallel()
	s := spec(djangoPortal)
	s.Recovery = &Recovery{Request: Request{Path: "/nowhere/", Body: "email={{address}}"}}
	if got, _ := statuses(t, serve(t, djangoLike("")), s); got[ruleEnumReset] != readiness.Inconclusive {
		t.Errorf("%s", got[ruleEnumReset])
	}
}
