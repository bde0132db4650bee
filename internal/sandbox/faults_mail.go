package sandbox

import "github.com/launchready/terraform-provider-launchready/internal/sandbox/dns"

// Prefixes that tell one kind of TXT record from the others of its name, and
// the names of those that have one to themselves.
const (
	anyText = ""
	spfText = "v=spf1"

	dmarcName     = "_dmarc"
	stsName       = "_mta-sts"
	tlsReportName = "_smtp._tls"
)

func mailFault(name, breaks string, apply step, rules ...string) Fault {
	return Fault{Name: name, Breaks: breaks, Rules: rules, Status: "fail", Scope: ScopeZone, apply: apply}
}

// spfFaults are SPF records (RFC 7208) as they are found in the field.
func spfFaults() []Fault {
	mk := func(name, breaks, rule string, records ...string) Fault {
		return mailFault(name, breaks, text("", spfText, records...), rule)
	}
	return []Fault{
		mk("spf_missing", "The domain has no SPF record.", "spf.missing"),
		mk("spf_multiple", "The domain has two SPF records.", "spf.multiple",
			"v=spf1 include:_spf.google.com -all", "v=spf1 include:spf.mtasv.net -all"),
		mk("spf_syntax", "The SPF record has a mechanism that does not exist.", "spf.syntax",
			"v=spf1 include:_spf.google.com ipv4:203.0.113.7 -all"),
		mk("spf_too_many_lookups", "The SPF record takes more than ten look-ups.", "spf.lookup_limit",
			"v=spf1 mx a a:www.{domain} a:portal.{domain} include:_spf.google.com include:spf.mtasv.net "+
				"include:sendgrid.net include:mailgun.org include:servers.mcsv.net -all"),
		mk("spf_too_many_voids", "The SPF record names three hosts that do not exist.", "spf.void_limit",
			"v=spf1 include:_spf.google.com a:mail1.{domain} a:mail2.{domain} a:mail3.{domain} -all"),
		mk("spf_permissive", "The SPF record lets everyone send.", "spf.permissive", "v=spf1 include:_spf.google.com +all"),
		mk("spf_neutral", "The SPF record ends in ?all and so decides nothing.", "spf.no_all", "v=spf1 include:_spf.google.com ?all"),
		mk("spf_no_all", "The SPF record has no all and so decides nothing.", "spf.no_all", "v=spf1 include:_spf.google.com"),
		mk("spf_include_broken", "The SPF record includes a name that has none.", "spf.include_broken",
			"v=spf1 include:_spf.google.com include:_spf.{domain} -all"),
		mk("spf_ptr", "The SPF record uses ptr.", "spf.ptr", "v=spf1 include:_spf.google.com ptr -all"),
	}
}

// dkimFaults are key records (RFC 6376) of a selector in use.
func dkimFaults() []Fault {
	mk := func(name, breaks, rule string, records ...string) Fault {
		return mailFault(name, breaks, text(googleSelector+"._domainkey", anyText, records...), rule)
	}
	return []Fault{
		mk("dkim_missing", "The key of a sender is not published.", "dkim.missing"),
		mk("dkim_revoked", "The key of a sender is empty: revoked.", "dkim.revoked", "v=DKIM1; k=rsa; p="),
		mk("dkim_short_key", "The key of a sender has 1024 bits.", "dkim.key_size", "v=DKIM1; k=rsa; p="+shortKey),
		mk("dkim_test_flag", "The key of a sender says that it is only being tested.", "dkim.test_flag", "v=DKIM1; k=rsa; t=y; p="+googleKey),
		mk("dkim_malformed", "The key of a sender was cut off when it was pasted.", "dkim.syntax", "v=DKIM1; k=rsa; p="+googleKey[:180]),
	}
}

// dmarcFaults are policies (RFC 9989) that do not protect, and name servers
// that do not say.
func dmarcFaults() []Fault {
	mk := func(name, breaks string, rules []string, records ...string) Fault {
		return mailFault(name, breaks, text(dmarcName, anyText, records...), rules...)
	}
	const rua = "; rua=mailto:dmarc-reports@{domain}"
	faults := []Fault{
		mk("dmarc_missing", "The domain has no DMARC record.", []string{"dmarc.missing"}),
		mk("dmarc_multiple", "The domain has two DMARC records, which is as good as none.", []string{"dmarc.multiple"},
			"v=DMARC1; p=reject"+rua, "v=DMARC1; p=none"+rua),
		mk("dmarc_not_enforced", "The DMARC policy is none.", []string{"dmarc.not_enforced"}, "v=DMARC1; p=none"+rua),
		mk("dmarc_syntax", "The DMARC record has a value that does not exist.", []string{"dmarc.syntax"}, "v=DMARC1; p=reject; adkim=strict"+rua),
		mk("dmarc_subdomain_gap", "The DMARC policy of subdomains is none.", []string{"dmarc.subdomain_gap"}, "v=DMARC1; p=reject; sp=none"+rua),
		mk("dmarc_partial", "The DMARC policy holds for a quarter of the mail.", []string{"dmarc.test_mode", "dmarc.removed_tag"}, "v=DMARC1; p=reject; pct=25"+rua),
		mk("dmarc_test_mode", "The DMARC policy is only being tested.", []string{"dmarc.test_mode"}, "v=DMARC1; p=reject; t=y"+rua),
		mk("dmarc_report_foreign", "DMARC reports go to a domain that does not say it takes them.", []string{"dmarc.rua_unauthorised"},
			"v=DMARC1; p=reject; rua=mailto:acme@reports.elsewhere.example"),
		mk("dmarc_no_rua", "No one receives DMARC reports.", []string{"dmarc.no_rua"}, "v=DMARC1; p=reject"),
	}
	for _, f := range []struct {
		name, breaks string
		fault        dns.Fault
	}{
		{"dmarc_servfail", "The name servers fail at the DMARC record.", dns.ServFail},
		{"dmarc_timeout", "The name servers do not answer for the DMARC record.", dns.Timeout},
	} {
		faults = append(faults, Fault{
			Name: f.name, Breaks: f.breaks, Rules: []string{"dmarc.missing"}, Status: "inconclusive", Scope: ScopeDNS,
			apply: func(w *world) (func() error, error) {
				name := w.under(dmarcName)
				w.dns.SetFault(name, f.fault)
				return func() error { w.dns.SetFault(name, dns.Fine); return nil }, nil
			},
		})
	}
	return faults
}
