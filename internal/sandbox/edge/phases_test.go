package edge

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// answerAs has the origin answer with the headers and the status that the query
// orders.
func answerAs(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	for name := range query {
		if name[0] >= 'A' && name[0] <= 'Z' {
			w.Header().Set(name, query.Get(name))
		}
	}
	if status, err := strconv.Atoi(query.Get("status")); err == nil {
		w.WriteHeader(status)
	}
	fmt.Fprintf(w, "host=%s proto=%s tls=%v client=%s", r.Host, r.Header.Get("X-Forwarded-Proto"), r.TLS != nil, r.Header.Get("Cf-Connecting-Ip"))
	fmt.Fprintf(w, " path=%s query=%s secret=%s xff=%s cert=%v at=%d", r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("X-Secret"),
		r.Header.Get("X-Forwarded-For"), r.TLS != nil && len(r.TLS.PeerCertificates) > 0, time.Now().UnixNano())
	if r.URL.Path == "/long.css" {
		fmt.Fprint(w, strings.Repeat(" ", maxEntry), "end")
	}
}

// rules puts rules into a phase as the API would. A rule is JSON.
func (w *world) rules(phase string, rules ...string) {
	w.t.Helper()
	rs, _ := w.zone.Ruleset(phase)
	all := make([]zone.Rule, len(rules))
	for i, text := range rules {
		all[i] = zone.Rule{Enabled: true}
		if err := json.Unmarshal([]byte(text), &all[i]); err != nil {
			w.t.Fatal(err)
		}
		all[i].ID = fmt.Sprintf("%s-%s-%d", phase, rs.Version, i)
	}
	w.put(phase, all...)
}

// put leaves these rules in a phase.
func (w *world) put(phase string, rules ...zone.Rule) {
	_, _ = w.zone.UpdateRuleset(phase, func(rs *zone.Ruleset) error { rs.Rules = rules; return nil }) // fails only if the function does
}

