package api

import (
	"fmt"
	"strings"
	"testing"
)

// TestNormalisation holds what the API makes of what is sent.
func TestNormalisation(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 300)
	w := newWorld(t, "pro", nil)
	for _, tc := range []struct {
		name, body string
		want       string // name, type, content, ttl, proxied, priority
	}{
		{"apex", `{"type":"A","name":"@","content":"192.0.2.1"}`, `acme.example A 192.0.2.1 1 false -`},
		{"case and dot", `{"type":"a","name":"WWW.Acme.Example.","content":"192.0.2.1","ttl":60}`, `www.acme.example A 192.0.2.1 60 false -`},
		{"relative", `{"type":"A","name":"a.b","content":"192.0.2.1"}`, `a.b.acme.example A 192.0.2.1 1 false -`},
		{"outside of the zone", `{"type":"A","name":"mail.other.net","content":"192.0.2.1"}`, `mail.other.net.acme.example A 192.0.2.1 1 false -`},
		{"U-label", `{"type":"A","name":"Bücher","content":"192.0.2.1"}`, `xn--bcher-kva.acme.example A 192.0.2.1 1 false -`},
		{"U-labels all over", `{"type":"CNAME","name":"*._x.STRAßE.acme.example","content":"Bücher.example."}`, `*._x.xn--strae-oqa.acme.example CNAME xn--bcher-kva.example 1 false -`},
		{"wildcard", `{"type":"A","name":"*","content":"192.0.2.1"}`, `*.acme.example A 192.0.2.1 1 false -`},
		{"AAAA", `{"type":"AAAA","name":"six","content":"2001:DB8:0:0::0001"}`, `six.acme.example AAAA 2001:db8::1 1 false -`},
		{"proxied has ttl 1", `{"type":"A","name":"p","content":"192.0.2.1","ttl":3600,"proxied":true}`, `p.acme.example A 192.0.2.1 1 true -`},
		{"CNAME", `{"type":"CNAME","name":"c","content":"Host.Example.NET."}`, `c.acme.example CNAME host.example.net 1 false -`},
		{"MX", `{"type":"MX","name":"@","content":"MX.example.net.","priority":10}`, `acme.example MX mx.example.net 1 false 10`},
		{"null MX", `{"type":"MX","name":"nomail","content":".","priority":0}`, `nomail.acme.example MX . 1 false 0`},
		{"TXT unquoted", `{"type":"TXT","name":"t1","content":"v=spf1 -all"}`, `t1.acme.example TXT v=spf1 -all 1 false -`},
		{"TXT quoted", `{"type":"TXT","name":"t2","content":"\"a\" \"b\\\"\""}`, `t2.acme.example TXT "a" "b\"" 1 false -`},
		{"TXT long", `{"type":"TXT","name":"t3","content":"\"` + long + `\""}`, `t3.acme.example TXT "` + long[:255] + `" "` + long[255:] + `" 1 false -`},
		{"TXT long, unquoted", `{"type":"TXT","name":"t4","content":"` + long + `"}`, `t4.acme.example TXT "` + long[:255] + `" "` + long[255:] + `" 1 false -`},
		{"SRV", `{"type":"SRV","name":"_sip._tcp","data":{"priority":10,"weight":5,"port":5060,"target":"SIP.example.net."}}`,
			`_sip._tcp.acme.example SRV 10 5 5060 sip.example.net 1 false 10`},
		{"CAA", `{"type":"CAA","name":"@","data":{"flags":0,"tag":"ISSUE","value":"letsencrypt.org"}}`, `acme.example CAA 0 issue "letsencrypt.org" 1 false -`},
		{"TLSA", `{"type":"TLSA","name":"_25._tcp.mx","data":{"usage":3,"selector":1,"matching_type":1,"certificate":"AB CD"}}`, `_25._tcp.mx.acme.example TLSA 3 1 1 abcd 1 false -`},
		{"SMIMEA", `{"type":"SMIMEA","name":"h._smimecert","data":{"usage":3,"selector":0,"matching_type":0,"certificate":"ABCD"}}`, `h._smimecert.acme.example SMIMEA 3 0 0 abcd 1 false -`},
		{"SSHFP", `{"type":"SSHFP","name":"h","data":{"algorithm":4,"type":2,"fingerprint":"ABCD"}}`, `h.acme.example SSHFP 4 2 abcd 1 false -`},
		{"HTTPS", `{"type":"HTTPS","name":"w","data":{"priority":1,"target":".","value":"alpn=h3,h2 ipv4hint=\"192.0.2.1\""}}`, `w.acme.example HTTPS 1 . alpn="h3,h2" ipv4hint="192.0.2.1" 1 false -`},
		{"SVCB alias", `{"type":"SVCB","name":"_dns","data":{"priority":0,"target":"svc.example.net","value":""}}`, `_dns.acme.example SVCB 0 svc.example.net 1 false -`},
		{"URI", `{"type":"URI","name":"_ftp._tcp","priority":10,"data":{"weight":1,"target":"ftp://example.net/"}}`, `_ftp._tcp.acme.example URI 1 "ftp://example.net/" 1 false 10`},
		{"NAPTR", `{"type":"NAPTR","name":"n","data":{"order":100,"preference":10,"flags":"S","service":"SIP+D2U","regex":"","replacement":"_sip._udp.example.net"}}`,
			`n.acme.example NAPTR 100 10 "S" "SIP+D2U" "" _sip._udp.example.net 1 false -`},
		{"DS", `{"type":"DS","name":"sub","data":{"key_tag":12345,"algorithm":13,"digest_type":2,"digest":"ABCD"}}`, `sub.acme.example DS 12345 13 2 abcd 1 false -`},
		{"CERT", `{"type":"CERT","name":"cert","data":{"type":1,"key_tag":0,"algorithm":0,"certificate":"AQID"}}`, `cert.acme.example CERT 1 0 0 AQID 1 false -`},
		{"DNSKEY", `{"type":"DNSKEY","name":"sub","data":{"flags":257,"protocol":3,"algorithm":13,"public_key":"AQID"}}`, `sub.acme.example DNSKEY 257 3 13 AQID 1 false -`},
		{"LOC", `{"type":"LOC","name":"@","data":{"lat_degrees":52,"lat_minutes":22,"lat_seconds":23,"lat_direction":"N","long_degrees":4,"long_minutes":53,"long_seconds":32,"long_direction":"E","altitude":-2}}`,
			`acme.example LOC 52 22 23.000 N 4 53 32.000 E -2.00m 1.00m 10000.00m 10.00m 1 false -`},
		{"OPENPGPKEY", `{"type":"OPENPGPKEY","name":"k._openpgpkey","content":"AQ\nID"}`, `k._openpgpkey.acme.example OPENPGPKEY AQID 1 false -`},
	} {
		v := w.create(tc.body)
		priority := "-"
		if v.Priority != nil {
			priority = fmt.Sprint(*v.Priority)
		}
		if got := fmt.Sprint(v.Name, " ", v.Type, " ", v.Content, " ", v.TTL, " ", v.Proxied, " ", priority); got != tc.want {
			t.Errorf("%s:\n%s, want\n%s", tc.name, got, tc.want)
		}
		if _, has := shapeOf(v.Type); has != (len(v.Data) > 0) {
			t.Errorf("%s: data %s", tc.name, v.Data)
		}
	}
}

