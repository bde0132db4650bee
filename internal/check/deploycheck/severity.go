package deploycheck

import "github.com/launchready/terraform-provider-launchready/internal/readiness"

// Severities of findings that differ from their rule's.
const (
	lowSeverity  = readiness.Low
	infoSeverity = readiness.Info
	highSeverity = readiness.High
)
