package authzcheck

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

type verdicts = map[string]readiness.Status

// sound is a portal of letters in order, which tests change.
func sound(w http.ResponseWriter, r *http.Request) {
	p, l := who(r), letterOf(strings.TrimPrefix(r.URL.Path, "/letters/"))
	switch {
	case p == nil:
		writeJSON(w, 401, object{"error": "sign in"})
	case l == nil || l.owner != p.name && p.role != "admin":
		writeJSON(w, 404, object{"error": "not found"})
	default:
		writeJSON(w, 200, object{"id": l.id, "text": l.text, "number": l.number})
	}
}

func TestBehaviour(t *testing.T) {
	t.Parallel()
	const letter = "GET 127.0.0.1/letters/{id}"
	route := Route{Path: "/letters/{id}", Params: map[string]string{"id": "4101"}, Owner: "ann", Allow: []string{"admin"}}
	with := func(change func(*Route)) func(*Spec) {
		r := route
		change(&r)
		return routesOf(r)
	}
	same := func(*Route) {}
	all := func(subject string, status readiness.Status, rules ...string) verdicts {
		out := verdicts{}
		for _, rule := range rules {
			out[rule+" "+subject] = status
		}
		return out
	}
	everyRule := []string{ruleCrossMember, ruleCrossOrg, ruleAnonymous, ruleOverDenied, ruleExcess, rulePath, ruleOverride, ruleSources}
	status := func(code int, body any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, code, body) }
	}
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		spec    func(*Spec)
		want    verdicts
	}{
		"in order":              {sound, with(same), verdicts{}},
		"in order, by a marker": {sound, with(func(r *Route) { r.Marker = "boiler of number nine" }), verdicts{}},
		"the marker is not there": {sound, with(func(r *Route) { r.Marker = "some other word" }),
			all(letter, readiness.Inconclusive, everyRule...)},
		"the marker is in the request": {sound, with(func(r *Route) { r.Marker = "letters" }),
			all(letter, readiness.Inconclusive, everyRule...)},
		"the owner is refused": {status(403, object{"error": "forbidden"}), with(same), all(letter, readiness.Inconclusive, everyRule...)},
		"the owner is told an error with 200": {status(200, object{"error": "this account is locked for now"}), with(same),
			all(letter, readiness.Inconclusive, everyRule...)},
		"all are told not found with 200": {status(200, object{"title": "There is nothing here", "hint": "Ask the warden"}), with(same),
			all(letter, readiness.Inconclusive, everyRule...)},
		"the application fails for others": {func(w http.ResponseWriter, r *http.Request) {
			if p := who(r); p != nil && p.org == "south" {
				w.WriteHeader(500)
				return
			}
			sound(w, r)
		}, with(same), all(letter, readiness.Inconclusive, ruleCrossOrg, rulePath, ruleOverride, ruleSources)},
		"a household": {func(w http.ResponseWriter, r *http.Request) {
			if p := who(r); p != nil && p.name == "cat" {
				r.Header.Set("Authorization", "Bearer token-of-ann")
			}
			sound(w, r)
		}, with(func(r *Route) { r.Allow = []string{"admin", "cat"} }), verdicts{}},
		"who is allowed is refused": {sound, with(func(r *Route) { r.Allow = []string{"admin", "cat"} }),
			verdicts{"authz.over_denied " + letter: readiness.Fail}},
		"anyone": {func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Authorization", "Bearer token-of-root")
			sound(w, r)
		}, with(same), all(letter, readiness.Fail, ruleAnonymous, ruleCrossMember, ruleCrossOrg)},
		"a shell": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `<!doctype html><html><head><title>Club</title><script src="/app.js"></script></head><body><div id="app">Loading the club</div></body></html>`)
		}, routesOf(Route{Path: "/admin", Owner: "root"}), verdicts{}},
		"a shell that varies": {func(w http.ResponseWriter, _ *http.Request) {
			tips := []string{"Bring shoes to the pier", "The gate closes at nine", "Ask the warden for keys"}
			_, _ = io.WriteString(w, `<!doctype html><html><head><script src="/app.js"></script></head><body><p>`+tips[rand.IntN(3)]+`</p></body></html>`)
		}, func(s *Spec) {
			for i := range 10 {
				s.Routes = append(s.Routes, Route{Name: fmt.Sprint(i), Path: fmt.Sprint("/admin/part-", i), Owner: "root"})
			}
		}, verdicts{}},
		"a list of others too": {func(w http.ResponseWriter, r *http.Request) {
			out := []object{}
			for _, l := range letters {
				if p := who(r); p != nil {
					out = append(out, object{"id": l.id, "number": l.number, "kind": "a usual letter"})
				}
			}
			writeJSON(w, map[bool]int{true: 401, false: 200}[who(r) == nil], object{"letters": out})
		}, routesOf(Route{Path: "/inbox", Owner: "ann"}), verdicts{"authz.list_leaks GET 127.0.0.1/inbox": readiness.Fail}},
		"lists that are alike": {func(w http.ResponseWriter, r *http.Request) {
			p := who(r)
			switch {
			case p == nil || r.URL.Path != "/inbox":
				w.WriteHeader(404)
			default:
				writeJSON(w, 200, object{"letters": []object{{"id": "letter-" + p.name + "-1", "title": "Welcome to the club", "state": "unread so far"}}})
			}
		}, routesOf(Route{Path: "/inbox", Owner: "ann"}), verdicts{}},
		"a header that rewrites": {func(w http.ResponseWriter, r *http.Request) {
			if to := r.Header.Get("X-Rewrite-URL"); to != "" && who(r) != nil {
				r.URL.Path = to
				r.Header.Set("Authorization", "Bearer token-of-root")
			}
			sound(w, r)
		}, with(same), verdicts{"authz.path_variant " + letter: readiness.Fail}},
		"HEAD is not looked at": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodHead && who(r) != nil {
				r.Header.Set("Authorization", "Bearer token-of-root")
			}
			sound(w, r)
		}, with(same), verdicts{"authz.method_override " + letter: readiness.Fail}},
		"an array of ids": {func(w http.ResponseWriter, r *http.Request) {
			if ids := r.URL.Query()["id[]"]; len(ids) > 0 && who(r) != nil {
				r.URL.Path = "/letters/" + ids[0]
				r.Header.Set("Authorization", "Bearer token-of-root")
			}
			sound(w, r)
		}, with(same), verdicts{"authz.id_sources " + letter: readiness.Fail}},
		"the digest of a password": {func(w http.ResponseWriter, r *http.Request) {
			if p := who(r); p == nil || p.name != "ann" || r.URL.Path != "/letters/4101" {
				sound(w, r)
				return
			}
			writeJSON(w, 200, object{"id": "4101", "text": letters[0].text, "credential": "$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234", "password_set": true, "content_hash": "9f86d081884c7d659a2feaa0c55ad015"})
		}, with(func(r *Route) { r.Allow = nil }), verdicts{"authz.excess_fields " + letter: readiness.Fail}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{handler: tt.handler, spec: tt.spec}
			got, result := w.check(t)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s\n%s", diff, explain(result))
			}
			if strings.Contains(explain(result), "token-of-") || strings.Contains(explain(result), letters[0].text) {
				t.Error("a finding repeats what it must not")
			}
		})
	}
}
