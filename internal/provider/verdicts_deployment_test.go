package provider_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check/deploycheck"
	"github.com/launchready/terraform-provider-launchready/internal/envnames"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
)

func init() {
	applicationChecks = append(applicationChecks, applicationCheck{
		prefixes: []string{"deploy."},
		run:      func(t *testing.T, s target) []readiness.Result { return []readiness.Result{deploymentResult(t, s)} },
	})
}

// deploymentSpec is the check of a client, with all that it can be given.
func deploymentSpec(t *testing.T, s target) deploycheck.Spec {
	t.Helper()
	folder := s.Variables()["SANDBOX_ENVIRONMENT"]
	names := func(file string, of envnames.Target) []envnames.Name {
		text, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		out, err := envnames.Parse(text, of)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	robot := http.Header{"Authorization": {"Bearer " + s.Identities()["robot"].BearerToken}}
	return deploycheck.Spec{
		Production: deploycheck.Site{
			URL: "https://portal." + s.Domain(), Paths: []string{"/", "/pricing", "/community", "/account", "/api/me"}, ErrorPath: "/drill/fail",
		},
		Staging: &deploycheck.Staging{
			Site: deploycheck.Site{URL: "https://staging." + s.Domain()}, Markers: []string{"Harbour of the north"},
			Drill: &deploycheck.Drill{
				Dependency: "database", Header: robot, Within: 2 * time.Second,
				Break:   deploycheck.Request{Method: http.MethodPut, Path: "/drill/dependencies/database", Body: `{"state":"down"}`},
				Restore: deploycheck.Request{Method: http.MethodPut, Path: "/drill/dependencies/database", Body: `{"state":"up"}`},
			},
		},
		ExpectedVersion: "v1.4.2",
		Environment: &deploycheck.Environment{
			Example: names(".env.example", envnames.Any), Production: names("production.names", envnames.Production), Staging: names("staging.names", envnames.Staging),
			Required: []string{"DATABASE_URL"}, OnlyProduction: []string{"SENTRY_*"},
		},
		Rollback: &deploycheck.Rollback{Endpoint: &deploycheck.ReleaseList{Path: "/version"}},
		Alerts: deploycheck.AlertLink{Marker: &deploycheck.Marker{
			Name: "deploys", Sink: probe.SinkConfig{Kind: probe.SinkFile, Path: filepath.Join(folder, "deploys.log")}, Contains: `"release":"{{release}}"`,
		}},
		Account: func(ctx context.Context) (*deploycheck.AccountFacts, error) {
			facts, err := s.accountFacts(ctx)
			return &deploycheck.AccountFacts{Zone: facts.Zone, DevelopmentMode: facts.DevelopmentMode}, err
		},
	}
}

func deploymentResult(t *testing.T, s target) readiness.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	result, err := deploycheck.Definition.Execute(ctx, s.prober(t), deploymentSpec(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// A client in order is silent again and again, with each trap that the check could
// fall into, and the findings are the same each time.
func TestDeploymentTimes(t *testing.T) {
	for _, state := range []string{sandbox.Healthy, "trap_soft_404", "trap_spa", "trap_volatile", "trap_error_200"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			s := newTarget(t, sandbox.Options{State: state, EdgeSpeed: rateSpeed})
			var first []readiness.Finding
			for n := range 5 {
				result := deploymentResult(t, s)
				if got := violations([]readiness.Result{result}); len(got) > 0 {
					t.Fatal(explain([]readiness.Result{result}))
				}
				if n == 0 {
					first = result.Findings
				} else if asJSON(first) != asJSON(result.Findings) {
					t.Fatalf("run %d differs", n)
				}
			}
		})
	}
}
