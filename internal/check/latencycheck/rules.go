package latencycheck

import "github.com/launchready/terraform-provider-launchready/internal/readiness"

const (
	ruleP95        = "latency.p95"
	ruleErrors     = "latency.error_rate"
	ruleTail       = "latency.tail"
	ruleCold       = "latency.cold_start"
	ruleUndeclared = "latency.core_action_undeclared"

	refConsumption = "API4:2023"
	refASVS1513    = "ASVS-5.0-15.1.3"
	refASVS1522    = "ASVS-5.0-15.2.2"
)

// rules are all that the check can report. The page of each is rules/<id>.md.
func rules() []readiness.Rule {
	rule := func(id string, severity readiness.Severity, title, remedy string, references ...string) readiness.Rule {
		return readiness.Rule{ID: id, Area: readiness.Observability, Severity: severity, Title: title, Remedy: remedy, References: references}
	}
	return []readiness.Rule{
		rule(ruleP95, readiness.High,
			"more than one in twenty answers of a core action takes longer than the limit",
			"Look where the time goes in observed. First byte: an index, a cache or fewer calls in the handler. Connection: a region nearer to members, or Argo Smart Routing.",
			refASVS1513, refASVS1522, refConsumption),
		rule(ruleErrors, readiness.High,
			"more than one in a hundred answers of a core action is an error",
			"Find the errors in the application's log, by the user agent of the check and the time of the run.",
			refASVS1522, refConsumption),
		rule(ruleTail, readiness.Medium,
			"some answers of a core action take many times as long as all others",
			"Look for what happens now and then: locks, exhausted pools, garbage collection, instances that are started anew.",
			refASVS1522),
		rule(ruleCold, readiness.Low,
			"the first request to an action waits for something to start",
			"Keep one instance running, or call the action from an uptime monitor every few minutes.",
			refASVS1522),
		rule(ruleUndeclared, readiness.Medium,
			"a core action is not measured",
			"Add an action of this kind to actions, or say with kind which of them it is. A portal that has no such action: waive it.",
			refASVS1513),
	}
}
