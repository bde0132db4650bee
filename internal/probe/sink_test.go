package probe

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sinkAt serves answers by path and returns a client and the base URL.
func sinkAt(t *testing.T, answers map[string]string) (*Client, string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := answers[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if status, rest, found := strings.Cut(body, "|"); found && len(status) == 3 {
			body = rest
			var code int
			_, _ = fmt.Sscanf(status, "%d", &code) // written by the test
			if strings.HasPrefix(body, "<") {
				w.Header().Set("Content-Type", "text/html")
			}
			w.WriteHeader(code)
		}
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	// Nothing is in scope: a sink is read because it is named.
	c, err := New(Config{AllowedHosts: []string{}, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return c, server.URL
}

const noSeries = `{"status":"success","data":{"resultType":"vector","result":[]}}`

func TestSinkReadings(t *testing.T) {
	for name, test := range map[string]struct {
		kind    SinkKind
		answers map[string]string
		query   SinkQuery
		want    string // value series entries live failure detail
	}{
		"a vector is summed":      {SinkPrometheus, map[string]string{"/api/v1/query": `{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"2"]},{"metric":{},"value":[1,"3.5"]}]}}`}, SinkQuery{Query: "x"}, "5.5 2 [] true  "},
		"a scalar":                {SinkPrometheus, map[string]string{"/api/v1/query": `{"status":"success","data":{"resultType":"scalar","result":[1,"7"]}}`}, SinkQuery{Query: "x"}, "7 1 [] true  "},
		"no series at all":        {SinkPrometheus, map[string]string{"/api/v1/query": noSeries}, SinkQuery{Query: "x"}, "0 0 [] false  "},
		"a matrix":                {SinkPrometheus, map[string]string{"/api/v1/query": `{"status":"success","data":{"resultType":"matrix","result":[]}}`}, SinkQuery{Query: "x[5m]"}, "0 0 [] false protocol Prometheus answers with a result that is no number: the query must give a scalar or an instant vector"},
		"not a number":            {SinkPrometheus, map[string]string{"/api/v1/query": `{"status":"success","data":{"resultType":"scalar","result":[1,"NaN"]}}`}, SinkQuery{Query: "x"}, "0 0 [] false protocol Prometheus answers with a value that is not finite: the query must give a number"},
		"an error of PromQL":      {SinkPrometheus, map[string]string{"/api/v1/query": `400|{"status":"error","errorType":"bad_data","error":"1:5: parse error"}`}, SinkQuery{Query: "x("}, "0 0 [] false protocol Prometheus does not take the query: bad_data: 1:5: parse error"},
		"a page":                  {SinkPrometheus, map[string]string{"/api/v1/query": "200|<html>Sign in</html>"}, SinkQuery{Query: "x"}, "0 0 [] false protocol Prometheus answers with a page for people: check url, and whether a sign-in is in front of it"},
		"refused":                 {SinkLoki, map[string]string{"/loki/api/v1/query_range": "401|no"}, SinkQuery{}, "0 0 [] false auth Loki refuses the credentials (401)"},
		"not there":               {SinkSentry, nil, SinkQuery{}, "0 0 [] false protocol Sentry does not know the address (404): check url"},
		"too many requests":       {SinkAlertmanager, map[string]string{"/api/v2/alerts": "429|"}, SinkQuery{}, "0 0 [] false timeout Alertmanager wants fewer requests (429)"},
		"metrics by label":        {SinkMetrics, map[string]string{"/": "# TYPE r counter\nr{code=\"401\",route=\"/a\"} 3\nr{code=\"401\",route=\"/b\"} 4\nr{code=\"200\"} 9"}, SinkQuery{Query: `sum(r{code="401"})`}, "7 2 [] true  "},
		"a histogram's count":     {SinkMetrics, map[string]string{"/": "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 5\nh_sum 1.5\nh_count 5\n"}, SinkQuery{Query: `h_count`}, "5 1 [] true  "},
		"a metric not there yet":  {SinkMetrics, map[string]string{"/": "up 1\n"}, SinkQuery{Query: `r{code=~"4.."}`}, "0 0 [] true  "},
		"a metric not finite":     {SinkMetrics, map[string]string{"/": "# TYPE r gauge\nr{code=\"401\"} NaN\n"}, SinkQuery{Query: "r"}, "0 0 [] false protocol the metrics endpoint answers with a value that is not finite: the query must give a number"},
		"metrics that are none":   {SinkMetrics, map[string]string{"/": "hello {"}, SinkQuery{Query: "r"}, "0 0 [] false protocol the metrics endpoint answers with what is not Prometheus's text format"},
		"a selector that is none": {SinkMetrics, map[string]string{"/": "up 1\n"}, SinkQuery{Query: `rate(r[5m])`}, "0 0 [] false protocol the query of the metrics endpoint is not understood: write the name of a metric, with labels or without, such as http_requests_total{code=\"401\"}"},
		"lines of Loki":           {SinkLoki, map[string]string{"/loki/api/v1/query_range": `{"status":"success","data":{"resultType":"streams","result":[{"stream":{},"values":[["3","c lr-1"],["1","a lr-1"]]},{"stream":{},"values":[["2","b"]]}]}}`}, SinkQuery{Text: "lr-1"}, "0 0 [a lr-1 c lr-1] true  "},
		"an empty tenant":         {SinkLoki, map[string]string{"/loki/api/v1/query_range": `{"status":"success","data":{"resultType":"streams","result":[]}}`}, SinkQuery{Text: "lr-1", Around: true}, "0 0 [] false  "},
		"a query that counts":     {SinkLoki, map[string]string{"/loki/api/v1/query_range": `{"status":"success","data":{"resultType":"matrix","result":[]}}`}, SinkQuery{Query: "rate({a=\"b\"}[1m])"}, "0 0 [] false protocol Loki answers without log lines: check url, and that the query selects streams and counts nothing"},
		"no alert":                {SinkAlertmanager, map[string]string{"/api/v2/alerts": "[]"}, SinkQuery{Text: "lr-1"}, "0 0 [] true  "},
		"an alert":                {SinkAlertmanager, map[string]string{"/api/v2/alerts": `[{"labels":{"a":"lr-1"}},{"labels":{}}]`}, SinkQuery{Text: "lr-1"}, `0 0 [{"labels":{"a":"lr-1"}}] true  `},
		"an event in the group":   {SinkSentry, map[string]string{"/api/0/projects/acme/portal/issues/": `[{"id":"5","title":"boom"}]`, "/api/0/issues/5/events/latest/": `{"tags":"lr-1"}`}, SinkQuery{Text: "lr-1"}, "0 0 [{\"id\":\"5\",\"title\":\"boom\"}\n{\"tags\":\"lr-1\"}] true  "},
		"another event":           {SinkSentry, map[string]string{"/api/0/projects/acme/portal/issues/": `[{"id":"5","title":"boom"}]`, "/api/0/issues/5/events/latest/": `{}`}, SinkQuery{Text: "lr-1"}, "0 0 [] true  "},
		"events in an object":     {SinkJSON, map[string]string{"/": `{"next":null,"events":[{"m":"lr-1"},{"m":"x"}]}`}, SinkQuery{Text: "lr-1"}, `0 0 [{"m":"lr-1"}] true  `},
		"events at a pointer":     {SinkJSON, map[string]string{"/": `{"a":{"b":[{"m":"lr-1"}]},"c":[1]}`}, SinkQuery{Query: "/a/b", Text: "lr-1"}, `0 0 [{"m":"lr-1"}] true  `},
		"nothing at the pointer":  {SinkJSON, map[string]string{"/": `{"a":1}`}, SinkQuery{Query: "/a/b"}, "0 0 [] false protocol the JSON endpoint answers without a list at the JSON pointer of the query"},
		"lines of JSON":           {SinkJSON, map[string]string{"/": "{\"m\":\"lr-1\"}\n{\"m\":\"x\"}\n"}, SinkQuery{Text: "lr-1"}, `0 0 [{"m":"lr-1"}] true  `},
		"several lists":           {SinkJSON, map[string]string{"/": `{"at":"12:00:01","errors":[],"events":[{"m":"lr-1"},{"m":"x"}]}`}, SinkQuery{Text: "lr-1"}, `0 0 [{"m":"lr-1"}] true  `},
		"an event with tags":      {SinkJSON, map[string]string{"/": `{"m":"lr-1","tags":["a"]}`}, SinkQuery{Text: "lr-1"}, `0 0 [{"m":"lr-1"}] true  `},
		"counts and no events":    {SinkJSON, map[string]string{"/": `{"total":0,"events":[]}`}, SinkQuery{Text: "lr-1"}, `0 0 [] false  `},
		"the last payload":        {SinkWebhook, map[string]string{"/": `{"status":"firing","commonLabels":{"m":"lr-1"},"alerts":[{"a":1}]}`}, SinkQuery{Text: "lr-1"}, `0 0 [{"commonLabels":{"m":"lr-1"},"status":"firing"}] true  `},
		"a list further in":       {SinkWebhook, map[string]string{"/": `{"data":{"at":"12:00:01","requests":[{"m":"lr-1"}]}}`}, SinkQuery{Text: "lr-1"}, `0 0 [{"m":"lr-1"}] true  `},
		"escapes of JSON":         {SinkWebhook, map[string]string{"/": `[{"body":"{\"summary\":\"errors \\u003e 5 \\u00fcber\"}"}]`}, SinkQuery{Text: "errors > 5 über"}, `0 0 [{"body":"{\"summary\":\"errors \\u003e 5 \\u00fcber\"}"}] true  `},
		"a payload in base64":     {SinkWebhook, map[string]string{"/": `[{"body":"eyJtYXJrIjoibHItMTIzNDU2NzgifQ==","isBase64Encoded":true}]`}, SinkQuery{Text: "lr-12345678"}, `0 0 [{"body":"eyJtYXJrIjoibHItMTIzNDU2NzgifQ==","isBase64Encoded":true}] true  `},
		"a mark in capitals":      {SinkJSON, map[string]string{"/": `[{"m":"LR-1234ABCD@ACME.EXAMPLE"}]`}, SinkQuery{Text: "lr-1234abcd"}, `0 0 [{"m":"LR-1234ABCD@ACME.EXAMPLE"}] true  `},
		"another alert's times":   {SinkAlertmanager, map[string]string{"/api/v2/alerts": `[{"labels":{"a":"lr-1"},"endsAt":"2026-11-29T12:05:00Z","startsAt":"2026-11-29T12:00:00Z","updatedAt":"2026-11-29T12:01:00Z"}]`}, SinkQuery{Text: "lr-1"}, `0 0 [{"labels":{"a":"lr-1"},"startsAt":"2026-11-29T12:00:00Z"}] true  `},
		"no events":               {SinkJSON, map[string]string{"/": "[]"}, SinkQuery{Text: "lr-1"}, "0 0 [] false  "},
		"an inbox without alerts": {SinkWebhook, map[string]string{"/": "[]"}, SinkQuery{Text: "lr-1"}, "0 0 [] true  "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, base := sinkAt(t, test.answers)
			s := c.Sink(SinkConfig{Kind: test.kind, URL: base, Organization: "acme", Project: "portal"})
			r := s.Look(t.Context(), test.query)
			if got := fmt.Sprintf("%v %d %v %v %s %s", r.Value, r.Series, r.Entries, r.Live, r.Failure, r.Detail); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// A sink that is not there is named, without its port.
func TestSinkDown(t *testing.T) {
	c, base := sinkAt(t, nil)
	u, _ := url.Parse(base)
	r := c.Sink(SinkConfig{Kind: SinkPrometheus, URL: "http://127.0.0.1:1/"}).Look(t.Context(), SinkQuery{Query: "up"})
	if r.Failure != FailRefused || r.Detail != "Prometheus cannot be reached: connection refused" || strings.Contains(r.Detail, u.Port()) {
		t.Errorf("%s %s", r.Failure, r.Detail)
	}
}

// What a sink says of a query is shown without the credentials that it was asked with.
func TestSinkKeepsCredentials(t *testing.T) {
	c, base := sinkAt(t, map[string]string{"/api/v1/query": `400|{"status":"error","errorType":"bad_data","error":"Bearer abcdef is not PromQL"}`})
	r := c.Sink(SinkConfig{Kind: SinkPrometheus, URL: base, Header: SinkHeader("abcdef", "", "", nil)}).Look(t.Context(), SinkQuery{Query: "x"})
	if strings.Contains(r.Detail, "abcdef") || !r.Failed() {
		t.Error(r.Detail)
	}
	c, base = sinkAt(t, map[string]string{"/api/v1/query": `400|{"status":"error","errorType":"bad_data","error":"abcdef is not PromQL"}`})
	r = c.Sink(SinkConfig{Kind: SinkPrometheus, URL: base, Header: SinkHeader("abcdef", "", "", map[string]string{"X-Empty": ""})}).Look(t.Context(), SinkQuery{Query: "x"})
	if r.Detail != "Prometheus does not take the query: bad_data: ... is not PromQL" {
		t.Error(r.Detail)
	}
	for _, config := range []SinkConfig{{Kind: "x"}, {Kind: SinkFile}, {Kind: SinkLoki, URL: "loki"}, {Kind: SinkLoki, URL: "https://a:secret@b/"}, {Kind: SinkSentry, URL: "https://a/"}, {Kind: SinkMailbox}} {
		if err := config.Validate(); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: %v", config.Kind, err)
		}
	}
}

// A file is read from where it ended, also after it was replaced.
func TestSinkFile(t *testing.T) {
	c, _ := sinkAt(t, nil)
	path := filepath.Join(t.TempDir(), "portal.log")
	write := func(flags int, text string) {
		f, err := os.OpenFile(path, flags|os.O_WRONLY|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	s := c.Sink(SinkConfig{Kind: SinkFile, Path: path})
	if r := s.Look(t.Context(), SinkQuery{}); !r.Failed() || r.Detail != "the file does not exist" {
		t.Fatal(r.Detail)
	}
	write(0, "started\nold lr-1\n")
	before := s.Look(t.Context(), SinkQuery{Text: "lr-1"})
	if len(before.Entries) != 1 || !before.Live || before.Around != nil {
		t.Fatalf("%+v", before)
	}
	write(os.O_APPEND, "other\nnew lr-1\n")
	after := s.Look(t.Context(), SinkQuery{Text: "lr-1"})
	if strings.Join(after.Around, "|") != "other|new lr-1" || strings.Join(after.Entries, "|") != "new lr-1" {
		t.Fatalf("%+v", after)
	}
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	write(0, "fresh lr-1\n")
	if r := s.Look(t.Context(), SinkQuery{Text: "lr-1"}); strings.Join(r.Entries, "|") != "new lr-1|fresh lr-1" {
		t.Fatalf("after renaming: %+v", r)
	}
	if err := os.Remove(path + ".1"); err != nil {
		t.Fatal(err)
	}
	if r := s.Look(t.Context(), SinkQuery{Text: "lr-1"}); strings.Join(r.Entries, "|") != "fresh lr-1" {
		t.Fatalf("after rotation: %+v", r)
	}
}

const alertmanagerConfig = `
route:
  receiver: nobody
  routes:
  - matchers: [severity="page"]
    receiver: ops
  - match_re: {alertname: "Drill.*"}
    receiver: hook
    continue: true
  - matchers: ["alertname=~Drill5.*"]
    receiver: pager
    mute_time_intervals: [nights]
  - matchers: ["alertname=Late"]
    receiver: pager
    active_time_intervals: [days]
receivers:
- name: nobody
- name: ops
  email_configs:
  - to: Operations <ops@acme.example>, boss@acme.example
- name: hook
  webhook_configs:
  - url: <secret>
- name: pager
  pagerduty_configs: [{}]
`

func TestAlertRouting(t *testing.T) {
	routing, err := parseRouting(alertmanagerConfig)
	if err != nil {
		t.Fatal(err)
	}
	if routing.silences, err = parseSilences([]byte(`[
		{"status":{"state":"active"},"endsAt":"2099-01-01T00:00:00Z","matchers":[{"name":"alertname","value":"Drill4.*","isRegex":true,"isEqual":true}]},
		{"status":{"state":"expired"},"endsAt":"2020-01-01T00:00:00Z","matchers":[{"name":"alertname","value":".*","isRegex":true}]}]`), time.Now()); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		labels map[string]string
		want   string
	}{
		"by severity":    {map[string]string{"alertname": "X", "severity": "page"}, "[ops] [boss@acme.example ops@acme.example] empty=false silenced=false muted=false doubtful=false"},
		"nobody":         {map[string]string{"alertname": "X", "severity": "low"}, "[nobody] [] empty=true silenced=false muted=false doubtful=false"},
		"silenced":       {map[string]string{"alertname": "Drill401", "severity": "low"}, "[hook] [webhook] empty=false silenced=true muted=false doubtful=false"},
		"goes on":        {map[string]string{"alertname": "Drill5xx", "severity": "low"}, "[hook pager] [pagerduty webhook] empty=false silenced=false muted=false doubtful=false"}, // the hook is told at all times
		"at times":       {map[string]string{"alertname": "Late", "severity": "low"}, "[pager] [pagerduty] empty=false silenced=false muted=true doubtful=false"},
		"unknown labels": {map[string]string{"alertname": "X"}, "[nobody] [] empty=true silenced=false muted=false doubtful=true"},
	} {
		t.Run(name, func(t *testing.T) {
			d := routing.Deliver(test.labels)
			if got := fmt.Sprintf("%v %v empty=%v silenced=%v muted=%v doubtful=%v", d.Receivers, d.Destinations, d.Empty, d.Silenced, d.Muted, d.Doubtful); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// What an alert is about may stand in recordings alone.
func TestAlertRulesOfRecordings(t *testing.T) {
	c, base := sinkAt(t, map[string]string{
		"/api/v1/rules": `{"status":"success","data":{"groups":[{"rules":[
			{"type":"recording","name":"job:errors:rate5m","query":"sum(rate(http_requests_total{code=~\"5..\"}[5m]))","health":"ok"},
			{"type":"recording","name":"job:errors:ratio","query":"job:errors:rate5m / job:requests:rate5m","health":"ok"},
			{"type":"recording","name":"a:loop","query":"a:loop","health":"ok"},
			{"type":"alerting","name":"Budget","query":"job:errors:ratio > 0.01","health":"ok","state":"inactive"},
			{"type":"alerting","name":"Loop","query":"a:loop > 1","health":"ok","state":"inactive"}]}]}}`,
		"/api/v1/alertmanagers": `{"status":"success","data":{"activeAlertmanagers":[{"url":"x"}]}}`,
	})
	got := c.AlertRules(t.Context(), SinkConfig{Kind: SinkPrometheus, URL: base})
	if got.Failure != FailNone || len(got.Rules) != 2 || got.Alertmanagers != 1 || !strings.Contains(got.Rules[0].Recorded, `code=~"5.."`) {
		t.Errorf("%+v", got)
	}
}

// A letter is read as a person reads it.
func TestHoldsAsRead(t *testing.T) {
	const letter = "Subject: Alert\n\n<p>Too many failed\r\n  sign-ins: rate &gt; <b>5</b> a minute</p>"
	for text, want := range map[string]bool{"Too many failed sign-ins": true, "rate > 5 a": true, "rate > 6": false, "": true} {
		if got := holds(letter, text); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func FuzzHolds(f *testing.F) {
	f.Add(`{"a":"{\"b\":\"eyJtYXJrIjoibHItMTIzNDU2NzgifQ==\"}"}`, "lr-12345678")
	f.Add("<a>&gt;", "> x")
	f.Fuzz(func(_ *testing.T, entry, text string) { holds(entry, text) })
}

func FuzzSelector(f *testing.F) {
	for _, seed := range []string{`a{b="c"}`, `sum(a{b=~"c.*",d!='e'})`, `a{b="\""}`, `{`, `a{b=}`, "a{b=\"\\"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseSelector(text)
		if err == nil {
			s.matches("a", nil)
		}
	})
}

func FuzzAlertRouting(f *testing.F) {
	f.Add(alertmanagerConfig)
	f.Add("route: {receiver: a, routes: [{matchers: ['a=b'], receiver: c}]}\nreceivers: [{name: a}]")
	f.Fuzz(func(t *testing.T, text string) {
		if routing, err := parseRouting(text); err == nil {
			routing.Deliver(map[string]string{"alertname": "X"})
		}
	})
}

func FuzzSinkBodies(f *testing.F) {
	f.Add([]byte(`{"a":[{"b":1}]}`), "/a")
	f.Add([]byte("# TYPE a counter\na{b=\"c\"} 1\n"), "")
	f.Fuzz(func(t *testing.T, body []byte, pointer string) {
		jsonEntries(body, pointer)
		_, _ = parseMetrics(body) // that it ends is what is tried
		s := prometheusSink{}
		s.number(body)
	})
}
