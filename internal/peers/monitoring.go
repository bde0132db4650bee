package peers

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// MonitoringOptions say what is watched, and who is told.
type MonitoringOptions struct {
	Target string // host:port whose /metrics are scraped, once a second
	Rules  string // alerting rules, as a file of Prometheus's has them
	// Routes are configurations of Alertmanagers by a name; Prometheus sends its
	// alerts to each.
	Routes map[string]string
}

// Monitoring is a Prometheus and its Alertmanagers while they run.
type Monitoring struct {
	Prometheus    string            // base URL
	Alertmanagers map[string]string // base URLs by name
}

// StartMonitoring starts Debian's Prometheus and Alertmanager on loopback and ends
// them with the test. Where they are not installed it skips, or fails if
// RequireVariable is set. Nothing outside of a temporary folder is read or written.
func StartMonitoring(t testing.TB, o MonitoringOptions) *Monitoring {
	t.Helper()
	w := &world{t: t, folder: t.TempDir(), program: map[string]string{}}
	for _, name := range []string{"prometheus", "promtool", "prometheus-alertmanager"} {
		path, err := exec.LookPath(name)
		if err != nil {
			if os.Getenv(RequireVariable) == "1" {
				t.Fatalf("there is no %s, and %s is set", name, RequireVariable)
			}
			t.Skipf("there is no %s: alerts are not tried on other people's servers (apt-get install prometheus prometheus-alertmanager)", name)
		}
		w.program[name] = path
	}
	out := &Monitoring{Alertmanagers: map[string]string{}}
	var targets []string
	for name, config := range o.Routes {
		w.write(name+".yml", config, 0o600)
		address := w.port("127.0.0.1")
		w.run("prometheus-alertmanager", "--config.file="+w.path(name+".yml"), "--storage.path="+w.path(name), "--web.listen-address="+address, "--cluster.listen-address=", "--log.level=error")
		w.answers("http://" + address + "/-/ready")
		out.Alertmanagers[name] = "http://" + address
		targets = append(targets, "'"+address+"'")
	}
	w.write("rules.yml", o.Rules, 0o600)
	if text, err := exec.Command(w.program["promtool"], "check", "rules", w.path("rules.yml")).CombinedOutput(); err != nil {
		t.Fatalf("promtool: %v\n%s", err, text)
	}
	w.write("prometheus.yml", `global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ["`+w.path("rules.yml")+`"]
alerting: {alertmanagers: [{static_configs: [{targets: [`+strings.Join(targets, ", ")+`]}]}]}
scrape_configs: [{job_name: portal, static_configs: [{targets: ['`+o.Target+`']}]}]
`, 0o600)
	address := w.port("127.0.0.1")
	w.run("prometheus", "--config.file="+w.path("prometheus.yml"), "--storage.tsdb.path="+w.path("data"), "--web.listen-address="+address, "--log.level=error")
	w.answers("http://" + address + "/-/ready")
	out.Prometheus = "http://" + address
	return out
}

// answers waits until an address answers 200.
func (w *world) answers(url string) {
	w.t.Helper()
	w.until(url+" answers", func() bool {
		resp, err := http.Get(url) //nolint:gosec,noctx // our own server's
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}
