package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

var resetLink = regexp.MustCompile(`https?://([^/\s]+)/reset/([A-Z2-7]{26})`)

// letterTo asks for a reset with headers and returns host and token of the link
// that comes; host is the request's Host.
func (c *client) letterTo(s *Sandbox, address, host string, header http.Header) (string, string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, portalURL+"/api/password-reset", strings.NewReader(fmt.Sprintf(`{"email":%q}`, address)))
	if err != nil {
		c.t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/json")
	req.Host = host
	resp, err := c.http().Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		c.t.Fatalf("reset: %s", resp.Status)
	}
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for _, m := range s.Inbox().Messages() {
			if m.To == address {
				if link := resetLink.FindStringSubmatch(m.Raw); link != nil {
					return link[1], link[2]
				}
			}
		}
	}
	c.t.Fatalf("no letter came to %s", address)
	return "", ""
}

// TestRecoveryByMail goes the way of a member who forgot the password, through
// the edge and the mailbox.
func TestRecoveryByMail(t *testing.T) {
	t.Parallel()
	s := start(t, Options{EdgeSpeed: limiterSpeed})
	c := visit(t, s)
	confirm := func(token string) string {
		return c.try("POST", portalURL+"/api/password-reset/confirm", nil, fmt.Sprintf(`{"token":%q,"password":"a-new-password"}`, token))[:3]
	}
	evil := http.Header{"X-Forwarded-Host": {"evil.test"}}
	host, first := c.letterTo(s, "launch-test+1@inbox.example", "", evil)
	if host != "portal.acme.example" {
		t.Errorf("the link leads to %s", host)
	}
	host, second := c.letterTo(s, "launch-test+2@inbox.example", "portal.acme.example:1337", nil)
	if host != "portal.acme.example" {
		t.Errorf("the link leads to %s", host)
	}
	if got := confirm(first) + confirm(second) + confirm(second); got != "410204410" {
		t.Errorf("older, newer, newer again: %s", got)
	}
	if got := c.try("GET", portalURL+"/reset/"+second, nil, ""); !strings.HasPrefix(got, "410") {
		t.Errorf("page of a spent token: %s", got)
	}
	for i, tc := range []struct{ fault, host, want string }{
		{"reset_host_poisoning", "", "evil.test"},
		{"reset_host_poisoning_host", "portal.acme.example:1337", "portal.acme.example:1337"},
	} {
		if err := s.SetFaults(tc.fault); err != nil {
			t.Fatal(err)
		}
		if got, _ := c.letterTo(s, fmt.Sprintf("launch-test+fault%d@inbox.example", i), tc.host, evil); got != tc.want {
			t.Errorf("%s: the link leads to %s, want %s", tc.fault, got, tc.want)
		}
	}
}

// TestSecondFactor signs the administrator in with nothing but what the
// environment says.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	c := visit(t, s)
	var all map[string]struct {
		Username, Password string
		TOTPSecret         string `json:"totp_secret"`
	}
	if err := json.Unmarshal([]byte(c.env["LAUNCHREADY_IDENTITIES"]), &all); err != nil {
		t.Fatal(err)
	}
	admin := all["admin"]
	if admin.TOTPSecret == "" || all["member_a"].TOTPSecret != "" {
		t.Fatal("the administrator alone has a second factor")
	}
	var one struct {
		MFA    bool `json:"mfa_required"`
		Ticket string
	}
	if err := json.Unmarshal([]byte(c.send("POST", "/api/login", "", fmt.Sprintf(`{"email":%q,"password":%q}`, admin.Username, admin.Password), 200)), &one); err != nil || !one.MFA {
		t.Fatalf("first step: %+v %v", one, err)
	}
	code, err := totp.GenerateCode(admin.TOTPSecret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var two struct{ Token string }
	if err := json.Unmarshal([]byte(c.send("POST", "/api/login/totp", "", fmt.Sprintf(`{"ticket":%q,"code":%q}`, one.Ticket, code), 200)), &two); err != nil {
		t.Fatal(err)
	}
	if got := c.send("GET", "/api/admin/users", two.Token, "", 200); !strings.Contains(got, "member-b@acme.example") {
		t.Errorf("accounts: %s", got)
	}
}
