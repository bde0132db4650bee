package report

import (
	"cmp"
	"slices"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// sortForReading puts what must be mended first: by status, then severity, then
// rule and subject.
func sortForReading(findings []readiness.Finding) {
	statuses, severities := readiness.Statuses(), readiness.Severities()
	slices.SortStableFunc(findings, func(a, b readiness.Finding) int {
		return cmp.Or(
			cmp.Compare(slices.Index(statuses, a.Status), slices.Index(statuses, b.Status)),
			cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity)),
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Subject, b.Subject),
		)
	})
}
