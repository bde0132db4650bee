package report

import (
	"fmt"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// standing is what stands against a launch: a failure, or all that one cause
// keeps from being tested.
type standing struct {
	readiness.Finding
	Title           string   // what it is about
	Sentence, Table string   // of the message
	Lead            string   // what kind of finding it is, if it is no failure
	Tone            string   // class of the box
	Fix             string   // empty where there is none
	Link            string   // address of the rule's page, where it is a whole one
	Others          []string // rules that the same cause keeps from being tested
}

// maxCards is how many of what blocks have a box of their own: nobody reads more,
// and the others are listed.
const maxCards = 100

// blockers are what blocks, worst first, and the others that are only listed.
func blockers(s readiness.Scorecard) (out []standing, others []readiness.Finding) {
	for _, together := range readiness.SameCause(s.Violations) {
		if len(out) == maxCards {
			others = append(others, together...)
			continue
		}
		f := together[0]
		v := standing{Finding: f, Title: f.Subject, Tone: string(f.Severity), Fix: f.Remedy, Link: absolute(f.Reference)}
		v.Sentence, v.Table = split(f.Message)
		if f.Status != readiness.Fail {
			v.Tone, v.Lead = string(readiness.Inconclusive), "Could not be tested:"
			if f.Subject == attestation {
				v.Title, v.Sentence, v.Lead = capital(v.Sentence), "", "Not answered."
			}
		}
		for _, other := range together[1:] {
			v.Others = append(v.Others, other.Rule)
		}
		out = append(out, v)
	}
	return out, others
}

// absolute is an address that can be followed from anywhere, or nothing.
func absolute(reference string) string {
	if strings.HasPrefix(reference, "https://") {
		return reference
	}
	return ""
}

// changed is what differs from an earlier report.
type changed struct {
	Lead    string
	LeftOut string // checks that are made no longer; may be empty
	Lists   []changeList
}

type changeList struct {
	Title, What, Tone string
	Total             int
	Findings, Rest    []readiness.Finding // shown, and folded away
}

// attestation is the subject of what a person answers.
const attestation = "attestation"

// shownChanges is how many findings of a list of changes are not folded away.
const shownChanges = 8

func changes(s readiness.Scorecard) *changed {
	c := s.Changes
	if c == nil {
		return nil
	}
	out := &changed{Lead: changeLead(s), LeftOut: s.LeftOut()}
	for _, l := range []changeList{
		{Title: "New", What: "Stands now, did not then.", Tone: "new", Findings: c.New},
		{Title: "Still open", What: "Stood then and stands now.", Tone: "still", Findings: c.StillOpen},
		{Title: "Mended", What: "Stood then, and was tested now.", Tone: "mended", Findings: c.Mended},
		{Title: "No longer checked", What: "Stood then; nothing looked now.", Tone: "gone", Findings: c.Gone},
	} {
		l.Total = len(l.Findings)
		if l.Total > shownChanges {
			l.Findings, l.Rest = l.Findings[:shownChanges], l.Findings[shownChanges:]
		}
		out.Lists = append(out.Lists, l)
	}
	return out
}

// changeLead says how gate and score moved, in a sentence or two.
func changeLead(s readiness.Scorecard) string {
	c := s.Changes
	then := "The report before"
	if c.Since != "" {
		then += ", of " + day(c.Since) + ","
	}
	text := fmt.Sprintf("%s had the gate %s and a score of %d; now it is %s and %d.", then, c.Gate, c.Score, s.Gate, s.Score)
	if !c.Comparable {
		text += " The rules have changed since, so the scores are not to be compared."
	}
	return text
}

// promise is an attestation that counts.
type promise struct {
	readiness.Expiry
	Link string // of its evidence, if that is an address
}

// promises are what people answer for: what is waived, and what was attested.
func promises(s readiness.Scorecard) (waived []readiness.Finding, attested []promise) {
	for _, f := range s.Findings {
		if f.Status == readiness.Waived {
			waived = append(waived, f)
		}
	}
	readiness.SortWorstFirst(waived)
	for _, e := range s.Standing {
		if e.Kind == "attestation" {
			attested = append(attested, promise{Expiry: e, Link: absolute(e.Evidence)})
		}
	}
	return waived, attested
}
