package obscheck

import (
	"strings"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/check"
	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// A remedy fits the reason: how the target is reached is no help where the query,
// the credentials or the request are wrong.
func TestRemedyFitsTheReason(t *testing.T) {
	for reason, want := range map[string]string{
		"Prometheus does not take the query: bad_data: 1:1: parse error":                          "PromQL",
		"Prometheus answers with a value that is not finite: the query must give a number":        "query of the signal",
		"the metrics endpoint answers with what is not Prometheus's text format":                  "url of the sink",
		"Loki answers with a page for people: check url, and whether a sign-in is in front of it": "url of the sink",
		"Loki refuses the credentials (401)":                                                      "bearer_token",
		"Prometheus cannot be reached: connection refused":                                        "Start what the sink names",
		"prometheus: Prometheus cannot be reached: connection refused":                            "Start what the sink names",
		"the file does not exist":                    "path of the sink",
		"the mailbox cannot be read: sign-in failed": "LAUNCHREADY_MAILBOXES",
		"the drill did not happen: 404 says that there is nothing at the address for this method":               "method and path",
		"the drill did not happen: the answer is 200, no error":                                                 "expect_status",
		"the drill did not happen: too many requests had been made before":                                      "lower repeat",
		"the drill did not happen: the edge asks for proof of a person; exempt this machine from the challenge": "user agent",
		"the drill did not happen: connection refused":                                                          "probe.connect_to",
		"nothing of the drill was seen there":                                                                   "see what is said of this signal",
	} {
		if got := check.Remedies(causes)(reason); !strings.Contains(got, want) {
			t.Errorf("%s: the remedy is %q, which lacks %q", reason, got, want)
		}
	}
}

// The remedy reaches the finding.
func TestRemedyOfAFinding(t *testing.T) {
	w := &world{answer: status(404), sinks: map[string]*fakeSink{"it": {kind: probe.SinkFile, look: entries(true, soundLine)}}}
	w.sinks["it"].world = w
	result, err := Definition.Execute(t.Context(), w, Spec{Drills: []Drill{signIn(signal("it", probe.SinkFile))}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Findings {
		if f.Status == readiness.Inconclusive && f.Remedy == readiness.MakeTestable {
			t.Errorf("%s %s: %s: the remedy is about how the target is reached", f.Rule, f.Subject, f.Message)
		}
	}
}
