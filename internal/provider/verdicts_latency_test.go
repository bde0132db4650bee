package provider_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check/latencycheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func init() {
	applicationChecks = append(applicationChecks, applicationCheck{
		prefixes: []string{"latency."},
		run:      func(t *testing.T, s target) []readiness.Result { return []readiness.Result{latencyResult(t, s)} },
	})
}

// latencySpec are the core actions of the sandbox's portal, measured faster than
// anyone would measure a client's, and against limits that a busy machine keeps:
// what a fault makes slow takes twice as long as two seconds, and nothing takes
// eight.
func latencySpec(s target) latencycheck.Spec {
	base := "https://portal." + s.Domain()
	robot := s.Identities()["robot"]
	actor := probe.Actor{Name: "robot", Identity: probe.Identity{BearerToken: robot.BearerToken}, Portal: probe.Portal{BaseURL: base, WhoAmI: "/api/me"}, Sessions: s.sessions()}
	action := func(name, path string) latencycheck.Action {
		return latencycheck.Action{Name: name, URL: base + path, Actor: &actor}
	}
	limit := 8 * time.Second
	if slices.ContainsFunc(s.FaultsOn(), func(name string) bool { return strings.HasPrefix(name, "latency_") }) {
		limit = 2 * time.Second
	}
	return latencycheck.Spec{
		Actions: []latencycheck.Action{
			action("login_state", "/api/me"), action("profile", "/api/profile"), action("membership", "/api/membership"), action("content", "/api/posts"),
		},
		Limit: limit, Rate: 15, Duration: 18*time.Second + limit, MaximumRequests: 2000, MaximumBaseline: time.Second,
	}
}

func latencyResult(t *testing.T, s target) readiness.Result {
	t.Helper()
	prober, err := probe.New(probe.Config{
		AllowedHosts: []string{s.Domain(), "*." + s.Domain()}, Resolvers: []string{s.Resolver()},
		ConnectTo: s.ConnectTo(), CABundle: s.CAPEM(), Timeout: 10 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	result, err := latencycheck.Definition.Execute(t.Context(), prober, latencySpec(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("latency: %s, %s", result.Observed["duration"], result.Observed["requests"])
	return result
}
