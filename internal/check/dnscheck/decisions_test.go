package dnscheck

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

func TestJudgeCAASet(t *testing.T) {
	t.Parallel()
	records := func(list ...string) (out []probe.Record) { // flag tag value
		for i := 0; i < len(list); i += 2 {
			r := probe.Record{CAATag: list[i], CAAValue: list[i+1]}
			if list[i] == "tbs" {
				r.CAAFlag = 128
			}
			out = append(out, r)
		}
		return out
	}
	encrypt := issuerOf([]string{"Let's Encrypt"}, "R11")
	stranger := issuerOf([]string{"Private CA"}, "")
	for name, tt := range map[string]struct {
		records  []probe.Record
		wildcard bool
		by       issuer
		private  bool
		want     readiness.Status
	}{
		"none":                                {nil, false, encrypt, false, readiness.Pass},
		"allowed":                             {records("issue", "letsencrypt.org"), false, encrypt, false, readiness.Pass},
		"allowed with parameters":             {records("issue", " LetsEncrypt.org ; accounturi=https://acme.example/1"), false, encrypt, false, readiness.Pass},
		"tag in capitals":                     {records("ISSUE", "letsencrypt.org"), false, encrypt, false, readiness.Pass},
		"one of several":                      {records("issue", "digicert.com", "issue", "letsencrypt.org"), false, encrypt, false, readiness.Pass},
		"another":                             {records("issue", "digicert.com"), false, encrypt, false, readiness.Fail},
		"nobody":                              {records("issue", ";"), false, encrypt, false, readiness.Fail},
		"nobody, and an issuer not known":     {records("issue", ";"), false, stranger, false, readiness.Fail},
		"somebody, and an issuer not known":   {records("issue", "digicert.com"), false, stranger, false, readiness.Inconclusive},
		"somebody, and a private issuer":      {records("issue", "digicert.com"), false, stranger, true, readiness.NotApplicable},
		"known issuer, chain not served":      {records("issue", "digicert.com"), false, encrypt, true, readiness.Fail},
		"wildcards by issue":                  {records("issue", "letsencrypt.org"), true, encrypt, false, readiness.Pass},
		"issuewild goes first":                {records("issue", "letsencrypt.org", "issuewild", "digicert.com"), true, encrypt, false, readiness.Fail},
		"issuewild forbids all":               {records("issue", "letsencrypt.org", "issuewild", ";"), true, encrypt, false, readiness.Fail},
		"issuewild says nothing of others":    {records("issuewild", ";"), false, encrypt, false, readiness.Pass},
		"issuewild alone restricts wildcards": {records("issuewild", "digicert.com"), true, encrypt, false, readiness.Fail},
		"reports alone":                       {records("iodef", "mailto:security@acme.example"), false, encrypt, false, readiness.Pass},
		"mail alone":                          {records("issuemail", ";"), false, encrypt, false, readiness.Pass},
		"a critical tag":                      {records("issue", "letsencrypt.org", "tbs", "x"), false, encrypt, false, readiness.Fail},
	} {
		set := caaSet{at: "acme.example", records: tt.records}
		if tt.records == nil {
			set.at = ""
		}
		if got := judgeCAASet(set, tt.wildcard, tt.by, !tt.private); got.status != tt.want {
			t.Errorf("%s: %s (%s), want %s", name, got.status, got.message, tt.want)
		}
	}
}

func TestIssuers(t *testing.T) {
	t.Parallel()
	for organisation, domain := range map[string]string{
		"Let's Encrypt": "letsencrypt.org", "Google Trust Services LLC": "pki.goog", "Google Trust Services": "pki.goog", "SSL Corporation": "ssl.com", "Sectigo Limited": "sectigo.com",
		"DigiCert Inc": "digicert.com", "DigiCert, Inc.": "digicert.com", "GlobalSign nv-sa": "globalsign.com", "Amazon": "amazon.com", "ZeroSSL": "sectigo.com", "GoDaddy.com, Inc.": "godaddy.com",
		"Starfield Technologies, Inc.": "starfieldtech.com", "Asseco Data Systems S.A.": "certum.pl", "Actalis S.p.A.": "actalis.it", "Microsoft Corporation": "microsoft.com",
		"Entrust, Inc.": "entrust.net", "Buypass AS-983163327": "buypass.com", "Nobody": "", "": "",
	} {
		got := issuerOf([]string{organisation}, "")
		if domain == "" && len(got.domains) > 0 || domain != "" && !slices.Contains(got.domains, domain) {
			t.Errorf("%q: %+v, want %q", organisation, got, domain)
		}
	}
}

