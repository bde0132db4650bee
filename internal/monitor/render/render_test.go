package render

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// nasty are texts that a careless writer of YAML, PromQL, regular expressions,
// patterns or templates would spoil.
const nasty = `it's "on": {{ .x }} # 50% of $HOME \d+ [a] *b* (c|d)? == ü - ~`

// portal is a declaration as an agency would write it, with nasty texts.
func portal() Declaration {
	return Declaration{
		Exporters: map[string]string{"eu": "blackbox-eu:9115", "us": "blackbox-us:9115"},
		Monitors: []Monitor{
			{Name: "portal", URL: "https://portal.acme.example/healthz", CertificateDays: 21, Body: `"status":"ok"`, Token: TokenSource{File: "/etc/blackbox/portal.token", Environment: "PORTAL_TOKEN"}},
			{Name: "api (v1.0) | $1", URL: "https://portal.acme.example/api/me?x=$1&y=%20#z", Status: []string{"401", "403"}, Interval: 30 * time.Second, Timeout: 5 * time.Second, Headers: map[string]string{"X-Note": nasty, "on": "off"}, CertificateDays: 14, Regions: []string{"eu"}, Failures: 3},
			{Name: "on", URL: "http://acme.example/", Status: []string{"301"}, Body: nasty},
			{Name: "paused", URL: "https://staging.acme.example/", Paused: true},
		},
		Applications: []Application{{Name: "portal", Targets: []string{"10.0.0.5:9100"}, TokenFile: "/etc/prometheus/portal.token"}},
		GatusAlerts:  []string{"email"},
		Alerts:       Alerts{Selector: map[string]string{"job": "portal", "note": nasty}, RunbookURL: "https://acme.example/runbook?a={{b}}", Labels: map[string]string{"team": "o'ps"}},
	}
}

type renderer func(Declaration) (string, error)

func renderers() map[string]renderer {
	return map[string]renderer{"prometheus": Declaration.Prometheus, "blackbox": Declaration.Blackbox, "gatus": Declaration.Gatus, "rules": Declaration.Rules}
}

// document reads what was rendered.
func document(t *testing.T, render renderer, d Declaration) map[string]any {
	t.Helper()
	out, err := render(d)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := yaml.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return doc
}

// at walks a document by keys and indices.
func at(t *testing.T, doc any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, ok := doc.(map[string]any)
			if !ok {
				t.Fatalf("no mapping at %q of %v", step, path)
			}
			doc = m[step]
		case int:
			l, ok := doc.([]any)
			if !ok || step >= len(l) {
				t.Fatalf("no element %d of %v", step, path)
			}
			doc = l[step]
		}
	}
	return doc
}

func TestBlackbox(t *testing.T) {
	doc := document(t, Declaration.Blackbox, portal())
	if got := at(t, doc, "modules", "api (v1.0) | $1", "http", "headers", "X-Note"); got != nasty {
		t.Errorf("header: %q", got)
	}
	if got := at(t, doc, "modules", "on", "http", "follow_redirects"); got != false {
		t.Errorf("a redirect that is expected is followed: %v", got)
	}
	if got := at(t, doc, "modules", "portal", "http", "authorization", "credentials_file"); got != "/etc/blackbox/portal.token" {
		t.Errorf("authorization: %v", got)
	}
	if _, ok := at(t, doc, "modules").(map[string]any)["paused"]; ok {
		t.Error("a paused monitor has a module")
	}
}

