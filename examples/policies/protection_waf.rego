# The web application firewall: what launchready_zone_waf declares. Whether a changed
# expression stops less cannot be read off it; what can be is read.
package launchready.protection_waf

import data.launchready.plan
import data.launchready.settings
import rego.v1

# From the weakest action to the strongest.
actions := ["skip", "log", "challenge", "js_challenge", "managed_challenge", "block"]

sensitivities := ["low", "medium", "high"]

weaker contains message if {
	some c in plan.managed
	c.type == "launchready_zone_waf"
	is_object(c.change.before)
	not identity(c.change.before) in {identity(other.change.after) | some other in plan.managed; other.type == c.type; is_object(other.change.after)}
	message := sprintf("%s: the WAF of %s is no longer declared.", [c.address, c.change.before.zone])
}

# Rules of one's own.
weaker contains message if {
	some c in updated
	some rule in c.before.rules
	stops(rule)
	not rule.ref in {r.ref | some r in c.after.rules; runs(r)}
	message := sprintf("%s: rule %q no longer runs.", [c.address, rule.ref])
}

weaker contains message if {
	some c in updated
	some rule in c.before.rules
	stops(rule)
	some now in c.after.rules
	now.ref == rule.ref
	place(actions, now.action) < place(actions, rule.action)
	message := sprintf("%s: rule %q falls from %s to %s.", [c.address, rule.ref, rule.action, now.action])
}

weaker contains message if {
	some c in updated
	some rule in c.before.rules
	stops(rule)
	some now in c.after.rules
	now.ref == rule.ref
	lost := {p | some p in rule.paths} - {p | some p in now.paths}
	count(lost) > 0
	not now.expression
	message := sprintf("%s: rule %q no longer covers %s.", [c.address, rule.ref, concat(", ", sort(lost))])
}

weaker contains message if {
	some c in updated
	some rule in c.after.rules
	rule.action == "skip"
	runs(rule)
	not rule.ref in {r.ref | some r in c.before.rules; r.action == "skip"; runs(r)}
	not rule.ref in settings.allowed_waf_exceptions
	message := sprintf("%s: new rule %q lets requests pass. Add it to allowed_waf_exceptions once it is agreed on.", [c.address, rule.ref])
}

weaker contains message if {
	some c in updated
	some exception in c.after.exceptions
	runs(exception)
	not exception.ref in {e.ref | some e in c.before.exceptions; runs(e)}
	not exception.ref in settings.allowed_waf_exceptions
	message := sprintf("%s: new exception %q lets requests pass. Add it to allowed_waf_exceptions once it is agreed on.", [c.address, exception.ref])
}

# Cloudflare's rulesets.
weaker contains message if {
	some c in updated
	some name, ruleset in c.before.managed_rulesets
	runs(ruleset)
	not running(c.after, name)
	message := sprintf("%s: managed ruleset %q no longer runs.", [c.address, name])
}

running(waf, name) if runs(waf.managed_rulesets[name])

weaker contains message if {
	some c in updated
	some name, ruleset in c.before.managed_rulesets
	some key, order in {"action": actions, "sensitivity": sensitivities, "paranoia_level": [1, 2, 3, 4]}
	now := c.after.managed_rulesets[name][key]
	place(order, now) < place(order, ruleset[key])
	message := sprintf("%s: %s of managed ruleset %q falls from %v to %v.", [c.address, key, name, ruleset[key], now])
}

# Where Cloudflare's own choice of actions stood, logging is less.
weaker contains message if {
	some c in updated
	some name, ruleset in c.before.managed_rulesets
	object.get(ruleset, "action", null) == null
	c.after.managed_rulesets[name].action == "log"
	message := sprintf("%s: managed ruleset %q only logs.", [c.address, name])
}

weaker contains message if {
	some c in updated
	some name, ruleset in c.before.managed_rulesets
	object.get(ruleset, "expression", null) == null
	c.after.managed_rulesets[name].expression != null
	message := sprintf("%s: managed ruleset %q no longer looks at every request.", [c.address, name])
}

# Single rules and categories that are switched off or only log.
weaker contains message if {
	some c in updated
	some name, ruleset in c.after.managed_rulesets
	some kind in ["categories", "rules"]
	some id, override in ruleset[kind]
	softened(override)
	not softened(c.before.managed_rulesets[name][kind][id])
	message := sprintf("%s: %s %q of managed ruleset %q no longer stops anything.", [c.address, kind, id, name])
}

softened(override) if override.enabled == false

softened(override) if override.action == "log"

# Not there is on: the default.
runs(x) if {
	is_object(x)
	object.get(x, "enabled", true) != false
}

stops(rule) if {
	runs(rule)
	not rule.action in {"skip", "log"}
}

identity(waf) := [waf.zone, object.get(waf, "name", "default")]

# Before and after of one zone's rules: in place, replaced, or declared at another address.
updated contains {"address": c.address, "before": c.change.before, "after": after} if {
	some c in plan.managed
	c.type == "launchready_zone_waf"
	is_object(c.change.before)
	some other in plan.managed
	other.type == c.type
	after := other.change.after
	is_object(after)
	identity(after) == identity(c.change.before)
}

place(order, value) := i if {
	some i, v in order
	v == value
}
