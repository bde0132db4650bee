package tlscheck

import (
	"context"
	"net/netip"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// named is a real client that finds localhost, which DNS does not hold.
type named struct{ *probe.Client }

func (n named) Lookup(_ context.Context, name string, typ probe.RecordType) probe.Answer {
	if typ == probe.TypeA {
		return probe.Answer{Name: name, Type: typ, Status: probe.Found, Records: []probe.Record{{Address: netip.MustParseAddr("127.0.0.1")}}}
	}
	return probe.Answer{Name: name, Type: typ, Status: probe.NoData}
}

// unresolved answers every look-up in one way.
type unresolved struct {
	*probe.Client
	status probe.LookupStatus
}

func (u unresolved) Lookup(_ context.Context, name string, typ probe.RecordType) probe.Answer {
	return probe.Answer{Name: name, Type: typ, Status: u.status, Detail: string(u.status)}
}

// A name that does not exist is a failure; one that could not be looked up is
// none, and nothing about it passes.
func TestUnresolved(t *testing.T) {
	t.Parallel()
	client, err := probe.New(probe.Config{Resolvers: []string{"127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	for status, want := range map[probe.LookupStatus][2]readiness.Status{
		probe.NXDomain: {readiness.Fail, readiness.NotApplicable},
		probe.NoData:   {readiness.Fail, readiness.NotApplicable},
		probe.TimedOut: {readiness.Inconclusive, readiness.Inconclusive},
		probe.ServFail: {readiness.Inconclusive, readiness.Inconclusive},
	} {
		result, err := Definition.Execute(t.Context(), unresolved{client, status}, DefaultSpec("acme.example"))
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Findings) != len(Definition.Rules) {
			t.Errorf("%s: %d findings for %d rules", status, len(result.Findings), len(Definition.Rules))
		}
		for _, f := range result.Findings {
			expected := want[1]
			if f.Rule == ruleUnreachable {
				expected = want[0]
			}
			if f.Status != expected {
				t.Errorf("%s: %s is %s, want %s", status, f.Rule, f.Status, expected)
			}
		}
	}
}
