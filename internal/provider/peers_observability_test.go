package provider_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/check/obscheck"
	"github.com/launchready/terraform-provider-launchready/internal/peers"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

// pageInbox takes what a webhook is sent, and shows it.
type pageInbox struct {
	mu  sync.Mutex
	all []string
}

func (p *pageInbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Method == http.MethodPost {
		body, _ := io.ReadAll(r.Body)
		p.all = append(p.all, string(body))
		return
	}
	_, _ = fmt.Fprintf(w, "[%s]", strings.Join(p.all, ","))
}

func newPageInbox(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(new(pageInbox))
	t.Cleanup(s.Close)
	return s.URL
}

// peerRules are alerting rules of a portal, as one writes them; the window is
// short so that the test is.
const peerRules = `groups:
- name: portal
  rules:
  - alert: TooManyRefusals
    expr: sum(http_requests_total{code="401"}) - (sum(http_requests_total{code="401"} offset 20s) or vector(0)) >= 5
    labels: {severity: page}
  - alert: ErrorRatio
    expr: sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05
    labels: {severity: low}
  - alert: SlowAnswers
    expr: histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 0.5
    labels: {severity: held}
  - alert: Watchdog
    expr: vector(1)
    labels: {severity: none}
`

func routesTo(webhook string) string {
	return fmt.Sprintf(`route:
  receiver: hook
  group_wait: 100ms
  group_interval: 1s
  group_by: [alertname]
  routes:
  - matchers: [severity="low"]
    receiver: nobody
receivers:
- name: hook
  webhook_configs: [{url: '%s', send_resolved: true}]
- name: nobody
`, webhook)
}

