package report

import (
	"encoding/json"
	"net/url"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// sarifLog is what a reader of the SARIF report looks at.
type sarifLog struct {
	Runs []struct {
		Tool struct {
			Driver struct {
				Rules []struct {
					ID               string
					HelpURI          string `json:"helpUri"`
					ShortDescription struct{ Text string }
					FullDescription  struct{ Text string }
					Help             struct{ Text string }
					Properties       struct {
						Severity string `json:"security-severity"`
						Tags     []string
					}
				}
			}
		}
		AutomationDetails struct{ ID string }
		Results           []struct {
			RuleID       string `json:"ruleId"`
			RuleIndex    int    `json:"ruleIndex"`
			Level        string
			Message      struct{ Text string }
			Fingerprints map[string]string `json:"partialFingerprints"`
			Suppressions []struct{ Kind, Status, Justification string }
			Locations    []struct {
				Physical struct {
					Artifact struct{ URI string } `json:"artifactLocation"`
					Region   struct{ StartLine int }
				} `json:"physicalLocation"`
				Logical []struct{ FullyQualifiedName string } `json:"logicalLocations"`
			}
		}
	}
}

func sarifOf(t testing.TB, s readiness.Scorecard, o Options) (sarifLog, []byte) {
	t.Helper()
	text, err := SARIF(s, o)
	if err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(text, &log); err != nil {
		t.Fatal(err)
	}
	return log, text
}

// The schema is that of OASIS, SARIF 2.1.0 errata 01.
func TestSARIFFitsTheOfficialSchema(t *testing.T) {
	official, err := os.ReadFile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	s := compiled(t, string(official))
	for name, card := range map[string]readiness.Scorecard{"nothing": {}, "nothing checked": decide(t, nil, readiness.Policy{}), "2,000": manyCard(t, 2000), "blocked": blockedCard(t), "decided": decidedCard(t), "open": openCard(t), "overridden": overriddenCard(t)} {
		t.Run(name, func(t *testing.T) {
			_, text := sarifOf(t, card, Options{})
			conforms(t, s, text)
		})
	}
}

// What code scanning demands beyond the schema: it refuses the whole upload
// where one result lacks a file.
func TestSARIFSuitsCodeScanning(t *testing.T) {
	card := blockedCard(t)
	known := func(id string) (readiness.Rule, bool) {
		if id != "tls.mixed_active" {
			return readiness.Rule{}, false
		}
		return readiness.Rule{ID: id, Area: readiness.TLS, Severity: readiness.High, Title: "a page loads a script without encryption", Remedy: "Load it by https."}, true
	}
	log, _ := sarifOf(t, card, Options{Rule: known})
	run := log.Runs[0]
	want := card.Count(readiness.Fail) + card.Count(readiness.Inconclusive) + card.Count(readiness.Waived)
	if len(run.Results) != want {
		t.Errorf("%d results, want %d", len(run.Results), want)
	}
	for _, r := range run.Tool.Driver.Rules {
		if r.ShortDescription.Text == "" || r.FullDescription.Text == "" || r.Help.Text == "" || !strings.HasPrefix(r.HelpURI, "https://") || r.Properties.Severity == "" || r.Properties.Tags[0] != "security" {
			t.Errorf("rule %+v", r)
		}
		if r.ID == "tls.mixed_active" && r.ShortDescription.Text != "A page loads a script without encryption" {
			t.Errorf("the rule's own title is not told: %+v", r)
		}
	}
	suppressed := 0
	seen := map[string]string{}
	for _, r := range run.Results {
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("%s points at the rule %s", r.RuleID, run.Tool.Driver.Rules[r.RuleIndex].ID)
		}
		if len(r.Locations) != 1 {
			t.Fatalf("%s has %d places", r.RuleID, len(r.Locations))
		}
		at := r.Locations[0]
		uri := at.Physical.Artifact.URI
		if uri == "" || path.IsAbs(uri) || strings.Contains(uri, "..") || strings.Contains(uri, ":") || at.Physical.Region.StartLine < 1 || len(at.Logical) != 1 {
			t.Errorf("%s stands at %+v", r.RuleID, at)
		}
		mark := r.Fingerprints["primaryLocationLineHash"]
		if mark == "" || seen[mark] != "" {
			t.Errorf("%s has the mark %q of %s", r.RuleID, mark, seen[mark])
		}
		seen[mark] = r.RuleID
		for _, s := range r.Suppressions {
			suppressed++
			if s.Kind != "external" || s.Status != "accepted" || !strings.Contains(s.Justification, "Ada Byron") {
				t.Errorf("suppression %+v", s)
			}
		}
		if strings.Contains(r.Message.Text, "](") {
			t.Errorf("a target's text is a link: %s", r.Message.Text)
		}
	}
	if suppressed != 1 {
		t.Errorf("%d are suppressed, want the one that is waived", suppressed)
	}
	if run.AutomationDetails.ID != "launchready/acme.example/" {
		t.Errorf("category %q", run.AutomationDetails.ID)
	}
}

