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
