package supportcheck

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// today is the clock of these tests.
var today = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)

// world is a network without anything in it but what a test puts there.
type world struct {
	probe.Prober
}

func (w *world) Now() time.Time { return today }

func run2(t *testing.T, spec Spec) readiness.Result {
	t.Helper()
	w := &world{}
	result, err := Definition.Execute(context.Background(), w, spec)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestFirst(t *testing.T) {
	for _, f := range run2(t, Spec{Runbook: "../../../examples/client-portal/runbook"}).Findings {
		fmt.Println(f.Status, f.Rule, f.Subject, f.Message)
	}
}

func (w *world) Lookup(_ context.Context, name string, typ probe.RecordType) probe.Answer {
	if typ == probe.TypeMX {
		return probe.Answer{Status: probe.Found, Records: []probe.Record{{Host: "mx." + name}}}
	}
	return probe.Answer{Status: probe.NoData}
}

func (w *world) Fetch(_ context.Context, req probe.Request) probe.Exchange {
	return probe.Exchange{Status: 200, FinalURL: req.URL, Hops: []probe.Hop{{URL: req.URL}}}
}

func (w *world) InScope(string, probe.Intent) error { return nil }
