package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/launchready/terraform-provider-launchready/internal/provider"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// target is a sandbox of a test's own: a client's zone and portal.
type target struct {
	*sandbox.Sandbox
	t testing.TB
}

// newTarget starts a sandbox in a state and ends it with the test.
func newTarget(t testing.TB, options sandbox.Options) target {
	t.Helper()
	s, err := sandbox.Start(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("sandbox: %v", err)
		}
	})
	return target{s, t}
}

// probeBlock is the provider's argument probe for this target.
func (s target) probeBlock() string {
	return fmt.Sprintf(`{
    allowed_hosts = [%q, "*.%s"]
    resolvers     = [%q]
    connect_to    = jsondecode(%q)
    ca_bundle     = %q
    timeout       = "3s"
  }`, s.Domain(), s.Domain(), s.Resolver(), asJSON(s.ConnectTo()), s.CAPath())
}

// config is a configuration against this target: its provider block, then body.
func (s target) config(body string) string {
	return s.configWith("", body)
}

// configWith adds arguments to the provider block.
func (s target) configWith(arguments, body string) string {
	return fmt.Sprintf(`
provider "launchready" {
  cloudflare = { api_token = %q, base_url = %q }
  probe      = %s
  %s
}
%s`, s.Token(), s.APIURL(), s.probeBlock(), arguments, body)
}

// audit is a configuration without access to the API.
func (s target) audit(arguments, body string) string {
	return fmt.Sprintf("provider \"launchready\" {\n  probe = %s\n  %s\n}\n%s", s.probeBlock(), arguments, body)
}

// put speaks to the sandbox's control interface, as a person at the dashboard would.
func (s target) put(path string, body any) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodPut, s.ControlURL()+path, strings.NewReader(asJSON(body)))
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode >= 300 {
		s.t.Fatalf("PUT %s: %s %s", path, resp.Status, text)
	}
}

// record is a DNS record as the API shows it.
type record struct {
	ID, Type, Name, Content string
	TTL                     int
	Proxied                 bool
	Comment                 string
}

// call makes a call of the API that is none of the provider's.
func (s target) call(method, path string, body, into any) {
	s.t.Helper()
	var payload io.Reader
	if body != nil {
		payload = bytes.NewReader([]byte(asJSON(body)))
	}
	req, err := http.NewRequest(method, s.APIURL()+path, payload)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Token())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	envelope := struct{ Result any }{into}
	if err := json.NewDecoder(resp.Body).Decode(&envelope); err != nil || resp.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %s %v", method, path, resp.Status, err)
	}
}

func (s target) zoneID() string {
	var zones []struct{ ID string }
	s.call(http.MethodGet, "/zones?name="+s.Domain(), nil, &zones)
	if len(zones) != 1 {
		s.t.Fatalf("%d zones", len(zones))
	}
	return zones[0].ID
}

// records returns the records of a name and type.
func (s target) records(recordType, name string) []record {
	s.t.Helper()
	var all, out []record
	s.call(http.MethodGet, "/zones/"+s.zoneID()+"/dns_records?per_page=5000", nil, &all)
	for _, r := range all {
		if r.Type == recordType && r.Name == name {
			out = append(out, r)
		}
	}
	return out
}

// setting returns the value of a zone setting as JSON, its keys sorted.
func (s target) setting(id string) string {
	s.t.Helper()
	var setting struct{ Value any }
	s.call(http.MethodGet, "/zones/"+s.zoneID()+"/settings/"+id, nil, &setting)
	return asJSON(setting.Value)
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func factories(options ...provider.Option) map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"launchready": func() (tfprotov6.ProviderServer, error) { return provider.Server("test", options...), nil },
	}
}

// acceptance runs steps with a real terraform or tofu, beside other tests.
func acceptance(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	t.Parallel()
	serially(t, steps...)
}

// serially runs steps where time matters, or the environment.
func serially(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	requireTerraform(t)
	resource.Test(t, resource.TestCase{IsUnitTest: true, ProtoV6ProviderFactories: factories(), Steps: steps})
}

// requireTerraform skips where there is no program to run: make test finds or
// builds one.
func requireTerraform(t testing.TB) string {
	t.Helper()
	if program := os.Getenv("TF_ACC_TERRAFORM_PATH"); program != "" {
		return program
	}
	program, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("no terraform: make test finds one or builds OpenTofu")
	}
	return program
}

// requireIdentity skips where the program knows no identities of resources:
// Terraform before 1.12.
func requireIdentity(t *testing.T) { requireVersion(t, 12) }

// requireVersion skips where the program is older than 1.<minor>.
func requireVersion(t *testing.T, least int) {
	t.Helper()
	out, err := exec.Command(requireTerraform(t), "version", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var version struct {
		Version string `json:"terraform_version"`
	}
	var major, minor int
	if json.Unmarshal(out, &version) == nil {
		_, _ = fmt.Sscanf(version.Version, "%d.%d", &major, &minor) // zero is too old
	}
	if major < 1 || major == 1 && minor < least {
		t.Skipf("%s is older than 1.%d", version.Version, least)
	}
}

// at runs a step as if it were that time.
func at(t *testing.T, now string, step resource.TestStep) {
	t.Helper()
	requireTerraform(t)
	clock, err := time.Parse(time.RFC3339, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Parallel()
	resource.Test(t, resource.TestCase{
		IsUnitTest: true, Steps: []resource.TestStep{step},
		ProtoV6ProviderFactories: factories(provider.WithClock(func() time.Time { return clock })),
	})
}

// noChange is a step whose configuration is planned and must change nothing.
func noChange(config string) resource.TestStep {
	return resource.TestStep{
		Config:           config,
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
	}
}

// changes is a step that must do one thing to one resource.
func changes(config, address string, action plancheck.ResourceActionType) resource.TestStep {
	return resource.TestStep{
		Config:           config,
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}},
	}
}

const (
	farAway = "2099-12-31"
	longAgo = "2020-01-01"
)
