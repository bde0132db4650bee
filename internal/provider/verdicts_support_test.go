package provider_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/check/supportcheck"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/runbook"
)

func init() {
	applicationChecks = append(applicationChecks, applicationCheck{
		prefixes: []string{"support."},
		run:      func(t *testing.T, s target) []readiness.Result { return []readiness.Result{supportResult(t, s)} },
	})
}

// supportSpec asks for all that a client would have looked at. Words of German
// headings are given, and invites are a topic of the client's own, too.
func supportSpec(s target) supportcheck.Spec {
	portal := "https://portal." + s.Domain()
	return supportcheck.Spec{
		Runbook: s.Runbook(), Recheck: time.Millisecond, StatusPage: portal + "/status", SecurityTxt: []string{"portal." + s.Domain()},
		Topics: map[string][]string{
			"resets": {"Passw*zurücksetzen"}, "refunds": {"Erstattung"}, "invites": {"Einladung"}, "failed_logins": {"Anmeldung*fehl"}, "escalation": {"Eskalation"},
			"welcome": {"Invite", "Onboarding", "Einladung"},
		},
		SelfService: map[string]string{"reset": portal + "/forgot", "email": portal + "/account", "cancel": portal + "/cancel"},
		Drill:       &supportcheck.Drill{Statement: "Bo followed each page on staging.", Owner: "Bo", Evidence: "https://wiki.agency.example/drill", Date: time.Now().AddDate(0, 0, -10)},
	}
}

func supportResult(t *testing.T, s target) readiness.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	result, err := supportcheck.Definition.Execute(ctx, s.prober(t), supportSpec(s))
	if err != nil {
		t.Fatal(err)
	}
	if text := asJSON(result) + asJSON(result.Observed); strings.Contains(text, runbook.Token) || strings.Contains(text, runbook.Token[4:20]) {
		t.Error("the token of the runbook is shown")
	}
	return result
}
