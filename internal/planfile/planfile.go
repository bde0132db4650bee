// Package planfile reads of a plan, as `terraform show -json` writes it, what it
// says of launch scorecards. It decides nothing.
package planfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Plan is what a plan says of the launch.
type Plan struct {
	Errored    bool        // it failed: what it holds of scorecards is of the run before
	Partial    bool        // it covers a part of the configuration alone, as with -target
	Destroys   bool        // it takes down all that there is
	Scorecards []Scorecard // by address
	Overrides  []Override  // that the configuration carries
}

// Scorecard is a data source launchready_scorecard.
type Scorecard struct {
	Address    string
	Waits      bool // decided only in the apply; what follows is empty then
	Gate       string
	Score      int
	Risk       string
	Areas      []Area
	Violations []Finding // worst first
	Markdown   string    // the report
}

// Area is a row of a scorecard.
type Area struct {
	Area   string `json:"area"`
	Status string `json:"status"`
	Score  int    `json:"score"`
}

// Finding is a violation.
type Finding struct {
	Rule      string `json:"rule"`
	Area      string `json:"area"`
	Severity  string `json:"severity"`
	Subject   string `json:"subject"`
	Status    string `json:"status"`
	Message   string `json:"message"`
	Remedy    string `json:"remedy"`
	Reference string `json:"reference"`
}

const scorecardType = "launchready_scorecard"

// document is the part of the JSON form of a plan that is read
// (https://developer.hashicorp.com/terraform/internals/json-format).
type document struct {
	FormatVersion string `json:"format_version"`
	Errored       bool   `json:"errored"`
	Complete      *bool  `json:"complete"` // not there before Terraform 1.8
	PriorState    struct {
		Values struct {
			RootModule module `json:"root_module"`
		} `json:"values"`
	} `json:"prior_state"`
	ResourceChanges []change            `json:"resource_changes"`
	Configuration   configuration       `json:"configuration"`
	Variables       map[string]variable `json:"variables"`
}

type module struct {
	Resources    []resource `json:"resources"`
	ChildModules []module   `json:"child_modules"`
}

type resource struct {
	Address string          `json:"address"`
	Mode    string          `json:"mode"`
	Type    string          `json:"type"`
	Values  json.RawMessage `json:"values"`
}

type change struct {
	Address string `json:"address"`
	Mode    string `json:"mode"`
	Type    string `json:"type"`
	Change  struct {
		Actions []string `json:"actions"`
	} `json:"change"`
}

type values struct {
	Gate       string    `json:"gate"`
	Score      int       `json:"score"`
	Risk       string    `json:"risk"`
	Areas      []Area    `json:"areas"`
	Violations []Finding `json:"violations"`
	Markdown   string    `json:"markdown"`
}

// Read reads a plan. The caller limits its length.
func Read(r io.Reader) (Plan, error) {
	var d document
	if err := json.NewDecoder(r).Decode(&d); err != nil {
		return Plan{}, fmt.Errorf("not a plan in JSON: %w", err)
	}
	if major, _, _ := strings.Cut(d.FormatVersion, "."); major != "1" && major != "0" {
		if d.FormatVersion == "" {
			return Plan{}, errors.New("not a plan in JSON: it has no format_version")
		}
		return Plan{}, fmt.Errorf("a plan of format version %.20s; 1 is known", d.FormatVersion)
	}
	p := Plan{Errored: d.Errored, Partial: d.Complete != nil && !*d.Complete, Overrides: overrides(d.Configuration, d.Variables)}
	waits := map[string]bool{}
	managed, deleted := 0, 0
	for _, c := range d.ResourceChanges {
		switch {
		case c.Mode == "managed":
			managed++
			if slices.Equal(c.Change.Actions, []string{"delete"}) {
				deleted++
			}
		case c.Type == scorecardType && slices.Contains(c.Change.Actions, "read"):
			waits[c.Address] = true
			p.Scorecards = append(p.Scorecards, Scorecard{Address: c.Address, Waits: true})
		}
	}
	p.Destroys = managed > 0 && managed == deleted
	if err := p.collect(d.PriorState.Values.RootModule, waits); err != nil {
		return Plan{}, err
	}
	slices.SortFunc(p.Scorecards, func(a, b Scorecard) int { return strings.Compare(a.Address, b.Address) })
	return p, nil
}

// collect adds the scorecards that were read, of a module and those in it. What
// waits for the apply may stand there too, as the run before left it.
func (p *Plan) collect(m module, waits map[string]bool) error {
	for _, r := range m.Resources {
		if r.Mode != "data" || r.Type != scorecardType || waits[r.Address] {
			continue
		}
		var v values
		if err := json.Unmarshal(r.Values, &v); err != nil {
			return fmt.Errorf("%s: %w", r.Address, err)
		}
		p.Scorecards = append(p.Scorecards, Scorecard{
			Address: r.Address, Gate: v.Gate, Score: v.Score, Risk: v.Risk, Areas: v.Areas, Violations: v.Violations, Markdown: v.Markdown,
		})
	}
	for _, child := range m.ChildModules {
		if err := p.collect(child, waits); err != nil {
			return err
		}
	}
	return nil
}
