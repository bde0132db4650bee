package dns

import (
	"fmt"
	"strings"
	"testing"

	wire "github.com/miekg/dns"

	"github.com/launchready/terraform-provider-launchready/internal/sandbox/zone"
)

func acme() *zone.Zone {
	z := zone.New("z1", "acme.example", "a1", "free")
	mx, uri := uint16(10), uint16(5)
	put(z,
		zone.Record{Type: "A", Name: "host.acme.example", Content: "192.0.2.1"},
		zone.Record{Type: "AAAA", Name: "host.acme.example", Content: "2001:db8::1", TTL: 60},
		zone.Record{Type: "TXT", Name: "acme.example", Content: "v=spf1 -all"},
		zone.Record{Type: "TXT", Name: "quoted.acme.example", Content: `"one" "t\"w\\o"`},
		zone.Record{Type: "TXT", Name: "utf8.acme.example", Content: "gr\u00fcn; x"},
		zone.Record{Type: "MX", Name: "acme.example", Content: "smtp.google.com", Priority: &mx},
		zone.Record{Type: "URI", Name: "_ftp._tcp.acme.example", Content: `1 "ftp://example.net/"`, Priority: &uri},
		zone.Record{Type: "SRV", Name: "_sip._tcp.acme.example", Content: `10 5 5060 sip.example.net`, Priority: &mx},
		zone.Record{Type: "CAA", Name: "acme.example", Content: `0 issue "letsencrypt.org"`},
		zone.Record{Type: "TLSA", Name: "_25._tcp.mx.acme.example", Content: `3 1 1 abcd`},
		zone.Record{Type: "SMIMEA", Name: "types.acme.example", Content: `3 0 0 abcd`},
		zone.Record{Type: "SSHFP", Name: "types.acme.example", Content: `4 2 abcd`},
		zone.Record{Type: "SVCB", Name: "types.acme.example", Content: `1 svc.example.net alpn="h3,h2" ipv4hint="192.0.2.1"`},
		zone.Record{Type: "NAPTR", Name: "types.acme.example", Content: `100 10 "S" "SIP+D2U" "" _sip._udp.example.net`},
		zone.Record{Type: "LOC", Name: "types.acme.example", Content: `52 22 23.000 N 4 53 32.000 E -2.00m 1.00m 10000.00m 10.00m`},
		zone.Record{Type: "CERT", Name: "types.acme.example", Content: `1 0 0 AQID`},
		zone.Record{Type: "OPENPGPKEY", Name: "types.acme.example", Content: `AQID`},
		zone.Record{Type: "PTR", Name: "types.acme.example", Content: `host.example.net`},
		zone.Record{Type: "A", Name: "a.b.deep.acme.example", Content: "192.0.2.2"},
		zone.Record{Type: "A", Name: "*.wild.acme.example", Content: "192.0.2.3"},
		zone.Record{Type: "TXT", Name: "real.wild.acme.example", Content: "x"},
		zone.Record{Type: "CNAME", Name: "*.alias.acme.example", Content: "cdn.partner.example"},
		zone.Record{Type: "A", Name: "portal.acme.example", Content: "192.0.2.4", Proxied: true},
		zone.Record{Type: "CNAME", Name: "app.acme.example", Content: "cdn.partner.example", Proxied: true},
		zone.Record{Type: "A", Name: "four.acme.example", Content: "192.0.2.4", Proxied: true, Settings: map[string]any{"ipv4_only": true}},
		zone.Record{Type: "HTTPS", Name: "four.acme.example", Content: `1 . alpn="h2"`},
		zone.Record{Type: "CNAME", Name: "out.acme.example", Content: "cdn.partner.example", TTL: 3600},
		zone.Record{Type: "CNAME", Name: "in.acme.example", Content: "host.acme.example"},
		zone.Record{Type: "CNAME", Name: "dkim._domainkey.acme.example", Content: "quoted.acme.example"},
		zone.Record{Type: "CNAME", Name: "flat.acme.example", Content: "cdn.partner.example", Settings: map[string]any{"flatten_cname": true}},
		zone.Record{Type: "CNAME", Name: "lost.acme.example", Content: "gone.partner.example"},
		zone.Record{Type: "CNAME", Name: "loop1.acme.example", Content: "loop.other.example"},
		zone.Record{Type: "NS", Name: "sub.acme.example", Content: "ns.elsewhere.example"},
		zone.Record{Type: "A", Name: "under.sub.acme.example", Content: "192.0.2.5"},
	)
	return z
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	other := zone.New("z2", "other.example", "a1", "free")
	put(other,
		zone.Record{Type: "CNAME", Name: "other.example", Content: "cdn.partner.example"},
		zone.Record{Type: "CNAME", Name: "loop.other.example", Content: "loop1.acme.example"},
		zone.Record{Type: "CNAME", Name: "chain.other.example", Content: "out.acme.example"},
		zone.Record{Type: "CNAME", Name: "edge.other.example", Content: "portal.acme.example"},
	)
	s := start(t, acme(), other)
	edge, _ := EdgeAddresses("portal.acme.example")
	edgeA := func(owner string) string {
		return fmt.Sprintf("%s A %s; %s A %s", owner, edge[0], owner, edge[1])
	}
	for _, tc := range []struct {
		name string
		typ  uint16
		want string
	}{
		{"host.acme.example", wire.TypeA, "NOERROR; host.acme.example A 192.0.2.1"},
		{"HOST.acme.EXAMPLE", wire.TypeAAAA, "NOERROR; host.acme.example AAAA 2001:db8::1"},
		{"acme.example", wire.TypeMX, "NOERROR; acme.example MX 10 smtp.google.com."},
		{"acme.example", wire.TypeTXT, `NOERROR; acme.example TXT "v=spf1 -all"`},
		{"quoted.acme.example", wire.TypeTXT, `NOERROR; quoted.acme.example TXT "one" "t\"w\\o"`},
		{"utf8.acme.example", wire.TypeTXT, `NOERROR; utf8.acme.example TXT "gr\195\188n; x"`},
		{"acme.example", wire.TypeCAA, `NOERROR; acme.example CAA 0 issue "letsencrypt.org"`},
		{"acme.example", wire.TypeNS, "NOERROR; acme.example NS ada.ns.cloudflare.com.; acme.example NS bob.ns.cloudflare.com."},
		{"acme.example", wire.TypeSOA, "NOERROR; acme.example SOA ada.ns.cloudflare.com. dns.cloudflare.com. 2300000002 10000 2400 604800 1800"},
		{"_ftp._tcp.acme.example", wire.TypeURI, `NOERROR; _ftp._tcp.acme.example URI 5 1 "ftp://example.net/"`},
		{"_sip._tcp.acme.example", wire.TypeSRV, "NOERROR; _sip._tcp.acme.example SRV 10 5 5060 sip.example.net."},
		{"_25._tcp.mx.acme.example", wire.TypeTLSA, "NOERROR; _25._tcp.mx.acme.example TLSA 3 1 1 abcd"},
		{"types.acme.example", wire.TypeSMIMEA, "NOERROR; types.acme.example SMIMEA 3 0 0 abcd"},
		{"types.acme.example", wire.TypeSSHFP, "NOERROR; types.acme.example SSHFP 4 2 ABCD"},
		{"types.acme.example", wire.TypeSVCB, `NOERROR; types.acme.example SVCB 1 svc.example.net. alpn="h3,h2" ipv4hint="192.0.2.1"`},
		{"types.acme.example", wire.TypeNAPTR, `NOERROR; types.acme.example NAPTR 100 10 "S" "SIP+D2U" "" _sip._udp.example.net.`},
		{"types.acme.example", wire.TypeLOC, "NOERROR; types.acme.example LOC 52 22 23.000 N 04 53 32.000 E -2m 1m 10000m 10m"},
		{"types.acme.example", wire.TypeCERT, "NOERROR; types.acme.example CERT PKIX 0 0 AQID"},
		{"types.acme.example", wire.TypeOPENPGPKEY, "NOERROR; types.acme.example OPENPGPKEY AQID"},
		{"types.acme.example", wire.TypePTR, "NOERROR; types.acme.example PTR host.example.net."},

		{"host.acme.example", wire.TypeTXT, "NOERROR; SOA of acme.example."},
		{"none.acme.example", wire.TypeTXT, "NXDOMAIN; SOA of acme.example."},
		{"deep.acme.example", wire.TypeA, "NOERROR; SOA of acme.example."},
		{"b.deep.acme.example", wire.TypeA, "NOERROR; SOA of acme.example."},
		{"c.deep.acme.example", wire.TypeA, "NXDOMAIN; SOA of acme.example."},
		{"example", wire.TypeA, "NOERROR; SOA of example."},
		{"nobody.example", wire.TypeA, "NXDOMAIN; SOA of example."},
		{"host.acme.example.local", wire.TypeA, "NXDOMAIN; SOA of ."},

		{"any.wild.acme.example", wire.TypeA, "NOERROR; any.wild.acme.example A 192.0.2.3"},
		{"two.labels.wild.acme.example", wire.TypeA, "NOERROR; two.labels.wild.acme.example A 192.0.2.3"},
		{"any.wild.acme.example", wire.TypeTXT, "NOERROR; SOA of acme.example."},
		{"real.wild.acme.example", wire.TypeA, "NOERROR; SOA of acme.example."},
		{"x.real.wild.acme.example", wire.TypeA, "NXDOMAIN; SOA of acme.example."},
		{"*.wild.acme.example", wire.TypeA, "NOERROR; *.wild.acme.example A 192.0.2.3"},
		{"any.alias.acme.example", wire.TypeA, "NOERROR; any.alias.acme.example CNAME cdn.partner.example.; cdn.partner.example A 203.0.113.80"},

		{"portal.acme.example", wire.TypeA, "NOERROR; " + edgeA("portal.acme.example")},
		{"portal.acme.example", wire.TypeCNAME, "NOERROR; SOA of acme.example."},
		{"app.acme.example", wire.TypeCNAME, "NOERROR; SOA of acme.example."},
		{"four.acme.example", wire.TypeAAAA, "NOERROR; SOA of acme.example."},
		{"four.acme.example", wire.TypeHTTPS, `NOERROR; four.acme.example HTTPS 1 . alpn="h2"`},

		{"out.acme.example", wire.TypeCNAME, "NOERROR; out.acme.example CNAME cdn.partner.example."},
		{"out.acme.example", wire.TypeA, "NOERROR; cdn.partner.example A 203.0.113.80; out.acme.example CNAME cdn.partner.example."},
		{"out.acme.example", wire.TypeTXT, "NOERROR; out.acme.example CNAME cdn.partner.example.; SOA of partner.example."},
		{"lost.acme.example", wire.TypeA, "NXDOMAIN; lost.acme.example CNAME gone.partner.example.; SOA of partner.example."},
		{"chain.other.example", wire.TypeA, "NOERROR; cdn.partner.example A 203.0.113.80; chain.other.example CNAME out.acme.example.; out.acme.example CNAME cdn.partner.example."},
		{"edge.other.example", wire.TypeA, "NOERROR; edge.other.example CNAME portal.acme.example.; " + edgeA("portal.acme.example")},
		{"loop1.acme.example", wire.TypeA, "SERVFAIL"},
		{"other.example", wire.TypeA, "NOERROR; other.example A 203.0.113.80"},
		{"other.example", wire.TypeAAAA, "NOERROR; SOA of other.example."},
		{"other.example", wire.TypeTXT, "NOERROR; SOA of other.example."},
		{"flat.acme.example", wire.TypeA, "NOERROR; flat.acme.example A 203.0.113.80"},
		{"in.acme.example", wire.TypeA, "NOERROR; in.acme.example A 192.0.2.1"},
		{"in.acme.example", wire.TypeCNAME, "NOERROR; in.acme.example CNAME host.acme.example."},
		{"dkim._domainkey.acme.example", wire.TypeTXT, `NOERROR; dkim._domainkey.acme.example CNAME quoted.acme.example.; quoted.acme.example TXT "one" "t\"w\\o"`},

		{"sub.acme.example", wire.TypeNS, "NOERROR; sub.acme.example NS ns.elsewhere.example."},
		{"under.sub.acme.example", wire.TypeA, "SERVFAIL"},
		{"acme.example", wire.TypeANY, `NOERROR; acme.example HINFO "RFC8482" ""`},
	} {
		for _, network := range []string{"udp", "tcp"} {
			m, err := exchange(t, s, network, tc.name, tc.typ, 1232)
			if err != nil {
				t.Errorf("%s %s over %s: %v", tc.name, wire.TypeToString[tc.typ], network, err)
				continue
			}
			got := strings.ReplaceAll(show(m), "HOST.acme.EXAMPLE", "host.acme.example")
			if got != tc.want {
				t.Errorf("%s %s over %s:\n%s, want\n%s", tc.name, wire.TypeToString[tc.typ], network, got, tc.want)
			}
			if !m.RecursionAvailable || !m.Response || m.IsEdns0() == nil {
				t.Errorf("%s: header %v", tc.name, m.MsgHdr)
			}
		}
	}
}
