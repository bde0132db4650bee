package dnscheck

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/readiness"
)

// Zones of other shapes: where they begin, who serves them, and how they are named.
func TestZones(t *testing.T) {
	t.Parallel()
	sub := func(w *world, delegate bool) { // dev.acme.example as a zone of its own, at a server of its own
		w.zones = append(w.zones, `
dev.acme.example. 3600 SOA ns3.host.test. hostmaster.acme.example. 7 7200 900 1209600 300
dev.acme.example. 86400 NS ns3.host.test.
dev.acme.example. 300 A 104.16.0.5
x.dev.acme.example. 300 A 104.16.0.6
`)
		w.zones[2] += "ns3.host.test. 300 A 45.0.0.3\n"
		w.servers["45.0.0.3"] = &nsServer{zones: []string{"dev.acme.example."}}
		if delegate {
			w.add("dev.acme.example. 3600 NS ns3.host.test.\n")
		}
	}
	move := func(w *world, domain, suffix string) { // the client's zone under another name
		for i := range 2 {
			w.zones[i] = strings.ReplaceAll(strings.ReplaceAll(w.zones[i], "acme.example", domain), "\nexample. ", "\n"+suffix+". ")
			w.zones[i] = strings.ReplaceAll(w.zones[i], ".nic.example", ".nic."+suffix)
		}
		w.domain, w.allowed, w.sans = domain, []string{domain, "*." + domain}, []string{domain, "*." + domain}
		w.servers["45.5.6.30"].zones, w.servers["45.0.0.1"].zones = []string{suffix + "."}, []string{domain + "."}
		w.servers["45.0.0.2"].zones = []string{domain + ".", "host.test."}
		w.spec.Domain, w.spec.Expected = domain, []Expected{{Name: "portal." + domain, Proxied: true}}
		w.list(w.zones[1])
	}
	for name, tt := range map[string]struct {
		change func(w *world)
		signed bool
		want   []string
	}{
		"a zone below": {func(w *world) { sub(w, true) }, true, nil},
		"a zone below, expected record": {func(w *world) {
			sub(w, true)
			w.spec.Expected = []Expected{{Name: "x.dev.acme.example", Proxied: true}}
		}, true, nil},
		"a zone below is judged": {func(w *world) {
			sub(w, true)
			w.spec = Spec{Domain: "dev.acme.example", Hosts: []string{"acme.example"}}
		}, false, []string{"dns.dnssec_missing dev.acme.example fail"}},
		"a name in a zone below": {func(w *world) {
			sub(w, true)
			w.spec = Spec{Domain: "x.dev.acme.example", Hosts: []string{"acme.example"}}
		}, false, []string{"dns.dnssec_missing dev.acme.example fail"}},
		"a name that is in no zone": {func(w *world) { w.spec = Spec{Domain: "gone.acme.example", Hosts: []string{"acme.example"}} }, false, []string{"dns.delegation gone.acme.example fail critical"}},
		"an unsigned zone below, same host": {func(w *world) {
			sub(w, false)
			w.servers["45.0.0.1"].zones = append(w.servers["45.0.0.1"].zones, "dev.acme.example.")
			w.servers["45.0.0.2"].zones = append(w.servers["45.0.0.2"].zones, "dev.acme.example.")
			w.spec.Expected = []Expected{{Name: "x.dev.acme.example", Proxied: true}}
		}, true, nil},
		"a suffix of two labels":         {func(w *world) { move(w, "acme.co.uk", "co.uk") }, true, nil},
		"a name with letters of its own": {func(w *world) { move(w, "xn--bcher-kva.example", "example"); w.spec.Domain = "Bücher.example" }, true, nil},
		"IPv6 that nobody can reach":     {func(w *world) { w.zones[2] += "ns2.host.test. 86400 AAAA 2a00:1:2:3::53\n" }, true, nil},
		"IPv6 that answers": {func(w *world) {
			w.zones[2] += "ns2.host.test. 86400 AAAA 2a00:1:2:3::53\n"
			w.servers["[2a00:1:2:3::53]"] = &nsServer{zones: []string{"acme.example."}}
		}, true, nil},
		"IPv6 that refuses": {func(w *world) {
			w.zones[2] += "ns2.host.test. 86400 AAAA 2a00:1:2:3::53\n"
			w.servers["[2a00:1:2:3::53]"] = &nsServer{}
		}, true, []string{"dns.lame ns2.host.test fail"}},
		"transfers without an answer": {func(w *world) { w.servers["45.0.0.2"].muteAXFR = true }, true, nil},
		"a resolver in the way": {func(w *world) {
			for _, s := range w.servers {
				s.recursor = true
			}
			w.spec.Expected = nil
		}, false, []string{"dns.delegation acme.example inconclusive", "dns.lame ns1.acme.example inconclusive", "dns.lame ns2.host.test inconclusive"}},
		"no MX, no CAA, no listing": {func(w *world) {
			w.replace(1, "acme.example. 300 MX 1 smtp.host.test.\n", "")
			w.spec.Listed, w.spec.Records, w.spec.Expected = false, nil, nil
		}, true, nil},
		"a resolver that filters": {func(w *world) {
			w.sick["shops.host.test"] = dns.RcodeNameError
			w.spec.Hosts = []string{"acme.example"}
		}, true, []string{"dns.dangling shop.acme.example inconclusive", "dns.dead_name shop.acme.example inconclusive", "dns.takeover shop.acme.example inconclusive"}},
		"a resolver that invents": {func(w *world) {
			w.zones = append(w.zones, "com. 60 SOA a.nic.com. b.nic.com. 1 1 1 1 60\n*.com. 60 A 45.1.1.1\n")
			w.spec.Listed, w.spec.Records, w.spec.Expected, w.spec.Hosts = false, nil, nil, []string{"acme.example"}
			w.replace(1, "shop.acme.example. 300 CNAME shops.host.test.\n", "")
		}, true, []string{"dns.dangling acme.example inconclusive", "dns.dangling www.acme.example inconclusive", "dns.dead_name acme.example inconclusive", "dns.dead_name portal.acme.example inconclusive",
			"dns.dead_name www.acme.example inconclusive", "dns.mx_target acme.example inconclusive", "dns.takeover www.acme.example inconclusive"}},
		"a leak that cannot be seen": {func(w *world) {
			w.proxy("portal.acme.example", "45.7.7.7")
			w.sick["shops.host.test"] = dns.RcodeServerFailure
			w.spec.Hosts = []string{"acme.example"}
		}, true, []string{"dns.dangling shop.acme.example inconclusive", "dns.dead_name shop.acme.example inconclusive", "dns.origin_leak shop.acme.example inconclusive", "dns.takeover shop.acme.example inconclusive"}},
		"a tunnel behind the proxy": {func(w *world) {
			w.zones[1] += "tunnel.acme.example. 300 A 104.16.0.7\n"
			w.spec.Records = append(w.spec.Records, Record{Name: "tunnel.acme.example", Type: "CNAME", Content: "f70ff985.cfargotunnel.com", Proxied: true})
		}, true, nil},
		"a wildcard that can be claimed": {func(w *world) {
			w.add("*.acme.example. 300 CNAME gone.surge.sh.\n")
			w.web = func(rw http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.Host, "launchready-") {
					rw.WriteHeader(404)
					_, _ = rw.Write([]byte("project not found"))
				}
			}
		}, true, []string{"dns.takeover *.acme.example fail", "dns.wildcard *.acme.example fail"}},
		"the same without a listing": {func(w *world) {
			w.add("*.acme.example. 300 CNAME portal.azurewebsites.net.\n")
			w.spec.Listed, w.spec.Records = false, nil
		}, true, []string{"dns.takeover *.acme.example fail", "dns.wildcard *.acme.example fail"}},
		"servers that send on to TCP": {func(w *world) {
			for _, address := range []string{"45.0.0.1", "45.0.0.2"} {
				w.servers[address].finish = func(m *dns.Msg, network string) {
					if network == "udp" {
						m.Truncated, m.Answer, m.Ns, m.Extra = true, nil, nil, nil
					}
				}
			}
		}, true, nil},
		"a name server that is a CNAME": {func(w *world) {
			w.replace(2, "ns2.host.test. 86400 A 45.0.0.2\n", "ns2.host.test. 300 CNAME real.host.test.\nreal.host.test. 300 A 45.0.0.2\n")
		}, true, []string{"dns.lame ns2.host.test fail"}},
		"a manager of traffic whose site is gone": {func(w *world) {
			w.add("app.acme.example. 300 CNAME acme.trafficmanager.net.\n")
			w.zones[4] += "acme.trafficmanager.net. 60 CNAME gone.host.test.\n"
		}, true, []string{"dns.dangling app.acme.example fail"}},
		"a manager of traffic whose site can be claimed": {func(w *world) {
			w.add("app.acme.example. 300 CNAME acme.trafficmanager.net.\n")
			w.zones[4] += "acme.trafficmanager.net. 60 CNAME gone.surge.sh.\n"
			w.web = func(rw http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.Host, "app.") {
					rw.WriteHeader(404)
					_, _ = rw.Write([]byte("project not found"))
				}
			}
		}, true, []string{"dns.takeover app.acme.example fail"}},
		"a page that quotes what a service says": {func(w *world) {
			w.add("blog.acme.example. 300 CNAME acme.ghost.io.\n")
			w.zones[4] += "acme.ghost.io. 300 A 45.9.9.11\n"
			w.web = func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					_, _ = rw.Write([]byte("<h1>What to do where it says: Site unavailable</h1>"))
				} else {
					rw.WriteHeader(404)
				}
			}
		}, true, nil},
		"a service that says so with a success": {func(w *world) {
			w.add("blog.acme.example. 300 CNAME acme.ghost.io.\n")
			w.zones[4] += "acme.ghost.io. 300 A 45.9.9.11\n"
			w.web = func(rw http.ResponseWriter, r *http.Request) { _, _ = rw.Write([]byte("<h1>Site unavailable</h1>")) }
		}, true, []string{"dns.takeover blog.acme.example fail"}},
		"a name that Azure verified": {func(w *world) {
			w.add("asverify.files.acme.example. 300 CNAME asverify.acme.blob.core.windows.net.\n")
			w.zones[4] += "acme.blob.core.windows.net. 60 A 45.9.9.9\n"
		}, true, nil},
		"an origin two CNAMEs away": {func(w *world) {
			w.add("origin.acme.example. 300 A 45.7.7.7\napp.acme.example. 300 CNAME origin.acme.example.\n")
			w.zones[1] += "web.acme.example. 300 A 104.16.0.9\n"
			w.spec.Records = append(w.spec.Records, Record{Name: "web.acme.example", Type: "CNAME", Content: "app.acme.example", Proxied: true})
		}, true, []string{"dns.origin_leak app.acme.example fail", "dns.origin_leak origin.acme.example fail"}},
		"twice on the wire": {func(w *world) {
			w.add("www.acme.example. 300 CNAME acme.example.\n")
			w.spec.Records = w.spec.Records[:len(w.spec.Records)-1]
		}, true, []string{"dns.duplicate www.acme.example CNAME fail"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			tt.change(w)
			if tt.signed {
				w.sign()
			}
			result := execute(t, w.start(t), w.spec)
			got := against(result)
			if name == "a resolver in the way" { // what follows from it is not at issue
				got = slices.DeleteFunc(got, func(line string) bool {
					return !strings.HasPrefix(line, "dns.delegation") && !strings.HasPrefix(line, "dns.lame")
				})
			}
			if diff := cmp.Diff(append([]string{}, tt.want...), got); diff != "" {
				t.Errorf("(-want +got)\n%s%s", diff, explain(result))
			}
		})
	}
}

