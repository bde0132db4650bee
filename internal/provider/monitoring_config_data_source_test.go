package provider_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

func monitoringConfig(body string) string {
	return "provider \"launchready\" {}\ndata \"launchready_monitoring_config\" \"this\" {\n" + body + "\n}\n"
}

func TestMonitoringConfigBadInput(t *testing.T) {
	monitor := func(arguments string) string {
		return monitoringConfig("monitors = { portal = {\nurl = \"https://acme.example/\"\n" + arguments + "\n} }")
	}
	for name, test := range map[string]struct{ config, want string }{
		"no address":            {monitoringConfig(`monitors = { portal = { url = "acme.example" } }`), `(?s)monitors\["portal"\]\.url.*no\s+absolute`},
		"a password":            {monitoringConfig(`monitors = { portal = { url = "https://a:b@acme.example/" } }`), `(?s)user\s+name\s+or\s+a\s+password`},
		"a credential":          {monitor(`headers = { "X-Api-Key" = "hunter2" }`), `(?s)X-Api-Key\s+authenticates.*bearer_token`},
		"an unknown region":     {monitor(`regions = ["moon"]`), `(?s)regions.*"moon"\s+is\s+no\s+key\s+of\s+exporters`},
		"an exporter's scheme":  {monitoringConfig(`exporters = { eu = "http://blackbox:9115" }`), `(?s)exporters\["eu"\].*host:port`},
		"an application's path": {monitoringConfig(`applications = { app = { targets = ["h:1/metrics"] } }`), `(?s)applications\["app"\]\.targets.*host:port`},
		"no status":             {monitor(`status = ["ok"]`), `(?s)status.*"ok"\s+is\s+no\s+status\s+code`},
		"a variable of no name": {monitor(`bearer_token = { environment = "A B" }`), `(?s)letters,\s+digits`},
		"a metric with labels":  {monitoringConfig(`alerts = { requests_metric = "x{a=\"b\"}" }`), `(?s)requests_metric.*selector`},
		"an unknown kind":       {monitoringConfig(`alerts = { only = ["deploys"] }`), `(?s)only.*401_spike`},
	} {
		t.Run(name, func(t *testing.T) {
			acceptance(t, resource.TestStep{Config: test.config, PlanOnly: true, ExpectError: regexp.MustCompile(test.want)})
		})
	}
}

// What Terraform renders is taken by Debian's blackbox_exporter, which then sees
// the sandbox's edge as it is: up where all is as declared, down where it is not.
func TestMonitoringConfigProbesTheEdge(t *testing.T) {
	exporter, err := exec.LookPath("prometheus-blackbox-exporter")
	if err != nil {
		if os.Getenv("LAUNCHREADY_REQUIRE_PEERS") == "1" {
			t.Fatal("prometheus-blackbox-exporter is not installed, and LAUNCHREADY_REQUIRE_PEERS is set")
		}
		t.Skip("prometheus-blackbox-exporter is not installed: what is rendered does not probe the sandbox (apt-get install prometheus-blackbox-exporter)")
	}
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy})
	folder := t.TempDir()
	token := filepath.Join(folder, "robot.token")
	if err := os.WriteFile(token, []byte(s.Identities()["robot"].BearerToken), 0o600); err != nil {
		t.Fatal(err)
	}
	// Nothing resolves the portal's name here: the exporter goes to the edge's
	// address and asks for the name by the header Host, which it takes for TLS too.
	base := "https://" + s.ConnectTo()["*:443"]
	monitor := func(path, arguments string) string {
		return fmt.Sprintf("{\nurl = %q\nheaders = { Host = \"portal.%s\" }\n%s\n}", base+path, s.Domain(), arguments)
	}
	config := monitoringConfig(fmt.Sprintf("ca_file = %q\nmonitors = {\n", s.CAPath()) + strings.Join([]string{
		"up      = " + monitor("/healthz", `body = "\"ok\""`+"\ncertificate_days = 1"),
		"refused = " + monitor("/api/me", `status = ["401"]`),
		"member  = " + monitor("/api/me", fmt.Sprintf("bearer_token = { file = %q, environment = \"TOKEN\" }", token)),
		"missing = " + monitor("/nowhere", ""),
		"text    = " + monitor("/healthz", `body = "(not) [there]"`),
	}, "\n") + "\n}\n")
	const this = "data.launchready_monitoring_config.this"
	modules := ""
	acceptance(t, resource.TestStep{
		Config: config, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(this, tfjsonpath.New("covered"), knownvalue.ListSizeExact(7)),
			statecheck.ExpectKnownValue(this, tfjsonpath.New("gatus"), knownvalue.StringRegexp(regexp.MustCompile(`Bearer \$\{TOKEN\}`))),
		},
		Check: resource.ComposeTestCheckFunc(noSecrets(s), func(state *terraform.State) error {
			modules = state.RootModule().Resources[this].Primary.Attributes["blackbox"]
			return nil
		}),
	})
	file := filepath.Join(folder, "blackbox.yml")
	if err := os.WriteFile(file, []byte(modules), 0o600); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := exec.CommandContext(ctx, exporter, "--config.file="+file, "--web.listen-address="+address)
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cancel(); _ = cmd.Wait() }() // it is killed: that is its error
	for module, want := range map[string]struct{ path, success string }{
		"up": {"/healthz", "1"}, "refused": {"/api/me", "1"}, "member": {"/api/me", "1"}, "missing": {"/nowhere", "0"}, "text": {"/healthz", "0"},
	} {
		text := probeOf(t, address, module, base+want.path)
		if !strings.Contains(text, "\nprobe_success "+want.success+"\n") {
			t.Errorf("%s: want %s\n%s", module, want.success, text)
		}
		if !strings.Contains(text, "probe_ssl_last_chain_expiry_timestamp_seconds") {
			t.Errorf("%s: the metric of the certificate's rule is missing", module)
		}
	}
}

// probeOf lets the exporter probe, as Prometheus would.
func probeOf(t *testing.T, address, module, target string) string {
	t.Helper()
	query := url.Values{"module": {module}, "target": {target}}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		resp, err := http.Get("http://" + address + "/probe?" + query.Encode())
		if err == nil {
			defer resp.Body.Close()
			text, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != http.StatusOK {
				t.Fatalf("%s: %s %v %s", module, resp.Status, err, text)
			}
			return string(text)
		}
		if time.Now().After(deadline) {
			t.Fatalf("the exporter does not answer: %v", err)
		}
	}
}

// freeAddress is one on loopback where nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
