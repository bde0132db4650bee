package handover

import (
	"fmt"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// mostRules is how many rules a reason names.
const mostRules = 5

// whyOpen says why a deliverable is not done, by what the scorecard says of it;
// empty for one that is.
func whyOpen(d readiness.Deliverable) string {
	if d.Done {
		return ""
	}
	var parts []string
	if len(d.Against) > 0 {
		verb := "could not be tested"
		if d.Status == readiness.Fail {
			verb = "stands against it"
			if len(d.Against) > 1 {
				verb = "stand against it"
			}
		}
		parts = append(parts, few(d.Against)+" "+verb)
	}
	switch {
	case d.Status == readiness.NotApplicable:
		parts = append(parts, "not checked")
	case d.Status == readiness.Waived:
		parts = append(parts, "a violation is waived, not mended")
	case len(d.Missing) > 0:
		parts = append(parts, "nothing shows that it holds (no pass of "+few(d.Missing)+")")
	}
	if len(parts) == 0 {
		return "the scorecard does not say why"
	}
	return strings.Join(parts, "; ")
}

// few are the first of some rules, and how many more there are.
func few(rules []string) string {
	if more := len(rules) - mostRules; more > 0 {
		return strings.Join(rules[:mostRules], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(rules, ", ")
}
