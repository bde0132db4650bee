package ruleset

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// rules reads "f1 w1 w2": f = somebody else's, another letter = that of an
// owner named so. An id is the word itself, one with * has none yet, and a ! is a
// rule that is not what it was.
func rules(text string) []Rule {
	var out []Rule
	for word := range strings.FieldsSeq(text) {
		name := strings.Trim(word, "*!")
		r := Rule{ID: name, Ref: name, Expression: "true", Action: "block", Enabled: true}
		if name[0] != 'f' {
			r.Ref = Owner{"waf", name[:1]}.Ref(name[1:])
		}
		if strings.HasSuffix(word, "*") {
			r.ID = ""
		}
		if strings.HasSuffix(word, "!") {
			r.Expression = "false"
		}
		out = append(out, r)
	}
	return out
}

func spell(rules []Rule) string {
	var out []string
	for _, r := range rules {
		word := r.Ref
		if owner, key, ok := strings.Cut(strings.TrimPrefix(r.Ref, "lr_waf_"), "_"); ok {
			word = owner + key
		}
		if r.ID == "" {
			word += "*"
		}
		if r.Expression == "false" {
			word += "!"
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

func TestMerge(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		current  string
		position Position
		claim    string // of owner w
		want     string
	}{
		{"", First, "w1* w2*", "w1* w2*"},
		{"f1 f2", First, "w1*", "w1* f1 f2"},
		{"f1 f2", Last, "w1*", "f1 f2 w1*"},
		{"f1 w1 f2", First, "w1*", "w1 f1 f2"},
		{"f1 w1 f2", Last, "w1*", "f1 f2 w1"},
		{"w1 w2 f1", First, "w2* w1*", "w2 w1 f1"},
		{"w1 f1", First, "w1! w2*", "w1! w2* f1"},
		{"f1 w1 f2 w2 f3", First, "", "f1 f2 f3"},
		{"x1 f1", First, "w1*", "x1 w1* f1"}, // after others of ours
		{"w1 x1 f1", First, "w1* w2*", "w1 w2* x1 f1"},
		{"x1 w1 y1 f1", First, "w1!", "x1 w1! y1 f1"},
		{"f1 x1", Last, "w1*", "f1 x1 w1*"},
		{"f1 w1 x1", Last, "w2* w1*", "f1 w2* w1 x1"},
		{"x1 f1 w1", First, "w1*", "x1 w1 f1"},
	} {
		got := spell(Merge(rules(tc.current), Claim{Owner{"waf", "w"}, tc.position, rules(tc.claim)}))
		if got != tc.want {
			t.Errorf("%q at %s into %q: %q, want %q", tc.claim, tc.position, tc.current, got, tc.want)
		}
	}
}

func TestDifference(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ current, wanted, want string }{
		{"f1 w1", "f1 w1", "none"},
		{"f1", "w1* f1", `add w1* after ""`},
		{"f1 f2", "f1 w1* f2", `add w1* after "f1"`},
		{"f1 w1 f2", "f1 w1! f2", "change w1!"},
		{"f1 w1 f2", "f1 f2", "remove w1"},
		{"f1 w1 w2", "f1", "all f1"},
		{"f1 w1", "w1 f1", "all w1 f1"},
		{"w1 w2", "w1! w2!", "all w1! w2!"},
		{"w1", "w1! w2*", "all w1! w2*"},
		{"w1 w2", "w2!", "all w2!"},
		{"", "w1* w2*", "all w1* w2*"},
		{"w1", "", "remove w1"},
		{"w1 w2", "", "all "},
	} {
		edit := Difference(rules(tc.current), rules(tc.wanted))
		got := "none"
		switch {
		case edit.Add != nil:
			got = fmt.Sprintf("add %s after %q", spell([]Rule{*edit.Add}), edit.After)
		case edit.Change != nil:
			got = "change " + spell([]Rule{*edit.Change})
		case edit.Remove != "":
			got = "remove " + edit.Remove
		case edit.Whole != nil:
			got = "all " + spell(edit.Whole)
		}
		if got != tc.want || edit.None() != (tc.want == "none") {
			t.Errorf("%q to %q: %s, want %s", tc.current, tc.wanted, got, tc.want)
		}
	}
}

// Rebase gives others back what a write from a stale read took from them.
func TestRebase(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, before, written, now, want string }{
		{"added between", "f1 f2", "w1 f1", "w1 f1", "f1 f2*"},
		{"changed between", "f1!", "w1 f1", "w1 f1", "f1!"},
		{"deleted between", "f1", "w1 f1 f2", "w1 f1 f2", "f1"},
		{"added since", "f1", "w1 f1", "w1 f1 f3", "f1 f3"},
		{"deleted since", "f1 f2", "f1 f2 w1", "f1 w1", "f1"},
	} {
		// A rule that went lost its id, and with it a ref that only repeated it.
		got := Rebase(rules(tc.before), rules(tc.written), rules(tc.now))
		for i := range got {
			if got[i].ID == "" {
				got[i].Ref = "f2"
			}
		}
		if spell(got) != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, spell(got), tc.want)
		}
	}
}

