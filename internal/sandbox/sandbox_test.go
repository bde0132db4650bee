package sandbox

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, options Options) *Sandbox {
	t.Helper()
	s, err := Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStates(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		state       string
		has, hasNot []string
	}{
		{Healthy, []string{"p=reject", "max-age=31536000", "TLS 1.2: accepted"}, []string{"TLS 1.0: accepted", "http://cdn."}},
		{LaunchDay, []string{"p=none", "TLS 1.0: accepted", `hsts=""`, "http://cdn.partner.example/app.js", "pricing: 200"}, []string{"v=DKIM1"}},
		{AsFound, []string{"TLS 1.0: accepted", "pricing: 200", "google-site-verification"}, []string{"v=spf1", "v=DMARC1", "v=DKIM1", "http://cdn.", "too many redirects"}},
		{BeforePortal, []string{"google-site-verification"}, []string{"TLS 1.2: accepted"}},
		{Empty, []string{"no such host"}, []string{"TLS 1.2: accepted", "google-site"}},
		{ManagedRecords, []string{"TLS 1.2: accepted", "welcome: 200", "_spf.mx.cloudflare.net"}, []string{"google-site"}},
		{Traps, []string{"p=reject", "welcome: 200", "<footer data-request="}, []string{"http://cdn."}},
		{"healthy,dmarc_missing , spf_ptr", []string{" ptr "}, []string{"v=DMARC1"}},
		{"mixed_form", []string{"p=reject", "/subscribe"}, nil},
	} {
		t.Run(tc.state, func(t *testing.T) {
			t.Parallel()
			seen := visit(t, start(t, Options{State: tc.state})).look()
			for _, want := range tc.has {
				if !strings.Contains(seen, want) {
					t.Errorf("%q is missing", want)
				}
			}
			for _, not := range tc.hasNot {
				if strings.Contains(seen, not) {
					t.Errorf("%q is there", not)
				}
			}
			if t.Failed() {
				t.Log(seen)
			}
		})
	}
	for _, bad := range []Options{{State: "made_up"}, {State: "healthy,made_up"}, {Plan: "gold"}, {Domain: "nodots"}} {
		if s, err := Start(t.Context(), bad); err == nil {
			t.Errorf("%+v was taken", bad)
			s.Close()
		}
	}
}

