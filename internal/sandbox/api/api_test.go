package api

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

const (
	zoneID    = "023e105f4ecef8ad9ca31a8372d0c353"
	otherID   = "123e105f4ecef8ad9ca31a8372d0c353"
	accountID = "f23e105f4ecef8ad9ca31a8372d0c353"
	full      = "cfut_0123456789012345678901234567890123456789"
	records   = "/zones/" + zoneID + "/dns_records"
	settings  = "/zones/" + zoneID + "/settings"
)

// world is an API with a client of it.
type world struct {
	t      *testing.T
	api    *Server
	zone   *zone.Zone
	url    string
	client *http.Client
	token  string
}

func newWorld(t *testing.T, plan string, change func(*Options)) *world {
	t.Helper()
	w := &world{t: t, zone: zone.New(zoneID, "acme.example", accountID, plan), token: full}
	o := Options{
		Account: NewAccount(accountID, "Acme", w.zone, zone.New(otherID, "shop.acme.example", accountID, plan)),
		Tokens:  []Token{{Value: full, Permissions: AllPermissions()}},
	}
	if change != nil {
		change(&o)
	}
	w.api = New(o)
	server := httptest.NewServer(w.api)
	t.Cleanup(server.Close)
	w.url, w.client = server.URL+BasePath, server.Client()
	return w
}

// answer is what came of a call.
type answer struct {
	Status  int             `json:"-"`
	Header  http.Header     `json:"-"`
	Body    []byte          `json:"-"`
	Success bool            `json:"success"`
	Errors  []Error         `json:"errors"`
	Result  json.RawMessage `json:"result"`
	Info    resultInfo      `json:"result_info"`
}

// code is the first error's, the innermost of its chain.
func (a answer) code() int {
	if len(a.Errors) == 0 {
		return 0
	}
	if c := a.Errors[0].Chain; len(c) > 0 {
		return c[len(c)-1].Code
	}
	return a.Errors[0].Code
}

