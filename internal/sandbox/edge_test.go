package sandbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
)

const portalURL = "https://portal.acme.example"

// try makes one request and says what came back, without what differs from run
// to run.
func (c *client) try(method, url string, header http.Header, body string) string {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http().Do(req)
	if err != nil {
		return stable(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return stable(err)
	}
	return fmt.Sprintf("%d %s location=%q %s", resp.StatusCode, resp.Header.Get("Cf-Cache-Status"), resp.Header.Get("Location"), text)
}

// origin asks the origin's own address for a page, as a scanner of the Internet
// would, with a certificate or none.
func (c *client) origin(scheme string) string {
	c.t.Helper()
	port := map[string]string{"http": "80", "https": "443"}[scheme]
	names := ""
	config := &tls.Config{ServerName: "portal.acme.example", InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
		names = strings.Join(s.PeerCertificates[0].DNSNames, " ")
		return nil
	}}
	ctx, cancel := context.WithTimeout(c.t.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", scheme+"://"+originIP+":"+port+"/pricing", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Host = "portal.acme.example"
	transport := &http.Transport{DialContext: c.dial, DisableKeepAlives: true, TLSClientConfig: config}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return "cut " + names
	}
	defer resp.Body.Close()
	return fmt.Sprint(resp.StatusCode, " ", names)
}

// member signs in and returns the header that says so.
func (c *client) member(s *Sandbox, name string) http.Header {
	c.t.Helper()
	id := s.Identities()[name]
	body, _ := json.Marshal(map[string]string{"email": id.Username, "password": id.Password})
	got := c.try("POST", portalURL+"/api/login", nil, string(body))
	var out struct{ Token string }
	if at := strings.IndexByte(got, '{'); at < 0 || json.Unmarshal([]byte(got[at:]), &out) != nil || out.Token == "" {
		c.t.Fatalf("sign in: %s", got)
	}
	return http.Header{"Authorization": {"Bearer " + out.Token}}
}

// burst asks a path for more than the healthy limit and returns the last answer.
func (c *client) burst(path string, header func(i int) http.Header) string {
	c.t.Helper()
	last := ""
	for i := range 12 {
		var h http.Header
		if header != nil {
			h = header(i)
		}
		last = c.try("POST", portalURL+path, h, `{"email":"nobody@acme.example"}`)
	}
	return last
}

// sights are how each fault of the edge shows, and what is seen in a healthy
// client in its place.
var sights = map[string]struct {
	look        func(*client, *Sandbox) string
	sick, sound string // beginnings
}{
	"origin_exposed":           {func(c *client, _ *Sandbox) string { return c.origin("https") + c.origin("http") }, "200 acme.example *.acme.example200", "cut cut"},
	"origin_certificate_shown": {func(c *client, _ *Sandbox) string { return c.origin("https") + c.origin("http") }, "403 acme.example *.acme.example403", "cut cut"},
	"waf_off":                  {attackIt, "200", "403"},
	"waf_log_only":             {attackIt, "200", "403"},
	"ddos_off": {func(_ *client, s *Sandbox) string {
		r, _ := s.account.zone.Ruleset(phaseDDoS)
		return string(bytes.Join([][]byte{[]byte("rules:"), rawJSON(r.Rules)}, nil))
	}, `rules:[{"id":`, "rules:null"},
	"cache_private": {func(c *client, s *Sandbox) string {
		c.try("GET", portalURL+"/account", c.member(s, "member_a"), "")
		return c.try("GET", portalURL+"/account", nil, "")
	}, `200 HIT location="" <`, `303 DYNAMIC location="/login"`},
	"cache_deception": {func(c *client, s *Sandbox) string {
		c.try("GET", portalURL+"/account/x.css", c.member(s, "member_a"), "")
		return c.try("GET", portalURL+"/account/x.css", nil, "")
	}, `200 HIT location="" <`, "404 DYNAMIC"},
	"cache_poisoned": {func(c *client, _ *Sandbox) string {
		c.try("GET", portalURL+"/?b=1", http.Header{"X-Forwarded-Host": {"evil.example"}}, "")
		got := c.try("GET", portalURL+"/?b=1", nil, "")
		return fmt.Sprint(strings.Contains(got, "https://evil.example/")) + got
	}, "true200 HIT", "false200 DYNAMIC"},
	"static_not_cached":             {cacheIt, "200 DYNAMIC", "200 HIT"},
	"development_mode_on":           {cacheIt, "200 BYPASS", "200 HIT"},
	"origin_certificate_unverified": {modeOf, `"full"`, `"strict"`},
	"origin_in_clear":               {modeOf, `"flexible"`, `"strict"`},
	"http_redirect_by_origin": {func(c *client, _ *Sandbox) string {
		return c.try("GET", "http://portal.acme.example/pricing?a=b", nil, "")
	},
		`302 DYNAMIC location="https://portal.acme.example/pricing?a=b"`, `301  location="https://portal.acme.example/pricing?a=b"`},
	"rate_limit_missing": {func(c *client, _ *Sandbox) string { return c.burst("/api/resend-code", nil) }, "202", "429"},
	"rate_limit_paths_case": {func(c *client, _ *Sandbox) string {
		c.burst("/api/resend-code", nil)
		return c.burst("/API/Resend-Code", nil)
	}, "202", "429"},
	"rate_limit_of_one_version": {func(c *client, _ *Sandbox) string { return c.burst("/api/resend-code", nil) }, "202", "429"},
	"trace_echoed": {func(c *client, _ *Sandbox) string {
		return c.try("TRACE", portalURL+"/", http.Header{"Cookie": {"a=secret"}}, "")
	}, `200  location="" TRACE /`, "405"},
	"rate_limit_by_header": {func(c *client, _ *Sandbox) string {
		return c.burst("/api/resend-code", func(i int) http.Header { return http.Header{"X-Forwarded-For": {fmt.Sprint("203.0.113.", i)}} })
	}, "202", "429"},
}

