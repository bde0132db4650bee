package provider_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
)

// pocketBase is a membership portal that is not ours, as tools/pocketbase
// serves it.
type pocketBase struct {
	URL    string `json:"url"`
	People map[string]struct {
		ID, Email, Password, Organization, Note, Marker string
	} `json:"people"`
}

// pocketBaseProgram builds the portal once a process. It is a module of its own:
// what it depends on is none of the provider's.
var pocketBaseProgram = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "pocketbase-build")
	if err != nil {
		return "", err
	}
	program := filepath.Join(folder, "pocketbase")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = filepath.Join("..", "..", "tools", "pocketbase")
	if out, err := build.CombinedOutput(); err != nil {
		_ = os.RemoveAll(folder)
		return string(out), err
	}
	return program, nil
})

// startPocketBase serves the portal until the test ends, with collection rules
// that are right or with none.
func startPocketBase(t *testing.T, open bool) pocketBase {
	t.Helper()
	program, err := pocketBaseProgram()
	if err != nil {
		if os.Getenv("LAUNCHREADY_REQUIRE_PEERS") != "" {
			t.Fatalf("PocketBase cannot be built: %v\n%s", err, program)
		}
		t.Skipf("PocketBase cannot be built: %v\n%s", err, program)
	}
	var arguments []string
	if open {
		arguments = append(arguments, "-open")
	}
	cmd := exec.Command(program, arguments...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close() // it ends with its standard input
		_ = cmd.Wait()
	})
	ready := make(chan pocketBase, 1)
	go func() {
		line, err := bufio.NewReader(stdout).ReadBytes('\n')
		var p pocketBase
		if err == nil && json.Unmarshal(line, &p) == nil {
			ready <- p
		}
		_, _ = io.Copy(io.Discard, stdout)
	}()
	select {
	case p := <-ready:
		return p
	case <-time.After(30 * time.Second):
		t.Fatal("PocketBase did not start")
	}
	return pocketBase{}
}

func (p pocketBase) host(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Hostname()
}

// config is a configuration whose checks sign in to the portal as its people.
func (p pocketBase) config(t *testing.T, body string) string {
	t.Helper()
	identities := map[string]map[string]string{}
	for name, person := range p.People {
		identities[name] = map[string]string{"username": person.Email, "password": person.Password, "role": "member", "organization": person.Organization}
	}
	return fmt.Sprintf(`
terraform {
  required_providers {
    launchready = { source = "launchready/launchready" }
  }
}
provider "launchready" {
  probe = { allowed_hosts = [%q] }
  portal = {
    base_url = %q
    sign_in = {
      path          = "/api/collections/users/auth-with-password"
      fields        = { identity = "{{username}}", password = "{{password}}" }
      token_pointer = "/token"
    }
    whoami = { path = "/api/collections/users/records" } # a list of oneself
  }
  identities = jsondecode(%q)
}
%s`, p.host(t), p.URL, asJSON(identities), body)
}

// findings applies a configuration and returns what its checks found, by rule
// and subject. Nothing of the people's secrets may be printed or stored.
func (p pocketBase) findings(t *testing.T, body string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(p.config(t, body)), 0o600); err != nil {
		t.Fatal(err)
	}
	cli := clitest.New(t, dir)
	cli.Must(t, "init", "-input=false")
	printed := cli.Must(t, "apply", "-input=false", "-auto-approve")
	shown := cli.Must(t, "show", "-json")
	for name, person := range p.People {
		if strings.Contains(printed+shown, person.Password) {
			t.Errorf("the password of %s is printed or stored", name)
		}
	}
	var state struct {
		Values struct {
			Root struct {
				Resources []struct {
					Values struct {
						Findings []struct{ Rule, Subject, Status, Message string }
						Observed map[string]string
					}
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(shown), &state); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, check := range state.Values.Root.Resources {
		for _, f := range check.Values.Findings {
			t.Logf("%-14s %s %s: %s", f.Status, f.Rule, f.Subject, f.Message)
			out[f.Rule+" "+f.Subject] = f.Status
		}
		t.Logf("observed: %s", asJSON(check.Values.Observed))
	}
	return out
}

// routes are the members' notes, each with its owner.
func (p pocketBase) routes() string {
	note := func(name string) string {
		return fmt.Sprintf("%s = { path = %q, owner = %q, marker = %q }", name, "/api/collections/notes/records/"+p.People[name].Note, name, p.People[name].Marker)
	}
	return fmt.Sprintf(`
data "launchready_authorization_check" "this" {
  routes = {
    %s
    %s
    %s
    list   = { path = "/api/collections/notes/records", owner = "member_a", marker = %q }
    rename = { method = "PATCH", path = "/api/collections/notes/records/%s", body = jsonencode({ title = "Note of member_a" }), owner = "member_a" }
    self   = {
      method          = "PATCH"
      path            = "/api/collections/users/records/%s"
      body            = jsonencode({ name = "Person member_c" })
      owner           = "member_c"
      mass_assignment = ["verified", "created"]
    }
  }
  allow_writes = true
  enforcement  = "report"
}
`, note("member_a"), note("member_b"), note("member_c"), p.People["member_a"].Marker, p.People["member_a"].Note, p.People["member_c"].ID)
}

func TestAuthorizationOfPocketBase(t *testing.T) {
	t.Parallel()
	clitest.Program(t)
	for name, open := range map[string]bool{"right": false, "open": true} {
		t.Run(name, func(t *testing.T) {
			p := startPocketBase(t, open)
			p.findings(t, p.routes())
		})
	}
}
