# No check was removed, switched off or left uncounted, and the gate still decides.
package launchready.checks

import data.launchready.plan
import data.launchready.settings
import rego.v1

areas := {
	"authentication", "authorization", "secrets", "email_auth", "tls",
	"edge", "rate_limiting", "observability", "deployment", "support",
}

severities := ["info", "low", "medium", "high", "critical"]

cards[address] := card if {
	plan.judged
	some address, card in plan.scorecards
}

deny contains message if {
	some address, card in cards
	missing := settings.required_areas - required(card)
	count(missing) > 0
	message := sprintf("%s: no longer requires %s. Add these areas to its argument require, or give the module the checks of them.", [address, listed(missing)])
}

# Null stands for all ten.
required(card) := areas if {
	object.get(card.values, "require", null) == null
} else := {area | some area in card.values.require; is_string(area)}

deny contains message if {
	some address, card in cards
	missing := settings.required_checks - counted(card)
	count(missing) > 0
	message := sprintf("%s: does not count the checks %s. A check that is not there finds nothing: add it, or take it out of required_checks where no client has it.", [address, listed(missing)])
}

# Names of the checks whose results a scorecard takes: of those that wait for the
# apply, as many as are declared.
counted(card) := {result.check | some result in card.values.checks} | {check.name |
	incomplete(card)
	some check in plan.checks
	check.unknown.result == true
}

incomplete(card) if card.unknown.checks == true

incomplete(card) if {
	some member in card.unknown.checks
	member == true
}

deny contains message if {
	plan.judged
	some address, check in plan.checks
	check.values.enabled == false
	check.name in settings.required_checks
	message := sprintf("%s: is switched off by enabled = false, so that it tries nothing.", [address])
}

# By itself a check that reports is harmless, and what module verify is made of: the
# scorecard decides. One that no scorecard counts decides nothing.
deny contains message if {
	plan.judged
	some address, check in plan.checks
	object.get(check.values, "enforcement", null) in {"report", "warn"}
	result := check.values.result
	count(cards) > 0
	every card in cards {
		not incomplete(card)
		not [result.check, result.target] in [[r.check, r.target] | some r in card.values.checks]
	}
	message := sprintf("%s: has enforcement = %q and no scorecard counts its result, so that what it finds stops nothing.", [address, check.values.enforcement])
}

deny contains message if {
	some address, card in cards
	not settings.allow_report
	card.values.enforcement in {"report", "warn"}
	message := sprintf("%s: has enforcement = %q, with which a blocked gate stops nothing. Set it to \"fail\", or set allow_report in settings.rego to let these policies be the gate.", [address, card.values.enforcement])
}

deny contains message if {
	some address, card in cards
	level := card.values.fail_on
	rank(level) > rank(settings.fail_on)
	message := sprintf("%s: blocks from severity %s on; it must from %s on. Lower its argument fail_on.", [address, level, settings.fail_on])
}

# What this policy must read is not known yet.
deny contains message if {
	some address, card in cards
	some argument in ["require", "enforcement", "fail_on"]
	card.unknown[argument] == true
	message := sprintf("%s: its argument %s is known only in the apply. Give it a value that a plan knows.", [address, argument])
}

rank(severity) := i if {
	some i, name in severities
	name == severity
}

listed(set) := concat(", ", sort(set))