// TestRefusals holds the code of every error in a record.
func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "free", nil)
	for _, have := range []string{
		`{"type":"A","name":"addr","content":"192.0.2.1"}`,
		`{"type":"CNAME","name":"alias","content":"host.example.net"}`,
		`{"type":"TXT","name":"text","content":"\"one\" \"two\""}`,
	} {
		w.create(have)
	}
	text := strings.Repeat("x", 2000)
	for i := range 4 {
		w.create(fmt.Sprintf(`{"type":"TXT","name":"big","content":"%d%s"}`, i, text))
	}
	before := w.zone.Serial()
	for _, tc := range []struct {
		name, body   string
		status, code int
	}{
		{"no JSON", `{`, 400, 6007},
		{"wrong type in JSON", `{"type":"A","name":5,"content":"192.0.2.1"}`, 400, 9207},
		{"no type", `{"name":"x","content":"192.0.2.1"}`, 400, 9207},
		{"unknown type", `{"type":"WKS","name":"x","content":"1"}`, 400, 9207},
		{"no name", `{"type":"A","content":"192.0.2.1"}`, 400, 9000},
		{"empty label", `{"type":"A","name":"a..b","content":"192.0.2.1"}`, 400, 9000},
		{"long label", `{"type":"A","name":"` + strings.Repeat("a", 64) + `","content":"192.0.2.1"}`, 400, 9000},
		{"long U-label", `{"type":"A","name":"` + strings.Repeat("ü", 60) + `","content":"192.0.2.1"}`, 400, 9000},
		{"name over 253", `{"type":"A","name":"` + strings.Repeat("a.", 125) + `","content":"192.0.2.1"}`, 400, 9000},
		{"asterisk inside", `{"type":"A","name":"a.*","content":"192.0.2.1"}`, 400, 9000},
		{"bad IPv4", `{"type":"A","name":"x","content":"192.0.2"}`, 400, 9005},
		{"IPv6 in A", `{"type":"A","name":"x","content":"2001:db8::1"}`, 400, 9005},
		{"bad IPv6", `{"type":"AAAA","name":"x","content":"192.0.2.1"}`, 400, 9006},
		{"Cloudflare's address", `{"type":"A","name":"x","content":"104.16.1.1"}`, 400, 9003},
		{"private and proxied", `{"type":"A","name":"x","content":"10.0.0.1","proxied":true}`, 400, 9003},
		{"TXT proxied", `{"type":"TXT","name":"x","content":"x","proxied":true}`, 400, 9004},
		{"TTL 59", `{"type":"A","name":"x","content":"192.0.2.1","ttl":59}`, 400, 9021},
		{"TTL 0", `{"type":"A","name":"x","content":"192.0.2.1","ttl":0}`, 400, 9021},
		{"TTL 86401", `{"type":"A","name":"x","content":"192.0.2.1","ttl":86401}`, 400, 9021},
		{"CNAME to nothing", `{"type":"CNAME","name":"x","content":""}`, 400, 9007},
		{"CNAME to itself", `{"type":"CNAME","name":"x","content":"x.acme.example"}`, 400, 9039},
		{"MX to an address", `{"type":"MX","name":"x","content":"192.0.2.1","priority":1}`, 400, 9009},
		{"MX without priority", `{"type":"MX","name":"x","content":"mx.example.net"}`, 400, 9101},
		{"MX with a great priority", `{"type":"MX","name":"x","content":"mx.example.net","priority":65536}`, 400, 9101},
		{"empty TXT", `{"type":"TXT","name":"x","content":""}`, 400, 1004},
		{"unbalanced TXT", `{"type":"TXT","name":"x","content":"\"x"}`, 400, 1004},
		{"TXT over 2048", `{"type":"TXT","name":"x","content":"` + strings.Repeat("x", 2049) + `"}`, 400, 1004},
		{"TXT over 8192 a name", `{"type":"TXT","name":"big","content":"` + strings.Repeat("y", 500) + `"}`, 400, 1004},
		{"SRV without data", `{"type":"SRV","name":"x","content":"1 1 1 x"}`, 400, 9101},
		{"SRV without port", `{"type":"SRV","name":"x","data":{"priority":1,"weight":1,"target":"x"}}`, 400, 9101},
		{"SRV with a great port", `{"type":"SRV","name":"x","data":{"priority":1,"weight":1,"port":70000,"target":"x"}}`, 400, 9101},
		{"TLSA not hexadecimal", `{"type":"TLSA","name":"x","data":{"usage":3,"selector":1,"matching_type":1,"certificate":"xyz"}}`, 400, 9101},
		{"HTTPS with a bad hint", `{"type":"HTTPS","name":"x","data":{"priority":1,"target":".","value":"ipv4hint=\"::1\""}}`, 400, 9101},
		{"HTTPS alias with parameters", `{"type":"HTTPS","name":"x","data":{"priority":0,"target":"a.b","value":"port=1"}}`, 400, 9101},
		{"URI without priority", `{"type":"URI","name":"x","data":{"weight":1,"target":"x"}}`, 400, 9101},
		{"long comment", `{"type":"A","name":"x","content":"192.0.2.1","comment":"` + strings.Repeat("c", 101) + `"}`, 400, codeComment},
		{"tags on free", `{"type":"A","name":"x","content":"192.0.2.1","tags":["a:b"]}`, 400, 9300},
		{"flatten on free", `{"type":"CNAME","name":"x","content":"a.b","settings":{"flatten_cname":true}}`, 400, 9207},
		{"CNAME beside A", `{"type":"CNAME","name":"addr","content":"host.example.net"}`, 400, 81053},
		{"CNAME beside CNAME", `{"type":"CNAME","name":"alias","content":"other.example.net"}`, 400, 81053},
		{"A beside CNAME", `{"type":"A","name":"alias","content":"192.0.2.1"}`, 400, 81054},
		{"zone of its own", `{"type":"A","name":"shop","content":"192.0.2.1"}`, 400, 81056},
		{"identical", `{"type":"A","name":"ADDR","content":"192.0.2.1"}`, 400, 81058},
		{"same value", `{"type":"A","name":"addr","content":"192.0.2.1","ttl":600}`, 400, 81057},
		{"TXT in other quotes", `{"type":"TXT","name":"text","content":"onetwo"}`, 400, 81058},
	} {
		for _, wrapped := range []bool{false, true} {
			w.api.SetErrorChain(wrapped)
			if got := w.call("POST", records, tc.body); got.Status != tc.status || got.code() != tc.code {
				t.Errorf("%s: %d %s, want %d with code %d", tc.name, got.Status, got.Body, tc.status, tc.code)
			}
		}
	}
	for method, body := range map[string]string{"GET": "", "DELETE": "", "PATCH": `{"ttl":60}`, "PUT": `{}`} {
		if got := w.call(method, records+"/"+otherID, body); got.Status != 404 || got.code() != 81044 {
			t.Errorf("%s of a record that is not there: %d %s", method, got.Status, got.Body)
		}
	}
	if w.zone.Serial() != before {
		t.Error("a refused write changed the zone")
	}
}

func FuzzSvcParams(f *testing.F) {
	for _, s := range []string{"", `alpn="h3,h2" port=8443`, `ipv4hint=192.0.2.1 key65000=x`, `"`, `mandatory=alpn alpn=h2 no-default-alpn`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, ok := canonicalParams(s)
		if !ok {
			return
		}
		if twice, ok := canonicalParams(once); !ok || twice != once {
			t.Errorf("%q: %q, then %q (%v)", s, once, twice, ok)
		}
	})
}
