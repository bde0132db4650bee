package handover

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Verified is what the scorecard says, as far as a handover needs it.
type Verified struct {
	Name         string
	Gate         readiness.Gate
	FailOn       readiness.Severity
	Score        int
	Targets      []string
	Areas        []readiness.AreaScore
	Criteria     []readiness.Criterion
	Deliverables []readiness.Deliverable
	Passed       int                 // findings
	Standing     []readiness.Finding // what stands, whether it blocks or not; worst first
	Override     *Override

	findings []readiness.Finding
}

// Override says why the gate was overridden.
type Override struct {
	Reason  string `json:"reason"`
	Owner   string `json:"owner"`
	Expires string `json:"expires"`
}

// ErrNoScorecard says what the text that is no scorecard should be.
var ErrNoScorecard = errors.New("it is no JSON report of a scorecard: hand over the attribute json of launchready_scorecard, or the text of a report file that ends in .json")

// readScorecard reads a JSON report. Fields that are not known are left alone: a
// later version may have more.
func readScorecard(text string) (*Verified, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var doc struct {
		FormatVersion int                     `json:"format_version"`
		Name          string                  `json:"name"`
		Gate          readiness.Gate          `json:"gate"`
		FailOn        readiness.Severity      `json:"fail_on"`
		Score         int                     `json:"score"`
		Targets       []string                `json:"targets"`
		Areas         []readiness.AreaScore   `json:"areas"`
		Criteria      []readiness.Criterion   `json:"criteria"`
		Deliverables  []readiness.Deliverable `json:"deliverables"`
		Findings      []readiness.Finding     `json:"findings"`
		Override      *Override               `json:"override"`
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil || doc.FormatVersion == 0 {
		return nil, ErrNoScorecard
	}
	if !slices.Contains([]readiness.Gate{readiness.Open, readiness.Blocked, readiness.Overridden}, doc.Gate) || len(doc.Areas) == 0 {
		return nil, fmt.Errorf("the scorecard is of format %d, which this version of the provider does not read: make it with the same version", doc.FormatVersion)
	}
	v := Verified{
		Name: doc.Name, Gate: doc.Gate, FailOn: doc.FailOn, Score: doc.Score, Targets: doc.Targets, Areas: doc.Areas,
		Criteria: doc.Criteria, Deliverables: doc.Deliverables, Override: doc.Override, findings: doc.Findings,
	}
	for _, f := range doc.Findings {
		switch {
		case f.Status == readiness.Pass:
			v.Passed++
		case f.Status.Violates():
			v.Standing = append(v.Standing, f)
		}
	}
	readiness.SortWorstFirst(v.Standing)
	return &v, nil
}

// Unchecked are the areas of which nothing was decided.
func (v Verified) Unchecked() []string {
	var out []string
	for _, a := range v.Areas {
		if a.Status == readiness.NotApplicable {
			out = append(out, a.Area.Title())
		}
	}
	return out
}

// Waiver is a violation that somebody accepts for a time.
type Waiver struct {
	Rule, Subject, Reason, Owner string
	Expires                      string // 2027-01-31; empty: it says none
	Expired                      bool
	Findings                     int // that it accepts
}

// Attestation is a person's answer for what no probe can see.
type Attestation struct {
	Rule, Statement, Owner, Evidence, Expires string
	Expired                                   bool
}

// note is how a finding shows the waiver that accepts it.
var note = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)^(.*) \((.*), until (\d{4}-\d\d-\d\d)\)$`)
})

// waivers are those that are declared, and those that the scorecard shows beside
// them: a check may have its own, and a comment in a file may accept a finding.
func waivers(declared []readiness.Waiver, v *Verified, now time.Time) []Waiver {
	var out []Waiver
	for _, w := range declared {
		out = append(out, Waiver{Rule: w.Rule, Subject: w.Subject, Reason: w.Reason, Owner: w.Owner, Expires: w.Expires.String(), Expired: w.Expires.Over(now)})
	}
	if v == nil {
		return out
	}
	seen := map[Waiver]int{}
	for _, f := range v.findings {
		if f.Status != readiness.Waived {
			continue
		}
		if i := slices.IndexFunc(declared, func(w readiness.Waiver) bool { return w.Matches(f) && w.Note() == f.Waiver }); i >= 0 {
			out[i].Findings++
			continue
		}
		w := Waiver{Rule: f.Rule, Subject: f.Subject, Reason: f.Waiver}
		if m := note().FindStringSubmatch(f.Waiver); m != nil {
			w.Reason, w.Owner, w.Expires = m[1], m[2], m[3]
			w.Expired = over(m[3], now)
		}
		if i, again := seen[w]; again {
			out[i].Findings++
			continue
		}
		seen[w] = len(out)
		out = append(out, w)
		out[len(out)-1].Findings = 1
	}
	return out
}

// attested is how the scorecard shows an attestation.
var attested = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)^(.*) \((.*), until (\d{4}-\d\d-\d\d), (\S+)\)$`)
})

// attestations are those that are declared; without any, those of the scorecard.
func attestations(declared []readiness.Attestation, v *Verified, now time.Time) []Attestation {
	var out []Attestation
	for _, a := range declared {
		out = append(out, Attestation{a.Rule, a.Statement, a.Owner, a.Evidence, a.Expires.String(), a.Expires.Over(now)})
	}
	if len(declared) > 0 || v == nil {
		return out
	}
	for _, f := range v.findings {
		if m := attested().FindStringSubmatch(f.Message); m != nil && f.Subject == "attestation" && f.Status == readiness.Pass {
			out = append(out, Attestation{f.Rule, m[1], m[2], m[4], m[3], over(m[3], now)})
		}
	}
	return out
}
