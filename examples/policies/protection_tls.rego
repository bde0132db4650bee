# TLS at the edge: what launchready_zone_tls declares.
package launchready.protection_tls

import data.launchready.plan
import rego.v1

# From the weakest value to the strongest.
orders := {
	"mode": ["off", "flexible", "full", "strict"],
	"minimum_version": ["1.0", "1.1", "1.2", "1.3"],
	"tls_1_3": [false, true],
	"always_use_https": [false, true],
	"automatic_https_rewrites": [false, true],
	"authenticated_origin_pulls": [false, true],
}

hsts := {"enabled": [false, true], "include_subdomains": [false, true]}

weaker contains message if {
	some c in updated
	some argument, order in orders
	was := c.change.before[argument]
	becomes := c.change.after[argument]
	place(order, becomes) < place(order, was)
	message := sprintf("%s: %s falls from %v to %v.", [c.address, argument, was, becomes])
}

# What is no longer declared goes back to what it was before the resource.
weaker contains message if {
	some c in updated
	some argument, order in orders
	place(order, c.change.before[argument]) > 0
	undeclared(c.change, argument)
	message := sprintf("%s: %s is no longer declared, so that nothing keeps it at %v.", [c.address, argument, c.change.before[argument]])
}

weaker contains message if {
	some c in updated
	c.change.before.hsts.enabled == true
	undeclared(c.change, "hsts")
	message := sprintf("%s: hsts is no longer declared, so that nothing keeps it on.", [c.address])
}

undeclared(change, argument) if object.get(change.after, argument, null) == null

weaker contains message if {
	some c in updated
	some argument, order in hsts
	was := c.change.before.hsts[argument]
	becomes := c.change.after.hsts[argument]
	place(order, becomes) < place(order, was)
	message := sprintf("%s: hsts.%s is switched off.", [c.address, argument])
}

weaker contains message if {
	some c in updated
	c.change.before.hsts.enabled == true
	c.change.after.hsts.max_age < c.change.before.hsts.max_age
	message := sprintf("%s: hsts.max_age falls from %d to %d seconds.", [c.address, c.change.before.hsts.max_age, c.change.after.hsts.max_age])
}

weaker contains message if {
	some c in plan.managed
	c.type == "launchready_zone_tls"
	is_object(c.change.before)
	c.change.after == null
	not c.change.before.zone in {other.change.after.zone | some other in plan.managed; other.type == c.type; other.change.after.zone}
	message := sprintf("%s: TLS of %s is no longer declared; its settings go back to what they were before.", [c.address, c.change.before.zone])
}

# Before and after of one zone: in place, replaced, or declared at another address.
updated contains {"address": c.address, "change": {"before": c.change.before, "after": after}} if {
	some c in plan.managed
	c.type == "launchready_zone_tls"
	is_object(c.change.before)
	some other in plan.managed
	other.type == c.type
	after := other.change.after
	after.zone == c.change.before.zone
}

place(order, value) := i if {
	some i, v in order
	v == value
}