// What Gatus makes of its file: it expands variables in the text, and then reads it.
func TestGatus(t *testing.T) {
	out, err := portal().Gatus()
	if err != nil {
		t.Fatal(err)
	}
	const mark = "\x00"
	expanded := strings.ReplaceAll(strings.ReplaceAll(out, "$$", mark), "${PORTAL_TOKEN}", "t0ken")
	if strings.Contains(expanded, "$") {
		t.Errorf("a variable is left:\n%s", expanded)
	}
	doc := document(t, func(Declaration) (string, error) { return strings.ReplaceAll(expanded, mark, "$"), nil }, Declaration{})
	byName := map[string]any{}
	endpoints, _ := at(t, doc, "endpoints").([]any)
	for _, e := range endpoints {
		byName[at(t, e, "name").(string)] = e
	}
	if len(byName) != 3 {
		t.Fatalf("endpoints: %v", byName)
	}
	if got := at(t, byName["portal"], "headers", "Authorization"); got != "Bearer t0ken" {
		t.Errorf("authorization: %v", got)
	}
	if got := at(t, byName["portal"], "conditions"); len(got.([]any)) != 4 || got.([]any)[3] != "[CERTIFICATE_EXPIRATION] > 504h" {
		t.Errorf("conditions: %v", got)
	}
	if got := at(t, byName["api (v1.0) | $1"], "conditions", 0); got != "[STATUS] == any(401, 403)" {
		t.Errorf("status: %v", got)
	}
	if got := at(t, byName["api (v1.0) | $1"], "url"); got != "https://portal.acme.example/api/me?x=$1&y=%20#z" {
		t.Errorf("url: %v", got)
	}
	if got := at(t, byName["portal"], "alerts", 0, "failure-threshold"); got != uint64(2) {
		t.Errorf("threshold: %v", got)
	}
	// A condition is split at its first comparison; a pattern is that of filepath.Match,
	// without the separators that it stops at.
	for _, body := range []string{nasty, "a == b", `x/y\z`, "[*]"} {
		condition := string(Monitor{Body: body}.conditions()[2])
		left, pattern, found := strings.Cut(strings.ReplaceAll(condition, "$$", "$"), " == ")
		if !found || left != "[BODY]" || strings.Contains(pattern, " == ") {
			t.Errorf("condition %q", condition)
			continue
		}
		pattern = strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(pattern, "pat("), ")"), "/", "")
		for text, want := range map[string]bool{"before " + body + " after": true, "something else": false} {
			if got, err := filepath.Match(pattern, strings.ReplaceAll(text, "/", "")); got != want || err != nil {
				t.Errorf("%q matches %q: %v %v", pattern, text, got, err)
			}
		}
	}
}

func TestPrometheusJobs(t *testing.T) {
	doc := document(t, Declaration.Prometheus, portal())
	jobs, _ := at(t, doc, "scrape_configs").([]any)
	if len(jobs) != 6 { // portal and on from two places, api from one, and the application
		t.Fatalf("%d jobs", len(jobs))
	}
	first := jobs[0] // api, by name
	for _, test := range []struct {
		path []any
		want any
	}{
		{[]any{"scrape_timeout"}, "6s"}, {[]any{"scrape_interval"}, "30s"}, {[]any{"params", "module", 0}, "api (v1.0) | $1"},
		{[]any{"static_configs", 0, "targets", 0}, "https://portal.acme.example/api/me?x=$1&y=%20#z"},
		{[]any{"static_configs", 0, "labels", "monitor"}, "api (v1.0) | $1"},
		{[]any{"relabel_configs", 2, "replacement"}, "blackbox-eu:9115"},
	} {
		if got := at(t, first, test.path...); got != test.want {
			t.Errorf("%v: %v; want %v", test.path, got, test.want)
		}
	}
}

func TestCovered(t *testing.T) {
	if got := (Declaration{}).Covered(); len(got) != 5 {
		t.Errorf("without monitors: %v", got)
	}
	d := portal()
	if got := d.Covered(); len(got) != len(Kinds()) {
		t.Errorf("with monitors: %v", got)
	}
	d.Alerts.Only = []Kind{HostDown}
	if got := d.Covered(); len(got) != 1 || got[0] != HostDown {
		t.Errorf("one alone: %v", got)
	}
}

// The scheme of an address is written as blackbox_exporter knows it.
func TestSchemeInLowerCase(t *testing.T) {
	t.Parallel()
	d := Declaration{Monitors: []Monitor{{Name: "a", URL: "HTTPS://[::1]:8443/A"}}}
	if got := at(t, document(t, Declaration.Prometheus, d), "scrape_configs", 0, "static_configs", 0, "targets", 0); got != "https://[::1]:8443/A" {
		t.Error(got)
	}
}