// sight is what a visitor sees of an answer.
func (w *world) sight(method, url string, header http.Header) string {
	w.t.Helper()
	resp, body, err := w.ask(method, url, header)
	if err != nil {
		return err.Error()
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%d\n", resp.StatusCode)
	resp.Header.Del("Cf-Ray")
	resp.Header.Del("Date")
	_ = resp.Header.Write(&out) // to memory
	return out.String() + "\n" + clockless.ReplaceAllString(body, "")
}

var clockless = regexp.MustCompile(` at=\d+`)

const site = "https://portal.acme.example"

// TestPhases holds that a rule of each phase takes effect at the next request,
// and that nothing is left of it once it is gone.
func TestPhases(t *testing.T) {
	t.Parallel()
	const jndi, script, traversal = "/?q=${jndi:ldap://127.0.0.1/}", "/?q=%3Cscript%3Ealert(1)%3C/script%3E", "/?q=../../etc/passwd"
	execute := func(id, overrides string) string {
		return fmt.Sprintf(`{"expression":"true","action":"execute","action_parameters":{"id":%q,"overrides":{%s}}}`, id, overrides)
	}
	with := func(name, value string) http.Header { return http.Header{name: {value}} }
	for _, tc := range []struct {
		name, phase string
		rules       []string
		ask         string // path
		header      http.Header
		want        []string // contained in what is seen; a leading "-" = not
	}{
		{"redirect to an expression", phaseRedirect, []string{`{"expression":"http.host eq \"portal.acme.example\"","action":"redirect","action_parameters":{"from_value":
			{"status_code":308,"target_url":{"expression":"concat(\"https://acme.example\", http.request.uri.path)"},"preserve_query_string":true}}}`},
			"/a?b=c", nil, []string{"308\n", "Location: https://acme.example/a?b=c\r"}},
		{"the first redirect wins", phaseRedirect, []string{
			`{"expression":"ssl","action":"redirect","action_parameters":{"from_value":{"status_code":302,"target_url":{"value":"https://acme.example/1"}}}}`,
			`{"expression":"ssl","action":"redirect","action_parameters":{"from_value":{"status_code":302,"target_url":{"value":"https://acme.example/2"}}}}`},
			"/a?b=c", nil, []string{"302\n", "Location: https://acme.example/1\r", "-b=c", "Server: cloudflare"}},
		{"rewrite", phaseTransform, []string{`{"expression":"starts_with(http.request.uri.path, \"/old/\")","action":"rewrite","action_parameters":
			{"uri":{"path":{"expression":"regex_replace(http.request.uri.path, \"^/old/\", \"/new/\")"},"query":{"value":"v=2"}}}}`},
			"/old/x?y=1", nil, []string{"200\n", "path=/new/x query=v=2 "}},
		{"configuration", phaseConfig, []string{`{"expression":"true","action":"set_config","action_parameters":{"ssl":"flexible"}}`}, "/", nil, []string{"tls=false"}},
		{"under attack", phaseConfig, []string{`{"expression":"true","action":"set_config","action_parameters":{"security_level":"under_attack"}}`},
			"/", nil, []string{"403\n", "Cf-Mitigated: challenge"}},
		{"block", phaseCustom, []string{`{"expression":"http.request.uri.path eq \"/wp-login.php\"","action":"block"}`}, "/a/..//%77p-login.php", nil,
			[]string{"403\n", "1020", "-Cf-Cache-Status"}},
		{"block with its own answer", phaseCustom, []string{`{"expression":"true","action":"block","action_parameters":{"response":{"status_code":418,"content_type":"text/plain","content":"no tea"}}}`},
			"/", nil, []string{"418\n", "no tea", "Content-Type: text/plain"}},
		{"challenge", phaseCustom, []string{`{"expression":"http.user_agent contains \"curl\"","action":"managed_challenge"}`}, "/", with("User-Agent", "curl/8"), []string{"403\n", "Cf-Mitigated: challenge"}},
		{"log goes on", phaseCustom, []string{`{"expression":"true","action":"log"}`, `{"expression":"true","action":"block"}`}, "/", nil, []string{"1020"}},
		{"a rule that cannot be read", phaseCustom, []string{`{"expression":"http.hots eq \"a\"","action":"block"}`}, "/", nil, []string{"500\n", "unknown field"}},
		{"the free ruleset", phaseManaged, []string{execute(freeRuleset, "")}, jndi, nil, []string{"403\n"}},
		{"the managed ruleset", phaseManaged, []string{execute(managedRuleset, "")}, script, nil, []string{"403\n"}},
		{"in a header", phaseManaged, []string{execute(managedRuleset, "")}, "/", with("User-Agent", "' OR 1=1--"), []string{"403\n"}},
		{"challenge instead of block", phaseManaged, []string{execute(managedRuleset, `"action":"managed_challenge"`)}, traversal, nil, []string{"Cf-Mitigated"}},
		{"a category to challenge", phaseManaged, []string{execute(managedRuleset, `"categories":[{"category":"xss","action":"managed_challenge"}]`)}, script, nil, []string{"Cf-Mitigated"}},
		{"a rule comes before its category", phaseManaged, []string{execute(managedRuleset, `"enabled":false,"categories":[{"category":"xss","enabled":false}],"rules":[{"id":"`+knownAttacks[1].id+`","enabled":true}]`)},
			script, nil, []string{"403\n"}},
		{"OWASP", phaseManaged, []string{execute(owaspRuleset, "")}, script, nil, []string{"403\n"}},
		{"OWASP with a low threshold", phaseManaged, []string{execute(owaspRuleset, `"rules":[{"id":"`+owaspScoring+`","score_threshold":25}],
			"categories":[{"category":"paranoia-level-2","enabled":false},{"category":"paranoia-level-3","enabled":false},{"category":"paranoia-level-4","enabled":false}]`)}, jndi, nil, []string{"403\n"}},
		{"response headers", phaseResponseHeaders, []string{`{"expression":"http.response.code eq 200","action":"rewrite","action_parameters":{"headers":{
			"X-Frame-Options":{"operation":"set","value":"DENY"},"X-Host":{"operation":"add","expression":"http.host"},"Content-Type":{"operation":"remove"}}}}`},
			"/", nil, []string{"X-Frame-Options: DENY", "X-Host: portal.acme.example"}},
		{"request headers", phaseLateTransform, []string{`{"expression":"true","action":"rewrite","action_parameters":{"headers":{"X-Secret":{"operation":"set","value":"s3"}}}}`},
			"/", with("X-Secret", "forged"), []string{"secret=s3 "}},
		{"a disabled rule", phaseCustom, []string{`{"expression":"true","action":"block","enabled":false}`, `{"expression":"true","action":"js_challenge"}`}, "/", nil, []string{"Cf-Mitigated"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, false)
			look := func() string { return w.sight("GET", site+tc.ask, tc.header) }
			before := look()
			if !strings.HasPrefix(before, "200\n") {
				t.Fatalf("without a rule: %s", before)
			}
			w.rules(tc.phase, tc.rules...)
			got := look()
			for _, want := range tc.want {
				if not, ok := strings.CutPrefix(want, "-"); ok == strings.Contains(got, not) {
					t.Errorf("want %q in\n%s", want, got)
				}
			}
			w.rules(tc.phase)
			if after := look(); after != before {
				t.Errorf("before\n%s\nafter\n%s", before, after)
			}
		})
	}
}

