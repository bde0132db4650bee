package readiness

import (
	"fmt"
	"strings"
)

// recommend says in a sentence or two how to go on: launch, work through the
// plan, or bring a senior engineer first. Areas that nobody looked at are named
// before it says to launch.
func recommend(findings []Finding, failOn Severity, unseen []Area) string {
	blocking, unknown, ended, rest := 0, 0, 0, 0
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
		case f.Status != Fail || governs(f.Rule): // that nobody looked is no fault of the portal's
			unknown++
			if f.Rule == WaiverExpired || f.Rule == AttestationExpired {
				ended++
			}
		}
		blocking++
		own := f.Area == Authentication || f.Area == Authorization
		broken := f.Status == Fail && !governs(f.Rule)
		application = application || own && broken
		if broken && f.Severity == Critical && (own || f.Area == Secrets) {
			flagged[f.Area] = true
		}
	}
	var areas []string
	for _, a := range Areas() {
		if flagged[a] {
			areas = append(areas, a.word())
		}
	}
	switch {
	case blocking == 0 && len(unseen) > 0:
		todo := "Nothing is left to mend"
		if rest > 0 {
			todo = fmt.Sprintf("Mend when there is time what does not block: %s", plural(rest, "finding"))
		}
		return todo + ". Before a launch, look at " + AreaNames(unseen) + " too."
	case blocking == 0 && rest == 0:
		return "Launch: nothing is left to mend."
	case blocking == 0:
		return fmt.Sprintf("Launch, and mend afterwards what does not block: %s.", plural(rest, "finding"))
	case len(areas) >= 2:
		return fmt.Sprintf("Bring a senior engineer before the launch: there are critical failures in %s.", list(areas))
	case len(areas) == 1:
		return fmt.Sprintf("Do not launch before the critical failures in %s are mended by someone who knows the code; the rest fits the sprint.", areas[0])
	case blocking == ended:
		todo := "Have the owners look again at the waivers and attestations that have ended: renew them, or delete them where nothing is left to accept; then run again. Nothing else that was checked blocks."
		if len(unseen) > 0 {
			todo += " Before a launch, look at " + AreaNames(unseen) + " too."
		}
		return todo
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

// word is the title of the area within a sentence.
func (a Area) word() string {
	title := a.Title()
	if strings.ToUpper(title) == title { // TLS
		return title
	}
	return strings.ToLower(title)
}

// AreaNames are the titles of areas as a sentence lists them.
func AreaNames(areas []Area) string {
	words := make([]string, len(areas))
	for i, a := range areas {
		words[i] = a.word()
	}
	return list(words)
}

// Unseen returns the areas that are not required and that nothing was seen of:
// an open gate says nothing of them.
func Unseen(areas []AreaScore) []Area {
	var out []Area
	for _, row := range areas {
		if !row.Required && row.Status == NotApplicable {
			out = append(out, row.Area)
		}
	}
	return out
}
