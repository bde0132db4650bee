# Reads a plan, so that the policies need not know where a plan keeps what.
package launchready.plan

import rego.v1

# HCP Terraform hands over {"plan": ..., "run": ...}; `terraform show -json` the plan alone.
document := input.plan if {
	is_object(input.plan)
} else := input

run := object.get(input, "run", {})

errored if document.errored == true

# Not everything was planned: with -target, or because a part waits for a later plan.
# What the prior state holds of the rest is of an earlier run.
partial if document.complete == false

partial if count(run.target_addrs) > 0

changes := [c |
	some c in document.resource_changes
	c.change.actions != ["forget"] # leaves the world as it is
]

managed := [c | some c in changes; c.mode == "managed"]

# The run takes down all that there is.
destroys if run.is_destroy == true

destroys if {
	count(managed) > 0
	every c in managed {
		c.change.actions == ["delete"]
	}
}

# What the plan says of checks and scorecards is of this run, and the run launches something.
judged if {
	not errored
	not partial
	not destroys
}

# Data that waits for the apply, by address: what is known of it, and what is not.
waiting[c.address] := {"type": c.type, "values": known(c.change.after), "unknown": known(c.change.after_unknown)} if {
	some c in changes
	c.mode == "data"
	"read" in c.change.actions
}

# Data that was read, by address.
read[resource.address] := {"type": resource.type, "values": known(resource.values), "unknown": {}} if {
	walk(document.prior_state.values.root_module, [path, resource])
	is_object(resource)
	resource.mode == "data"
	is_resource(path)
	not waiting[resource.address]
}

# resources/0, child_modules/0/resources/1: not a value that looks like a resource.
is_resource(path) if regex.match(`^(child_modules/\d+/)*resources/\d+$`, concat("/", [sprintf("%v", [p]) | some p in path]))

known(value) := value if {
	is_object(value)
} else := {}

data_sources := object.union(read, waiting)

scorecards[address] := d if {
	some address, d in data_sources
	d.type == "launchready_scorecard"
}

# Checks by address, with their names as results have them: "tls".
checks[address] := object.union(d, {"name": name}) if {
	some address, d in data_sources
	startswith(d.type, "launchready_")
	endswith(d.type, "_check")
	name := trim_suffix(trim_prefix(d.type, "launchready_"), "_check")
}
