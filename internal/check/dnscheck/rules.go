package dnscheck

import "github.com/launchready/terraform-provider-launchready/internal/readiness"

const (
	ruleDelegation    = "dns.delegation"
	ruleLame          = "dns.lame"
	ruleTransport     = "dns.transport"
	ruleSerial        = "dns.serial"
	ruleBogus         = "dns.dnssec_bogus"
	ruleUnsigned      = "dns.dnssec_missing"
	ruleExpected      = "dns.expected"
	ruleCAAMismatch   = "tls.caa_mismatch"
	ruleCAAMissing    = "tls.caa_missing"
	ruleCNAMEConflict = "dns.cname_conflict"
	ruleDangling      = "dns.dangling"
	ruleTakeover      = "dns.takeover"
	rulePrivate       = "dns.private_address"
	ruleWildcard      = "dns.wildcard"
	ruleOriginLeak    = "dns.origin_leak"
	ruleTransfer      = "dns.zone_transfer"
	ruleTTL           = "dns.ttl"
	ruleMXTarget      = "dns.mx_target"
	ruleDuplicate     = "dns.duplicate"
	ruleDeadName      = "dns.dead_name"
)

// rules are all that the check can report. The page of each is rules/<id>.md.
func rules() []readiness.Rule {
	rule := func(id string, severity readiness.Severity, title, remedy string, references ...string) readiness.Rule {
		return readiness.Rule{ID: id, Area: readiness.TLS, Severity: severity, Title: title, Remedy: remedy, References: references}
	}
	return []readiness.Rule{
		rule(ruleDelegation, readiness.High,
			"the delegation and the zone name different name servers",
			"At the registrar, enter exactly the name servers that the zone lists: for a zone at Cloudflare, data.launchready_zone name_servers.",
			"RFC 1034 section 4.2.2", "RFC 9471"),
		rule(ruleLame, readiness.High,
			"a name server of the domain does not answer for it",
			"Take the server out of the delegation at the registrar, or set the zone up on it.",
			"RFC 1912 section 2.8", "RFC 9499 section 7"),
		rule(ruleTransport, readiness.Medium,
			"a name server answers over only one of UDP and TCP",
			"Open port 53 of the server for both UDP and TCP.",
			"RFC 7766 section 5", "RFC 9210"),
		rule(ruleSerial, readiness.Medium,
			"the name servers serve different versions of the zone",
			"Mend the transfer of the zone to the server that is behind: NOTIFY, the transfer's key, and the primary's address.",
			"RFC 1034 section 4.3.5", "RFC 1996"),
		rule(ruleBogus, readiness.Critical,
			"DNSSEC validation of the domain fails",
			"Put the DS record at the registrar in agreement with the zone's key, or remove it until the zone is signed soundly; then let the signer renew the signatures.",
			"RFC 4035 section 5", "RFC 6781"),
		rule(ruleUnsigned, readiness.Low,
			"the domain is not secured by DNSSEC",
			"Turn DNSSEC on where the zone is served, and give its DS record to the registrar.",
			"RFC 4033", "RFC 9364"),
		rule(ruleExpected, readiness.High,
			"an expected record is missing or has other values",
			"Declare the record with launchready_dns_record, and mend the server that does not serve it.",
			"RFC 1034 section 4.3.5"),
		rule(ruleCAAMismatch, readiness.High,
			"the CAA records forbid the authority of the live certificate",
			"Add the authority with launchready_dns_record (type CAA), for every authority that issues for the name, or the next renewal fails.",
			"RFC 8659 section 3", "RFC 8659 section 4"),
		rule(ruleCAAMissing, readiness.Low,
			"no CAA record says who may issue certificates",
			"Publish CAA records with launchready_dns_record (type CAA) for the authorities that you use.",
			"RFC 8659 section 4", "ASVS-5.0-12.1.1"),
		rule(ruleCNAMEConflict, readiness.High,
			"a CNAME stands beside other records of its name",
			"Keep the CNAME or the other records; at the apex use A and AAAA records or a provider that flattens CNAMEs.",
			"RFC 1034 section 3.6.2", "RFC 2181 section 10.1"),
		rule(ruleDangling, readiness.High,
			"a record points to a name that is not there",
			"Delete the record (launchready_dns_record), or bring its target back.",
			"WSTG-CONF-10"),
		rule(ruleTakeover, readiness.Critical,
			"a stranger can claim the service that a name points to",
			"Delete the record (launchready_dns_record) now; from then on delete the record first and the service after it.",
			"WSTG-CONF-10", "API9:2023"),
		rule(rulePrivate, readiness.Medium,
			"an address that nobody outside can reach is published",
			"Remove the record from the public zone; serve internal names from an internal resolver.",
			"RFC 6890", "RFC 1918"),
		rule(ruleWildcard, readiness.Low,
			"a wildcard answers for every name that nobody declared",
			"Replace the wildcard by the names that exist: one launchready_dns_record each.",
			"RFC 4592"),
		rule(ruleOriginLeak, readiness.High,
			"a DNS-only record tells the address that the proxy hides",
			"Proxy the record (launchready_dns_record proxied = true), move the service to another address, or let the origin accept the edge's addresses only.",
			"ASVS-5.0-13.2.1", "CIS-8-13.10"),
		rule(ruleTransfer, readiness.High,
			"a name server gives the whole zone to anyone",
			"Restrict zone transfers (AXFR) to the addresses and keys of the secondaries.",
			"RFC 5936 section 6", "WSTG-INFO-02"),
		rule(ruleTTL, readiness.Low,
			"a TTL is absurdly short or long",
			"Set ttl of launchready_dns_record between 60 and 86400 seconds; 300 suits what may change.",
			"RFC 1912 section 2.2", "RFC 2181 section 8"),
		rule(ruleMXTarget, readiness.High,
			"an MX record does not name a host with an address of its own",
			"Point the MX record at a host name that has A or AAAA records, never at a CNAME or an address.",
			"RFC 2181 section 10.3", "RFC 5321 section 5.1"),
		rule(ruleDuplicate, readiness.Low,
			"the same record is there twice",
			"Delete one of the two.",
			"RFC 2181 section 5"),
		rule(ruleDeadName, readiness.Low,
			"a web name of the zone does not answer any more",
			"Delete the record (launchready_dns_record) or bring its server back.",
			"API9:2023"),
	}
}
