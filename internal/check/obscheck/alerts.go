package obscheck

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
)

// alerting is what there is to tell people of something.
type alerting struct {
	rules    []sourcedRule
	routing  []probe.AlertRouting
	policies []Policy
	monitors []Monitor
	silent   []string // Prometheis that send alerts to no Alertmanager
	failures []string // sources that could not be read, and why
	sources  int
}

// sourcedRule is an alerting rule and the name of its sink.
type sourcedRule struct {
	probe.AlertRule
	source string
}

// read asks every source.
func (s *session) read() alerting {
	var a alerting
	for _, source := range s.spec.Rules {
		a.sources++
		read := s.prober.AlertRules(s.ctx, source.Config)
		if read.Failure != probe.FailNone {
			a.failures = append(a.failures, source.Name+": "+read.Detail)
			continue
		}
		if read.Alertmanagers == 0 && len(read.Rules) > 0 {
			a.silent = append(a.silent, source.Name)
		}
		for _, r := range read.Rules {
			a.rules = append(a.rules, sourcedRule{r, source.Name})
		}
	}
	for _, source := range s.spec.Routing {
		a.sources++
		read := s.prober.AlertRouting(s.ctx, source.Config)
		if read.Failure != probe.FailNone {
			a.failures = append(a.failures, source.Name+": "+read.Detail)
			continue
		}
		a.routing = append(a.routing, read)
	}
	if s.spec.Inventory != nil {
		a.sources++
		var failures []string
		a.policies, failures = s.spec.Inventory.Policies(s.ctx)
		a.failures = append(a.failures, failures...)
		a.monitors, failures = s.spec.Inventory.Monitors(s.ctx)
		a.failures = append(a.failures, failures...)
	}
	slices.Sort(a.failures)
	a.failures = slices.Compact(a.failures)
	return a
}

// alerts judges what must be told.
func (s *session) alerts() {
	a := s.read()
	for i, failure := range a.failures {
		s.report.Observe(fmt.Sprintf("not read %d", i+1), failure)
	}
	if len(s.spec.RequiredAlerts) == 0 {
		for _, rule := range []string{ruleRules, ruleInhibited, ruleUnowned} {
			s.report.NotApplicable(rule, target(s.spec), "required_alerts names none")
		}
	}
	for _, one := range s.spec.RequiredAlerts {
		s.required(one, a)
	}
	s.watchdog(a)
	s.monitored(a)
}

// required judges one alert: there is something that fires, nothing holds it
// back, and it reaches a person.
func (s *session) required(alert Alert, a alerting) {
	subject := string(alert)
	proof, shown := s.noticed[alert]
	var fitting, broken []sourcedRule
	for _, r := range a.rules {
		if !s.covers(r.AlertRule, alert) {
			continue
		}
		if r.Health != "ok" && r.Health != "unknown" && r.Health != "" { // unknown: not evaluated yet
			broken = append(broken, r)
			continue
		}
		fitting = append(fitting, r)
	}
	var policies []Policy
	for _, p := range a.policies {
		if p.Enabled && slices.Contains(p.Covers, alert) {
			policies = append(policies, p)
		}
	}
	var monitors []Monitor
	for _, m := range a.monitors {
		if !m.Paused && slices.Contains(s.spec.Hosts(), m.host()) && (alert == HostDown || alert == Certificate && m.Certificate) {
			monitors = append(monitors, m)
		}
	}
	switch {
	case shown:
		s.report.Pass(ruleRules, subject, "the drill "+proof.drill+" was told of")
	case len(fitting)+len(policies)+len(monitors) > 0:
		s.report.Pass(ruleRules, subject, "an alert covers it")
	case len(broken) > 0:
		s.report.FailAs(ruleRules, subject, "", "the rule "+broken[0].Name+" cannot be evaluated", "Mend the expression of the rule: Prometheus shows its error under /rules.")
	case len(a.failures) > 0:
		s.report.Inconclusive(ruleRules, subject, "not everything could be read that may hold an alert for it: "+a.failures[0])
	case a.sources == 0:
		s.report.Undecided(ruleRules, subject, "nothing is known that may hold an alert for it: there is no sink of type prometheus, no access to Cloudflare's API, no service that monitors, and no drill that shows it")
	default:
		s.report.Fail(ruleRules, subject, "no rule, policy or monitor is about it")
	}
	if !shown && len(fitting)+len(policies)+len(monitors) == 0 {
		for _, rule := range []string{ruleInhibited, ruleUnowned} {
			s.report.NotApplicable(rule, subject, "there is no alert: mend "+ruleRules+" first")
		}
		return
	}
	s.heldBack(alert, fitting, a)
	s.owned(alert, fitting, policies, monitors, proof, a)
}

