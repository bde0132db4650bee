package dnscheck

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/probe"
	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// outcomes are all that the tests have seen: rule and status.
var outcomes sync.Map

// Every rule is seen to fail, to pass and to be undecided.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 && flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.list").Value.String() == "" && flag.Lookup("test.bench").Value.String() == "" {
		for _, rule := range Definition.Rules {
			for _, status := range []readiness.Status{readiness.Fail, readiness.Pass, readiness.Inconclusive} {
				if _, ok := outcomes.Load(rule.ID + " " + string(status)); !ok {
					fmt.Printf("no test sees %s with the status %s\n", rule.ID, status)
					code = 1
				}
			}
		}
	}
	os.Exit(code)
}

// execute runs the check and holds what every run must hold.
func execute(t *testing.T, p probe.Prober, spec Spec) readiness.Result {
	t.Helper()
	result, err := Definition.Execute(t.Context(), p, spec)
	if err != nil {
		t.Fatal(err)
	}
	reported := map[string]bool{}
	for _, f := range result.Findings {
		reported[f.Rule] = true
		outcomes.Store(f.Rule+" "+string(f.Status), true)
		switch {
		case strings.Contains(f.Message, "came to no verdict"):
			t.Errorf("%s was never reported", f.Rule)
		case f.Message == "" || f.Subject == "" || strings.HasSuffix(f.Message, "."):
			t.Errorf("%s: %s: message %q", f.Rule, f.Subject, f.Message)
		case strings.Contains(f.Message+f.Subject, "launchready-"), strings.Contains(f.Message, "127.0.0.1") && !strings.Contains(f.Message, "no answer in time (127.0.0.1"): // the resolver is as configured
			t.Errorf("%s: %s: a probe's own name or port shows: %q", f.Rule, f.Subject, f.Message)
		}
	}
	for _, rule := range Definition.Rules {
		if !reported[rule.ID] {
			t.Errorf("%s was not reported", rule.ID)
		}
	}
	return result
}

// against are the findings that stand against a launch, as "rule subject status".
func against(result readiness.Result) []string {
	out := []string{}
	for _, f := range result.Findings {
		if f.Status.Violates() {
			line := f.Rule + " " + f.Subject + " " + string(f.Status)
			for _, r := range Definition.Rules {
				if r.ID == f.Rule && r.Severity != f.Severity {
					line += " " + string(f.Severity)
				}
			}
			out = append(out, line)
		}
	}
	return slices.Compact(out)
}

const unsigned = "dns.dnssec_missing acme.example fail"

