# Waivers are few, short and not expired.
package launchready.waivers

import data.launchready.plan
import data.launchready.settings
import rego.v1

day := ((24 * 60) * 60) * 1000000000 # in nanoseconds

# Those of scorecards and of checks; one that stands in both counts once.
all contains waiver if {
	plan.judged
	some source in array.concat([s | some s in plan.scorecards], [c | some c in plan.checks])
	some waiver in source.values.waivers
	is_object(waiver)
}

deny contains message if {
	count(all) > settings.maximum_waivers
	message := sprintf("There are %d waivers, and %d are allowed. Mend what they accept.", [count(all), settings.maximum_waivers])
}

deny contains message if {
	some waiver in all
	ends(waiver) <= time.now_ns()
	message := sprintf("The waiver of %s expired on %s (owner: %s). Mend what it accepted, or have its owner renew it.", [waiver.rule, waiver.expires, waiver.owner])
}

deny contains message if {
	some waiver in all
	ends(waiver) > time.now_ns() + ((settings.maximum_waiver_days + 1) * day)
	message := sprintf("The waiver of %s lasts until %s, and %d days are allowed (owner: %s).", [waiver.rule, waiver.expires, settings.maximum_waiver_days, waiver.owner])
}

deny contains message if {
	some waiver in all
	not ends(waiver)
	message := sprintf("The waiver of %s has no date of expiry that a plan knows.", [object.get(waiver, "rule", "a rule not known yet")])
}

deny contains message if {
	plan.judged
	some address, source in object.union(plan.scorecards, plan.checks)
	source.unknown.waivers == true
	message := sprintf("%s: its waivers are known only in the apply. Give them values that a plan knows.", [address])
}

# The last day counts, to its end in UTC, as the provider counts it.
ends(waiver) := time.parse_ns("2006-01-02", waiver.expires) + day
