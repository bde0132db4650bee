package edgecheck

import (
	"context"
	"errors"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func TestAccount(t *testing.T) {
	t.Parallel()
	type want struct {
		ddos, tls       readiness.Status
		ddosSev, tlsSev readiness.Severity
	}
	sound := AccountFacts{Zone: "acme.example", SSLMode: "strict", SecurityLevel: "medium"}
	with := func(change func(*AccountFacts)) func(context.Context) (*AccountFacts, error) {
		f := sound
		change(&f)
		return func(context.Context) (*AccountFacts, error) { return &f, nil }
	}
	const ok, bad, high = readiness.Pass, readiness.Fail, readiness.High
	for name, tt := range map[string]struct {
		account func(context.Context) (*AccountFacts, error)
		want    want
	}{
		"no token":  {nil, want{readiness.NotApplicable, readiness.NotApplicable, high, high}},
		"no access": {func(context.Context) (*AccountFacts, error) { return nil, nil }, want{readiness.NotApplicable, readiness.NotApplicable, high, high}},
		"an error":  {func(context.Context) (*AccountFacts, error) { return nil, errors.New("403") }, want{readiness.Inconclusive, readiness.Inconclusive, high, high}},
		"sound":     {with(func(*AccountFacts) {}), want{ok, ok, high, high}},
		"stricter": {with(func(f *AccountFacts) {
			f.SSLMode = "origin_pull"
			f.DDoSOverrides = []DDoSOverride{{Sensitivity: "medium", Action: "block"}}
		}), want{ok, ok, high, high}},
		"eoff":            {with(func(f *AccountFacts) { f.DDoSOverrides = []DDoSOverride{{Rule: "x", Sensitivity: "eoff"}} }), want{bad, ok, high, high}},
		"log":             {with(func(f *AccountFacts) { f.DDoSOverrides = []DDoSOverride{{Action: "log"}} }), want{bad, ok, high, high}},
		"level":           {with(func(f *AccountFacts) { f.SecurityLevel = "essentially_off" }), want{bad, ok, high, high}},
		"dev mode":        {with(func(f *AccountFacts) { f.DevelopmentMode = true }), want{bad, ok, high, high}},
		"attack":          {with(func(f *AccountFacts) { f.SecurityLevel = "under_attack" }), want{bad, ok, readiness.Info, high}},
		"flexible":        {with(func(f *AccountFacts) { f.SSLMode = "flexible" }), want{ok, bad, high, high}},
		"full":            {with(func(f *AccountFacts) { f.SSLMode = "full" }), want{ok, bad, high, readiness.Medium}},
		"full and a rule": {with(func(f *AccountFacts) { f.SSLMode = "full"; f.SSLOverrides = []SSLOverride{{"legacy", "true", "off"}} }), want{ok, bad, high, high}},
		"not read":        {with(func(f *AccountFacts) { f.SSLMode = "" }), want{ok, readiness.Inconclusive, high, high}},
	} {
		report := readiness.NewRecorder("edge", readiness.Edge, testHost, rules())
		spec := DefaultSpec(testHost)
		spec.Account = tt.account
		judgeAccount(t.Context(), spec, report)
		result, err := report.Result()
		if err != nil {
			t.Fatal(err)
		}
		var got want
		for _, f := range result.Findings {
			switch f.Rule {
			case ruleDDoSSetting:
				got.ddos, got.ddosSev = f.Status, f.Severity
			case ruleOriginTLS:
				got.tls, got.tlsSev = f.Status, f.Severity
			}
		}
		if got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}