// The same declaration gives the same text.
func TestStable(t *testing.T) {
	for name, render := range renderers() {
		first, err := render(portal())
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if again, _ := render(portal()); again != first {
				t.Errorf("%s differs", name)
			}
		}
	}
}

func TestProblems(t *testing.T) {
	good := Monitor{Name: "portal", URL: "https://acme.example/"}
	change := func(f func(*Declaration)) Declaration {
		d := Declaration{Monitors: []Monitor{good}}
		f(&d)
		return d
	}
	for want, d := range map[string]Declaration{
		"":                                   change(func(*Declaration) {}),
		"monitors.portal.url: it is no":      change(func(d *Declaration) { d.Monitors[0].URL = "acme.example" }),
		"monitors.portal.url: it holds":      change(func(d *Declaration) { d.Monitors[0].URL = "https://a:b@acme.example/" }),
		"monitors.portal.status":             change(func(d *Declaration) { d.Monitors[0].Status = []string{"2x"} }),
		"monitors.portal.headers: X-Api-Key": change(func(d *Declaration) { d.Monitors[0].Headers = map[string]string{"X-Api-Key": "a"} }),
		"monitors.portal.headers: Cookie":    change(func(d *Declaration) { d.Monitors[0].Headers = map[string]string{"Cookie": "a"} }),
		"monitors.portal.body":               change(func(d *Declaration) { d.Monitors[0].Method, d.Monitors[0].Body = "HEAD", "x" }),
		"monitors.portal.timeout":            change(func(d *Declaration) { d.Monitors[0].Interval, d.Monitors[0].Timeout = time.Second, 2*time.Second }),
		"monitors.portal.certificate_days":   change(func(d *Declaration) { d.Monitors[0].URL, d.Monitors[0].CertificateDays = "http://acme.example/", 21 }),
		"monitors.portal.regions":            change(func(d *Declaration) { d.Monitors[0].Regions = []string{"moon"} }),
		"monitors.portal.headers: \"X A\"":   change(func(d *Declaration) { d.Monitors[0].Headers = map[string]string{"X A": "a"} }),
		"monitors.portal.headers: \"X-A\"":   change(func(d *Declaration) { d.Monitors[0].Headers = map[string]string{"X-A": "a\nb"} }),
		"exporters.eu":                       change(func(d *Declaration) { d.Exporters = map[string]string{"eu": "http://blackbox:9115"} }),
		"applications.app.targets":           change(func(d *Declaration) { d.Applications = []Application{{Name: "app", Targets: []string{"h:1/metrics"}}} }),
		"applications.uptime/portal/default": change(func(d *Declaration) {
			d.Applications = []Application{{Name: "uptime/portal/default", Targets: []string{"[::1]:1"}}}
		}),
		"monitors.PORTAL.: Gatus":     change(func(d *Declaration) { d.Monitors = append(d.Monitors, Monitor{Name: "PORTAL", URL: good.URL}) }),
		"alerts.requests_metric":      change(func(d *Declaration) { d.Alerts.RequestsMetric = `x{a="b"}` }),
		"alerts.latency_metric: name": change(func(d *Declaration) { d.Alerts.LatencyMetric = "x_bucket" }),
		"alerts.status_label":         change(func(d *Declaration) { d.Alerts.StatusLabel = "a-b" }),
		"alerts.selector":             change(func(d *Declaration) { d.Alerts.Selector = map[string]string{"a-b": ""} }),
		"alerts.only":                 change(func(d *Declaration) { d.Alerts.Only = []Kind{"deploys"} }),
		"alerts.thresholds":           change(func(d *Declaration) { d.Alerts.Thresholds = map[Kind]float64{HostDown: 2} }),
	} {
		problems := d.Problems()
		switch {
		case want == "" && len(problems) > 0:
			t.Errorf("a good declaration: %v", problems[0])
		case want != "" && (len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), want)):
			t.Errorf("%s: %v", want, problems)
		}
	}
}
