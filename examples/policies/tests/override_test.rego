package launchready_override_test

import data.launchready.override
import rego.v1

denied(gate, expression, variables) := messages if {
	messages := override.deny with input.plan as {
		"variables": variables,
		"configuration": {"provider_config": {"launchready": {"name": "launchready", "expressions": expression}}},
		"prior_state": {"values": {"root_module": {"resources": [{
			"address": "data.launchready_scorecard.this", "mode": "data", "type": "launchready_scorecard",
			"values": {"gate": gate, "json": `{"override":{"owner":"Ada","reason":"trade fair"}}`},
		}]}}},
	}
}

given := {"reason": "trade fair", "owner": "Ada", "expires": "2027-01-31"}

test_none if denied("open", {}, {}) == set()

test_used if denied("overridden", {}, {}) == {"data.launchready_scorecard.this: the gate is blocked and was overridden by Ada: trade fair. Mend the violations and take the override away, or have a person override this policy for this run."}

test_left if count(denied("open", {"override": {"constant_value": given}}, {})) == 1

test_null if denied("open", {"override": {"constant_value": null}}, {}) == set()

test_variable if count(denied("open", {"override": {"references": ["var.glass"]}}, {"glass": {"value": given}})) == 1

test_variable_without_a_value if denied("open", {"override": {"references": ["var.glass"]}}, {"glass": {"value": null}}) == set()

test_parts_of_a_variable if count(denied("open", {"override": {"references": ["var.glass.reason", "var.glass"]}}, {"glass": {"value": given}})) == 1

# What cannot be seen did nothing if the gate is open.
test_local_and_open if denied("open", {"override": {"references": ["local.glass"]}}, {}) == set()

test_local_and_blocked if count(denied("blocked", {"override": {"references": ["local.glass"]}}, {})) == 1
