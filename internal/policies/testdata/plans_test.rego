# The policies on plans that a real terraform made: data.plans, by name.
package launchready_plans_test

import rego.v1

# What the client of these plans has.
required_areas := {"email_auth", "tls", "edge"}

required_checks := {"email_auth", "tls", "dns", "edge", "cors"}

denied(name) := messages if {
	messages := data.launchready.deny with input as {"plan": data.plans[name], "run": {"is_destroy": false}}
		with data.launchready.settings.required_areas as required_areas
		with data.launchready.settings.required_checks as required_checks
}

only(messages, texts) if {
	count(messages) == count(texts)
	every text in texts {
		some message in messages
		contains(message, text)
	}
}

test_open if denied("open") == set()

test_waived if denied("waived") == set()

# The same plan without the run's wrapping, as `terraform show -json` writes it.
test_open_alone if {
	messages := data.launchready.deny with input as data.plans.open
		with data.launchready.settings.required_areas as required_areas
		with data.launchready.settings.required_checks as required_checks
	messages == set()
}

test_put_off if only(denied("first"), ["the gate is decided only in the apply"])

test_errored if only(denied("errored"), ["The plan failed"])

test_blocked if only(denied("blocked"), ["the gate is blocked", "has enforcement = \"report\""])

test_blocked_says_why if {
	some message in denied("blocked")
	contains(message, "cors.reflects_origin on ")
}

test_reported if only(denied("report"), ["has enforcement = \"report\""])

test_removed if only(denied("removed"), ["does not count the checks cors"])

test_removed_area if {
	messages := data.launchready.deny with input as {"plan": data.plans.open}
	only(messages, ["no longer requires authentication, authorization", "does not count the checks authentication, authorization"])
}

test_overridden if only(denied("overridden"), ["was overridden by Ada Operator: trade fair", "carries an override by variable \"override\""])

test_left_override if only(denied("left_override"), ["carries an override by variable \"override\""])

test_many_waivers if only(denied("many_waivers"), ["There are 6 waivers, and 5 are allowed"])

test_expired_waiver if only(denied("expired_waiver"), ["expired on", "the gate is blocked", "has enforcement = \"report\""])

test_targeted if "The plan covers a part of the configuration alone, so that checks were left out. Plan without -target." in denied("targeted")

test_weakened if only(denied("weakened"), [
	"the gate is decided only in the apply",
	"_dmarc.acme.example: the DMARC policy falls from reject to none",
	"_dmarc.acme.example: the DMARC policy for names below falls from reject to none",
	"_dmarc.acme.example: the DMARC policy for names that do not exist falls from reject to none",
	"mode falls from strict to flexible",
	"minimum_version falls from 1.2 to 1.0",
	"rule \"scanners\" no longer runs",
])

test_destroyed if only(denied("destroyed"), ["The run destroys all"])

test_destroyed_with_leave if {
	messages := data.launchready.deny with input as {"plan": data.plans.destroyed}
		with data.launchready.settings.allow_destroy as true
	messages == set()
}
