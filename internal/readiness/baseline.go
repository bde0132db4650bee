package readiness

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ReportFormats are the versions of the JSON report that can be a baseline. The
// last is the one that is written.
func ReportFormats() []int { return []int{1, 2} }

// MaxBaseline is how large a baseline may be, in bytes.
const MaxBaseline = 64 << 20

// Baseline is an earlier scorecard, as its JSON report tells of it.
type Baseline struct {
	FormatVersion int       `json:"format_version"`
	GeneratedAt   string    `json:"generated_at"` // RFC 3339, or empty
	Gate          Gate      `json:"gate"`
	Score         int       `json:"score"`
	Catalogue     string    `json:"catalogue"` // empty in format 1
	Targets       []string  `json:"targets"`
	Findings      []Finding `json:"findings"`
	Checks        []Checked `json:"checks"` // none in a report from before they were told
	Areas         []struct {
		Area   Area     `json:"area"`
		Checks []string `json:"checks"` // names
	} `json:"areas"`
}

// ParseBaseline reads a JSON report. The error says what is wrong with it.
func ParseBaseline(text []byte) (Baseline, error) {
	var b Baseline
	if len(text) > MaxBaseline {
		return b, fmt.Errorf("it is larger than %d MiB", MaxBaseline>>20)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if err := json.Unmarshal(text, &b); err != nil {
		return b, fmt.Errorf("it is not a JSON report: %s", jsonFault(err))
	}
	formats := ReportFormats()
	switch {
	case b.FormatVersion == 0:
		return b, errors.New("it has no format_version: it is not a JSON report of a scorecard")
	case b.FormatVersion > slices.Max(formats):
		return b, fmt.Errorf("its format_version is %d, and this version of the provider reads up to %d: it was written by a newer one", b.FormatVersion, slices.Max(formats))
	case !slices.Contains(formats, b.FormatVersion):
		return b, fmt.Errorf("there is no format_version %d", b.FormatVersion)
	case b.Gate != Open && b.Gate != Blocked && b.Gate != Overridden:
		return b, errors.New("it has no gate: it is not a JSON report of a scorecard")
	}
	if b.Score < 0 || b.Score > 100 {
		return b, fmt.Errorf("its score is %d, and a score is 0 to 100", b.Score)
	}
	for i, f := range b.Findings {
		if f.Rule == "" || !slices.Contains(Statuses(), f.Status) {
			return b, fmt.Errorf("its findings[%d] has no rule or no known status", i)
		}
		if !f.Severity.Valid() {
			return b, fmt.Errorf("its findings[%d] has no known severity", i)
		}
		if !f.Area.Valid() {
			b.Findings[i].Area = AnyArea // what is told of it is told again in the next report
		}
	}
	if _, err := time.Parse(time.RFC3339, b.GeneratedAt); err != nil {
		b.GeneratedAt = ""
	}
	return b, nil
}

// jsonFault words an error of the decoder without a part of the text.
func jsonFault(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("it breaks off or is malformed at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Sprintf("%s is a %s", kind.Field, kind.Value)
	}
	return "it cannot be read"
}

// SameLaunch reports whether the baseline is of what the scorecard is of: they
// share a target, one of several of a check too, or one of them has none.
func (b Baseline) SameLaunch(s Scorecard) bool {
	before := eachOf(b.Targets)
	return len(b.Targets) == 0 || len(s.Targets) == 0 ||
		slices.ContainsFunc(eachOf(s.Targets), func(t string) bool { return slices.Contains(before, t) })
}

// eachOf splits the targets that are joined because one check has several.
func eachOf(targets []string) []string {
	var out []string
	for _, t := range targets {
		out = append(out, strings.Split(t, ", ")...)
	}
	return out
}
