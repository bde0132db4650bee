package readiness

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// today is the clock of these tests.
var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func date(t *testing.T, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func testCatalogue(t *testing.T) *Catalogue {
	t.Helper()
	rule := func(id string, area Area, severity Severity) Rule {
		return Rule{ID: id, Area: area, Severity: severity, Title: "title", Remedy: "mend " + id, References: []string{"RFC 1"}}
	}
	c, err := NewCatalogue(GovernanceRules(), AttestedRules(), []Rule{
		rule("spf.missing", EmailAuth, High), rule("spf.ptr", EmailAuth, Medium), rule("dmarc.missing", EmailAuth, Critical),
		rule("tls.chain", TLS, Critical), rule("tls.no_tls13", TLS, Low),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func finding(rule string, area Area, severity Severity, status Status, subject string) Finding {
	return Finding{Rule: rule, Area: area, Severity: severity, Status: status, Subject: subject, Message: "seen", Remedy: "mend " + rule}
}

func TestCatalogueRefuses(t *testing.T) {
	good := Rule{ID: "spf.missing", Area: EmailAuth, Severity: High, Title: "t", Remedy: "r", References: []string{"RFC 7208"}}
	change := func(f func(*Rule)) []Rule { r := good; f(&r); return []Rule{r} }
	for name, test := range map[string]struct {
		lists [][]Rule
		want  string
	}{
		"an id twice":         {[][]Rule{{good}, {good}}, "twice"},
		"an id without a dot": {[][]Rule{change(func(r *Rule) { r.ID = "spf" })}, "form"},
		"an unknown area":     {[][]Rule{change(func(r *Rule) { r.Area = "mail" })}, "area"},
		"an unknown severity": {[][]Rule{change(func(r *Rule) { r.Severity = "bad" })}, "severity"},
		"no remedy":           {[][]Rule{change(func(r *Rule) { r.Remedy = "" })}, "required"},
		"no reference":        {[][]Rule{change(func(r *Rule) { r.References = nil })}, "required"},
	} {
		if _, err := NewCatalogue(test.lists...); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.want)
		}
	}
	if _, err := NewCatalogue([]Rule{good}); err != nil {
		t.Errorf("a good rule: %v", err)
	}
}

func TestNearest(t *testing.T) {
	c := testCatalogue(t)
	for written, want := range map[string]string{
		"spf.mising": "spf.missing", "TLS.chain": "tls.chain", "dmarc_missing": "dmarc.missing", "something.else.entirely": "", "": "",
	} {
		if got := c.Nearest(written); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", written, got, want)
		}
	}
}

func TestOwnRulesHavePages(t *testing.T) {
	known := map[string]bool{}
	for _, r := range append(GovernanceRules(), AttestedRules()...) {
		known[r.ID] = true
		if text, err := Page(r.ID); err != nil || len(text) < 100 {
			t.Errorf("rule %s has no page: %v", r.ID, err)
		}
	}
	entries, _ := pages.ReadDir("rules")
	for _, e := range entries {
		if id := strings.TrimSuffix(e.Name(), ".md"); !known[id] {
			t.Errorf("page %s has no rule", e.Name())
		}
	}
}

func TestDateIsGoodUntilTheDayIsOver(t *testing.T) {
	d := date(t, "2026-11-23")
	for at, over := range map[string]bool{
		"2026-11-23T00:00:00Z": false, "2026-11-23T23:59:59Z": false, "2026-11-24T00:00:00Z": true, "2026-11-24T00:30:00+01:00": false,
	} {
		now, _ := time.Parse(time.RFC3339, at)
		if d.Over(now) != over {
			t.Errorf("%s is over at %s: %v, want %v", d, at, !over, over)
		}
	}
	if d.String() != "2026-11-23" {
		t.Errorf("String() = %q", d.String())
	}
	for _, bad := range []string{"", "2026-13-01", "23.11.2026", "2026-11-23T00:00:00Z", "2026-02-30"} {
		if _, err := ParseDate(bad); err == nil {
			t.Errorf("ParseDate(%q) succeeded", bad)
		}
	}
}

func TestMatchPattern(t *testing.T) {
	for _, test := range []struct {
		pattern, subject string
		want             bool
	}{
		{"*", "anything", true}, {"*", "", true}, {"", "", true}, {"", "x", false},
		{"portal.acme.example", "portal.acme.example", true}, {"portal.acme.example", "xportal.acme.example", false},
		{"*.acme.example", "portal.acme.example", true}, {"*.acme.example", "acme.example", false},
		{"GET /api/*/x", "GET /api/a/b/x", true}, {"a*b*c", "abc", true}, {"a*b*c", "acb", false}, {"ab*ba", "aba", false},
		{"a*", "a", true}, {"**", "x", true},
	} {
		if got := MatchPattern(test.pattern, test.subject); got != test.want {
			t.Errorf("MatchPattern(%q, %q) = %v", test.pattern, test.subject, got)
		}
	}
	w := Waiver{Rule: "tls.chain", Subject: "Portal.ACME.example"}
	if !w.Matches(Finding{Rule: "tls.chain", Subject: "portal.acme.example"}) {
		t.Error("case of a subject must make no difference")
	}
}

func TestApplyWaivers(t *testing.T) {
	findings := []Finding{
		finding("spf.missing", EmailAuth, High, Fail, "acme.example"),
		finding("spf.missing", EmailAuth, High, Fail, "mail.acme.example"),
		finding("spf.ptr", EmailAuth, Medium, Pass, "acme.example"),
		finding("tls.chain", TLS, Critical, Inconclusive, "acme.example"),
	}
	waiver := func(rule, subject, expires string) Waiver {
		return Waiver{Rule: rule, Subject: subject, Reason: "why", Owner: "who", Expires: date(t, expires)}
	}
	areaOf := func(rule string) (Area, bool) {
		for _, f := range findings {
			if f.Rule == rule {
				return f.Area, true
			}
		}
		return "", false
	}
	for name, test := range map[string]struct {
		waiver Waiver
		want   []string // "rule subject status" of what differs from the input
	}{
		"one subject":           {waiver("spf.missing", "mail.*", "2026-11-23"), []string{"spf.missing mail.acme.example waived"}},
		"all subjects":          {waiver("spf.missing", "*", "2027-01-01"), []string{"spf.missing acme.example waived", "spf.missing mail.acme.example waived"}},
		"what cannot be tested": {waiver("tls.chain", "*", "2027-01-01"), []string{"tls.chain acme.example waived"}},
		"expired":               {waiver("spf.missing", "*", "2026-11-22"), []string{"gate.waiver_expired spf.missing * fail"}},
		"a pass is not waived":  {waiver("spf.ptr", "*", "2027-01-01"), []string{"gate.waiver_unused spf.ptr * fail"}},
		"no such subject":       {waiver("spf.missing", "other", "2027-01-01"), []string{"gate.waiver_unused spf.missing other fail"}},
		"another check's rule":  {waiver("dmarc.missing", "*", "2020-01-01"), nil},
		"expired and unmatched": {waiver("spf.missing", "other", "2020-01-01"), []string{"gate.waiver_expired spf.missing other fail"}},
	} {
		before := slices.Clone(findings)
		got := ApplyWaivers(findings, []Waiver{test.waiver}, today, areaOf)
		if diff := cmp.Diff(before, findings); diff != "" {
			t.Errorf("%s: input changed: %s", name, diff)
		}
		var changed []string
		for _, f := range got {
			if !slices.Contains(before, f) {
				changed = append(changed, f.Rule+" "+f.Subject+" "+string(f.Status))
				if f.Status == Waived && f.Waiver != "why (who, until "+test.waiver.Expires.String()+")" {
					t.Errorf("%s: waiver note %q", name, f.Waiver)
				}
			}
		}
		if diff := cmp.Diff(test.want, changed); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

func TestRecorder(t *testing.T) {
	rules := []Rule{
		{ID: "a.one", Area: TLS, Severity: High, Title: "t", Remedy: "mend", References: []string{"r"}},
		{ID: "a.two", Area: TLS, Severity: Low, Title: "t", Remedy: "mend", References: []string{"r"}},
		{ID: "a.silent", Area: TLS, Severity: High, Title: "t", Remedy: "mend", References: []string{"r"}},
	}
	r := NewRecorder("tls", TLS, "acme.example", rules)
	r.Fail("a.one", "x", "bad")
	r.Fail("a.one", "x", "bad") // reported twice, found once
	r.Pass("a.two", "x", "good")
	result, err := r.Result()
	if err != nil {
		t.Fatal(err)
	}
	want := []Finding{
		{Rule: "a.one", Area: TLS, Severity: High, Subject: "x", Status: Fail, Message: "bad", Remedy: "mend", Reference: RulePage("a.one")},
		{Rule: "a.silent", Area: TLS, Severity: High, Subject: "acme.example", Status: Inconclusive, Message: "the check came to no verdict on this rule", Remedy: "mend", Reference: RulePage("a.silent")},
		{Rule: "a.two", Area: TLS, Severity: Low, Subject: "x", Status: Pass, Message: "good", Reference: RulePage("a.two")},
	}
	if diff := cmp.Diff(want, result.Findings); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	r.Fail("a.unknown", "x", "bad")
	if _, err := r.Result(); err == nil || !strings.Contains(err.Error(), "a.unknown") {
		t.Errorf("a rule that is not declared: error %v", err)
	}
}

func TestResultStatus(t *testing.T) {
	for name, test := range map[string]struct {
		findings []Finding
		failOn   Severity
		want     Status
	}{
		"nothing":                      {nil, High, Pass},
		"pass":                         {[]Finding{finding("a.b", TLS, Critical, Pass, "x")}, High, Pass},
		"fail":                         {[]Finding{finding("a.b", TLS, High, Fail, "x")}, High, Fail},
		"fail below the threshold":     {[]Finding{finding("a.b", TLS, Medium, Fail, "x")}, High, Pass},
		"fail at a lower threshold":    {[]Finding{finding("a.b", TLS, Medium, Fail, "x")}, Medium, Fail},
		"inconclusive is not a pass":   {[]Finding{finding("a.b", TLS, High, Inconclusive, "x")}, High, Inconclusive},
		"fail outweighs inconclusive":  {[]Finding{finding("a.b", TLS, High, Inconclusive, "x"), finding("a.c", TLS, High, Fail, "x")}, High, Fail},
		"waived":                       {[]Finding{finding("a.b", TLS, Critical, Waived, "x")}, High, Pass},
		"not applicable":               {[]Finding{finding("a.b", TLS, Critical, NotApplicable, "x")}, High, Pass},
		"an unknown status blocks":     {[]Finding{finding("a.b", TLS, High, "later", "x")}, High, Inconclusive},
		"an unknown severity is worst": {[]Finding{finding("a.b", TLS, "awful", Fail, "x")}, Critical, Fail},
	} {
		r := Result{Findings: test.findings}
		if got := r.Status(test.failOn); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
		if r.Passed(test.failOn) != (test.want == Pass) {
			t.Errorf("%s: Passed disagrees with Status", name)
		}
	}
}
