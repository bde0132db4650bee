package provider_test

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/pki"
)

// pocketBaseHost is the name that the portal goes by: https://portal.example.
const pocketBaseHost = "portal.example"

// pocketBase is a membership portal that is not ours, as tools/pocketbase
// serves it, behind a proxy that has a certificate and changes nothing.
type pocketBase struct {
	URL     string `json:"url"`
	address string // of the proxy, host:port
	roots   []byte // PEM
	// resolver knows an address of the host; empty = nobody does, which is enough
	// for what is asked for by name.
	resolver string
	People   map[string]struct {
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
		p.address, p.roots = proxied(t, p.URL)
		return p
	case <-time.After(30 * time.Second):
		t.Fatal("PocketBase did not start")
	}
	return pocketBase{}
}

// proxied puts TLS before a server.
func proxied(t *testing.T, server string) (address string, roots []byte) {
	t.Helper()
	authority, err := pki.NewAuthority("Launchready tests", "PocketBase", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := authority.Issue(pki.Leaf{Names: []string{pocketBaseHost}})
	if err != nil {
		t.Fatal(err)
	}
	to, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host
	}})
	proxy.TLS = &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
	proxy.StartTLS()
	t.Cleanup(proxy.Close)
	return proxy.Listener.Addr().String(), authority.RootPEM()
}

// config is a configuration whose checks sign in to the portal as its people.
func (p pocketBase) config(body string) string {
	identities := map[string]map[string]string{}
	for name, person := range p.People {
		identities[name] = map[string]string{"username": person.Email, "password": person.Password, "role": "member", "organization": person.Organization}
	}
	resolvers := "null"
	if p.resolver != "" {
		resolvers = fmt.Sprintf("[%q]", p.resolver)
	}
	return fmt.Sprintf(`
terraform {
  required_providers {
    launchready = { source = "launchready/launchready" }
  }
}
provider "launchready" {
  probe = {
    allowed_hosts = [%q]
    connect_to    = { %q = %q }
    ca_bundle     = %q
    resolvers     = %s
  }
  portal = {
    base_url = "https://%s"
    sign_in = {
      path          = "/api/collections/users/auth-with-password"
      fields        = { identity = "{{username}}", password = "{{password}}" }
      token_pointer = "/token"
    }
    whoami = { path = "/api/collections/users/records" } # a list of oneself
  }
  identities = jsondecode(%q)
}
%s`, pocketBaseHost, pocketBaseHost+":443", p.address, string(p.roots), resolvers, pocketBaseHost, asJSON(identities), body)
}

