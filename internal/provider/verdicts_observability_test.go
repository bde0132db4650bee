package provider_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check/obscheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

func init() {
	applicationChecks = append(applicationChecks, applicationCheck{
		prefixes: []string{"obs."},
		run:      func(t *testing.T, s target) []readiness.Result { return []readiness.Result{observabilityResult(t, s)} },
	})
}

// sink is one of the sandbox's as the check takes it.
func (s target) sink(name string) probe.SinkConfig {
	one := s.Sinks()[name]
	return probe.SinkConfig{
		Kind: probe.SinkKind(one.Type), URL: one.URL, Path: one.Path, Tenant: one.Tenant, Organization: one.Organization, Project: one.Project,
		Header: probe.SinkHeader(one.BearerToken, "", "", nil),
	}
}

// sessionOf are the headers of an identity's session, as the provider opens one.
func (s target) sessionOf(t *testing.T, name string) http.Header {
	t.Helper()
	site := probe.Portal{
		BaseURL: "https://portal." + s.Domain(), WhoAmI: "/api/me",
		SignIn: probe.SignInRequest{
			Path: "/api/login", TokenPointer: "/token",
			SecondFactor: probe.SecondFactor{Path: "/api/login/totp", Fields: map[string]string{"ticket": "{{answer:/ticket}}", "code": "{{totp}}"}},
		},
	}
	session, err := s.actor(name, site, s.sessions()).Live(t.Context(), s.prober(t))
	if err != nil {
		t.Fatalf("%s cannot sign in: %v", name, err)
	}
	return session.Header()
}

// observabilitySpec makes four drills, each of which must show in several places.
func observabilitySpec(t *testing.T, s target) obscheck.Spec {
	base, ops := "https://portal."+s.Domain(), s.Mailboxes()["ops"]
	signal := func(name, sink, query string) obscheck.Signal {
		return obscheck.Signal{Name: name, Source: sink, Config: s.sink(sink), Query: query}
	}
	mail := obscheck.Signal{Name: "mail", Source: "ops", Address: ops.Address,
		Config: probe.SinkConfig{Kind: probe.SinkMailbox, Account: probe.MailAccount{Server: ops.IMAP, Username: ops.Username, Password: ops.Password}}}
	pager := signal("pager", "pager", "")
	resolved := pager
	resolved.Resolved = 6 * time.Second
	const within = 4 * time.Second
	return obscheck.Spec{
		Drills: []obscheck.Drill{
			{
				Name: "bounce", Within: within, Kind: obscheck.Bounce,
				Request: obscheck.Request{URL: base + "/api/invites", Body: `{"email":"{{mark}}@` + s.Domain() + `"}`, Secret: s.sessionOf(t, "robot"), Expect: []int{202}},
				Signals: []obscheck.Signal{signal("count", "metrics", "portal_mail_bounced_total"), pager},
			},
			{
				Name: "denied", Within: within,
				Request: obscheck.Request{URL: base + "/api/admin/users", Secret: s.sessionOf(t, "member_a"), Repeat: 3, Expect: []int{403, 200}},
				Kind:    obscheck.Denied,
				Signals: []obscheck.Signal{signal("metric", "prometheus", `sum(http_requests_total{code="403"})`), signal("alertmanager", "alerts", ""), signal("shipped", "logs", `{app="portal"}`), mail},
			},
			{
				Name: "error", Within: within,
				Request: obscheck.Request{Method: "POST", URL: base + "/api/drill/error", Secret: s.sessionOf(t, "admin"), Expect: []int{500}},
				Signals: []obscheck.Signal{signal("tracker", "errors", ""), signal("events", "events", "/events"), pager},
			},
			{
				Name: "sign_in", Within: within,
				Request: obscheck.Request{URL: base + "/api/login", Body: `{"email":"{{mark}}@` + s.Domain() + `","password":"{{password}}"}`, Repeat: 5, Expect: []int{401, 200}},
				Signals: []obscheck.Signal{signal("log", "portal_log", ""), signal("metric", "metrics", `http_requests_total{code="401"}`), mail, resolved},
			},
		},
		RequiredAlerts: []obscheck.Alert{obscheck.Spike401, obscheck.Spike403, obscheck.Spike5xx, obscheck.Bounces},
		OnCall:         []string{"ops@inbox.example"},
		Rules:          []obscheck.Source{{Name: "prometheus", Config: s.sink("prometheus")}},
		Routing:        []obscheck.Source{{Name: "alerts", Config: s.sink("alerts")}},
	}
}

func observabilityResult(t *testing.T, s target) readiness.Result {
	t.Helper()
	started := time.Now()
	result, err := obscheck.Definition.Execute(t.Context(), s.prober(t), observabilitySpec(t, s))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("observability: %s; %v", time.Since(started).Round(time.Millisecond), result.Observed)
	return result
}

// Two runs in a row on a portal that is watched are silent and say the same, with
// all traps too: the alerts of the first are no evidence for the second.
func TestObservabilityIsSilent(t *testing.T) {
	for _, state := range []string{sandbox.Healthy, sandbox.Traps} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			s := newTarget(t, sandbox.Options{State: state, EdgeSpeed: rateSpeed})
			first := observabilityResult(t, s)
			again := observabilityResult(t, s)
			if got := violations([]readiness.Result{first, again}); len(got) > 0 {
				t.Fatal(explain([]readiness.Result{first, again}))
			}
			if tell(first) != tell(again) {
				t.Errorf("a second run differs:\n%s\n%s", tell(first), tell(again))
			}
		})
	}
}
