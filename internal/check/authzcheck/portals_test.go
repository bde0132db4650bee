package authzcheck

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// framed is a page of a portal as members see it, with what is in all its pages.
func framed(w http.ResponseWriter, status int, p *person, body string) {
	nav := `<a href="/login">Sign in to the club</a>`
	if p != nil {
		nav = `<a href="/account">My account and settings</a><a href="/letters">My letters</a><a href="/billing">Billing and plans</a><span>` + p.mail + `</span><form action="/logout" method="post"><input type="hidden" name="csrf" value="x"><button>Sign out of this device</button></form>`
	}
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<!doctype html><html><head><title>Club</title></head><body><nav>%s</nav><main>%s</main></body></html>`, nav, body)
}

// Portals whose pages and answers hold words that are not the owner's.
func TestPortals(t *testing.T) {
	t.Parallel()
	const subject = "GET 127.0.0.1/letters/{id}"
	route := Route{Path: "/letters/4101", Owner: "ann", Allow: []string{"admin"}}
	both := verdicts{"authz.object_cross_member " + subject: readiness.Fail, "authz.object_cross_org " + subject: readiness.Fail}
	id := func(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, "/letters/") }
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		spec    func(*Spec)
		want    verdicts
	}{
		// Rails and Laravel: what is not found is a page without the layout.
		"a layout, refusals in it, and a bare page for what is not found": {handler: func(w http.ResponseWriter, r *http.Request) {
			p, l := who(r), letterOf(id(r))
			switch {
			case r.URL.Path == "/":
				framed(w, 200, p, "<h1>Welcome to the club</h1>")
			case l == nil:
				w.WriteHeader(404)
				_, _ = io.WriteString(w, "<h1>Not Found</h1>")
			case p == nil:
				http.Redirect(w, r, "/login", http.StatusFound)
			case l.owner != p.name && p.role != "admin":
				framed(w, 403, p, "<h1>This letter is not yours</h1>")
			default:
				framed(w, 200, p, "<h1>Letter "+l.number+"</h1><p>"+l.text+"</p>")
			}
		}, spec: routesOf(route)},
		"... and the letter to everybody": {handler: func(w http.ResponseWriter, r *http.Request) {
			p, l := who(r), letterOf(id(r))
			switch {
			case r.URL.Path == "/":
				framed(w, 200, p, "<h1>Welcome to the club</h1>")
			case l == nil:
				w.WriteHeader(404)
				_, _ = io.WriteString(w, "<h1>Not Found</h1>")
			case p == nil:
				http.Redirect(w, r, "/login", http.StatusFound)
			default:
				framed(w, 200, p, "<h1>Letter "+l.number+"</h1><p>"+l.text+"</p>")
			}
		}, spec: routesOf(route), want: both},
		"words of refusals are values": {handler: func(w http.ResponseWriter, r *http.Request) {
			p, l := who(r), letterOf(id(r))
			switch {
			case p == nil:
				writeJSON(w, 401, object{"error": "sign in"})
			case l == nil:
				writeJSON(w, 404, object{"error": "not found"})
			case l.owner != p.name && p.role != "admin":
				writeJSON(w, 403, object{"error": "this letter is private"})
			default:
				writeJSON(w, 200, object{"id": 4101, "state": "active", "visibility": "private"})
			}
		}, spec: routesOf(route)},
		"one word that is leaked in a refusal": {handler: func(w http.ResponseWriter, r *http.Request) {
			p, l := who(r), letterOf(id(r))
			switch {
			case p == nil:
				writeJSON(w, 401, object{"error": "sign in"})
			case l == nil:
				writeJSON(w, 404, object{"error": "not found"})
			case l.owner != p.name && p.role != "admin":
				writeJSON(w, 403, object{"error": "forbidden", "letter": object{"text": "Quillfern"}})
			default:
				writeJSON(w, 200, object{"id": 4101, "text": "Quillfern"})
			}
		}, spec: routesOf(route), want: both},
		"a page with a form for a new password": {handler: func(w http.ResponseWriter, r *http.Request) {
			p, l := who(r), letterOf(id(r))
			switch {
			case r.URL.Path == "/login":
				_, _ = io.WriteString(w, `<form method="post"><input name="user"><input type="password" name="password"></form>`)
			case p == nil:
				http.Redirect(w, r, "/login", http.StatusFound)
			case l == nil || l.owner != p.name && p.role != "admin":
				w.WriteHeader(404)
			default:
				framed(w, 200, p, "<p>"+l.text+`</p><form method="post"><label>Current password<input type="password" name="current"></label></form>`)
			}
		}, spec: routesOf(route)},
		"words of a program in the page": {handler: func(w http.ResponseWriter, r *http.Request) {
			p, l := who(r), letterOf(id(r))
			switch {
			case p == nil:
				http.Redirect(w, r, "/login", http.StatusFound)
			case l == nil || l.owner != p.name && p.role != "admin":
				w.WriteHeader(404)
			default:
				framed(w, 200, p, "<p>"+l.text+`</p><script type="application/json">{"error":"Something went wrong","ok":"Very well","code":"404 is not found"}</script>`)
			}
		}, spec: routesOf(route)},
		"an id of one digit": {handler: func(w http.ResponseWriter, r *http.Request) {
			p := who(r)
			switch {
			case p == nil:
				writeJSON(w, 401, object{"error": "sign in"})
			case r.URL.Path == "/letters/inv_7" && (p.name == "ann" || p.role == "admin"):
				writeJSON(w, 200, object{"text": letters[0].text})
			case strings.HasPrefix(r.URL.Path, "/letters/inv_") && len(r.URL.Path) == 14:
				writeJSON(w, 200, object{"text": "Of somebody else, whom ann may read"})
			default:
				writeJSON(w, 404, object{"error": "not found"})
			}
		}, spec: routesOf(Route{Path: "/letters/{id}", Params: map[string]string{"id": "inv_7"}, Owner: "ann", Allow: []string{"admin"}})},
		"lists of what all are sent": {handler: func(w http.ResponseWriter, r *http.Request) {
			p := who(r)
			if p == nil || r.URL.Path != "/inbox" {
				w.WriteHeader(404)
				return
			}
			writeJSON(w, 200, object{"letters": []object{{"id": 1000 + int(p.name[0]), "title": "Welcome to the club", "from": "The board", "state": "unread so far", "kind": "a letter", "size": "small one"}}})
		}, spec: routesOf(Route{Path: "/inbox", Owner: "ann"})},
		"what Next sends to its scripts": {handler: func(w http.ResponseWriter, r *http.Request) {
			p, l := who(r), letterOf(id(r))
			data := object{"props": object{"pageProps": object{}, "session": p}, "page": "/letters/[id]", "buildId": "b7f3a91c22"}
			if p != nil && l != nil {
				data["props"] = object{"pageProps": object{"letter": object{"text": l.text, "number": l.number}}}
			}
			b, _ := json.Marshal(data)
			status, text := 200, "A letter"
			if p == nil || l == nil || l.owner != p.name && p.role != "admin" {
				status, text = 404, "Nothing is here"
			}
			framed(w, status, p, text+`<script id="__NEXT_DATA__" type="application/json">`+string(b)+`</script>`)
		}, spec: routesOf(route), want: both},
		"a letter that was deleted is 200 and empty": {handler: func(w http.ResponseWriter, r *http.Request) {
			p, l := who(r), letterOf(id(r))
			if p == nil || l == nil || l.owner != p.name && p.role != "admin" {
				writeJSON(w, 200, object{"data": []object{}, "total": 0})
				return
			}
			writeJSON(w, 200, object{"data": []object{{"id": l.id, "text": l.text}}, "total": 1})
		}, spec: routesOf(route)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 3 {
				w := &world{handler: tt.handler, spec: tt.spec}
				got, result := w.check(t)
				want := tt.want
				if want == nil {
					want = verdicts{}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got)\n%s\n%s", diff, explain(result))
				}
			}
		})
	}
}
