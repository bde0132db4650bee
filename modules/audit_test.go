package modules_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/clitest"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// consent is the owner's word, as the example audit takes it.
const consent = `allowed_hosts=["acme.example","*.acme.example"]`

// An audit of a healthy portal opens the gate, by what may be tried, without a
// token, and leaves everything as it was.
func TestAuditOfHealthy(t *testing.T) {
	clitest.Program(t)
	t.Parallel()
	s := start(t, sandbox.Options{State: sandbox.Healthy, EdgeSpeed: 10})
	before := control(t, s, "/zone")
	cli := auditOf(t, s)

	// Without consent nothing is attacked, and that is no violation.
	cli.Must(t, "plan", "-input=false")
	if active := []string{"rate_limiting", "latency.p95", "authz.public_route_leak", "secrets.file_exposed"}; decided(t, cli, active...) != nil {
		t.Errorf("without consent there are verdicts on %v", decided(t, cli, active...))
	}

	// The sandbox's windows are ten times as short as those of a usual site, and
	// how fast this machine is says nothing of the site.
	sign := `sign_in={ url = "https://portal.acme.example/api/login", body = "{\"email\":\"{{account}}\",\"password\":\"{{password}}\"}", within = "3s" }`
	cli.Must(t, "plan", "-input=false", "-var", consent, "-var", `origins=["198.51.100.10"]`, "-var", sign, "-var", "p95=20s")
	want := []string{
		"authz.public_route_leak", "cors.reflects_origin", "deploy.debug_on", "dmarc.not_enforced", "dns.delegation", "edge.not_proxied",
		"edge.origin_direct", "edge.waf_absent", "latency.p95", "rate.missing", "secrets.file_exposed", "secrets.in_bundle", "tls.protocol_old",
	}
	if got := decided(t, cli, want...); !slices.Equal(got, want) {
		t.Errorf("decided were %v of %v", got, want)
	}

	if after := control(t, s, "/zone"); after != before {
		t.Error("the audit has changed the zone")
	}
	var calls struct{ Total int }
	if err := json.Unmarshal([]byte(control(t, s, "/requests")), &calls); err != nil || calls.Total != 0 {
		t.Errorf("an audit makes no call of the API, and made %d: %v", calls.Total, err)
	}
}

// On launch day the audit is refused, and says why; what it cannot see is a
// question and no violation.
func TestAuditOfLaunchDay(t *testing.T) {
	clitest.Program(t)
	t.Parallel()
	cli := auditOf(t, start(t, sandbox.Options{State: sandbox.LaunchDay}))
	code, out := cli.Run(t, "plan", "-input=false", "-no-color")
	if code != 1 {
		t.Fatalf("the plan ended with %d:\n%s", code, out)
	}
	for _, want := range []string{"gate blocked: acme.example", "spf.lookup_limit", "dmarc.not_enforced", "tls.http_no_redirect", "tls.protocol_old", "audit-report.html"} {
		if !strings.Contains(out, want) {
			t.Errorf("the plan does not speak of %s:\n%s", want, out)
		}
	}
	if strings.Contains(out, "deploy.rollback_missing  ") {
		t.Errorf("what an audit cannot see blocks:\n%s", out)
	}
	for _, name := range []string{"audit-report.html", "audit-report.md", "audit-report.json"} {
		if info, err := os.Stat(filepath.Join(cli.Dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// auditOf prepares the example as somebody runs it who has nothing but the
// address: without a token, identities or consent.
func auditOf(t *testing.T, s *sandbox.Sandbox) *clitest.CLI {
	t.Helper()
	cli := copiedFor(t, s, filepath.Join("examples", "audit"))
	for _, name := range []string{"CLOUDFLARE_API_TOKEN", "LAUNCHREADY_ALLOWED_HOSTS", "LAUNCHREADY_IDENTITIES", "LAUNCHREADY_MAILBOXES", "LAUNCHREADY_MONITORS", "LAUNCHREADY_SINKS"} {
		cli.Env = append(cli.Env, name+"=")
	}
	cli.Must(t, "init", "-input=false")
	return cli
}

// decided are those of the rules that passed or failed in the report.
func decided(t *testing.T, cli *clitest.CLI, rules ...string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(cli.Dir, "audit-report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Findings []struct{ Rule, Status string }
	}
	if err := json.Unmarshal(text, &report); err != nil || len(report.Findings) == 0 {
		t.Fatalf("%v: %d findings", err, len(report.Findings))
	}
	var out []string
	for _, f := range report.Findings {
		if slices.Contains(rules, f.Rule) && (f.Status == "pass" || f.Status == "fail") {
			out = append(out, f.Rule)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// control asks the sandbox.
func control(t *testing.T, s *sandbox.Sandbox, path string) string {
	t.Helper()
	resp, err := http.Get(s.Variables()["SANDBOX_CONTROL_URL"] + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
