package api

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

// TestComplete holds that what a zone file says comes out as the API would
// have stored it.
func TestComplete(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ typ, in, content string }{
		{"SRV", "10 5 5060 SIP.example.net.", "10 5 5060 sip.example.net"},
		{"CAA", `0 ISSUE "pki.goog; cansignhttpexchanges=yes"`, `0 issue "pki.goog; cansignhttpexchanges=yes"`},
		{"CAA", "0 iodef mailto:a@b.example", `0 iodef "mailto:a@b.example"`},
		{"TLSA", "3 1 1 AB CD", "3 1 1 abcd"},
		{"SSHFP", "4 2 abcd", "4 2 abcd"},
		{"HTTPS", `1 . alpn="h3,h2" port=8443`, `1 . alpn="h3,h2" port="8443"`},
		{"SVCB", "0 svc.example.net", "0 svc.example.net"},
		{"URI", `7 1 "https://example.net/"`, `1 "https://example.net/"`},
		{"NAPTR", `100 10 "S" "SIP+D2U" "" _sip._udp.example.net.`, `100 10 "S" "SIP+D2U" "" _sip._udp.example.net`},
		{"DS", "1 13 2 ABCD", "1 13 2 abcd"},
		{"DNSKEY", "257 3 13 AQ ID", "257 3 13 AQID"},
		{"CERT", "1 2 8 AQID", "1 2 8 AQID"},
		{"LOC", "52 22 23.5 N 4 E -2m 1m", "52 22 23.500 N 4 0 0.000 E -2.00m 1.00m 10000.00m 10.00m"},
		{"A", "192.0.2.1", "192.0.2.1"},
		{"SRV", "10 5 sip", ""},
		{"CAA", `0 issue "open`, ""},
		{"CAA", "x issue y", ""},
		{"LOC", "52 N", ""},
		{"LOC", "N 4 E", ""},
		{"URI", "high 1 x", ""},
		{"TLSA", "3 1 1 xyz", ""},
	} {
		r := zone.Record{Type: tc.typ, Name: "x.acme.example", Content: tc.in}
		err := Complete(&r)
		if (err != nil) != (tc.content == "") {
			t.Errorf("%s %s: %v", tc.typ, tc.in, err)
			continue
		}
		if err != nil {
			continue
		}
		if diff := cmp.Diff(tc.content, r.Content); diff != "" {
			t.Errorf("%s %s:\n%s", tc.typ, tc.in, diff)
		}
		if (r.Data == nil) != (tc.typ == "A") {
			t.Errorf("%s: data %s", tc.typ, r.Data)
		}
	}
}