// TestManagedLetsPass is what the rulesets must not stop, by their kind, their
// overrides or an exception.
func TestManagedLetsPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	const jndi, script = "/?q=${jndi:ldap://127.0.0.1/}", "/?q=%3Cscript%3Ealert(1)%3C/script%3E"
	managed := func(id, overrides string) string {
		return fmt.Sprintf(`{"expression":"true","action":"execute","action_parameters":{"id":%q,"overrides":{%s}}}`, id, overrides)
	}
	for name, tc := range map[string]struct {
		custom, path string
		rules        []string
	}{
		"harmless":            {"", "/?q=Ada+or+Bob=friends", []string{managed(managedRuleset, ""), managed(owaspRuleset, "")}},
		"free knows few":      {"", script, []string{managed(freeRuleset, "")}},
		"logged":              {"", script, []string{managed(managedRuleset, `"action":"log"`)}},
		"off":                 {"", script, []string{managed(managedRuleset, `"enabled":false`)}},
		"category off":        {"", script, []string{managed(managedRuleset, `"categories":[{"category":"xss","enabled":false}]`)}},
		"high threshold":      {"", jndi, []string{managed(owaspRuleset, `"rules":[{"id":"`+owaspScoring+`","score_threshold":60}]`)}},
		"exception":           {"", script, []string{`{"expression":"true","action":"skip","action_parameters":{"ruleset":"current"}}`, managed(managedRuleset, "")}},
		"exception of one":    {"", script, []string{`{"expression":"true","action":"skip","action_parameters":{"rulesets":["` + managedRuleset + `"]}}`, managed(managedRuleset, "")}},
		"exception of a rule": {"", script, []string{`{"expression":"true","action":"skip","action_parameters":{"rules":{"` + managedRuleset + `":["` + knownAttacks[1].id + `"]}}}`, managed(managedRuleset, "")}},
		"skipped before":      {`{"expression":"true","action":"skip","action_parameters":{"phases":["http_request_firewall_managed"]}}`, script, []string{managed(managedRuleset, "")}},
		"another host":        {"", script, []string{strings.Replace(managed(managedRuleset, ""), "true", `http.host eq \"acme.example\"`, 1)}},
	} {
		w.rules(phaseManaged, tc.rules...)
		w.rules(phaseCustom)
		if tc.custom != "" {
			w.rules(phaseCustom, tc.custom)
		}
		if got := w.sight("GET", site+tc.path, nil); !strings.HasPrefix(got, "200\n") {
			t.Errorf("%s: %s", name, got)
		}
	}
	// What a custom rule skips of its own phase is the rest of it, and of the
	// products the security level.
	w.rules(phaseManaged)
	w.set("security_level", "under_attack")
	skip := `{"expression":"http.request.uri.path eq \"/open\"","action":"skip","action_parameters":{"ruleset":"current","products":["securityLevel"]}}`
	w.rules(phaseCustom, skip, `{"expression":"http.request.uri.path in {\"/open\" \"/shut\"}","action":"block"}`)
	for path, want := range map[string]string{"/open": "200\n", "/shut": "403\n", "/other": "403\n"} {
		if got := w.sight("GET", site+path, nil); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// TestTrace is what tells from outside that a host is behind the edge.
func TestTrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.rules(phaseCustom, `{"expression":"true","action":"block"}`)
	got := w.sight("GET", site+"/cdn-cgi/trace", nil)
	for _, want := range []string{"200\n", "\nh=portal.acme.example\n", "\nip=127.0.0.1\n", "\nvisit_scheme=https\n", "\ntls=TLSv1.3\n", "\ncolo=SBX\n", "\nsni=plaintext\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if got := w.sight("TRACE", site+"/", nil); !strings.HasPrefix(got, "405\n") || strings.Contains(got, "host=") {
		t.Errorf("TRACE: %s", got)
	}
}