// Debian's Prometheus and Alertmanager tell of a drill, and are judged as they
// are: good, with a webhook that is dead, with a query that is none, and gone.
func TestObservabilityWithOtherPeoplesServers(t *testing.T) {
	t.Parallel()
	s := newTarget(t, sandbox.Options{State: sandbox.Healthy, EdgeSpeed: rateSpeed})
	live, dead := newPageInbox(t), newPageInbox(t)
	servers := peers.StartMonitoring(t, peers.MonitoringOptions{
		Target: s.MetricsAddr(), Rules: peerRules,
		Routes: map[string]string{"live": routesTo(live), "dead": routesTo("http://127.0.0.1:1/hook")}, // nobody listens there
	})
	at := func(kind probe.SinkKind, url string) probe.SinkConfig { return probe.SinkConfig{Kind: kind, URL: url} }
	signal := func(name string, config probe.SinkConfig, query, text string) obscheck.Signal {
		return obscheck.Signal{Name: name, Source: name, Config: config, Query: query, Text: text}
	}
	prometheus := at(probe.SinkPrometheus, servers.Prometheus)
	const refused = `sum(http_requests_total{code="401"})`
	// A silence of an alert, made as a person makes one.
	silence := `{"matchers":[{"name":"severity","value":"hel.*","isRegex":true}],"startsAt":"2020-01-01T00:00:00Z","endsAt":"2099-01-01T00:00:00Z","createdBy":"test","comment":"move"}`
	resp, err := http.Post(servers.Alertmanagers["live"]+"/api/v2/silences", "application/json", strings.NewReader(silence))
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("silence: %v %v", resp, err)
	}
	resp.Body.Close()

	request := obscheck.Request{URL: "https://portal." + s.Domain() + "/api/login", Body: `{"email":"{{mark}}@acme.example","password":"{{password}}"}`, Repeat: 6, Expect: []int{401}}
	run := func(spec obscheck.Spec) map[string]string {
		t.Helper()
		result, err := obscheck.Definition.Execute(t.Context(), s.prober(t), spec)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, f := range result.Findings {
			if strings.Contains(f.Subject, "drill/") || strings.Contains(f.Subject, "_spike") || f.Subject == "latency" || f.Rule == "obs.watchdog" {
				out[f.Rule+" "+f.Subject] = string(f.Status) + " " + f.Message
			}
		}
		t.Log(result.Observed)
		return out
	}
	const shows, told = "pass the drill shows in ", "TooManyRefusals"
	got := run(obscheck.Spec{
		Drills: []obscheck.Drill{{
			Name: "drill", Request: request, Within: time.Minute, Kind: obscheck.Other,
			Signals: []obscheck.Signal{
				signal("metric", prometheus, refused, ""),
				signal("live", at(probe.SinkAlertmanager, servers.Alertmanagers["live"]), `severity="page"`, told),
				signal("dead", at(probe.SinkAlertmanager, servers.Alertmanagers["dead"]), "", told),
				signal("pager", at(probe.SinkWebhook, live), "", told),
			},
		}, {
			Name: "drill", Request: request, Within: 2 * time.Second, Kind: obscheck.Other,
			Signals: []obscheck.Signal{signal("silent", at(probe.SinkWebhook, dead), "", told)},
		}},
		RequiredAlerts: []obscheck.Alert{obscheck.Spike401, obscheck.Spike403, obscheck.Spike5xx, obscheck.Latency},
		Rules:          []obscheck.Source{{Name: "prometheus", Config: prometheus}},
		Routing:        []obscheck.Source{{Name: "live", Config: at(probe.SinkAlertmanager, servers.Alertmanagers["live"])}},
	})
	want := map[string]string{
		"obs.drill_metric drill/metric": shows + "metric",
		"obs.drill_alert drill/live":    shows + "live",
		"obs.drill_alert drill/pager":   shows + "pager",
		// It knows the alert, as one whose webhook works does: the receiver's end decides.
		"obs.drill_alert drill/dead":       shows + "dead",
		"obs.drill_alert drill/silent":     "fail the drill did not show in silent in time, and other data are there",
		"obs.secret_in_logs drill/pager":   "pass what shows the drill holds none of its credentials",
		"obs.secret_in_logs drill/silent":  "not_applicable nothing of the drill is there: mend obs.drill_alert first",
		"obs.alert_rules 401_spike":        "pass an alert covers it",
		"obs.alert_inhibited 401_spike":    "pass no silence and no time holds the alert back",
		"obs.alert_unowned 401_spike":      "pass the alert goes to somebody who is on call",
		"obs.alert_rules 403_spike":        "fail no rule, policy or monitor is about it",
		"obs.alert_inhibited 403_spike":    "not_applicable there is no alert: mend obs.alert_rules first",
		"obs.alert_unowned 403_spike":      "not_applicable there is no alert: mend obs.alert_rules first",
		"obs.alert_rules 5xx_spike":        "pass an alert covers it",
		"obs.alert_inhibited 5xx_spike":    "pass no silence and no time holds the alert back",
		"obs.alert_unowned 5xx_spike":      "fail the alert ends where nobody is told",
		"obs.alert_rules latency":          "pass an alert covers it",
		"obs.alert_inhibited latency":      "fail a silence holds the alert back",
		"obs.alert_unowned latency":        "pass the alert goes to somebody who is on call",
		"obs.watchdog portal.acme.example": "pass an alert fires all the time",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}

	got = run(obscheck.Spec{Drills: []obscheck.Drill{{
		Name: "drill", Request: request, Within: time.Second, Kind: obscheck.Other,
		Signals: []obscheck.Signal{
			signal("error", prometheus, "sum(http_requests_total{code=", ""),
			signal("range", prometheus, "http_requests_total[5m]", ""),
			signal("down", at(probe.SinkPrometheus, "http://127.0.0.1:1"), refused, ""),
			signal("page", at(probe.SinkPrometheus, servers.Prometheus+"/graph"), refused, ""),
		},
	}}})
	for name, want := range map[string]string{
		"error": "inconclusive Prometheus does not take the query: bad_data: ",
		"range": "inconclusive Prometheus answers with a result that is no number",
		"down":  "inconclusive Prometheus cannot be reached: connection refused",
		"page":  "inconclusive Prometheus ",
	} {
		if text := got["obs.drill_metric drill/"+name]; !strings.HasPrefix(text, want) {
			t.Errorf("%s: %q, want %q", name, text, want)
		}
	}
}
