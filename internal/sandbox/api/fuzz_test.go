package api

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// FuzzWriteRecord sends any body: the answer is always an envelope, and what is
// stored is in its final form: a PATCH that says nothing changes nothing.
func FuzzWriteRecord(f *testing.F) {
	for _, seed := range []string{
		`{"type":"A","name":"@","content":"192.0.2.1","proxied":true,"tags":["a:b"],"comment":null}`,
		`{"type":"AAAA","name":"*.B\u00fccher","content":"2001:DB8::1","ttl":1e2}`,
		`{"type":"TXT","name":"t","content":"\"a\\\"b\" \"c\\065\""}`,
		`{"type":"MX","name":"m","content":"MX.example.net.","priority":1}`,
		`{"type":"SRV","name":"_s._tcp","data":{"priority":1,"weight":2,"port":3,"target":"."}}`,
		`{"type":"HTTPS","name":"h","data":{"priority":1,"target":".","value":"alpn=h2 port=1"}}`,
		`{"type":"LOC","name":"l","data":{"lat_degrees":1.5,"lat_direction":"N","long_degrees":4,"long_direction":"E"}}`,
		`{"type":"CAA","name":"c","data":{"flags":0,"tag":"ISSUE","value":"\"\\"}}`,
		`{"settings":{"ipv4_only":1},"data":[],"ttl":"x"}`, `[]`, `null`, `{`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		z := zone.New(zoneID, "acme.example", accountID, "pro")
		s := New(Options{Account: NewAccount(accountID, "", z), Tokens: []Token{{Value: full, Permissions: AllPermissions()}}})
		call := func(method, path, body string) (a answer) {
			req := httptest.NewRequest(method, BasePath+path, strings.NewReader(body))
			req.Header.Set("Authorization", "Bearer "+full)
			out := httptest.NewRecorder()
			s.ServeHTTP(out, req)
			if err := json.Unmarshal(out.Body.Bytes(), &a); err != nil {
				t.Fatalf("%s: %v", out.Body, err)
			}
			return a
		}
		created := call("POST", records, body)
		if !created.Success {
			if len(created.Errors) == 0 || len(z.Records()) > 0 {
				t.Errorf("refused without a reason, or with an effect: %+v", created)
			}
			return
		}
		stored := z.Records()[0]
		if again := call("PATCH", records+"/"+stored.ID, `{}`); !again.Success {
			t.Fatalf("%+v cannot be patched: %+v", stored, again.Errors)
		}
		after := z.Records()[0]
		after.ModifiedOn = stored.ModifiedOn
		if diff := cmp.Diff(stored, after); diff != "" {
			t.Errorf("an empty PATCH changes the record:\n%s", diff)
		}
	})
}

// FuzzWriteRules sends any rules to any phase: the answer is always an envelope,
// what is refused has no effect, and what is stored can be read and written
// back without a change.
func FuzzWriteRules(f *testing.F) {
	for _, seed := range []struct {
		phase byte
		body  string
	}{
		{0, `{"rules":[` + blocks("a", `"ref":"x"`) + "," + blocks("b", `"id":"`+zoneID+`"`) + `]}`},
		{0, `{"description":null,"rules":[` + acts("skip", `{"phases":["http_ratelimit"],"products":["waf"]}`) + `]}`},
		{1, `{"rules":[` + limited("true", nil) + "," + limited("ssl", map[string]string{"period": "1e1", "counting_expression": `""`}) + `]}`},
		{2, `{"rules":[` + executes(OWASPRuleset, `,"overrides":{"categories":[{"category":"a","enabled":false}]}`) + `]}`},
		{3, `{"rules":[` + executes(DDoSRuleset, `,"overrides":{"rules":[{"id":"a","action":"block"}]}`) + `]}`},
		{4, `{"rules":[` + acts("set_cache_settings", `{"edge_ttl":{"mode":"override_origin","default":1e4,"default":1e300}}`) + `]}`},
		{5, `{"rules":[` + acts("set_cache_control", `{"max-age":{"operation":"set","value":0.5}}`) + `]}`},
		{6, `{"rules":[` + acts("redirect", `{"from_value":{"status_code":301,"target_url":{"value":"https://a/"}}}`) + `]}`},
		{7, `{"rules":[` + acts("rewrite", `{"uri":{"path":{"value":"/~"},"query":{"value":""}}}`) + `]}`},
		{8, `{"rules":[` + acts("rewrite", `{"headers":{"a/b":{"operation":"set","expression":"ip.src"}}}`) + `]}`},
		{10, `{"rules":[` + acts("set_config", `{"autominify":{"css":true},"ssl":null}`) + `]}`},
		{0, `{"rules":null}`}, {0, `{"rules":[null]}`}, {0, `[]`}, {0, `null`}, {0, `{"rules":[{"position":{}}]}`},
	} {
		f.Add(seed.phase, seed.body)
	}
	f.Fuzz(func(t *testing.T, at byte, body string) {
		z := zone.New(zoneID, "acme.example", accountID, "enterprise")
		s := New(Options{Account: NewAccount(accountID, "", z), Tokens: []Token{{Value: full, Permissions: AllPermissions()}}})
		p := phases()[int(at)%len(phases())]
		put := func(body string) (a answer) {
			req := httptest.NewRequest("PUT", BasePath+entryOf(p.name), strings.NewReader(body))
			req.Header.Set("Authorization", "Bearer "+full)
			out := httptest.NewRecorder()
			s.ServeHTTP(out, req)
			if err := json.Unmarshal(out.Body.Bytes(), &a); err != nil {
				t.Fatalf("%s: %v", out.Body, err)
			}
			return a
		}
		first := put(body)
		stored, ok := z.Ruleset(p.name)
		if !first.Success {
			if len(first.Errors) == 0 || ok {
				t.Errorf("refused without a reason, or with an effect: %+v", first)
			}
			return
		}
		again := put(string(raw(stored)))
		if !again.Success {
			t.Fatalf("%s cannot be written back: %+v", first.Result, again.Errors)
		}
		after, _ := z.Ruleset(p.name)
		if diff := cmp.Diff(stored.Rules, after.Rules); diff != "" {
			t.Errorf("written back, the rules change:\n%s", diff)
		}
	})
}