func (a answer) into(t *testing.T, v any) {
	t.Helper()
	if !a.Success {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if err := json.Unmarshal(a.Result, v); err != nil {
		t.Fatal(err)
	}
}

func (w *world) send(method, path, body string, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if header != nil {
		req.Header = header
	}
	return w.client.Do(req)
}

func (w *world) call(method, path, body string) answer {
	w.t.Helper()
	header := http.Header{"Authorization": {"Bearer " + w.token}, "Content-Type": {"application/json"}}
	resp, err := w.send(method, path, body, header)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	a := answer{Status: resp.StatusCode, Header: resp.Header}
	if a.Body, err = io.ReadAll(resp.Body); err != nil {
		w.t.Fatal(err)
	}
	if bytes.HasPrefix(a.Body, []byte("{")) {
		if err := json.Unmarshal(a.Body, &a); err != nil {
			w.t.Fatalf("%s: %v", a.Body, err)
		}
	}
	if a.Header.Get("Cf-Ray") == "" || a.Header.Get("Ratelimit") == "" || a.Header.Get("Ratelimit-Policy") == "" {
		w.t.Errorf("%s %s: headers are missing: %v", method, path, a.Header)
	}
	return a
}

func (w *world) create(body string) recordView {
	w.t.Helper()
	var v recordView
	w.call("POST", records, body).into(w.t, &v)
	return v
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 40)
	value := func(n string) string { return n + long }
	w := newWorld(t, "free", func(o *Options) {
		o.Tokens = append(o.Tokens,
			Token{Value: value("ro"), Permissions: []Permission{ZoneRead, DNSRead, SettingsRead}},
			Token{Value: value("dns"), Permissions: []Permission{DNSEdit}},
			Token{Value: value("other"), Permissions: AllPermissions(), Zones: []string{otherID}},
			Token{Value: value("off"), Permissions: AllPermissions(), Disabled: true},
			Token{Value: value("old"), Permissions: AllPermissions(), ExpiresOn: time.Unix(0, 0)},
			Token{Value: value("account"), Permissions: AllPermissions(), Account: true},
		)
	})
	const a = `{"type":"A","name":"x","content":"192.0.2.1"}`
	for _, tc := range []struct {
		name, header, method, path, body string
		status, code                     int
	}{
		{"no header", "", "GET", "/zones", "", 400, 9106},
		{"no Bearer", full, "GET", "/zones", "", 400, 6111},
		{"Bearer twice", "Bearer Bearer " + full, "GET", "/zones", "", 400, 6111},
		{"quoted", `Bearer "` + full + `"`, "GET", "/zones", "", 400, 6111},
		{"global key", "Bearer 0123456789abcdef0123456789abcdef01234", "GET", "/zones", "", 400, 6111},
		{"unknown", "Bearer " + value("no"), "GET", "/zones", "", 403, 1000},
		{"unknown, verified", "Bearer " + value("no"), "GET", "/user/tokens/verify", "", 401, 1000},
		{"user token", "Bearer " + full, "GET", "/user/tokens/verify", "", 200, 0},
		{"user token at the account", "Bearer " + full, "GET", "/accounts/" + accountID + "/tokens/verify", "", 401, 1000},
		{"account token", "Bearer " + value("account"), "GET", "/accounts/" + accountID + "/tokens/verify", "", 200, 0},
		{"account token at the user", "Bearer " + value("account"), "GET", "/user/tokens/verify", "", 401, 1000},
		{"another account", "Bearer " + value("account"), "GET", "/accounts/" + otherID + "/tokens/verify", "", 403, 9109},
		{"disabled", "Bearer " + value("off"), "GET", "/zones", "", 403, 9109},
		{"disabled, verified", "Bearer " + value("off"), "GET", "/user/tokens/verify", "", 200, 0},
		{"expired", "Bearer " + value("old"), "GET", "/zones", "", 403, 9109},
		{"out of scope", "Bearer " + value("other"), "GET", records, "", 403, 9109},
		{"in scope", "Bearer " + value("other"), "GET", "/zones/" + otherID, "", 200, 0},
		{"no such zone", "Bearer " + full, "GET", "/zones/" + accountID, "", 403, 9109},
		{"may read", "Bearer " + value("ro"), "GET", records, "", 200, 0},
		{"may not write", "Bearer " + value("ro"), "POST", records, a, 403, 10000},
		{"edit contains read", "Bearer " + value("dns"), "GET", records, "", 200, 0},
		{"no settings", "Bearer " + value("dns"), "GET", settings, "", 403, 10000},
		{"no zones", "Bearer " + value("dns"), "GET", "/zones", "", 403, 10000},
		{"bad zone id", "Bearer " + full, "GET", "/zones/acme.example", "", 404, 7003},
		{"empty zone id", "Bearer " + full, "GET", "/zones//dns_records", "", 404, 7003},
		{"no such route", "Bearer " + full, "GET", "/zonez", "", 400, 7000},
		{"no such method", "Bearer " + full, "PUT", "/zones", "", 405, 10405},
		{"addresses need none", "", "GET", "/ips", "", 200, 0},
	} {
		header := http.Header{}
		if tc.header != "" {
			header.Set("Authorization", tc.header)
		}
		resp, err := w.send(tc.method, tc.path, tc.body, header)
		if err != nil {
			t.Fatal(err)
		}
		var got answer
		if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		resp.Body.Close()
		if resp.StatusCode != tc.status || got.code() != tc.code || got.Success != (tc.code == 0) {
			t.Errorf("%s: %d %+v, want %d with code %d", tc.name, resp.StatusCode, got.Errors, tc.status, tc.code)
		}
	}
	var seen []zoneView
	w.token = value("other")
	w.call("GET", "/zones?name=acme.example", "").into(t, &seen)
	if len(seen) != 0 {
		t.Errorf("a zone out of scope is listed: %+v", seen)
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pro", nil)
	for query, want := range map[string]string{
		"":                              "acme.example shop.acme.example",
		"?name=acme.example":            "acme.example",
		"?name=ACME.example":            "acme.example",
		"?name=none.example":            "",
		"?name=starts_with:shop":        "shop.acme.example",
		"?name=contains:acme":           "acme.example shop.acme.example",
		"?status=pending":               "",
		"?account.id=" + otherID:        "",
		"?account.id=" + accountID:      "acme.example shop.acme.example",
		"?per_page=5&page=2":            "",
		"?page=999999999999&per_page=5": "",
	} {
		var got []zoneView
		w.call("GET", "/zones"+query, "").into(t, &got)
		var names []string
		for _, z := range got {
			names = append(names, z.Name)
		}
		if strings.Join(names, " ") != want {
			t.Errorf("%s: %v, want %s", query, names, want)
		}
	}
	var z zoneView
	w.call("GET", "/zones/"+zoneID, "").into(t, &z)
	if z.Plan["legacy_id"] != "pro" || z.Account["id"] != accountID || z.Status != "active" {
		t.Errorf("zone: %+v", z)
	}
	for _, query := range []string{"?page=0", "?page=x", "?per_page=1"} {
		if got := w.call("GET", "/zones"+query, ""); got.Status != 400 {
			t.Errorf("%s: %d", query, got.Status)
		}
	}
}

// clock is a time that only moves when told to.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func TestRateLimit(t *testing.T) {
	t.Parallel()
	c := &clock{time.Unix(1800000000, 0)}
	w := newWorld(t, "free", func(o *Options) {
		o.Limit, o.Now = Limit{Calls: 3, Window: 5 * time.Minute}, c.now
		o.Tokens = append(o.Tokens, Token{Value: strings.Repeat("y", 40), Permissions: AllPermissions()})
	})
	step := func(status int, left, retry string) {
		t.Helper()
		got := w.call("GET", "/zones", "")
		if got.Status != status || got.Header.Get("Ratelimit") != left || got.Header.Get("Retry-After") != retry {
			t.Errorf("%d %q %q, want %d %q %q", got.Status, got.Header.Get("Ratelimit"), got.Header.Get("Retry-After"), status, left, retry)
		}
		if policy := got.Header.Get("Ratelimit-Policy"); policy != `"default";q=3;w=300` {
			t.Errorf("policy %q", policy)
		}
		if status == 429 && got.code() != 971 {
			t.Errorf("429 with code %d", got.code())
		}
	}
	step(200, `"default";r=2;t=300`, "")
	c.at = c.at.Add(100 * time.Second)
	step(200, `"default";r=1;t=200`, "")
	w.token = strings.Repeat("y", 40) // another token of the same user
	step(200, `"default";r=0;t=200`, "")
	c.at = c.at.Add(199*time.Second + time.Millisecond)
	step(429, `"default";r=0;t=300`, "300") // all is refused for five minutes from here
	c.at = c.at.Add(200 * time.Second)
	step(429, `"default";r=0;t=100`, "100")
	c.at = c.at.Add(100 * time.Second)
	step(200, `"default";r=2;t=300`, "")
	if got := w.api.Counts(); got.RateLimited != 2 || got.Total != 6 || got.ByRoute["GET /zones"] != 6 {
		t.Errorf("counts: %+v", got)
	}
	w.api.ResetCounts()
	if got := w.api.Counts(); got.Total != 0 || len(got.ByRoute) != 0 {
		t.Errorf("after the reset: %+v", got)
	}
}