// sent are the rules whose Prometheus sends alerts to an Alertmanager.
func (a alerting) sent(rules []sourcedRule) []sourcedRule {
	return slices.DeleteFunc(slices.Clone(rules), func(r sourcedRule) bool { return slices.Contains(a.silent, r.source) })
}

// labelsOf are what is known of the labels of a rule's alerts.
func labelsOf(r sourcedRule) map[string]string {
	out := maps.Clone(r.Labels)
	if out == nil {
		out = map[string]string{}
	}
	out["alertname"] = r.Name
	return out
}

// deliveries are what becomes of the alerts of rules, at every Alertmanager. Those
// of a Prometheus that sends to none get nowhere, whatever the routes say.
func deliveries(rules []sourcedRule, a alerting) []probe.Delivery {
	var out []probe.Delivery
	for _, r := range a.sent(rules) {
		for _, routing := range a.routing {
			out = append(out, routing.Deliver(labelsOf(r)))
		}
	}
	return out
}

// heldBack judges silences and times.
func (s *session) heldBack(alert Alert, rules []sourcedRule, a alerting) {
	subject := string(alert)
	all := deliveries(rules, a)
	silenced := func(d probe.Delivery) bool { return d.Silenced }
	switch { // of several rules about the same, one that is free is enough
	case len(all) == 0:
		s.report.NotApplicable(ruleInhibited, subject, "no Alertmanager holds it")
	case slices.ContainsFunc(all, func(d probe.Delivery) bool { return !d.Silenced && !d.Muted && len(d.Destinations) > 0 }):
		s.report.Pass(ruleInhibited, subject, "no silence and no time holds the alert back")
	case slices.ContainsFunc(all, silenced):
		s.report.Fail(ruleInhibited, subject, "a silence holds the alert back")
	case slices.ContainsFunc(all, func(d probe.Delivery) bool { return d.Muted }):
		s.report.Fail(ruleInhibited, subject, "the route of the alert is closed at times")
	default:
		s.report.Pass(ruleInhibited, subject, "no silence and no time holds the alert back")
	}
}

// owned judges who is told.
func (s *session) owned(alert Alert, rules []sourcedRule, policies []Policy, monitors []Monitor, proof evidence, a alerting) {
	subject := string(alert)
	var destinations []string
	known, doubtful := false, false
	for _, d := range deliveries(rules, a) {
		known = true
		destinations = append(destinations, d.Destinations...)
		doubtful = doubtful || d.Doubtful
	}
	for _, p := range policies {
		known = true
		destinations = append(destinations, p.Destinations...)
	}
	for _, m := range monitors {
		if m.ContactsUnknown {
			continue
		}
		known = true
		destinations = append(destinations, m.Contacts...)
	}
	unsent := len(rules) > 0 && len(a.sent(rules)) == 0 // of several, one that is sent is enough
	reached := slices.ContainsFunc(destinations, s.isOnCall)
	switch {
	case proof.drill != "" && s.proves(proof):
		s.report.Pass(ruleUnowned, subject, "the alert of the drill arrived")
	case unsent && proof.drill == "" && len(policies)+len(monitors) == 0:
		s.report.Fail(ruleUnowned, subject, "Prometheus sends its alerts to no Alertmanager")
	case reached && len(destinations) > 0:
		s.report.Pass(ruleUnowned, subject, "the alert goes to somebody who is on call")
	case !known && proof.drill != "" && len(proof.addresses) == 0:
		s.report.InconclusiveAs(ruleUnowned, subject, "the alert of the drill arrived at a webhook, which is not in on_call",
			"Write webhook into on_call if whoever is on call reads what arrives there; else let the drill look into the mailbox of somebody on call.")
	case !known && proof.drill != "":
		s.report.Fail(ruleUnowned, subject, "the alert of the drill arrived at an address that is not in on_call")
	case !known:
		s.report.Undecided(ruleUnowned, subject, "who is told is not known: no sink of type alertmanager is configured")
	case doubtful:
		s.report.Inconclusive(ruleUnowned, subject, "the way of the alert depends on labels that are not known")
	case len(destinations) == 0:
		s.report.Fail(ruleUnowned, subject, "the alert ends where nobody is told")
	case slices.ContainsFunc(destinations, isOpaque):
		s.report.InconclusiveAs(ruleUnowned, subject, "the alert goes to "+list(shown(destinations))+"; the service does not show who that is",
			"Look up who stands behind it, and write the word into on_call if it is somebody on call.")
	default:
		s.report.Fail(ruleUnowned, subject, "the alert goes to "+list(shown(destinations))+", none of which is in on_call")
	}
}

