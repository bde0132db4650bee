package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/inbox"
)

// operationSights are what the operators see of a round of failures while a
// fault is on and not else, and "-" what they see then no more.
var operationSights = map[string]string{
	"log_silent":           "-log: login_failed",
	"log_not_shipped":      "-loki: login_failed",
	"log_without_fields":   "-log: login_failed from 127.0.0.1",
	"log_passwords":        "log: a password",
	"log_authorization":    "log: Bearer",
	"log_unescaped":        "log: a line of the visitor's",
	"metric_not_counted":   "-metrics: 401",
	"error_not_tracked":    "-tracker: an issue",
	"stack_trace_shown":    "error: goroutine",
	"bounce_not_counted":   "-metrics: a bounce",
	"alert_mail_lost":      "-mail: UnauthorizedSpike",
	"alert_address_unread": "mail: UnauthorizedSpike to former-employee",
	"alert_webhook_dead":   "-hook: UnauthorizedSpike",
	"alert_rule_missing":   "-rules: UnauthorizedSpike",
	"alerts_silenced":      "silences: active",
	"alert_never_resolved": "-hook: resolved",
	"watchdog_missing":     "-rules: Watchdog",
	"drill_route_missing":  "error: 404",
}

// round is one round of failures and who makes them.
type round struct {
	*client
	s     *Sandbox
	admin string
}

// watched makes every failure once, with a name of its own, and returns what is
// seen of them in the end.
func (r *round) watched(name string, patience time.Duration) string {
	r.t.Helper()
	var out strings.Builder
	see := func(seen bool, what string) {
		if seen {
			out.WriteString(what + "\n")
		}
	}
	for range 5 {
		r.answer("POST", "/api/login", "", fmt.Sprintf(`{"email":"%s\nforged %s","password":"canary-%s"}`, name, name, name))
	}
	member := r.s.Identities()["robot"].BearerToken
	r.answer("GET", "/api/admin/users", member, "")
	status, body := r.answer("POST", "/api/drill/error", r.admin, "{}")
	see(strings.Contains(body, "goroutine"), "error: goroutine")
	see(status == http.StatusNotFound, "error: 404")
	r.answer("POST", "/api/invites", member, fmt.Sprintf(`{"email":"%s@acme.example"}`, name))

	sinks := r.s.Sinks()
	var hook, mails string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		hook, mails = r.read(sinks["pager"], ""), ""
		for _, m := range r.s.Inbox().Messages() {
			if m.Mailbox != inbox.Bounces && strings.Contains(m.Raw, name) {
				mails += m.Mailbox + " " + m.Subject + "\n"
			}
		}
		if strings.Contains(hook, `"resolved","alerts":[{"status":"resolved","labels":{"alertname":"UnauthorizedSpike"`) && strings.Contains(mails, "[FIRING] Unauth") {
			break
		}
	}
	log, err := os.ReadFile(r.s.LogPath())
	if err != nil {
		r.t.Fatal(err)
	}
	for line := range strings.Lines(string(log)) {
		see(strings.HasPrefix(line, "forged "+name), "log: a line of the visitor's")
		see(strings.Contains(line, `"authorization":"Bearer`), "log: Bearer")
		if strings.Contains(line, name) || strings.Contains(line, "login_failed") {
			see(strings.Contains(line, "login_failed"), "log: login_failed")
			see(strings.Contains(line, "login_failed") && strings.Contains(line, `"source_ip":"127.0.0.1"`), "log: login_failed from 127.0.0.1")
			see(strings.Contains(line, "canary-"+name), "log: a password")
		}
	}
	loki := r.read(sinks["logs"], fmt.Sprintf("/loki/api/v1/query_range?query=%%7Bapp%%3D%%22portal%%22%%7D&limit=5000&start=0&end=%d", time.Now().Add(time.Hour).UnixNano()))
	see(strings.Contains(loki, "login_failed") && strings.Contains(loki, name), "loki: login_failed")
	metrics := r.read(sinks["metrics"], "")
	see(strings.Contains(metrics, `code="401"`), "metrics: 401")
	see(!strings.Contains(metrics, "portal_mail_bounced_total 0"), "metrics: a bounce")
	see(strings.Contains(r.read(sinks["errors"], "/api/0/projects/acme/portal/issues/?query="), "1001"), "tracker: an issue")
	rules := r.read(sinks["prometheus"], "/api/v1/rules")
	see(strings.Contains(rules, "UnauthorizedSpike"), "rules: UnauthorizedSpike")
	see(strings.Contains(rules, "Watchdog"), "rules: Watchdog")
	see(strings.Contains(r.read(sinks["alerts"], "/api/v2/silences"), `"active"`), "silences: active")
	see(strings.Contains(mails, "ops@inbox.example [FIRING] UnauthorizedSpike"), "mail: UnauthorizedSpike")
	see(strings.Contains(mails, "former-employee@inbox.example [FIRING] UnauthorizedSpike"), "mail: UnauthorizedSpike to former-employee")
	see(strings.Contains(hook, `"firing","alerts":[{"status":"firing","labels":{"alertname":"UnauthorizedSpike"`) && strings.Contains(hook, name), "hook: UnauthorizedSpike")
	see(strings.Contains(hook, `"status":"resolved"`), "hook: resolved")
	return out.String()
}

