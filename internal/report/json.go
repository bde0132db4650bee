package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"slices"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// FormatVersion is raised whenever a reader of the JSON report must change. What
// is added within a format is left alone by a reader that does not know it.
//
//	1  gate, score, areas, findings, violations
//	2  lists are never null; criteria, deliverables, plan_of_work, catalogue and
//	   where the score comes from are always there
const FormatVersion = 2

//go:embed schema/launch-report.schema.json
var schema string

// Schema is the JSON Schema (draft 2020-12) of the JSON report.
func Schema() string { return schema }

type document struct {
	FormatVersion int        `json:"format_version"`
	GeneratedAt   *time.Time `json:"generated_at,omitempty"`
	Name          string     `json:"name"`
	readiness.Scorecard
	Override *override `json:"override,omitempty"`
}

type override struct {
	Reason  string `json:"reason"`
	Owner   string `json:"owner"`
	Expires string `json:"expires,omitempty"`
}

// JSON renders the scorecard for programs.
func JSON(s readiness.Scorecard, o Options) ([]byte, error) {
	d := document{FormatVersion: FormatVersion, Name: s.Name(), Scorecard: withoutNulls(s)}
	if !o.GeneratedAt.IsZero() {
		at := o.GeneratedAt.UTC().Truncate(time.Second)
		d.GeneratedAt = &at
	}
	if s.Override != nil {
		d.Override = &override{Reason: s.Override.Reason, Owner: s.Override.Owner, Expires: s.Override.Expires.String()}
	}
	return marshal(d)
}

// marshal encodes with two blanks of indent, and <, > and & as they are.
func marshal(v any) ([]byte, error) {
	var compact, indented bytes.Buffer
	encoder := json.NewEncoder(&compact)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	indented.Grow(compact.Len() * 2) // the encoder's own indenting grows its buffer again and again
	err := json.Indent(&indented, compact.Bytes(), "", "  ")
	return indented.Bytes(), err
}

// list is a list that is written as one, even if there is nothing in it.
func list[T any](of []T) []T {
	if of == nil {
		return []T{}
	}
	return of
}

// withoutNulls is the scorecard with an empty list wherever there is none: a
// reader need not tell the two apart. What was handed in is not changed.
func withoutNulls(s readiness.Scorecard) readiness.Scorecard {
	s.Targets, s.Findings, s.Violations = list(s.Targets), list(s.Findings), list(s.Violations)
	s.Standing, s.Expiring, s.Checks = list(s.Standing), list(s.Expiring), list(s.Checks)
	s.Areas = list(slices.Clone(s.Areas))
	for i := range s.Areas {
		s.Areas[i].Checks, s.Areas[i].Lines = list(s.Areas[i].Checks), list(s.Areas[i].Lines)
	}
	s.Criteria = list(slices.Clone(s.Criteria))
	for i := range s.Criteria {
		c := &s.Criteria[i]
		c.Against, c.Missing = list(c.Against), list(c.Missing)
	}
	s.Deliverables = list(slices.Clone(s.Deliverables))
	for i := range s.Deliverables {
		d := &s.Deliverables[i]
		d.Evidence, d.Against, d.Missing = list(d.Evidence), list(d.Against), list(d.Missing)
	}
	s.Work.Sprints = list(slices.Clone(s.Work.Sprints))
	for i := range s.Work.Sprints {
		tasks := list(slices.Clone(s.Work.Sprints[i].Tasks))
		for j := range tasks {
			tasks[j].Rules, tasks[j].Subjects = list(tasks[j].Rules), list(tasks[j].Subjects)
		}
		s.Work.Sprints[i].Tasks = tasks
	}
	if s.Changes != nil {
		c := *s.Changes
		c.Mended, c.New, c.StillOpen, c.Gone, c.ChecksGone = list(c.Mended), list(c.New), list(c.StillOpen), list(c.Gone), list(c.ChecksGone)
		s.Changes = &c
	}
	return s
}
