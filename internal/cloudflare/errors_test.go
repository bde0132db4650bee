package cloudflare

import (
	"context"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestErrors(t *testing.T) {
	t.Parallel()
	setting := func(c *Client) error { _, err := c.readSetting(context.Background(), zoneID, "ssl"); return err }
	write := func(c *Client) error { _, err := c.PatchSetting(context.Background(), zoneID, "ssl", "x"); return err }
	create := func(c *Client) error {
		_, err := c.CreateRecord(context.Background(), zoneID, Record{Name: "www.acme.example", Type: "A", Content: "192.0.2.1"})
		return err
	}
	update := func(c *Client) error {
		_, err := c.UpdateRecord(context.Background(), zoneID, Record{ID: "r1", Name: "www.acme.example", Type: "A", Content: "192.0.2.1"})
		return err
	}
	list := func(c *Client) error { _, err := c.Records(context.Background(), zoneID); return err }
	zone := func(c *Client) error { _, err := c.Zone(context.Background(), "acme.example"); return err }
	for name, tc := range map[string]struct {
		call       func(*Client) error
		status     int
		body       string
		code       int
		permission string
		advice     string // part of it
	}{
		"malformed header": {zone, 400, `{"success":false,"errors":[{"code":6003,"message":"Invalid request headers","error_chain":[{"code":6111,"message":"Invalid format for Authorization header"}]}]}`, 6111, "", "wrong shape"},
		"no route":         {list, 404, `{"success":false,"errors":[{"code":7003,"message":"Could not route"},{"code":7000,"message":"No route"}],"messages":null,"result":null}`, 7003, "", "malformed"},
		"invalid token":    {zone, 401, refuse(1000, "Invalid API Token"), 1000, "", "not valid, or of the wrong kind for /zones"},
		"out of scope":     {list, 403, refuse(9109, "Unauthorized to access requested resource"), 9109, "", "zone resources"},
		"dns write":        {create, 403, refuse(10000, "Authentication error"), 10000, "DNS Write", "DNS Write on the zone"},
		"dns read":         {list, 403, refuse(10000, "Authentication error"), 10000, "DNS Read", "DNS Read"},
		"settings write":   {write, 403, refuse(10000, "Authentication error"), 10000, "Zone Settings Write", "Zone Settings Write"},
		"zone read":        {zone, 403, refuse(10000, "Authentication error"), 10000, "Zone Read", "Zone Read"},
		"no code":          {setting, 403, `{"success":false,"errors":[{"message":"request is not authorized"}]}`, 0, "Zone Settings Read", "Zone Settings Read"},
		"string code":      {setting, 403, `{"success":false,"errors":[{"code":"10000","message":"no"}]}`, 10000, "Zone Settings Read", "Zone Settings Read"},
		"word for a code":  {setting, 400, `{"success":false,"errors":[{"code":"bad_thing","message":"no"}]}`, 0, "", ""},
		"not entitled 401": {write, 401, refuse(1015, "not entitled"), 1015, "", "plan"},
		"not entitled 403": {write, 403, refuse(10010, "zone.not_entitled"), 10010, "", "plan"},
		"plan of setting":  {write, 400, refuse(1057, "cannot"), 1057, "", "plan"},
		"bad setting":      {write, 400, refuse(1007, "Invalid value"), 1007, "", "does not take this value"},
		"not found":        {setting, 404, refuse(0, ""), 0, "", "not visible to the token"},
		"ttl, wrapped":     {create, 400, `{"success":false,"errors":[{"code":1004,"message":"DNS Validation Error","error_chain":[{"code":9021,"message":"Invalid TTL"}]}],"result":null}`, 9021, "", "60 to 86400"},
		"ttl, bare":        {create, 400, `{"success":false,"errors":[{"code":9021,"message":"Invalid TTL","source":{"pointer":"/ttl"}}],"messages":null,"result":null}`, 9021, "", "60 to 86400"},
		"quota":            {create, 400, refuse(81045, "Record quota exceeded."), 81045, "", "takes no more"},
		"subdomain zone":   {create, 400, refuse(81056, "zone"), 81056, "", "zone of its own"},
		"update, gone":     {update, 404, refuse(81044, "Record does not exist."), 81044, "", "created anew"},
		"page":             {setting, 403, "<html>", 0, "", "did not come from the API"},
		"success false":    {setting, 200, refuse(10000, "Authentication error"), 10000, "Zone Settings Read", "Zone Settings Read"},
		"null errors":      {setting, 400, `{"success":false,"errors":null,"messages":null,"result":null}`, 0, "", ""},
		"odd errors":       {setting, 400, `{"success":false,"errors":{"code":1},"result":[]}`, 0, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := step{tc.status, tc.body, ""}
			if strings.HasPrefix(tc.body, "<") {
				s.header = "Content-Type: text/html"
			}
			a := serve(t, script([]step{s}))
			err := tc.call(a.Client)
			e, isError := asError(err)
			if !isError {
				t.Fatalf("error %v", err)
			}
			if e.Status != tc.status || e.Code != tc.code || e.Permission != tc.permission || e.RayID != "8f00ba5500000001-AMS" || e.Retryable || e.Message == "" {
				t.Errorf("%+v", e)
			}
			if got := e.Advice(); !strings.Contains(got, tc.advice) || (tc.advice == "") != (got == "") {
				t.Errorf("advice %q, want %q", got, tc.advice)
			}
			if got := len(a.requests()); got != 1 {
				t.Errorf("%d requests", got)
			}
		})
	}
}

