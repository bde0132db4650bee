package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

const (
	rulesets   = "/zones/" + zoneID + "/rulesets"
	customRule = "http_request_firewall_custom"
)

func entryOf(phase string) string { return rulesets + "/phases/" + phase + "/entrypoint" }

// blocks is a rule for the custom phase; more are further fields.
func blocks(path string, more ...string) string {
	fields := append([]string{`"action":"block"`, fmt.Sprintf(`"expression":"http.request.uri.path eq \"/%s\""`, path)}, more...)
	return "{" + strings.Join(fields, ",") + "}"
}

// ruleset makes a call that answers a ruleset.
func (w *world) ruleset(method, path, body string) zone.Ruleset {
	w.t.Helper()
	var r zone.Ruleset
	w.call(method, path, body).into(w.t, &r)
	return r
}

// paths names the rules of a ruleset by the path that each is for, in order.
func paths(r zone.Ruleset) string {
	var out []string
	for _, rule := range r.Rules {
		_, path, _ := strings.Cut(strings.Trim(rule.Expression, `"`), `/`)
		out = append(out, path)
	}
	return strings.Join(out, " ")
}

func TestRulesets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pro", nil)
	entry := entryOf(customRule)
	if got := w.call("GET", entry, ""); got.Status != 404 || got.code() != 10003 {
		t.Errorf("absent: %d %s", got.Status, got.Body)
	}
	first := w.ruleset("PUT", entry, `{"description":"d","rules":[`+blocks("a", `"ref":"ours"`)+","+blocks("b")+`]}`)
	if first.Version != "1" || first.Kind != "zone" || first.Phase != customRule || first.Name != "default" || first.Description != "d" {
		t.Errorf("created: %+v", first)
	}
	a, b := first.Rules[0], first.Rules[1]
	if a.Ref != "ours" || b.Ref != b.ID || a.Version != "1" || !a.Enabled || a.Description != "" || a.ActionParameters != nil {
		t.Errorf("rules: %+v", first.Rules)
	}
	own := rulesets + "/" + first.ID
	if got := w.call("POST", rulesets, `{"name":"x","kind":"zone","phase":"`+customRule+`","rules":[]}`); got.Status != 400 || got.code() != 20217 {
		t.Errorf("second entry point: %d %s", got.Status, got.Body)
	}

	// By id and by ref rules stay what they are; others are new.
	second := w.ruleset("PUT", entry, fmt.Sprintf(`{"rules":[%s,%s,%s]}`,
		blocks("b2", `"id":"`+b.ID+`"`), blocks("a", `"ref":"ours"`), blocks("c", `"id":"`+otherID+`"`)))
	switch {
	case second.Version != "2" || second.ID != first.ID || second.Description != "d" || paths(second) != "b2 a c":
		t.Errorf("replaced: %+v", second)
	case second.Rules[0].ID != b.ID || second.Rules[0].Version != "2":
		t.Errorf("by id: %+v", second.Rules[0])
	case second.Rules[1].ID != a.ID || second.Rules[1].Version != "1" || !second.Rules[1].LastUpdated.Equal(a.LastUpdated):
		t.Errorf("by ref, unchanged: %+v", second.Rules[1])
	case second.Rules[2].ID == otherID || second.Rules[2].ID == "":
		t.Errorf("unknown id: %+v", second.Rules[2])
	}

	// A PATCH is the whole definition.
	patched := w.ruleset("PATCH", own+"/rules/"+a.ID, blocks("a", `"description":"why"`, `"enabled":false`))
	if r := patched.Rules[1]; r.Ref != a.ID || r.Description != "why" || r.Enabled || r.Version != "2" || patched.Version != "3" {
		t.Errorf("patched: %+v", r)
	}
	if got := w.ruleset("DELETE", own+"/rules/"+a.ID, ""); paths(got) != "b2 c" || got.Version != "4" {
		t.Errorf("deleted: %+v", got)
	}
	if got := w.ruleset("GET", own+"/versions/2", ""); paths(got) != "b2 a c" {
		t.Errorf("version 2: %+v", got)
	}
	var list []zone.Ruleset
	w.call("GET", own+"/versions", "").into(t, &list)
	if len(list) != 4 || list[0].Rules != nil || list[3].Version != "4" {
		t.Errorf("versions: %+v", list)
	}
	w.call("GET", rulesets, "").into(t, &list)
	kinds := map[string]string{}
	for _, r := range list {
		kinds[r.ID] = r.Kind
		if r.Rules != nil {
			t.Errorf("a list shows rules: %+v", r)
		}
	}
	if kinds[first.ID] != "zone" || kinds[OWASPRuleset] != "managed" || kinds[DDoSRuleset] != "managed" {
		t.Errorf("list: %v", kinds)
	}
	if got := w.ruleset("GET", rulesets+"/"+ManagedRuleset, ""); got.Kind != "managed" || got.Phase != managedPhase {
		t.Errorf("managed: %+v", got)
	}
	for _, tc := range []struct {
		name, method, path, body string
		status, code             int
		pointer                  string
	}{
		{"no such ruleset", "GET", rulesets + "/" + otherID, "", 404, 10003, ""},
		{"no such rule", "DELETE", own + "/rules/" + a.ID, "", 404, 10003, ""},
		{"no such rule to change", "PATCH", own + "/rules/" + a.ID, blocks("a"), 404, 10003, ""},
		{"no such version", "GET", own + "/versions/99", "", 404, 10003, ""},
		{"no such phase", "GET", entryOf("http_nonsense"), "", 400, codeRule, "/phase"},
		{"no such phase to create", "POST", rulesets, `{"name":"x","kind":"zone","phase":"http_nonsense","rules":[]}`, 400, codeRule, "/phase"},
		{"a managed ruleset", "PUT", rulesets + "/" + ManagedRuleset, `{"rules":[]}`, 404, 10003, ""},
		{"another rule's id", "PATCH", own + "/rules/" + b.ID, blocks("b", `"id":"`+otherID+`"`), 400, codeRule, "/id"},
		{"half a rule", "PATCH", own + "/rules/" + b.ID, `{"enabled":false}`, 400, codeRule, "/action"},
		{"a ref that is taken, in a change", "PATCH", own + "/rules/" + b.ID, blocks("b", `"ref":"`+second.Rules[2].ID+`"`), 400, codeRule, "/ref"},
		{"another name", "PUT", entry, `{"name":"new","rules":[]}`, 400, codeRule, "/name"},
		{"another kind", "PUT", entry, `{"kind":"root","rules":[]}`, 400, codeRule, "/kind"},
		{"another phase", "PUT", own, `{"phase":"ddos_l7","rules":[]}`, 400, codeRule, "/phase"},
		{"no rules", "PUT", own, `{}`, 400, codeRule, "/rules"},
		{"root ruleset", "POST", rulesets, `{"name":"x","kind":"root","phase":"ddos_l7","rules":[]}`, 400, codeRule, "/kind"},
		{"no name", "POST", rulesets, `{"kind":"zone","phase":"ddos_l7","rules":[]}`, 400, codeRule, "/name"},
		{"one ref twice", "PUT", own, `{"rules":[` + blocks("a", `"ref":"x"`) + "," + blocks("b", `"ref":"x"`) + `]}`, 400, codeRule, "/rules/1/ref"},
		{"one id twice", "PUT", own, `{"rules":[` + blocks("a", `"id":"`+b.ID+`"`) + "," + blocks("b", `"id":"`+b.ID+`"`) + `]}`, 400, codeRule, "/rules/1/id"},
		{"a ref that is taken", "POST", own + "/rules", blocks("d", `"ref":"`+b.ID+`"`), 400, codeRule, "/ref"},
		{"position in a PUT", "PUT", own, `{"rules":[` + blocks("a", `"position":{"index":1}`) + `]}`, 400, codeRule, "/rules/0/position"},
		{"field of no rule", "POST", own + "/rules", blocks("a", `"colour":"red"`), 400, codeRule, ""},
		{"no action", "POST", own + "/rules", `{"expression":"true"}`, 400, codeRule, "/action"},
		{"no expression", "POST", own + "/rules", `{"action":"block"}`, 400, codeRule, "/expression"},
		{"no JSON", "PUT", entry, `{`, 400, codeRule, ""},
	} {
		got := w.call(tc.method, tc.path, tc.body)
		pointer := ""
		if len(got.Errors) > 0 && got.Errors[0].Source != nil {
			pointer = got.Errors[0].Source.Pointer
		}
		if got.Status != tc.status || got.code() != tc.code || pointer != tc.pointer {
			t.Errorf("%s: %d %s, want %d with %d at %q", tc.name, got.Status, got.Body, tc.status, tc.code, tc.pointer)
		}
	}
	if got := w.ruleset("GET", own, ""); got.Version != "4" || paths(got) != "b2 c" {
		t.Errorf("a write that was refused had an effect: %+v", got)
	}
	if got := w.call("DELETE", own, ""); got.Status != 204 || len(got.Body) != 0 {
		t.Errorf("deleted: %d %s", got.Status, got.Body)
	}
	if got := w.call("GET", entry, ""); got.code() != 10003 {
		t.Errorf("after deletion: %s", got.Body)
	}
}

