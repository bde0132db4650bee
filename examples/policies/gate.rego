# The launch gate is open, and this very plan decided it.
package launchready.gate

import data.launchready.plan
import rego.v1

deny contains "The plan failed. What it holds of checks is of the run before: see the errors of the plan, mend them and plan again." if plan.errored

deny contains "The plan covers a part of the configuration alone, so that checks were left out. Plan without -target." if {
	plan.partial
	not plan.errored
}

deny contains "There is no launchready_scorecard in the plan: silence is not a pass. Add the module launch or verify, or keep this policy set off workspaces that launch nothing." if {
	not plan.errored
	not plan.destroys
	count(plan.scorecards) == 0
}

deny contains message if {
	plan.judged
	some address, card in plan.scorecards
	waits(card)
	message := sprintf("%s: the gate is decided only in the apply, since changes are pending that its checks wait for. Unknown is not open. For a client's first apply, or a change that the checks must see, a person who has read the plan overrides this policy.", [address])
}

deny contains message if {
	plan.judged
	some address, card in plan.scorecards
	not waits(card)
	not card.values.gate in {"open", "overridden"} # the policy "override" speaks of these
	violations := object.get(card.values, "violations", [])
	message := sprintf("%s: the gate is %s with score %v and %d violations: %s", [address, object.get(card.values, "gate", "not decided"), object.get(card.values, "score", "unknown"), count(violations), worst(violations)])
}

waits(card) if card.unknown.gate == true

# The first of the violations, which are sorted by severity.
most := 5

worst(violations) := text if {
	shown := [sprintf("%s %s on %s", [v.severity, v.rule, v.subject]) | some v in array.slice(violations, 0, most)]
	rest := [sprintf("and %d more", [count(violations) - most]) | count(violations) > most]
	text := concat("; ", array.concat(shown, rest))
}
