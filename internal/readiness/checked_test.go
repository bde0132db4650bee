package readiness

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A check that was there and is gone is named, and what it had found open is no
// longer checked: it is never called mended, whatever passes elsewhere.
func TestChecksGone(t *testing.T) {
	checkOf := func(name string, area Area, target string, findings ...Finding) Result {
		return Result{Check: name, Area: area, Target: target, Findings: findings}
	}
	main := checkOf("email_auth", EmailAuth, "acme.example", finding("dmarc.missing", EmailAuth, Critical, Pass, "acme.example"))
	mail := checkOf("email_auth", EmailAuth, "mail.acme.example", finding("dmarc.missing", EmailAuth, Critical, Fail, "mail.acme.example"))
	portal := checkOf("secrets", Secrets, "../portal", finding("secrets.in_tree", Secrets, Critical, Pass, "../portal"))
	api := checkOf("secrets", Secrets, "../api", finding("secrets.in_tree", Secrets, Critical, Fail, "config/.env"))
	hosts := func(list string, status Status) Result {
		return checkOf("tls", TLS, list, finding("tls.chain", TLS, Critical, status, "a.acme.example"))
	}
	for name, test := range map[string]struct {
		then, now []Result
		gone      []string // checks
		findings  []string // no longer checked
		mended    int
	}{
		"all there":                     {[]Result{main, mail}, []Result{main, mail}, nil, nil, 0},
		"the failing of two is gone":    {[]Result{main, mail}, []Result{main}, []string{"email_auth of mail.acme.example"}, []string{"dmarc.missing mail.acme.example"}, 0},
		"a repository is gone":          {[]Result{portal, api}, []Result{portal}, []string{"secrets of ../api"}, []string{"secrets.in_tree config/.env"}, 0},
		"a whole kind of check is gone": {[]Result{main, mail, portal}, []Result{portal, main}, []string{"email_auth of mail.acme.example"}, []string{"dmarc.missing mail.acme.example"}, 0},
		"a host more":                   {[]Result{hosts("a.acme.example", Fail)}, []Result{hosts("a.acme.example, b.acme.example", Pass)}, nil, nil, 1},
		"a host less":                   {[]Result{hosts("a.acme.example, b.acme.example", Fail)}, []Result{hosts("b.acme.example", NotApplicable)}, []string{"tls of a.acme.example"}, []string{"tls.chain a.acme.example"}, 0},
	} {
		before := Decide(testCatalogue(t), test.then, Policy{FailOn: High}, today)
		for _, old := range []bool{false, true} {
			text, err := json.Marshal(struct {
				FormatVersion int `json:"format_version"`
				Scorecard
			}{2, before})
			if err != nil {
				t.Fatal(err)
			}
			b, err := ParseBaseline(text)
			if err != nil {
				t.Fatal(err)
			}
			gone := slices.Clone(test.gone)
			if old { // names and targets alone
				b.Checks = nil
				for i, text := range gone {
					_, gone[i], _ = strings.Cut(text, " of ")
				}
			}
			b.Targets = append(b.Targets, "acme.example") // the same launch in any case
			s := Decide(testCatalogue(t), append(slices.Clone(test.now), checkOf("dns", TLS, "acme.example")), Policy{FailOn: High, Baseline: &b}, today)
			c := s.Changes
			var checks, findings []string
			for _, one := range c.ChecksGone {
				checks = append(checks, one.String())
			}
			for _, f := range c.Gone {
				findings = append(findings, f.Rule+" "+f.Subject)
			}
			if diff := cmp.Diff(gone, checks); diff != "" {
				t.Errorf("%s: checks (-want +got)\n%s", name, diff)
			}
			if diff := cmp.Diff(test.findings, findings); diff != "" {
				t.Errorf("%s: findings (-want +got)\n%s", name, diff)
			}
			if len(c.Mended) != test.mended {
				t.Errorf("%s: mended %v", name, c.Mended)
			}
			want := ""
			if len(gone) > 0 {
				want = fmt.Sprintf("No longer checked: %s. 1 finding open then", gone[0])
			}
			if got := s.LeftOut(); !strings.HasPrefix(got, want) || want == "" && got != "" {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
}

// A criterion that nothing had decided is mended once it is, and not when the
// areas are no longer asked for.
func TestCriterionMended(t *testing.T) {
	then := Baseline{Findings: []Finding{finding(CriterionUndecided, TLS, Critical, Inconclusive, "L4")}}
	for status, want := range map[Status]int{Pass: 1, Fail: 1, Inconclusive: 0, NotApplicable: 0} {
		if c := changes(then, Scorecard{Criteria: []Criterion{{ID: "L4", Status: status}}}); len(c.Mended) != want {
			t.Errorf("L4 is %s: mended %v, gone %v", status, c.Mended, c.Gone)
		}
	}
}

// Counted is what the checks that are gone had found, and not all that nobody
// looked at now.
func TestLeftOutCounts(t *testing.T) {
	gone := []Checked{{"tls", TLS, "b.example"}}
	now := []Checked{{"tls", TLS, "a.example"}, {"email_auth", EmailAuth, "b.example"}}
	const name = "No longer checked: tls of b.example."
	for want, findings := range map[string][]Finding{
		name: slices.Concat(on("tls.chain fail", "a.example"), on("dmarc.missing fail", "b.example"), []Finding{
			finding(AreaUncovered, TLS, Critical, Fail, "tls"), finding("tls.chain", TLS, Critical, Inconclusive, attested)}),
		name + " 1 finding open then: nobody knows whether it is mended.":     on("tls.chain fail", "a.example", "b.example/x"),
		name + " 2 findings open then: nobody knows whether they are mended.": on("tls.chain fail", "b.example", "www.b.example"),
	} {
		s := Scorecard{Checks: now, Changes: &Changes{ChecksGone: gone, Gone: findings}}
		if got := s.LeftOut(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A waiver that matched nothing, and is there no more, was deleted: a host less
// changes nothing about that. Whether what an expired one accepted still stands,
// the check that is gone would have to tell.
func TestWaiverMendedWithoutACheck(t *testing.T) {
	for rule, want := range map[string]int{WaiverUnused: 1, WaiverExpired: 0} {
		c := changes(Baseline{
			Targets: []string{"a.example, b.example"}, Checks: []Checked{{"tls", TLS, "a.example, b.example"}},
			Findings: []Finding{finding(rule, TLS, Info, Fail, "tls.chain *")},
		}, Scorecard{Targets: []string{"a.example"}, Checks: []Checked{{"tls", TLS, "a.example"}}})
		if c == nil || len(c.ChecksGone) != 1 || len(c.Mended) != want || len(c.Gone) != 1-want {
			t.Errorf("%s: %+v", rule, c)
		}
	}
}

// A host less, or more, of the only check is the same launch.
func TestSameLaunchOfSeveralHosts(t *testing.T) {
	for _, test := range []struct {
		before, now string
		want        bool
	}{
		{"a.example, b.example", "a.example", true},
		{"b.example", "a.example, b.example", true},
		{"a.example, b.example", "c.example, a.example.org", false},
	} {
		b := Baseline{Targets: []string{test.before}, Checks: []Checked{{"tls", TLS, test.before}}}
		s := Scorecard{Targets: []string{test.now}, Checks: []Checked{{"tls", TLS, test.now}}}
		if got := b.SameLaunch(s); got != test.want {
			t.Errorf("%s, then %s: %v", test.before, test.now, got)
		}
	}
	c := changes(Baseline{Targets: []string{"a.example, b.example"}, Checks: []Checked{{"tls", TLS, "a.example, b.example"}}},
		Scorecard{Targets: []string{"a.example"}, Checks: []Checked{{"tls", TLS, "a.example"}}})
	if c == nil || len(c.ChecksGone) != 1 || c.ChecksGone[0].Target != "b.example" {
		t.Errorf("a host less: %+v", c)
	}
}
