package report

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func junitOf(t testing.TB, s readiness.Scorecard) junitSuites {
	t.Helper()
	text, err := JUnit(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out junitSuites
	if err := xml.Unmarshal(text, &out); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return out
}

func TestJUnit(t *testing.T) {
	s := blockedCard(t)
	got := junitOf(t, s)
	failures, undecided := 0, 0
	for _, f := range s.Violations {
		if f.Status == readiness.Fail {
			failures++
		} else {
			undecided++
		}
	}
	if got.Tests != len(s.Findings) || got.Failures != failures || got.Errors != undecided || len(got.Suites) != 10 {
		t.Errorf("%d tests, %d failures, %d errors in %d suites; want %d, %d, %d in 10", got.Tests, got.Failures, got.Errors, len(got.Suites), len(s.Findings), failures, undecided)
	}
	find := func(name string) *junitCase {
		for _, suite := range got.Suites {
			for i := range suite.Cases {
				if strings.HasPrefix(suite.Cases[i].Name, name+" ") {
					return &suite.Cases[i]
				}
			}
		}
		t.Fatalf("there is no test %s", name)
		return nil
	}
	if c := find("dmarc.not_enforced"); c.Failure == nil || c.Failure.Type != "high" || !strings.Contains(c.Failure.Text, "Fix: launchready_dmarc_record") || c.ClassName != "launch.email_auth" {
		t.Errorf("a failure: %+v", c)
	}
	if c := find("rate.missing"); c.Error == nil || !strings.HasPrefix(c.Error.Message, "could not be tested") {
		t.Errorf("what could not be tested: %+v", c)
	}
	if c := find("mta_sts.absent"); c.Skipped == nil || !strings.Contains(c.Skipped.Message, "does not block") {
		t.Errorf("what does not block: %+v", c)
	}
	if c := find("headers.csp"); c.Skipped == nil || !strings.Contains(c.Skipped.Message, "Ada Byron") {
		t.Errorf("what is waived: %+v", c)
	}
	if c := find("deploy.rollback"); c.Skipped == nil || !strings.HasPrefix(c.Skipped.Message, "not applicable") {
		t.Errorf("what does not apply: %+v", c)
	}
	if c := find("spf.valid"); c.Failure != nil || c.Error != nil || c.Skipped != nil {
		t.Errorf("what passed: %+v", c)
	}
}

// A run is red exactly if the gate is.
func TestJUnitOfAnOpenGateIsGreen(t *testing.T) {
	if got := junitOf(t, openCard(t)); got.Failures+got.Errors != 0 || got.Tests == 0 {
		t.Errorf("%d failures, %d errors of %d", got.Failures, got.Errors, got.Tests)
	}
}

// What is about the launch as a whole lies in no area, and is not left out.
func TestNothingCheckedIsRed(t *testing.T) {
	s := decide(t, nil, readiness.Policy{FailOn: readiness.High})
	got := junitOf(t, s)
	if s.Gate != readiness.Blocked || got.Failures != 1 || got.Suites[0].Name != "Launch" || got.Suites[0].Cases[0].ClassName != "launch.gate" {
		t.Errorf("gate %s: %+v", s.Gate, got)
	}
	page, err := HTML(s, Options{})
	if err != nil || strings.Count(string(page), "gate.area_uncovered") < 2 {
		t.Errorf("the page tells of it %d times, %v", strings.Count(string(page), "gate.area_uncovered"), err)
	}
	text, err := JSON(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	conforms(t, compiled(t, Schema()), text)
}

func TestJUnitNamesAreUnique(t *testing.T) {
	f := finding(readiness.TLS, "tls.one", readiness.High, "a.example", readiness.Fail, "first")
	g := f
	g.Message = "second"
	s := decide(t, []readiness.Result{{Check: "tls", Area: readiness.TLS, Findings: []readiness.Finding{f, g}}}, readiness.Policy{FailOn: readiness.High})
	names := map[string]bool{}
	for _, c := range junitOf(t, s).Suites[0].Cases {
		if names[c.Name] {
			t.Errorf("%q is there twice", c.Name)
		}
		names[c.Name] = true
	}
}
