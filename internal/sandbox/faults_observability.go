package sandbox

import (
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/portal"
	"github.com/launchready/terraform-provider-launchready/internal/sandbox/watch"
)

// observabilityFaults are those of what the operators see, and of who is woken.
func observabilityFaults() []Fault {
	mk := func(name, breaks string, apply step, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: ScopeOperation, apply: apply}
	}
	unseen := func(name, breaks string, apply step, rules ...string) Fault {
		f := mk(name, breaks, apply, rules...)
		f.Status = "inconclusive"
		return f
	}
	return []Fault{
		mk("log_silent", "Nothing that goes wrong is logged.", portalSwitch(portal.LogSilent), "obs.drill_log"),
		mk("log_not_shipped", "The collector of logs takes nothing in.", watchFault(watch.LogDropped), "obs.drill_log"),
		mk("log_without_fields", "Failed sign-ins are logged without who and from where.", portalSwitch(portal.LogWithoutFields), "obs.auth_event_fields"),
		mk("log_passwords", "Failed sign-ins are logged with the password.", portalSwitch(portal.LogPasswords), "obs.secret_in_logs"),
		mk("log_authorization", "Refusals are logged with the header Authorization.", portalSwitch(portal.LogAuthorization), "obs.secret_in_logs"),
		mk("log_unescaped", "Line breaks of visitors are line breaks of the log.", portalSwitch(portal.LogUnescaped), "obs.log_injection"),
		mk("metric_not_counted", "Answers of 401 are in no metric.", portalSwitch(portal.RefusalsUncounted), "obs.drill_metric"),
		mk("error_not_tracked", "Errors are not reported to the tracker.", watchFault(watch.Untracked), "obs.drill_error_tracker"),
		mk("stack_trace_shown", "Answers of 500 show where the program was.", portalSwitch(portal.StackTraceShown), "obs.error_leak"),
		mk("bounce_not_counted", "Mail that bounces is neither counted nor told.", portalSwitch(portal.BouncesUncounted), "obs.bounce_alert"),
		mk("alert_mail_lost", "Mail of alerts goes nowhere.", watchFault(watch.MailLost), "obs.drill_alert"),
		mk("alert_address_unread", "Mail of alerts goes to an address that nobody reads.", watchFault(watch.MailUnread), "obs.drill_alert", "obs.alert_unowned"),
		mk("alert_webhook_dead", "Nobody answers where the webhook of alerts posts.", watchFault(watch.HookDead), "obs.drill_alert"),
		mk("alert_rule_missing", "No rule says that many sign-ins are refused.", watchFault(watch.Rule401Missing), "obs.drill_alert", "obs.alert_rules"),
		mk("alerts_silenced", "All alerts are silenced.", watchFault(watch.Silenced), "obs.drill_alert", "obs.alert_inhibited"),
		mk("alert_never_resolved", "Nobody is told that it is over.", watchFault(watch.Unresolved), "obs.drill_resolved"),
		mk("watchdog_missing", "No alert fires all the time.", watchFault(watch.WatchdogMissing), "obs.watchdog"),
		unseen("drill_route_missing", "The route that fails on purpose is not there.", portalSwitch(portal.DrillRouteGone), "obs.drill_error_tracker"),
	}
}

// watchFault turns on a fault of the operation.
func watchFault(f watch.Fault) step {
	return func(w *world) (func() error, error) {
		w.watch.SetFault(f, true)
		return func() error { w.watch.SetFault(f, false); return nil }, nil
	}
}
