package dnscheck

import (
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// A valid key is no evidence for a zone of which nothing else could be had.
func TestBogusNeedsTheZone(t *testing.T) {
	t.Parallel()
	facts := func(soa probe.SignatureOutcome) probe.ZoneSecurity {
		return probe.ZoneSecurity{
			Status: probe.Found, Keys: 1, DS: []probe.DSFact{{Supported: true, Matched: true}},
			Sets: []probe.SignedSet{{Name: "acme.example", Type: "DNSKEY", Outcome: probe.SignatureValid}, {Name: "acme.example", Type: probe.TypeSOA, Outcome: soa}},
		}
	}
	for outcome, want := range map[probe.SignatureOutcome]readiness.Status{
		probe.SignatureValid: readiness.Pass, probe.SignatureUnknown: readiness.Inconclusive, probe.SignatureBogus: readiness.Fail,
	} {
		if got := judgeBogusAt(facts(outcome)); got.status != want {
			t.Errorf("SOA %s: %s %s", outcome, got.status, got.message)
		}
	}
}
