package readiness

import (
	"fmt"
	"strings"
)

// recommend says in a sentence or two how to go on: launch, work through the
// plan, or bring a senior engineer first.
func recommend(findings []Finding, failOn Severity) string {
	blocking, unknown, rest := 0, 0, 0
	flagged := map[Area]bool{} // a critical failure in the application's own code or in its secrets
	application := false
	for _, f := range findings {
		switch {
		case !f.Status.Violates():
			continue
		case !f.Blocks(failOn):
			if f.Severity != Info {
				rest++
			}
			continue
		case f.Status != Fail:
			unknown++
		}
		blocking++
		own := f.Area == Authentication || f.Area == Authorization
		application = application || own && f.Status == Fail
		if f.Status == Fail && f.Severity == Critical && !governs(f.Rule) && (own || f.Area == Secrets) {
			flagged[f.Area] = true
		}
	}
	var areas []string
	for _, a := range Areas() {
		if flagged[a] {
			areas = append(areas, strings.ToLower(a.Title()))
		}
	}
	switch {
	case blocking == 0 && rest == 0:
		return "Launch: nothing is left to mend."
	case blocking == 0:
		return fmt.Sprintf("Launch, and mend afterwards what does not block: %s.", plural(rest, "finding"))
	case len(areas) >= 2:
		return fmt.Sprintf("Bring a senior engineer before the launch: there are critical failures in %s.", list(areas))
	case len(areas) == 1:
		return fmt.Sprintf("Do not launch before the critical failures in %s are mended by someone who knows the code; the rest fits the sprint.", areas[0])
	case blocking == unknown:
		return "Make testable what could not be tested, and answer what is open; then run again: nothing that blocks is known to be broken."
	case application:
		return "Work through the plan: most of it fits the sprint; what lies in the application's own code is estimated after triage."
	}
	return "Work through the plan yourself, or as one sprint of 48 hours: nothing that blocks lies in the application's own code."
}

// unmet are the launch criteria that are neither met, nor waived, nor out of the
// scope of the launch.
func unmet(criteria []Criterion) []string {
	var out []string
	for _, c := range criteria {
		if c.Status == Fail || c.Status == Inconclusive {
			out = append(out, c.ID)
		}
	}
	return out
}

// withUnmet is the recommendation where the gate is open, and yet no evidence
// decides some of the launch criteria: what was checked is fine, and not enough.
func withUnmet(recommendation string, criteria []string) string {
	noun := "launch criterion"
	if len(criteria) > 1 {
		noun = "launch criteria"
	}
	return fmt.Sprintf("Nothing that was checked blocks, but there is no evidence yet for the %s %s: check that first. %s",
		noun, list(criteria), strings.Replace(recommendation, "Launch", "Then launch", 1))
}

// list joins words as a sentence does.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