func TestWorlds(t *testing.T) {
	t.Parallel()
	stale := func(rr []dns.RR) []dns.RR {
		for _, r := range rr {
			if soa, ok := r.(*dns.SOA); ok {
				soa.Serial--
			}
		}
		return rr
	}
	without := func(name string) func([]dns.RR) []dns.RR {
		return func(rr []dns.RR) []dns.RR {
			return slices.DeleteFunc(rr, func(r dns.RR) bool { return r.Header().Name == name })
		}
	}
	page := func(text string, status int) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.Host, "old.") {
				w.WriteHeader(status)
				_, _ = w.Write([]byte(text))
			}
		}
	}
	for name, tt := range map[string]struct {
		change func(w *world)
		signed bool
		want   []string
	}{
		"healthy, unsigned":          {func(*world) {}, false, []string{unsigned}},
		"healthy, signed":            {func(*world) {}, true, nil},
		"healthy, without a listing": {func(w *world) { w.spec.Listed, w.spec.Records = false, nil }, true, nil},
		"healthy, proxied": {func(w *world) {
			w.proxy("acme.example", "198.51.100.10")
			w.proxy("portal.acme.example", "198.51.100.10")
		}, true, nil},
		"a name within the zone": {func(w *world) { w.spec.Domain = "portal.acme.example" }, true, nil},
		"DNSSEC required":        {func(w *world) { w.spec.Requirements = []string{RequireDNSSEC} }, false, []string{unsigned + " high"}},
		"another name at the parent": {func(w *world) {
			w.zones[0] += "acme.example. 86400 NS ns3.host.test.\n"
			w.zones[2] += "ns3.host.test. 300 A 45.0.0.1\n"
		}, true, []string{"dns.delegation acme.example fail"}},
		"another name in the zone": {func(w *world) {
			w.add("acme.example. 86400 NS ns3.host.test.\n")
			w.zones[2] += "ns3.host.test. 300 A 45.0.0.1\n"
		}, true, []string{"dns.delegation acme.example fail"}},
		"stale glue":      {func(w *world) { w.replace(0, "A 45.0.0.1", "A 45.0.0.2") }, true, []string{"dns.delegation acme.example fail"}},
		"capital letters": {func(w *world) { w.replace(0, "NS ns1.acme.example.", "NS NS1.Acme.Example.") }, true, nil},
		"not delegated": {func(w *world) {
			w.spec.Domain, w.spec.Expected = "nobody.example", nil
			w.spec.Records = nil
			w.allowed = []string{"nobody.example"}
		}, false, []string{"dns.delegation nobody.example fail critical"}},
		"the parent is silent":       {func(w *world) { w.servers["45.5.6.30"].silent = true }, true, []string{"dns.delegation acme.example inconclusive"}},
		"the parent serves the zone": {func(w *world) { w.servers["45.5.6.30"].zones = []string{"example.", "acme.example."} }, true, nil},
		"refused":                    {func(w *world) { w.servers["45.0.0.2"].rcode = dns.RcodeRefused }, true, []string{"dns.lame ns2.host.test fail"}},
		"not authoritative":          {func(w *world) { w.servers["45.0.0.2"].recursor = true }, true, []string{"dns.lame ns2.host.test fail"}},
		"nothing listens":            {func(w *world) { w.servers["45.0.0.2"].noUDP, w.servers["45.0.0.2"].noTCP = true, true }, true, []string{"dns.lame ns2.host.test fail", "dns.serial ns2.host.test inconclusive", "dns.transport ns2.host.test inconclusive", "dns.zone_transfer ns2.host.test inconclusive"}},
		"no address":                 {func(w *world) { w.replace(2, "ns2.host.test. 86400 A 45.0.0.2\n", "") }, true, []string{"dns.lame ns2.host.test fail"}},
		"one server silent":          {func(w *world) { w.servers["45.0.0.2"].silent = true }, true, []string{"dns.lame ns2.host.test inconclusive", "dns.serial ns2.host.test inconclusive", "dns.transport ns2.host.test inconclusive", "dns.zone_transfer ns2.host.test inconclusive"}},
		"without TCP":                {func(w *world) { w.servers["45.0.0.2"].noTCP = true }, true, []string{"dns.transport ns2.host.test fail"}},
		"without UDP":                {func(w *world) { w.servers["45.0.0.2"].noUDP = true }, true, []string{"dns.transport ns2.host.test fail"}},
		"no TCP from here": {func(w *world) {
			for _, s := range w.servers {
				s.noTCP = true
			}
		}, true, []string{"dns.transport ns1.acme.example inconclusive", "dns.transport ns2.host.test inconclusive"}},
		"behind":              {func(w *world) { w.servers["45.0.0.2"].edit = stale }, true, []string{"dns.serial ns2.host.test fail"}},
		"a record is missing": {func(w *world) { w.servers["45.0.0.2"].edit = without("portal.acme.example.") }, false, []string{unsigned, "dns.expected portal.acme.example A fail"}},
		"other values":        {func(w *world) { w.spec.Expected[1].Values = []string{"10 smtp.host.test"} }, true, []string{"dns.expected acme.example MX fail"}},
		"more values":         {func(w *world) { w.add("acme.example. 300 TXT \"extra\"\n") }, true, []string{"dns.expected acme.example TXT fail"}},
		"more values allowed": {func(w *world) { w.add("acme.example. 300 TXT \"extra\"\n"); w.spec.Expected[2].AtLeast = true }, true, nil},
		"not proxied": {func(w *world) {
			w.replace(1, "portal.acme.example. 300 A 104.16.0.2", "portal.acme.example. 300 A 45.1.1.1")
		}, true, []string{"dns.expected portal.acme.example A fail"}},
		"transfer": {func(w *world) { w.servers["45.0.0.1"].transfer = true }, true, []string{"dns.zone_transfer ns1.acme.example fail"}},
		"wildcard": {func(w *world) { w.add("*.acme.example. 300 A 104.16.0.3\n") }, true, []string{"dns.wildcard *.acme.example fail"}},
		"wildcard, no listing": {func(w *world) {
			w.add("*.acme.example. 300 A 104.16.0.3\n")
			w.spec.Listed, w.spec.Records = false, nil
		}, true, []string{"dns.wildcard *.acme.example fail"}},
		"wildcard of text":   {func(w *world) { w.add("*.acme.example. 300 TXT \"v=spf1 -all\"\n") }, true, nil},
		"wildcard below":     {func(w *world) { w.add("*.dev.acme.example. 300 CNAME acme.example.\n") }, true, []string{"dns.wildcard *.dev.acme.example fail"}},
		"issuer not allowed": {func(w *world) { w.issuer = "DigiCert Inc" }, true, []string{"tls.caa_mismatch acme.example fail", "tls.caa_mismatch portal.acme.example fail", "tls.caa_mismatch shop.acme.example fail", "tls.caa_mismatch www.acme.example fail"}},
		"issuer not known":   {func(w *world) { w.issuer = "Nobody's CA"; w.spec.Hosts = []string{"acme.example"} }, true, []string{"tls.caa_mismatch acme.example inconclusive"}},
		"wildcards not allowed": {func(w *world) {
			w.add("acme.example. 300 CAA 0 issuewild \";\"\n")
			w.spec.Hosts = []string{"portal.acme.example"}
		}, true, []string{"tls.caa_mismatch portal.acme.example fail"}},
		"critical tag": {func(w *world) {
			w.add("acme.example. 300 CAA 128 tbs \"x\"\n")
			w.spec.Hosts = []string{"portal.acme.example"}
		}, true, []string{"tls.caa_mismatch portal.acme.example fail"}},
		"no CAA": {func(w *world) { w.replace(1, "acme.example. 300 CAA 0 issue \"letsencrypt.org\"\n", "") }, true, []string{"tls.caa_missing acme.example fail"}},
		"CAA required": {func(w *world) {
			w.replace(1, "acme.example. 300 CAA 0 issue \"letsencrypt.org\"\n", "")
			w.spec.Requirements = []string{RequireCAA}
		}, true, []string{"tls.caa_missing acme.example fail high"}},
		"CAA at SERVFAIL": {func(w *world) {
			w.sick["www.acme.example"] = dns.RcodeServerFailure
			w.spec.Hosts = []string{"www.acme.example"}
		}, true, []string{"dns.dead_name www.acme.example inconclusive", "tls.caa_mismatch www.acme.example inconclusive"}},
		"CNAME at the apex": {func(w *world) { w.zones[1] += "acme.example. 300 CNAME shops.host.test.\n" }, true, []string{"dns.cname_conflict acme.example fail"}},
		"CNAME in the place of all": {func(w *world) {
			for _, v := range w.servers {
				v.edit = func(rr []dns.RR) []dns.RR {
					if len(rr) > 0 && rr[0].Header().Name == "acme.example." && rr[0].Header().Rrtype != dns.TypeDNSKEY {
						return parse("acme.example. 300 CNAME shops.host.test.")
					}
					return rr
				}
			}
			w.spec.Expected = nil
		}, false, []string{unsigned, "dns.cname_conflict acme.example fail", "dns.delegation acme.example inconclusive"}},
		"CNAME beside text": {func(w *world) { w.add("shop.acme.example. 300 TXT \"x\"\n") }, true, []string{"dns.cname_conflict shop.acme.example fail"}},
		"dangling":          {func(w *world) { w.add("old.acme.example. 300 CNAME gone.host.test.\n") }, true, []string{"dns.dangling old.acme.example fail"}},
		"dangling, no listing": {func(w *world) {
			w.add("old.acme.example. 300 CNAME gone.host.test.\n")
			w.spec.Listed, w.spec.Records = false, nil
		}, true, []string{"dns.dangling old.acme.example fail"}},
		"a target without address": {func(w *world) {
			w.replace(2, "empty.host.test. 300 TXT \"-\"", "empty.host.test. 300 HINFO \"a\" \"b\"")
			w.add("old.acme.example. 300 CNAME empty.host.test.\n")
		}, true, []string{"dns.dangling old.acme.example fail"}},
		"a target with text": {func(w *world) { w.add("old.acme.example. 300 CNAME empty.host.test.\n") }, true, nil},
		"a return path":      {func(w *world) { w.add("out.acme.example. 300 CNAME bounce.host.test.\n") }, true, nil},
		"a target that fails": {func(w *world) {
			w.sick["gone.host.test"] = dns.RcodeServerFailure
			w.add("old.acme.example. 300 CNAME gone.host.test.\n")
		}, true, []string{"dns.dangling old.acme.example inconclusive", "dns.dead_name old.acme.example inconclusive", "dns.takeover old.acme.example inconclusive", "tls.caa_mismatch old.acme.example inconclusive"}},
		"a circle": {func(w *world) {
			w.add("old.acme.example. 300 CNAME older.acme.example.\nolder.acme.example. 300 CNAME old.acme.example.\n")
			w.spec.Hosts = []string{"acme.example"}
		}, true, []string{"dns.dangling old.acme.example fail", "dns.dangling older.acme.example fail", "dns.dead_name old.acme.example inconclusive", "dns.dead_name older.acme.example inconclusive"}},
		"a CNAME within the zone":   {func(w *world) { w.add("old.acme.example. 300 CNAME www.acme.example.\n") }, true, nil},
		"a DKIM key that is gone":   {func(w *world) { w.replace(1, "sel.keys.host.test.", "gone.keys.host.test.") }, true, []string{"dns.dangling sel._domainkey.acme.example fail"}},
		"a validation of no domain": {func(w *world) { w.replace(1, "abc.validation.host.test.", "abc.gone.test.") }, true, []string{"dns.dangling _acme-challenge.acme.example fail"}},
		"a mail host that is gone":  {func(w *world) { w.add("news.acme.example. 300 MX 1 gone.host.test.\n") }, true, []string{"dns.dangling news.acme.example fail"}},
		"null MX":                   {func(w *world) { w.add("news.acme.example. 300 MX 0 .\n") }, true, nil},
		"no such service":           {func(w *world) { w.add("_sip._tls.acme.example. 300 SRV 0 0 0 .\n") }, true, nil},
		"a service that is gone":    {func(w *world) { w.add("_sip._tls.acme.example. 300 SRV 0 0 443 gone.host.test.\n") }, true, []string{"dns.dangling _sip._tls.acme.example fail"}},
		"servers that are gone":     {func(w *world) { w.add("dev.acme.example. 300 NS gone.host.test.\n") }, true, []string{"dns.dangling dev.acme.example fail"}},
		"servers gone, no listing": {func(w *world) {
			w.add("dev.acme.example. 300 NS gone.host.test.\n")
			w.spec.Listed, w.spec.Records = false, nil
		}, true, []string{"dns.dangling dev.acme.example fail"}},
		"servers that do not answer": {func(w *world) {
			w.add("dev.acme.example. 300 NS ns2.host.test.\n")
			w.servers["45.0.0.2"].zones = []string{"acme.example."}
			w.servers["45.0.0.3"] = &nsServer{}
			w.replace(1, "dev.acme.example. 300 NS ns2.host.test.", "dev.acme.example. 300 NS ns3.host.test.")
			w.zones[2] += "ns3.host.test. 300 A 45.0.0.3\n"
		}, true, []string{"dns.dangling dev.acme.example fail"}},
		"takeover by NXDOMAIN": {func(w *world) { w.add("old.acme.example. 300 CNAME portal-acme.azurewebsites.net.\n") }, true, []string{"dns.takeover old.acme.example fail"}},
		"takeover by fingerprint": {func(w *world) {
			w.add("old.acme.example. 300 CNAME gone.surge.sh.\n")
			w.web = page("project not found", 404)
		}, true, []string{"dns.takeover old.acme.example fail"}},
		"takeover, proxied": {func(w *world) {
			w.add("old.acme.example. 300 A 104.16.0.9\n")
			for i, r := range w.spec.Records {
				if r.Name == "old.acme.example" {
					w.spec.Records[i] = Record{Name: r.Name, Type: "CNAME", Content: "gone.surge.sh.", Proxied: true}
				}
			}
			w.web = page("project not found", 404)
		}, true, []string{"dns.takeover old.acme.example fail"}},
		"fingerprint, another status": {func(w *world) {
			w.add("old.acme.example. 300 CNAME gone.surge.sh.\n")
			w.web = page("how to mend project not found", 200)
		}, true, nil},
		"pattern alone": {func(w *world) { w.add("old.acme.example. 300 CNAME gone.surge.sh.\n") }, true, nil},
		"fingerprint alone": {func(w *world) {
			w.add("old.acme.example. 300 CNAME claimed.host.test.\n")
			w.web = page("project not found", 404)
		}, true, nil},
		"takeover under conditions": {func(w *world) {
			w.add("old.acme.example. 300 CNAME nobody.github.io.\n")
			w.web = page("There isn't a GitHub Pages site here.", 404)
		}, true, []string{"dns.dangling old.acme.example fail"}},
		"takeover out of scope": {func(w *world) {
			w.add("old.acme.example. 300 CNAME gone.surge.sh.\n")
			w.allowed = []string{"acme.example", "www.acme.example", "portal.acme.example", "shop.acme.example"}
		}, true, []string{"dns.dead_name old.acme.example inconclusive", "dns.takeover old.acme.example inconclusive", "tls.caa_mismatch old.acme.example inconclusive"}},
		"private address":      {func(w *world) { w.add("intern.acme.example. 300 A 10.1.2.3\n") }, true, []string{"dns.private_address intern.acme.example fail"}},
		"private IPv6 address": {func(w *world) { w.add("intern.acme.example. 300 AAAA fd00::1\n") }, true, []string{"dns.private_address intern.acme.example fail"}},
		"origin leaked": {func(w *world) {
			w.add("direct.acme.example. 300 A 45.7.7.7\n")
			w.proxy("portal.acme.example", "45.7.7.7")
		}, true, []string{"dns.origin_leak direct.acme.example fail"}},
		"origin leaked by a CNAME": {func(w *world) {
			w.add("ftp.acme.example. 300 CNAME shops.host.test.\n")
			w.proxy("portal.acme.example", "45.9.9.10")
		}, true, []string{"dns.origin_leak ftp.acme.example fail", "dns.origin_leak shop.acme.example fail"}},
		"origin leaked by mail": {func(w *world) { w.proxy("portal.acme.example", "45.9.9.9") }, true, []string{"dns.origin_leak acme.example fail"}},
		"origin leaked by SPF": {func(w *world) {
			w.add("news.acme.example. 300 TXT \"v=spf1 ip4:45.7.7.7 -all\"\n")
			w.proxy("portal.acme.example", "45.7.7.7")
		}, true, []string{"dns.origin_leak news.acme.example fail"}},
		"TTL of 0":       {func(w *world) { w.replace(1, "portal.acme.example. 300 A ", "portal.acme.example. 0 A ") }, true, []string{"dns.ttl portal.acme.example A fail"}},
		"TTL of a month": {func(w *world) { w.replace(1, "acme.example. 300 MX", "acme.example. 2592000 MX") }, true, []string{"dns.ttl acme.example MX fail"}},
		"MX to a CNAME": {func(w *world) {
			w.replace(1, "MX 1 smtp.host.test.", "MX 1 mx.acme.example.\nmx.acme.example. 300 CNAME smtp.host.test.")
			w.spec.Expected = nil
		}, true, []string{"dns.mx_target acme.example fail"}},
		"MX to an address": {func(w *world) { w.replace(1, "MX 1 smtp.host.test.", "MX 1 45.9.9.9."); w.spec.Expected = nil }, true, []string{"dns.mx_target acme.example fail"}},
		"listed twice": {func(w *world) {
			w.spec.Records = append(w.spec.Records, Record{Name: "Portal.acme.example.", Type: "a", Content: "104.16.0.2"})
		}, true, []string{"dns.duplicate portal.acme.example A fail"}},
		"a dead name":          {func(w *world) { w.add("gone.acme.example. 300 A 45.66.66.66\n") }, true, []string{"dns.dead_name gone.acme.example fail"}},
		"a dead mail host":     {func(w *world) { w.add("mail2.acme.example. 300 A 45.66.66.66\n") }, true, nil},
		"dead behind the edge": {func(w *world) { w.add("old.acme.example. 300 A 104.16.0.9\n"); w.web = page("error code: 522", 522) }, true, []string{"dns.dead_name old.acme.example fail"}},
		"a challenge is life": {func(w *world) {
			w.add("old.acme.example. 300 A 104.16.0.9\n")
			w.web = page("<title>Just a moment", 403)
		}, true, nil},
		"no name server answers": {func(w *world) { w.servers["45.0.0.1"].silent, w.servers["45.0.0.2"].silent = true, true }, true, []string{
			"dns.cname_conflict acme.example inconclusive", "dns.delegation acme.example inconclusive", "dns.dnssec_bogus acme.example inconclusive", "dns.dnssec_missing acme.example inconclusive",
			"dns.expected acme.example MX inconclusive", "dns.expected acme.example TXT inconclusive", "dns.expected portal.acme.example A inconclusive",
			"dns.lame ns1.acme.example inconclusive", "dns.lame ns2.host.test inconclusive", "dns.private_address acme.example inconclusive",
			"dns.serial ns1.acme.example inconclusive", "dns.serial ns2.host.test inconclusive", "dns.transport ns1.acme.example inconclusive", "dns.transport ns2.host.test inconclusive",
			"dns.ttl acme.example inconclusive", "dns.wildcard *.acme.example inconclusive", "dns.zone_transfer ns1.acme.example inconclusive", "dns.zone_transfer ns2.host.test inconclusive",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			if tt.signed {
				w.sign()
			}
			tt.change(w)
			p := w.start(t)
			result := execute(t, p, w.spec)
			want := append([]string{}, tt.want...)
			slices.Sort(want)
			got := against(result)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s%s", diff, explain(result))
			}
			if diff := cmp.Diff(result.Findings, execute(t, p, w.spec).Findings); diff != "" {
				t.Errorf("a second run differs\n%s", diff)
			}
		})
	}
}

func explain(result readiness.Result) string {
	var b strings.Builder
	for _, f := range result.Findings {
		if f.Status.Violates() {
			b.WriteString(f.Rule + ": " + f.Subject + ": " + f.Message + "\n")
		}
	}
	return b.String()
}