// answer makes a request and returns what came of it.
func (r *round) answer(method, path, token, body string) (status int, text string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, "https://portal.acme.example"+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := r.http().Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

// read asks a sink.
func (r *round) read(sink Sink, path string) string {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, sink.URL+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("X-Scope-OrgID", sink.Tenant)
	req.Header.Set("Authorization", "Bearer "+sink.BearerToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		r.t.Fatalf("%s%s: %s %s", sink.URL, path, resp.Status, b)
	}
	return string(b)
}

// administrator signs in with both factors.
func (r *round) administrator() string {
	r.t.Helper()
	id := r.s.Identities()["admin"]
	_, body := r.answer("POST", "/api/login", "", fmt.Sprintf(`{"email":%q,"password":%q}`, id.Username, id.Password))
	var first struct{ Ticket string }
	if err := json.Unmarshal([]byte(body), &first); err != nil || first.Ticket == "" {
		r.t.Fatalf("%s %v", body, err)
	}
	code, err := totp.GenerateCode(id.TOTPSecret, time.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	_, body = r.answer("POST", "/api/login/totp", "", fmt.Sprintf(`{"ticket":%q,"code":%q}`, first.Ticket, code))
	var second struct{ Token string }
	if err := json.Unmarshal([]byte(body), &second); err != nil || second.Token == "" {
		r.t.Fatalf("%s %v", body, err)
	}
	return second.Token
}

// TestOperationFaults holds that what goes wrong is seen in every place, and
// that each fault takes from the operators what it says.
func TestOperationFaults(t *testing.T) {
	t.Parallel()
	one := func(t *testing.T, patience time.Duration, faults ...string) string {
		t.Helper()
		s := start(t, Options{State: Healthy, EdgeSpeed: 10})
		r := &round{visit(t, s), s, ""}
		r.admin = r.administrator()
		if err := s.SetFaults(faults...); err != nil {
			t.Fatal(err)
		}
		return r.watched("lr-round", patience)
	}
	shows := func(seen, want string) bool {
		if gone, ok := strings.CutPrefix(want, "-"); ok {
			return !strings.Contains(seen, gone+"\n")
		}
		return strings.Contains(seen, want+"\n")
	}
	healthy := one(t, 20*time.Second)
	for _, f := range observabilityFaults() {
		want, known := operationSights[f.Name]
		switch {
		case !known || f.Breaks == "" || len(f.Rules) == 0 || f.Status == "" || f.Scope != ScopeOperation:
			t.Errorf("%s: incomplete", f.Name)
			continue
		case shows(healthy, want):
			t.Errorf("%s shows in a healthy client:\n%s", f.Name, healthy)
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			if seen := one(t, 4*time.Second, f.Name); !shows(seen, want) {
				t.Errorf("%q does not show in\n%s", want, seen)
			}
		})
	}
}