func TestErrorKeepsTheChainAndThePlan(t *testing.T) {
	t.Parallel()
	a := serve(t, script([]step{
		{200, page(wireZoneText(zoneID, "acme.example", "active", "acc")), ""},
		{403, `{"success":false,"errors":[{"code":1,"message":"outer","error_chain":[{"code":10010,"message":"not_entitled"}]},{"message":"second"}]}`, ""},
	}))
	if _, err := a.Zone(context.Background(), "acme.example"); err != nil {
		t.Fatal(err)
	}
	_, err := a.PatchSetting(context.Background(), zoneID, "ciphers", []string{})
	e, isError := asError(err)
	if !isError || e.Plan != "free" || e.Zone != "acme.example" {
		t.Fatalf("%+v", err)
	}
	if diff := cmp.Diff([]Detail{{Code: 1, Message: "outer"}, {Code: 10010, Message: "not_entitled"}, {Message: "second"}}, e.Chain); diff != "" {
		t.Error(diff)
	}
	want := "write setting ciphers: Cloudflare answered 403: not_entitled (code 10010); outer (code 1); second [PATCH /zones/" + zoneID + "/settings/ciphers, cf-ray 8f00ba5500000001-AMS]"
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
}

func FuzzEnvelope(f *testing.F) {
	f.Add([]byte(ok("null")))
	f.Add([]byte(`{"success":false,"errors":[{"code":"x","error_chain":[{"error_chain":[]}]}]}`))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		env, err := parseEnvelope(body)
		if err == nil && env.Success == nil {
			t.Error("an envelope without success")
		}
		_ = rootCause(env.Errors)
		_, _ = decodeRecord(body)
	})
}

// The SDK's root package alone is a million lines to compile.
func TestSDKRootIsNotImported(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Skip("go list does not run here:", err)
	}
	for dep := range strings.Lines(string(out)) {
		if strings.HasPrefix(dep, "github.com/cloudflare/cloudflare-go/") && strings.Count(strings.TrimSpace(dep), "/") == 3 {
			t.Errorf("imports %s", dep)
		}
	}
	if !strings.Contains(string(out), "cloudflare-go/v7/dns\n") {
		t.Error("the list of dependencies lacks the SDK")
	}
}
