package deploycheck

import (
	"context"
	"errors"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// An alert policy counts if it is about deploys, on, and tells somebody.
func TestAlertPolicies(t *testing.T) {
	t.Parallel()
	good := AlertPolicy{Name: "Deploys of Acme", Type: "pages_event_alert", Enabled: true, Destinations: 1}
	off, lonely, other := good, good, good
	off.Enabled, lonely.Destinations, other.Type = false, 0, "dos_attack_l7"
	for name, tt := range map[string]struct {
		policies []AlertPolicy
		err      error
		want     readiness.Status
	}{
		"there":         {[]AlertPolicy{{Name: "another"}, good}, nil, readiness.Pass},
		"none":          {nil, nil, readiness.Fail},
		"off":           {[]AlertPolicy{off}, nil, readiness.Fail},
		"tells nobody":  {[]AlertPolicy{lonely}, nil, readiness.Fail},
		"about attacks": {[]AlertPolicy{other}, nil, readiness.Inconclusive},
		"unreadable":    {nil, errors.New("no answer"), readiness.Inconclusive},
	} {
		w, spec := healthyWorld()
		spec.Alerts = AlertLink{Policy: "deploys of acme", Policies: func(context.Context) ([]AlertPolicy, error) { return tt.policies, tt.err }}
		if r := w.run(t, spec); len(said(r, ruleAlertLink, tt.want)) != 1 {
			t.Errorf("%s: %s", name, texts(r, ruleAlertLink))
		}
	}
	w, spec := healthyWorld()
	spec.Alerts = AlertLink{Policy: "deploys of acme"}
	if r := w.run(t, spec); len(said(r, ruleAlertLink, readiness.Inconclusive)) != 1 {
		t.Errorf("without access: %s", texts(r, ruleAlertLink))
	}
}
