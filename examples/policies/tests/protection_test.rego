package launchready_protection_test

import data.launchready.protection
import rego.v1

change(type, before, after) := {"address": sprintf("%s.this", [type]), "mode": "managed", "type": type, "change": {"actions": ["update"], "before": before, "after": after, "after_unknown": {}}}

other := change("launchready_zone_cache", {}, {})

denied(changes) := messages if {
	messages := protection.deny with input.plan as {"resource_changes": array.concat(changes, [other])}
}

# DMARC

dmarc(policy, more) := object.union({"fqdn": "_dmarc.acme.example", "policy": policy, "subdomain_policy": null, "nonexistent_subdomain_policy": null, "testing": null}, more)

record(content) := {"fqdn": "_dmarc.acme.example", "type": "TXT", "content": content}

test_dmarc_kept if denied([change("launchready_dmarc_record", dmarc("reject", {}), dmarc("reject", {}))]) == set()

test_dmarc_stronger if denied([change("launchready_dmarc_record", dmarc("none", {}), dmarc("reject", {}))]) == set()

test_dmarc_new if denied([change("launchready_dmarc_record", null, dmarc("none", {}))]) == set()

test_dmarc_weaker if {
	"_dmarc.acme.example: the DMARC policy falls from reject to quarantine." in denied([change("launchready_dmarc_record", dmarc("reject", {}), dmarc("quarantine", {}))])
}

test_dmarc_subdomains if {
	denied([change("launchready_dmarc_record", dmarc("reject", {}), dmarc("reject", {"subdomain_policy": "none", "nonexistent_subdomain_policy": "reject"}))]) == {"_dmarc.acme.example: the DMARC policy for names below falls from reject to none."}
}

test_dmarc_testing if count(denied([change("launchready_dmarc_record", dmarc("reject", {}), dmarc("reject", {"testing": true}))])) == 3

test_dmarc_deleted if {
	denied([change("launchready_dmarc_record", dmarc("quarantine", {}), null)]) == {"_dmarc.acme.example: the DMARC record is taken away, and with it the refusal of forged mail."}
}

test_dmarc_declared_otherwise if {
	denied([change("launchready_dmarc_record", dmarc("reject", {}), null), change("launchready_dns_record", null, record("v=DMARC1; p=reject; rua=mailto:d@acme.example"))]) == set()
}

test_dmarc_declared_otherwise_and_weaker if {
	count(denied([change("launchready_dmarc_record", dmarc("reject", {}), null), change("launchready_dns_record", null, record("v=DMARC1; p=none"))])) == 3
}

test_dmarc_forgotten if {
	forgotten := object.union(change("launchready_dmarc_record", dmarc("reject", {}), null), {"change": {"actions": ["forget"]}})
	denied([forgotten]) == set()
}

test_dmarc_record_broken if {
	count(denied([change("launchready_dns_record", record("v=DMARC1; p=reject"), record("v=DMARC1; p=rejct"))])) > 0
}

zone_records(content) := {"zone": "acme.example", "records": {"dmarc": {"name": "_dmarc", "type": "TXT", "content": content}}, "zone_file": null}

test_dmarc_in_zone_records if {
	count(denied([change("launchready_zone_records", zone_records("v=DMARC1; p=reject"), zone_records("v=DMARC1; p=none"))])) == 3
}

zone_file(policy) := {"zone": "acme.example", "records": null, "zone_file": sprintf("@ IN A 198.51.100.10\n_dmarc 300 IN TXT \"v=DMARC1; p=%s\"\n", [policy])}

test_dmarc_in_a_zone_file if {
	denied([change("launchready_zone_records", zone_file("none"), zone_file("reject"))]) == set()
	count(denied([change("launchready_zone_records", zone_file("reject"), zone_file("none"))])) == 3
}

