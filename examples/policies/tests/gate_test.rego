package launchready_gate_test

import data.launchready.gate
import rego.v1

scorecard(values) := {"address": "module.a.data.launchready_scorecard.this", "mode": "data", "type": "launchready_scorecard", "values": values}

# A plan in which a scorecard was read, in a module.
read(values) := {"complete": true, "prior_state": {"values": {"root_module": {"child_modules": [{"resources": [scorecard(values)]}]}}}}

waiting := {"resource_changes": [{
	"address": "module.a.data.launchready_scorecard.this", "mode": "data", "type": "launchready_scorecard",
	"change": {"actions": ["read"], "before": null, "after": {"require": null}, "after_unknown": {"gate": true}},
}]}

violation(n) := {"severity": "high", "rule": sprintf("tls.rule_%d", [n]), "subject": "acme.example"}

test_open if count(gate.deny) == 0 with input.plan as read({"gate": "open"})

test_blocked if {
	gate.deny == {"module.a.data.launchready_scorecard.this: the gate is blocked with score 40 and 7 violations: high tls.rule_1 on acme.example; high tls.rule_2 on acme.example; high tls.rule_3 on acme.example; high tls.rule_4 on acme.example; high tls.rule_5 on acme.example; and 2 more"} with input.plan as read({
		"gate": "blocked", "score": 40,
		"violations": [violation(n) | some n in numbers.range(1, 7)],
	})
}

test_gate_that_is_no_gate if count(gate.deny) == 1 with input.plan as read({"gate": "ajar"})

test_gate_that_is_not_there if count(gate.deny) == 1 with input.plan as read({})

test_overridden_is_said_by_another_policy if count(gate.deny) == 0 with input.plan as read({"gate": "overridden"})

test_waiting if count(gate.deny) == 1 with input.plan as waiting

# What the run before left is no answer.
test_waiting_with_an_old_answer if count(gate.deny) == 1 with input.plan as object.union(read({"gate": "open"}), waiting)

test_errored if {
	some message in gate.deny with input.plan as object.union(read({"gate": "open"}), {"errored": true, "complete": false})
	contains(message, "The plan failed")
}

test_targeted_by_the_plan if count(gate.deny) == 1 with input.plan as object.union(read({"gate": "open"}), {"complete": false})

test_targeted_by_the_run if {
	count(gate.deny) == 1 with input as {"plan": read({"gate": "open"}), "run": {"target_addrs": ["module.a.launchready_dns_record.x"]}}
}

test_whole_run if count(gate.deny) == 0 with input as {"plan": read({"gate": "open"}), "run": {"target_addrs": [], "is_destroy": false}}

test_no_scorecard if count(gate.deny) == 1 with input.plan as {"complete": true}

test_one_of_two if {
	second := object.union(scorecard({"gate": "blocked"}), {"address": "module.b.data.launchready_scorecard.this"})
	count(gate.deny) == 1 with input.plan as {"prior_state": {"values": {"root_module": {"resources": [scorecard({"gate": "open"}), second]}}}}
}

# A value of another resource that looks like an open scorecard is not one.
test_lookalike if {
	other := {"address": "data.other.x", "mode": "data", "type": "other", "values": {"resources": [scorecard({"gate": "open"})]}}
	count(gate.deny) == 1 with input.plan as {"prior_state": {"values": {"root_module": {"resources": [other]}}}}
}

test_destroy if count(gate.deny) == 0 with input as {"plan": read({"gate": "blocked"}), "run": {"is_destroy": true}}