func attackIt(c *client, _ *Sandbox) string {
	return c.try("GET", portalURL+"/?lr=${jndi:ldap://127.0.0.1/}", nil, "")
}

func cacheIt(c *client, _ *Sandbox) string {
	c.try("GET", portalURL+"/static/site.css", nil, "")
	return c.try("GET", portalURL+"/static/site.css", nil, "")
}

func modeOf(_ *client, s *Sandbox) string {
	mode, _ := s.account.zone.Setting("ssl")
	return string(mode.Value)
}

// TestEdgeFaults switches every fault of the edge on and off, with the rules of
// the healthy client on each plan.
func TestEdgeFaults(t *testing.T) {
	t.Parallel()
	plans := []string{"free", "pro", "business", "enterprise"}
	n := 0
	for _, f := range append(edgeFaults(), rateFaults()...) {
		sight, known := sights[f.Name]
		if !known {
			t.Errorf("%s: no sight is named for it", f.Name)
			continue
		}
		if f.Breaks == "" || len(f.Rules) == 0 || f.Status != "fail" {
			t.Errorf("%s: incomplete", f.Name)
		}
		plan := plans[n%len(plans)]
		n++
		t.Run(f.Name+" on "+plan, func(t *testing.T) {
			t.Parallel()
			s := start(t, Options{State: Healthy, Plan: plan, EdgeSpeed: 4})
			c := visit(t, s)
			for i, step := range []struct {
				faults []string
				want   string
			}{{nil, sight.sound}, {[]string{f.Name}, sight.sick}, {nil, sight.sound}} {
				if i > 0 && strings.HasPrefix(f.Name, "rate_") {
					time.Sleep(2600 * time.Millisecond) // what was counted is over
				}
				if err := s.SetFaults(step.faults...); err != nil {
					t.Fatal(err)
				}
				if got := sight.look(c, s); !strings.HasPrefix(got, step.want) {
					t.Errorf("with faults %v: %.300s, want %s", step.faults, got, step.want)
				}
			}
		})
	}
}