test_dmarc_unknown if {
	unknown := object.union(change("launchready_dmarc_record", dmarc("reject", {}), dmarc("reject", {})), {"change": {"after_unknown": {"policy": true}}})
	count(denied([unknown])) == 1
}

# TLS

tls(more) := object.union({"zone": "acme.example", "mode": "strict", "minimum_version": "1.2", "always_use_https": true, "hsts": {"enabled": true, "max_age": 31536000, "include_subdomains": false}}, more)

weaker_tls(more) := denied([change("launchready_zone_tls", tls({}), tls(more))])

test_tls_kept if weaker_tls({}) == set()

test_tls_stronger if weaker_tls({"minimum_version": "1.3", "tls_1_3": true}) == set()

test_tls_weaker if {
	every more in [{"mode": "full"}, {"minimum_version": "1.1"}, {"always_use_https": false}, {"mode": null}, {"hsts": null}, {"hsts": {"enabled": false}}, {"hsts": {"max_age": 300}}] {
		count(weaker_tls(more)) == 1
	}
}

test_tls_deleted if count(denied([change("launchready_zone_tls", tls({}), null)])) == 1

test_tls_of_another_zone if count(denied([change("launchready_zone_tls", tls({}), null), change("launchready_zone_tls", null, tls({"zone": "b.example"}))])) == 1

test_tls_declared_elsewhere if {
	moved := object.union(change("launchready_zone_tls", null, tls({})), {"address": "module.tls.launchready_zone_tls.this"})
	denied([change("launchready_zone_tls", tls({}), null), moved]) == set()
}

# WAF

rule(more) := object.union({"ref": "scanners", "action": "block", "enabled": null, "expression": null, "paths": ["/.git/*", "/.env*"]}, more)

waf(rules, more) := object.union({"zone": "acme.example", "name": "default", "rules": rules, "exceptions": null, "managed_rulesets": {"cloudflare": {"action": null, "enabled": null, "expression": null}}}, more)

weaker_waf(rules, more) := denied([change("launchready_zone_waf", waf([rule({})], {}), waf(rules, more))])

test_waf_kept if weaker_waf([rule({})], {}) == set()

test_waf_more if weaker_waf([rule({"paths": ["/.git/*", "/.env*", "/backup/*"]}), rule({"ref": "more"})], {}) == set()

test_waf_rules if {
	every rules in [[], [rule({"enabled": false})], [rule({"action": "log"})], [rule({"action": "managed_challenge"})], [rule({"paths": ["/.git/*"]})], [rule({}), rule({"ref": "hole", "action": "skip"})]] {
		count(weaker_waf(rules, {})) == 1
	}
}

test_waf_managed if {
	every rulesets in [{}, {"cloudflare": {"enabled": false}}, {"cloudflare": {"action": "log"}}, {"cloudflare": {"expression": "http.host eq \"a\""}}, {"cloudflare": {"rules": {"x": {"enabled": false}}}}] {
		count(denied([change("launchready_zone_waf", waf([], {}), {"zone": "acme.example", "name": "default", "rules": [], "managed_rulesets": rulesets})])) == 1
	}
}

test_waf_exception if {
	count(weaker_waf([rule({})], {"exceptions": [{"ref": "upload"}]})) == 1
	count(weaker_waf([rule({})], {"exceptions": [{"ref": "upload"}]})) == 0 with data.launchready.settings.allowed_waf_exceptions as {"upload"}
}

test_waf_deleted if count(denied([change("launchready_zone_waf", waf([], {}), null)])) == 1

# All of it

deleted := {"address": "launchready_dmarc_record.this", "mode": "managed", "type": "launchready_dmarc_record", "change": {"actions": ["delete"], "before": dmarc("reject", {}), "after": null}}

test_all_deleted if {
	count(protection.deny) == 1 with input.plan as {"resource_changes": [deleted]}
	count(protection.deny) == 0 with input.plan as {"resource_changes": [deleted]} with data.launchready.settings.allow_destroy as true
}