// findings applies a configuration and returns what its checks found, by rule
// and subject. Nothing of the people's secrets may be printed or stored.
func (p pocketBase) findings(t *testing.T, body string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(p.config(body)), 0o600); err != nil {
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
		return fmt.Sprintf("%s = { path = \"/api/collections/notes/records/{id}\", params = { id = %q }, owner = %q, marker = %q }", name, p.People[name].Note, name, p.People[name].Marker)
	}
	return fmt.Sprintf(`
data "launchready_authorization_check" "this" {
  routes = {
    %s
    %s
    %s
    list   = { path = "/api/collections/notes/records", owner = "member_a", marker = %q }
    rename = { method = "PATCH", path = "/api/collections/notes/records/{id}", params = { id = %q }, body = jsonencode({ title = "Note of member_a" }), owner = "member_a" }
    self   = {
      method          = "PATCH"
      path            = "/api/collections/users/records/{id}"
      params          = { id = %q }
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

// violated are the findings that stand against a launch.
func violated(findings map[string]string) []string {
	var out []string
	for finding, status := range findings {
		if status == "fail" || status == "inconclusive" {
			out = append(out, status+" "+finding)
		}
	}
	slices.Sort(out)
	return out
}

// Members see and change their own where the rules of the collection are right,
// and everybody's where there are none.
func TestAuthorizationOfPocketBase(t *testing.T) {
	t.Parallel()
	clitest.Program(t)
	const note, list = "portal.example/api/collections/notes/records/{id}", "portal.example/api/collections/notes/records"
	open := []string{
		"fail authz.list_leaks GET " + list,
		"fail authz.object_anonymous GET " + list,
		"fail authz.object_anonymous PATCH " + note,
		"fail authz.object_cross_member GET " + note + " of member_a",
		"fail authz.object_cross_member GET " + note + " of member_c",
		"fail authz.write_cross_member PATCH " + note,
	}
	for _, owner := range []string{"member_a", "member_b", "member_c"} {
		open = append(open, "fail authz.object_anonymous GET "+note+" of "+owner, "fail authz.object_cross_org GET "+note+" of "+owner)
	}
	slices.Sort(open)
	for name, want := range map[string][]string{"right": nil, "open": open} {
		t.Run(name, func(t *testing.T) {
			p := startPocketBase(t, name == "open")
			if diff := cmp.Diff(want, violated(p.findings(t, p.routes()))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// What PocketBase does not do by default is found, and what it does is not
// reported: bursts at the sign-in, pages of other origins, and headers.
func TestEdgesOfPocketBase(t *testing.T) {
	t.Parallel()
	clitest.Program(t)
	p := startPocketBase(t, false)
	p.resolver = newTarget(t, sandbox.Options{Domain: pocketBaseHost}).Resolver()
	found := p.findings(t, fmt.Sprintf(`
data "launchready_edge_check" "this" {
  hosts       = ["portal.example"]
  waf_probe   = false
  enforcement = "report"
}

data "launchready_rate_limit_check" "this" {
  endpoints = {
    login = {
      path     = "/api/collections/users/auth-with-password"
      body     = jsonencode({ identity = "{{account}}", password = "{{password}}" })
      accounts = ["member_b", "member_c"]
    }
  }
  enforcement = "report"
}

data "launchready_cors_check" "this" {
  endpoints   = { notes = { path = "/api/collections/notes/records/%s", identity = "member_a" } }
  enforcement = "report"
}
`, p.People["member_a"].Note))
	const login, note = "POST portal.example/api/collections/users/auth-with-password", "GET portal.example/api/collections/notes/records/"
	holds(t, found, map[string]string{
		"headers.csp portal.example":                                    "fail",
		"headers.nosniff portal.example":                                "pass",
		"rate.missing " + login:                                         "fail",
		"cors.preflight_broad " + note + p.People["member_a"].Note:      "fail",
		"cors.wildcard_credentials " + note + p.People["member_a"].Note: "pass",
		"cors.reflects_origin " + note + p.People["member_a"].Note:      "pass",
	})
}

// The sign-in of PocketBase as it comes: sessions that nobody can end, and
// answers that tell who has an account, are found; the rest is sound.
func TestAuthenticationOfPocketBase(t *testing.T) {
	t.Parallel()
	clitest.Program(t)
	p := startPocketBase(t, false)
	own := "/api/collections/users/records/" + p.People["member_a"].ID
	found := p.findings(t, fmt.Sprintf(`
data "launchready_authentication_check" "this" {
  identity        = "member_a"
  marker          = %q
  protected_paths = [%q, "/api/collections/notes/records/%s"]
  mutable         = "member_c"
  recovery = { request = { path = "/api/collections/users/request-password-reset", body = jsonencode({ email = "{{address}}" }) } }
  sensitive_changes = {
    password = {
      method = "PATCH"
      path   = "/api/collections/users/records/%s"
      body   = jsonencode({ oldPassword = "{{current_password}}", password = "{{password}}", passwordConfirm = "{{password}}" })
    }
  }
  sign_up = {
    path = "/api/collections/users/records"
    body = jsonencode({ email = "{{address}}", password = "{{password}}", passwordConfirm = "{{password}}" })
  }
  enforcement = "report"
}
`, p.People["member_a"].ID, own, p.People["member_a"].Note, p.People["member_c"].ID))
	const signIn = "POST portal.example/api/collections/users/auth-with-password"
	holds(t, found, map[string]string{
		"authn.enum_login " + signIn + " (time)":                                            "fail",
		"authn.enum_signup POST portal.example/api/collections/users/records":               "fail",
		"session.survives_logout " + signIn:                                                 "fail",
		"session.no_idle_limit " + signIn:                                                   "fail", // a week
		"authn.login_works " + signIn:                                                       "pass",
		"authn.enum_login " + signIn:                                                        "pass",
		"authn.enum_reset POST portal.example/api/collections/users/request-password-reset": "pass",
		"authn.default_credentials " + signIn:                                               "pass",
		"authn.bypass GET portal.example" + own:                                             "pass",
		"jwt.alg_none " + signIn:                                                            "pass",
		"jwt.signature_ignored " + signIn:                                                   "pass",
		"jwt.weak_secret " + signIn:                                                         "pass",
		"jwt.kid_injection " + signIn:                                                       "pass",
		"authn.no_reauth_for_password PATCH portal.example/api/collections/users/records/" + p.People["member_c"].ID:     "pass",
		"session.survives_password_change PATCH portal.example/api/collections/users/records/" + p.People["member_c"].ID: "pass",
	})
	for _, finding := range violated(found) {
		if strings.HasPrefix(finding, "fail ") && !slices.ContainsFunc([]string{"authn.enum_login", "authn.enum_signup", "session.survives_logout", "session.no_idle_limit"},
			func(rule string) bool { return strings.HasPrefix(finding, "fail "+rule+" ") }) {
			t.Errorf("a false alarm: %s", finding)
		}
	}
}

// holds compares some of the findings.
func holds(t *testing.T, found, want map[string]string) {
	t.Helper()
	for finding, status := range want {
		if found[finding] != status {
			t.Errorf("%s is %q, want %s", finding, found[finding], status)
		}
	}
}