// Rules of others go back as they came, with what this package does not know.
func TestForeignRulesKeepAll(t *testing.T) {
	t.Parallel()
	raw := json.RawMessage(`{"id":"a","ref":"a","version":"3","last_updated":"2026-01-01T00:00:00Z","expression":"true","action":"new_action",` +
		`"action_parameters":{"n":12345678901234567890},"exposed_credential_check":{"x":1},"enabled":false}`)
	r, err := ParseRule(raw)
	if err != nil {
		t.Fatal(err)
	}
	merged := Merge([]Rule{r}, Claim{Owner{"waf", "w"}, First, rules("w1*")})
	got, err := json.Marshal(merged[1])
	want := `{"action":"new_action","action_parameters":{"n":12345678901234567890},"enabled":false,"exposed_credential_check":{"x":1},"expression":"true","id":"a","ref":"a"}`
	if err != nil || string(got) != want {
		t.Errorf("%s %v\nwant %s", got, err, want)
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	base := Rule{Ref: "a", Expression: "true", Action: "execute", Enabled: true, Parameters: json.RawMessage(`{"id":"x","overrides":{"enabled":true}}`)}
	for name, tc := range map[string]struct {
		change func(*Rule)
		same   bool
	}{
		"version filled in": {func(r *Rule) {
			r.Parameters = json.RawMessage(`{"version":"latest","overrides":{"enabled":true},"id":"x"}`)
		}, true},
		"empty objects": {func(r *Rule) {
			r.Parameters = json.RawMessage(`{"overrides":{"enabled":true},"id":"x","y":{}}`)
			r.Logging = json.RawMessage(`{}`)
		}, true},
		"an id":                 {func(r *Rule) { r.ID = "1" }, true},
		"requests_to_origin":    {func(r *Rule) { r.RateLimit = json.RawMessage(`{"requests_to_origin":false}`) }, true},
		"another value":         {func(r *Rule) { r.Parameters = json.RawMessage(`{"id":"y","overrides":{"enabled":true}}`) }, false},
		"off":                   {func(r *Rule) { r.Enabled = false }, false},
		"a version of its own":  {func(r *Rule) { r.Parameters = json.RawMessage(`{"id":"x","version":"3","overrides":{"enabled":true}}`) }, false},
		"logging that is off":   {func(r *Rule) { r.Logging = json.RawMessage(`{"enabled":false}`) }, false},
		"another description":   {func(r *Rule) { r.Description = "by hand" }, false},
		"parameters of no form": {func(r *Rule) { r.Parameters = json.RawMessage(`[]`) }, false},
	} {
		other := base
		tc.change(&other)
		if base.Same(other) != tc.same {
			t.Errorf("%s: same is %v", name, !tc.same)
		}
	}
}

func FuzzMerge(f *testing.F) {
	f.Add("f1 w1 x1 f2", "w1 w2", true)
	f.Fuzz(func(t *testing.T, text, claim string, first bool) {
		clean := func(s, letters string) string {
			var out []string
			for i := range len(s) {
				word := fmt.Sprintf("%c%d", letters[int(s[i])%len(letters)], s[i]/4%8)
				if !slices.Contains(out, word) {
					out = append(out, word)
				}
			}
			return strings.Join(out, " ")
		}
		current, position := rules(clean(text, "fwx")), Last
		if first {
			position = First
		}
		c := Claim{Owner{"waf", "w"}, position, rules(clean(claim, "w"))}
		for i := range c.Rules {
			c.Rules[i].ID = ""
		}
		merged := Merge(current, c)
		if !c.Holds(merged) {
			t.Errorf("%s: claim %s does not hold", spell(merged), spell(c.Rules))
		}
		others := func(all []Rule) []Rule {
			return slices.DeleteFunc(slices.Clone(all), c.Owner.Owns)
		}
		if !equalRules(others(current), others(merged)) {
			t.Errorf("others changed: %s to %s", spell(current), spell(merged))
		}
		if again := Merge(merged, c); !equalRules(merged, again) {
			t.Errorf("not stable: %s to %s", spell(merged), spell(again))
		}
	})
}
