package obscheck

import "github.com/launchready/terraform-provider-launchready/internal/readiness"

const (
	ruleLog       = "obs.drill_log"
	ruleMetric    = "obs.drill_metric"
	ruleTracker   = "obs.drill_error_tracker"
	ruleAlert     = "obs.drill_alert"
	ruleResolved  = "obs.drill_resolved"
	ruleBounce    = "obs.bounce_alert"
	ruleSecret    = "obs.secret_in_logs" //nolint:gosec // the id of a rule
	ruleFields    = "obs.auth_event_fields"
	ruleInjection = "obs.log_injection"
	ruleLeak      = "obs.error_leak"

	ruleRules     = "obs.alert_rules"
	ruleInhibited = "obs.alert_inhibited"
	ruleUnowned   = "obs.alert_unowned"
	ruleWatchdog  = "obs.watchdog"

	ruleUptime  = "obs.uptime_missing"
	ruleStale   = "obs.uptime_stale"
	ruleNoAlert = "obs.uptime_no_alert"
	ruleShallow = "obs.uptime_shallow"

	refEvents  = "ASVS-5.0-16.3.1"
	refErrors  = "ASVS-5.0-16.3.4"
	refFields  = "ASVS-5.0-16.2.1"
	refClock   = "ASVS-5.0-16.2.2"
	refSecret  = "ASVS-5.0-16.2.5"
	refEncode  = "ASVS-5.0-16.4.1"
	refApart   = "ASVS-5.0-16.4.3"
	refGeneric = "ASVS-5.0-16.5.1"
	refAddress = "ASVS-5.0-15.3.4"
	refReview  = "CIS-8-8.11"
)

// rules are all that the check can report. The page of each is rules/<id>.md.
func rules() []readiness.Rule {
	rule := func(id string, severity readiness.Severity, title, remedy string, references ...string) readiness.Rule {
		return readiness.Rule{ID: id, Area: readiness.Observability, Severity: severity, Title: title, Remedy: remedy, References: references}
	}
	return []readiness.Rule{
		rule(ruleLog, readiness.High, "a failure does not show in the log",
			"Log failed sign-ins, refusals and errors, and ship the log to where it is searched. Name that place in the drill: a signal with a sink of type loki, file or json.", refEvents, refErrors),
		rule(ruleMetric, readiness.High, "a failure is not counted",
			"Count requests by status, and let Prometheus scrape the counter.", refEvents),
		rule(ruleTracker, readiness.High, "an error does not reach the error tracker",
			"Check the DSN, the environment and the sample rate of the tracker's library.", refErrors),
		rule(ruleAlert, readiness.Critical, "nobody is told of a failure",
			"Follow the alert from its rule by the route to the receiver, whose credentials and address must be good. Name where it arrives in the drill: a signal with a mailbox, or with a sink of type webhook.", refApart),
		rule(ruleResolved, readiness.Low, "nobody is told when a failure is over",
			"Let the receiver send resolved alerts too (send_resolved in Alertmanager).", refReview),
		rule(ruleBounce, readiness.High, "mail that bounces is noticed by nobody",
			"Take the bounce webhook of the sending service, count what it says, and alert on it.", refReview),
		rule(ruleSecret, readiness.Critical, "credentials are logged",
			"Redact passwords, tokens, cookies and the header Authorization before a line is written.", refSecret),
		rule(ruleFields, readiness.Medium, "the log of a failed sign-in does not say when, who, from where or what",
			"Log the time with its zone, the event, its outcome, the account, the visitor's own address and the id of the request.", refFields, refClock, refAddress),
		rule(ruleInjection, readiness.Medium, "a visitor can write lines of the log",
			"Encode line breaks, as a logger of JSON does.", refEncode),
		rule(ruleLeak, readiness.Medium, "an error shows the inside of the program",
			"Answer errors with a sentence and the id of the request, and log the rest.", refGeneric, "WSTG-ERRH-02"),
		rule(ruleRules, readiness.High, "no alert covers something that must be noticed",
			"Add a launchready_alert_policy, an alerting rule to Prometheus, or a monitor.", refEvents),
		rule(ruleInhibited, readiness.Medium, "an alert is held back",
			"Let the silence end, or the mute times.", refReview),
		rule(ruleUnowned, readiness.High, "an alert reaches no person",
			"Give the route a receiver that somebody reads, one of on_call.", refApart),
		rule(ruleWatchdog, readiness.Medium, "nobody would notice that the alerting itself is down",
			"Add an alert that always fires (vector(1)) and a service outside that calls when it stops.", refReview),
		rule(ruleUptime, readiness.High, "a host has no monitor",
			"Add a launchready_uptime_monitor for the host.", refReview),
		rule(ruleStale, readiness.High, "the monitor of a host is paused or does not look",
			"Start the monitor again.", refReview),
		rule(ruleNoAlert, readiness.High, "the monitor of a host tells nobody",
			"Give the monitor a contact, or a launchready_alert_policy.", refReview),
		rule(ruleShallow, readiness.Low, "the monitor of a host sees hardly more than that it answers",
			"Let the monitor ask for a page that needs the database, and expect its status and a text of it.", refReview),
	}
}
