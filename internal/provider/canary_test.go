package provider_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// No secret of the provider block reaches output, state, plan or the most
// talkative log, whether the run succeeds or fails.
func TestSecretsStaySecret(t *testing.T) {
	s := newTarget(t, sandbox.Options{State: sandbox.AsFound})
	canaries := []string{
		s.Token(), "canary-password-7f3a", "canary-totp-91bc", "canary-bearer-5d2e", "canary-header-66a0", "canary-mailbox-0c4d", "canary-submission-5be2", "canary-monitor-e81f",
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
  monitors  = { betterstack = { api_token = "canary-monitor-e81f" } }
}
`, token, s.APIURL(), s.probeBlock())
	}
	body := dnsRecord("name = \"new\"\n type = \"A\"\n content = \"198.51.100.10\"") + zoneTLS(`mode = "strict"`) + zoneOfAcme +
		mailCheck(`enforcement = "report"`) + tlsCheck(`enforcement = "report"`) +
		deliveryCheck(`enforcement = "report"`, `trigger = { request = { url = "https://portal.acme.example/reset?to={{recipient}}", identity = "robot" } }`) +
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
			var out strings.Builder
			for _, args := range [][]string{{"init", "-input=false"}, {"plan", "-input=false", "-out=saved.tfplan"}, {"apply", "-input=false", "-auto-approve"}, {"show", "-json"}} {
				_, text := cli.Run(t, args...)
				out.WriteString(text)
			}
			texts := map[string][]byte{"output": []byte(out.String())}
			for _, file := range []string{"trace.log", "terraform.tfstate"} {
				texts[file], _ = os.ReadFile(filepath.Join(dir, file)) // a failed run has no state
			}
			for name, text := range zipped(t, filepath.Join(dir, "saved.tfplan")) {
				texts["plan "+name] = text
			}
			if len(texts["trace.log"]) < 10000 {
				t.Errorf("the log has only %d bytes", len(texts["trace.log"]))
			}
			for place, text := range texts {
				if strings.HasPrefix(place, "plan tfconfig/") {
					continue // a copy of the configuration, which the canaries stand in
				}
				for _, canary := range canaries {
					if i := bytes.Index(text, []byte(canary)); i >= 0 {
						t.Errorf("%s shows %q: ...%s...", place, canary, text[max(0, i-120):min(len(text), i+60)])
					}
				}
			}
		})
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
