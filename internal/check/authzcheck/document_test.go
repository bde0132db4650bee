package authzcheck

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func TestDocuments(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		document   string
		operations []string
		problem    string
	}{
		"3.0":  {`{"openapi":"3.0.3","info":{"title":"x","version":"1"},"servers":[{"url":"https://portal.test/v2"}],"paths":{"/a":{"get":{"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"string","nullable":true}}}}}}}}}`, []string{"GET /v2/a"}, ""},
		"3.1":  {`{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/a":{"get":{"security":[],"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":["string","null"]}}}}}},"delete":{}}}}`, []string{"DELETE /a", "GET /a public"}, ""},
		"YAML": {"openapi: 3.0.0\ninfo: {title: x, version: '1'}\npaths:\n  /a/{id}:\n    get:\n      operationId: oneA\n      responses: {'200': {description: ok}}\n", []string{"GET /a/{id}"}, ""},
		"public by default": {`{"openapi":"3.1.0","info":{"title":"x","version":"1"},"security":[{}],"paths":{"/a":{"get":{}},"/b":{"get":{"security":[{"k":[]}]}}},"components":{"securitySchemes":{"k":{"type":"http","scheme":"bearer"}}}}`,
			[]string{"GET /a public", "GET /b"}, ""},
		"a schema that holds itself": {`{"openapi":"3.0.0","info":{"title":"x","version":"1"},"paths":{"/a":{"get":{"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/N"}}}}}}}},"components":{"schemas":{"N":{"type":"object","properties":{"child":{"$ref":"#/components/schemas/N"},"m":{"$ref":"#/components/schemas/M"}}},"M":{"allOf":[{"$ref":"#/components/schemas/N"}]}}}}`,
			[]string{"GET /a"}, ""},
		"a schema that is itself":      {`{"openapi":"3.0.0","info":{"title":"x","version":"1"},"paths":{},"components":{"schemas":{"N":{"$ref":"#/components/schemas/N"}}}}`, nil, "?"},
		"two schemas that are another": {`{"openapi":"3.0.0","info":{"title":"x","version":"1"},"paths":{},"components":{"schemas":{"N":{"$ref":"#/components/schemas/M"},"M":{"$ref":"#/components/schemas/N"}}}}`, nil, "?"},
		"a parameter that is itself":   {`{"openapi":"3.0.0","info":{"title":"x","version":"1"},"paths":{"/a":{"get":{"parameters":[{"$ref":"#/components/parameters/P"}]}}},"components":{"parameters":{"P":{"$ref":"#/components/parameters/P"}}}}`, nil, "?"},
		"a path that is itself":        {`{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/a":{"$ref":"#/paths/~1a"}}}`, nil, "?"},
		"another file":                 {`{"openapi":"3.0.0","info":{"title":"x","version":"1"},"paths":{"/a":{"$ref":"/etc/passwd"}}}`, nil, "refers to another document"},
		"another host":                 {`{"openapi":"3.0.0","info":{"title":"x","version":"1"},"paths":{"/a":{"get":{"parameters":[{"$ref":"http://169.254.169.254/x.json"}]}}}}`, nil, "refers to another document"},
		"Swagger":                      {`{"swagger":"2.0","info":{"title":"x","version":"1"},"paths":{}}`, nil, "not OpenAPI 3.0 or 3.1"},
		"no document":                  {`<html>`, nil, "cannot be read"},
		"nothing":                      {``, nil, "OpenAPI"},
		"10 MB":                        {`{"openapi":"3.0.0","x-filling":"` + strings.Repeat("x", 10<<20) + `"}`, nil, "longer than 2 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := parseDocument([]byte(tt.document))
			if tt.problem != "" {
				if tt.problem != "?" && (err == nil || !strings.Contains(err.Error(), tt.problem)) {
					t.Errorf("got %v, want %q", err, tt.problem)
				}
				return // "?": that it ends is enough
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, op := range d.operations {
				line := op.method + " " + op.path
				if op.public {
					line += " public"
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(tt.operations, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Paths that are described by a reference which leads nowhere are named, and nothing
// is said to be complete.
func TestLostPaths(t *testing.T) {
	t.Parallel()
	const circle = "the OpenAPI document describes this path by a $ref"
	for name, tt := range map[string]struct {
		rest string
		want map[string]string // subject and the beginning of what is said
	}{
		"a circle of one":  {`"/a":{"$ref":"#/paths/~1a"},"/letters":{"get":{}}}}`, map[string]string{"127.0.0.1/a": circle}},
		"a circle of two":  {`"/a":{"$ref":"#/paths/~1b"},"/b":{"$ref":"#/paths/~1a"}}}`, map[string]string{"127.0.0.1/a": circle, "127.0.0.1/b": circle}},
		"a dead reference": {`"/a":{"$ref":"#/paths/~1gone"}}}`, map[string]string{"127.0.0.1": "the OpenAPI document cannot be read: its reference #/paths/~1gone leads nowhere"}},
		"of another kind":  {`"/a":{"$ref":"#/components/schemas/x"}},"components":{"schemas":{"x":{"type":"object"}}}}`, map[string]string{"127.0.0.1": "the OpenAPI document cannot be read: its reference #/components/schemas/x leads nowhere"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{handler: http.HandlerFunc(sound)}
			w.spec = func(s *Spec) {
				s.OpenAPI = &OpenAPI{Content: []byte(`{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{` + tt.rest)}
				s.Routes = []Route{{Name: "letters", Path: "/letters", Owner: "ann"}}
			}
			_, result := w.check(t)
			found := 0
			for _, f := range result.Findings {
				if f.Rule != ruleGap {
					continue
				}
				found++
				if want := tt.want[f.Subject]; want == "" || f.Status != readiness.Inconclusive || !strings.HasPrefix(f.Message, want) || !strings.Contains(f.Remedy, "OpenAPI") {
					t.Errorf("%s %s: %s (%s)", f.Status, f.Subject, f.Message, f.Remedy)
				}
			}
			if found != len(tt.want) {
				t.Errorf("%d findings\n%s", found, explain(result))
			}
		})
	}
}

func TestMoreOperationsThanAreLookedAt(t *testing.T) {
	t.Parallel()
	var paths []string
	for i := range maxOperations + 20 {
		paths = append(paths, fmt.Sprintf(`"/p%d":{"get":{}}`, i))
	}
	d, err := parseDocument([]byte(`{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{` + strings.Join(paths, ",") + `}}`))
	if err != nil || len(d.operations) != maxOperations || !d.more {
		t.Fatal(err, d)
	}
}

const lettersDocument = `{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{
	"/letters":{"get":{"operationId":"listLetters"}},
	"/letters/{letterId}":{"get":{"operationId":"oneLetter","parameters":[{"name":"letterId","in":"path","required":true,"schema":{"type":"string"},"example":"9999"}]},"delete":{}},
	"/figures":{"get":{}},
	"/weather":{"get":{}},
	"/news":{"get":{"security":[]}}
}}`

// A document's operations become rows by bindings; the others are told.
func TestBindings(t *testing.T) {
	t.Parallel()
	w := &world{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := who(r)
		switch {
		case r.URL.Path == "/openapi.json":
			_, _ = w.Write([]byte(lettersDocument))
		case r.URL.Path == "/weather" || r.URL.Path == "/news":
			writeJSON(w, 200, object{"headline": "Rain over the old pier"})
		case r.URL.Path == "/letters" && p != nil:
			out := []object{}
			for _, l := range letters {
				if l.owner == p.name {
					out = append(out, object{"id": l.id, "number": l.number})
				}
			}
			writeJSON(w, 200, object{"data": out})
		case p != nil: // the owner is not compared
			sound(w, r.WithContext(r.Context()))
		default:
			writeJSON(w, 401, object{"error": "sign in"})
		}
	})}
	w.spec = func(s *Spec) {
		s.OpenAPI = &OpenAPI{URL: s.BaseURL + "/openapi.json", Bindings: map[string]Route{
			"listLetters": {Owner: "ann"}, "GET /letters/{id}": {Owner: "ann", Allow: []string{"admin"}}, "GET /nowhere": {Owner: "ann"},
		}}
	}
	got, result := w.check(t)
	want := verdicts{
		"authz.matrix_gap DELETE 127.0.0.1/letters/{letterId}": readiness.Fail,
		"authz.matrix_gap GET 127.0.0.1/figures":               readiness.Fail,
		"authz.matrix_gap GET 127.0.0.1/weather":               readiness.Fail,
		"authz.matrix_gap binding GET /nowhere":                readiness.Inconclusive,
		"authz.undeclared_public GET 127.0.0.1/weather":        readiness.Fail,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s\n%s", diff, explain(result))
	}
}

// A route that names a thing by a word, or is below another prefix, is about the
// operation; one that is an operation of its own is not about its neighbour.
func TestRoutesCoverOperations(t *testing.T) {
	t.Parallel()
	w := &world{handler: http.HandlerFunc(sound)}
	w.spec = func(s *Spec) {
		s.OpenAPI = &OpenAPI{Content: []byte(`{"openapi":"3.0.3","info":{"title":"x","version":"1"},"servers":[{"url":"https://{host}/api/{v}","variables":{"host":{"default":"club.test"},"v":{"default":"v1"}}}],"paths":{
			"/posts/{slug}":{"get":{}}, "/posts/mine":{"get":{}}, "/users/{id}":{"get":{}}, "/users/me":{"get":{}}, "/a/{b}/c/":{"get":{}}
		}}`)}
		s.Routes = []Route{
			{Name: "a", Path: "/api/v1/posts/spring-at-the-pier", Owner: "ann"}, {Name: "b", Path: "/api/v1/posts/mine", Owner: "ann"},
			{Name: "c", Path: "/api/v1/users/me", Owner: "ann"}, {Name: "d", Path: "/api/v1/a/7/c", Owner: "ann"},
		}
	}
	_, result := w.check(t)
	got := verdicts{}
	for _, f := range result.Findings {
		if f.Rule == ruleGap && f.Status.Violates() {
			got[f.Subject] = f.Status
		}
	}
	if diff := cmp.Diff(verdicts{"GET 127.0.0.1/api/v1/users/{id}": readiness.Fail}, got); diff != "" {
		t.Errorf("(-want +got)\n%s\n%s", diff, explain(result))
	}
}

func FuzzDocument(f *testing.F) {
	f.Add([]byte(lettersDocument))
	f.Add([]byte("openapi: 3.0.0\npaths: {}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<14 {
			return
		}
		if d, err := parseDocument(data); err == nil {
			for _, op := range d.operations {
				for _, p := range parameters(op) {
					_ = example(p)
				}
				_ = bodyExample(op.op)
			}
		}
	})
}
