package authzcheck

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// letters are what the people of the test portals own.
type letter struct{ id, owner, text, number string }

var letters = []letter{
	{"4101", "ann", "The boiler of number nine leaks again", "INV-2026-0101"},
	{"4102", "bob", "Vineyard keys are with the baker", "INV-2026-0102"},
	{"4103", "cat", "Choir practice moved to the old mill", "INV-2026-0103"},
}

func letterOf(id string) *letter {
	for i := range letters {
		if letters[i].id == id {
			return &letters[i]
		}
	}
	return nil
}

func routesOf(routes ...Route) func(*Spec) {
	return func(s *Spec) {
		for i, r := range routes {
			r.Name = fmt.Sprint("r", i)
			s.Routes = append(s.Routes, r)
		}
	}
}

const layout = `<!doctype html><html><head><title>Club</title></head><body><nav>Home of the club | Sign out of this device</nav>%s<footer>Since 1902 at the old pier</footer></body></html>`

// A style is a way in which portals are built. mode "" is in order, "leak" gives
// objects to all who are signed in.
func TestStyles(t *testing.T) {
	t.Parallel()
	object1 := Route{Path: "/letters/4101", Owner: "ann", Allow: []string{"admin"}}
	const subject = "GET 127.0.0.1/letters/{id}"
	may := func(p *person, l *letter, leak bool) bool {
		return p != nil && l != nil && (leak || l.owner == p.name || p.role == "admin")
	}
	id := func(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, "/letters/") }
	both := map[string]readiness.Status{"authz.object_cross_member " + subject: readiness.Fail, "authz.object_cross_org " + subject: readiness.Fail}
	for name, style := range map[string]struct {
		handler func(leak bool) http.HandlerFunc
		spec    func(*Spec)
		want    map[string]readiness.Status // with the leak
	}{
		"JSON and 404": {handler: func(leak bool) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				p, l := who(r), letterOf(id(r))
				switch {
				case p == nil:
					writeJSON(w, 401, object{"error": "sign in"})
				case !may(p, l, leak):
					writeJSON(w, 404, object{"error": "letter " + id(r) + " not found"})
				default:
					writeJSON(w, 200, object{"id": l.id, "text": l.text, "number": l.number})
				}
			}
		}},
		"JSON:API": {handler: func(leak bool) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				p, l := who(r), letterOf(id(r))
				if !may(p, l, leak) {
					writeJSON(w, 403, object{"errors": []object{{"status": "403", "title": "Forbidden", "links": object{"about": r.URL.Path}}}})
					return
				}
				writeJSON(w, 200, object{"data": object{"type": "letters", "id": l.id, "attributes": object{"body": l.text, "number": l.number}, "links": object{"self": r.URL.Path}}})
			}
		}},
		"errors with 200": {handler: func(leak bool) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				p, l := who(r), letterOf(id(r))
				if !may(p, l, leak) {
					writeJSON(w, 200, object{"status": 404, "error": "no such letter: " + id(r)})
					return
				}
				writeJSON(w, 200, object{"status": 200, "letter": object{"id": l.id, "text": l.text}})
			}
		}},
		"GraphQL": {
			handler: func(leak bool) http.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					var in struct{ Variables struct{ ID string } }
					_ = json.Unmarshal(body, &in)
					p, l := who(r), letterOf(in.Variables.ID)
					if r.URL.Path != "/graphql" || !may(p, l, leak) {
						writeJSON(w, 200, object{"data": object{"letter": nil}, "errors": []object{{"message": "Not authorized to read this letter", "path": []string{"letter"}}}})
						return
					}
					writeJSON(w, 200, object{"data": object{"letter": object{"id": l.id, "text": l.text}}})
				}
			},
			spec: routesOf(Route{Method: "POST", ReadOnly: true, Path: "/graphql", Body: `{"query":"query($id:ID!){letter(id:$id){id text}}","variables":{"id":"4101"}}`, Owner: "ann", Allow: []string{"admin"}}),
			want: map[string]readiness.Status{"authz.object_cross_member POST 127.0.0.1/graphql": readiness.Fail, "authz.object_cross_org POST 127.0.0.1/graphql": readiness.Fail},
		},
		"pages": {handler: func(leak bool) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				p, l := who(r), letterOf(id(r))
				switch {
				case p == nil:
					http.Redirect(w, r, "/login?next="+r.URL.Path, http.StatusFound)
				case !may(p, l, leak):
					w.WriteHeader(404)
					fmt.Fprintf(w, layout, "<h1>There is no such letter</h1>")
				default:
					fmt.Fprintf(w, layout, "<h1>Letter "+l.number+"</h1><p>"+l.text+"</p>")
				}
			}
		}},
		"pages that vary": {handler: func(leak bool) http.HandlerFunc {
			tips := []string{"Bring shoes to the pier", "The gate closes at nine", "Ask the warden for keys", "Boats need a lamp at night"}
			return func(w http.ResponseWriter, r *http.Request) {
				p, l := who(r), letterOf(id(r))
				noise := fmt.Sprintf("<p>%s</p><p>Request %d at %s</p>", tips[rand.IntN(len(tips))], rand.Int64(), time.Now())
				if !may(p, l, leak) {
					fmt.Fprintf(w, layout, noise+"<h1>There is no such letter</h1>")
					return
				}
				fmt.Fprintf(w, layout, noise+"<h1>Letter "+l.number+"</h1><p>"+l.text+"</p>")
			}
		}},
		"a redirect with the page in it": {handler: func(leak bool) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				p, l := who(r), letterOf(id(r))
				if !may(p, l, false) {
					w.Header().Set("Location", "/")
					w.WriteHeader(302)
					if !leak || l == nil || p == nil {
						return
					}
				}
				fmt.Fprintf(w, layout, "<h1>Letter "+l.number+"</h1><p>"+l.text+"</p>")
			}
		}},
		"a refusal with the data in it": {handler: func(leak bool) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				p, l := who(r), letterOf(id(r))
				switch {
				case may(p, l, false):
					writeJSON(w, 200, object{"id": l.id, "text": l.text, "number": l.number})
				case leak && may(p, l, true):
					writeJSON(w, 403, object{"error": "forbidden", "resource": object{"text": l.text, "number": l.number}})
				default:
					writeJSON(w, 403, object{"error": "forbidden"})
				}
			}
		}},
		"the own object whatever the id": {handler: func(leak bool) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				p := who(r)
				if p == nil || p.role == "admin" {
					w.WriteHeader(404)
					return
				}
				for _, l := range letters {
					if l.owner == p.name && !leak || l.id == id(r) && leak {
						writeJSON(w, 200, object{"id": l.id, "text": l.text, "number": l.number, "plan": "community", "language": "english"})
						return
					}
				}
				w.WriteHeader(404)
			}
		}, spec: routesOf(Route{Path: "/letters/4101", Owner: "ann"})},
	} {
		for _, leak := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, leak %v", name, leak), func(t *testing.T) {
				t.Parallel()
				w := &world{handler: style.handler(leak), spec: style.spec}
				if w.spec == nil {
					w.spec = routesOf(object1)
				}
				want := map[string]readiness.Status{}
				if leak {
					if want = style.want; want == nil {
						want = both
					}
				}
				got, result := w.check(t)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got)\n%s\n%s", diff, explain(result))
				}
			})
		}
	}
}