func TestNormalise(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typ  probe.RecordType
		a, b string
		same bool
	}{
		{"A", " 192.0.2.1", "192.0.2.1", true},
		{"AAAA", "2001:DB8:0:0::1", "2001:db8::1", true},
		{"CNAME", "Shop.Acme.example.", "shop.acme.example", true},
		{"CNAME", "bücher.example", "xn--bcher-kva.example.", true},
		{"MX", "10  Mail.acme.example.", "10 mail.acme.example", true},
		{"MX", "10 mail.acme.example", "20 mail.acme.example", false},
		{"MX", "0 .", "0 .", true},
		{"SRV", "0 5 443 SIP.acme.example.", "0 5 443 sip.acme.example", true},
		{"TXT", `"v=spf1 " "-all"`, "v=spf1 -all", true},
		{"TXT", `"a \"quoted\" word"`, `a "quoted" word`, true},
		{"TXT", `"caf\195\169"`, "café", true},
		{"TXT", `"v=spf1 -all "`, "v=spf1 -all ", true},
		{"TXT", "Case", "case", false},
		{"CAA", `0 issue "LetsEncrypt.org"`, `0 ISSUE LetsEncrypt.org`, true},
		{"CAA", `0 issue "pki.goog"`, `128 issue "pki.goog"`, false},
		{"TLSA", "3 1 1 AB CD", "3 1 1 abcd", true},
		{"DS", "1 13 2 AB CD", "1 13 2 abcd", true},
		{"SSHFP", "4 2 AB CD", "4 2 abcd", true},
		{"HTTPS", `1 . alpn="h2"`, "1 . alpn=h2", true},
		{"HTTPS", `1 . alpn="h2,h3" ipv4hint=45.9.9.9`, "1 . ipv4hint=45.9.9.9 alpn=h2,h3", true},
		{"SVCB", "1 acme.example. port=8443 alpn=h2", "1 acme.example alpn=h2 port=8443", true},
		{"LOC", "51 30 12.748 N 0 7 39.612 W 0m", "51 30 12.748 N 0 07 39.612 W 0.00m 1m 10000m 10m", true},
	} {
		if a, b := normalise(tt.typ, tt.a), normalise(tt.typ, tt.b); (a == b) != tt.same {
			t.Errorf("%s: %q is %q, %q is %q", tt.typ, tt.a, a, tt.b, b)
		}
	}
	// What is on the wire compares with what is written.
	for written, r := range map[string]probe.Record{
		`0 issue "pki.goog"`: {Type: "CAA", CAATag: "issue", CAAValue: "pki.goog"},
		"1 smtp.google.com":  {Type: "MX", Value: "1 smtp.google.com."},
		"v=spf1 -all":        {Type: "TXT", Value: "v=spf1 -all"},
	} {
		if got, want := value(r), normalise(r.Type, written); got != want {
			t.Errorf("%q on the wire, %q written", got, want)
		}
	}
}

