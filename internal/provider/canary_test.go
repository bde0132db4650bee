package provider_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/leaks"
)

// No secret of the provider block reaches output, state, plan or the most
// talkative log, whether the run succeeds or fails.
func TestSecretsStaySecret(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.AsFound})
	canaries := []string{
		s.Token(), "canary-password-7f3a", "canary-totp-91bc", "canary-bearer-5d2e", "canary-header-66a0", "canary-mailbox-0c4d", "canary-submission-5be2", "canary-monitor-e81f", s.BetterStack().Token,
		"canary-sink-token-41d0", "canary-sink-password-9c2b", "canary-sink-header-3f77",
		"cfut_canarycanarycanarycanarycanarycanary01",
	}
	block := func(token string) string {
		return fmt.Sprintf(`
terraform {
  required_providers {
    launchready = { source = "launchready/launchready" }
  }
}
provider "launchready" {
  cloudflare = { api_token = %q, base_url = %q }
  probe      = %s
  identities = {
    member_a = { username = "a@acme.example", password = "canary-password-7f3a", totp_secret = "canary-totp-91bc" }
    robot    = { bearer_token = "canary-bearer-5d2e", headers = { "X-Key" = "canary-header-66a0" } }
  }
  mailboxes = {
    inbox   = { imap = "127.0.0.1:1", username = "a@acme.example", password = "canary-mailbox-0c4d" }
    product = { smtp = "127.0.0.1:1", username = "a", password = "canary-submission-5be2" }
  }
  sinks = {
    loki    = { type = "loki", url = "http://127.0.0.1:1", bearer_token = "canary-sink-token-41d0" }
    metrics = { type = "metrics", url = "http://127.0.0.1:1/metrics", username = "a", password = "canary-sink-password-9c2b" }
    events  = { type = "json", url = "http://127.0.0.1:1/events", headers = { "X-Key" = "canary-sink-header-3f77" } }
  }
  monitors  = { betterstack = { api_token = %q, base_url = %q }, uptimerobot = { api_key = "canary-monitor-e81f" } }
}
`, token, s.APIURL(), s.probeBlock(), s.BetterStack().Token, s.BetterStack().URL)
	}
	body := uptimeMonitor("backend = \"betterstack\"\n name = \"portal\"\n url = \"https://portal.acme.example\"") + dnsRecord("name = \"new\"\n type = \"A\"\n content = \"198.51.100.10\"") + zoneTLS(`mode = "strict"`) + zoneOfAcme +
		mailCheck(`enforcement = "report"`) + tlsCheck(`enforcement = "report"`) +
		deliveryCheck(`enforcement = "report"`, `trigger = { request = { url = "https://portal.acme.example/reset?to={{recipient}}", identity = "robot" } }`) +
		obsCheck(`enforcement = "report"`, `drills = { a = { request = { url = "https://portal.acme.example/x", identity = "robot" }, signals = { a = { sink = "loki" }, b = { sink = "metrics", query = "x" }, c = { sink = "events" } } } }`) +
		strings.Replace(deliveryCheck(`enforcement = "report"`, `trigger = { smtp = { account = "product", from = "a@acme.example" } }`), `"this"`, `"submitted"`, 1)
	for name, config := range map[string]string{
		"a run that succeeds": block(s.Token()) + body,
		"a wrong token":       block("cfut_canarycanarycanarycanarycanarycanary01") + body,
		"a malformed token":   block("Bearer cfut_canarycanarycanarycanarycanarycanary01") + body,
		"a bad argument":      strings.Replace(block(s.Token()), "timeout       = \"3s\"", "timeout = \"3\"", 1) + body,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			log := filepath.Join(dir, "trace.log")
			cli := clitest.New(t, dir, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
			texts := traces(t, cli, log)
			for place, text := range texts {
				for _, canary := range canaries {
					if i := bytes.Index(text, []byte(canary)); i >= 0 {
						t.Errorf("%s shows %q: ...%s...", place, canary, text[max(0, i-120):min(len(text), i+60)])
					}
				}
			}
		})
	}
}

// traces runs a configuration and returns all that it leaves behind, by place.
// log is where its most talkative log goes; apply is what is applied: nothing for
// another plan of the configuration, or the saved one.
func traces(t *testing.T, cli *clitest.CLI, log string, apply ...string) map[string][]byte {
	t.Helper()
	var out strings.Builder
	for _, args := range [][]string{{"init", "-input=false"}, {"plan", "-input=false", "-out=" + savedPlan}, append([]string{"apply", "-input=false", "-auto-approve"}, apply...), {"show", "-json"}} {
		_, text := cli.Run(t, args...)
		out.WriteString(text)
	}
	texts := map[string][]byte{"output": []byte(out.String())}
	for _, file := range []string{log, filepath.Join(cli.Dir, "terraform.tfstate")} {
		texts[filepath.Base(file)], _ = os.ReadFile(file) // a failed run has no state
	}
	for name, text := range zipped(t, filepath.Join(cli.Dir, savedPlan)) {
		if !strings.HasPrefix(name, "tfconfig/") { // a copy of the configuration, which the secrets may stand in
			texts["plan "+name] = text
		}
	}
	if len(texts[filepath.Base(log)]) < 10000 {
		t.Errorf("the log has only %d bytes", len(texts[filepath.Base(log)]))
	}
	return texts
}

