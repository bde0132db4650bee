package obscheck

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

func netipAddr() netip.Addr { return netip.Addr{} }

// stock is an inventory in memory.
type stock struct {
	monitors []Monitor
	policies []Policy
	failures []string
}

func (s stock) Monitors(context.Context) ([]Monitor, []string) { return s.monitors, s.failures }
func (s stock) Policies(context.Context) ([]Policy, []string)  { return s.policies, s.failures }

func TestUptime(t *testing.T) {
	now := (&world{}).Now()
	good := Monitor{Backend: "betterstack", Name: "Portal", URL: "https://Portal.acme.example/healthz", Interval: time.Minute, LastChecked: now.Add(-2 * time.Minute), Contacts: []string{"team"}, Body: "ok"}
	but := func(change func(*Monitor)) Monitor {
		m := good
		change(&m)
		return m
	}
	const host = " portal.acme.example"
	for name, test := range map[string]struct {
		stock stock
		want  []string
	}{
		"watched": {stock{monitors: []Monitor{good}}, nil},
		"none":    {stock{}, []string{ruleUptime + host + ": fail no monitor asks the host"}},
		"of another host": {stock{monitors: []Monitor{but(func(m *Monitor) { m.URL = "https://www.acme.example/" })}},
			[]string{ruleUptime + host + ": fail no monitor asks the host"}},
		"a service that is down": {stock{failures: []string{"betterstack cannot be asked for its monitors: the answer is 429"}}, []string{
			ruleUptime + host + ": inconclusive not every service could be asked for its monitors: betterstack cannot be asked for its monitors: the answer is 429",
			ruleNoAlert + host + ": inconclusive not every service could be asked for its monitors: betterstack cannot be asked for its monitors: the answer is 429",
			ruleShallow + host + ": inconclusive not every service could be asked for its monitors: betterstack cannot be asked for its monitors: the answer is 429",
			ruleStale + host + ": inconclusive not every service could be asked for its monitors: betterstack cannot be asked for its monitors: the answer is 429",
		}},
		"one service down, another has it": {stock{monitors: []Monitor{good}, failures: []string{"uptimerobot cannot be asked"}}, nil},
		"paused":                           {stock{monitors: []Monitor{but(func(m *Monitor) { m.Paused = true })}}, []string{ruleStale + host + ": fail the monitor is paused: \"Portal\" at betterstack"}},
		"paused, and another that is not":  {stock{monitors: []Monitor{but(func(m *Monitor) { m.Paused = true }), good}}, nil},
		"paused with a contact, and another that tells nobody": {stock{monitors: []Monitor{but(func(m *Monitor) { m.Paused = true }), but(func(m *Monitor) { m.Contacts = nil })}},
			[]string{ruleNoAlert + host + ": fail the monitor tells nobody"}},
		"a host with a port": {stock{monitors: []Monitor{but(func(m *Monitor) { m.URL = "portal.acme.example:443" })}}, nil},
		"a host with a path": {stock{monitors: []Monitor{but(func(m *Monitor) { m.URL = "portal.acme.example/healthz" })}}, nil},
		"a host for TCP":     {stock{monitors: []Monitor{but(func(m *Monitor) { m.URL = "tcp://PORTAL.acme.example.:443" })}}, nil},
		"does not look":      {stock{monitors: []Monitor{but(func(m *Monitor) { m.LastChecked = now.Add(-5 * time.Minute) })}}, []string{ruleStale + host + ": fail the monitor has not looked for three of its intervals: \"Portal\" at betterstack"}},
		"tells nobody":       {stock{monitors: []Monitor{but(func(m *Monitor) { m.Contacts = nil })}}, []string{ruleNoAlert + host + ": fail the monitor tells nobody"}},
		"told by a policy": {stock{monitors: []Monitor{but(func(m *Monitor) { m.Contacts, m.ContactsUnknown = nil, true })},
			policies: []Policy{{Covers: []Alert{HostDown}, Enabled: true, Destinations: []string{"ops@acme.example"}}}}, nil},
		"a policy that is off": {stock{monitors: []Monitor{but(func(m *Monitor) { m.Contacts, m.ContactsUnknown = nil, true })},
			policies: []Policy{{Covers: []Alert{HostDown}, Destinations: []string{"ops@acme.example"}}}}, []string{ruleNoAlert + host + ": inconclusive the service does not say whom the monitor tells"}},
		"shallow": {stock{monitors: []Monitor{but(func(m *Monitor) { m.URL, m.Body, m.AnyStatus = "https://portal.acme.example", "", true })}},
			[]string{ruleShallow + host + ": fail the monitor asks for the start page, takes nearly any status, and looks for no text"}},
	} {
		t.Run(name, func(t *testing.T) {
			found := judge(t, &world{sinks: map[string]*fakeSink{}}, Spec{MonitoredHosts: []string{"portal.acme.example"}, Inventory: test.stock})
			for key := range found { // those of the drills that there are not
				if key == ruleLog+host || key == ruleAlert+host || key == ruleSecret+host {
					delete(found, key)
				}
			}
			if diff := cmp.Diff(test.want, faults(found)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func rule(name, query string) probe.AlertRule {
	return probe.AlertRule{Name: name, Query: query, Health: "ok", State: "inactive", Labels: map[string]string{"severity": "page"}}
}

// Rules are told apart by what they select.
func TestRulesAreToldApart(t *testing.T) {
	s := &session{spec: Spec{AlertNames: map[Alert][]string{Deploy: {"Shipped"}}}}
	for _, test := range []struct {
		rule probe.AlertRule
		want []Alert
	}{
		{rule("A", `sum(rate(http_requests_total{code="401"}[5m])) > 1`), []Alert{Spike401}},
		{rule("A", `sum(rate(http_requests_total{code=~"401|403"}[5m])) > 1`), []Alert{Spike401, Spike403}},
		{rule("A", `sum(rate(http_requests_total{code=~"4.."}[5m])) > 1`), []Alert{Spike401, Spike403}},
		{rule("A", `sum(rate(http_requests_total{status=~"5.."}[5m])) > 1`), []Alert{Spike5xx}},
		{rule("A", `sum(rate(http_requests_total{status=~"5[0-9][0-9]"}[5m])) > 1`), []Alert{Spike5xx}},
		{rule("A", `x{status=~"^5..$"} > 1`), []Alert{Spike5xx}},
		{rule("A", `x{status_code=~"502|503|504"} > 1`), []Alert{Spike5xx}},
		{rule("A", `x{code=~"5\\d\\d"} > 1`), []Alert{Spike5xx}},
		{rule("A", `x{code=~"5\\d{2}"} > 1`), []Alert{Spike5xx}},
		{rule("A", `x{code=~'5.+'} > 1`), []Alert{Spike5xx}},
		{rule("A", `x{http_status_class="5xx"} > 1`), []Alert{Spike5xx}},
		{rule("A", `envoy_http_downstream_rq_xx{envoy_response_code_class="5"} > 1`), []Alert{Spike5xx}},
		{rule("A", `x{code!~"[1-4].."} > 1`), []Alert{Spike5xx}},
		{rule("A", `x{code=~"2..|5.."} > 1`), nil}, // those that went well too
		{rule("A", `x{code="404"} > 1`), nil},
		{rule("A", `http_bucket{le="500"} > 1`), nil},
		{rule("A", `sum(rate(http_request_duration_seconds_count{code=~"5.."}[5m])) > 1`), []Alert{Spike5xx}}, // counts requests
		{rule("A", `rate(http_request_duration_seconds_sum[5m]) / rate(http_request_duration_seconds_count[5m]) > 0.5`), []Alert{Latency}},
		{rule("A", `increase(auth_login_total{result="failure"}[5m]) > 20`), []Alert{Spike401}},
		{rule("FailedLogins", `x > 20`), []Alert{Spike401}},
		{rule("A", `time() - process_start_time_seconds{job="x"} < 60`), nil},
		{probe.AlertRule{Name: "Budget", Query: `job:errors:ratio > 0.01`, Recorded: `sum(rate(x{code=~"5.."}[5m]))`}, []Alert{Spike5xx}},
		{rule("HighErrorRate", `errors > 1`), []Alert{Spike5xx}},
		{rule("A", `histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 0.5`), []Alert{Latency}},
		{rule("A", `increase(portal_mail_bounced_total[5m]) > 0`), []Alert{Bounces}},
		{rule("A", `probe_ssl_earliest_cert_expiry - time() < 86400 * 21`), []Alert{Certificate}},
		{rule("A", `probe_success == 0`), []Alert{HostDown}},
		{rule("InstanceDown", `up == 0`), []Alert{HostDown}},
		{rule("A", `node_filesystem_avail_bytes < 1e9`), nil},
		{rule("A", `rate(queue_total{port="4010"}[5m]) > 1`), nil},
		{rule("Shipped", `x`), []Alert{Deploy}},
		{rule("DeployFailed", `deploy_failed > 0`), nil}, // the user has named another
	} {
		var got []Alert
		for _, a := range Alerts() {
			if s.covers(test.rule, a) {
				got = append(got, a)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.rule.Query, diff)
		}
	}
}

func TestAlerts(t *testing.T) {
	broken := rule("R", `http_requests_total{code="401"}`)
	broken.Health = "err"
	policy := Policy{Source: "cloudflare", Covers: []Alert{Spike401}, Enabled: true, Destinations: []string{"ops@acme.example"}}
	for name, test := range map[string]struct {
		rules  probe.AlertRules
		stock  stock
		onCall []string
		want   map[string]string
	}{
		"a policy":             {stock: stock{policies: []Policy{policy}}, onCall: []string{"OPS@acme.example"}, want: map[string]string{ruleRules: "pass an alert covers it", ruleUnowned: "pass the alert goes to somebody who is on call"}},
		"a policy to a former": {stock: stock{policies: []Policy{policy}}, onCall: []string{"b@acme.example"}, want: map[string]string{ruleRules: "pass an alert covers it", ruleUnowned: "fail the alert goes to ops@acme.example, none of which is in on_call"}},
		"a policy to a team":   {stock: stock{policies: []Policy{{Covers: []Alert{Spike401}, Enabled: true, Destinations: []string{"team"}}}}, onCall: []string{"b@acme.example"}, want: map[string]string{ruleUnowned: "inconclusive the alert goes to team; the service does not show who that is"}},
		"nothing":              {want: map[string]string{ruleRules: "fail no rule, policy or monitor is about it", ruleUnowned: "not_applicable there is no alert: mend obs.alert_rules first"}},
		"a rule that is broken": {rules: probe.AlertRules{Rules: []probe.AlertRule{broken}, Alertmanagers: 1},
			want: map[string]string{ruleRules: "fail the rule R cannot be evaluated", ruleUnowned: "not_applicable there is no alert: mend obs.alert_rules first"}},
		"alerts that go nowhere": {rules: probe.AlertRules{Rules: []probe.AlertRule{rule("R", `x{code="401"}`)}},
			want: map[string]string{ruleRules: "pass an alert covers it", ruleUnowned: "fail Prometheus sends its alerts to no Alertmanager"}},
		"nobody knows who": {rules: probe.AlertRules{Rules: []probe.AlertRule{rule("R", `x{code="401"}`)}, Alertmanagers: 1},
			want: map[string]string{ruleRules: "pass an alert covers it", ruleUnowned: "inconclusive who is told is not known: no sink of type alertmanager is configured"}},
		"a Prometheus that is down": {rules: probe.AlertRules{Failure: probe.FailRefused, Detail: "Prometheus cannot be reached: connection refused"},
			want: map[string]string{ruleRules: "inconclusive not everything could be read that may hold an alert for it: p: Prometheus cannot be reached: connection refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{sinks: map[string]*fakeSink{}, rules: test.rules}
			spec := Spec{RequiredAlerts: []Alert{Spike401}, OnCall: test.onCall, Inventory: test.stock, Rules: []Source{{Name: "p"}}}
			found := judge(t, w, spec)
			for id, want := range test.want {
				if got := found[id+" 401_spike"]; got != want {
					t.Errorf("%s: got  %q\nwant %q", id, got, want)
				}
			}
		})
	}
}

// Of two Prometheis with the same rule, one that sends its alerts is enough: what
// the other does not send neither fails nor proves anything.
func TestAlertsOfTwoPrometheis(t *testing.T) {
	rules := func(managers int) probe.AlertRules {
		return probe.AlertRules{Rules: []probe.AlertRule{rule("R", `x{code="401"}`)}, Alertmanagers: managers}
	}
	for name, test := range map[string]struct {
		first, second  probe.AlertRules
		unowned, inhib string
	}{
		"both silent": {rules(0), rules(0), "fail Prometheus sends its alerts to no Alertmanager", "not_applicable no Alertmanager holds it"},
		"one silent":  {rules(0), rules(1), "fail the alert ends where nobody is told", "pass no silence and no time holds the alert back"},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{sinks: map[string]*fakeSink{}, rulesOf: map[string]probe.AlertRules{"first": test.first, "second": test.second}}
			source := func(name string) Source { return Source{name, probe.SinkConfig{URL: name}} }
			found := judge(t, w, Spec{RequiredAlerts: []Alert{Spike401}, Rules: []Source{source("first"), source("second")}, Routing: []Source{source("am")}})
			for id, want := range map[string]string{ruleUnowned: test.unowned, ruleInhibited: test.inhib} {
				if got := found[id+" 401_spike"]; got != want {
					t.Errorf("%s: got  %q\nwant %q", id, got, want)
				}
			}
		})
	}
}

// An alert that is only named as if it always fired is no reason to overlook
// one that does.
func TestWatchdog(t *testing.T) {
	heartbeat := rule("HeartbeatMissing", `time() - last_heartbeat > 300`)
	watchdog := rule("Watchdog", `vector(1)`)
	watchdog.State = "firing"
	for name, test := range map[string]struct {
		rules    []probe.AlertRule
		managers int
		want     string
	}{
		"both":              {[]probe.AlertRule{heartbeat, watchdog}, 1, "pass an alert fires all the time"},
		"a heartbeat alone": {[]probe.AlertRule{heartbeat}, 1, "fail the alert HeartbeatMissing does not fire"},
		"none":              {[]probe.AlertRule{rule("A", "x > 1")}, 1, "fail no alert fires all the time"},
		"sent to nobody":    {[]probe.AlertRule{watchdog}, 0, "fail the alert Watchdog that always fires is sent to no Alertmanager"},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{sinks: map[string]*fakeSink{}, rules: probe.AlertRules{Rules: test.rules, Alertmanagers: test.managers}}
			found := judge(t, w, Spec{RequiredAlerts: []Alert{Deploy}, Rules: []Source{{Name: "p"}}})
			if got := found[ruleWatchdog+" "]; got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// A notification that somebody on call has got weighs more than what is read of
// routes; one at a webhook does not show that a person was told.
func TestDrillProvesWhoIsTold(t *testing.T) {
	for name, test := range map[string]struct {
		address string
		onCall  []string
		want    string
	}{
		"a mailbox on call": {"ops@acme.example", []string{"ops@acme.example"}, "pass the alert of the drill arrived"},
		"another mailbox":   {"former@acme.example", []string{"ops@acme.example"}, "fail the alert goes to boss@acme.example, none of which is in on_call"},
		"a webhook":         {"", []string{"ops@acme.example"}, "fail the alert goes to boss@acme.example, none of which is in on_call"},
		"a webhook, any":    {"", nil, "pass the alert of the drill arrived"},
	} {
		t.Run(name, func(t *testing.T) {
			kind := probe.SinkMailbox
			if test.address == "" {
				kind = probe.SinkWebhook
			}
			w := &world{sinks: map[string]*fakeSink{"pager": {kind: kind, look: entries(true, "MARK")}}}
			one := signal("pager", kind)
			one.Address = test.address
			policy := Policy{Covers: []Alert{Spike401}, Enabled: true, Destinations: []string{"boss@acme.example"}}
			found := judge(t, w, Spec{Drills: []Drill{signIn(one)}, RequiredAlerts: []Alert{Spike401}, OnCall: test.onCall, Inventory: stock{policies: []Policy{policy}}})
			if got := found[ruleUnowned+" 401_spike"]; got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}