// proves reports whether a drill's notification arrived where somebody on call
// reads it: what was seen weighs more than what a configuration says.
func (s *session) proves(e evidence) bool {
	if len(e.addresses) == 0 {
		return s.isOnCall("webhook")
	}
	return slices.ContainsFunc(e.addresses, s.isOnCall)
}

// isOpaque reports whether a destination is a service's word for people that it
// does not name: its team, or the number of a contact or a policy of escalation.
func isOpaque(destination string) bool {
	return destination == "team" || destination != "" && strings.Trim(destination, "0123456789") == ""
}

// shown are destinations as findings name them: no address of a webhook.
func shown(destinations []string) []string {
	var out []string
	for _, d := range destinations {
		if strings.Contains(d, "://") {
			d = "a webhook"
		}
		out = append(out, d)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var alwaysFires = regexp.MustCompile(`^\s*(?:vector\(\s*1\s*\)|1|absent\(vector\(0\) > 1\))\s*$`)

var watchdogName = regexp.MustCompile(`(?i)watchdog|dead.?man|heartbeat`)

// watchdog judges whether somebody outside would notice that no alert can fire.
func (s *session) watchdog(a alerting) {
	subject := target(s.spec)
	if len(s.spec.Rules) == 0 {
		s.report.NotApplicable(ruleWatchdog, subject, "no sink of type prometheus holds alerting rules")
		return
	}
	fault := ""
	for _, r := range a.rules {
		always := alwaysFires.MatchString(r.Query)
		if !watchdogName.MatchString(r.Name) && !always {
			continue
		}
		problem := ""
		switch all := deliveries([]sourcedRule{r}, a); {
		case r.State != "firing":
			problem = "the alert " + r.Name + " does not fire"
		case len(all) > 0 && !slices.ContainsFunc(all, func(d probe.Delivery) bool { return len(d.Destinations) > 0 || d.Doubtful }):
			problem = "the alert " + r.Name + " that always fires goes to nobody"
		case len(all) > 0 && !slices.ContainsFunc(all, func(d probe.Delivery) bool { return !d.Silenced }):
			problem = "the alert " + r.Name + " that always fires is silenced"
		case slices.Contains(a.silent, r.source):
			problem = "the alert " + r.Name + " that always fires is sent to no Alertmanager"
		default:
			s.report.Pass(ruleWatchdog, subject, "an alert fires all the time")
			return
		}
		// An alert that is only named so, such as one on a heartbeat that is missing,
		// need not fire.
		if always || fault == "" {
			fault = problem
		}
	}
	if len(a.failures) > 0 {
		s.report.Inconclusive(ruleWatchdog, subject, "not all alerting rules could be read: "+a.failures[0])
		return
	}
	s.report.Fail(ruleWatchdog, subject, cmp.Or(fault, "no alert fires all the time"))
}
