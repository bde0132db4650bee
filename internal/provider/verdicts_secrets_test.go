package provider_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check/secretscheck"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/leaks"
)

func init() {
	applicationChecks = append(applicationChecks, applicationCheck{
		prefixes: []string{"secrets."},
		run:      func(t *testing.T, s target) []readiness.Result { return []readiness.Result{secretsResult(t, s)} },
	})
}

// secretsKept are the sign-ins at each sandbox, as a provider process keeps them.
var secretsKept sync.Map

func secretsSessions(s target) *probe.Sessions {
	kept, _ := secretsKept.LoadOrStore(s.Sandbox, new(probe.Sessions))
	return kept.(*probe.Sessions)
}

// secretsSpec looks everywhere that a client would have looked at.
func secretsSpec(t *testing.T, s target) secretscheck.Spec {
	t.Helper()
	work, err := s.Workplace()
	if err != nil {
		t.Fatal(err)
	}
	base, member := "https://portal."+s.Domain(), s.Identities()["member_a"]
	return secretscheck.Spec{
		Repository: work.Repository(), Paths: []string{work.Build()}, Logs: []string{work.Logs()},
		Pages: []string{base + "/", base + "/login"},
		Visitor: &probe.Actor{
			Name: "member_a", Sessions: secretsSessions(s), Identity: probe.Identity{Username: member.Username, Password: member.Password},
			Portal: probe.Portal{BaseURL: base, WhoAmI: "/api/me", SignIn: probe.SignInRequest{Path: "/api/login", TokenPointer: "/token"}},
		},
		Rotation: &secretscheck.Rotation{Document: work.Rotation()},
	}
}

func secretsResult(t *testing.T, s target) readiness.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	result, err := secretscheck.Definition.Execute(ctx, s.prober(t), secretsSpec(t, s))
	if err != nil {
		t.Fatal(err)
	}
	text := asJSON(result) + asJSON(result.Observed)
	for _, secret := range leaks.All() {
		if strings.Contains(text, secret) || strings.Contains(text, secret[:12]) {
			t.Errorf("a secret is shown: %s...", secret[:6])
		}
	}
	return result
}

// A client in order is silent ten times in a row, with each trap that the check
// could fall into, and the findings are the same each time.
func TestSecretsTenTimes(t *testing.T) {
	for _, state := range []string{sandbox.Healthy, "trap_soft_404", "trap_spa", "trap_volatile"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			s := newTarget(t, sandbox.Options{State: state, EdgeSpeed: rateSpeed})
			var first []readiness.Finding
			for n := range 10 {
				result := secretsResult(t, s)
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
