package render

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// need finds a program of Debian's, or skips; where peers are required it fails.
func need(t *testing.T, program, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err == nil {
		return path
	}
	if os.Getenv("LAUNCHREADY_REQUIRE_PEERS") == "1" {
		t.Fatalf("%s is not installed, and LAUNCHREADY_REQUIRE_PEERS is set (apt-get install %s)", program, pkg)
	}
	t.Skipf("%s is not installed: what is rendered is not tried on it (apt-get install %s)", program, pkg)
	return ""
}

// write renders into a folder.
func write(t *testing.T, d Declaration) string {
	t.Helper()
	folder := t.TempDir()
	for name, render := range renderers() {
		out, err := render(d)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name+".yml"), []byte(out), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func promtool(t *testing.T, folder string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, need(t, "promtool", "prometheus"), args...)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestPromtoolTakesAll(t *testing.T) {
	t.Parallel()
	nasty := portal()
	nasty.Applications[0].TokenFile = "" // promtool looks for the file
	for name, d := range map[string]Declaration{"empty": {}, "nasty": nasty} {
		folder := write(t, d)
		for _, args := range [][]string{{"check", "config", "prometheus.yml"}, {"check", "rules", "rules.yml"}} {
			if out, err := promtool(t, folder, args...); err != nil || strings.Contains(out, "FAILED") { // what lint finds is no error
				t.Errorf("%s: promtool %s: %v\n%s", name, strings.Join(args, " "), err, out)
			}
		}
	}
}

// The exporter's own check takes the modules.
func TestBlackboxTakesModules(t *testing.T) {
	t.Parallel()
	folder := write(t, portal())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, need(t, "prometheus-blackbox-exporter", "prometheus-blackbox-exporter"), "--config.check", "--config.file="+filepath.Join(folder, "blackbox.yml"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// Each row is a history of two hours, one value every 15 s, and whether the alert
// fires at 77 minutes and at 100. The notation is promtool's: 0+1x10 rises by one
// ten times, _x10 is nothing ten times.
func TestAlertsFire(t *testing.T) {
	t.Parallel()
	const (
		up      = `up{job="portal",instance="a:1"}`
		steady  = "1x480"
		traffic = `http_requests_total{job="portal",instance="a:1",code="200"}`
	)
	requests := func(code string) string {
		return fmt.Sprintf(`http_requests_total{job="portal",instance="a:1",code=%q}`, code)
	}
	probe := func(region string) string {
		return fmt.Sprintf(`probe_success{job="uptime/web/%[1]s",instance="https://acme.example/",monitor="web (v1)",region=%[1]q}`, region)
	}
	const chain = `probe_ssl_last_chain_expiry_timestamp_seconds{monitor="web (v1)",region="eu"}`
	bucket := func(le string) string {
		return fmt.Sprintf(`http_request_duration_seconds_bucket{job="portal",instance="a:1",le=%q}`, le)
	}
	const count = `http_request_duration_seconds_count{job="portal",instance="a:1"}`
	day := 86400
	rows := []struct {
		name, alert string
		series      map[string]string
		fires       [2]bool // at 77 and at 100 minutes
	}{
		{"no refused sign-in at all", "Launchready401Spike", map[string]string{up: steady, traffic: "0+50x480"}, [2]bool{}},
		{"some refused sign-ins, as always", "Launchready401Spike", map[string]string{up: steady, requests("401"): "0+0.2x480"}, [2]bool{}},
		{"a busy portal's refused sign-ins, as always", "Launchready401Spike", map[string]string{up: steady, requests("401"): "0+3x480"}, [2]bool{}},
		{"a busy portal's refused sign-ins, half as many more", "Launchready401Spike", map[string]string{up: steady, requests("401"): "0+3x300 904.5+4.5x180"}, [2]bool{}},
		{"a spike of refused sign-ins", "Launchready401Spike", map[string]string{up: steady, requests("401"): "0+0.2x300 66+6x8 114+0.2x170"}, [2]bool{true, false}},
		{"a spike on a busy portal", "Launchready401Spike", map[string]string{up: steady, requests("401"): "0+3x300 940+40x10 1340+3x170"}, [2]bool{true, false}},
		{"a spike within the first hour", "Launchready401Spike", map[string]string{up: "_x240 1x240", requests("401"): "_x240 0x60 6+6x8 60x170"}, [2]bool{true, false}},
		{"the first refused sign-ins ever are a spike", "Launchready401Spike", map[string]string{up: steady, traffic: "0+50x480", requests("401"): "_x300 25+2x10 45x180"}, [2]bool{true, false}},
		{"a portal that is watched from now on, with a history", "Launchready401Spike", map[string]string{up: "_x300 1x180", requests("401"): "_x300 5000x180"}, [2]bool{}},
		{"a portal that answers again after hours", "Launchready401Spike", map[string]string{up: "1x100 0x200 1x180", requests("401"): "1000x100 _x200 5000x180"}, [2]bool{}},
		{"a restart sets counters to zero", "Launchready401Spike", map[string]string{up: steady, requests("401"): "5000x300 0x180"}, [2]bool{}},
		{"a busy portal that is watched from now on", "Launchready401Spike", map[string]string{up: "_x270 1x210", requests("401"): "_x270 5000+3x210"}, [2]bool{}},
		{"a busy portal that was first watched a moment ago", "Launchready401Spike", map[string]string{up: "_x282 1x198", requests("401"): "_x282 5000+3x198"}, [2]bool{}},
		{"a busy portal from now on, of which no up is known", "Launchready401Spike", map[string]string{requests("401"): "_x270 5000+3x210"}, [2]bool{}},
		{"a spike where no up is known", "Launchready401Spike", map[string]string{requests("401"): "0+0.2x300 66+6x8 114+0.2x170"}, [2]bool{true, false}},
		{"a spike some minutes after the start", "Launchready401Spike", map[string]string{up: "_x260 1x220", requests("401"): "_x260 0x40 6+6x8 60x170"}, [2]bool{true, false}},
		{"a restart in a spike", "Launchready401Spike", map[string]string{up: steady, requests("401"): "100x300 110+10x4 0+10x5 50x169"}, [2]bool{true, false}},
		{"no answers at all any more", "Launchready401Spike", map[string]string{up: "1x300 _x180", requests("401"): "0+3x300 _x180"}, [2]bool{}},
		{"a spike of 403 is none of 401", "Launchready401Spike", map[string]string{up: steady, requests("403"): "0x300 10+10x8 90x170"}, [2]bool{}},
		{"a spike of 403", "Launchready403Spike", map[string]string{up: steady, requests("403"): "0x300 10+10x8 90x170"}, [2]bool{true, false}},
		{"some errors among many answers", "Launchready5xxSpike", map[string]string{up: steady, traffic: "0+50x480", requests("502"): "0+0.3x480"}, [2]bool{}},
		{"a spike of errors of several kinds", "Launchready5xxSpike", map[string]string{up: steady, traffic: "0+50x480", requests("502"): "0x300 2+2x4 10x174", requests("500"): "0x300 2+2x4 10x174"}, [2]bool{true, false}},
		{"one answer in ten has been an error for hours", "Launchready5xxSpike", map[string]string{up: steady, traffic: "0+50x480", requests("500"): "0+5x480"}, [2]bool{true, true}},
		{"bounces now and then", "LaunchreadyBounces", map[string]string{up: steady, `mail_bounced_total{job="portal",instance="a:1"}`: "0+0.05x480"}, [2]bool{}},
		{"a spike of bounces, the first ever", "LaunchreadyBounces", map[string]string{up: steady, `mail_bounced_total{job="portal",instance="a:1"}`: "_x300 8x180"}, [2]bool{true, false}},
		{"quick answers", "LaunchreadyLatency", map[string]string{bucket("0.25"): "0+10x480", bucket("0.5"): "0+10x480", bucket("1"): "0+10x480", bucket("+Inf"): "0+10x480", count: "0+10x480"}, [2]bool{}},
		{"one answer in ten is slow", "LaunchreadyLatency", map[string]string{bucket("0.25"): "0+9x480", bucket("0.5"): "0+9x480", bucket("1"): "0+10x480", bucket("+Inf"): "0+10x480", count: "0+10x480"}, [2]bool{true, true}},
		{"one in ten is slow, and the last bucket ends at the limit", "LaunchreadyLatency", map[string]string{bucket("0.25"): "0+5x480", bucket("0.5"): "0+9x480", bucket("+Inf"): "0+10x480", count: "0+10x480"}, [2]bool{true, true}},
		{"one in fifty is slow, and the last bucket ends at the limit", "LaunchreadyLatency", map[string]string{bucket("0.25"): "0+5x480", bucket("0.5"): "0+9.8x480", bucket("+Inf"): "0+10x480", count: "0+10x480"}, [2]bool{}},
		{"a slow answer at night", "LaunchreadyLatency", map[string]string{bucket("0.5"): "0x480", bucket("1"): "0+0.1x480", bucket("+Inf"): "0+0.1x480", count: "0+0.1x480"}, [2]bool{}},
		{"a certificate of 30 days", "LaunchreadyCertificate", map[string]string{chain: fmt.Sprintf("%dx480", 30*day)}, [2]bool{}},
		{"a certificate of 20 days", "LaunchreadyCertificate", map[string]string{chain: fmt.Sprintf("%dx480", 20*day)}, [2]bool{true, true}},
		{"a host that is up", "LaunchreadyHostDown", map[string]string{probe("eu"): steady, probe("us"): steady}, [2]bool{}},
		{"a host that one region does not reach", "LaunchreadyHostDown", map[string]string{probe("eu"): steady, probe("us"): "0x480"}, [2]bool{}},
		{"a host that one region does not reach, and of the other nothing is heard", "LaunchreadyHostDown", map[string]string{probe("eu"): "1x298 0x182", probe("us"): "1x200 _x280"}, [2]bool{true, true}},
		{"a host that is down", "LaunchreadyHostDown", map[string]string{probe("eu"): "1x298 0x40 1x140", probe("us"): "1x299 0x40 1x140"}, [2]bool{true, false}},
		{"one failure in a row", "LaunchreadyHostDown", map[string]string{probe("eu"): "1x306 0x2 1x170", probe("us"): "1x306 0x2 1x170"}, [2]bool{}},
		{"a host that is watched", "LaunchreadyHostUnwatched", map[string]string{probe("eu"): steady}, [2]bool{}},
		{"a host that nobody watches any more", "LaunchreadyHostUnwatched", map[string]string{probe("eu"): "1x200 _x280"}, [2]bool{true, true}},
	}
	kinds := map[string]Kind{
		"Launchready401Spike": Spike401, "Launchready403Spike": Spike403, "Launchready5xxSpike": Spike5xx, "LaunchreadyBounces": Bounces,
		"LaunchreadyLatency": Latency, "LaunchreadyCertificate": Certificate, "LaunchreadyHostDown": HostDown, "LaunchreadyHostUnwatched": HostDown,
	}
	tests := map[Kind]string{}
	for _, row := range rows {
		var b strings.Builder
		fmt.Fprintf(&b, "- name: %q\n  interval: 15s\n  input_series:\n", row.name)
		for series, values := range row.series {
			fmt.Fprintf(&b, "  - {series: '%s', values: '%s'}\n", series, values)
		}
		fmt.Fprint(&b, "  promql_expr_test:\n")
		for i, at := range []string{"77m", "100m"} {
			value := 0
			if row.fires[i] {
				value = 1
			}
			fmt.Fprintf(&b, "  - {expr: 'count(ALERTS{alertname=\"%s\",alertstate=\"firing\"}) or vector(0)', eval_time: %s, exp_samples: [{labels: '{}', value: %d}]}\n", row.alert, at, value)
		}
		tests[kinds[row.alert]] += b.String()
	}
	for kind, text := range tests {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			folder := write(t, Declaration{
				Exporters: map[string]string{"eu": "a:1", "us": "b:1"}, Monitors: []Monitor{{Name: "web (v1)", URL: "https://acme.example/", CertificateDays: 21}},
				Alerts: Alerts{Only: []Kind{kind}, Selector: map[string]string{"job": "portal"}},
			})
			all := "rule_files: [rules.yml]\nevaluation_interval: 30s\ntests:\n" + text
			if err := os.WriteFile(filepath.Join(folder, "tests.yml"), []byte(all), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := promtool(t, folder, "test", "rules", "tests.yml"); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// What an alert says is text for people, with the labels by which it is found.
func TestAlertsSay(t *testing.T) {
	t.Parallel()
	folder := write(t, Declaration{
		Name:     "acme",
		Monitors: []Monitor{{Name: "web", URL: "https://acme.example/"}},
		Alerts:   Alerts{RunbookURL: "https://acme.example/{{runbook}}", Labels: map[string]string{"team": "ops"}},
	})
	const tests = `
rule_files: [rules.yml]
evaluation_interval: 30s
tests:
- interval: 15s
  input_series:
  - {series: 'probe_success{monitor="web",region="default"}', values: '0x100'}
  alert_rule_test:
  - eval_time: 10m
    alertname: LaunchreadyHostDown
    exp_alerts:
    - exp_labels: {monitor: web, severity: critical, team: ops, launchready: acme, launchready_alert: host_down}
      exp_annotations: {summary: "web is down", description: "1 of the places that watch it say so.", runbook_url: "https://acme.example/{{runbook}}"}
`
	if err := os.WriteFile(filepath.Join(folder, "tests.yml"), []byte(tests), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := promtool(t, folder, "test", "rules", "tests.yml"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
