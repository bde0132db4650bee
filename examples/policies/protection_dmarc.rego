# DMARC, whichever resource declares the record.
package launchready.protection_dmarc

import data.launchready.plan
import rego.v1

ranks := {"none": 0, "quarantine": 1, "reject": 2}

sides := {"before", "after"}

weaker contains message if {
	some name in names("before")
	not name in names("after")
	message := sprintf("%s: the DMARC record is taken away, and with it the refusal of forged mail.", [name])
}

weaker contains message if {
	some name in (names("before") & names("after"))
	some tag, meaning in {"p": "policy", "sp": "policy for names below", "np": "policy for names that do not exist"}
	was := max(levels("before", name, tag))
	becomes := min(levels("after", name, tag))
	becomes < was
	message := sprintf("%s: the DMARC %s falls from %s to %s.", [name, meaning, called(was), called(becomes)])
}

weaker contains message if {
	some c in plan.managed
	c.type == "launchready_dmarc_record"
	is_object(c.change.before)
	some argument in ["policy", "subdomain_policy", "nonexistent_subdomain_policy", "testing"]
	c.change.after_unknown[argument] == true
	message := sprintf("%s: %s is known only in the apply. Give it a value that a plan knows.", [c.address, argument])
}

names(side) := {r.name | some r in records; r.side == side}

# How strict the records of a name are, by tag.
levels(side, name, tag) := {level(r.tags, tag) | some r in records; r.side == side; r.name == name}

# A tag that is left out takes the one above it; test mode is one step less (RFC 9989).
level(tags, tag) := max({0, ranks[given(tags, tag)] - tested(tags)})

given(tags, "p") := tags.p

given(tags, "sp") := object.get(tags, "sp", tags.p)

given(tags, "np") := object.get(tags, "np", object.get(tags, "sp", tags.p))

tested(tags) := 1 if {
	tags.t == "y"
} else := 0

called(rank) := name if {
	some name, n in ranks
	n == rank
}

# Records before and after, each with its full name and tags.
records contains {"side": side, "name": name, "tags": tags} if {
	some c in plan.managed
	c.type == "launchready_dmarc_record"
	some side in sides
	v := c.change[side]
	name := lower(v.fqdn)
	tags := {tag: value |
		some tag, value in {"p": v.policy, "sp": v.subdomain_policy, "np": v.nonexistent_subdomain_policy, "t": {true: "y"}[v.testing]}
		is_string(value)
	}
}

records contains {"side": side, "name": lower(v.fqdn), "tags": parsed(v.content)} if {
	some c in plan.managed
	c.type == "launchready_dns_record"
	some side in sides
	v := c.change[side]
	v.type == "TXT"
	startswith(lower(v.fqdn), "_dmarc.")
}

records contains {"side": side, "name": full(r.name, v.zone), "tags": parsed(r.content)} if {
	some c in plan.managed
	c.type == "launchready_zone_records"
	some side in sides
	v := c.change[side]
	some r in v.records
	r.type == "TXT"
	regex.match(`(?i)^_dmarc(\.|$)`, r.name)
}

records contains {"side": side, "name": full(found[1], v.zone), "tags": parsed(found[2])} if {
	some c in plan.managed
	c.type == "launchready_zone_records"
	some side in sides
	v := c.change[side]
	some found in regex.find_all_string_submatch_n(`(?im)^(_dmarc\S*)\s[^\n"]*"?(v=DMARC1[^"\n]*)`, v.zone_file, -1)
}

# v=DMARC1; p=reject; ... as tags. A record without a policy that exists is as good as none.
parsed(text) := object.union({"p": "none"}, {tag: value |
	regex.match(`(?i)^"?\s*v\s*=\s*DMARC1\s*(;|"?$)`, text)
	some part in split(trim(text, `" `), ";")
	pair := regex.find_all_string_submatch_n(`^\s*(\w+)\s*=\s*(\S*)\s*$`, part, 1)
	tag := lower(pair[0][1])
	tag in {"p", "sp", "np", "t"}
	value := lower(pair[0][2])
	valid(tag, value)
})

valid(tag, value) if {
	tag != "t"
	ranks[value] >= 0
}

valid("t", _)

full(name, zone) := bare if {
	bare := trim_suffix(lower(name), ".")
	endswith(bare, concat("", [".", lower(zone)]))
} else := sprintf("%s.%s", [trim_suffix(lower(name), "."), lower(zone)])