func TestRulePositions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pro", nil)
	r := w.ruleset("PUT", entryOf(customRule), `{"rules":[`+blocks("a")+","+blocks("b")+","+blocks("c")+`]}`)
	id := map[string]string{"a": r.Rules[0].ID, "b": r.Rules[1].ID, "c": r.Rules[2].ID}
	rules := rulesets + "/" + r.ID + "/rules"
	// Each step is a move, or a new rule where the name is not known yet.
	for _, step := range []struct{ name, position, want string }{
		{"c", `{"before":""}`, "c a b"},
		{"c", `{"after":""}`, "a b c"},
		{"c", `{"before":"` + id["b"] + `"}`, "a c b"},
		{"a", `{"after":"` + id["c"] + `"}`, "c a b"},
		{"b", `{"index":1}`, "b c a"},
		{"b", `{"index":3}`, "c a b"},
		{"b", `{"index":2}`, "c b a"},
		{"d", `{"index":4}`, "c b a d"},
		{"e", `{"before":""}`, "e c b a d"},
		{"f", `{"after":"` + id["c"] + `"}`, "e c f b a d"},
		{"g", `{"after":""}`, "e c f b a d g"},
		{"h", ``, "e c f b a d g h"},
	} {
		more := `"position":` + step.position
		var got zone.Ruleset
		if known, ok := id[step.name]; ok {
			got = w.ruleset("PATCH", rules+"/"+known, "{"+more+"}")
		} else if step.position == "" {
			got = w.ruleset("POST", rules, blocks(step.name))
		} else {
			got = w.ruleset("POST", rules, blocks(step.name, more))
		}
		if paths(got) != step.want {
			t.Errorf("%s to %s: %s, want %s", step.name, step.position, paths(got), step.want)
		}
		for _, rule := range got.Rules {
			if rule.Version != "1" {
				t.Errorf("a move makes a new version of a rule: %+v", rule)
			}
		}
	}
	before := w.ruleset("GET", entryOf(customRule), "")
	for _, position := range []string{
		`{}`, `{"before":"","after":""}`, `{"index":0}`, `{"index":-1}`, `{"index":10}`, `{"index":1,"before":""}`, `{"index":1.5}`,
		`{"before":"` + otherID + `"}`, `{"after":"` + otherID + `"}`, `{"top":true}`, `"first"`,
	} {
		if got := w.call("POST", rules, blocks("z", `"position":`+position)); got.Status != 400 {
			t.Errorf("%s: %d %s", position, got.Status, got.Body)
		}
	}
	if got := w.call("PATCH", rules+"/"+id["a"], `{"position":{"after":"`+id["a"]+`"}}`); got.Status != 400 {
		t.Errorf("after itself: %s", got.Body)
	}
	if got := w.call("PATCH", rules+"/"+id["a"], `{"position":{"index":9}}`); got.Status != 400 {
		t.Errorf("past the end: %s", got.Body)
	}
	if after := w.ruleset("GET", entryOf(customRule), ""); after.Version != before.Version || paths(after) != paths(before) {
		t.Errorf("refused positions had an effect: %s", paths(after))
	}
	moved := w.ruleset("PATCH", rules+"/"+id["a"], blocks("a2", `"position":{"index":1}`))
	if paths(moved) != "a2 e c f b d g h" || moved.Rules[0].Version != "2" {
		t.Errorf("changed and moved: %+v", moved)
	}
}