// TestHealthyRules holds that the healthy client's rules let its members work
// and stop the signatures that the plan's rulesets know.
func TestHealthyRules(t *testing.T) {
	t.Parallel()
	for _, plan := range []string{"free", "pro", "business", "enterprise"} {
		t.Run(plan, func(t *testing.T) {
			t.Parallel()
			s := start(t, Options{Plan: plan})
			c := visit(t, s)
			mira := c.member(s, "member_a")
			want := map[string]string{
				"/?lr=hello": "200", "/?lr=${jndi:ldap://127.0.0.1/}": "403", "/api/me": "200 DYNAMIC", "/account": "200 DYNAMIC", "/healthz": "200",
				"/?lr=%3Cscript%3Ealert(1)%3C/script%3E": "403", "/?lr=%27%20OR%201=1--": "403", "/?lr=../../etc/passwd": "403",
				"/cdn-cgi/trace": "200",
			}
			if plan == "free" {
				want["/?lr=%3Cscript%3Ealert(1)%3C/script%3E"], want["/?lr=%27%20OR%201=1--"], want["/?lr=../../etc/passwd"] = "200", "200", "200"
			}
			for path, want := range want {
				if got := c.try("GET", portalURL+path, mira, ""); !strings.HasPrefix(got, want) {
					t.Errorf("%s: %.200s, want %s", path, got, want)
				}
			}
			if got := c.try("TRACE", portalURL+"/", nil, ""); !strings.HasPrefix(got, "405") {
				t.Errorf("TRACE: %s", got)
			}
		})
	}
}

// TestOriginPulls holds that an origin which verifies the edge's certificate
// answers nobody else, and the edge while the zone lets it be shown.
func TestOriginPulls(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	c := visit(t, s)
	check := func(what, got, want string) {
		t.Helper()
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s: %.200s, want %s", what, got, want)
		}
	}
	if err := s.GuardOrigin(portal.Open); err != nil {
		t.Fatal(err)
	}
	if err := s.GuardOrigin("ajar"); err == nil {
		t.Error("an unknown guard was taken")
	}
	check("open", c.origin("https"), "200")
	s.VerifyPulls(true)
	check("a stranger, https", c.origin("https"), "400 acme.example")
	check("a stranger, http", c.origin("http"), "400")
	check("the edge without a certificate", c.try("GET", portalURL+"/pricing", nil, ""), "400")
	if _, err := change(s.account.zone, "tls_client_auth", "on"); err != nil {
		t.Fatal(err)
	}
	check("the edge with one", c.try("GET", portalURL+"/pricing", nil, ""), "200")
	check("a stranger still", c.origin("https"), "400")
	s.VerifyPulls(false)
	check("open again", c.origin("https"), "200")
}

// TestRulesByAPI is the whole way of a rule: written over the API, carried out
// at the next request, and gone with its removal.
func TestRulesByAPI(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	c := visit(t, s)
	entry := "/zones/" + s.account.zone.ID + "/rulesets/phases/http_request_firewall_custom/entrypoint"
	for _, step := range []struct{ rules, want string }{
		{`[]`, "200"},
		{`[{"expression":"http.request.uri.path eq \"/pricing\"","action":"block"}]`, "403"},
		{`[{"expression":"http.request.uri.path eq \"/pricing\"","action":"block","enabled":false}]`, "200"},
		{`[{"expression":"http.request.uri.path eq \"/pricing\"","action":"managed_challenge"}]`, "403"},
		{`[]`, "200"},
	} {
		c.call(s, http.MethodPut, entry, `{"rules":`+step.rules+`}`)
		if got := c.try("GET", portalURL+"/pricing", nil, ""); !strings.HasPrefix(got, step.want) {
			t.Errorf("with %s: %.200s, want %s", step.rules, got, step.want)
		}
	}
}

// TestHealthyRulesAreAllowed holds that the API would take the healthy client's
// rules on each plan.
func TestHealthyRulesAreAllowed(t *testing.T) {
	t.Parallel()
	for _, plan := range []string{"free", "pro", "business", "enterprise"} {
		s := start(t, Options{Plan: plan})
		c := visit(t, s)
		for _, phase := range s.account.zone.Phases() {
			ruleset, _ := s.account.zone.Ruleset(phase)
			var rules []map[string]any
			for _, r := range ruleset.Rules {
				rule := map[string]any{"description": r.Description, "expression": r.Expression, "action": r.Action, "enabled": r.Enabled}
				if r.ActionParameters != nil {
					rule["action_parameters"] = r.ActionParameters
				}
				if r.RateLimit != nil {
					rule["ratelimit"] = r.RateLimit
				}
				rules = append(rules, rule)
			}
			c.call(s, http.MethodPut, "/zones/"+s.account.zone.ID+"/rulesets/phases/"+phase+"/entrypoint", string(rawJSON(map[string]any{"rules": rules})))
		}
	}
}