// A resolver that says nothing is waited for a few times, not for every name;
// and nothing passes or fails for it but what the listing alone can tell.
func TestSilentResolver(t *testing.T) {
	t.Parallel()
	w := newWorld()
	for label := range strings.SplitSeq("a b c d e f g h i j k l m n o p q r s t", " ") {
		w.add(label + ".acme.example. 300 CNAME " + label + ".host.test.\n")
	}
	w.deaf = true
	p := w.start(t)
	if !slices.Contains(against(execute(t, p, Spec{Domain: "acme.example"})), "dns.duplicate acme.example inconclusive") {
		t.Error("nothing was seen, and nothing is there twice")
	}
	began := time.Now()
	result := execute(t, p, w.spec)
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("it took %s with a time-out of a second", took)
	}
	for _, f := range result.Findings {
		if f.Status == readiness.Fail || f.Status == readiness.Pass && f.Rule != ruleDuplicate && f.Rule != ruleOriginLeak {
			t.Errorf("%s %s: %s: %s", f.Status, f.Rule, f.Subject, f.Message)
		}
	}
}

// A zone whose servers are silent, and the resolver with them, is not waited for
// name by name.
func TestSilentZone(t *testing.T) {
	t.Parallel()
	w := newWorld()
	var b strings.Builder
	for i := range 60 {
		host, alias := fmt.Sprintf("n%d.acme.example", i), fmt.Sprintf("c%d.acme.example", i)
		b.WriteString(host + ". 300 A 104.16.0.1\n" + alias + ". 300 CNAME " + host + ".\n")
		w.sick[host], w.sick[alias] = -1, -1
	}
	w.add(b.String())
	for _, name := range []string{"acme.example", "www.acme.example", "portal.acme.example", "shop.acme.example", "ns1.acme.example"} {
		w.sick[name] = -1
	}
	w.servers["45.0.0.1"].silent, w.servers["45.0.0.2"].silent = true, true
	p := w.start(t)
	began := time.Now()
	first := execute(t, p, w.spec)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s with a time-out of a second", took)
	}
	if diff := cmp.Diff(first.Findings, execute(t, p, w.spec).Findings); diff != "" {
		t.Errorf("a second run differs\n%s", diff)
	}
}