// TestForwarded holds what an origin is told of a visitor who claims things.
func TestForwarded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	got := w.sight("GET", site+"/", http.Header{"X-Forwarded-For": {"203.0.113.9"}, "Cf-Connecting-Ip": {"203.0.113.9"}})
	if !strings.Contains(got, "client=127.0.0.1") || !strings.Contains(got, "xff=203.0.113.9, 127.0.0.1 ") {
		t.Error(got)
	}
	for setting, value := range map[string]any{"tls_client_auth": "on", "origin_tls_client_auth": true} {
		if got := w.sight("GET", site+"/", nil); !strings.Contains(got, "cert=false") {
			t.Errorf("without %s: %s", setting, got)
		}
		w.set(setting, value)
		if got := w.sight("GET", site+"/", nil); !strings.Contains(got, "cert=true") {
			t.Errorf("with %s: %s", setting, got)
		}
		w.set(setting, false)
	}
}

func TestNormalPath(t *testing.T) {
	for in, want := range map[string]string{
		"/": "/", "": "/", "*": "/*", "/a/b": "/a/b", "/a/b/": "/a/b/", "//login": "/login", "/a//b": "/a/b", "/./login": "/login", "/a/../login": "/login",
		"/../../etc": "/etc", "/a/..": "/", "/a/b/..": "/a/", "/%6Cogin": "/login", "/log%2fin": "/log%2Fin", "/login%20": "/login%20", "/%2e%2e/login": "/login", "/a/.": "/a/",
	} {
		if got := normalPath(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// FuzzNormalPath holds that what rules see of a path cannot be spelled another
// way, by dots, slashes or escapes.
func FuzzNormalPath(f *testing.F) {
	f.Add("/a/../%2e%2E//b/./%41/")
	f.Add("\\..\\x%5c")
	f.Fuzz(func(t *testing.T, path string) {
		once := normalPath((&url.URL{Path: path}).EscapedPath())
		if !strings.HasPrefix(once, "/") || strings.Contains(once, "//") || strings.Contains(once+"/", "/../") || strings.Contains(once+"/", "/./") {
			t.Errorf("%q became %q", path, once)
		}
		if twice := normalPath(once); twice != once {
			t.Errorf("%q became %q, and then %q", path, once, twice)
		}
	})
}

// FuzzRules holds that no parameters of a rule make the edge panic, whatever it
// says of them.
func FuzzRules(f *testing.F) {
	w := newWorld(f, false)
	for i, p := range []string{
		`{"from_value":{"status_code":99,"target_url":{"expression":"http.host"}}}`, `{"uri":{"path":{"value":"x"}}}`, `{"ssl":null}`, `{"response":{"status_code":-1}}`,
		`{"characteristics":["http.request.headers"],"period":-1}`, `{"id":"` + owaspRuleset + `","overrides":null}`,
		`{"cache":true,"edge_ttl":{"mode":"override_origin","default":-5,"status_code_ttl":[{}]}}`, `{"headers":{"":{"operation":"set","value":"\n"}}}`,
	} {
		f.Add(byte(i), "execute", p)
	}
	phases := []string{phaseRedirect, phaseTransform, phaseConfig, phaseCustom, phaseRateLimit, phaseManaged, phaseCache, phaseLateTransform, phaseResponseCache, phaseResponseHeaders}
	f.Fuzz(func(t *testing.T, phase byte, action, parameters string) {
		at := phases[int(phase)%len(phases)]
		if !json.Valid([]byte(parameters)) {
			return
		}
		w.put(at, zone.Rule{ID: "r", Enabled: true, Expression: "true", Action: action, ActionParameters: json.RawMessage(parameters), RateLimit: json.RawMessage(parameters)})
		defer w.zone.RemoveRuleset(at)
		r := httptest.NewRequest("GET", "http://portal.acme.example/a.css?x=1", nil)
		w.edge.ServeHTTP(httptest.NewRecorder(), r)
	})
}
