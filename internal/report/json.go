package report

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// FormatVersion is raised whenever a reader of the JSON report must change.
const FormatVersion = 1

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
	d := document{FormatVersion: FormatVersion, Name: s.Name(), Scorecard: s}
	if !o.GeneratedAt.IsZero() {
		at := o.GeneratedAt.UTC().Truncate(time.Second)
		d.GeneratedAt = &at
	}
	if s.Override != nil {
		d.Override = &override{Reason: s.Override.Reason, Owner: s.Override.Owner, Expires: s.Override.Expires.String()}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(d)
	return b.Bytes(), err
}
