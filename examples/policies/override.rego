# Nobody has broken the glass.
package launchready.override

import data.launchready.plan
import rego.v1

deny contains message if {
	plan.judged
	some address, card in plan.scorecards
	card.values.gate == "overridden"
	message := sprintf("%s: the gate is blocked and was overridden%s. Mend the violations and take the override away, or have a person override this policy for this run.", [address, reason(card)])
}

reason(card) := sprintf(" by %s: %s", [o.owner, o.reason]) if {
	o := json.unmarshal(card.values.json).override
} else := ""

# An override that is left in the configuration opens every later gate without a word.
deny contains message if {
	not plan.destroys
	some key, argument in arguments
	argument.constant_value != null
	message := sprintf("provider %q: carries an override. Take it away once its reason is gone.", [key])
}

deny contains message if {
	not plan.destroys
	some key, argument in arguments
	some name in variables(argument)
	plan.document.variables[name].value != null
	message := sprintf("provider %q: carries an override by variable %q. Take its value away once the reason is gone.", [key, name])
}

# What an override is made of cannot be seen, and no gate of this plan says that none was used.
deny contains message if {
	not plan.destroys
	some key, argument in arguments
	not argument.constant_value
	unseen(argument)
	not opened
	message := sprintf("provider %q: its override comes from what a plan does not show, and no gate was opened without it. Write it as a value or as a variable of the root module.", [key])
}

arguments[key] := provider.expressions.override if {
	some key, provider in plan.document.configuration.provider_config
	provider.name == "launchready"
}

# Variables of the root module that an expression is made of.
variables(argument) := {split(reference, ".")[1] |
	some reference in argument.references
	startswith(reference, "var.")
}

unseen(argument) if {
	some reference in argument.references
	not startswith(reference, "var.")
}

unseen(argument) if {
	some name in variables(argument)
	not plan.document.variables[name]
}

opened if {
	count(plan.scorecards) > 0
	every card in plan.scorecards {
		card.values.gate == "open"
	}
}
