package readiness

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// on puts findings of one rule on several subjects.
func on(line string, subjects ...string) []Finding {
	var out []Finding
	for _, s := range subjects {
		f := seen(line)[0]
		f.Subject = s
		out = append(out, f)
	}
	return out
}

func planOf(t *testing.T, policy Policy, findings ...[]Finding) WorkPlan {
	t.Helper()
	if policy.FailOn == "" {
		policy.FailOn = High
	}
	return planWork(testCatalogue(t), slices.Concat(findings...), policy, nil)
}

func TestTasksAreRootCauses(t *testing.T) {
	plan := planOf(t, Policy{},
		on("tls.hsts_missing fail medium", "a.acme.example", "b.acme.example", "c.acme.example"), // one job on three hosts
		on("secrets.in_history fail critical", ".env@1", "key.pem@2"),                            // two keys to rotate
		seen("spf.missing pass", "spf.ptr waived", "dkim.missing not_applicable"),                // nothing to do
	)
	got := map[string]Task{}
	for _, s := range plan.Sprints {
		for _, task := range s.Tasks {
			got[task.Rule] = task
		}
	}
	if len(got) != 2 {
		t.Fatalf("%d tasks, want 2: %+v", len(got), got)
	}
	if diff := cmp.Diff(Range{0.75, 1.5}, got["tls.hsts_missing"].Hours); diff != "" {
		t.Errorf("a quarter of an hour for each further subject (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(Range{3, 4}, got["secrets.in_history"].Hours); diff != "" {
		t.Errorf("an hour for each further key (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a.acme.example", "b.acme.example", "c.acme.example"}, got["tls.hsts_missing"].Subjects); diff != "" {
		t.Errorf("subjects (-want +got)\n%s", diff)
	}
	if got["tls.hsts_missing"].Blocks || !got["secrets.in_history"].Blocks {
		t.Error("what blocks")
	}
	if diff := cmp.Diff(Range{3.75, 5.5}, plan.Hours); diff != "" {
		t.Errorf("sum (-want +got)\n%s", diff)
	}
}

// One cause that keeps many rules from being tested is one task; what it may
// bring to light is in the upper estimate.
func TestUntestedIsOneTask(t *testing.T) {
	findings := seen("spf.missing inconclusive", "dmarc.missing inconclusive critical", "spf.lookup_limit inconclusive critical")
	for i := range findings {
		findings[i].Message, findings[i].Remedy = "the name server does not answer", MakeTestable
	}
	plan := planOf(t, Policy{}, findings)
	if len(plan.Sprints) != 1 || len(plan.Sprints[0].Tasks) != 1 {
		t.Fatalf("plan: %+v", plan)
	}
	task := plan.Sprints[0].Tasks[0]
	if task.Rule != "dmarc.missing" || task.Status != Inconclusive || len(task.Rules) != 3 {
		t.Errorf("task: %+v", task)
	}
	if diff := cmp.Diff(Range{0.25, 2.5}, task.Hours); diff != "" {
		t.Errorf("hours (-want +got)\n%s", diff)
	}
}

// Not measuring must not make the work look smaller than a failure does.
func TestNotMeasuringIsNotCheaper(t *testing.T) {
	for pattern := range efforts() {
		rule := strings.ReplaceAll(pattern, "*", "x")
		failed := planOf(t, Policy{}, []Finding{finding(rule, TLS, High, Fail, "x")}).Hours
		unknown := planOf(t, Policy{}, []Finding{finding(rule, TLS, High, Inconclusive, "x")}).Hours
		if unknown.High < failed.High {
			t.Errorf("%s: at most %g h not tested, %g h failed", rule, unknown.High, failed.High)
		}
	}
}

func TestSprints(t *testing.T) {
	plan := planOf(t, Policy{HourlyRate: 100},
		seen("support.runbook_missing fail", "dns.dangling fail", "authz.object_cross_org fail critical", "obs.uptime_missing fail", "deploy.drift fail medium",
			"deploy.env_parity fail", "spf.missing fail", "edge.waf_absent fail", "tls.chain fail critical", "tls.http_no_redirect fail", "rate.missing fail critical",
			"rate.account_missing fail", "cors.vary_missing fail medium", "latency.p95 fail"),
	)
	var got []string
	for _, s := range plan.Sprints {
		line := s.ID
		for _, task := range s.Tasks {
			line += " " + task.Rule
		}
		got = append(got, line)
		if (s.Window == nil) != (s.ID == "application") {
			t.Errorf("window of %s: %v", s.ID, s.Window)
		}
		if s.Cost == nil || s.Cost.High != s.Hours.High*100 {
			t.Errorf("cost of %s: %v at %v hours", s.ID, s.Cost, s.Hours)
		}
	}
	want := []string{
		"dns tls.http_no_redirect dns.dangling",
		"tls tls.chain",
		"edge rate.missing edge.waf_absent cors.vary_missing",
		"mail spf.missing",
		"secrets deploy.env_parity",
		"observability obs.uptime_missing latency.p95",
		"deployment deploy.drift",
		"handover support.runbook_missing",
		"application rate.account_missing authz.object_cross_org",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if planOf(t, Policy{}, seen("spf.missing fail")).Cost != nil {
		t.Error("money without a rate")
	}
}

func TestEffortOverrides(t *testing.T) {
	overrides := map[string]Range{"spf.missing": {7, 8}, "dkim.*": {5, 6}, "d*": {1, 1}}
	for rule, want := range map[string]Range{"spf.missing": {7, 8}, "dkim.syntax": {5, 6}, "dmarc.syntax": {1, 1}, "tls.chain": {0.5, 2}, "new.rule": unknownEffort} {
		if got := effortOf(efforts(), overrides, rule); got != want {
			t.Errorf("%s: %v, want %v", rule, got, want)
		}
	}
}

func TestRiskAndExposure(t *testing.T) {
	for rule, want := range map[string]string{
		"authz.object_anonymous": Anonymous, "authz.object_cross_org": Member, "secrets.in_bundle": Anonymous, "secrets.in_tree": Staff,
		"support.runbook_missing": Staff, "edge.waf_absent": Anonymous,
	} {
		if got := exposureOf(rule); got != want {
			t.Errorf("%s: %s, want %s", rule, got, want)
		}
	}
	plan := planOf(t, Policy{Effort: map[string]Range{"*": {1, 3}}}, seen("authz.object_cross_org fail critical"))
	if got := plan.Sprints[0].Tasks[0].Risk; got != 10 { // 10 x 2 / 2 hours
		t.Errorf("risk %g, want 10", got)
	}
}

func TestRecommendation(t *testing.T) {
	for name, test := range map[string]struct {
		findings []Finding
		want     string
	}{
		"nothing":                   {seen("spf.missing pass"), "Launch: nothing"},
		"notes":                     {seen("spf.missing fail info"), "Launch: nothing"},
		"small things":              {seen("spf.ptr fail medium", "tls.hsts_short fail low"), "Launch, and mend afterwards what does not block: 2 findings."},
		"edge and mail":             {seen("spf.missing fail", "edge.origin_direct fail critical"), "as one sprint of 48 hours"},
		"one critical of its own":   {seen("authz.object_cross_org fail critical", "spf.missing fail"), "authorization are mended by someone who knows the code"},
		"two of them":               {seen("authz.object_cross_org fail critical", "secrets.in_tree fail critical"), "senior engineer before the launch: there are critical failures in authorization and secrets."},
		"high in the application":   {seen("session.fixation fail"), "estimated after triage"},
		"only untested":             {seen("spf.missing inconclusive"), "Make testable"},
		"a waiver is no failure":    {seen("authz.object_cross_org waived critical", "secrets.in_tree waived critical"), "Launch: nothing"},
		"only ended":                {[]Finding{finding(WaiverExpired, TLS, High, Fail, "x"), finding(AttestationExpired, Secrets, High, Fail, "y")}, "Have the owners look again"},
		"ended, and untested":       {append(seen("spf.missing inconclusive"), finding(WaiverExpired, TLS, High, Fail, "x")), "Make testable"},
		"a gate's rule is no fault": {[]Finding{finding(AreaUncovered, Authorization, Critical, Fail, "x"), finding(AreaUncovered, Secrets, Critical, Fail, "x")}, "Make testable"},
	} {
		if got := recommend(test.findings, High, nil); !strings.Contains(got, test.want) {
			t.Errorf("%s: %q lacks %q", name, got, test.want)
		}
	}
}

// An open gate says nothing of what nobody looked at.
func TestRecommendationNamesWhatWasNotLookedAt(t *testing.T) {
	for want, findings := range map[string][]Finding{
		"Nothing is left to mend. Before a launch, look at authentication and TLS too.":                           seen("spf.missing pass"),
		"Mend when there is time what does not block: 1 finding. Before a launch, look at authentication and TLS": seen("spf.ptr fail medium"),
		"as one sprint of 48 hours": seen("spf.missing fail"),
	} {
		if got := recommend(findings, High, []Area{Authentication, TLS}); !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}
