// Package check is the frame around every check. A check is a value: a name,
// an area, rules, documentation and a function, so that what drives it
// (Terraform, a test, the documentation) needs to know nothing else of it.
package check

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Definition declares a check whose inputs are a value of type S.
type Definition[S any] struct {
	Info
	// Target names what a spec is about, in a word: a domain, a list of hosts.
	Target func(spec S) string
	// Run tests every rule and reports each at least once: Pass only with both
	// controls seen, NotApplicable with the reason, Inconclusive where nothing
	// could be decided. It returns when ctx ends.
	Run func(ctx context.Context, p probe.Prober, spec S, report *readiness.Recorder)
}

// Info is the part of a definition that does not depend on its inputs.
type Info struct {
	Name  string           // as in launchready_<name>_check
	Area  readiness.Area   // the scorecard's row it covers
	Doc   string           // Markdown; the first paragraph says what is decided
	Rules []readiness.Rule // all the rules it can report
	Pages fs.FS            // rules/<id>.md: the page of each rule
	// Once is set for a check that acts on the world, such as by sending mail:
	// one run acts once, so that it cannot be repeated until it passes.
	Once bool
}

// Execute runs the check. The error is a mistake in the check itself (a rule
// that it does not declare, a panic), never a verdict.
func (d Definition[S]) Execute(ctx context.Context, p probe.Prober, spec S) (result readiness.Result, err error) {
	report := readiness.NewRecorder(d.Name, d.Area, d.Target(spec), d.Rules)
	defer func() {
		if crash := recover(); crash != nil {
			result, _ = report.Result()
			err = fmt.Errorf("check %s crashed: %v", d.Name, crash)
		}
	}()
	d.Run(ctx, p, spec, report)
	return report.Result()
}

// Page returns the text of a rule's page.
func (i Info) Page(rule string) (string, error) {
	b, err := fs.ReadFile(i.Pages, "rules/"+rule+".md")
	return string(b), err
}

// Validate reports what is wrong with a definition: fields missing, rules of
// another area, rules without a page and pages without a rule.
func (i Info) Validate() error {
	var errs []error
	if i.Name == "" || strings.TrimSpace(i.Doc) == "" || len(i.Rules) == 0 {
		errs = append(errs, errors.New("name, doc and rules are required"))
	}
	if !i.Area.Valid() {
		errs = append(errs, fmt.Errorf("unknown area %q", i.Area))
	}
	var ids []string
	for _, r := range i.Rules {
		ids = append(ids, r.ID)
		if r.Area != i.Area {
			errs = append(errs, fmt.Errorf("rule %s is of area %q, the check of %q", r.ID, r.Area, i.Area))
		}
		if text, err := i.Page(r.ID); err != nil || strings.TrimSpace(text) == "" {
			errs = append(errs, fmt.Errorf("rule %s has no page rules/%s.md", r.ID, r.ID))
		}
	}
	pages, _ := fs.Glob(i.Pages, "rules/*.md")
	for _, p := range pages {
		id := strings.TrimSuffix(strings.TrimPrefix(p, "rules/"), ".md")
		if !slices.Contains(ids, id) {
			errs = append(errs, fmt.Errorf("page %s has no rule", p))
		}
	}
	return errors.Join(errs...)
}
