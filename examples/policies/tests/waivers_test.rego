package launchready_waivers_test

import data.launchready.waivers
import rego.v1

now := time.parse_rfc3339_ns("2027-03-10T12:00:00Z")

waiver(rule, expires) := {"rule": rule, "subject": "*", "reason": "agreed", "owner": "Ada", "expires": expires}

denied(of_card, of_check) := messages if {
	messages := waivers.deny with time.now_ns as now
		with data.launchready.settings.maximum_waivers as 2
		with data.launchready.settings.maximum_waiver_days as 30
		with input.plan as {"prior_state": {"values": {"root_module": {"resources": [
			{"address": "data.launchready_scorecard.this", "mode": "data", "type": "launchready_scorecard", "values": {"gate": "open", "waivers": of_card}},
			{"address": "data.launchready_tls_check.this", "mode": "data", "type": "launchready_tls_check", "values": {"waivers": of_check}},
		]}}}}
}

test_none if denied([], null) == set()

test_few if denied([waiver("tls.chain", "2027-03-20")], [waiver("tls.expiry", "2027-03-20")]) == set()

test_one_in_both_places if denied([waiver("a", "2027-03-20"), waiver("b", "2027-03-20")], [waiver("a", "2027-03-20")]) == set()

test_too_many if {
	denied([waiver("a", "2027-03-20"), waiver("b", "2027-03-20")], [waiver("c", "2027-03-20")]) == {"There are 3 waivers, and 2 are allowed. Mend what they accept."}
}

test_expired if {
	denied([waiver("a", "2027-03-09")], null) == {"The waiver of a expired on 2027-03-09 (owner: Ada). Mend what it accepted, or have its owner renew it."}
}

test_expired_of_a_check if count(denied([], [waiver("a", "2027-03-09")])) == 1

test_last_day if denied([waiver("a", "2027-03-10")], null) == set()

test_as_long_as_allowed if denied([waiver("a", "2027-04-09")], null) == set()

test_too_long if count(denied([waiver("a", "2027-04-10")], null)) == 1

test_no_date if count(denied([waiver("a", null)], null)) == 1

test_unknown if {
	messages := waivers.deny with input.plan as {"resource_changes": [{
		"address": "data.launchready_scorecard.this", "mode": "data", "type": "launchready_scorecard",
		"change": {"actions": ["read"], "after": {}, "after_unknown": {"gate": true, "waivers": true}},
	}]}
	count(messages) == 1
}