func TestRulesetsAtOnce(t *testing.T) {
	t.Parallel()
	const n = 20
	w := newWorld(t, "business", nil)
	r := w.ruleset("PUT", entryOf(customRule), `{"rules":[]}`)
	seen := make([]string, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			seen[i] = w.ruleset("POST", rulesets+"/"+r.ID+"/rules", blocks(strconv.Itoa(i))).Version
		})
	}
	all.Wait()
	versions := map[string]bool{}
	for _, v := range seen {
		versions[v] = true
	}
	for i := range n {
		if !versions[strconv.Itoa(i+2)] {
			t.Errorf("no write made version %d: %v", i+2, seen)
		}
	}
	if got := w.ruleset("GET", entryOf(customRule), ""); len(got.Rules) != n || got.Version != strconv.Itoa(n+1) {
		t.Errorf("%d rules in version %s", len(got.Rules), got.Version)
	}
}

func TestRulesetPermissions(t *testing.T) {
	t.Parallel()
	value := strings.Repeat("c", 40)
	for _, p := range phases() {
		w := newWorld(t, "business", func(o *Options) {
			o.Tokens = append(o.Tokens, Token{Value: value, Permissions: []Permission{ZoneEdit, DNSEdit, SettingsEdit, p.read()}})
		})
		w.ruleset("PUT", entryOf(p.name), `{"rules":[]}`)
		w.token = value
		stored := w.ruleset("GET", entryOf(p.name), "")
		for _, try := range [][2]string{
			{"PUT", entryOf(p.name)}, {"PUT", rulesets + "/" + stored.ID}, {"DELETE", rulesets + "/" + stored.ID},
			{"POST", rulesets + "/" + stored.ID + "/rules"},
		} {
			got := w.call(try[0], try[1], `{}`)
			if got.Status != http.StatusForbidden || strings.Contains(string(got.Body), `"code"`) ||
				!strings.Contains(string(got.Body), "request is not authorized") {
				t.Errorf("%s %s: %d %s", try[0], p.name, got.Status, got.Body)
			}
		}
		for _, other := range phases() {
			if got := w.call("GET", entryOf(other.name), ""); other.topic != p.topic && got.Status != http.StatusForbidden {
				t.Errorf("%s may be read with %s: %d", other.name, p.read(), got.Status)
			}
		}
		var list []zone.Ruleset
		w.call("GET", rulesets, "").into(t, &list)
		for _, r := range list {
			if of, _ := phaseNamed(r.Phase); of.topic != p.topic {
				t.Errorf("%s is listed with %s", r.Phase, p.read())
			}
		}
	}
}

