package authzcheck

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Portals whose answers say of themselves what they are.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const subject = "GET 127.0.0.1/letters/{id}"
	route := Route{Path: "/letters/4101", Owner: "ann", Allow: []string{"admin"}}
	both := verdicts{"authz.object_cross_member " + subject: readiness.Fail, "authz.object_cross_org " + subject: readiness.Fail}
	three := verdicts{"authz.object_anonymous " + subject: readiness.Fail, "authz.object_cross_member " + subject: readiness.Fail, "authz.object_cross_org " + subject: readiness.Fail}
	id := func(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, "/letters/") }
	may := func(r *http.Request) *letter {
		p, l := who(r), letterOf(id(r))
		if p == nil || l == nil || l.owner != p.name && p.role != "admin" {
			return nil
		}
		return l
	}
	refuse := func(w http.ResponseWriter, r *http.Request) {
		if who(r) == nil {
			writeJSON(w, 401, object{"message": "sign in"})
			return
		}
		writeJSON(w, 404, object{"message": "not found"})
	}
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		spec    func(*Spec)
		want    verdicts
	}{
		"an object with a code": {handler: func(w http.ResponseWriter, r *http.Request) {
			l := may(r)
			if l == nil {
				refuse(w, r)
				return
			}
			writeJSON(w, 200, object{"id": l.id, "code": "431", "text": l.text})
		}, spec: routesOf(route)},
		"an object with errors of its own": {handler: func(w http.ResponseWriter, r *http.Request) {
			l := may(r)
			if l == nil {
				refuse(w, r)
				return
			}
			writeJSON(w, 200, object{"id": l.id, "text": l.text, "errors": 2, "success": true, "ok": true, "status": "sent"})
		}, spec: routesOf(route)},
		"GraphQL answered in part": {handler: func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			var in struct{ Variables struct{ ID string } }
			_ = json.Unmarshal(body, &in)
			p, l := who(r), letterOf(in.Variables.ID)
			if r.URL.Path != "/graphql" || p == nil || l == nil || l.owner != p.name && p.role != "admin" {
				writeJSON(w, 200, object{"data": nil, "errors": []object{{"message": "Not authorized", "extensions": object{"code": "FORBIDDEN"}}}})
				return
			}
			writeJSON(w, 200, object{"data": object{"letter": object{"id": l.id, "text": l.text, "stamp": nil}}, "errors": []object{{"message": "stamp is not known", "path": []string{"letter", "stamp"}}}})
		}, spec: routesOf(Route{Method: "POST", ReadOnly: true, Path: "/graphql", Body: `{"query":"query($id:ID!){letter(id:$id){id text stamp}}","variables":{"id":"4101"}}`, Owner: "ann", Allow: []string{"admin"}})},
		"a shared cache": {handler: func() http.HandlerFunc {
			cache := map[string]string{}
			lock := make(chan struct{}, 1)
			return func(w http.ResponseWriter, r *http.Request) {
				lock <- struct{}{}
				defer func() { <-lock }()
				if body, ok := cache[r.URL.String()]; ok {
					w.Header().Set("X-Cache", "HIT")
					_, _ = io.WriteString(w, body)
					return
				}
				l := may(r)
				if l == nil {
					refuse(w, r)
					return
				}
				body := fmt.Sprintf(`{"id":%q,"text":%q}`, l.id, l.text)
				cache[r.URL.String()] = body
				w.Header().Set("X-Cache", "MISS")
				_, _ = io.WriteString(w, body)
			}
		}(), spec: routesOf(route), want: three},
		"an etag and HEAD": {handler: func(w http.ResponseWriter, r *http.Request) {
			l := may(r)
			if l == nil {
				w.Header().Set("Etag", `"shell"`)
				if r.Method == http.MethodHead {
					w.Header().Set("Content-Length", "400")
					return
				}
				refuse(w, r)
				return
			}
			w.Header().Set("Etag", fmt.Sprintf(`"%s-%s"`, l.id, who(r).name))
			writeJSON(w, 200, object{"id": l.id, "text": l.text})
		}, spec: routesOf(route)},
		"a household that shares": {handler: func(w http.ResponseWriter, r *http.Request) {
			p, l := who(r), letterOf(id(r))
			if p == nil || l == nil || p.org != "north" && p.role != "admin" {
				refuse(w, r)
				return
			}
			writeJSON(w, 200, object{"id": l.id, "text": l.text})
		}, spec: routesOf(Route{Path: "/letters/4101", Owner: "ann", Allow: []string{"admin", "cat"}, Deny: []string{"bob"}})},
		"escapes of another form": {handler: func(w http.ResponseWriter, r *http.Request) {
			p, l := who(r), letterOf(id(r))
			text := "Größe & Glanz der alten Mühle <b>"
			switch {
			case p == nil || l == nil:
				refuse(w, r)
			case l.owner != p.name && p.role != "admin":
				w.Header().Set("Content-Type", "text/html")
				w.WriteHeader(403)
				_, _ = io.WriteString(w, "<p>You may not read this</p><!-- "+"x"+" --><div>Gr&ouml;&szlig;e &amp; Glanz der alten M&uuml;hle &lt;b&gt;</div>")
			default:
				writeJSON(w, 200, object{"id": l.id, "text": text})
			}
		}, spec: routesOf(route), want: both},
		"in an attribute of a refusal": {handler: func(w http.ResponseWriter, r *http.Request) {
			p, l := who(r), letterOf(id(r))
			switch {
			case p == nil || l == nil:
				refuse(w, r)
			case l.owner != p.name && p.role != "admin":
				framed(w, 403, p, `Not yours <div id="app" data-page="{&quot;props&quot;:{&quot;letter&quot;:{&quot;text&quot;:&quot;The boiler of number nine leaks again&quot;}}}"></div>`)
			default:
				framed(w, 200, p, `<div id="app" data-page="{&quot;props&quot;:{&quot;letter&quot;:{&quot;text&quot;:&quot;The boiler of number nine leaks again&quot;}}}"></div>`)
			}
		}, spec: routesOf(route), want: both},
		"in a script of the page": {handler: func(w http.ResponseWriter, r *http.Request) {
			p, l := who(r), letterOf(id(r))
			status := 200
			if p == nil || l == nil {
				refuse(w, r)
				return
			}
			if l.owner != p.name && p.role != "admin" {
				status = 403
			}
			framed(w, status, p, `<div id="app"></div><script>window.__STATE__={"letter":{"text":"`+l.text+`"}}</script>`)
		}, spec: routesOf(route), want: both},
		"text/plain": {handler: func(w http.ResponseWriter, r *http.Request) {
			p, l := who(r), letterOf(id(r))
			if p == nil || l == nil {
				refuse(w, r)
				return
			}
			_, _ = io.WriteString(w, "Letter\n"+l.text+"\n")
		}, spec: routesOf(route), want: both},
		"trailing slashes lead on, case is of no matter": {handler: func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/") && len(r.URL.Path) > 1 {
				http.Redirect(w, r, strings.TrimSuffix(r.URL.Path, "/"), http.StatusMovedPermanently)
				return
			}
			r.URL.Path = strings.ToLower(r.URL.Path)
			l := may(r)
			if l == nil {
				refuse(w, r)
				return
			}
			writeJSON(w, 200, object{"id": l.id, "text": l.text})
		}, spec: routesOf(route)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{handler: tt.handler, spec: tt.spec}
			got, result := w.check(t)
			want := tt.want
			if want == nil {
				want = verdicts{}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s\n%s", diff, explain(result))
			}
		})
	}
}

// A word of the day that was the same when the owner asked is no part of its data.
func TestWordsOfTheDay(t *testing.T) {
	t.Parallel()
	tips := []string{"Bring shoes to the pier", "The gate closes at nine", "Ask the warden for keys"}
	for range 12 {
		w := &world{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p, l := who(r), letterOf(strings.TrimPrefix(r.URL.Path, "/letters/"))
			tip := tips[rand.IntN(len(tips))]
			if p == nil || l == nil || l.owner != p.name {
				writeJSON(w, 404, object{"error": "not found", "tip": tip})
				return
			}
			writeJSON(w, 200, object{"text": l.text, "number": l.number, "club": "Rowing north of " + l.id, "to": "All " + l.owner + " knows", "from": "The board of " + l.owner, "tip": tip})
		})}
		w.spec = func(s *Spec) {
			for i := range 4 {
				s.Routes = append(s.Routes, Route{Name: fmt.Sprint(i), Path: "/letters/4101", Owner: "ann", Deny: []string{"bob", "cat", "root"}})
			}
		}
		got, result := w.check(t)
		if diff := cmp.Diff(verdicts{}, got); diff != "" {
			t.Errorf("(-want +got)\n%s\n%s", diff, explain(result))
		}
	}
}
