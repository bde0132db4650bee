package sandbox

import (
	"errors"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/dns"
)

// dnsFaults are records that do harm, or are not there.
func dnsFaults() []Fault {
	mk := func(name, breaks string, apply step, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: ScopeZone, apply: apply}
	}
	const verification = "google-site-verification=3kq0Yt7wPzqkU2m8bVtR1dXh5sLcA9eJ"
	return []Fault{
		mk("caa_forbids_issuer", "The CAA records allow another authority than the one whose certificate is served.",
			records("", "CAA", record{Content: `0 issue "digicert.com"`}), "tls.caa_mismatch"),
		mk("caa_missing", "The domain has no CAA record.", records("", "CAA"), "tls.caa_missing"),

		mk("dangling_cname", "A name points at one that no longer exists.",
			records("old", "CNAME", record{Content: "gone.partner.example"}), "dns.dangling"),
		mk("dangling_ns", "A name is delegated to name servers that no longer exist.",
			records("dev", "NS", record{Content: "ns1.old-agency.example"}, record{Content: "ns2.old-agency.example"}), "dns.dangling"),
		mk("takeover_cname", "A name points at a hosting service where its target does not exist and can be claimed by anyone.",
			records("help", "CNAME", record{Content: "acme-help.azurewebsites.net"}), "dns.takeover"),
		mk("takeover_fingerprint", "A name points at a hosting service which says that nobody has claimed it.",
			records("assets", "CNAME", record{Content: "assets.{domain}.s3.amazonaws.com"}), "dns.takeover"),

		mk("private_address", "A name has an address of the office's network.", records("intranet", "A", record{Content: "10.20.0.5"}), "dns.private_address"),
		mk("wildcard", "Every name that nobody declared is answered.", records("*", "A", record{Content: originIP, Proxied: true}), "dns.wildcard"),
		mk("origin_leaked", "A DNS-only name publishes the address of the origin that a proxied name hides.",
			all(records("shop", "A", record{Content: shopIP, Proxied: true}), records("direct", "A", record{Content: shopIP})), "dns.origin_leak"),
		mk("ttl_absurd", "The MX record is kept for half a minute.",
			records("", "MX", record{Content: "smtp.google.com", Priority: 1, TTL: 30}), "dns.ttl"),
		mk("mx_to_cname", "The MX record points at a CNAME record.",
			all(records("", "MX", record{Content: "mx.{domain}", Priority: 1}), records("mx", "CNAME", record{Content: "smtp.google.com"})), "dns.mx_target", "mx.cname"),
		mk("mx_to_address", "The MX record points at an address.", records("", "MX", record{Content: "198.51.100.25", Priority: 1}), "dns.mx_target"),
		mk("record_duplicated", "The same record is there twice.", text("", "google-site-verification", verification, verification), "dns.duplicate"),
		mk("name_dead", "The origin of a proxied name no longer answers.",
			records("shop", "A", record{Content: "198.51.100.99", Proxied: true}), "dns.dead_name"),
	}
}

// nameServerFaults are those of the name servers, the parent's among them, and
// of what they sign.
func nameServerFaults() []Fault {
	mk := func(name, breaks string, apply step, rules ...string) Fault {
		return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: ScopeDNS, apply: apply}
	}
	return []Fault{
		mk("delegation_mismatch", "The parent lists a name server that the zone does not.", zoneFault(dns.ExtraServer), "dns.delegation"),
		mk("name_server_lame", "One of the name servers refuses to answer for the zone.", hostFault(dns.Secondary, dns.Lame), "dns.lame"),
		mk("name_server_without_tcp", "One of the name servers does not answer over TCP.", hostFault(dns.Secondary, dns.WithoutTCP), "dns.transport"),
		mk("name_server_stale", "One of the name servers serves an old version of the zone.", hostFault(dns.Secondary, dns.Stale), "dns.serial"),
		mk("name_server_missing_record", "One of the name servers has lost the portal's record.", lost("portal"), "dns.expected"),
		mk("transfer_open", "One of the name servers hands the zone to anyone.", hostFault(dns.Secondary, dns.OpenTransfer), "dns.zone_transfer"),
		mk("cname_at_apex", "The name servers have a CNAME record for the domain itself.", zoneFault(dns.ApexAlias), "dns.cname_conflict"),

		mk("dnssec_signature_expired", "The signatures of the zone have ended.", zoneFault(dns.SignatureExpired), "dns.dnssec_bogus"),
		mk("dnssec_signature_bogus", "The signatures of the zone do not verify.", zoneFault(dns.SignatureBogus), "dns.dnssec_bogus"),
		mk("dnssec_ds_without_key", "The parent has the DS record of a key that the zone does not have.", zoneFault(dns.ForeignDS), "dns.dnssec_bogus"),
		mk("dnssec_off", "The zone is not signed.", unsigned, "dns.dnssec_missing"),
		{
			Name: "name_servers_unreachable", Breaks: "None of the name servers answers.", Rules: []string{"dns.lame"}, Status: "inconclusive",
			Scope: ScopeDNS, apply: all(hostFault(dns.Primary, dns.Silent), hostFault(dns.Secondary, dns.Silent)),
		},
	}
}

// lost lets one of the name servers know nothing of a name.
func lost(label string) step {
	return func(w *world) (func() error, error) {
		w.dns.Hide(dns.Secondary, w.under(label))
		return func() error { w.dns.Hide(dns.Secondary, ""); return nil }, nil
	}
}

// unsigned turns DNSSEC off in the right order: first at the parent.
func unsigned(w *world) (func() error, error) {
	before := w.zone.DNSSEC()
	err := errors.Join(w.zone.PublishDS(false), w.zone.SetDNSSEC(false))
	return func() error {
		if before.Status != "active" && before.Status != "pending" {
			return nil
		}
		return errors.Join(w.zone.SetDNSSEC(true), w.zone.PublishDS(before.Published))
	}, err
}