func TestSARIFPlaces(t *testing.T) {
	for name, test := range map[string]struct {
		rule, subject, message string
		uri                    string
		line                   int
	}{
		"a file and line":       {"secrets.in_tree", "src/payments.js", "stripe key in line 12, fingerprint 3f", "src/payments.js", 12},
		"a file of the history": {"secrets.in_history", "src/pay ments.js@1f0c", "key in line 3", "launch/tls/src_pay_ments.js@1f0c", 1},
		"a file of a commit":    {"secrets.in_history", "src/payments.js@1f0c9b2", "key in line 3", "src/payments.js", 3},
		"a file without a line": {"support.placeholder", "money.md", "placeholders", "money.md", 1},
		"no file":               {"secrets.in_tree", "repository", "could not be read", "launch/tls/repository", 1},
		"a file above":          {"secrets.in_tree", "../../etc/passwd.txt", "line 2", "launch/tls/.._.._etc_passwd.txt", 1},
		"an absolute file":      {"secrets.in_tree", "/etc/passwd.txt", "line 2", "launch/tls/_etc_passwd.txt", 1},
		"a host":                {"tls.expiry", "portal.acme.example", "line 4 of something", "launch/tls/portal.acme.example", 1},
		"a route":               {"authz.object", "GET a.example/posts/{id}", "x", "launch/tls/GET_a.example_posts_{id}", 1},
		"dots alone":            {"tls.expiry", "..", "x", "launch/tls/_..", 1},
		"nothing":               {"tls.expiry", "", "x", "launch/tls/_", 1},
		"a very long one":       {"tls.expiry", strings.Repeat("ü", 200), "x", "launch/tls/" + strings.Repeat("ü", 60), 1},
	} {
		t.Run(name, func(t *testing.T) {
			at := place(readiness.Finding{Rule: test.rule, Area: readiness.TLS, Subject: test.subject, Message: test.message})
			uri, line := *at.PhysicalLocation.ArtifactLocation.URI, *at.PhysicalLocation.Region.StartLine
			if decoded := unescaped(t, uri); decoded != test.uri || line != test.line {
				t.Errorf("%s:%d, want %s:%d", decoded, line, test.uri, test.line)
			}
		})
	}
}

func unescaped(t *testing.T, uri string) string {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	return u.Path
}

func TestSARIFFingerprintsAreStable(t *testing.T) {
	f := readiness.Finding{Rule: "tls.expiry", Subject: "a.example", Severity: readiness.High, Message: "one"}
	g := f
	g.Message, g.Severity = "another wording", readiness.Low
	if fingerprints(f)["primaryLocationLineHash"] != fingerprints(g)["primaryLocationLineHash"] {
		t.Error("another wording makes another alert")
	}
	if got := fingerprints(f)["primaryLocationLineHash"]; got != "1d8bcb1c7c9363da:1" {
		t.Errorf("the mark of a finding is %s: alerts that are open would be closed and opened anew", got)
	}
	g.Subject = "b.example"
	if fingerprints(f)["primaryLocationLineHash"] == fingerprints(g)["primaryLocationLineHash"] {
		t.Error("two subjects share an alert")
	}
}
