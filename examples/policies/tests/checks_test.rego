package launchready_checks_test

import data.launchready.checks
import rego.v1

result(name) := {"check": name, "area": "tls", "target": "acme.example", "status": "pass", "findings": []}

# Changes stand in the place of values, so that a check can be taken out.
card(changes) := {"address": "data.launchready_scorecard.this", "mode": "data", "type": "launchready_scorecard", "values": object.union(
	object.remove({"gate": "open", "require": ["tls"], "checks": {"a": result("tls"), "b": result("dns")}}, object.keys(changes)),
	changes,
)}

check(name, changes) := {"address": sprintf("data.launchready_%s_check.this", [name]), "mode": "data", "type": sprintf("launchready_%s_check", [name]), "values": object.union(
	{"enforcement": "report", "result": result(name)},
	changes,
)}

denied(resources) := messages if {
	messages := checks.deny with input.plan as {"prior_state": {"values": {"root_module": {"resources": resources}}}}
		with data.launchready.settings.required_areas as {"tls"}
		with data.launchready.settings.required_checks as {"tls", "dns"}
}

test_sound if denied([card({}), check("tls", {}), check("dns", {})]) == set()

test_removed if {
	denied([card({"checks": {"a": result("tls")}}), check("tls", {})]) == {"data.launchready_scorecard.this: does not count the checks dns. A check that is not there finds nothing: add it, or take it out of required_checks where no client has it."}
}

test_area_not_required if count(denied([card({"require": ["edge"]})])) == 1

test_all_areas_by_default if denied([card({"require": null})]) == set()

# Its result is declared, and goes nowhere.
test_uncounted if {
	messages := denied([card({"checks": {"a": result("tls"), "b": object.union(result("dns"), {"target": "other.example"})}}), check("tls", {}), check("dns", {})])
	count(messages) == 1
	some message in messages
	contains(message, "no scorecard counts its result")
}

# One that fails by itself needs no scorecard.
test_fails_by_itself if denied([card({}), check("cors", {"enforcement": "fail"})]) == set()

test_switched_off if count(denied([card({}), check("tls", {"enabled": false})])) == 1

test_switched_off_where_nobody_wants_it if denied([card({"checks": {"a": result("tls"), "b": result("dns"), "c": result("latency")}}), check("latency", {"enabled": false})]) == set()

test_scorecard_reports if count(denied([card({"enforcement": "report"})])) == 1

test_scorecard_warns if count(denied([card({"enforcement": "warn"})])) == 1

test_scorecard_fails if denied([card({"enforcement": "fail"})]) == set()

test_policies_as_the_gate if {
	count(denied([card({"enforcement": "report"})])) == 0 with data.launchready.settings.allow_report as true
}

test_threshold_raised if count(denied([card({"fail_on": "critical"})])) == 1

test_threshold_lowered if denied([card({"fail_on": "low"})]) == set()

# Before the apply, what is declared counts.
waiting(unknown, resources) := messages if {
	messages := checks.deny with input.plan as {"resource_changes": array.concat(
		[{
			"address": "data.launchready_scorecard.this", "mode": "data", "type": "launchready_scorecard",
			"change": {"actions": ["read"], "before": null, "after": {"require": ["tls"], "checks": {}}, "after_unknown": object.union({"gate": true, "require": [false]}, unknown)},
		}],
		resources,
	)}
		with data.launchready.settings.required_areas as {"tls"}
		with data.launchready.settings.required_checks as {"tls", "dns"}
}

declared(name) := {
	"address": sprintf("data.launchready_%s_check.this", [name]), "mode": "data", "type": sprintf("launchready_%s_check", [name]),
	"change": {"actions": ["read"], "before": null, "after": {"enforcement": "report"}, "after_unknown": {"result": true}},
}

test_waiting if waiting({"checks": {"a": true, "b": true}}, [declared("tls"), declared("dns")]) == set()

test_waiting_and_removed if count(waiting({"checks": {"a": true}}, [declared("tls")])) == 1

test_waiting_and_unknown if count(waiting({"checks": true, "enforcement": true}, [declared("tls"), declared("dns")])) == 1