// TestControl goes through the control interface as the demo does.
func TestControl(t *testing.T) {
	t.Parallel()
	s := start(t, Options{State: AsFound})
	c := visit(t, s)
	call := func(method, path, body string, want int) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, s.ControlURL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != want {
			t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, resp.StatusCode, b, want)
		}
		return string(b)
	}
	dmarc := func() []string {
		found, _ := c.resolver.LookupTXT(t.Context(), "_dmarc.acme.example.")
		return found
	}

	call("PUT", "/zone/records", `{"type":"TXT","name":"_dmarc.acme.example","content":"v=DMARC1; p=reject"}`, 204)
	call("PUT", "/zone/records", `{"type":"TXT","name":"_dmarc.acme.example","content":"v=DMARC1; p=none"}`, 204)
	if diff := cmp.Diff([]string{"v=DMARC1; p=none"}, dmarc()); diff != "" {
		t.Errorf("after two edits by hand:\n%s", diff)
	}
	call("PUT", "/zone/records", `{"type":"TXT","name":"_dmarc.acme.example","content":""}`, 204)
	if got := dmarc(); len(got) != 0 {
		t.Errorf("after deletion by hand: %v", got)
	}
	call("PUT", "/zone/records", `{"type":"TXT","name":"_dmarc.other.example","content":"x"}`, 422)
	call("PUT", "/zone/records", `{"unknown":1}`, 400)
	call("PUT", "/zone/settings", `{"id":"min_tls_version","value":"1.3"}`, 204)
	if got := c.handshake("portal.acme.example", tls.VersionTLS12); !strings.Contains(got, "protocol version") {
		t.Errorf("TLS 1.2 after the setting by hand: %s", got)
	}
	s.API().SeedRule(s.account.zone, "http_request_dynamic_redirect", zone.Rule{Action: "redirect", Expression: "ssl", Ref: "by-hand"})
	if zone := call("GET", "/zone", "", 200); !strings.Contains(zone, originIP) || !strings.Contains(zone, `"min_tls_version"`) ||
		!strings.Contains(zone, `"ref":"by-hand"`) {
		t.Errorf("zone: %s", zone)
	}

	call("PUT", "/origin", `{"guard":"closed","verify_pulls":true}`, 204)
	call("PUT", "/origin", `{"guard":"ajar"}`, 422)
	call("PUT", "/origin", `{"verify_pulls":false}`, 204)
	if got := s.origin.Guard(); got != "closed" {
		t.Errorf("the guard after one change by hand: %s", got)
	}
	call("PUT", "/zone/ds", `{"published":true}`, 422)
	call("PUT", "/zone/status", `{"status":"moved"}`, 422)
	call("PUT", "/zone/status", `{"status":"active","zone":"none.example"}`, 422)
	call("PUT", "/zone/status", `{"status":"pending"}`, 204)
	if zone := call("GET", "/zone", "", 200); !strings.Contains(zone, `"status":"pending"`) {
		t.Errorf("status by hand: %s", zone)
	}
	call("PUT", "/zone/status", `{"status":"active","zone":"acme.example"}`, 204)

	call("PUT", "/portal/faults", `["mixed_script"]`, 200)
	var faults []struct {
		Name  string
		Rules []string
		Trap  bool
		On    bool
	}
	if err := json.Unmarshal([]byte(call("GET", "/portal/faults", "", 200)), &faults); err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		if f.On != (f.Name == "mixed_script") || f.Trap != (len(f.Rules) == 0) {
			t.Errorf("fault %+v", f)
		}
	}
	call("PUT", "/portal/faults", `{"faults":["launch-day"]}`, 200)
	call("PUT", "/portal/faults", `["made_up"]`, 422)
	call("PUT", "/portal/faults", `7`, 400)
	call("PUT", "/portal/faults", `["healthy"]`, 200)
	if got := c.fetch("https://portal.acme.example/welcome"); strings.Contains(got, "http://cdn.partner.example/app.js") {
		t.Errorf("a fault was left:\n%s", got)
	}
	if got := call("GET", "/inbox", "", 200); strings.TrimSpace(got) != "[]" {
		t.Errorf("inbox: %s", got)
	}

	api := func(token string) int {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", s.APIURL()+"/zones?name=acme.example", nil)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		if found := bytes.Contains(b, []byte(`"name":"acme.example"`)); resp.StatusCode == http.StatusOK && !found {
			t.Errorf("the zone is not listed: %s", b)
		}
		return resp.StatusCode
	}
	var counts struct{ Total int }
	call("GET", "/requests?reset=1", "", 200)
	if got := api(s.Token()); got != 200 {
		t.Errorf("API: %d", got)
	}
	api("wrong")
	if err := json.Unmarshal([]byte(call("GET", "/requests?reset=1", "", 200)), &counts); err != nil || counts.Total != 2 {
		t.Errorf("calls counted: %d (%v), want 2", counts.Total, err)
	}
	call("PUT", "/api/faults", `{"status":503,"body":"json","count":1}`, 204)
	call("PUT", "/api/faults", `{"status":1}`, 422)
	if first, second := api(s.Token()), api(s.Token()); first != 503 || second != 200 {
		t.Errorf("with one fault of the API: %d, %d", first, second)
	}
}

// TestSignIn goes the way of every check that needs a session: from the
// environment, through the edge, to the portal and back.
func TestSignIn(t *testing.T) {
	t.Parallel()
	c := visit(t, start(t, Options{State: Healthy}))
	var identities map[string]struct{ Username, Password string }
	if err := json.Unmarshal([]byte(c.env["LAUNCHREADY_IDENTITIES"]), &identities); err != nil {
		t.Fatal(err)
	}
	in, _ := json.Marshal(map[string]string{"email": identities["member_a"].Username, "password": identities["member_a"].Password})
	resp, err := c.http().Post("https://portal.acme.example/api/login", "application/json", bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out struct{ Token string }
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || out.Token == "" || len(resp.Cookies()) == 0 {
		t.Fatalf("sign in: %d %v", resp.StatusCode, err)
	}
	req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://portal.acme.example/api/me", nil)
	req.Header.Set("Authorization", "Bearer "+out.Token)
	me, err := c.http().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer me.Body.Close()
	if body, _ := io.ReadAll(me.Body); me.StatusCode != 200 || !strings.Contains(string(body), "north") {
		t.Errorf("me: %d %s", me.StatusCode, body)
	}
}

// TestLargeZone holds that a zone can be made larger than its plan allows, and
// be started with records that do not count.
func TestLargeZone(t *testing.T) {
	t.Parallel()
	for quota, want := range map[int]int{0: 201, 250: 251} {
		s := start(t, Options{State: Empty, Records: 5000, RecordQuota: quota})
		var err error
		made := 0
		for ; err == nil; made++ {
			_, err = s.API().Seed(s.account.zone, "A", fmt.Sprintf("a%d", made), "192.0.2.1")
		}
		if made != want || !strings.Contains(err.Error(), "quota") {
			t.Errorf("quota %d: the record %d is refused (%v), want %d", quota, made, err, want)
		}
	}
}

// BenchmarkStart is the price that every acceptance test pays.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		s, err := Start(b.Context(), Options{State: Healthy})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