func TestSpecialPurpose(t *testing.T) {
	t.Parallel()
	for address, reserved := range map[string]bool{
		"10.0.0.1": true, "172.16.0.1": true, "172.32.0.1": false, "192.168.1.1": true, "127.0.0.1": true, "169.254.1.1": true, "100.64.0.1": true, "100.128.0.1": false,
		"0.0.0.0": true, "192.0.2.1": true, "198.51.100.1": true, "203.0.113.1": true, "198.18.0.1": true, "224.0.0.1": true, "255.255.255.255": true, "192.0.0.9": false,
		"8.8.8.8": false, "104.16.0.1": false, "::": true, "::1": true, "fc00::1": true, "fd12::1": true, "fe80::1": true, "ff02::1": true, "2001:db8::1": true, "3fff::1": true,
		"100::1": true, "::ffff:10.0.0.1": true, "64:ff9b::8.8.8.8": false, "2606:4700::1": false, "2001:4860:4860::8888": false, "2002:808:808::1": false,
	} {
		if got := specialPurpose(netip.MustParseAddr(address)); (got != "") != reserved {
			t.Errorf("%s: %q", address, got)
		}
	}
	for address, edge := range map[string]bool{"104.16.0.1": true, "104.28.0.1": false, "172.67.1.1": true, "2606:4700::1": true, "8.8.8.8": false, "no address": false} {
		if isCloudflare(address) != edge {
			t.Errorf("%s: Cloudflare's is %t", address, !edge)
		}
	}
}

func TestServices(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"b.s3.amazonaws.com": "AWS S3", "b.s3-website-us-east-1.amazonaws.com": "AWS S3", "b.s3-website.eu-central-1.amazonaws.com": "AWS S3", "a.b.s3.eu-west-1.amazonaws.com": "AWS S3",
		"b.s3-eu-west-1.amazonaws.com": "AWS S3", "b.s3.dualstack.us-east-2.amazonaws.com": "AWS S3", "lb-1.eu-west-1.elb.amazonaws.com": "AWS load balancer",
		"x.azurewebsites.net": "Microsoft Azure", "x.westeurope.cloudapp.azure.com": "Microsoft Azure", "acme.github.io": "GitHub Pages", "notgithub.io": "", "github.io.acme.example": "",
		"d1.cloudfront.net": "AWS CloudFront", "shops.myshopify.com": "Shopify", "amazonaws.com": "", "acme.example": "",
	} {
		got, _ := serviceOf(target)
		if got.name != want {
			t.Errorf("%s: %q, want %q", target, got.name, want)
		}
	}
	for _, v := range services() {
		if v.status == safe == (v.nxdomain || len(v.body) > 0) || len(v.suffixes) == 0 {
			t.Errorf("%s: a service has suffixes, and signs unless it is safe", v.name)
		}
	}
}

func TestSerials(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b uint32
		want bool
	}{{1, 2, true}, {2, 1, false}, {1, 1, false}, {4294967295, 0, true}, {0, 4294967295, false}, {2026010199, 2026010200, true}} {
		if older(tt.a, tt.b) != tt.want {
			t.Errorf("older(%d, %d) = %t", tt.a, tt.b, !tt.want)
		}
	}
}

func TestAbsolute(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"@": "acme.example", "portal": "portal.acme.example", "portal.acme.example": "portal.acme.example", "Acme.Example": "acme.example",
		"www.other.example.": "www.other.example", "a.b": "a.b.acme.example", "bücher": "xn--bcher-kva.acme.example", "_dmarc": "_dmarc.acme.example", "*": "*.acme.example",
	} {
		if got := Absolute(name, "acme.example"); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// A verdict on several things is that of the worst of them.
func TestWorst(t *testing.T) {
	t.Parallel()
	low := fail("low")
	low.severity = readiness.Low
	for name, tt := range map[string]struct {
		all      []verdict
		status   readiness.Status
		severity readiness.Severity
		message  string
	}{
		"failures are told together": {[]verdict{pass("p"), fail("b"), fail("a"), unclear("u"), fail("b")}, readiness.Fail, "", "a; b"},
		"doubt before pass":          {[]verdict{pass("p"), unclear("u"), inapplicable("n")}, readiness.Inconclusive, "", "u"},
		"pass before nothing":        {[]verdict{inapplicable("n"), pass("p")}, readiness.Pass, "", "p"},
		"nothing":                    {[]verdict{inapplicable("n")}, readiness.NotApplicable, "", "n"},
		"the rule's severity counts": {[]verdict{low, fail("a")}, readiness.Fail, "", "a; low"},
		"a lower one alone":          {[]verdict{low, pass("p")}, readiness.Fail, readiness.Low, "low"},
	} {
		if got := worst(tt.all); got.status != tt.status || got.severity != tt.severity || got.message != tt.message {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