const savedPlan = "saved.tfplan"

// Nothing that the checks of the application sign in with, are given on the way or
// find reaches output, state, plan or the most talkative log.
func TestWhatChecksLearnStaysSecret(t *testing.T) {
	t.Parallel()
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy, EdgeSpeed: rateSpeed})
	if err := s.SetFaults("secret_in_deleted_file", "secret_in_bundle", "secret_in_logs", "authz_object_unchecked", "authz_public_route_leak_token", "session_survives_logout", "session_token_in_url", "jwt_weak_secret"); err != nil {
		t.Fatal(err)
	}
	work, err := s.Workplace()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := fmt.Sprintf(`
terraform {
  required_providers {
    launchready = { source = "launchready/launchready" }
  }
}
provider "launchready" {
  portal = {
    base_url = "https://portal.acme.example"
    sign_in = {
      path          = "/api/login"
      token_pointer = "/token"
      second_factor = { path = "/api/login/totp", fields = { ticket = "{{answer:/ticket}}", code = "{{totp}}" } }
    }
    sign_out = { path = "/api/logout" }
    whoami   = { path = "/api/me" }
  }
}
data "launchready_authorization_check" "this" {
  routes = {
    invoice = { path = "/api/invoices/{id}", params = { id = "5001" }, owner = "member_a", allow = ["admin"] }
    users   = { path = "/api/admin/users", owner = "admin" }
  }
  public_paths = ["/", "/community", "/api/public/events"]
  enforcement  = "report"
}
data "launchready_authentication_check" "this" {
  depends_on  = [data.launchready_authorization_check.this]
  identity    = "member_a"
  admin       = "admin"
  admin_paths = ["/api/admin/users"]
  mutable     = "disposable"
  recovery = {
    mailbox = "inbox"
    request = { path = "/api/password-reset", body = jsonencode({ email = "{{address}}" }) }
    confirm = { path = "/api/password-reset/confirm", body = jsonencode({ token = "{{token}}", password = "{{password}}" }) }
  }
  sensitive_changes = {
    password = { path = "/api/password", body = jsonencode({ current_password = "{{current_password}}", password = "{{password}}" }) }
  }
  token_sign_in = {
    path          = "/api/token"
    token_pointer = "/access_token"
    refresh       = { path = "/api/token/refresh", body = jsonencode({ refresh_token = "{{refresh_token}}" }) }
  }
  enforcement = "report"
}
data "launchready_secrets_check" "this" {
  repository  = %q
  logs        = [%q]
  pages       = ["/"]
  enforcement = "report"
}
`, work.Repository(), work.Logs())
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "trace.log")
	cli := clitest.New(t, dir, append(s.Environment(), "TF_LOG=TRACE", "TF_LOG_PATH="+log)...)
	known := leaks.All()
	for _, id := range s.Identities() {
		for _, secret := range []string{id.Password, id.TOTPSecret, id.BearerToken} {
			if secret != "" {
				known = append(known, secret)
			}
		}
	}
	// What the portal hands out is drawn: sessions, tickets and tokens of letters
	// as rand.Text writes them, and JWTs.
	drawn := regexp.MustCompile(`\b[A-Z2-7]{26}\b|eyJ[A-Za-z0-9_-]{10,}\.eyJ`)
	texts := traces(t, cli, log, savedPlan) // a plan reads all that an apply would read again
	for _, rule := range []string{"authz.object_cross_member", "session.survives_logout", "secrets.in_history", "secrets.in_bundle", "jwt.weak_secret"} {
		if !bytes.Contains(texts["terraform.tfstate"], []byte(rule)) {
			t.Errorf("the checks did not run: no %s in the state", rule)
		}
	}
	for place, text := range texts {
		for _, secret := range known {
			if i := bytes.Index(text, []byte(secret)); i >= 0 {
				t.Errorf("%s shows a secret behind ...%s", place, text[max(0, i-160):i])
			}
		}
		if i := drawn.FindIndex(text); i != nil {
			t.Errorf("%s shows what was drawn behind ...%s", place, text[max(0, i[0]-160):i[0]])
		}
	}
}

// zipped returns the files of a plan file.
func zipped(t *testing.T, name string) map[string][]byte {
	t.Helper()
	r, err := zip.OpenReader(name)
	if err != nil {
		return nil // no plan was written
	}
	defer r.Close()
	out := map[string][]byte{}
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name], err = io.ReadAll(rc)
		rc.Close()
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}