// The DS record of the zone is its parent's to serve.
func TestExpectedSigner(t *testing.T) {
	t.Parallel()
	w := newWorld()
	ds := w.sign().key.ToDS(dns.SHA256)
	w.spec.Expected = []Expected{{Name: "acme.example", Type: "DS", Values: []string{strings.TrimPrefix(ds.String(), ds.Hdr.String())}}}
	p := w.start(t)
	if got := against(execute(t, p, w.spec)); len(got) > 0 {
		t.Errorf("it is there: %v", got)
	}
	w.spec.Expected[0].Values = []string{"1 13 2 00"}
	if got := against(execute(t, p, w.spec)); !slices.Equal(got, []string{"dns.expected acme.example DS fail"}) {
		t.Errorf("another is expected: %v", got)
	}
}

// What is out of scope is not visited, and what could not be visited is no pass.
func TestListingOfManyNames(t *testing.T) {
	t.Parallel()
	w := newWorld()
	var b strings.Builder
	for i := range 120 {
		b.WriteString("n" + strings.Repeat("x", i%40) + string(rune('a'+i/40)) + ".acme.example. 300 A 104.16.1.1\n")
	}
	w.add(b.String())
	w.sign()
	result := execute(t, w.start(t), w.spec)
	want := []string{"dns.dead_name acme.example inconclusive"} // 60 names are visited
	if diff := cmp.Diff(want, against(result)); diff != "" {
		t.Errorf("(-want +got)\n%s%s", diff, explain(result))
	}
	if n := len(result.Findings); n > 400 {
		t.Errorf("%d findings", n)
	}
}