func TestFreeManagedRuleset(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "free", nil)
	check := func(path string) {
		t.Helper()
		r := w.ruleset("GET", path+"/rulesets/phases/"+managedPhase+"/entrypoint", "")
		if len(r.Rules) != 1 || r.Rules[0].Action != "execute" || !strings.Contains(string(r.Rules[0].ActionParameters), FreeManagedRuleset) {
			t.Errorf("%s: %+v", path, r)
		}
	}
	check("/zones/" + zoneID)
	var made zoneView
	w.call("POST", "/zones", `{"name":"new.example","account":{"id":"`+accountID+`"}}`).into(t, &made)
	check("/zones/" + made.ID)
	if dumped := w.api.Dump(w.zone).Rulesets; len(dumped) != 1 || dumped[0].Phase != managedPhase || len(dumped[0].Rules) != 1 {
		t.Errorf("dump: %+v", dumped)
	}
	if got := w.call("POST", rulesets, `{"name":"x","kind":"zone","phase":"`+managedPhase+`","rules":[]}`); got.code() != 20217 {
		t.Errorf("created beside the one that is deployed by itself: %s", got.Body)
	}
	paid := newWorld(t, "pro", nil)
	if got := paid.call("GET", entryOf(managedPhase), ""); got.code() != 10003 {
		t.Errorf("pro: %s", got.Body)
	}
}
